# SPDX-License-Identifier: MIT
"""What liquidity positions are worth at oracle prices: twins of the adapters.

A pool's spot price can be moved by anyone; the amounts here depend only on the
invariant (or the range) and on prices given by the vault's oracle.

UNITS     `price*_e36`: asset raw units per raw token unit · 1e36. Amounts raw.
ROUNDING  Every division and square root floor, in the order written: the Solidity
          does the same.
SOURCE    Alpha Finance, "Fair Uniswap's LP token pricing" (2021), for the invariant.
"""

from collections.abc import Iterable
from math import isqrt

from steelyard.amm.constant_product import ConstantProduct, pending_fee_liquidity
from steelyard.amm.position import range_amounts_down
from steelyard.amm.tick_math import (
    Q96,
    Q128,
    Q192,
    check_sqrt_price,
    get_sqrt_ratio_at_tick,
)
from steelyard.state import RangeState
from steelyard.wad import (
    E36,
    UINT256_MAX,
    WAD,
    DivisionByZero,
    checked_uint,
    div_wad_up,
    mul_div_down,
    mul_div_up,
    mul_wad_up,
)


def sqrt_price_x96(price0_e36: int, price1_e36: int) -> int:
    """sqrt(price0 / price1) · 2^96, floor: the pool price that the oracle implies.

    Under 2^64: isqrt(mulDiv(price0, 2^192, price1)); from there on
    isqrt(mulDiv(price0, 2^128, price1)) << 32, so that the quotient fits uint256.
    Raises `SqrtPriceOutOfRange`, `DivisionByZero`, `UintRangeExceeded`.
    """
    checked_uint(price0_e36, "price0_e36")
    checked_uint(price1_e36, "price1_e36")
    if price1_e36 == 0:
        raise DivisionByZero("price1_e36")
    if price0_e36 // price1_e36 < 2**64:
        root_x96 = isqrt(mul_div_down(price0_e36, Q192, price1_e36))
    else:
        root_x96 = isqrt(mul_div_down(price0_e36, Q128, price1_e36)) << 32
    check_sqrt_price(root_x96)
    return root_x96


def constant_product_amounts(
    pool: ConstantProduct, liquidity: int, price0_e36: int, price1_e36: int
) -> tuple[int, int]:
    """(token0, token1) of a v2 share, were the pool at the oracle's price.

    s = sqrt_price_x96; k' = isqrt(reserve0 · reserve1);
    fair0 = mulDiv(k', 2^96, s); fair1 = mulDiv(k', s, 2^96);
    amount = mulDiv(fair, liquidity, supply), supply grown by the protocol's pending
    fee. (0, 0) for no liquidity. Raises as `sqrt_price_x96`; `DivisionByZero` for no
    supply.
    """
    if liquidity == 0:
        return 0, 0
    supply = pool.total_supply + pending_fee_liquidity(pool)
    if supply == 0:
        raise DivisionByZero("total_supply")

    root_x96 = sqrt_price_x96(price0_e36, price1_e36)
    root_k = isqrt(pool.reserve0 * pool.reserve1)
    fair0 = mul_div_down(root_k, Q96, root_x96)
    fair1 = mul_div_down(root_k, root_x96, Q96)
    return (
        mul_div_down(fair0, liquidity, supply),
        mul_div_down(fair1, liquidity, supply),
    )


def concentrated_amounts(
    liquidity: int, tick_lower: int, tick_upper: int, sqrt_price_x96: int
) -> tuple[int, int]:
    """(token0, token1) that a v3 burn would pay at `sqrt_price_x96`, fees apart.

    SqrtPriceMath.getAmount0Delta and getAmount1Delta with roundUp false. Raises
    `TickOutOfRange`, `RangeInvalid`, `SqrtPriceOutOfRange`.
    """
    check_sqrt_price(sqrt_price_x96)
    return range_amounts_down(
        liquidity,
        sqrt_price_x96,
        get_sqrt_ratio_at_tick(tick_lower),
        get_sqrt_ratio_at_tick(tick_upper),
    )


def ranges_amounts(
    ranges: Iterable[RangeState], price0_e36: int, price1_e36: int
) -> tuple[int, int]:
    """(token0, token1) of v3 ranges at the oracle's prices, uncollected fees with them.

    Raises as `sqrt_price_x96` and `concentrated_amounts`.
    """
    root_x96 = sqrt_price_x96(price0_e36, price1_e36)
    total0 = total1 = 0
    for r in ranges:
        amount0, amount1 = concentrated_amounts(
            r.liquidity, r.tick_lower, r.tick_upper, root_x96
        )
        total0 += amount0 + r.fees[0]
        total1 += amount1 + r.fees[1]
    return total0, total1


def value_down(amount: int, price_e36: int) -> int:
    """floor(amount · price / 1e36), asset raw units."""
    return mul_div_down(amount, price_e36, E36)


def value_up(amount: int, price_e36: int) -> int:
    """ceil(amount · price / 1e36), asset raw units."""
    return mul_div_up(amount, price_e36, E36)


def deviation_wad_up(spot_x96: int, fair_x96: int) -> int:
    """|spot / fair - 1| of the prices behind two square roots, ceiling of ceilings.

    The larger is divided by the smaller, so both directions count alike. UINT256_MAX
    when a root is 0 or their ratio is over 2^120 / 1e18.
    """
    low, high = sorted((spot_x96, fair_x96))
    if low == 0:
        return UINT256_MAX
    root_wad = div_wad_up(high, low)
    if root_wad > 2**120:
        return UINT256_MAX
    return mul_wad_up(root_wad, root_wad) - WAD
