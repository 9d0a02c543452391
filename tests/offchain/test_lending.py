# SPDX-License-Identifier: MIT
"""Aave rates and indexes, and ERC-4626 shares: by hand and by property."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.lending import (
    RAY,
    SECONDS_PER_YEAR,
    AaveReserve,
    Erc4626,
    LiquidityShort,
    ScaledAmountZero,
    assets_of_scaled,
    assets_of_shares_down,
    assets_of_shares_up,
    borrow_rate_ray,
    borrow_usage_ray,
    compound_interest_ray,
    linear_interest_ray,
    normalized_debt_ray,
    normalized_income_ray,
    percent_mul,
    ray_div,
    ray_mul,
    scaled_of_assets,
    shares_of_assets_down,
    shares_of_assets_up,
    supply_rate,
    supply_rate_ray,
    total_debt,
    with_liquidity,
)
from steelyard.wad import UINT256_MAX, DivisionByZero, UintRangeExceeded

PERCENT = RAY // 100
RESERVE = AaveReserve(
    index_ray=RAY,
    available_liquidity=600_000,
    total_variable_debt=400_000,
    reserve_factor_bps=1000,
    optimal_usage_ray=80 * PERCENT,
    base_rate_ray=0,
    slope1_ray=4 * PERCENT,
    slope2_ray=60 * PERCENT,
)
RESERVES = st.builds(
    AaveReserve,
    index_ray=st.integers(RAY, 10 * RAY),
    available_liquidity=st.integers(1, 10**27),
    total_variable_debt=st.integers(0, 10**27),
    total_stable_debt=st.integers(0, 10**25),
    average_stable_rate_ray=st.integers(0, RAY // 5),
    unbacked=st.integers(0, 10**24),
    reserve_factor_bps=st.integers(0, 10**4),
    optimal_usage_ray=st.integers(RAY // 100, RAY),
    base_rate_ray=st.integers(0, RAY // 10),
    slope1_ray=st.integers(0, RAY // 10),
    slope2_ray=st.integers(0, 3 * RAY),
)


def test_ray__half__rounds_up() -> None:
    assert ray_mul(1, RAY // 2) == 1
    assert ray_mul(1, RAY // 2 - 1) == 0
    assert ray_div(1, 2 * RAY) == 1
    assert ray_div(1, 2 * RAY + 1) == 0
    assert percent_mul(1, 5000) == 1
    assert percent_mul(1, 4999) == 0


def test_ray__overflow_or_zero__raises() -> None:
    with pytest.raises(UintRangeExceeded):
        ray_mul(UINT256_MAX, 2)
    with pytest.raises(UintRangeExceeded):
        ray_div(UINT256_MAX, RAY)
    with pytest.raises(UintRangeExceeded):
        percent_mul(UINT256_MAX, 2)
    with pytest.raises(DivisionByZero, match="y_ray is 0"):
        ray_div(1, 0)


def test_rates__two_fifths_used__are_half_way_to_the_kink() -> None:
    assert borrow_usage_ray(RESERVE) == 40 * PERCENT
    assert borrow_rate_ray(RESERVE) == 2 * PERCENT
    # 2 % · 40 % · 90 %
    assert supply_rate_ray(RESERVE) == 72 * PERCENT // 100


def test_rates__nine_tenths_used__climb_the_second_slope() -> None:
    tight = replace(RESERVE, available_liquidity=100_000, total_variable_debt=900_000)

    # 4 % + 60 % · (90 - 80) / (100 - 80)
    assert borrow_rate_ray(tight) == 34 * PERCENT
    assert supply_rate_ray(tight) == ray_mul(34 * PERCENT, 90 * PERCENT) * 9 // 10


def test_rates__stable_debt__weighs_in() -> None:
    mixed = replace(
        RESERVE,
        total_variable_debt=300_000,
        total_stable_debt=100_000,
        average_stable_rate_ray=6 * PERCENT,
    )

    # (3 · 2 % + 6 %) / 4 = 3 %; · 40 % · 90 %
    assert supply_rate_ray(mixed) == 108 * PERCENT // 100


def test_rates__no_debt__are_base_and_zero() -> None:
    idle = replace(RESERVE, total_variable_debt=0, base_rate_ray=PERCENT)

    assert borrow_rate_ray(idle) == PERCENT
    assert supply_rate_ray(idle) == 0
    assert supply_rate(idle, np.array([0.0, 5.0])).tolist() == [0.0, 0.0]


def test_with_liquidity__more_than_available__raises() -> None:
    assert with_liquidity(RESERVE, -600_000).available_liquidity == 0
    with pytest.raises(LiquidityShort, match="600001, expected at most 600000"):
        with_liquidity(RESERVE, -600_001)


def test_aave_reserve__share_or_index_too_large__raises() -> None:
    with pytest.raises(UintRangeExceeded, match="reserve_factor_bps is 10001"):
        replace(RESERVE, reserve_factor_bps=10_001)
    with pytest.raises(UintRangeExceeded, match="optimal_usage_ray is"):
        replace(RESERVE, optimal_usage_ray=RAY + 1)
    with pytest.raises(UintRangeExceeded, match="index_ray is"):
        replace(RESERVE, index_ray=2**128)


def test_supply_rate__size_doubles_the_pool__quarters_the_rate() -> None:
    # Below the kink the rate goes with usage squared.
    rates = supply_rate(RESERVE, np.array([0.0, 1e6, -600_001.0]))

    assert rates[:2].tolist() == pytest.approx([0.0072, 0.0018])
    assert np.isnan(rates[2])


@given(reserve=RESERVES, extra=st.integers(0, 10**27))
def test_supply_rate__any__equals_the_exact_rate(
    reserve: AaveReserve, extra: int
) -> None:
    exact = supply_rate_ray(with_liquidity(reserve, extra)) / RAY

    # Aave weighs rates by debts in 1e9 of a raw unit, and rounds to those
    rounding = 1e-12 + 1e-9 / max(total_debt(reserve), 1)
    assert float(supply_rate(reserve, extra)) == pytest.approx(exact, abs=rounding)


@given(reserve=RESERVES, more=st.integers(0, 10**27))
def test_invariant__supplying_more__never_raises_the_rate(
    reserve: AaveReserve, more: int
) -> None:
    variable = replace(reserve, total_stable_debt=0, unbacked=0)

    after = supply_rate_ray(with_liquidity(variable, more))

    assert after <= supply_rate_ray(variable) + 10  # half-up roundings, in 1e-27


def test_linear_interest__one_year__adds_the_rate() -> None:
    assert linear_interest_ray(5 * PERCENT, SECONDS_PER_YEAR) == 105 * PERCENT
    assert linear_interest_ray(5 * PERCENT, 0) == RAY
    assert normalized_income_ray(2 * RAY, 5 * PERCENT, SECONDS_PER_YEAR) == (
        210 * PERCENT
    )


def test_compound_interest__one_year__is_three_terms_of_e() -> None:
    # 1 + 0.1 + 0.1^2/2 + 0.1^3/6; Aave cuts the last term's rate to two digits.
    growth = compound_interest_ray(10 * PERCENT, SECONDS_PER_YEAR) / RAY

    assert growth == pytest.approx(1.1051666, abs=5e-6)
    assert compound_interest_ray(10 * PERCENT, 0) == RAY
    assert normalized_debt_ray(RAY, 10 * PERCENT, 1) == (
        RAY + 10 * PERCENT // SECONDS_PER_YEAR
    )


def test_scaled__supply_at_index_one_and_a_half__rounds_half_up() -> None:
    index_ray = 3 * RAY // 2

    assert scaled_of_assets(100, index_ray) == 67
    assert assets_of_scaled(67, index_ray) == 101  # 100.5: a supplier may gain one
    with pytest.raises(ScaledAmountZero, match="assets is 0"):
        scaled_of_assets(0, index_ray)


@given(assets=st.integers(1, 2**100), index_ray=st.integers(RAY, 10 * RAY))
def test_scaled__there_and_back__is_within_half_an_index(
    assets: int, index_ray: int
) -> None:
    scaled = ray_div(assets, index_ray)

    assert (
        abs(assets_of_scaled(scaled, index_ray) - assets) <= index_ray // RAY // 2 + 1
    )


def test_erc4626__third_of_a_share__rounds_as_named() -> None:
    vault = Erc4626(total_assets=2, total_supply=0)  # 3 virtual assets a virtual share

    assert (shares_of_assets_down(vault, 10), shares_of_assets_up(vault, 10)) == (3, 4)
    assert (assets_of_shares_down(vault, 3), assets_of_shares_up(vault, 3)) == (9, 9)


def test_erc4626__offset__scales_the_first_shares() -> None:
    vault = Erc4626(total_assets=0, total_supply=0, decimals_offset=6)

    assert shares_of_assets_down(vault, 5) == 5 * 10**6
    assert assets_of_shares_down(vault, 10**6 - 1) == 0
    assert assets_of_shares_up(vault, 10**6 - 1) == 1


@given(
    total_assets=st.integers(0, 10**30),
    total_supply=st.integers(0, 10**30),
    offset=st.integers(0, 12),
    assets=st.integers(0, 10**30),
)
def test_invariant__erc4626_deposit_then_redeem__never_profits(
    total_assets: int, total_supply: int, offset: int, assets: int
) -> None:
    vault = Erc4626(
        total_assets=total_assets, total_supply=total_supply, decimals_offset=offset
    )

    shares = shares_of_assets_down(vault, assets)

    assert assets_of_shares_up(vault, shares) <= assets
    assert shares_of_assets_up(vault, assets) - shares in (0, 1)
