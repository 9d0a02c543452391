# SPDX-License-Identifier: MIT
"""Expected value, loss, vega, Greeks, fees and LVR of positions."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.expected import expected_loss, expected_value, pair, vega
from steelyard.amm.greeks import greeks
from steelyard.amm.holding import (
    Holding,
    RangeHolding,
    StableHolding,
    WeightedHolding,
    amounts,
    bends,
    value,
)
from steelyard.amm.lp_fees import (
    fee_income,
    full_range_liquidity,
    range_liquidity,
    share_of_liquidity,
)
from steelyard.amm.lvr import (
    concentrated_lvr_rate,
    constant_product_lvr_rate,
    lvr_rate,
    numerical_lvr_rate,
    weighted_lvr_rate,
)

FULL = RangeHolding(liquidity=1000.0)
RANGE = RangeHolding(liquidity=1000.0, lower=0.8, upper=1.3)
LEAN = WeightedHolding(invariant=1000.0, weights=(0.8, 0.2))
STABLE = StableHolding(invariant=1000.0, amplification=20.0)
ALL = (FULL, RANGE, LEAN, STABLE)
IDS = ("full", "range", "weighted", "stable")
PATHS = 400_000


def simulated(sigma: float, years: float, drift: float) -> np.ndarray:
    normal = np.random.default_rng(11).standard_normal(PATHS // 2)
    normal = np.concatenate([normal, -normal])
    return np.exp((drift - sigma**2 / 2) * years + sigma * years**0.5 * normal)


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@pytest.mark.parametrize("drift", [0.0, 0.4])
def test_expected_value__simulated_prices__agree(
    holding: Holding, drift: float
) -> None:
    worth = value(holding, pair(simulated(0.6, 0.5, drift)))

    found = expected_value(holding, 1.0, sigma=0.6, years=0.5, drift=drift)

    # antithetic draws cancel most of the slope: four deviations is ample
    assert found == pytest.approx(worth.mean(), abs=4 * worth.std() / PATHS**0.5)


def test_expected_value__full_range__shrinks_by_an_eighth_of_variance() -> None:
    # 2 L e^(-sigma^2 T / 8)
    found = expected_value(FULL, 1.0, sigma=0.8, years=2.0)

    assert found == pytest.approx(2000 * np.exp(-0.16))
    even = WeightedHolding(invariant=1000.0, weights=(0.5, 0.5))
    assert expected_value(even, 1.0, sigma=0.8, years=2.0) == pytest.approx(found)


def test_expected_value__very_wide_range__is_the_full_one() -> None:
    wide = RangeHolding(liquidity=1000.0, lower=1e-12, upper=1e12)
    for drift in (-0.5, 0.0, 0.5):
        law = {"sigma": 0.8, "years": 0.7, "drift": drift}
        assert expected_value(wide, 1.0, **law) == pytest.approx(
            expected_value(FULL, 1.0, **law), rel=2e-6
        )


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@settings(deadline=None)
@given(sigma=st.floats(0.05, 2.0), years=st.floats(0.01, 2.0), drift=st.floats(-1, 1))
def test_expected_loss__any_law__is_no_gain(
    holding: Holding, sigma: float, years: float, drift: float
) -> None:
    loss = expected_loss(holding, 1.0, sigma=sigma, years=years, drift=drift)

    assert loss >= -1e-9


@pytest.mark.parametrize("holding", ALL, ids=IDS)
def test_expected_loss__no_drift__is_lvr_along_the_way(holding: Holding) -> None:
    # Ito: E[V] falls by half sigma^2 E[P^2 |V''|] per year
    sigma, years = 0.6, 0.5
    nodes, weights = np.polynomial.legendre.leggauss(40)
    rates = []
    for u in (nodes + 1) / 2:
        short = {"sigma": sigma, "years": years * u**2}
        # vega = sigma t E[P^2 V''], at each time t
        rates.append(
            -vega(holding, 1.0, **short) * sigma / 2 / (sigma * short["years"])
        )
    total = float(weights / 2 @ (np.array(rates) * (nodes + 1))) * years * sigma

    loss = expected_loss(holding, 1.0, sigma=sigma, years=years)

    assert loss == pytest.approx(total, rel=2e-5)


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@pytest.mark.parametrize("drift", [0.0, 0.4])
def test_vega__any_curve__is_the_slope_of_expected_value(
    holding: Holding, drift: float
) -> None:
    law = {"years": 0.5, "drift": drift}
    up = expected_value(holding, 1.0, sigma=0.6001, **law)
    down = expected_value(holding, 1.0, sigma=0.5999, **law)

    found = vega(holding, 1.0, sigma=0.6, **law)

    assert found == pytest.approx((up - down) / 2e-4, rel=1e-5)
    assert found < 0


@pytest.mark.parametrize("holding", ALL, ids=IDS)
def test_greeks__any_curve__are_slopes_of_value(holding: Holding) -> None:
    step = 1e-4
    around = value(holding, pair(np.array([1 - step, 1.0, 1 + step])))

    found = greeks(holding, 1.0, sigma=0.6, years=0.5, fees_per_year=300.0)

    assert found.delta0 == pytest.approx((around[2] - around[0]) / (2 * step), rel=1e-6)
    bend = (around[2] - 2 * around[1] + around[0]) / step**2
    assert found.gamma == pytest.approx(bend, rel=1e-4)
    assert found.gamma_per_percent == pytest.approx(bend / 100, rel=1e-4)
    assert found.delta0 + found.delta1 == pytest.approx(float(around[1]))
    assert found.decay == pytest.approx(-0.18 * bend, rel=1e-4)
    assert found.theta == pytest.approx(300.0 - found.decay)


def test_greeks__full_range_at_four__by_hand() -> None:
    # L = 1000 at 4: gamma is -L / (2 P^1.5) = -62.5, so 1 % of 4 sells 2.5
    found = greeks(FULL, 4.0, sigma=0.5, years=1.0)

    assert (found.delta0, found.delta1) == pytest.approx((500.0, 2000.0))
    assert found.gamma == pytest.approx(-62.5)
    assert found.gamma_per_percent == pytest.approx(-2.5)
    # half · 0.25 · 16 · 62.5
    assert found.decay == pytest.approx(125.0)


def test_greeks__fair_fees_of_a_full_range__leave_no_theta() -> None:
    # worth 2000: LVR is sigma^2 / 8 of it, 160 at 0.8
    found = greeks(FULL, 1.0, sigma=0.8, years=1.0, fees_per_year=160.0)

    assert found.theta == pytest.approx(0.0, abs=1e-9)


@settings(deadline=None)
@given(sigma=st.floats(0.01, 3.0), price=st.floats(0.01, 100.0))
def test_lvr_rate__full_range__is_an_eighth_of_variance(
    sigma: float, price: float
) -> None:
    covariance = np.diag([sigma**2, 0.0])

    for rate in (
        float(lvr_rate(FULL, pair(price), covariance)),
        weighted_lvr_rate(sigma, 0.5),
        constant_product_lvr_rate(sigma),
        float(numerical_lvr_rate(lambda p: value(FULL, pair(p)), sigma, price)),
    ):
        assert rate == pytest.approx(sigma**2 / 8, rel=1e-5)


@pytest.mark.parametrize("price", [0.9, 1.0, 1.2])
def test_lvr_rate__every_curve__is_that_of_second_differences(price: float) -> None:
    covariance = np.diag([0.49, 0.0])
    for holding in ALL:
        numerical = numerical_lvr_rate(
            lambda p, h=holding: value(h, pair(p)), 0.7, price
        )
        assert float(lvr_rate(holding, pair(price), covariance)) == pytest.approx(
            float(numerical), rel=1e-4
        )
    assert float(lvr_rate(LEAN, pair(price), covariance)) == pytest.approx(
        weighted_lvr_rate(0.7, 0.8)
    )
    assert float(lvr_rate(RANGE, pair(price), covariance)) == pytest.approx(
        float(concentrated_lvr_rate(0.7, price, 0.8, 1.3))
    )


def test_lvr_rate__three_tokens__is_half_of_weighted_less_portfolio_variance() -> None:
    # half (sum w_i s_ii - w' S w): here 0.5 · 0.5 + 0.3 · 0.25 and covariance 0.1
    weights = np.array([0.5, 0.3, 0.2])
    holding = WeightedHolding(invariant=1.0, weights=tuple(weights))
    covariance = np.array([[0.5, 0.1, 0.0], [0.1, 0.25, 0.0], [0.0, 0.0, 0.0]])

    rate = float(lvr_rate(holding, [3.0, 2.0, 1.0], covariance))

    expected = (weights @ np.diag(covariance) - weights @ covariance @ weights) / 2
    assert rate == pytest.approx(expected)


def test_lvr_rate__both_prices_move_as_one__is_nothing() -> None:
    together = np.full((2, 2), 0.64)

    for holding in ALL:
        assert float(lvr_rate(holding, pair(1.0), together)) == pytest.approx(
            0.0, abs=1e-9
        )


def test_share_of_liquidity__own_and_others__by_hand() -> None:
    shares = share_of_liquidity([0.0, 1.0, 3.0], 1.0)

    assert shares.tolist() == [0.0, 0.5, 0.75]
    assert share_of_liquidity([0.0, 2.0], 0.0).tolist() == [0.0, 1.0]
    with pytest.raises(PoolFieldInvalid, match="pool liquidity is -1"):
        share_of_liquidity(1.0, -1.0)


def test_fee_income__a_quarter_of_liquidity_half_the_time__by_hand() -> None:
    # 1,000,000 a year at 0.3 %: 3,000, of which 1/4 · 1/2
    income = fee_income(
        volume_per_year=1e6, fee=0.003, own=1.0, others=3.0, time_in_range=0.5
    )

    assert float(income) == pytest.approx(375.0)


def test_fee_income__twice_the_size__earns_less_than_twice() -> None:
    incomes = fee_income(
        volume_per_year=1e6, fee=0.003, own=np.array([1.0, 2.0, 1e9]), others=3.0
    )

    assert incomes[0] < incomes[1] < 2 * incomes[0]
    assert incomes[2] == pytest.approx(3000.0)


@settings(deadline=None)
@given(price=st.floats(0.1, 10.0), worth=st.floats(1.0, 1e6))
def test_range_liquidity__any_price__is_worth_what_was_paid(
    price: float, worth: float
) -> None:
    liquidity = float(range_liquidity(worth, price, 0.8, 1.3))

    bought = RangeHolding(liquidity=liquidity, lower=0.8, upper=1.3)
    assert float(value(bought, pair(price))) == pytest.approx(worth)
    assert float(range_liquidity(worth, price, 0.0, inf)) == pytest.approx(
        full_range_liquidity(worth, price)
    )


def test_amounts_and_bends__pair__are_those_of_both_prices() -> None:
    assert amounts(LEAN, pair(2.0)) == pytest.approx(amounts(LEAN, [2.0, 1.0]))
    assert bends(LEAN, pair([1.0, 2.0])).shape == (2, 2, 2)
