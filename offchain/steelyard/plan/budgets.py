# SPDX-License-Identifier: MIT
"""The limits of a whole order that are no caps: budgets, clocks, brakes, leverage.

ROUNDING  Charges up, with all that rounding may add to them.
"""

from steelyard.charges import share_wad_up
from steelyard.headroom import (
    base_down,
    hold_level_wad,
    is_paused,
    is_queue_late,
    is_reduce_only,
    level_now_wad,
    most_level_wad,
    queue_owed_up,
    ready_at,
)
from steelyard.lending import AaveReserve
from steelyard.plan.charging import Charge
from steelyard.plan.records import Check, at_least, at_most
from steelyard.plan.valuation import Book
from steelyard.state import Held, Snapshot
from steelyard.wad import mul_wad_down

LOSS, TURNOVER = "loss budget", "turnover budget"


def budget_checks(
    snapshot: Snapshot, charge: Charge, margin_wad: int
) -> tuple[Check, ...]:
    """Levels of the loss and the turnover bucket after the order.

    `margin_wad` of what is left now is not to be used.
    """
    limits, slack = snapshot.limits, charge.slack_assets
    loss_wad = share_wad_up(charge.loss_assets + slack, snapshot.nav_low)
    base = base_down(snapshot, snapshot.nav)
    traded_wad = share_wad_up(charge.traded_assets + slack, base)
    return tuple(
        at_most(
            name,
            snapshot.name,
            level_now_wad(snapshot, bucket) + charge_wad,
            most_level_wad(snapshot, bucket, margin_wad),
            "wad",
        )
        for name, bucket, charge_wad in (
            (LOSS, limits.loss, loss_wad),
            (TURNOVER, limits.turnover, traded_wad),
        )
    )


def standing_checks(snapshot: Snapshot, *, enters: bool) -> tuple[Check, ...]:
    """What holds or not whatever is done; `enters` unless all is withdrawals."""
    limits, name, now = snapshot.limits, snapshot.name, snapshot.timestamp
    hold = at_most(
        "hold budget", name, hold_level_wad(snapshot), limits.hold.budget_wad, "wad"
    )
    return (
        at_least("cooldown", name, now, ready_at(snapshot), "seconds"),
        at_most("pause", name, int(is_paused(snapshot)), 0, "raw"),
        *((hold,) if enters else ()),
    )


def exposure_checks(
    snapshot: Snapshot, before: Book, after: Book, high: Book
) -> tuple[Check, ...]:
    """Leverage; and while only reductions of risk are allowed, that nothing rises but
    the exposure to the asset and what is lent of it."""
    nav = after.nav + min(high.gross_assets - after.gross_assets, high.nav - after.nav)
    most = mul_wad_down(nav, snapshot.limits.leverage_wad)
    most = max(most, may_stand(before.gross_assets))
    checks = [at_most("leverage", snapshot.name, high.gross_assets, most, "assets")]
    if not is_reduce_only(snapshot):
        return tuple(checks)

    def falls(subject: str, was: int, now: int) -> None:
        bound = may_stand(was)
        checks.append(at_most("reduce-only", subject, now, bound, "assets"))

    for i, token in enumerate(snapshot.tokens[1:], start=1):
        falls(token.symbol, before.token_assets[i], high.token_assets[i])
    for i, position in enumerate(snapshot.positions):
        if len(position.tokens) > 1:
            falls(position.name, before.position_assets[i], high.position_assets[i])
    falls("all exposures", before.gross_assets, high.gross_assets)
    return tuple(checks)


def queue_checks(
    snapshot: Snapshot, before: Book, after: Book, high: Book
) -> tuple[Check, ...]:
    """While the queue has waited too long, what exits are paid from stays above what it
    is owed, or does not fall: Liquidity.checkQueue."""
    if not is_queue_late(snapshot):
        return ()
    owed = queue_owed_up(snapshot, high.nav)
    least = min(_liquid(snapshot, before, before), owed)
    now = _liquid(snapshot, before, after)
    return (at_least("queue liquidity", snapshot.name, now, least, "assets"),)


def _liquid(snapshot: Snapshot, before: Book, book: Book) -> int:
    """Idle, and what positions of the asset can be drawn for at once."""
    total = book.inventory[0]
    for i, position in enumerate(snapshot.positions):
        if position.tokens != (0,) or position.is_impaired:
            continue
        if isinstance(position.state, Held):
            continue  # what can be drawn is not known; untouched, it changes nothing
        amount = book.amounts[i][0]
        if isinstance(position.state, AaveReserve):
            put_in = amount - before.amounts[i][0]
            amount = min(amount, position.state.available_liquidity + put_in)
        total += amount
    return total


def may_stand(assets_before: int) -> int:
    """Most that counts as no rise: a millionth more."""
    return assets_before + assets_before // 10**6
