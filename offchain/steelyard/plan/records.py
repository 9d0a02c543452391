# SPDX-License-Identifier: MIT
"""What a plan is made of.

UNITS  amounts, units raw; assets raw asset units; `*_wad` 1e18 = 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from steelyard.order import Supply, Swap, Target, Withdraw
from steelyard.plan.charging import Charge
from steelyard.plan.valuation import Book
from steelyard.plan.world import Amounts

Kind = Literal["withdraw", "swap", "supply"]


class PositionTarget(Protocol):
    """What the solver wants in one position, or in one range of it."""

    @property
    def position(self) -> int: ...

    @property
    def tick_lower(self) -> int: ...

    @property
    def tick_upper(self) -> int: ...

    @property
    def value(self) -> float: ...  # fraction of NAV before

    @property
    def current_value(self) -> float: ...


class SwapTarget(Protocol):
    @property
    def pool(self) -> int: ...

    @property
    def zero_for_one(self) -> bool: ...

    @property
    def amount_in(self) -> float: ...  # raw units


class Solution(Protocol):
    """What is read of the solver's answer."""

    @property
    def positions(self) -> Sequence[PositionTarget]: ...

    @property
    def swaps(self) -> Sequence[SwapTarget]: ...

    @property
    def inventory(self) -> Iterable[float]: ...  # fraction of NAV before, per token


class Tolerances(Protocol):
    """How far execution may stray from prediction before the order reverts."""

    @property
    def output_tolerance_wad(self) -> int: ...  # swaps, lending

    @property
    def liquidity_tolerance_wad(self) -> int: ...  # each token of a pool position

    @property
    def weight_tolerance_wad(self) -> int: ...  # absolute, of NAV

    @property
    def share_price_tolerance_wad(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One action that the solver asked for, in whole numbers, not yet made to fit."""

    kind: Kind
    index: int  # of the position, or of the pool
    size: int  # withdraw: the adapter's units; swap: token in; supply: assets
    ticks: tuple[int, int] = (0, 0)
    zero_for_one: bool = False


@dataclass(frozen=True, kw_only=True)
class Check:
    """One limit that the vault will check, in its own integers."""

    limit: str
    subject: str
    value: int
    bound: int
    at_most: bool
    unit: str  # assets, wad, seconds, or raw

    @property
    def excess(self) -> int:
        """By how much the limit is broken; at most 0 where it holds."""
        return self.value - self.bound if self.at_most else self.bound - self.value

    @property
    def ok(self) -> bool:
        return self.excess <= 0


def at_most(limit: str, subject: str, value: int, bound: int, unit: str) -> Check:
    return Check(
        limit=limit, subject=subject, value=value, bound=bound, at_most=True, unit=unit
    )


def at_least(limit: str, subject: str, value: int, bound: int, unit: str) -> Check:
    return Check(
        limit=limit, subject=subject, value=value, bound=bound, at_most=False, unit=unit
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One action as it will be signed, and what it is predicted to do."""

    intent: int  # which of the intents it carries out
    size: int  # of that intent, after it was made to fit
    action: Withdraw | Swap | Supply
    amounts: Amounts  # withdraw: paid; swap: (out,); supply: used
    units: int  # supply: got, at the snapshot's block; else 0
    charge: Charge
    checks: tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of an intent that could not be carried out in full."""

    kind: Kind
    subject: str
    wanted: int  # in the unit of Intent.size
    planned: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class SupplyOutcome:
    units: int
    amounts: Amounts


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Whole token amounts, what they will do, and the proof that no limit breaks."""

    withdraws: tuple[Withdraw, ...]
    swaps: tuple[Swap, ...]
    supplies: tuple[Supply, ...]
    targets: tuple[Target, ...]
    predicted_withdraws: tuple[Amounts, ...]  # per withdraw, per token of its market
    predicted_swaps: tuple[int, ...]  # amount out, to the wei
    predicted_supplies: tuple[SupplyOutcome, ...]
    before: Book
    after: Book
    share_price_before_wad: int
    share_price_after_wad: int
    share_price_floor_before_wad: int
    share_price_ceil_before_wad: int
    share_price_floor_after_wad: int
    loss_wad: int  # what the order will be charged, of NAV; rounding apart
    turnover_wad: int
    checks: tuple[Check, ...]
    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.withdraws or self.swaps or self.supplies)
