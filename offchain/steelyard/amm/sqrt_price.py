# SPDX-License-Identifier: MIT
"""Amounts between two square-root prices and one step of a swap.

Equal to Uniswap v3's SqrtPriceMath and SwapMath. Callers pass what a pool can hold:
liquidity in uint128, square-root prices inside TickMath's range.

ROUNDING  `_down` floor (what the pool pays), `_up` ceiling (what the pool is paid).
"""

from steelyard.amm.errors import InsufficientLiquidity, SqrtPriceOutOfRange
from steelyard.amm.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO
from steelyard.wad import UINT160_MAX, UINT256_MAX, checked_uint

PIPS = 10**6


def _ordered(sqrt_a_x96: int, sqrt_b_x96: int) -> tuple[int, int]:
    if sqrt_a_x96 > sqrt_b_x96:
        sqrt_a_x96, sqrt_b_x96 = sqrt_b_x96, sqrt_a_x96
    if sqrt_a_x96 <= 0:
        raise SqrtPriceOutOfRange(sqrt_a_x96, MIN_SQRT_RATIO, MAX_SQRT_RATIO)
    return sqrt_a_x96, sqrt_b_x96


def amount0_delta_down(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """Token0 between two prices: floor of floor, as SqrtPriceMath divides twice."""
    low, high = _ordered(sqrt_a_x96, sqrt_b_x96)
    return (liquidity << 96) * (high - low) // high // low


def amount0_delta_up(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """Token0 between two prices: ceiling of ceiling."""
    low, high = _ordered(sqrt_a_x96, sqrt_b_x96)
    return -((-(liquidity << 96) * (high - low) // high) // low)


def amount1_delta_down(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """Token1 between two prices, floor."""
    return liquidity * abs(sqrt_b_x96 - sqrt_a_x96) >> 96


def amount1_delta_up(sqrt_a_x96: int, sqrt_b_x96: int, liquidity: int) -> int:
    """Token1 between two prices, ceiling."""
    return -(-liquidity * abs(sqrt_b_x96 - sqrt_a_x96) >> 96)


def next_sqrt_price_from_input(
    sqrt_price_x96: int, liquidity: int, amount_in: int, zero_for_one: bool
) -> int:
    """Square-root price after `amount_in` net of fee; never past the exact price."""
    if amount_in == 0:
        return sqrt_price_x96
    if not zero_for_one:
        price = sqrt_price_x96 + (amount_in << 96) // liquidity
        return checked_uint(price, "sqrt_price_x96", UINT160_MAX)

    numerator = liquidity << 96
    product = amount_in * sqrt_price_x96
    if numerator + product <= UINT256_MAX:
        return -(-numerator * sqrt_price_x96 // (numerator + product))
    # The contract's path when uint256 would overflow: a coarser formula.
    return -(-numerator // (numerator // sqrt_price_x96 + amount_in))


def next_sqrt_price_from_output(
    sqrt_price_x96: int, liquidity: int, amount_out: int, zero_for_one: bool
) -> int:
    """Square-root price after paying `amount_out`; at or past the exact price.

    Raises `InsufficientLiquidity` where the contract would revert.
    """
    if amount_out == 0:
        return sqrt_price_x96
    if zero_for_one:
        quotient = -(-(amount_out << 96) // liquidity)
        if quotient >= sqrt_price_x96:
            available = liquidity * sqrt_price_x96 >> 96
            raise InsufficientLiquidity("amount_out", amount_out, available)
        return sqrt_price_x96 - quotient

    numerator = liquidity << 96
    product = amount_out * sqrt_price_x96
    if product > UINT256_MAX or product >= numerator:
        available = numerator // sqrt_price_x96
        raise InsufficientLiquidity("amount_out", amount_out, available)
    price = -(-numerator * sqrt_price_x96 // (numerator - product))
    return checked_uint(price, "sqrt_price_x96", UINT160_MAX)


def swap_step_exact_in(
    sqrt_price_x96: int, target_x96: int, liquidity: int, remaining: int, fee_pips: int
) -> tuple[int, int, int, int]:
    """(next square-root price, amount in, amount out, fee) of one step.

    `remaining` holds the fee; the fee rounds up, or takes what an unfinished step
    leaves. Short of the target the price cannot round onto it: both roundings stop
    on the near side.
    """
    amount_in, amount_out, fee = whole_step(
        sqrt_price_x96, target_x96, liquidity, fee_pips
    )
    if remaining >= amount_in + fee:
        return target_x96, amount_in, amount_out, fee
    down = sqrt_price_x96 >= target_x96
    in_delta = amount0_delta_up if down else amount1_delta_up
    out_delta = amount1_delta_down if down else amount0_delta_down
    net = remaining * (PIPS - fee_pips) // PIPS
    after = next_sqrt_price_from_input(sqrt_price_x96, liquidity, net, down)
    amount_in = in_delta(after, sqrt_price_x96, liquidity)
    amount_out = out_delta(after, sqrt_price_x96, liquidity)
    return after, amount_in, amount_out, remaining - amount_in


def whole_step(
    sqrt_price_x96: int, target_x96: int, liquidity: int, fee_pips: int
) -> tuple[int, int, int]:
    """(amount in, amount out, fee) of a step that reaches its target.

    The deltas above written out, as most steps end here. The contracts ask whether
    what remains, less its fee down, covers the amount in: that is whether it covers
    the amount in and this fee.
    """
    if sqrt_price_x96 >= target_x96:
        gap = sqrt_price_x96 - target_x96
        amount_in = -((-(liquidity << 96) * gap // sqrt_price_x96) // target_x96)
        amount_out = liquidity * gap >> 96
    else:
        gap = target_x96 - sqrt_price_x96
        amount_in = -(-liquidity * gap >> 96)
        amount_out = (liquidity << 96) * gap // target_x96 // sqrt_price_x96
    return amount_in, amount_out, -(-amount_in * fee_pips // (PIPS - fee_pips))


def swap_step_exact_out(
    sqrt_price_x96: int, target_x96: int, liquidity: int, remaining: int, fee_pips: int
) -> tuple[int, int, int, int]:
    """(next square-root price, amount in, amount out, fee); out at most `remaining`."""
    down = sqrt_price_x96 >= target_x96
    in_delta = amount0_delta_up if down else amount1_delta_up
    out_delta = amount1_delta_down if down else amount0_delta_down

    amount_out = out_delta(target_x96, sqrt_price_x96, liquidity)
    after = target_x96
    if remaining < amount_out:
        after = next_sqrt_price_from_output(sqrt_price_x96, liquidity, remaining, down)
        amount_out = min(remaining, out_delta(after, sqrt_price_x96, liquidity))
    amount_in = in_delta(after, sqrt_price_x96, liquidity)
    fee = -(-amount_in * fee_pips // (PIPS - fee_pips))
    return after, amount_in, amount_out, fee
