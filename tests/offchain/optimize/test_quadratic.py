# SPDX-License-Identifier: MIT
"""The exact optimum of quadratic programs: easy, dense, degenerate and impossible."""

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
from quadratic_cases import CORNERS, hostile_case, long_only, published_case, reference

from data_files import data_file
from steelyard.estimate.covariance import estimate_covariance
from steelyard.estimate.returns import simple_returns
from steelyard.market.prices import load_prices
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.models import MeanRisk
from steelyard.optimize.polytope import Polytope, violation, with_row
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.quadratic import minimise as module
from steelyard.optimize.quadratic.conditions import prices_at, weights_at
from steelyard.optimize.quadratic.least import least_risk
from steelyard.optimize.quadratic.minimise import minimise
from steelyard.optimize.quadratic.program import natural, program_of
from steelyard.optimize.quadratic.support import grown

CASES = (factor_case, dense_case, tight_case, noise_case, short_case, twin_case)
MODEL = MeanRisk()


def program_for(portfolio: Portfolio):
    return program_of(
        portfolio.polytope, portfolio.covariance, portfolio.expected_returns
    )


def least(portfolio: Portfolio):
    return least_risk(portfolio, MODEL)


def assert_optimal(portfolio: Portfolio, multiplier: float, line) -> None:
    """The conditions of Karush, Kuhn and Tucker, in numpy."""
    p, covariance = portfolio.polytope, portfolio.covariance
    weights, prices = weights_at(line, multiplier), prices_at(line, multiplier)
    gradient = covariance @ weights - multiplier * portfolio.expected_returns
    size = np.abs(gradient).max() + 1e-3 * np.diag(covariance).mean()
    reduced = gradient + prices[0] + prices[1:] @ p.matrix
    slack = p.bounds - p.matrix @ weights
    inside = (weights > p.lowest + 1e-11) & (weights < p.highest - 1e-11)
    assert violation(p, weights) <= 2e-12
    assert np.abs(reduced[inside]).max(initial=0.0) <= 1e-10 * size
    assert reduced[weights <= p.lowest].min(initial=0.0) >= -1e-10 * size
    assert reduced[weights >= p.highest].max(initial=0.0) <= 1e-10 * size
    assert prices[1:].min(initial=0.0) >= -1e-10 * size
    assert np.abs(prices[1:] * slack).max(initial=0.0) <= 1e-10 * size


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("n", [1, 2, 5, 30, 130])
@pytest.mark.parametrize("times", [0.0, 0.1, 3.0, 1e3])
def test_minimise__kinds_of_markets__meets_the_conditions(case, n, times):
    portfolio = case(n, seed=1)
    program = program_for(portfolio)
    multiplier = times * natural(program)

    line = minimise(program, multiplier)

    assert_optimal(portfolio, multiplier, line)


def test_minimise__published_corners__the_weights_of_each():
    portfolio = published_case()
    program = program_for(portfolio)

    found = [weights_at(minimise(program, m), m) for m, _ in CORNERS]

    for weights, (_, published) in zip(found, CORNERS, strict=True):
        expected = np.zeros(10)
        expected[list(published)] = [share / 100 for share in published.values()]
        assert weights == pytest.approx(expected, abs=2e-8)


@pytest.mark.parametrize("n", [300, 301])
@pytest.mark.parametrize("case", CASES)
def test_least_risk__many_assets__proved_and_allowed(case, n):
    portfolio = case(n)

    found = least(portfolio)

    assert violation(portfolio.polytope, found.weights) <= 1e-12
    assert found.objective == pytest.approx(
        found.weights @ portfolio.covariance @ found.weights, rel=1e-12
    )
    assert found.objective - found.bound <= 1e-12 * found.objective
    assert (found.row_prices >= 0).all()


@pytest.mark.parametrize("seed", range(250))
def test_least_risk__hostile_polytopes__as_clarabel_or_infeasible(seed):
    portfolio = hostile_case(seed)
    polytope, covariance = portfolio.polytope, portfolio.covariance
    expected = reference(polytope, covariance, np.zeros(len(covariance)), 2.0)
    scale = 1e-3 * float(np.diag(covariance).mean())

    if expected is None:
        with pytest.raises(SolveFailed) as raised:
            least(portfolio)
        assert raised.value.outcome == "infeasible"
        return
    found = least(portfolio)

    assert violation(polytope, found.weights) <= 1e-11
    assert found.objective == pytest.approx(expected, rel=1e-7, abs=1e-7 * scale)
    assert found.objective - found.bound <= 1e-10 * max(found.objective, scale)


