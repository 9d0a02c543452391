# SPDX-License-Identifier: MIT
"""A whole Uniswap v3 pool: swaps, ticks, positions, fees owed to whom.

UNITS     token amounts and liquidity raw; growth as in `ticks`.
ROUNDING  What the pool pays floor, what it is paid ceiling; fees owed floor.
SOURCE    UniswapV3Pool, v3-core 1.0.1 (checked against its bytecode).
Every function returns the pool afterwards; it raises where the contract reverts.
Oracle observations and flash loans are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from steelyard.amm.concentrated import (
    PROTOCOL_PARTS,
    Concentrated,
    V3Swap,
    checked_pool,
    swap_exact_in,
    swap_exact_out,
)
from steelyard.amm.errors import (
    InsufficientAmount,
    LiquidityChangeInvalid,
    PoolFieldInvalid,
    PositionEmpty,
)
from steelyard.amm.position import fees_owed, range_amounts_down, range_amounts_up
from steelyard.amm.tick_math import get_sqrt_ratio_at_tick
from steelyard.amm.ticks import (
    INT128_MAX,
    Ticks,
    check_ticks,
    checked_ticks,
    crossed,
    growth_inside,
    max_liquidity_per_tick,
    with_liquidity,
)
from steelyard.wad import UINT128_MAX, checked_uint

Range = tuple[str, int, int]  # owner, lower tick, upper tick


@dataclass(frozen=True, kw_only=True)
class Position:
    liquidity: int = 0
    fee_growth_inside0_last_x128: int = 0
    fee_growth_inside1_last_x128: int = 0
    tokens_owed0: int = 0  # to be collected
    tokens_owed1: int = 0


@dataclass(frozen=True, kw_only=True)
class V3Pool:
    curve: Concentrated
    ticks: Ticks
    # those that somebody follows; any other counts as empty
    positions: Mapping[Range, Position] = field(default_factory=dict)
    protocol_fees: tuple[int, int] = (0, 0)  # uncollected, of (token0, token1)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a call returns: the pool afterwards, and (token0, token1) that moved."""

    pool: V3Pool
    amounts: tuple[int, int]


UNTOUCHED = Position()


def checked_v3(pool: V3Pool) -> V3Pool:
    """`pool` itself; raises `PoolError` for what no real pool can be."""
    checked_pool(pool.curve)
    checked_ticks(pool.curve, pool.ticks)
    return pool


def swap(
    pool: V3Pool,
    amount: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
    *,
    exact_in: bool = True,
) -> tuple[V3Pool, V3Swap]:
    """The pool after selling `amount`, or buying it; see `swap_exact_in`."""
    trade = swap_exact_in if exact_in else swap_exact_out
    done = trade(pool.curve, amount, zero_for_one, sqrt_price_limit_x96)
    fees0, fees1 = pool.protocol_fees
    if zero_for_one:
        fees0 = fees0 + done.protocol_fee & UINT128_MAX
    else:
        fees1 = fees1 + done.protocol_fee & UINT128_MAX
    after = replace(
        pool,
        curve=done.pool,
        ticks=crossed(pool.ticks, pool.curve, done.crossings, zero_for_one),
        protocol_fees=(fees0, fees1),
    )
    return after, done


def mint(pool: V3Pool, owner: str, lower: int, upper: int, liquidity: int) -> Moved:
    """Adds liquidity to a range; the amounts that the pool takes, up."""
    if liquidity <= 0:
        raise InsufficientAmount("liquidity", liquidity)
    checked_uint(liquidity, "liquidity", INT128_MAX)
    after = _modified(pool, (owner, lower, upper), liquidity)
    return Moved(pool=after, amounts=_amounts(pool, lower, upper, liquidity))


def burn(pool: V3Pool, owner: str, lower: int, upper: int, liquidity: int) -> Moved:
    """Takes liquidity from a range; the amounts that are now owed for it, down.

    Settles the fees first: with a liquidity of 0 it does nothing else.
    Raises `PositionEmpty`, `LiquidityChangeInvalid`.
    """
    checked_uint(liquidity, "liquidity", INT128_MAX)
    key = (owner, lower, upper)
    after = _modified(pool, key, -liquidity)
    amounts = _amounts(pool, lower, upper, -liquidity)
    owed = after.positions[key]
    owed = replace(
        owed,
        tokens_owed0=owed.tokens_owed0 + amounts[0] & UINT128_MAX,
        tokens_owed1=owed.tokens_owed1 + amounts[1] & UINT128_MAX,
    )
    return Moved(pool=_with_position(after, key, owed), amounts=amounts)


