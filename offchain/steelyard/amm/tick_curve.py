# SPDX-License-Identifier: MIT
"""What concentrated pools of Uniswap v3 and v4 share: a price, ticks, where it stops.

UNITS   `fee_growth_*_x128` raw token per unit of liquidity · 2^128, modulo 2^256.
SOURCE  TickBitmap, v3-core 1.0.1 and v4-core 1.0.2.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from steelyard.amm.errors import PoolFieldInvalid, TickWindowExceeded
from steelyard.amm.tick_math import (
    MAX_TICK,
    MIN_TICK,
    check_sqrt_price,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from steelyard.wad import UINT128_MAX, checked_uint


@dataclass(frozen=True, kw_only=True)
class TickCurve:
    sqrt_price_x96: int
    tick: int
    liquidity: int
    tick_spacing: int
    # (tick, liquidityNet) of every initialised tick inside `window`, ascending;
    # a net of 0 counts too: swaps stop there and round.
    ticks: tuple[tuple[int, int], ...]
    fee_growth_global0_x128: int = 0
    fee_growth_global1_x128: int = 0
    window: tuple[int, int] = (MIN_TICK, MAX_TICK)  # lowest, highest tick known


Curve = TypeVar("Curve", bound=TickCurve)


def checked_curve(pool: Curve) -> Curve:
    """`pool` itself; raises `PoolError` for what no real pool can be.

    Swaps do not repeat this check: it reads every tick.
    """
    checked_uint(pool.liquidity, "liquidity", UINT128_MAX)
    check_sqrt_price(pool.sqrt_price_x96)
    if pool.tick_spacing <= 0:
        raise PoolFieldInvalid("tick_spacing", pool.tick_spacing, "more than 0")
    # One tick lower is what a swap leaves that stops on an initialised tick.
    tick = get_tick_at_sqrt_ratio(pool.sqrt_price_x96)
    on_tick = get_sqrt_ratio_at_tick(tick) == pool.sqrt_price_x96
    if pool.tick != tick and not (on_tick and pool.tick == tick - 1):
        raise PoolFieldInvalid("tick", pool.tick, f"{tick}, the tick of the price")

    low, high = pool.window
    if not MIN_TICK <= low <= pool.tick <= high <= MAX_TICK:
        raise PoolFieldInvalid("window", pool.window, f"to hold tick {pool.tick}")
    before = low - 1
    for index, _ in pool.ticks:
        if not before < index <= high or index % pool.tick_spacing:
            expected = f"ascending multiples of {pool.tick_spacing} in {low} to {high}"
            raise PoolFieldInvalid("ticks", index, expected)
        before = index
    return pool


# (tick of the stop, change of liquidity or None where no tick is initialised,
#  whether the window shows that nothing lies nearer)
Stop = tuple[int, int | None, bool]


def stops(pool: TickCurve, zero_for_one: bool) -> Iterator[Stop]:
    """Where a moving price stops in turn: initialised ticks and edges of words.

    TickBitmap looks at most to the edge of a word of 256 spacings; the pool rounds
    at each stop, so amounts to the wei need them all. Raises `TickWindowExceeded`
    past the window.
    """
    return _stops_down(pool) if zero_for_one else _stops_up(pool)


def _stops_down(pool: TickCurve) -> Iterator[Stop]:
    ticks, spacing, low = pool.ticks, pool.tick_spacing, pool.window[0]
    tick = pool.tick
    position = bisect_right(ticks, (tick, UINT128_MAX)) - 1
    while tick >= low:
        edge = max((tick // spacing >> 8 << 8) * spacing, MIN_TICK)
        if position >= 0 and ticks[position][0] >= edge:
            stop, net = ticks[position]
            position -= 1
            yield stop, -net, True
        else:
            stop = max(edge, low)
            yield stop, None, stop == edge
        tick = stop - 1
    raise TickWindowExceeded(tick, pool.window)


def _stops_up(pool: TickCurve) -> Iterator[Stop]:
    ticks, spacing, high = pool.ticks, pool.tick_spacing, pool.window[1]
    tick = pool.tick
    position = bisect_right(ticks, (tick, UINT128_MAX))
    while tick < high:
        edge = min(((tick // spacing + 1 >> 8 << 8) + 255) * spacing, MAX_TICK)
        if position < len(ticks) and ticks[position][0] <= edge:
            stop, net = ticks[position]
            position += 1
            yield stop, net, True
        else:
            stop = min(edge, high)
            yield stop, None, stop == edge
        tick = stop
    raise TickWindowExceeded(tick, pool.window)


def with_range(pool: Curve, lower: int, upper: int, change: int) -> Curve:
    """The pool once `change` of liquidity (negative: burnt) stands between two ticks.

    For those who know nets alone; `ticks.with_liquidity` knows gross amounts too. A
    tick whose net falls to zero counts as gone: only its gross would tell, and only
    the last unit of a later swap could differ.
    """
    active = pool.liquidity
    if lower <= pool.tick < upper:
        active = checked_uint(active + change, "liquidity", UINT128_MAX)
    ticks = _with_net(pool, pool.ticks, lower, change)
    ticks = _with_net(pool, ticks, upper, -change)
    return replace(pool, liquidity=active, ticks=ticks)


def _with_net(
    pool: TickCurve, ticks: tuple[tuple[int, int], ...], tick: int, net: int
) -> tuple[tuple[int, int], ...]:
    if not pool.window[0] <= tick <= pool.window[1]:
        return ticks
    at = bisect_left(ticks, tick, key=lambda entry: entry[0])
    found = at < len(ticks) and ticks[at][0] == tick
    total = net + (ticks[at][1] if found else 0)
    middle = ((tick, total),) if total else ()
    return ticks[:at] + middle + ticks[at + 1 if found else at :]
