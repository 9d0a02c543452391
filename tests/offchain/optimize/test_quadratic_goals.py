# SPDX-License-Identifier: MIT
"""Utility, a mean, a volatility: the other goals of mean-variance, and its doubts."""

from dataclasses import replace

import numpy as np
import pytest
from portfolio_cases import (
    dense_case,
    factor_case,
    noise_case,
    short_case,
    tight_case,
    twin_case,
)
from quadratic_cases import (
    CORNERS,
    hostile_case,
    long_only,
    published_case,
    reference,
)

from steelyard.optimize.errors import PortfolioInvalid, SolveFailed
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    CVaR,
    EllipsoidalCovariance,
    EllipsoidalMean,
    Kelly,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)
from steelyard.optimize.polytope import violation
from steelyard.optimize.quadratic.families import ways_of

CASES = (factor_case, dense_case, tight_case, noise_case, short_case, twin_case)
GOALS = (
    LeastRisk(),
    Utility(risk_aversion=3.0),
    Utility(risk_aversion=0.0),
    ReturnAtLeast(expected_return=5e-4),
    RiskAtMost(limit=0.04),
    LargestRatio(),
)


def solve(portfolio, goal, *doubts):
    model = MeanRisk(goal=goal, doubts=doubts)
    (way,) = ways_of(portfolio, model)
    return way(portfolio, model)


def moments(portfolio, weights):
    """(mean, volatility)"""
    variance = weights @ portfolio.covariance @ weights
    return float(portfolio.expected_returns @ weights), float(np.sqrt(variance))


def test_utility__published_corner__its_weights():
    # the multiplier is the inverse of the risk aversion
    for multiplier, published in CORNERS[:-1]:
        found = solve(published_case(), Utility(risk_aversion=1 / multiplier))

        shares = [published.get(i, 0) / 100 for i in range(10)]
        assert found.weights == pytest.approx(shares, abs=1e-7)


def test_return_at_least__mean_of_a_published_corner__its_weights():
    case = published_case()
    shares = np.array([CORNERS[3][1].get(i, 0) / 100 for i in range(10)])
    mean, volatility = moments(case, shares)

    found = solve(case, ReturnAtLeast(expected_return=mean))

    assert found.weights == pytest.approx(shares, abs=1e-7)
    assert found.objective == pytest.approx(volatility**2, rel=1e-7)


def test_risk_at_most__volatility_of_a_published_corner__its_weights():
    case = published_case()
    shares = np.array([CORNERS[3][1].get(i, 0) / 100 for i in range(10)])
    mean, volatility = moments(case, shares)

    found = solve(case, RiskAtMost(limit=volatility))

    assert found.weights == pytest.approx(shares, abs=1e-7)
    assert found.objective == pytest.approx(-mean, rel=1e-8)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", [12, 130])
def test_every_goal__kinds_of_markets__proved_and_allowed(case, goal, n):
    # seed 3: some allowed mean is above 5e-4, some volatility under 4 %
    portfolio = case(n, seed=3)

    found = solve(portfolio, goal)

    assert violation(portfolio.polytope, found.weights) <= 1e-12
    assert found.objective - found.bound <= 1e-11 * abs(found.objective)
    assert found.bound - found.objective <= 1e-11 * abs(found.objective)


@pytest.mark.parametrize("seed", range(120))
@pytest.mark.parametrize("aversion", [0.0, 0.5, 30.0])
def test_utility__hostile_polytopes__as_clarabel(seed, aversion):
    portfolio = hostile_case(seed)
    polytope, means = portfolio.polytope, portfolio.expected_returns
    expected = reference(polytope, portfolio.covariance, means, aversion)
    scale = float(np.abs(means).max()) + 1e-6

    if expected is None:
        with pytest.raises(SolveFailed, match="infeasible"):
            solve(portfolio, Utility(risk_aversion=aversion))
        return
    found = solve(portfolio, Utility(risk_aversion=aversion))

    assert violation(polytope, found.weights) <= 1e-11
    assert found.objective == pytest.approx(expected, rel=1e-7, abs=1e-7 * scale)
    assert found.objective - found.bound <= 1e-9 * scale


