# SPDX-License-Identifier: MIT
"""Initialised ticks: the liquidity that begins or ends there and the fees beyond.

UNITS   liquidity raw; `fee_growth_*_x128` raw token per unit of liquidity · 2^128,
        modulo 2^256: only differences mean anything.
SOURCE  Tick and UniswapV3Pool._updatePosition (v3-core 1.0.1), Pool (v4-core 1.0.2).
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from steelyard.amm.errors import (
    LiquidityChangeInvalid,
    PoolFieldInvalid,
    RangeInvalid,
    TickLiquidityExceeded,
    TickOutOfRange,
    TickWindowExceeded,
)
from steelyard.amm.position import fee_growth_inside_x128
from steelyard.amm.tick_curve import Curve, TickCurve
from steelyard.amm.tick_math import MAX_TICK, MIN_TICK
from steelyard.wad import UINT128_MAX, UINT256_MAX, checked_uint

INT128_MAX = 2**127 - 1


@dataclass(frozen=True, kw_only=True)
class TickInfo:
    liquidity_gross: int = 0  # of all ranges that begin or end here
    liquidity_net: int = 0  # that a rising price adds
    fee_growth_outside0_x128: int = 0  # on the other side of the price
    fee_growth_outside1_x128: int = 0


Ticks = Mapping[int, TickInfo]  # initialised ones alone
EMPTY = TickInfo()


def max_liquidity_per_tick(tick_spacing: int) -> int:
    """The most gross liquidity that a tick may carry in Uniswap v3, floor."""
    most = MAX_TICK // tick_spacing
    return UINT128_MAX // (2 * most + 1)


def check_ticks(curve: TickCurve, lower: int, upper: int) -> None:
    """Raises a `PoolError` for a range that the pool refuses or the window hides."""
    if lower >= upper:
        raise RangeInvalid(lower, upper)
    for tick in (lower, upper):
        if not MIN_TICK <= tick <= MAX_TICK:
            raise TickOutOfRange(tick, MAX_TICK)
        if not curve.window[0] <= tick <= curve.window[1]:
            raise TickWindowExceeded(tick, curve.window)


def growth_inside(
    curve: TickCurve, ticks: Ticks, lower: int, upper: int
) -> tuple[int, int]:
    """Fees of (token0, token1) per unit of liquidity inside a range."""
    low, high = ticks.get(lower, EMPTY), ticks.get(upper, EMPTY)
    return (
        fee_growth_inside_x128(
            tick=curve.tick,
            tick_lower=lower,
            tick_upper=upper,
            global_x128=curve.fee_growth_global0_x128,
            outside_lower_x128=low.fee_growth_outside0_x128,
            outside_upper_x128=high.fee_growth_outside0_x128,
        ),
        fee_growth_inside_x128(
            tick=curve.tick,
            tick_lower=lower,
            tick_upper=upper,
            global_x128=curve.fee_growth_global1_x128,
            outside_lower_x128=low.fee_growth_outside1_x128,
            outside_upper_x128=high.fee_growth_outside1_x128,
        ),
    )


def with_liquidity(
    curve: Curve, ticks: Ticks, lower: int, upper: int, change: int, most: int
) -> tuple[Curve, Ticks, tuple[int, int]]:
    """The pool after a range of it gains or loses `change`, and its growth inside.

    `most` gross liquidity may lie on a tick. The growth is what the pool gives the
    position: taken before ticks that nobody needs any more are cleared.
    Raises `TickLiquidityExceeded`, `LiquidityChangeInvalid`, `PoolFieldInvalid`.
    """
    check_ticks(curve, lower, upper)
    if change == 0:
        return curve, ticks, growth_inside(curve, ticks, lower, upper)
    after = dict(ticks)
    after[lower] = _updated(curve, ticks.get(lower), lower, change, change, most)
    after[upper] = _updated(curve, ticks.get(upper), upper, change, -change, most)
    for tick in (lower, upper):
        flips = (tick in ticks) != (after[tick].liquidity_gross != 0)
        if flips and tick % curve.tick_spacing:
            expected = f"a multiple of {curve.tick_spacing}"
            raise PoolFieldInvalid("tick", tick, expected)
    inside = growth_inside(curve, after, lower, upper)
    listed = _listed(curve.ticks, {tick: after[tick] for tick in (lower, upper)})
    for tick in (lower, upper):
        if after[tick].liquidity_gross == 0:
            del after[tick]
    liquidity = curve.liquidity
    if lower <= curve.tick < upper:
        liquidity = _checked_liquidity(liquidity, change)
    return replace(curve, liquidity=liquidity, ticks=listed), after, inside


def _updated(
    curve: TickCurve,
    before: TickInfo | None,
    tick: int,
    change: int,
    net_change: int,
    most: int,
) -> TickInfo:
    info = before
    if info is None:  # all growth so far counts as below the tick
        below = tick <= curve.tick
        info = TickInfo(
            fee_growth_outside0_x128=curve.fee_growth_global0_x128 if below else 0,
            fee_growth_outside1_x128=curve.fee_growth_global1_x128 if below else 0,
        )
    gross = _checked_liquidity(info.liquidity_gross, change)
    if change > 0 and gross > most:
        raise TickLiquidityExceeded(tick, gross, most)
    net = info.liquidity_net + net_change
    if not -INT128_MAX - 1 <= net <= INT128_MAX:
        raise TickLiquidityExceeded(tick, abs(net), INT128_MAX)
    return replace(info, liquidity_gross=gross, liquidity_net=net)


def _checked_liquidity(before: int, change: int) -> int:
    if not 0 <= before + change <= UINT128_MAX:
        raise LiquidityChangeInvalid(before, change)
    return checked_uint(before + change, "liquidity", UINT128_MAX)


def _listed(
    listed: tuple[tuple[int, int], ...], changed: Ticks
) -> tuple[tuple[int, int], ...]:
    """The sorted (tick, net) of a curve with some ticks put in, changed or left out."""
    for tick, info in changed.items():
        start = bisect_left(listed, (tick, -UINT128_MAX))
        end = start + (start < len(listed) and listed[start][0] == tick)
        entry = ((tick, info.liquidity_net),) if info.liquidity_gross else ()
        listed = listed[:start] + entry + listed[end:]
    return listed


def crossed(
    ticks: Ticks,
    before: TickCurve,
    crossings: Iterable[tuple[int, int]],
    zero_for_one: bool,
) -> Ticks:
    """`ticks` after a swap that began at `before`: growth outside changes sides."""
    after = dict(ticks)
    for tick, growth_x128 in crossings:
        global0 = before.fee_growth_global0_x128
        global1 = before.fee_growth_global1_x128
        if zero_for_one:
            global0 += growth_x128
        else:
            global1 += growth_x128
        info = after[tick]
        after[tick] = replace(
            info,
            fee_growth_outside0_x128=global0 - info.fee_growth_outside0_x128
            & UINT256_MAX,
            fee_growth_outside1_x128=global1 - info.fee_growth_outside1_x128
            & UINT256_MAX,
        )
    return after


def listed_nets(ticks: Ticks) -> tuple[tuple[int, int], ...]:
    """What a curve needs of `ticks`: (tick, net), ascending."""
    return tuple((tick, ticks[tick].liquidity_net) for tick in sorted(ticks))


def checked_ticks(curve: TickCurve, ticks: Ticks) -> None:
    """Raises `PoolFieldInvalid` where gross, net and active liquidity disagree."""
    if listed_nets(ticks) != curve.ticks:
        raise PoolFieldInvalid("ticks", len(ticks), "the ticks that swaps see")
    most, active = max_liquidity_per_tick(curve.tick_spacing), 0
    for tick, net in curve.ticks:
        gross = ticks[tick].liquidity_gross
        if not 0 < gross <= most or abs(net) > gross or (gross - net) % 2:
            raise PoolFieldInvalid(f"gross of tick {tick}", gross, f"to hold net {net}")
        active += net if tick <= curve.tick else 0
    if curve.window == (MIN_TICK, MAX_TICK) and active != curve.liquidity:
        raise PoolFieldInvalid("liquidity", curve.liquidity, f"{active}, summed")
