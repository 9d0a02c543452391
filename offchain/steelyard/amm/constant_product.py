# SPDX-License-Identifier: MIT
"""Uniswap v2 pairs in exact integers, and float quotes for the optimiser.

UNITS     amounts raw; `fee_pips` 1e6 = 100 %: 3000 is the contracts' 997/1000.
ROUNDING  `amount_out` floor; `amount_in` floor + 1, as the router does.
SOURCE    UniswapV2Pair 1.0.1, UniswapV2Library and Router02 1.1.0-beta.0.
"""

from dataclasses import dataclass, replace
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.errors import (
    InsufficientAmount,
    InsufficientLiquidity,
    InvariantBroken,
    PriceUnreachable,
)
from steelyard.wad import UINT112_MAX, checked_uint

PIPS = 10**6
MINIMUM_LIQUIDITY = 1000


@dataclass(frozen=True, kw_only=True)
class ConstantProduct:
    reserve0: int
    reserve1: int
    total_supply: int = 0
    k_last: int = 0  # reserve product after the last mint or burn, 0 when never
    fee_on: bool = False  # the factory has a fee receiver
    fee_pips: int = 3000

    def __post_init__(self) -> None:
        checked_uint(self.reserve0, "reserve0", UINT112_MAX)
        checked_uint(self.reserve1, "reserve1", UINT112_MAX)
        checked_uint(self.total_supply, "total_supply")
        checked_uint(self.k_last, "k_last")
        checked_uint(self.fee_pips, "fee_pips", PIPS - 1)


def _sides(pool: ConstantProduct, zero_for_one: bool) -> tuple[int, int]:
    if pool.reserve0 == 0 or pool.reserve1 == 0:
        raise InsufficientAmount("reserve", 0)
    if zero_for_one:
        return pool.reserve0, pool.reserve1
    return pool.reserve1, pool.reserve0


def amount_out(pool: ConstantProduct, amount_in: int, zero_for_one: bool) -> int:
    """What `amount_in` buys, floor; 0 when it buys nothing.

    Raises `InsufficientAmount`.
    """
    if amount_in <= 0:
        raise InsufficientAmount("amount_in", amount_in)
    reserve_in, reserve_out = _sides(pool, zero_for_one)
    net = amount_in * (PIPS - pool.fee_pips)
    return net * reserve_out // (reserve_in * PIPS + net)


def amount_in(pool: ConstantProduct, amount_out: int, zero_for_one: bool) -> int:
    """What buys at least `amount_out`, floor + 1.

    Raises `InsufficientAmount`, `InsufficientLiquidity`.
    """
    if amount_out <= 0:
        raise InsufficientAmount("amount_out", amount_out)
    reserve_in, reserve_out = _sides(pool, zero_for_one)
    if amount_out >= reserve_out:
        raise InsufficientLiquidity("amount_out", amount_out, reserve_out)
    denominator = (reserve_out - amount_out) * (PIPS - pool.fee_pips)
    return reserve_in * amount_out * PIPS // denominator + 1


def after_swap(
    pool: ConstantProduct, *, amount_in: int, amount_out: int, zero_for_one: bool
) -> ConstantProduct:
    """The pool once `amount_in` came and `amount_out` went, by the pair's own test.

    Raises `InsufficientAmount`, `InsufficientLiquidity`, `InvariantBroken`,
    `UintRangeExceeded`.
    """
    reserve_in, reserve_out = _sides(pool, zero_for_one)
    if amount_out <= 0:
        raise InsufficientAmount("amount_out", amount_out)
    if amount_out >= reserve_out:
        raise InsufficientLiquidity("amount_out", amount_out, reserve_out)
    if amount_in <= 0:
        raise InsufficientAmount("amount_in", amount_in)

    balance_in = checked_uint(reserve_in + amount_in, "reserve", UINT112_MAX)
    balance_out = reserve_out - amount_out
    k_after = (balance_in * PIPS - amount_in * pool.fee_pips) * balance_out
    if k_after < reserve_in * reserve_out * PIPS:
        raise InvariantBroken(k_after, reserve_in * reserve_out * PIPS)

    if zero_for_one:
        return replace(pool, reserve0=balance_in, reserve1=balance_out)
    return replace(pool, reserve0=balance_out, reserve1=balance_in)


