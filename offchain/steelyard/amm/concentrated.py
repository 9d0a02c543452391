# SPDX-License-Identifier: MIT
"""Uniswap v3 swaps in exact integers, any number of ticks deep.

UNITS     token amounts raw; `fee_pips` 1e6 = 100 %; `fee_growth_*_x128` raw token per
          unit of liquidity · 2^128, modulo 2^256.
ROUNDING  As the pool: what it pays floor, what it is paid ceiling.
SOURCE    UniswapV3Pool.swap, v3-core 1.0.1 (checked against its bytecode).
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from steelyard.amm.errors import (
    InsufficientAmount,
    PoolFieldInvalid,
    PriceLimitInvalid,
    TickWindowExceeded,
)
from steelyard.amm.sqrt_price import PIPS, swap_step_exact_in, swap_step_exact_out
from steelyard.amm.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    check_sqrt_price,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from steelyard.wad import UINT128_MAX, UINT256_MAX, checked_uint

INT256_MAX = 2**255 - 1


@dataclass(frozen=True, kw_only=True)
class Concentrated:
    sqrt_price_x96: int
    tick: int
    liquidity: int
    fee_pips: int
    tick_spacing: int
    # (tick, liquidityNet) of every initialised tick inside `window`, ascending;
    # a net of 0 counts too: swaps stop there and round.
    ticks: tuple[tuple[int, int], ...]
    fee_growth_global0_x128: int = 0
    fee_growth_global1_x128: int = 0
    fee_protocol: int = 0  # slot0's: low 4 bits token0, high 4 token1, share 1/n
    window: tuple[int, int] = (MIN_TICK, MAX_TICK)  # lowest, highest tick known


@dataclass(frozen=True, kw_only=True)
class Swap:
    pool: Concentrated  # afterwards
    amount_in: int  # with fee
    amount_out: int
    fee: int  # part of amount_in, protocol's share included
    ticks_crossed: int


def checked_pool(pool: Concentrated) -> Concentrated:
    """`pool` itself; raises `PoolError` for what no real pool can be.

    Swaps do not repeat this check: it reads every tick.
    """
    checked_uint(pool.liquidity, "liquidity", UINT128_MAX)
    checked_uint(pool.fee_pips, "fee_pips", PIPS - 1)
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


def swap_exact_in(
    pool: Concentrated,
    amount_in: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
) -> Swap:
    """The swap of `amount_in`, fee included; less goes in when the limit stops it.

    Raises `PriceLimitInvalid`, `InsufficientAmount`, `TickWindowExceeded`.
    """
    return _swap(pool, amount_in, zero_for_one, sqrt_price_limit_x96, exact_in=True)


def swap_exact_out(
    pool: Concentrated,
    amount_out: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
) -> Swap:
    """The swap that pays `amount_out`; less comes out when the limit stops it.

    Raises `PriceLimitInvalid`, `InsufficientAmount`, `TickWindowExceeded`.
    """
    return _swap(pool, amount_out, zero_for_one, sqrt_price_limit_x96, exact_in=False)


def swap_to_price(pool: Concentrated, sqrt_price_x96: int) -> Swap:
    """The swap that leaves the pool at `sqrt_price_x96`, in whichever direction."""
    zero_for_one = sqrt_price_x96 < pool.sqrt_price_x96
    return swap_exact_in(pool, INT256_MAX, zero_for_one, sqrt_price_x96)


def _checked_limit(pool: Concentrated, zero_for_one: bool, limit: int | None) -> int:
    if zero_for_one:
        above, below = MIN_SQRT_RATIO, pool.sqrt_price_x96
    else:
        above, below = pool.sqrt_price_x96, MAX_SQRT_RATIO
    if limit is None:
        limit = above + 1 if zero_for_one else below - 1
    if not above < limit < below:
        raise PriceLimitInvalid(limit, above, below)
    return limit


# (tick of the stop, change of liquidity or None where no tick is initialised,
#  whether the window shows that nothing lies nearer)
Stop = tuple[int, int | None, bool]


def stops_down(pool: Concentrated) -> Iterator[Stop]:
    """Where a falling price stops in turn: initialised ticks and edges of words.

    TickBitmap looks at most to the edge of a word of 256 spacings; the pool rounds
    at each stop, so amounts to the wei need them all. Ends at the window's low tick.
    """
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


def stops_up(pool: Concentrated) -> Iterator[Stop]:
    """Where a rising price stops in turn; see `stops_down`."""
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


def _swap(
    pool: Concentrated,
    specified: int,
    zero_for_one: bool,
    limit: int | None,
    *,
    exact_in: bool,
) -> Swap:
    name = "amount_in" if exact_in else "amount_out"
    if specified <= 0:
        raise InsufficientAmount(name, specified)
    checked_uint(specified, name, INT256_MAX)
    limit = _checked_limit(pool, zero_for_one, limit)

    step = swap_step_exact_in if exact_in else swap_step_exact_out
    stops = stops_down(pool) if zero_for_one else stops_up(pool)
    protocol = pool.fee_protocol % 16 if zero_for_one else pool.fee_protocol >> 4
    price, tick, liquidity = pool.sqrt_price_x96, pool.tick, pool.liquidity
    amount_in = amount_out = fees = growth_x128 = crossed = 0
    for stop, change, known in stops:
        start, stop_price = price, get_sqrt_ratio_at_tick(stop)
        nearest = max(stop_price, limit) if zero_for_one else min(stop_price, limit)
        remaining = specified - (amount_in if exact_in else amount_out)
        price, net_in, out, fee = step(
            start, nearest, liquidity, remaining, pool.fee_pips
        )
        amount_in += net_in + fee
        amount_out += out
        fees += fee
        if liquidity:
            kept = fee - fee // protocol if protocol else fee
            growth_x128 += (kept << 128) // liquidity
        if price == stop_price and known:
            tick = stop - 1 if zero_for_one else stop
            if change is not None:
                liquidity = checked_uint(liquidity + change, "liquidity", UINT128_MAX)
                crossed += 1
        elif price == stop_price != limit:
            raise TickWindowExceeded(stop, pool.window)
        elif price != start:
            tick = get_tick_at_sqrt_ratio(price)
        if price == limit or specified == (amount_in if exact_in else amount_out):
            break
    after = _moved(pool, zero_for_one, growth_x128, price, tick, liquidity)
    return Swap(
        pool=after,
        amount_in=amount_in,
        amount_out=amount_out,
        fee=fees,
        ticks_crossed=crossed,
    )


def _moved(
    pool: Concentrated,
    zero_for_one: bool,
    growth_x128: int,
    sqrt_price_x96: int,
    tick: int,
    liquidity: int,
) -> Concentrated:
    growth0, growth1 = pool.fee_growth_global0_x128, pool.fee_growth_global1_x128
    if zero_for_one:
        growth0 = growth0 + growth_x128 & UINT256_MAX
    else:
        growth1 = growth1 + growth_x128 & UINT256_MAX
    return replace(
        pool,
        sqrt_price_x96=sqrt_price_x96,
        tick=tick,
        liquidity=liquidity,
        fee_growth_global0_x128=growth0,
        fee_growth_global1_x128=growth1,
    )