def test_least_risk__three_assets__as_brute_force():
    # every choice of 20 x 20 x 20 shares that sum to 1; the optimum is no worse and
    # near the best of them
    covariance = np.array([[4.0, 1.0, 0.5], [1.0, 9.0, 2.0], [0.5, 2.0, 16.0]]) / 1e4
    portfolio = long_only(np.zeros(3), covariance, highest=0.6)
    shares = np.arange(21) / 20
    grid = np.array([(a, b, 1 - a - b) for a in shares for b in shares])
    allowed = grid[(grid >= -1e-12).all(axis=1) & (grid <= 0.6 + 1e-12).all(axis=1)]
    variances = np.einsum("ij,jk,ik->i", allowed, covariance, allowed)

    found = least(portfolio)

    assert found.objective <= variances.min() + 1e-15
    assert np.abs(found.weights - allowed[variances.argmin()]).max() <= 0.05


def test_least_risk__two_assets__closed_form():
    # w = (9 - 1) / (4 + 9 - 2 x 1) of the first
    portfolio = long_only(np.zeros(2), np.array([[4.0, 1.0], [1.0, 9.0]]))

    found = least(portfolio)

    assert found.weights == pytest.approx([8 / 11, 3 / 11], abs=1e-15)


def test_least_risk__one_asset__all_of_it():
    found = least(long_only(np.array([0.1]), np.array([[0.04]])))

    assert found.weights == pytest.approx([1.0], abs=0)
    assert found.objective == found.bound == pytest.approx(0.04)


def test_least_risk__box_that_fixes_all__those_weights():
    portfolio = long_only(np.zeros(3), np.diag([1.0, 2.0, 3.0]))
    fixed = np.array([0.2, 0.3, 0.5])
    polytope = replace(portfolio.polytope, lowest=fixed, highest=fixed)

    line = minimise(program_of(polytope, portfolio.covariance, np.zeros(3)), 0.0)

    assert weights_at(line, 0.0) == pytest.approx(fixed, abs=1e-15)


def test_least_risk__no_variance_at_all__any_allowed_weights():
    portfolio = long_only(np.zeros(4), np.zeros((4, 4)), highest=0.3)

    found = least(portfolio)

    assert violation(portfolio.polytope, found.weights) <= 1e-15
    assert found.objective == found.bound == 0


def test_least_risk__hedge_without_risk__none_is_left():
    # A and B move against each other: half of each has no variance
    covariance = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    found = least(long_only(np.zeros(3), covariance))

    assert found.weights == pytest.approx([0.5, 0.5, 0.0], abs=1e-9)
    assert found.objective == pytest.approx(0.0, abs=1e-16)
    assert found.bound == 0


def test_least_risk__stable_coin_beside_wild_tokens__relative_gap_is_small():
    # variances from 1e-9 to 1e-2: the gap is of the objective, not of their mean
    generator = np.random.default_rng(3)
    sizes = np.array([3e-5, 4e-5, 2e-2, 5e-2, 1e-1])
    returns = generator.normal(size=(400, 5)) * sizes
    portfolio = long_only(returns.mean(axis=0), np.cov(returns, rowvar=False))

    found = least(portfolio)

    assert found.objective < 1e-9
    assert found.objective - found.bound <= 1e-12 * found.objective


def test_least_risk__short_allowed_and_rows_that_cross__as_clarabel():
    portfolio = factor_case(120)
    polytope = replace(
        portfolio.polytope, lowest=np.full(120, -0.02), highest=np.full(120, 0.1)
    )
    generator = np.random.default_rng(1)
    for k in range(6):
        row = generator.choice([0.0, 0.5, 1 / 3, -1.0], 120)
        polytope = with_row(polytope, f"crossing {k}", row, float(row.mean()) + 0.02)
    covariance = portfolio.covariance
    expected = reference(polytope, covariance, np.zeros(120), 2.0)

    found = least(replace(portfolio, polytope=polytope))

    assert found.objective == pytest.approx(expected, rel=1e-8)
    assert found.objective - found.bound <= 1e-12 * found.objective


