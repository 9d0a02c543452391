# SPDX-License-Identifier: MIT
"""The largest ratio to the volatility: Sharpe's, and diversification."""

from dataclasses import replace

import cvxpy as cp
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
from quadratic_cases import hostile_case, long_only, published_case
from scipy.optimize import linprog

from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.models import LargestRatio, MaximumDiversification, MeanRisk
from steelyard.optimize.polytope import violation
from steelyard.optimize.quadratic import ratio as module
from steelyard.optimize.quadratic.families import ways_of
from steelyard.optimize.quadratic.program import program_of
from steelyard.optimize.quadratic.scaled import MOST, on_free_scale

CASES = (factor_case, dense_case, tight_case, noise_case, short_case, twin_case)


def largest(portfolio, risk_free=0.0):
    model = MeanRisk(goal=LargestRatio(risk_free=risk_free))
    (way,) = ways_of(portfolio, model)
    return way(portfolio, model)


def largest_or_why_not(portfolio):
    try:
        return largest(portfolio)
    except ModelRefused:
        return "refused"
    except SolveFailed as failed:
        return failed.outcome


def by_linear_programs(portfolio):
    """Why there is no largest ratio; None: there is one."""
    most = largest_mean(portfolio, riskless=False)
    if most is None:
        return "infeasible"
    if most <= 1e-9:
        return "refused"
    free = largest_mean(portfolio, riskless=True)
    return "unbounded" if free is not None and free > 1e-9 else None


def largest_mean(portfolio, *, riskless):
    """Over all that is allowed, or what of it has no variance; None: nothing is."""
    p, n = portfolio.polytope, len(portfolio.assets)
    sizes, directions = np.linalg.eigh(portfolio.covariance)
    risky = directions[:, sizes > 1e-12 * sizes[-1]].T
    rows = np.vstack([np.ones((1, n)), risky if riskless else np.zeros((0, n))])
    found = linprog(
        -portfolio.expected_returns,
        A_ub=p.matrix,
        b_ub=p.bounds,
        A_eq=rows,
        b_eq=np.append(p.total, np.zeros(len(rows) - 1)),
        bounds=np.column_stack([p.lowest, p.highest]),
        method="highs",
    )
    return -found.fun if found.status == 0 else None


def diversified(portfolio):
    model = MaximumDiversification()
    (way,) = ways_of(portfolio, model)
    return way(portfolio, model)


def sharpe(portfolio, weights, risk_free=0.0):
    excess = portfolio.expected_returns @ weights - risk_free
    return excess / np.sqrt(weights @ portfolio.covariance @ weights)


def by_cvxpy(portfolio, risk_free=0.0):
    """Largest ratio on a free scale (Charnes & Cooper 1962), for a sum of 1."""
    p, n = portfolio.polytope, len(portfolio.assets)
    scaled, scale = cp.Variable(n), cp.Variable(nonneg=True)
    root = np.linalg.cholesky(portfolio.covariance * 1e4).T
    excess = (portfolio.expected_returns - risk_free) * 1e2
    constraints = [
        excess @ scaled == 1,
        cp.sum(scaled) == scale,
        scaled >= scale * p.lowest,
        scaled <= scale * p.highest,
        p.matrix @ scaled <= scale * p.bounds,
    ]
    problem = cp.Problem(cp.Minimize(cp.sum_squares(root @ scaled)), constraints)
    tight = {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}
    problem.solve(solver="CLARABEL", **tight)
    return 1 / np.sqrt(problem.value)


def test_largest_ratio__published_example__their_ratio():
    # Bailey & Lopez de Prado (2013): 4.4535 at a volatility of 0.2274; the digits are
    # those that their published code prints
    case = published_case()

    found = largest(case)

    assert -found.objective == pytest.approx(4.4535334766464, rel=1e-12)
    variance = found.weights @ case.covariance @ found.weights
    assert np.sqrt(variance) == pytest.approx(0.2273645, abs=1e-6)
    # their weights, by a golden section search
    shares = [0.083973, 0.048906, 0, 0.218309, 0.001677, 0.181201, 0, 0.031183]
    assert found.weights == pytest.approx([*shares, 0.007859, 0.426892], abs=1e-5)


def test_largest_ratio__no_limit_binds__as_in_closed_form():
    # inverse of the covariance times the excess means, scaled to 1: 2 to 1
    portfolio = long_only(np.array([0.05, 0.04]), np.diag([0.01, 0.01]))

    found = largest(portfolio, risk_free=0.03)

    assert found.weights == pytest.approx([2 / 3, 1 / 3], abs=1e-14)
    assert found.objective == pytest.approx(-np.sqrt(0.02**2 + 0.01**2) / 0.1)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", [30, 130, 300, 301])
