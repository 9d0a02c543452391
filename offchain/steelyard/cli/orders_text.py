# SPDX-License-Identifier: MIT
"""A plan of several orders in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from steelyard.cli.proof_text import in_asset, in_asset_at_most
from steelyard.headroom import time_text
from steelyard.keeper.model_text import net_of
from steelyard.keeper.orders import DAY_SECONDS, Move, OrderAhead, OrdersAhead
from steelyard.keeper.record import to_json
from steelyard.money import TOKEN_PLACES, money
from steelyard.optimize.outcome import Reason
from steelyard.optimize.periods.path import MISSED
from steelyard.optimize.preferences import Preferences
from steelyard.state import Snapshot

ONLY_FIRST = (
    "only the first of these would be signed: by the next everything is read and "
    "planned anew; `run` and --out take the one order above"
)


def orders_lines(
    snapshot: Snapshot, preferences: Preferences, ahead: OrdersAhead | None
) -> Iterator[str]:
    """When and what each order moves, what all gain, what is proved of them; None:
    nothing was weighed."""
    if ahead is None:
        yield "several orders are not weighed while the vault refuses every one"
        return
    count, days = len(ahead.orders), preferences.horizon_days
    yield f"{count} orders over {days:g} days: {_refilled(ahead)}"
    if ahead.pays:
        for number, order in enumerate(ahead.orders, start=1):
            yield from _order(snapshot, number, order)
        yield from _gains(snapshot, preferences, ahead)
    elif ahead.reason is Reason.NOTHING_PAYS:
        least = in_asset(snapshot, preferences.min_gain_assets)
        yield f"  none found that gain more than {least}: nothing moves"
    else:
        yield f"  no answer ({ahead.reason.value}): {ahead.detail}"
        return
    yield f"  {_proved(snapshot, count, ahead)}"
    if ahead.missed > MISSED:
        yield f"  a limit is missed by up to {in_asset_at_most(snapshot, ahead.missed)}"
    if ahead.pays:
        yield f"  {ONLY_FIRST}"


def orders_data(ahead: OrdersAhead | None) -> dict[str, Any]:
    """`orders`, and of the whole plan `orders_plan`: null where nothing was weighed."""
    if ahead is None:
        return {"orders": [], "orders_plan": None}
    data = {f.name: getattr(ahead, f.name) for f in fields(ahead)}
    orders = data.pop("orders")
    data["reason"] = ahead.reason.value
    return {"orders": to_json(orders), "orders_plan": to_json(data)}


def _refilled(ahead: OrdersAhead) -> str:
    if ahead.refill_hours == 0:
        return "pools are back at rest by the next"
    left = f"{100 * ahead.stays:.2g} % of it is left at the next"
    return f"half of a swap's impact is gone in {ahead.refill_hours:g} hours, {left}"


def _order(snapshot: Snapshot, number: int, order: OrderAhead) -> Iterator[str]:
    days = (order.at - snapshot.timestamp) / DAY_SECONDS
    when = "now" if number == 1 else f"in {days:.3g} days"
    yield f"  order {number}, {when}, {time_text(order.at)}"
    for move in order.moves:
        yield f"    {_move(snapshot, move)}"
    if not order.moves:
        yield "    nothing moves"
        return
    swaps, gas = order.swap_cost_assets, order.gas_assets
    yield (
        f"    costs {in_asset(snapshot, swaps)} in swaps, "
        f"{in_asset(snapshot, gas)} of gas"
    )


def _move(snapshot: Snapshot, move: Move) -> str:
    amounts = _sums(snapshot, move.amounts)
    if move.kind == "swap":
        got = _sums(snapshot, move.paid_out)
        return f"swap {amounts} for about {got} in {move.name}"
    ticks = ""
    if (move.tick_lower, move.tick_upper) != (0, 0):
        ticks = f", ticks {move.tick_lower} to {move.tick_upper}"
    towards = "from" if move.kind == "withdraw" else "to"
    return f"{move.kind} {amounts} {towards} {move.name}{ticks}"


def _sums(snapshot: Snapshot, amounts: Mapping[str, int]) -> str:
    decimals = {token.symbol: token.decimals for token in snapshot.tokens}
    return " and ".join(
        f"{money(amount, decimals[symbol], TOKEN_PLACES)} {symbol}"
        for symbol, amount in amounts.items()
    )


def _gains(
    snapshot: Snapshot, preferences: Preferences, ahead: OrdersAhead
) -> Iterator[str]:
    assert ahead.gain_assets is not None  # it pays
    assert ahead.gain_over_one_assets is not None
    over_nothing = in_asset(snapshot, ahead.gain_assets)
    over_one = in_asset(snapshot, ahead.gain_over_one_assets)
    yield (
        f"  they gain {over_nothing} over doing nothing and {over_one} over the best "
        f"single order, {net_of(preferences)}, before margins and whole amounts"
    )
    if ahead.staying_breaks:
        yield "  doing nothing would break a limit"
    _, _, note = ahead.detail.partition("; ")
    if note:
        yield f"  {note}"


def _proved(snapshot: Snapshot, count: int, ahead: OrdersAhead) -> str:
    if ahead.gap is None:
        return "not certified: what other orders might gain has no proved bound"
    more = f"gain more than {in_asset_at_most(snapshot, ahead.gap)} beyond these"
    return f"certified: no {count} allowed orders {more} ({ahead.gap:.1e} of NAV)"
