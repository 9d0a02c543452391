# SPDX-License-Identifier: MIT
"""Proofs hold for any weights and any prices, not for those of a solver alone."""

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from portfolio_cases import dense_case, factor_case, short_case
from quadratic_cases import hostile_case, long_only

from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.models import LargestRatio, MeanRisk
from steelyard.optimize.quadratic.certificates import (
    RatioClaim,
    limited_bound,
    point_of,
    quadratic_bound,
    ratio_bound,
    rounding,
)
from steelyard.optimize.quadratic.inputs import is_convex
from steelyard.optimize.quadratic.least import least_risk
from steelyard.optimize.quadratic.ratio import largest_ratio


def allowed(seeds):
    """Portfolios, some of what each allows, and where chance comes from."""
    for seed in range(seeds):
        portfolio = hostile_case(seed)
        with contextlib.suppress(SolveFailed):
            weights = least_risk(portfolio, MeanRisk()).weights
            yield portfolio, weights, np.random.default_rng(seed)


def test_quadratic_bound__any_point_and_prices__never_above_what_is_allowed():
    for portfolio, weights, generator in allowed(80):
        covariance, gains = portfolio.covariance, portfolio.expected_returns
        value = 1.5 * weights @ covariance @ weights - gains @ weights

        for _ in range(10):
            bound = quadratic_bound(
                portfolio.polytope,
                point_of(covariance, generator.normal(size=len(gains))),
                curvature=3.0,
                gains=gains,
                row_prices=generator.normal(0, 0.01, len(portfolio.polytope.bounds)),
            )

            assert bound <= value + 1e-12


def test_limited_bound__any_point_and_prices__never_above_what_is_allowed():
    for portfolio, weights, generator in allowed(80):
        covariance, gains = portfolio.covariance, portfolio.expected_returns
        limit = float(np.sqrt(max(weights @ covariance @ weights, 0.0))) + 1e-9

        for price in generator.exponential(10.0, 10):
            bound = limited_bound(
                portfolio.polytope,
                point_of(covariance, generator.normal(size=len(gains))),
                limit=limit,
                price=price,
                gains=gains,
                row_prices=generator.normal(0, 0.01, len(portfolio.polytope.bounds)),
            )

            assert bound <= -gains @ weights + 1e-12


@pytest.mark.parametrize("case", [factor_case, dense_case, short_case])
def test_ratio_bound__prices_that_are_off__above_the_best_ratio(case):
    portfolio = case(40, seed=3)
    gains, covariance = portfolio.expected_returns, portfolio.covariance
    found = largest_ratio(portfolio, MeanRisk(goal=LargestRatio()))
    least = least_risk(portfolio, MeanRisk()).weights
    volatility = np.sqrt(found.weights @ covariance @ found.weights)

    for off in (0.0, 0.9, 1.1):
        for weights in (found.weights, 0.9 * found.weights + 0.1 * least):
            point = point_of(covariance, weights)
            claim = RatioClaim(
                polytope=portfolio.polytope,
                point=point,
                ratio=float(gains @ weights) / np.sqrt(point.variance),
                floor=0.0,
                gains=gains,
                row_prices=off * found.row_prices * volatility,
            )

            bound = ratio_bound(
                claim, lambda: float(np.sqrt(least @ covariance @ least))
            )

            assert bound >= -found.objective * (1 - 1e-13)


def test_ratio_bound__gain_without_risk_is_allowed__no_bound():
    portfolio = long_only(np.array([0.01, 0.05]), np.diag([0.0, 0.04]))
    claim = RatioClaim(
        polytope=portfolio.polytope,
        point=point_of(portfolio.covariance, np.array([0.5, 0.5])),
        ratio=0.3,
        floor=0.0,
        gains=portfolio.expected_returns,
        row_prices=np.zeros(0),
    )

    bound = ratio_bound(claim, lambda: 0.0)

    assert bound == np.inf


def test_ratio_bound__raising_proves_nothing__by_the_least_volatility():
    """Uncorrelated A and B of volatilities 0.1 and 0.3, weights from -1 to 2.

    At A alone the slope of volatility is (0.1, 0): with A short, the excess grows with
    the ratio. The least volatility is at 90 % of A, sqrt(0.09^2 + 0.03^2) = 0.0949.
    """
    portfolio = long_only(np.array([0.01, 0.05]), np.diag([0.01, 0.09]))
    polytope = replace(portfolio.polytope, lowest=-np.ones(2), highest=2 * np.ones(2))
    claim = RatioClaim(
        polytope=polytope,
        point=point_of(portfolio.covariance, np.array([1.0, 0.0])),
        ratio=0.1,
        floor=0.0,
        gains=portfolio.expected_returns,
        row_prices=np.zeros(0),
    )

    bound = ratio_bound(claim, lambda: 0.0948)

    # at (-1, 2) a gain of 0.09 and a slope of -0.1 miss 0.09 + 0.1 x 0.1
    assert bound == pytest.approx(0.1 + 0.1 / 0.0948)


def test_rounding__hedge__is_above_what_is_left_of_its_variance():
    covariance = 0.3 * np.array([[1.0, -1.0], [-1.0, 1.0]])

    point = point_of(covariance, np.array([0.5, 0.5]))

    assert abs(point.variance) < rounding(point) < 1e-12


def test_is_convex__semidefinite_or_not():
    assert is_convex(np.array([[1.0, 1.0], [1.0, 1.0]]))
    assert is_convex(np.zeros((2, 2)))
    assert not is_convex(np.array([[1.0, 1.1], [1.1, 1.0]]))
    assert is_convex(short_case(60).covariance)


def test_largest_ratio__refusal__is_no_failure():
    portfolio = long_only(np.array([-0.1, -0.2]), np.eye(2))

    with pytest.raises(ModelRefused):
        largest_ratio(portfolio, MeanRisk(goal=LargestRatio()))