def test_largest_ratio__kinds_of_markets__proved_and_allowed(case, n):
    portfolio = case(n, seed=3)

    found = largest(portfolio)

    assert violation(portfolio.polytope, found.weights) <= 1e-12
    assert -found.objective == pytest.approx(sharpe(portfolio, found.weights))
    assert found.objective - found.bound <= 1e-11 * -found.objective
    assert (found.row_prices >= 0).all()


@pytest.mark.parametrize("case", [factor_case, dense_case, noise_case])
@pytest.mark.parametrize("risk_free", [0.0, 2e-4, -3e-4])
def test_largest_ratio__caps_and_rates__as_cvxpy(case, risk_free):
    portfolio = case(40, seed=5)

    found = largest(portfolio, risk_free)

    expected = by_cvxpy(portfolio, risk_free)
    assert -found.objective == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("seed", range(150))
def test_largest_ratio__hostile_polytopes__proved_or_why_not(seed):
    portfolio = hostile_case(seed)
    why_not = by_linear_programs(portfolio)

    found = largest_or_why_not(portfolio)

    if isinstance(found, str) or why_not is not None:
        assert found == why_not
        return
    assert violation(portfolio.polytope, found.weights) <= 1e-11
    assert found.objective < 0
    assert found.objective - found.bound <= 1e-9 * -found.objective


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n", [1, 5, 10, 40])
def test_largest_ratio__few_assets__one_program_finds_what_the_frontier_does(
    n, seed, monkeypatch
):
    portfolio = factor_case(n, seed=seed)
    means = np.abs(portfolio.expected_returns)  # so that there is one
    portfolio = replace(portfolio, expected_returns=means)
    found = largest(portfolio, risk_free=-1e-3)
    monkeypatch.setattr(module, "on_free_scale", lambda *_: None)

    walked = largest(portfolio, risk_free=-1e-3)

    assert (found.method, walked.method) == ("dual active set", "critical line")
    assert found.objective == pytest.approx(walked.objective, rel=1e-13)
    assert found.weights == pytest.approx(walked.weights, abs=1e-10)
    assert found.row_prices == pytest.approx(walked.row_prices, abs=1e-8)


@pytest.mark.parametrize("prices", [0.0, 1.0])
def test_largest_ratio__one_program_is_off__not_believed(prices, monkeypatch):
    portfolio = factor_case(10, seed=3)
    best, (rows, n) = largest(portfolio), portfolio.polytope.matrix.shape
    near = np.full(n, 1 / n), np.full(rows, prices)
    monkeypatch.setattr(module, "on_free_scale", lambda *_: near)

    found = largest(portfolio)

    assert found.method == "critical line"
    assert found.objective == pytest.approx(best.objective, rel=1e-13)


def test_on_free_scale__short_floored_no_sum_or_many__not_asked():
    portfolio = factor_case(10, seed=3)

    def asked(assets=10, **limits):
        case = factor_case(assets, seed=3) if assets != 10 else portfolio
        polytope = replace(case.polytope, **limits)
        program = program_of(polytope, case.covariance, case.expected_returns)
        return on_free_scale(program, 0.0) is not None

    assert asked()
    assert not asked(lowest=np.full(10, -0.1))
    assert not asked(lowest=np.full(10, 0.01))
    assert not asked(total=0.0)
    assert not asked(assets=MOST + 1)


def test_largest_ratio__all_means_negative__refused():
    portfolio = factor_case(60)
    losing = -np.abs(portfolio.expected_returns)

    with pytest.raises(ModelRefused, match="no weights allowed have a mean above"):
        largest(replace(portfolio, expected_returns=losing))


def test_largest_ratio__mean_of_all_is_the_risk_free__refused():
    portfolio = long_only(np.full(3, 0.02), np.diag([1.0, 2.0, 3.0]))

    with pytest.raises(ModelRefused, match="no weights allowed have a mean above"):
        largest(portfolio, risk_free=0.02)


def test_largest_ratio__cap_on_the_only_gain__all_that_is_allowed_of_it():
    # the mean is above 0 only from 2 / 3 of A on, and A has at most 70 %
    portfolio = long_only(np.array([0.01, -0.02]), np.diag([0.04, 0.01]), highest=0.7)

    found = largest(portfolio)

    assert found.weights == pytest.approx([0.7, 0.3], abs=1e-15)


def test_largest_ratio__cap_under_the_only_gain__refused():
    portfolio = long_only(np.array([0.01, -0.02]), np.diag([0.04, 0.01]), highest=0.6)

    with pytest.raises(ModelRefused, match="no weights allowed have a mean above"):
        largest(portfolio)


