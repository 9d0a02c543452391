# SPDX-License-Identifier: MIT
"""Fair value: oracle prices decide, the pool's own price never does."""

from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.errors import RangeInvalid, SqrtPriceOutOfRange, TickOutOfRange
from steelyard.amm.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO, Q96
from steelyard.fair import (
    concentrated_amounts,
    constant_product_amounts,
    deviation_wad_up,
    sqrt_price_x96,
    value_down,
    value_up,
)
from steelyard.wad import (
    E36,
    UINT256_MAX,
    WAD,
    DivisionByZero,
    UintRangeExceeded,
)

PRICE = st.integers(10**20, 10**52)
RESERVE = st.integers(1, 2**112 - 1)


def share(
    reserve0: int,
    reserve1: int,
    *,
    liquidity: int = 1_000_000,
    total_supply: int = 2_000_000,
    k_last: int = 0,
    fee_on: bool = False,
    price0_e36: int = 4 * E36,
    price1_e36: int = E36,
) -> tuple[int, int]:
    pool = ConstantProduct(
        reserve0=reserve0,
        reserve1=reserve1,
        total_supply=total_supply,
        k_last=k_last,
        fee_on=fee_on,
    )
    return constant_product_amounts(pool, liquidity, price0_e36, price1_e36)


def test_sqrt_price_x96__four_to_one__is_two() -> None:
    assert sqrt_price_x96(4 * E36, E36) == 2 * Q96
    assert sqrt_price_x96(E36, 4 * E36) == Q96 // 2


