# SPDX-License-Identifier: MIT
"""A whole Uniswap v4 pool without hooks: swaps, ticks, positions, donations.

UNITS     token amounts and liquidity raw; growth as in `ticks`.
ROUNDING  What the pool pays floor, what it is paid ceiling; fees owed floor.
SOURCE    PoolManager, Pool, Position, v4-core 1.0.2 (checked against its bytecode).
Every function returns the pool afterwards; it raises where the contract reverts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from steelyard.amm.errors import (
    InsufficientLiquidity,
    LiquidityChangeInvalid,
    PositionEmpty,
)
from steelyard.amm.position import range_amounts_down, range_amounts_up
from steelyard.amm.tick_math import MAX_TICK, get_sqrt_ratio_at_tick
from steelyard.amm.ticks import (
    Ticks,
    check_ticks,
    checked_ticks,
    crossed,
    growth_inside,
    with_liquidity,
)
from steelyard.amm.uniswap_v4 import (
    INT128_MAX,
    ConcentratedV4,
    V4Swap,
    checked_pool_v4,
    swap_exact_in_v4,
    swap_exact_out_v4,
)
from steelyard.wad import UINT128_MAX, UINT256_MAX, checked_uint

Range = tuple[str, int, int, bytes]  # owner, lower tick, upper tick, salt
NO_SALT = bytes(32)


@dataclass(frozen=True, kw_only=True)
class PositionV4:
    liquidity: int = 0
    fee_growth_inside0_last_x128: int = 0
    fee_growth_inside1_last_x128: int = 0


@dataclass(frozen=True, kw_only=True)
class V4Pool:
    curve: ConcentratedV4
    ticks: Ticks
    # those that somebody follows; any other counts as empty
    positions: Mapping[Range, PositionV4] = field(default_factory=dict)
    protocol_fees: tuple[int, int] = (0, 0)  # taken since the model began


@dataclass(frozen=True, kw_only=True)
class LiquidityChanged:
    """`principal` (token0, token1) is paid in when negative; `fees` are paid out."""

    pool: V4Pool
    principal: tuple[int, int]
    fees: tuple[int, int]


UNTOUCHED = PositionV4()


def checked_v4(pool: V4Pool) -> V4Pool:
    """`pool` itself; raises `PoolError` for what no real pool can be."""
    checked_pool_v4(pool.curve)
    checked_ticks(pool.curve, pool.ticks)
    return pool


def most_liquidity_per_tick(tick_spacing: int) -> int:
    """As v4 counts: one tick more than v3 where the spacing leaves a rest; floor."""
    lowest = -MAX_TICK // tick_spacing
    return UINT128_MAX // (MAX_TICK // tick_spacing - lowest + 1)


def swap(
    pool: V4Pool,
    amount: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
    *,
    exact_in: bool = True,
) -> tuple[V4Pool, V4Swap]:
    """The pool after selling `amount`, or buying it; see `swap_exact_in_v4`."""
    trade = swap_exact_in_v4 if exact_in else swap_exact_out_v4
    done = trade(pool.curve, amount, zero_for_one, sqrt_price_limit_x96)
    fees0, fees1 = pool.protocol_fees
    if zero_for_one:
        fees0 += done.protocol_fee
    else:
        fees1 += done.protocol_fee
    after = replace(
        pool,
        curve=done.pool,
        ticks=crossed(pool.ticks, pool.curve, done.crossings, zero_for_one),
        protocol_fees=(fees0, fees1),
    )
    return after, done


def modify_liquidity(
    pool: V4Pool,
    owner: str,
    lower: int,
    upper: int,
    change: int,
    salt: bytes = NO_SALT,
) -> LiquidityChanged:
    """Adds liquidity to a range, takes it, or with 0 settles the fees alone.

    Raises `PositionEmpty`, `LiquidityChangeInvalid`, `TickLiquidityExceeded`.
    """
    key = (owner, lower, upper, salt)
    check_ticks(pool.curve, lower, upper)
    before = pool.positions.get(key, UNTOUCHED)
    if change == 0 and before.liquidity == 0:
        raise PositionEmpty(owner, lower, upper)
    if not -INT128_MAX - 1 <= change <= INT128_MAX:
        raise LiquidityChangeInvalid(before.liquidity, change)
    if not 0 <= before.liquidity + change <= UINT128_MAX:
        raise LiquidityChangeInvalid(before.liquidity, change)
    most = most_liquidity_per_tick(pool.curve.tick_spacing)
    curve, ticks, inside = with_liquidity(
        pool.curve, pool.ticks, lower, upper, change, most
    )
    position = PositionV4(
        liquidity=before.liquidity + change,
        fee_growth_inside0_last_x128=inside[0],
        fee_growth_inside1_last_x128=inside[1],
    )
    after = replace(
        pool, curve=curve, ticks=ticks, positions={**pool.positions, key: position}
    )
    return LiquidityChanged(
        pool=after,
        principal=_principal(pool.curve, lower, upper, change),
        fees=_fees(before, inside),
    )


def owed_now(
    pool: V4Pool, owner: str, lower: int, upper: int, salt: bytes = NO_SALT
) -> tuple[int, int]:
    """(token0, token1) of fees that a change of 0 would pay at this moment."""
    position = pool.positions.get((owner, lower, upper, salt), UNTOUCHED)
    return _fees(position, growth_inside(pool.curve, pool.ticks, lower, upper))


def donate(pool: V4Pool, amount0: int, amount1: int) -> V4Pool:
    """Gives both tokens to the liquidity at the price."""
    curve = pool.curve
    if curve.liquidity == 0:
        raise InsufficientLiquidity("liquidity at the price", 0, 0)
    checked_uint(amount0, "amount0", INT128_MAX)
    checked_uint(amount1, "amount1", INT128_MAX)
    growth0 = curve.fee_growth_global0_x128 + (amount0 << 128) // curve.liquidity
    growth1 = curve.fee_growth_global1_x128 + (amount1 << 128) // curve.liquidity
    return replace(
        pool,
        curve=replace(
            curve,
            fee_growth_global0_x128=growth0 & UINT256_MAX,
            fee_growth_global1_x128=growth1 & UINT256_MAX,
        ),
    )


def set_protocol_fee(pool: V4Pool, sell0_pips: int, sell1_pips: int) -> V4Pool:
    """What the protocol takes of token0 or token1 sold, at most 0.1 %."""
    pips = (sell0_pips, sell1_pips)
    curve = checked_pool_v4(replace(pool.curve, protocol_fee_pips=pips))
    return replace(pool, curve=curve)


def _fees(position: PositionV4, inside: tuple[int, int]) -> tuple[int, int]:
    last0 = position.fee_growth_inside0_last_x128
    last1 = position.fee_growth_inside1_last_x128
    growth0 = inside[0] - last0 & UINT256_MAX
    growth1 = inside[1] - last1 & UINT256_MAX
    fees0 = growth0 * position.liquidity >> 128
    fees1 = growth1 * position.liquidity >> 128
    return (
        checked_uint(fees0, "fees0", INT128_MAX),
        checked_uint(fees1, "fees1", INT128_MAX),
    )


def _principal(
    curve: ConcentratedV4, lower: int, upper: int, change: int
) -> tuple[int, int]:
    """Paid in (negative) rounded up, paid out rounded down."""
    ends = get_sqrt_ratio_at_tick(lower), get_sqrt_ratio_at_tick(upper)
    of_range = range_amounts_up if change > 0 else range_amounts_down
    amount0, amount1 = of_range(abs(change), curve.sqrt_price_x96, *ends)
    for amount in (amount0, amount1):
        checked_uint(amount, "amount", INT128_MAX)
    sign = -1 if change > 0 else 1
    return sign * amount0, sign * amount1