def collect(
    pool: V3Pool,
    owner: str,
    lower: int,
    upper: int,
    most: tuple[int, int] = (UINT128_MAX, UINT128_MAX),
) -> Moved:
    """Pays out at most so much of what is owed; fees count once a burn settled them."""
    key = (owner, lower, upper)
    owed = pool.positions.get(key, UNTOUCHED)
    paid0, paid1 = min(most[0], owed.tokens_owed0), min(most[1], owed.tokens_owed1)
    if not paid0 and not paid1:
        return Moved(pool=pool, amounts=(0, 0))
    left = replace(
        owed,
        tokens_owed0=owed.tokens_owed0 - paid0,
        tokens_owed1=owed.tokens_owed1 - paid1,
    )
    return Moved(pool=_with_position(pool, key, left), amounts=(paid0, paid1))


def owed_now(pool: V3Pool, owner: str, lower: int, upper: int) -> tuple[int, int]:
    """(token0, token1) that a burn of 0 and a collect would pay at this moment."""
    position = pool.positions.get((owner, lower, upper), UNTOUCHED)
    inside = growth_inside(pool.curve, pool.ticks, lower, upper)
    if position.liquidity == 0:
        return position.tokens_owed0, position.tokens_owed1
    settled = _settled(position, inside)
    return settled.tokens_owed0, settled.tokens_owed1


def set_fee_protocol(pool: V3Pool, part0: int, part1: int) -> V3Pool:
    """The protocol takes 1/part of the fees in (token0, token1); 0 for none."""
    for part in (part0, part1):
        if part not in PROTOCOL_PARTS:
            raise PoolFieldInvalid("fee_protocol", part, "0 or 4 to 10")
    return replace(pool, curve=replace(pool.curve, fee_protocol=part0 + (part1 << 4)))


def collect_protocol(pool: V3Pool, most: tuple[int, int]) -> Moved:
    """Pays out protocol fees; one unit stays, as the contract saves gas."""
    fees, paid = pool.protocol_fees, []
    for wanted, held in zip(most, fees, strict=True):
        amount = min(wanted, held)
        paid.append(amount - 1 if amount and amount == held else amount)
    left = (fees[0] - paid[0], fees[1] - paid[1])
    return Moved(pool=replace(pool, protocol_fees=left), amounts=(paid[0], paid[1]))


def _modified(pool: V3Pool, key: Range, change: int) -> V3Pool:
    """UniswapV3Pool._updatePosition: ticks, active liquidity, fees owed so far."""
    owner, lower, upper = key
    check_ticks(pool.curve, lower, upper)
    before = pool.positions.get(key, UNTOUCHED)
    if change == 0 and before.liquidity == 0:
        raise PositionEmpty(owner, lower, upper)
    if not 0 <= before.liquidity + change <= UINT128_MAX:
        raise LiquidityChangeInvalid(before.liquidity, change)
    most = max_liquidity_per_tick(pool.curve.tick_spacing)
    curve, ticks, inside = with_liquidity(
        pool.curve, pool.ticks, lower, upper, change, most
    )
    position = replace(_settled(before, inside), liquidity=before.liquidity + change)
    return _with_position(replace(pool, curve=curve, ticks=ticks), key, position)


def _settled(position: Position, inside: tuple[int, int]) -> Position:
    last0 = position.fee_growth_inside0_last_x128
    last1 = position.fee_growth_inside1_last_x128
    fees0 = fees_owed(position.liquidity, inside[0], last0)
    fees1 = fees_owed(position.liquidity, inside[1], last1)
    return replace(
        position,
        fee_growth_inside0_last_x128=inside[0],
        fee_growth_inside1_last_x128=inside[1],
        tokens_owed0=position.tokens_owed0 + fees0 & UINT128_MAX,
        tokens_owed1=position.tokens_owed1 + fees1 & UINT128_MAX,
    )


def _amounts(pool: V3Pool, lower: int, upper: int, change: int) -> tuple[int, int]:
    """Taken for a change of liquidity upwards, up; owed for one downwards, down."""
    of_range = range_amounts_up if change > 0 else range_amounts_down
    ends = get_sqrt_ratio_at_tick(lower), get_sqrt_ratio_at_tick(upper)
    return of_range(abs(change), pool.curve.sqrt_price_x96, *ends)


def _with_position(pool: V3Pool, key: Range, position: Position) -> V3Pool:
    return replace(pool, positions={**pool.positions, key: position})
