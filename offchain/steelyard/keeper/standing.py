# SPDX-License-Identifier: MIT
"""Which limit binds now: each one's value, its bound and the room between.

The same as LimitsLens answers on chain, from a snapshot alone.

UNITS  As `unit` says; `wad` of net asset value, but for the share price.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from steelyard.headroom import (
    base_down,
    hold_level_wad,
    level_now_wad,
    low_share_price_wad,
)
from steelyard.plan.valuation import book, capped
from steelyard.plan.world import world_of
from steelyard.state import Bucket, Snapshot
from steelyard.wad import WAD, mul_wad_down, mul_wad_up

Unit = Literal["assets", "wad", "seconds", "unix seconds"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One limit of a vault."""

    kind: str
    name: str  # of the token, position or tag; else ""
    unit: Unit
    is_ceiling: bool  # the value may be at most the bound; else at least
    value: int
    bound: int

    @property
    def room(self) -> int:
        """By how much the value may still move; 0 where the limit binds."""
        over = self.value - self.bound
        return max(0, -over if self.is_ceiling else over)

    @property
    def binds(self) -> bool:
        """Whether it stands in an order's way; a clock does until its time is there."""
        if self.unit in ("seconds", "unix seconds"):
            return self.room == 0 and self.value != self.bound
        return self.room == 0 and not (self.is_ceiling and self.value == 0)


def standings(snapshot: Snapshot) -> tuple[Standing, ...]:
    """Every limit, caps first, in the order of LimitsLens."""
    return (
        *_caps(snapshot),
        *_shares(snapshot),
        *_budgets(snapshot),
        *_times(snapshot),
    )


def as_data(standing: Standing) -> dict[str, object]:
    """With what is derived, for JSON."""
    derived = {"room": standing.room, "binds": standing.binds}
    return {**asdict(standing), **derived}


def _caps(snapshot: Snapshot) -> Iterator[Standing]:
    base = base_down(snapshot, snapshot.nav)
    for each in capped(snapshot, book(world_of(snapshot))):
        bound = each.cap.bound(base)
        yield _most(f"{each.kind} cap", each.name, "assets", each.assets, bound)


def _shares(snapshot: Snapshot) -> Iterator[Standing]:
    limits, nav = snapshot.limits, snapshot.nav
    base = base_down(snapshot, nav)
    buffer = mul_wad_up(base, snapshot.idle_wad)
    idle = max(0, snapshot.asset.inventory - (nav - base))
    yield _least("idle buffer", "", "assets", idle, buffer)
    gross = book(world_of(snapshot)).gross_assets
    most = mul_wad_down(nav, limits.leverage_wad)
    yield _most("gross exposure", "", "assets", gross, most)
    low = low_share_price_wad(snapshot)
    least = mul_wad_down(limits.mark_wad, WAD - limits.drawdown_wad)
    yield _least("share price in a drawdown", "", "wad", low, least)


def _budgets(snapshot: Snapshot) -> Iterator[Standing]:
    def budget(name: str, bucket: Bucket, level_wad: int) -> Standing:
        return _most(f"{name} budget", "", "wad", level_wad, bucket.budget_wad)

    limits = snapshot.limits
    yield budget("loss", limits.loss, level_now_wad(snapshot, limits.loss))
    yield budget("hold", limits.hold, hold_level_wad(snapshot))
    turnover = limits.turnover
    yield budget("turnover", turnover, level_now_wad(snapshot, turnover))


def _times(snapshot: Snapshot) -> Iterator[Standing]:
    limits, queue, now = snapshot.limits, snapshot.queue, snapshot.timestamp
    since = now - limits.ordered_at
    kind = "time since the last order"
    yield _least(kind, "", "seconds", since, limits.cooldown_seconds)
    if queue is not None and queue.shares:
        # without a request only gifts lie there
        waited = now - queue.waiting_since if queue.waiting_since else 0
        kind, most = "wait in the queue", queue.max_wait_seconds
        yield _most(kind, "", "seconds", waited, most)
    kind = "paused until" if limits.brake_is_pause else "reduce-only until"
    yield _most(kind, "", "unix seconds", limits.brake_until, now)


def _most(kind: str, name: str, unit: Unit, value: int, bound: int) -> Standing:
    return Standing(
        kind=kind, name=name, unit=unit, is_ceiling=True, value=value, bound=bound
    )


def _least(kind: str, name: str, unit: Unit, value: int, bound: int) -> Standing:
    return Standing(
        kind=kind, name=name, unit=unit, is_ceiling=False, value=value, bound=bound
    )