def test_sqrt_price_x96__both_sides_of_2_to_the_64__meet() -> None:
    assert sqrt_price_x96(2**64 * 5, 5) == 2**32 * Q96
    below = sqrt_price_x96(2**64 * 5 - 1, 5)
    assert below == isqrt((2**64 * 5 - 1) * 2**192 // 5)
    assert (
        sqrt_price_x96(2**70 * 5 + 3, 5) == isqrt((2**70 * 5 + 3) * 2**128 // 5) << 32
    )


def test_sqrt_price_x96__widest_price__stays_inside_the_ticks() -> None:
    assert MIN_SQRT_RATIO <= sqrt_price_x96(1, 2**127) < Q96
    assert Q96 < sqrt_price_x96(2**127, 1) < MAX_SQRT_RATIO


@pytest.mark.parametrize("prices", [(0, E36), (1, 2**130), (2**128 - 1, 1)])
def test_sqrt_price_x96__beyond_the_ticks__raises(prices: tuple[int, int]) -> None:
    with pytest.raises(SqrtPriceOutOfRange):
        sqrt_price_x96(*prices)


def test_sqrt_price_x96__price_zero_or_too_wide__raises() -> None:
    with pytest.raises(DivisionByZero, match="price1_e36 is 0"):
        sqrt_price_x96(E36, 0)
    with pytest.raises(UintRangeExceeded, match="price0_e36 is"):
        sqrt_price_x96(2**256, 1)
    with pytest.raises(UintRangeExceeded, match="quotient is"):
        sqrt_price_x96(2**128, 1)


@given(price0=PRICE, price1=PRICE)
def test_sqrt_price_x96__any__is_the_root_of_the_ratio(
    price0: int, price1: int
) -> None:
    assume(2**-100 < Fraction(price0, price1) < 2**100)

    root = Fraction(sqrt_price_x96(price0, price1), Q96)

    # 2^-46 relative at the least root the assumption lets in, less elsewhere.
    assert root**2 <= Fraction(price0, price1) < (root * (1 + Fraction(1, 2**44))) ** 2


def test_constant_product_amounts__pool_at_its_fair_price__are_its_reserves() -> None:
    assert share(1_000_000, 4_000_000) == (500_000, 2_000_000)


def test_constant_product_amounts__pool_pushed_away__stay_the_same() -> None:
    # 4,000,000 · 1,000,000 has the same product.
    assert share(4_000_000, 1_000_000) == share(1_000_000, 4_000_000)


def test_constant_product_amounts__pending_fee__dilutes() -> None:
    with_fee = share(1_000_000, 4_000_000, k_last=10**12, fee_on=True)

    assert with_fee == (458_333, 1_833_333)
    assert share(1_000_000, 4_000_000, k_last=10**12) == (500_000, 2_000_000)


def test_constant_product_amounts__nothing_held__is_zero() -> None:
    assert share(0, 0, liquidity=0, total_supply=0) == (0, 0)
    with pytest.raises(DivisionByZero, match="total_supply is 0"):
        share(0, 0, total_supply=0)


@given(
    reserve0=st.integers(10**9, 10**30),
    reserve1=st.integers(10**9, 10**30),
    price0=st.integers(10**30, 10**42),
    price1=st.integers(10**30, 10**42),
)
def test_invariant__fair_value__is_never_over_the_value_at_spot(
    reserve0: int, reserve1: int, price0: int, price1: int
) -> None:
    fair = share(
        reserve0,
        reserve1,
        liquidity=1,
        total_supply=1,
        price0_e36=price0,
        price1_e36=price1,
    )

    # The root of the price is floored at 2^-96: token0 reads high by as little.
    held = reserve0 * price0 + reserve1 * price1
    worth = fair[0] * price0 + fair[1] * price1
    assert worth <= held + held // 2**70


def test_concentrated_amounts__below_inside_above__pass_from_token0_to_token1() -> None:
    low = concentrated_amounts(10**18, -60, 60, MIN_SQRT_RATIO)
    mid = concentrated_amounts(10**18, -60, 60, Q96)
    high = concentrated_amounts(10**18, -60, 60, MAX_SQRT_RATIO - 1)

    # 1e18 · (1.0001^30 - 1/1.0001^30) in all; half of it, nearly, at the middle.
    assert low[1] == high[0] == 0
    assert abs(low[0] - high[1]) <= 1
    assert abs(mid[0] - mid[1]) <= 1
    assert low[0] == pytest.approx(1e18 * (1.0001**30 - 1.0001**-30), rel=1e-9)


def test_concentrated_amounts__bad_range_or_price__raises() -> None:
    with pytest.raises(RangeInvalid):
        concentrated_amounts(1, 60, 60, Q96)
    with pytest.raises(TickOutOfRange):
        concentrated_amounts(1, -887273, 60, Q96)
    with pytest.raises(SqrtPriceOutOfRange):
        concentrated_amounts(1, -60, 60, 1)


def test_value__half_a_unit__rounds_as_named() -> None:
    assert value_down(3, E36 // 2) == 1
    assert value_up(3, E36 // 2) == 2
    # 1.5 ETH of 18 decimals at 2000 USDC of 6: 2000e6 / 1e18 raw per raw.
    assert value_down(3 * 10**18 // 2, 2000 * 10**24) == 3000 * 10**6


def test_deviation__a_quarter_off__counts_both_directions_alike() -> None:
    # Roots 2 and 1: price four times as high.
    assert deviation_wad_up(2 * Q96, Q96) == 3 * WAD
    assert deviation_wad_up(Q96, 2 * Q96) == 3 * WAD
    assert deviation_wad_up(Q96, Q96) == 0
    # (1 + 1e-18)^2 - 1, ceiling: 2 and a rest.
    assert deviation_wad_up(Q96 + 1, Q96) == 3


def test_deviation__nothing_to_compare__is_the_most() -> None:
    assert deviation_wad_up(0, Q96) == UINT256_MAX
    assert deviation_wad_up(2**160, 1) == UINT256_MAX


@given(liquidity=st.integers(0, 2**100), reserve=RESERVE)
def test_constant_product_amounts__share_of_all__is_at_most_all(
    liquidity: int, reserve: int
) -> None:
    part = share(reserve, reserve, liquidity=liquidity, total_supply=2**100)

    assert part[0] <= reserve // 2
    assert part[1] <= reserve * 2