@pytest.mark.parametrize("seed", range(120))
def test_risk_at_most__hostile_polytopes__within_the_limit_and_proved(seed):
    portfolio = hostile_case(seed)
    scale = float(np.abs(portfolio.expected_returns).max())
    try:
        least = np.sqrt(solve(portfolio, LeastRisk()).objective)
    except SolveFailed:
        return
    limit = 1.3 * least + 1e-3

    found = solve(portfolio, RiskAtMost(limit=limit))

    _, volatility = moments(portfolio, found.weights)
    assert violation(portfolio.polytope, found.weights) <= 1e-11
    assert volatility <= limit * (1 + 1e-9)
    assert found.objective - found.bound <= 1e-8 * scale


@pytest.mark.parametrize("case", CASES)
def test_risk_at_most__rising_limit__never_a_smaller_mean(case):
    portfolio = case(100, seed=3)
    least = np.sqrt(solve(portfolio, LeastRisk()).objective)

    means = [
        -solve(portfolio, RiskAtMost(limit=least * times)).objective
        for times in (1.0, 1.01, 1.2, 2.0, 10.0)
    ]

    assert means == sorted(means)


def test_risk_at_most__limit_above_all__the_largest_mean():
    case = published_case()

    found = solve(case, RiskAtMost(limit=5.0))

    assert found.weights == pytest.approx(np.eye(10)[1], abs=0)
    assert found.objective == found.bound == -1.19


def test_risk_at_most__the_least_volatility__the_least_risk():
    case = published_case()
    least = solve(case, LeastRisk())

    found = solve(case, RiskAtMost(limit=np.sqrt(least.objective)))

    assert found.weights == pytest.approx(least.weights, abs=1e-6)
    assert found.objective - found.bound <= 1e-6 * abs(found.objective)


def test_risk_at_most__under_the_least_volatility__infeasible():
    with pytest.raises(SolveFailed) as raised:
        solve(published_case(), RiskAtMost(limit=0.2))

    assert raised.value.outcome == "infeasible"


def test_return_at_least__under_that_of_the_least_risk__the_least_risk():
    case = published_case()

    found = solve(case, ReturnAtLeast(expected_return=0.1))

    assert found.objective == pytest.approx(solve(case, LeastRisk()).objective)


def test_return_at_least__the_largest_mean__that_asset():
    found = solve(published_case(), ReturnAtLeast(expected_return=1.19))

    assert found.weights == pytest.approx(np.eye(10)[1], abs=1e-12)


def test_return_at_least__more_than_any__infeasible():
    with pytest.raises(SolveFailed) as raised:
        solve(published_case(), ReturnAtLeast(expected_return=1.2))

    assert raised.value.outcome == "infeasible"


def test_utility__no_aversion_and_a_tie__the_calmer_of_the_best():
    portfolio = long_only(np.array([0.1, 0.1, 0.05]), np.diag([4.0, 1.0, 0.1]))

    found = solve(portfolio, Utility(risk_aversion=0.0))

    assert found.weights == pytest.approx([0.2, 0.8, 0.0], abs=1e-12)
    assert found.objective == pytest.approx(-0.1, rel=1e-15)


def test_every_goal__all_means_negative__the_least_loss():
    portfolio = factor_case(60)
    losing = -np.abs(portfolio.expected_returns) - 1e-4
    portfolio = replace(portfolio, expected_returns=losing)

    found = solve(portfolio, Utility(risk_aversion=1.0))

    assert found.objective > 0
    assert found.objective - found.bound <= 1e-12 * found.objective


