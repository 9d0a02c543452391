# SPDX-License-Identifier: MIT
"""How far orders may still go at a snapshot: budgets, clocks and brakes.

All of it is known before anything is decided. Time passes until an order is executed,
so that buckets are emptier then than here.

UNITS  `*_wad`: 1e18 = 1, of net asset value for levels; `*_at`: unix seconds.
"""

from datetime import UTC, datetime

from steelyard.charges import (
    VIRTUAL_SHARES,
    hold_shortfall_assets,
    level_wad,
    share_price_wad_down,
    share_wad_up,
    without_flash_down,
)
from steelyard.marks import turned
from steelyard.state import Bucket, Snapshot, TokenState
from steelyard.wad import WAD, div_wad_up, mul_div_up, mul_wad_down

RANGE_UNCERTAINTIES = 4  # Limits.RANGE_UNCERTAINTIES


def level_now_wad(snapshot: Snapshot, bucket: Bucket) -> int:
    """What is used up of a budget now."""
    elapsed_seconds = snapshot.timestamp - snapshot.limits.ordered_at
    return level_wad(bucket.level_wad, bucket.refill_wad, elapsed_seconds, 0)


def hold_charge_wad(snapshot: Snapshot) -> int:
    """What holding has cost since the last order, as the next one is charged."""
    prices = [token.price_e36 for token in snapshot.tokens]
    shortfall = hold_shortfall_assets(snapshot.limits.holdings, prices, snapshot.nav)
    return share_wad_up(shortfall, snapshot.nav_low)


def hold_level_wad(snapshot: Snapshot) -> int:
    """What is used up of the hold budget now, that charge included."""
    return level_now_wad(snapshot, snapshot.limits.hold) + hold_charge_wad(snapshot)


def most_level_wad(snapshot: Snapshot, bucket: Bucket, margin_wad: int) -> int:
    """Highest level that an order may fill a budget to when the share `margin_wad` of
    what is left is kept for prices that drift until it is executed."""
    now = level_now_wad(snapshot, bucket)
    return min(now, bucket.budget_wad) + room_wad(snapshot, bucket, margin_wad)


def room_wad(snapshot: Snapshot, bucket: Bucket, margin_wad: int) -> int:
    """What an order may charge to a budget, the margin kept."""
    left = max(0, bucket.budget_wad - level_now_wad(snapshot, bucket))
    return mul_wad_down(left, WAD - margin_wad)


def base_down(snapshot: Snapshot, nav: int) -> int:
    """The part of a NAV that relative limits are measured against: without what came in
    during the snapshot's own block."""
    supply, before = snapshot.total_supply, snapshot.supply_before
    return without_flash_down(nav, supply if before is None else before, supply)


def ready_at(snapshot: Snapshot) -> int:
    """From when on the cooldown allows another order."""
    limits = snapshot.limits
    return limits.ordered_at + limits.cooldown_seconds if limits.ordered_at else 0


def is_paused(snapshot: Snapshot) -> bool:
    return snapshot.limits.brake_is_pause and is_braked(snapshot)


def is_braked(snapshot: Snapshot) -> bool:
    """Whether the guardian's brake is on, as a pause or as reduce-only."""
    return snapshot.timestamp < snapshot.limits.brake_until


def low_share_price_wad(snapshot: Snapshot) -> int:
    """What the drawdown is measured with."""
    return share_price_wad_down(snapshot.nav_low, snapshot.total_supply)


def is_drawn_down(snapshot: Snapshot) -> bool:
    """Whether the next order will find the vault in a drawdown: it takes a reading
    itself, which can put it there or take it out, unless a price is too old."""
    limits = snapshot.limits
    oldest = min(token.price_updated_at for token in snapshot.tokens)
    if oldest + limits.mark_max_age_seconds < snapshot.timestamp:
        return limits.in_drawdown
    _, reduce_only = turned(
        mark_wad=limits.mark_wad,
        turned_at=limits.turned_at,
        reduce_only=limits.in_drawdown,
        drawdown_wad=limits.drawdown_wad,
        low_wad=low_share_price_wad(snapshot),
        now=snapshot.timestamp,
    )
    return reduce_only


def is_reduce_only(snapshot: Snapshot) -> bool:
    """Whether an order may only reduce risk."""
    return is_braked(snapshot) or is_drawn_down(snapshot)


def queue_owed_up(snapshot: Snapshot, nav: int) -> int:
    """What the exit queue's shares are worth at a NAV [assets, up]; 0 while nobody
    waits there."""
    queue = snapshot.queue
    if queue is None or not queue.waiting_since:
        return 0
    supply = snapshot.total_supply + VIRTUAL_SHARES
    return mul_div_up(queue.shares, nav + 1, supply)


def is_queue_late(snapshot: Snapshot) -> bool:
    """Whether somebody has waited for so long that orders may not starve the queue."""
    queue = snapshot.queue
    if queue is None or not queue.shares or not queue.waiting_since:
        return False
    return snapshot.timestamp - queue.waiting_since > queue.max_wait_seconds


def least_half_width_wad(first: TokenState, second: TokenState) -> int:
    """Least half-width of a range of these tokens: Limits.checkRange.

    A narrower one can be run over before the feeds show it.
    """
    top, bottom = WAD + first.uncertainty_wad, WAD - second.uncertainty_wad
    return RANGE_UNCERTAINTIES * (div_wad_up(top, bottom) - WAD)


def refusal(snapshot: Snapshot) -> str | None:
    """Why the vault would refuse any order that moves something; None when it need not.

    Reduce-only and a spent hold budget refuse some orders alone: none of these reasons.
    """
    limits = snapshot.limits
    if is_paused(snapshot):
        return f"the vault is paused until {time_text(limits.brake_until)}"
    if snapshot.timestamp < ready_at(snapshot):
        return f"cooldown until {time_text(ready_at(snapshot))}"
    for name, bucket in (("loss", limits.loss), ("turnover", limits.turnover)):
        if level_now_wad(snapshot, bucket) >= bucket.budget_wad:
            return f"the {name} budget of {_percent(bucket.budget_wad)} is used up"
    return None


def hold_refusal(snapshot: Snapshot) -> str | None:
    """Why the vault would refuse all but withdrawals; None when it need not."""
    bucket = snapshot.limits.hold
    if hold_level_wad(snapshot) <= bucket.budget_wad:
        return None
    budget = f"the hold budget of {_percent(bucket.budget_wad)}"
    if not is_hold_unsettled(snapshot):
        return f"{budget} is used up"
    cost = _percent(hold_charge_wad(snapshot))
    return f"holding has cost {cost} of NAV, more than {budget} has left"


def is_hold_unsettled(snapshot: Snapshot) -> bool:
    """Whether what holding has cost since the last order is more than the hold budget
    has left: until an order that enters nothing has charged it, time does not help."""
    budget_wad = snapshot.limits.hold.budget_wad
    return (
        level_now_wad(snapshot, snapshot.limits.hold)
        <= budget_wad
        < (hold_level_wad(snapshot))
    )


def order_state(snapshot: Snapshot) -> dict[str, object]:
    """Whether an order could pass now, and what narrows it; for JSON."""
    return {
        "refused_for": refusal(snapshot),
        "withdrawals_alone_for": hold_refusal(snapshot),
        "is_paused": is_paused(snapshot),
        "is_braked": is_braked(snapshot),
        "is_drawn_down": is_drawn_down(snapshot),
        "is_reduce_only": is_reduce_only(snapshot),
        "ready_at": ready_at(snapshot),
    }


def time_text(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _percent(wad: int) -> str:
    return f"{wad / 1e16:.3g} %"
