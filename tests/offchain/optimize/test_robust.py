# SPDX-License-Identifier: MIT
"""Doubted means and covariances against closed forms and a published table."""

from __future__ import annotations

import numpy as np
import pytest
from portfolio_cases import factor_case
from reference_cases import by_reference, portfolio_of
from test_reference import PUBLISHED_COVARIANCE, PUBLISHED_MEANS

from steelyard.optimize.errors import (
    ModelRefused,
)
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    CVaR,
    EllipsoidalCovariance,
    EllipsoidalMean,
    LargestRatio,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)
from steelyard.optimize.reference.families import ways_of

MEAN_ONLY = Utility(risk_aversion=0.0)


# Rockafellar & Uryasev (2000), table 4: the conditional value-at-risk of the weights of
# table 3, under a normal law. It is -mean + k x volatility, k the normal density at the
# quantile over 1 - level: the price of an ellipsoid of means with radius k.
@pytest.mark.parametrize(
    ("multiple", "published"),
    [(1.754983, 0.096975), (2.062713, 0.115908), (2.665214, 0.152977)],
    ids=["90 %", "95 %", "99 %"],
)
def test_ellipsoidal_mean__rockafellar_uryasev_table_4__published_risk(
    multiple, published
):
    portfolio = portfolio_of(
        lowest=[0, 0, 0],
        highest=[1, 1, 1],
        rows=[("mean", [-m for m in PUBLISHED_MEANS], -0.011)],
        expected_returns=PUBLISHED_MEANS,
        covariance=PUBLISHED_COVARIANCE,
    )
    doubt = EllipsoidalMean(radius=multiple, shape=np.array(PUBLISHED_COVARIANCE))

    found = by_reference(portfolio, MeanRisk(goal=MEAN_ONLY, doubts=(doubt,)))

    assert found.objective == pytest.approx(published, abs=1e-6)
    assert found.weights == pytest.approx([0.452013, 0.115573, 0.432414], abs=1e-5)


def test_ellipsoidal_mean__sum_alone_binds__closed_form():
    # Least of k |S^1/2 w| - m'w with 1'w = 1. At the best, k S w / s = m + v 1 with
    # s = |S^1/2 w|; then (m + v 1)' S^-1 (m + v 1) = k^2 gives v, which is the least
    # itself, and w is S^-1 (m + v 1) over its sum.
    means, radius = np.array([0.02, 0.03, 0.05]), 0.5
    shape = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.16]])
    inverse = np.linalg.inv(shape)
    a = inverse.sum()
    b = (inverse @ means).sum()
    c = means @ inverse @ means
    least = (-b + np.sqrt(b**2 - a * (c - radius**2))) / a
    weights = inverse @ (means + least)
    portfolio = portfolio_of(
        [-5, -5, -5], [5, 5, 5], expected_returns=means, covariance=shape
    )
    doubt = EllipsoidalMean(radius=radius, shape=shape)

    found = by_reference(portfolio, MeanRisk(goal=MEAN_ONLY, doubts=(doubt,)))

    assert found.objective == pytest.approx(least, rel=1e-11)
    assert found.weights == pytest.approx(weights / weights.sum(), abs=1e-8)


def test_ellipsoidal_mean__proportional_to_the_risk__only_lowers_the_ratio():
    # with the shape of the covariance the doubt costs radius x volatility: Sharpe's
    # ratio falls by the radius, and the weights stay
    case = factor_case(8, seed=2)
    doubt = EllipsoidalMean(radius=0.02, shape=case.covariance)

    sure = by_reference(case, MeanRisk(goal=LargestRatio()))
    unsure = by_reference(case, MeanRisk(goal=LargestRatio(), doubts=(doubt,)))

    assert unsure.objective == pytest.approx(sure.objective + 0.02, rel=1e-9)
    assert unsure.weights == pytest.approx(sure.weights, abs=1e-7)


def test_box_mean__better_asset_doubted__the_sure_one_is_held():
    # 10 % within 5 % is worth 5 %, less than a sure 6 %
    portfolio = portfolio_of(
        [0, 0], [1, 1], expected_returns=[0.10, 0.06], covariance=np.eye(2)
    )
    doubt = BoxMean(half_widths=np.array([0.05, 0.0]))

    found = by_reference(portfolio, MeanRisk(goal=MEAN_ONLY, doubts=(doubt,)))

    assert found.weights == pytest.approx([0.0, 1.0], abs=1e-9)
    assert found.objective == pytest.approx(-0.06, rel=1e-12)


@pytest.mark.parametrize(
    ("half_width", "expected"), [(0.01, [2.0, -1.0]), (0.03, [1.0, 0.0])]
)
def test_box_mean__short_sale__only_where_the_spread_outlasts_the_doubt(
    half_width, expected
):
    # one unit more from B to A gains 4 %; below B = 0 it costs twice the half-width
    portfolio = portfolio_of(
        [-1, -1], [2, 2], expected_returns=[0.10, 0.06], covariance=np.eye(2)
    )
    doubt = BoxMean(half_widths=np.full(2, half_width))

    found = by_reference(portfolio, MeanRisk(goal=MEAN_ONLY, doubts=(doubt,)))

    assert found.weights == pytest.approx(expected, abs=1e-8)


