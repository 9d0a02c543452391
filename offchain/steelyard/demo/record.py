# SPDX-License-Identifier: MIT
"""What happened in a demo, ready for tables, pages and JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from steelyard.demo.scenario import Scenario
from steelyard.report.ledger import Carry

if TYPE_CHECKING:
    from steelyard.keeper.record import RunRecord
    from steelyard.state import Snapshot


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A deposit or a withdrawal."""

    at: int  # unix seconds
    who: str
    kind: str  # "deposit" or "withdraw"
    assets: int
    shares: int
    gas_used: int


@dataclass(frozen=True, kw_only=True)
class Point:
    """The vault at one moment of the market's life."""

    at: int
    prices_e8: Mapping[str, int]
    nav: int
    share_price_wad: int
    weights: Mapping[str, float]  # share of NAV by position name and by token symbol


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day of the market, and the keeper's run at its end."""

    number: int  # 0: the opening
    at: int
    trades: int  # swaps of other people
    carries: tuple[Carry, ...]  # since the run before
    run: "RunRecord"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An order that the vault refused."""

    title: str
    error: str  # the contract's own error
    arguments: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class DemoRecord:
    """A whole demo."""

    scenario: Scenario
    chain: str
    chain_id: int
    client: str
    seconds: Mapping[str, float]  # wall time by chapter
    gas: Mapping[str, int]  # of single transactions, by what they did
    movements: tuple[Movement, ...]
    points: tuple[Point, ...]
    days: tuple[Day, ...]
    refusals: tuple[Refusal, ...]
    opened: "Snapshot"
    closed: "Snapshot"
