# SPDX-License-Identifier: MIT
"""Liquidity positions: amounts, fees, value, impermanent loss, greeks and LVR."""

from math import inf, isqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.errors import InsufficientLiquidity, RangeInvalid
from steelyard.amm.lvr import concentrated_lvr_rate, constant_product_lvr_rate
from steelyard.amm.position import (
    fee_growth_inside_x128,
    fees_owed,
    impermanent_loss,
    liquidity_for_amounts,
    range_amounts_down,
    range_amounts_up,
    range_delta,
    range_gamma,
    range_value,
    share_amounts_down,
)
from steelyard.amm.tick_math import Q96, Q128, get_sqrt_ratio_at_tick
from steelyard.wad import UINT128_MAX, UintRangeExceeded

TICK = st.integers(-200_000, 200_000)
AMOUNT = st.integers(0, 10**27)
LOW, HIGH = isqrt(Q96 * Q96 * 100 // 110), isqrt(Q96 * Q96 * 110 // 100)


def test_share_amounts_down__pending_fee__dilutes_the_share() -> None:
    pool = ConstantProduct(
        reserve0=1_000_000,
        reserve1=4_000_000,
        total_supply=2_000_000,
        k_last=10**12,
        fee_on=True,
    )

    # 181,818 shares are due to the protocol: 1e6 / 2,181,818 of the reserves.
    assert share_amounts_down(pool, 1_000_000) == (458_333, 1_833_333)
    assert share_amounts_down(pool, 0) == (0, 0)
    with pytest.raises(InsufficientLiquidity):
        share_amounts_down(pool, 2_000_001)


def test_range_amounts__quarter_to_four__are_half_of_liquidity_each() -> None:
    low, high = Q96 // 2, Q96 * 2

    assert range_amounts_down(1000, Q96, low, high) == (500, 500)
    assert range_amounts_down(1000, low, low, high) == (1500, 0)
    assert range_amounts_down(1000, high, low, high) == (0, 1500)
    assert range_amounts_down(1000, high * 3, low, high) == (0, 1500)


def test_range_amounts__odd_liquidity__burn_floors_and_mint_ceils() -> None:
    low, high = Q96 // 2, Q96 * 2

    assert range_amounts_down(1001, Q96, low, high) == (500, 500)
    assert range_amounts_up(1001, Q96, low, high) == (501, 501)


def test_range_amounts__ends_swapped__raises() -> None:
    with pytest.raises(RangeInvalid, match="expected less than upper"):
        range_amounts_down(1, Q96, Q96, Q96)


@pytest.mark.parametrize(
    ("price_ratio", "liquidity"),
    # 100 / (1 - 1/sqrt 1.1) inside; below, only token0 counts; above, only token1.
    [((1, 1), 2148), ((99, 110), 1048), ((111, 100), 2097)],
)
def test_liquidity_for_amounts__ten_percent_range__is_the_scarcer_side(
    price_ratio: tuple[int, int], liquidity: int
) -> None:
    price = isqrt(Q96 * Q96 * price_ratio[0] // price_ratio[1])

    assert liquidity_for_amounts(price, LOW, HIGH, 100, 200) == liquidity


def test_liquidity_for_amounts__over_uint128__raises() -> None:
    with pytest.raises(UintRangeExceeded, match="liquidity is"):
        liquidity_for_amounts(Q96, Q96 + 1, Q96 + 2, 2**120, 0)


@given(tick=TICK, lower=TICK, upper=TICK, amount0=AMOUNT, amount1=AMOUNT)
def test_liquidity_for_amounts__any__never_needs_more_than_given(
    tick: int, lower: int, upper: int, amount0: int, amount1: int
) -> None:
    assume(lower < upper)
    price, low, high = map(get_sqrt_ratio_at_tick, (tick, lower, upper))

    liquidity = liquidity_for_amounts(price, low, high, amount0, amount1)

    used0, used1 = range_amounts_up(liquidity, price, low, high)
    paid0, paid1 = range_amounts_down(liquidity, price, low, high)
    assert used0 <= amount0
    assert used1 <= amount1
    assert 0 <= used0 - paid0 <= 2  # token0 is divided twice
    assert 0 <= used1 - paid1 <= 1


def test_fee_growth_inside__price_below_in_and_above__subtracts_outside() -> None:
    def inside(tick: int) -> int:
        return fee_growth_inside_x128(
            tick=tick,
            tick_lower=-10,
            tick_upper=10,
            global_x128=100,
            outside_lower_x128=30,
            outside_upper_x128=20,
        )

    assert inside(0) == 50
    assert inside(-11) == 10
    assert inside(10) == 2**256 - 10


def test_fees_owed__growth_wraps__counts_the_difference() -> None:
    assert fees_owed(10**18, 3 * Q128, 2 * Q128) == 10**18
    assert fees_owed(10**18, Q128 - 1, 2**256 - 1) == 10**18
    assert fees_owed(3, Q128 // 2, 0) == 1
    assert fees_owed(UINT128_MAX, 2 * Q128, 0) == 2**128 - 2


def test_range_value__full_range__is_twice_the_root() -> None:
    # L = 2000, price 4: holds 1000 of token0 (worth 4000) and 4000 of token1.
    assert range_value(2000.0, 4.0, 0.0, inf) == 8000.0
    assert range_delta(2000.0, 4.0, 0.0, inf) == 1000.0
    assert range_gamma(2000.0, 4.0, 0.0, inf) == -125.0


def test_range_value__inside_and_out__equals_the_amounts_held() -> None:
    low, high = Q96 // 2, Q96 * 2
    for root in (Q96 // 4, Q96 * 3 // 4, Q96, Q96 * 3):
        amount0, amount1 = range_amounts_down(10**18, root, low, high)
        price = (root / Q96) ** 2

        value = float(range_value(1e18, price, 0.25, 4.0))

        assert value == pytest.approx(amount0 * price + amount1, rel=1e-12)


@given(price=st.floats(0.3, 3.8), step=st.just(1e-5))
def test_range_greeks__inside__are_the_slopes_of_value(
    price: float, step: float
) -> None:
    around = np.array([price - step, price, price + step])

    value = range_value(1.0, around, 0.25, 4.0)

    slope = (value[2] - value[0]) / (2 * step)
    bend = (value[2] - 2 * value[1] + value[0]) / step**2
    assert slope == pytest.approx(float(range_delta(1.0, price, 0.25, 4.0)), abs=1e-8)
    assert bend == pytest.approx(float(range_gamma(1.0, price, 0.25, 4.0)), abs=1e-4)


def test_range_greeks__outside__are_flat() -> None:
    outside = np.array([0.1, 5.0])

    assert range_gamma(1.0, outside, 0.25, 4.0).tolist() == [0.0, 0.0]
    assert range_delta(1.0, outside, 0.25, 4.0).tolist() == [1.5, 0.0]


def test_impermanent_loss__price_quadruples__is_a_fifth() -> None:
    # 2 sqrt(4) / (1 + 4) - 1
    full = impermanent_loss(1.0, np.array([0.25, 1.0, 4.0]), 0.0, inf)

    assert full.tolist() == pytest.approx([-0.2, 0.0, -0.2])


@given(now=st.floats(0.01, 100.0), width=st.floats(1.01, 10.0))
def test_impermanent_loss__any_range__is_no_gain_and_worse_than_full(
    now: float, width: float
) -> None:
    narrow = float(impermanent_loss(1.0, now, 1 / width, width))

    assert narrow <= 1e-12
    assert narrow <= float(impermanent_loss(1.0, now, 0.0, inf)) + 1e-12


def test_lvr__full_range__is_an_eighth_of_variance() -> None:
    assert constant_product_lvr_rate(0.8) == pytest.approx(0.08)
    assert float(concentrated_lvr_rate(0.8, 1.7, 0.0, inf)) == pytest.approx(0.08)


def test_lvr__range_of_a_quarter_to_four__doubles_it() -> None:
    # sigma^2/4 · 1 / (2 - 1/2 - 1/2): half the capital earns the same fees and loss.
    rate = concentrated_lvr_rate(1.0, np.array([1.0, 0.2, 4.0]), 0.25, 4.0)

    assert rate.tolist() == pytest.approx([0.25, 0.0, 0.0])
    with pytest.raises(RangeInvalid):
        concentrated_lvr_rate(1.0, 1.0, 2.0, 2.0)


@given(price=st.floats(0.26, 3.9), sigma=st.floats(0.0, 3.0))
def test_lvr__inside_a_range__is_half_variance_times_dollar_gamma(
    price: float, sigma: float
) -> None:
    gamma = float(range_gamma(1.0, price, 0.25, 4.0))
    value = float(range_value(1.0, price, 0.25, 4.0))

    rate = float(concentrated_lvr_rate(sigma, price, 0.25, 4.0))

    assert rate == pytest.approx(sigma**2 * price**2 * -gamma / 2 / value)