def test_largest_ratio__gain_without_risk__unbounded():
    portfolio = long_only(np.array([0.01, 0.05]), np.diag([0.0, 0.04]))

    with pytest.raises(SolveFailed) as raised:
        largest(portfolio)

    assert raised.value.outcome == "unbounded"


def test_largest_ratio__fewer_days_than_assets__a_gain_each_day_is_unbounded():
    # 40 % of B and 60 % of C rose by 14 % on both days
    returns = np.array([[0.1, -0.1, 0.3], [0.0, 0.2, 0.1]])
    portfolio = long_only(returns.mean(axis=0), np.cov(returns, rowvar=False))

    with pytest.raises(SolveFailed) as raised:
        largest(portfolio)

    assert raised.value.outcome == "unbounded"


def test_largest_ratio__one_asset__its_own():
    found = largest(long_only(np.array([0.1]), np.array([[0.04]])))

    assert found.weights == pytest.approx([1.0])
    assert found.objective == pytest.approx(-0.5)


def test_largest_ratio__price_of_a_cap__is_the_rise_of_the_ratio():
    portfolio = factor_case(50, seed=3)
    found = largest(portfolio)
    row = int(found.row_prices.argmax())
    bounds = portfolio.polytope.bounds.copy()
    bounds[row] += 1e-6
    wider = replace(portfolio.polytope, bounds=bounds)

    rise = found.objective - largest(replace(portfolio, polytope=wider)).objective

    assert found.row_prices[row] > 0
    assert rise / 1e-6 == pytest.approx(found.row_prices[row], rel=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_largest_ratio__other_allowed_weights__never_better(case):
    portfolio = case(60, seed=3)
    found = largest(portfolio)
    others = [
        largest(portfolio, risk_free=rate).weights for rate in (-1e-3, 1e-4, 2e-4)
    ]

    assert all(sharpe(portfolio, w) <= -found.bound * (1 + 1e-12) for w in others)


def test_most_diversified__published_example__their_weights():
    # Choueifaty, Froidure & Reynier (2013), "Properties of the Most Diversified
    # Portfolio": volatilities of 20 % and 10 %, correlation 0.5: 33.3 % and 66.7 %
    portfolio = long_only(np.zeros(2), np.array([[0.04, 0.01], [0.01, 0.01]]))

    found = diversified(portfolio)

    assert found.weights == pytest.approx([1 / 3, 2 / 3], abs=1e-14)
    assert -found.objective == pytest.approx(2 / np.sqrt(3))


def test_most_diversified__published_leverage__invariant():
    # same paper: the first asset at a quarter of its leverage, 5 % and 10 %
    portfolio = long_only(np.zeros(2), np.array([[0.0025, 0.0025], [0.0025, 0.01]]))

    found = diversified(portfolio)

    assert found.weights == pytest.approx([2 / 3, 1 / 3], abs=1e-14)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", [10, 130])
def test_most_diversified__kinds_of_markets__proved_and_above_1(case, n):
    portfolio = case(n)

    found = diversified(portfolio)

    assert violation(portfolio.polytope, found.weights) <= 1e-12
    assert found.objective <= -1
    assert found.objective - found.bound <= 1e-11 * -found.objective


def test_most_diversified__held_assets__correlate_alike_with_it():
    # their core property, where nothing but 0 <= w binds
    portfolio = factor_case(30)
    n = len(portfolio.assets)
    alone = long_only(np.zeros(n), portfolio.covariance)

    found = diversified(alone)

    pull = portfolio.covariance @ found.weights
    volatility = np.sqrt(found.weights @ pull)
    correlations = pull / np.sqrt(np.diag(portfolio.covariance)) / volatility
    held = found.weights > 0
    assert correlations[held] == pytest.approx(correlations[held][0], rel=1e-10)
    assert correlations.min() >= correlations[held][0] * (1 - 1e-10)


def test_most_diversified__no_variance__refused():
    with pytest.raises(ModelRefused, match="no weights allowed have volatilities"):
        diversified(long_only(np.zeros(2), np.zeros((2, 2))))


def test_most_diversified__short_weights__bound_is_finite():
    """All volatility counted, 2 is the ratio of four uncorrelated assets alike in risk:
    weights in proportion to 1 / volatility."""
    volatilities = np.array([1e-4, 0.03, 0.05, 0.04])
    portfolio = long_only(np.zeros(4), np.diag(volatilities**2))
    polytope = replace(portfolio.polytope, lowest=-np.ones(4))

    found = diversified(replace(portfolio, polytope=polytope))

    best = 1 / volatilities
    assert found.objective == pytest.approx(-2.0, rel=1e-14)
    assert found.bound == pytest.approx(-2.0, rel=1e-8)
    assert found.bound <= found.objective
    assert found.weights == pytest.approx(best / best.sum(), rel=1e-6)
