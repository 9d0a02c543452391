# SPDX-License-Identifier: MIT
"""The whole efficient frontier: exact corners, and what lies between them."""

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
    capped_case,
    hostile_case,
    long_only,
    published_case,
    reference,
)

from steelyard.optimize.errors import (
    ModelRefused,
    PortfolioInvalid,
    PreferenceInvalid,
    SolveFailed,
)
from steelyard.optimize.models import MeanRisk, ReturnAtLeast, Utility
from steelyard.optimize.polytope import violation
from steelyard.optimize.quadratic.families import ways_of
from steelyard.optimize.quadratic.frontier import efficient_frontier, points

CASES = (factor_case, dense_case, tight_case, noise_case, short_case, twin_case)


def solve(portfolio, goal):
    model = MeanRisk(goal=goal)
    (way,) = ways_of(portfolio, model)
    return way(portfolio, model)


def weights_at(frontier, multiplier):
    """Linear between corners."""
    return np.array(
        [
            np.interp(multiplier, frontier.multipliers, column)
            for column in frontier.weights.T
        ]
    )


def assert_efficient(portfolio, frontier):
    """Utility is as large as that of the exact optimum, at each of some aversions."""
    multipliers = frontier.multipliers[frontier.multipliers > 0]
    middles = (multipliers[1:] + multipliers[:-1]) / 2
    scale = float(np.abs(portfolio.expected_returns).max())
    for multiplier in [*middles[:: max(1, len(middles) // 5)], *multipliers[-1:]]:
        weights = weights_at(frontier, multiplier)
        variance = weights @ portfolio.covariance @ weights
        value = variance / multiplier / 2 - portfolio.expected_returns @ weights
        best = solve(portfolio, Utility(risk_aversion=1 / multiplier))

        assert value - best.bound <= 1e-9 * max(abs(best.objective), scale)


def test_efficient_frontier__published_example__all_ten_corners():
    frontier = efficient_frontier(published_case())

    assert len(frontier.multipliers) == len(CORNERS)
    for k, (multiplier, published) in enumerate(reversed(CORNERS)):
        shares = [published.get(i, 0) / 100 for i in range(10)]
        assert frontier.multipliers[k] == pytest.approx(multiplier, abs=6e-9)
        assert frontier.weights[k] == pytest.approx(shares, abs=6e-10)


def test_efficient_frontier__published_example__its_moments():
    # returns and risks of the paper's first, second and last corner
    frontier = efficient_frontier(published_case())

    assert frontier.expected_returns[[-1, -2, 0]] == pytest.approx(
        [1.19, 1.1802595, 0.8032154], abs=5e-8
    )
    assert frontier.volatilities[[-1, -2, 0]] == pytest.approx(
        [0.9520004, 0.5456569, 0.2052376], abs=5e-8
    )


def test_efficient_frontier__published_example_with_caps__its_corners():
    # Kwan (2007), weights of at most 70 %
    frontier = efficient_frontier(capped_case())

    assert frontier.multipliers == pytest.approx(
        [0, 0.015934604904632152, 0.05476839237057221, 0.14625], abs=1e-15
    )
    assert frontier.weights == pytest.approx(
        np.array(
            [
                [0.7, 0.2438095238095238, 0.05619047619047619],
                [0.7, 0.18310626702997274, 0.11689373297002724],
                [0, 0.6485013623978203, 0.3514986376021798],
                [0, 0.3, 0.7],
            ]
        ),
        abs=1e-14,
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", [1, 2, 5, 30, 110])
def test_efficient_frontier__kinds_of_markets__allowed_and_efficient(case, n):
    portfolio = case(n, seed=2)

    frontier = efficient_frontier(portfolio)

    assert max(violation(portfolio.polytope, w) for w in frontier.weights) <= 1e-12
    assert (np.diff(frontier.multipliers) >= 0).all()
    assert (np.diff(frontier.expected_returns) >= 0).all()
    assert (np.diff(frontier.volatilities) >= 0).all()
    assert frontier.multipliers[0] == 0
    assert_efficient(portfolio, frontier)


@pytest.mark.parametrize("seed", range(150))
def test_efficient_frontier__hostile_polytopes__efficient_or_infeasible(seed):
    portfolio = hostile_case(seed)
    none = np.zeros(len(portfolio.assets))

    if reference(portfolio.polytope, portfolio.covariance, none, 1.0) is None:
        with pytest.raises(SolveFailed, match="infeasible"):
            efficient_frontier(portfolio)
        return
    frontier = efficient_frontier(portfolio)

    assert max(violation(portfolio.polytope, w) for w in frontier.weights) <= 1e-11
    assert_efficient(portfolio, frontier)


def test_efficient_frontier__ends__the_least_risk_and_the_largest_mean():
    portfolio = factor_case(60)

    frontier = efficient_frontier(portfolio)

    assert frontier.weights[-1] == pytest.approx(
        solve(portfolio, Utility(risk_aversion=0.0)).weights, abs=1e-12
    )
    lowest = solve(portfolio, ReturnAtLeast(expected_return=-1.0))
    assert frontier.volatilities[0] ** 2 == pytest.approx(lowest.objective, rel=1e-12)


def test_efficient_frontier__several_of_least_risk__starts_at_the_best_of_them():
    # A and B are the same but for the mean
    covariance = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 4.0]])
    portfolio = long_only(np.array([0.01, 0.02, 0.05]), covariance)

    frontier = efficient_frontier(portfolio)

    assert frontier.weights[0] == pytest.approx([0, 0.8, 0.2], abs=1e-9)
    assert frontier.weights[-1] == pytest.approx([0, 0, 1])


def test_efficient_frontier__all_means_the_same__one_portfolio():
    portfolio = long_only(np.full(3, 0.05), np.diag([1.0, 2.0, 4.0]))

    frontier = efficient_frontier(portfolio)

    assert frontier.weights == pytest.approx(np.array([[4 / 7, 2 / 7, 1 / 7]]))


def test_efficient_frontier__kink__two_corners_of_the_same_weights():
    # only A is left beyond the first corner until B alone pays more
    portfolio = long_only(np.array([0.1, 0.2]), np.diag([1.0, 1.0]), highest=0.6)
    polytope = replace(
        portfolio.polytope,
        names=("B",),
        matrix=np.array([[0.0, 1.0]]),
        bounds=np.array([0.55]),
    )

    frontier = efficient_frontier(replace(portfolio, polytope=polytope))

    # B - A = 0.1 m up to the row: m = 1
    assert frontier.multipliers == pytest.approx([0, 1.0])
    assert frontier.weights == pytest.approx(np.array([[0.5, 0.5], [0.45, 0.55]]))


@pytest.mark.parametrize("case", CASES)
def test_points__equal_steps__the_least_risk_of_each_return(case):
    portfolio = case(60, seed=2)
    frontier = efficient_frontier(portfolio)

    found = points(frontier, 7)

    assert np.ptp(np.diff(found.expected_returns)) <= 1e-15
    means = found.weights @ portfolio.expected_returns
    assert means == pytest.approx(found.expected_returns, abs=1e-15)
    for k in range(7):
        least = solve(portfolio, ReturnAtLeast(expected_return=means[k] - 1e-15))
        assert found.volatilities[k] ** 2 == pytest.approx(least.objective, rel=1e-9)
        weights = found.weights[k]
        variance = weights @ portfolio.covariance @ weights
        assert variance == pytest.approx(least.objective, rel=1e-9)


def test_points__one_of_them__refused():
    with pytest.raises(PreferenceInvalid, match="2 or more"):
        points(efficient_frontier(published_case()), 1)


def test_points__frontier_of_one_portfolio__all_are_it():
    frontier = efficient_frontier(long_only(np.array([0.1]), np.array([[0.04]])))

    found = points(frontier, 3)

    assert found.weights == pytest.approx(np.ones((3, 1)))
    assert found.volatilities == pytest.approx(np.full(3, 0.2))


def test_efficient_frontier__trading_costs__refused():
    with pytest.raises(ModelRefused, match="trading costs"):
        efficient_frontier(replace(published_case(), turnover=0.5))


@pytest.mark.parametrize("field", ["covariance", "expected_returns"])
def test_efficient_frontier__an_input_missing__says_so(field):
    with pytest.raises(PortfolioInvalid, match=f"{field} is missing"):
        efficient_frontier(replace(published_case(), **{field: None}))