@pytest.mark.parametrize("case", CASES)
def test_least_risk__a_cap_relaxed__never_worse(case):
    portfolio = case(40)
    polytope = portfolio.polytope

    for row in range(len(polytope.bounds)):
        bounds = polytope.bounds.copy()
        bounds[row] += 0.05
        wider = replace(portfolio, polytope=replace(polytope, bounds=bounds))

        assert least(wider).objective <= least(portfolio).objective * (1 + 1e-12)


@pytest.mark.parametrize("case", CASES)
def test_least_risk__an_asset_more__never_worse(case):
    whole = case(41)
    p, part = whole.polytope, slice(0, 40)
    fewer = Polytope(
        assets=p.assets[part],
        lowest=p.lowest[part],
        highest=p.highest[part],
        names=p.names,
        matrix=p.matrix[:, part],
        bounds=p.bounds,
    )
    without = Portfolio(polytope=fewer, covariance=whole.covariance[part, part])

    assert least(whole).objective <= least(without).objective * (1 + 1e-12)


def test_least_risk__price_of_a_cap__is_the_fall_of_the_objective():
    portfolio = factor_case(50)
    found = least(portfolio)
    row = int(found.row_prices.argmax())
    bounds = portfolio.polytope.bounds.copy()
    bounds[row] += 1e-6
    wider = replace(portfolio.polytope, bounds=bounds)

    fall = found.objective - least(replace(portfolio, polytope=wider)).objective

    assert found.row_prices[row] > 0
    assert fall / 1e-6 == pytest.approx(found.row_prices[row], rel=1e-3)


@pytest.mark.parametrize("case", CASES)
def test_minimise__warm_start_on_a_new_day__the_cold_optimum(case):
    before, after = case(130, seed=2), case(130, seed=2)
    days = after.scenarios[1:]
    covariance = np.cov(days, rowvar=False)
    program = program_of(after.polytope, covariance, days.mean(axis=0))
    start = minimise(program_for(before), 0.0).active

    warm, cold = minimise(program, 0.0, start), minimise(program, 0.0)

    expected = weights_at(cold, 0.0) @ covariance @ weights_at(cold, 0.0)
    value = weights_at(warm, 0.0) @ covariance @ weights_at(warm, 0.0)
    assert value == pytest.approx(expected, rel=1e-12)


def test_minimise__start_that_is_all_wrong__the_optimum_nevertheless():
    portfolio = dense_case(130)
    program = program_for(portfolio)
    right = minimise(program, 0.0)
    wrong = replace(right.active, sides=-right.active.sides)

    found = minimise(program, 0.0, wrong)

    assert_optimal(portfolio, 0.0, found)


@pytest.mark.parametrize("broken", ["grown", "interior"])
@pytest.mark.parametrize("case", [factor_case, dense_case, noise_case])
def test_minimise__one_method_broken__the_others_find_it(case, broken, monkeypatch):
    portfolio = case(130)
    program = program_for(portfolio)

    def fail(*arguments):
        whole = broken == "grown" and len(arguments[3]) == 130
        return grown(*arguments) if whole else None

    monkeypatch.setattr(module, broken, fail)

    line = minimise(program, 0.0)

    assert_optimal(portfolio, 0.0, line)


def test_minimise__all_methods_broken__failed_and_not_infeasible(monkeypatch):
    program = program_for(factor_case(130))
    for name in ("grown", "interior", "settled"):
        monkeypatch.setattr(module, name, lambda *_: None)

    with pytest.raises(SolveFailed) as raised:
        minimise(program, 0.0)

    assert raised.value.outcome == "inaccurate"


def test_least_risk__real_prices__proved():
    path = data_file("prices_daily_wide.csv")
    names = ["ETH", "BTC", "LINK", "UNI", "AAVE", "MKR", "USDC"]
    history = load_prices(path, columns=names, start="2022-01-01", end="2022-06-30")
    covariance = estimate_covariance(simple_returns(history)).matrix
    portfolio = long_only(np.zeros(7), covariance, highest=0.4)

    found = least(portfolio)

    assert found.weights[6] == pytest.approx(0.4, abs=0)
    assert found.objective - found.bound <= 1e-12 * found.objective
