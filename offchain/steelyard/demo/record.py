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
    """Money or shares on their way in or out."""

    at: int  # unix seconds
    who: str
    kind: str  # deposit, withdraw, in-kind; request, fill, claim of the queue
    assets: int  # in kind: at the oracle's prices; a request: what it is worth
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
class FeesPaid:
    """What the vault's fees have come to, paid in shares."""

    management_wad: int  # per year
    performance_wad: int  # of gains above the high-water mark
    shares: int
    assets: int  # at the share price of the close


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
    fees: FeesPaid
    opened: "Snapshot"
    closed: "Snapshot"