@pytest.mark.parametrize("times", [10.0, 1e3])
def test_every_goal__returns_in_other_units__the_same_weights(times):
    portfolio = factor_case(60, seed=3)
    scaled = replace(
        portfolio,
        expected_returns=portfolio.expected_returns * times,
        covariance=portfolio.covariance * times**2,
    )

    for here, there in (
        (LeastRisk(), LeastRisk()),
        (Utility(risk_aversion=3.0), Utility(risk_aversion=3.0 / times)),
        (RiskAtMost(limit=0.04), RiskAtMost(limit=0.04 * times)),
        (LargestRatio(), LargestRatio()),
    ):
        expected = solve(portfolio, here).weights

        assert solve(scaled, there).weights == pytest.approx(expected, abs=1e-9)


def test_box_mean__long_only__means_less_their_half_widths():
    # worst means 0.04 and 0.07: with aversion 1 and unit variances w1 - w2 = -0.03
    portfolio = long_only(np.array([0.05, 0.10]), np.eye(2))
    doubt = BoxMean(half_widths=np.array([0.01, 0.03]))

    found = solve(portfolio, Utility(risk_aversion=1.0), doubt)

    assert found.weights == pytest.approx([0.485, 0.515], abs=1e-12)


def test_ellipsoidal_covariance__radius__added_to_each_variance():
    # variances 1 + 1 and 3 + 1: shares 2 to 1
    portfolio = long_only(np.zeros(2), np.diag([1.0, 3.0]))

    found = solve(portfolio, LeastRisk(), EllipsoidalCovariance(radius=1.0))

    assert found.weights == pytest.approx([2 / 3, 1 / 3], abs=1e-15)
    assert found.objective == pytest.approx(4 / 3)


def test_box_covariance__long_only__half_widths_added():
    # [[2, 1], [1, 4]]: the first has (4 - 1) / (2 + 4 - 2) of it
    portfolio = long_only(np.zeros(2), np.diag([1.0, 3.0]))
    doubt = BoxCovariance(half_widths=np.ones((2, 2)))

    found = solve(portfolio, LeastRisk(), doubt)

    assert found.weights == pytest.approx([0.75, 0.25], abs=1e-15)


def test_ways_of__what_is_not_quadratic__none():
    case = published_case()
    short = replace(case, polytope=replace(case.polytope, lowest=np.full(10, -0.1)))
    utility = Utility(risk_aversion=1.0)
    ball = EllipsoidalMean(radius=1.0, shape=np.eye(10))
    box = BoxMean(half_widths=np.full(10, 0.1))
    wide = BoxCovariance(half_widths=5 * (1 - np.eye(10)))

    assert ways_of(case, MeanRisk(measure=CVaR())) == ()
    assert ways_of(case, Kelly()) == ()
    assert ways_of(case, MeanRisk(goal=utility, doubts=(ball,))) == ()
    assert ways_of(short, MeanRisk(goal=utility, doubts=(box,))) == ()
    assert ways_of(case, MeanRisk(doubts=(wide,))) == ()
    assert ways_of(replace(case, turnover=0.1), MeanRisk()) == ()
    costly = replace(case, cost_rates=np.full(10, 1e-3))
    assert ways_of(costly, MeanRisk()) == ()
    assert ways_of(costly, MaximumDiversification()) == ()


def test_ways_of__doubted_means_where_none_matter__taken():
    case = published_case()
    ball = EllipsoidalMean(radius=1.0, shape=np.eye(10))

    found = solve(case, LeastRisk(), ball)

    assert found.weights == pytest.approx(solve(case, LeastRisk()).weights, abs=1e-15)


@pytest.mark.parametrize("goal", GOALS)
def test_every_goal__no_covariance__says_so(goal):
    case = replace(published_case(), covariance=None)

    with pytest.raises(PortfolioInvalid, match="covariance is missing"):
        solve(case, goal)


@pytest.mark.parametrize("goal", GOALS[1:])
def test_goals_of_means__no_means__says_so(goal):
    case = replace(published_case(), expected_returns=None)

    with pytest.raises(PortfolioInvalid, match="expected_returns is missing"):
        solve(case, goal)