def test_ellipsoidal_covariance__uncorrelated__weights_by_the_widened_variances():
    # variances 1 and 3, each 1 more: weights in proportion to 1/2 and 1/4
    portfolio = portfolio_of([0, 0], [1, 1], covariance=np.diag([1.0, 3.0]))

    found = by_reference(
        portfolio, MeanRisk(doubts=(EllipsoidalCovariance(radius=1.0),))
    )

    assert found.weights == pytest.approx([2 / 3, 1 / 3], abs=1e-9)
    assert found.objective == pytest.approx(4 / 3, rel=1e-12)


def test_box_covariance__no_short_sales__the_top_of_the_box():
    # variances 1 and 3 within 1, as above, and never a negative covariance
    portfolio = portfolio_of([0, 0], [1, 1], covariance=np.diag([1.0, 3.0]))
    doubt = BoxCovariance(half_widths=np.eye(2))

    found = by_reference(portfolio, MeanRisk(doubts=(doubt,)))

    assert found.weights == pytest.approx([2 / 3, 1 / 3], abs=1e-9)


def test_box_covariance__semidefinite_half_widths__sizes_count_whatever_their_sign():
    # C = diag(1, 4), half-widths all 1/4: w'Cw + (|a| + |b|)^2 / 4, short sale forced.
    # With b = -1/2 and a = 3/2: 9/4 + 1 + 4/4
    portfolio = portfolio_of([-1, -0.5], [1.5, -0.5], covariance=np.diag([1.0, 4.0]))
    doubt = BoxCovariance(half_widths=np.full((2, 2), 0.25))

    found = by_reference(portfolio, MeanRisk(doubts=(doubt,)))

    assert found.objective == pytest.approx(4.25, rel=1e-12)


def test_box_covariance__doubted_correlation__worst_of_its_two_ends():
    # Variances 1 and 4, covariance 1 within 1/2: no half-widths of diagonal 0 are
    # semidefinite, so this is the semidefinite program. Variance is at most
    # a^2 + 4 b^2 + 2 ab + |ab|; for b < 0 < a that is a^2 + 4 b^2 + ab, least over
    # a = 1 - b at b = 1/8, which is not below 0; for a, b > 0 it is a^2 + 4 b^2 + 3 ab,
    # least at b = -1/4, which is not above. So b = 0.
    covariance = np.array([[1.0, 1.0], [1.0, 4.0]])
    portfolio = portfolio_of([-1, -1], [2, 2], covariance=covariance)
    doubt = BoxCovariance(half_widths=np.array([[0.0, 0.5], [0.5, 0.0]]))

    found = ways_of(portfolio, MeanRisk(doubts=(doubt,)))[-1](
        portfolio, MeanRisk(doubts=(doubt,))
    )

    assert found.weights == pytest.approx([1.0, 0.0], abs=1e-5)
    assert found.objective == pytest.approx(1.0, rel=1e-7)
    assert found.bound <= 1.0 + 1e-12
    assert found.bound == pytest.approx(1.0, rel=1e-7)


def test_box_covariance__correlation_of_at_most_one__semidefinite_cone_binds():
    # Variances 1 and 4, covariance 1 within 3: up to 4, but no correlation is above 1,
    # so for positive weights the volatility is a + 2 b. At 0.7 and 0.3: 1.3.
    covariance = np.array([[1.0, 1.0], [1.0, 4.0]])
    portfolio = portfolio_of([0.3, 0.3], [0.7, 0.7], covariance=covariance)
    doubt = BoxCovariance(half_widths=np.array([[0.0, 3.0], [3.0, 0.0]]))

    found = ways_of(portfolio, MeanRisk(doubts=(doubt,)))[-1](
        portfolio, MeanRisk(doubts=(doubt,))
    )

    assert found.weights == pytest.approx([0.7, 0.3], abs=1e-7)
    assert found.objective == pytest.approx(1.3**2, rel=1e-6)
    assert found.bound <= 1.3**2 + 1e-12


@pytest.mark.parametrize(
    "goal",
    [
        Utility(risk_aversion=4.0),
        ReturnAtLeast(expected_return=0.0011),
        RiskAtMost(limit=0.04),
        LargestRatio(),
    ],
    ids=lambda goal: type(goal).__name__,
)
def test_doubts__all_at_once__certified_and_never_better_than_sure(goal):
    case = factor_case(8, seed=2)
    doubts = (
        EllipsoidalMean(radius=0.1, shape=case.covariance / 1000),
        BoxMean(half_widths=np.full(8, 1e-5)),
        BoxCovariance(half_widths=0.1 * abs(case.covariance)),
        EllipsoidalCovariance(radius=1e-5),
    )

    sure = by_reference(case, MeanRisk(goal=goal))
    unsure = by_reference(case, MeanRisk(goal=goal, doubts=doubts))

    assert unsure.objective > sure.objective


def test_doubts__of_means_with_scenarios__lower_the_mean_alone():
    case = factor_case(8, t=200, seed=2)
    goal = ReturnAtLeast(expected_return=0.001)
    doubt = BoxMean(half_widths=np.full(8, 2e-4))  # all weights are long: 0.0002 less

    doubted = by_reference(case, MeanRisk(measure=CVaR(), goal=goal, doubts=(doubt,)))
    higher = ReturnAtLeast(expected_return=0.0012)
    sure = by_reference(case, MeanRisk(measure=CVaR(), goal=higher))

    assert doubted.objective == pytest.approx(sure.objective, rel=1e-9)


def test_doubts__of_covariances_with_scenarios__refused():
    case = factor_case(8, t=200, seed=2)
    model = MeanRisk(measure=CVaR(), doubts=(EllipsoidalCovariance(radius=1.0),))

    with pytest.raises(ModelRefused, match="say nothing about scenarios"):
        ways_of(case, model)
