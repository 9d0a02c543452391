# SPDX-License-Identifier: MIT
"""A swap's walk from stop to stop, for Uniswap v3 and v4 alike.

UNITS   token amounts raw; growth as in `tick_curve`.
SOURCE  UniswapV3Pool.swap (v3-core 1.0.1), Pool.swap (v4-core 1.0.2).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple

from steelyard.amm.errors import (
    InsufficientAmount,
    PriceLimitInvalid,
    TickWindowExceeded,
)
from steelyard.amm.tick_curve import Curve, TickCurve, stops
from steelyard.amm.tick_math import (
    MAX_SQRT_RATIO,
    MIN_SQRT_RATIO,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from steelyard.wad import UINT128_MAX, UINT256_MAX, checked_uint

INT256_MAX = 2**255 - 1


@dataclass(frozen=True, kw_only=True)
class Swap(Generic[Curve]):
    pool: Curve  # afterwards
    amount_in: int  # with fee
    amount_out: int
    fee: int  # part of amount_in, protocol's share included
    protocol_fee: int  # part of fee
    # (tick, fee growth of the token sold since the swap began), in order
    crossings: tuple[tuple[int, int], ...]

    @property
    def ticks_crossed(self) -> int:
        return len(self.crossings)


# (price, target, liquidity, remaining, fee in pips) -> (price, net in, out, fee)
Step = Callable[[int, int, int, int, int], tuple[int, int, int, int]]


class Rules(NamedTuple):
    """How one step of a pool trades and shares its fee."""

    step: Step
    fee_pips: int
    share: Callable[[int, int], int] | None  # of (net in, fee): the protocol's part
    most: int = INT256_MAX  # what may come out; one more may go in


def checked_limit(pool: TickCurve, zero_for_one: bool, limit: int | None) -> int:
    """The square-root price where a swap stops. Raises `PriceLimitInvalid`."""
    if zero_for_one:
        above, below = MIN_SQRT_RATIO, pool.sqrt_price_x96
    else:
        above, below = pool.sqrt_price_x96, MAX_SQRT_RATIO
    if limit is None:
        limit = above + 1 if zero_for_one else below - 1
    if not above < limit < below:
        raise PriceLimitInvalid(limit, above, below)
    return limit


def walk(
    pool: Curve,
    rules: Rules,
    specified: int,
    zero_for_one: bool,
    limit: int | None,
    *,
    exact_in: bool,
) -> Swap[Curve]:
    """The swap of `specified` raw units: of the token sold, or of the one bought.

    Raises `PriceLimitInvalid`, `InsufficientAmount`, `TickWindowExceeded`.
    """
    name = "amount_in" if exact_in else "amount_out"
    if specified <= 0:
        raise InsufficientAmount(name, specified)
    checked_uint(specified, name, INT256_MAX)
    limit = checked_limit(pool, zero_for_one, limit)

    step, fee_pips, share, most = rules
    remaining = specified
    price, tick, liquidity = pool.sqrt_price_x96, pool.tick, pool.liquidity
    amount_in = amount_out = fees = protocol_fees = growth_x128 = 0
    crossings: list[tuple[int, int]] = []
    for stop, change, known in stops(pool, zero_for_one):
        start, stop_price = price, get_sqrt_ratio_at_tick(stop)
        beyond = stop_price < limit if zero_for_one else stop_price > limit
        nearest = limit if beyond else stop_price
        price, net_in, out, fee = step(start, nearest, liquidity, remaining, fee_pips)
        paid = net_in + fee
        remaining -= paid if exact_in else out
        amount_in += paid
        amount_out += out
        fees += fee
        if share:
            taken = share(net_in, fee)
            protocol_fees += taken
            fee -= taken
        if liquidity:
            growth_x128 += (fee << 128) // liquidity
        if price == stop_price and known:
            tick = stop - 1 if zero_for_one else stop
            if change is not None:
                liquidity += change
                if not 0 <= liquidity <= UINT128_MAX:
                    checked_uint(liquidity, "liquidity", UINT128_MAX)
                crossings.append((stop, growth_x128))
        elif price == stop_price != limit:
            raise TickWindowExceeded(stop, pool.window)
        elif price != start:
            tick = get_tick_at_sqrt_ratio(price)
        if remaining == 0 or price == limit:
            break
    checked_uint(amount_in, "amount_in", most + 1)
    checked_uint(amount_out, "amount_out", most)
    return Swap(
        pool=moved(pool, zero_for_one, growth_x128, price, tick, liquidity),
        amount_in=amount_in,
        amount_out=amount_out,
        fee=fees,
        protocol_fee=protocol_fees,
        crossings=tuple(crossings),
    )


def moved(
    pool: Curve,
    zero_for_one: bool,
    growth_x128: int,
    sqrt_price_x96: int,
    tick: int,
    liquidity: int,
) -> Curve:
    """`pool` at another price, with the fees that took it there."""
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