def amount_in_to_price(
    pool: ConstantProduct, numerator: int, denominator: int, zero_for_one: bool
) -> int:
    """The most that may go in before reserve1 / reserve0 passes the target.

    The target is numerator / denominator, raw token1 per raw token0. Floor; fees stay
    in the pool, so this solves g d^2 + x (1 + g) d = x y / r - x^2 for d, g = 1 - fee,
    r the target as y per x. Raises `PriceUnreachable` when the price is past it.
    """
    x, y, n, d = _oriented(pool, numerator, denominator, zero_for_one)
    if y * d < x * n:
        raise PriceUnreachable("token0" if zero_for_one else "token1")
    g = PIPS - pool.fee_pips
    root = isqrt(x * x * pool.fee_pips**2 + 4 * g * PIPS * x * y * d // n)
    return (root - x * (PIPS + g)) // (2 * g)


def amount_in_to_arbitrage(
    pool: ConstantProduct, numerator: int, denominator: int, zero_for_one: bool
) -> int:
    """What an arbitrageur sells until the next unit, fee paid, earns nothing; floor.

    The outside price is numerator / denominator, raw token1 per raw token0. 0 inside
    the band that the fee leaves: d = (sqrt(g x y / r) - x) / g.
    """
    x, y, n, d = _oriented(pool, numerator, denominator, zero_for_one)
    g = PIPS - pool.fee_pips
    root = isqrt(g * PIPS * x * y * d // n)
    return max(0, (root - PIPS * x) // g)


def _oriented(
    pool: ConstantProduct, numerator: int, denominator: int, zero_for_one: bool
) -> tuple[int, int, int, int]:
    """(reserve in, reserve out, n, d): n out per d in is the target."""
    if numerator <= 0 or denominator <= 0:
        raise InsufficientAmount("target price", min(numerator, denominator))
    x, y = _sides(pool, zero_for_one)
    if zero_for_one:
        return x, y, numerator, denominator
    return x, y, denominator, numerator


def pending_fee_liquidity(pool: ConstantProduct) -> int:
    """Liquidity the next mint or burn first gives the protocol, floor.

    A sixth of the growth of sqrt(k): S (r - r0) / (5 r + r0).
    """
    if not pool.fee_on or pool.k_last == 0:
        return 0
    root, root_last = isqrt(pool.reserve0 * pool.reserve1), isqrt(pool.k_last)
    if root <= root_last:
        return 0
    return pool.total_supply * (root - root_last) // (5 * root + root_last)


def _settled(
    pool: ConstantProduct, reserve0: int, reserve1: int, supply: int
) -> ConstantProduct:
    return replace(
        pool,
        reserve0=reserve0,
        reserve1=reserve1,
        total_supply=supply,
        k_last=reserve0 * reserve1 if pool.fee_on else 0,
    )


def mint(
    pool: ConstantProduct, amount0: int, amount1: int
) -> tuple[ConstantProduct, int]:
    """(pool afterwards, liquidity minted to the payer, floor).

    The first mint locks MINIMUM_LIQUIDITY. Raises `InsufficientAmount`,
    `UintRangeExceeded`.
    """
    supply = pool.total_supply + pending_fee_liquidity(pool)
    if supply == 0:
        minted = isqrt(amount0 * amount1) - MINIMUM_LIQUIDITY
        supply = MINIMUM_LIQUIDITY
    else:
        _sides(pool, True)
        share0 = amount0 * supply // pool.reserve0
        minted = min(share0, amount1 * supply // pool.reserve1)
    if minted <= 0:
        raise InsufficientAmount("liquidity", minted)

    reserve0, reserve1 = pool.reserve0 + amount0, pool.reserve1 + amount1
    return _settled(pool, reserve0, reserve1, supply + minted), minted


def burn(pool: ConstantProduct, liquidity: int) -> tuple[ConstantProduct, int, int]:
    """(pool afterwards, amount0, amount1 paid, floor).

    Raises `InsufficientAmount`, `InsufficientLiquidity`.
    """
    supply = pool.total_supply + pending_fee_liquidity(pool)
    if liquidity > pool.total_supply:
        raise InsufficientLiquidity("liquidity", liquidity, pool.total_supply + 1)
    if liquidity <= 0:
        raise InsufficientAmount("liquidity", liquidity)
    amount0 = liquidity * pool.reserve0 // supply
    amount1 = liquidity * pool.reserve1 // supply
    if amount0 == 0 or amount1 == 0:
        raise InsufficientAmount("amount", 0)

    reserve0, reserve1 = pool.reserve0 - amount0, pool.reserve1 - amount1
    return _settled(pool, reserve0, reserve1, supply - liquidity), amount0, amount1


def amounts_to_add(
    pool: ConstantProduct, desired0: int, desired1: int
) -> tuple[int, int]:
    """What Router02.addLiquidity takes of the desired amounts, floor.

    Raises `InsufficientAmount`.
    """
    if pool.reserve0 == 0 and pool.reserve1 == 0:
        return desired0, desired1
    if desired0 <= 0 or desired1 <= 0:
        raise InsufficientAmount("desired amount", min(desired0, desired1))
    reserve0, reserve1 = _sides(pool, True)
    amount1 = desired0 * reserve1 // reserve0
    if amount1 <= desired1:
        return desired0, amount1
    return desired1 * reserve0 // reserve1, desired1


def quote_out(
    pool: ConstantProduct, amounts_in: NDArray[np.float64], zero_for_one: bool
) -> NDArray[np.float64]:
    """Float `amount_out` of each amount, unrounded; for search, never for orders."""
    reserve_in, reserve_out = _sides(pool, zero_for_one)
    net = np.asarray(amounts_in, dtype=np.float64) * (1 - pool.fee_pips / PIPS)
    return net * float(reserve_out) / (float(reserve_in) + net)


def quote_in(
    pool: ConstantProduct, amounts_out: NDArray[np.float64], zero_for_one: bool
) -> NDArray[np.float64]:
    """Float `amount_in` of each amount, unrounded; infinite beyond the reserve."""
    reserve_in, reserve_out = _sides(pool, zero_for_one)
    out = np.asarray(amounts_out, dtype=np.float64)
    left = reserve_out - out
    net = float(reserve_in) * out / np.where(left > 0, left, np.nan)
    return np.where(left > 0, net / (1 - pool.fee_pips / PIPS), np.inf)
