# SPDX-License-Identifier: MIT
"""What a liquidity position holds, earns and is worth.

UNITS     amounts raw; `sqrt_*_x96` sqrt(raw token1 per raw token0) · 2^96; float
          prices and values in token1 per token0, in any one unit.
ROUNDING  `_down` what a burn pays, `_up` what a mint takes.
SOURCE    UniswapV3Pool, Position and Tick (v3-core 1.0.1), LiquidityAmounts
          (v3-periphery 1.4.4). Closed forms: Uniswap v3 whitepaper, section 6.
A range from 0 to infinity is a Uniswap v2 position with liquidity sqrt(k).
"""

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.constant_product import ConstantProduct, pending_fee_liquidity
from steelyard.amm.errors import InsufficientLiquidity, RangeInvalid
from steelyard.amm.sqrt_price import (
    amount0_delta_down,
    amount0_delta_up,
    amount1_delta_down,
    amount1_delta_up,
)
from steelyard.amm.tick_math import Q96
from steelyard.wad import UINT128_MAX, UINT256_MAX, checked_uint, mul_div_down

Floats = NDArray[np.float64]


def share_amounts_down(pool: ConstantProduct, liquidity: int) -> tuple[int, int]:
    """(token0, token1) that a v2 burn of `liquidity` would pay, 0 for 0.

    The protocol's pending fee is counted. Raises `InsufficientLiquidity`.
    """
    if liquidity == 0:
        return 0, 0
    if not 0 < liquidity <= pool.total_supply:
        raise InsufficientLiquidity("liquidity", liquidity, pool.total_supply + 1)
    supply = pool.total_supply + pending_fee_liquidity(pool)
    return liquidity * pool.reserve0 // supply, liquidity * pool.reserve1 // supply


def check_range(lower: float, upper: float) -> None:
    """Raises `RangeInvalid` unless lower < upper."""
    if not lower < upper:
        raise RangeInvalid(lower, upper)


def _clamped(sqrt_price_x96: int, lower_x96: int, upper_x96: int) -> int:
    check_range(lower_x96, upper_x96)
    return min(max(sqrt_price_x96, lower_x96), upper_x96)


def range_amounts_down(
    liquidity: int, sqrt_price_x96: int, sqrt_lower_x96: int, sqrt_upper_x96: int
) -> tuple[int, int]:
    """(token0, token1) that a burn of `liquidity` pays, floor, fees apart."""
    price = _clamped(sqrt_price_x96, sqrt_lower_x96, sqrt_upper_x96)
    return (
        amount0_delta_down(price, sqrt_upper_x96, liquidity),
        amount1_delta_down(sqrt_lower_x96, price, liquidity),
    )


def range_amounts_up(
    liquidity: int, sqrt_price_x96: int, sqrt_lower_x96: int, sqrt_upper_x96: int
) -> tuple[int, int]:
    """(token0, token1) that a mint of `liquidity` takes, ceiling."""
    price = _clamped(sqrt_price_x96, sqrt_lower_x96, sqrt_upper_x96)
    return (
        amount0_delta_up(price, sqrt_upper_x96, liquidity),
        amount1_delta_up(sqrt_lower_x96, price, liquidity),
    )


def liquidity_for_amount0(lower_x96: int, upper_x96: int, amount0: int) -> int:
    """Most liquidity between two prices that `amount0` pays for, floor."""
    check_range(lower_x96, upper_x96)
    product = lower_x96 * upper_x96 // Q96
    return mul_div_down(amount0, product, upper_x96 - lower_x96)


def liquidity_for_amount1(lower_x96: int, upper_x96: int, amount1: int) -> int:
    """Most liquidity between two prices that `amount1` pays for, floor."""
    check_range(lower_x96, upper_x96)
    return mul_div_down(amount1, Q96, upper_x96 - lower_x96)


def liquidity_for_amounts(
    sqrt_price_x96: int,
    sqrt_lower_x96: int,
    sqrt_upper_x96: int,
    amount0: int,
    amount1: int,
) -> int:
    """Most liquidity that the two amounts pay for at the price, floor.

    As the vault's adapter computes it: only the scarcer side must fit uint128. Raises
    `RangeInvalid`, `UintRangeExceeded` beyond uint128.
    """
    check_range(sqrt_lower_x96, sqrt_upper_x96)
    price = _clamped(sqrt_price_x96, sqrt_lower_x96, sqrt_upper_x96)
    sides = []
    if price < sqrt_upper_x96:
        sides.append(liquidity_for_amount0(price, sqrt_upper_x96, amount0))
    if price > sqrt_lower_x96:
        sides.append(liquidity_for_amount1(sqrt_lower_x96, price, amount1))
    return checked_uint(min(sides), "liquidity", UINT128_MAX)


def fee_growth_inside_x128(
    *,
    tick: int,
    tick_lower: int,
    tick_upper: int,
    global_x128: int,
    outside_lower_x128: int,
    outside_upper_x128: int,
) -> int:
    """Fees of one token per unit of liquidity inside a range, modulo 2^256."""
    below = outside_lower_x128
    if tick < tick_lower:
        below = global_x128 - below
    above = outside_upper_x128
    if tick >= tick_upper:
        above = global_x128 - above
    return global_x128 - below - above & UINT256_MAX


def fees_owed(liquidity: int, inside_x128: int, inside_last_x128: int) -> int:
    """Fees of one token since the last touch, floor, cut to uint128 as the pool does.

    What `tokensOwed` holds already comes on top.
    """
    growth = inside_x128 - inside_last_x128 & UINT256_MAX
    return growth * liquidity >> 128 & UINT128_MAX


def range_value(
    liquidity: float, price: Floats | float, lower: float, upper: float
) -> Floats:
    """Value in token1 of a range position at each price, fees apart."""
    check_range(lower, upper)
    price = np.asarray(price, dtype=np.float64)
    root = np.sqrt(np.clip(price, lower, upper))
    amount0 = 1 / root - 1 / np.sqrt(upper)
    return np.asarray(liquidity * (price * amount0 + root - np.sqrt(lower)))


def range_delta(
    liquidity: float, price: Floats | float, lower: float, upper: float
) -> Floats:
    """First derivative of `range_value` by price: the token0 held."""
    check_range(lower, upper)
    root = np.sqrt(np.clip(np.asarray(price, dtype=np.float64), lower, upper))
    return np.asarray(liquidity * (1 / root - 1 / np.sqrt(upper)))


def range_gamma(
    liquidity: float, price: Floats | float, lower: float, upper: float
) -> Floats:
    """Second derivative of `range_value` by price: -L / (2 P^1.5) inside, else 0."""
    check_range(lower, upper)
    price = np.asarray(price, dtype=np.float64)
    inside = (price > lower) & (price < upper)
    return np.where(inside, -liquidity / 2 * np.where(inside, price, 1.0) ** -1.5, 0.0)


def impermanent_loss(
    price_before: float, price_now: Floats | float, lower: float, upper: float
) -> Floats:
    """Value now over the value of holding the amounts of before, less 1; at most 0."""
    amount0 = range_delta(1.0, price_before, lower, upper)
    amount1 = range_value(1.0, price_before, lower, upper) - amount0 * price_before
    held = amount0 * np.asarray(price_now, dtype=np.float64) + amount1
    return np.asarray(range_value(1.0, price_now, lower, upper) / held - 1)
