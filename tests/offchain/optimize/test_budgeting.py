# SPDX-License-Identifier: MIT
"""Risk budgeting on variance: published portfolios, conditions, proof, hard inputs."""

from __future__ import annotations

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from budget_cases import boxed, cornered_case, limits, of_volatilities, shares
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_cases import (
    dense_case,
    factor_case,
    noise_case,
    short_case,
    tight_case,
    twin_case,
)

from data_files import data_file
from steelyard.allocation.figures import contributions
from steelyard.optimize.allocate import allocate
from steelyard.optimize.budgeting.barrier import Prices, budget_bound, budget_objective
from steelyard.optimize.budgeting.families import ways_of
from steelyard.optimize.errors import ModelRefused, PortfolioInvalid, SolveFailed
from steelyard.optimize.models import RiskBudgeting
from steelyard.optimize.outcome import Reason
from steelyard.optimize.polytope import violation
from steelyard.optimize.portfolio import Portfolio

EQUAL = RiskBudgeting()

# Richard & Roncalli (2019), Constrained risk budgeting portfolios, table 9, with the
# digits of the authors' package pyrb (notebooks/ConstrainedRiskBudgeting.ipynb).
VOLATILITIES = [0.05, 0.05, 0.07, 0.1, 0.15, 0.15, 0.15, 0.18]
CORRELATION = [
    [1.0, 0.8, 0.6, -0.2, -0.1, -0.2, -0.2, -0.2],
    [0.8, 1.0, 0.4, -0.2, -0.2, -0.1, -0.2, -0.2],
    [0.6, 0.4, 1.0, 0.5, 0.3, 0.2, 0.2, 0.3],
    [-0.2, -0.2, 0.5, 1.0, 0.6, 0.6, 0.5, 0.6],
    [-0.1, -0.2, 0.3, 0.6, 1.0, 0.9, 0.7, 0.7],
    [-0.2, -0.1, 0.2, 0.6, 0.9, 1.0, 0.6, 0.7],
    [-0.2, -0.2, 0.2, 0.5, 0.7, 0.6, 1.0, 0.7],
    [-0.2, -0.2, 0.3, 0.6, 0.7, 0.7, 0.7, 1.0],
]
AT_LEAST_30 = ([0.0] * 4 + [-1.0] * 4, -0.3)  # of the last four


def best(portfolio: Portfolio, model: RiskBudgeting = EQUAL):
    return ways_of(portfolio, model)[0](portfolio, model)


def certified(portfolio: Portfolio, model: RiskBudgeting = EQUAL):
    found = best(portfolio, model)
    assert violation(portfolio.polytope, found.weights) <= 1e-12
    assert -1e-12 <= found.objective - found.bound <= 1e-9
    return found


def by_cvxpy(portfolio: Portfolio, budgets: np.ndarray) -> np.ndarray:
    """Spinu's problem over the cone of the limits."""
    p, n = portfolio.polytope, len(budgets)
    scale = np.trace(portfolio.covariance) / n
    x, size = cp.Variable(n), cp.Variable()
    problem = cp.Problem(
        cp.Minimize(
            cp.quad_form(x, cp.psd_wrap(portfolio.covariance / scale)) / 2
            - budgets @ cp.log(x)
        ),
        [
            p.matrix @ x <= p.bounds * size,
            x <= p.highest * size,
            x >= p.lowest * size,
            cp.sum(x) == p.total * size,
        ],
    )
    problem.solve(solver="CLARABEL")
    return x.value * (p.total / x.value.sum())


def test_risk_parity__four_assets_of_maillard_roncalli_teiletche__published_weights():
    # Maillard, Roncalli & Teiletche (2010), section 4.1: volatility 10.3 %
    portfolio = of_volatilities(
        [0.1, 0.2, 0.3, 0.4],
        [[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1]],
    )

    found = certified(portfolio)

    assert found.weights.round(3).tolist() == [0.384, 0.192, 0.243, 0.182]
    parts = contributions(EQUAL.measure, portfolio, found.weights)
    assert parts.sum() == pytest.approx(0.103, abs=5e-4)
    marginal = (parts / found.weights).round(3)
    assert marginal.tolist() == [0.067, 0.134, 0.106, 0.141]
    assert parts == pytest.approx(np.full(4, parts.sum() / 4), rel=1e-12)


def test_risk_parity__eight_assets_of_richard_roncalli__published_weights():
    portfolio = of_volatilities(VOLATILITIES, CORRELATION)

    weights = certified(portfolio).weights

    published = [26.8306, 28.6769, 11.4095, 9.7985, 5.6135, 5.9029, 6.656, 5.1121]
    assert 100 * weights == pytest.approx(published, abs=5e-5)


def test_limits__eight_assets_of_richard_roncalli__barrier_below_that_of_theirs():
    # Theirs takes the row as an absolute one, so that assets outside of it share alike;
    # ours takes the least barrier of all that is allowed.
    portfolio = of_volatilities(
        VOLATILITIES, CORRELATION, limits(8, rows=[AT_LEAST_30])
    )
    theirs = np.array(
        [25.7859, 27.4087, 9.5153, 7.2904, 7.0579, 7.7127, 9.2265, 6.0027]
    )
    theirs /= theirs.sum()

    found = certified(portfolio)

    volatility = float(np.sqrt(theirs @ portfolio.covariance @ theirs))
    barrier = budget_objective(volatility, theirs, np.full(8, 1 / 8))
    assert found.objective < barrier < found.objective + 0.006
    assert found.weights[4:].sum() == pytest.approx(0.3, abs=1e-12)
    assert found.weights == pytest.approx(theirs, abs=0.02)


def test_limits__binding_row__conditions_of_optimality_hold():
    portfolio = of_volatilities(
        VOLATILITIES, CORRELATION, limits(8, rows=[AT_LEAST_30, ([1.0] + 7 * [0], 0.2)])
    )

    found = certified(portfolio)

    w, p = found.weights, portfolio.polytope
    marginal = portfolio.covariance @ w / (w @ portfolio.covariance @ w)
    paid = found.row_prices @ (p.matrix - p.bounds[:, None])
    assert marginal + paid == pytest.approx(1 / (8 * w), rel=1e-10)
    assert (found.row_prices > 0).all()
    assert p.matrix @ w == pytest.approx(p.bounds, abs=1e-12)


def test_row_prices__a_little_more_of_a_bound__objective_falls_by_the_price():
    tight = of_volatilities(VOLATILITIES, CORRELATION, limits(8, rows=[AT_LEAST_30]))
    loose = replace(
        tight, polytope=limits(8, rows=[(AT_LEAST_30[0], AT_LEAST_30[1] + 1e-5)])
    )

    fall = best(tight).objective - best(loose).objective

    assert fall / 1e-5 == pytest.approx(best(tight).row_prices[0], rel=1e-3)


def test_two_assets__any_correlation__inverse_volatility():
    portfolio = of_volatilities([0.1, 0.3], [[1, -0.7], [-0.7, 1]])

    weights = certified(portfolio).weights

    assert weights == pytest.approx([0.75, 0.25], abs=1e-13)


def test_budgets__uncorrelated__root_of_budget_over_volatility():
    portfolio = of_volatilities([0.1, 0.2], [[1, 0], [0, 1]])

    weights = certified(portfolio, RiskBudgeting(budgets=(0.8, 0.2))).weights

    # shares of the variance (w s)^2 in 4 to 1, so w s in 2 to 1, w in 4 to 1
    assert weights == pytest.approx([0.8, 0.2], abs=1e-13)


@pytest.mark.parametrize("n", [1, 2, 10, 50, 200, 300, 301])
def test_shares__no_limit_binds__are_the_budgets(n):
    portfolio = factor_case(n, seed=3)
    free = replace(portfolio, polytope=limits(n))
    budgets = np.random.default_rng(n).dirichlet(np.full(n, 2.0))

    found = certified(free, RiskBudgeting(budgets=tuple(budgets)))

    assert shares(found.weights, free.covariance) == pytest.approx(budgets, rel=1e-9)
    assert found.method.startswith("Newton")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [5, 20, 60])
def test_limits__agree_with_cvxpy(n, seed):
    portfolio = boxed(factor_case(n, seed=seed), 1.3)
    lowest = np.zeros(n)
    lowest[:2] = 1.2 / n
    polytope = replace(portfolio.polytope, lowest=lowest)
    portfolio = replace(portfolio, polytope=polytope)

    found = certified(portfolio)

    theirs = by_cvxpy(portfolio, np.full(n, 1 / n))
    assert found.weights == pytest.approx(theirs, abs=2e-5)
    volatility = float(np.sqrt(theirs @ portfolio.covariance @ theirs))
    objective = budget_objective(volatility, theirs, np.full(n, 1 / n))
    assert found.objective <= objective + 1e-9
    assert found.method.startswith("interior point")


@pytest.mark.parametrize("case", [dense_case, tight_case, noise_case, twin_case])
@pytest.mark.parametrize("n", [1, 2, 50, 301])
def test_hard_inputs__certified(case, n):
    certified(case(n, seed=1))
    certified(boxed(case(n, seed=1), 1.2))


@pytest.mark.parametrize("n", [50, 200, 300, 301])
def test_fewer_days_than_assets__certified(n):
    certified(short_case(n, seed=1))


def test_reference__binding_limits__same_weights():
    portfolio = boxed(factor_case(30, seed=2), 1.2)
    model = EQUAL
    quick, slow = ways_of(portfolio, model)

    found, theirs = quick(portfolio, model), slow(portfolio, model)

    assert theirs.weights == pytest.approx(found.weights, abs=1e-6)
    assert theirs.objective - theirs.bound <= 1e-8
    assert theirs.method.startswith("Clarabel")


@pytest.mark.parametrize("seed", [*range(60), 328])
def test_limits__that_little_meets__certified(seed):
    certified(cornered_case(seed), EQUAL)


def test_limits__one_weight_allowed_and_crossing_rows__certified():
    rows = [([0.5, 1, 0, 0.25], 0.35), ([0, 0.3, 1, 0.7], 0.4)]
    polytope = limits(4, lowest=[0, 0, 0.2, 0], highest=[1, 1, 0.2, 1], rows=rows)
    portfolio = replace(factor_case(4, seed=5), polytope=polytope)

    found = certified(portfolio)

    assert found.weights[2] == pytest.approx(0.2, abs=1e-12)


def test_total__of_three__three_times_the_weights():
    portfolio = of_volatilities(VOLATILITIES, CORRELATION, limits(8, highest=0.2))
    tripled = replace(portfolio, polytope=limits(8, highest=0.6, total=3.0))

    weights = certified(tripled).weights

    assert weights == pytest.approx(3 * certified(portfolio).weights, abs=1e-10)


def test_covariance__other_unit_of_time__same_weights():
    portfolio = boxed(factor_case(20, seed=6), 1.4)
    yearly = replace(portfolio, covariance=365 * portfolio.covariance)

    weights = certified(yearly).weights

    assert weights == pytest.approx(certified(portfolio).weights, abs=1e-10)


def test_real_prices__forty_tokens__certified():
    import pandas as pd

    prices = pd.read_csv(data_file("prices_daily_wide.csv"), index_col=0)
    returns = prices.tail(365).dropna(axis=1).pct_change().dropna().to_numpy()
    n = returns.shape[1]
    portfolio = Portfolio(
        polytope=limits(n, highest=0.05), covariance=np.cov(returns, rowvar=False)
    )

    certified(portfolio)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 12))
def test_bound__any_prices__below_every_allowed_objective(seed, n):
    generator = np.random.default_rng(seed)
    portfolio = factor_case(n, t=60, seed=seed)
    p, covariance = portfolio.polytope, portfolio.covariance
    budgets = generator.dirichlet(np.full(n, 3.0))
    at = generator.dirichlet(np.ones(n))
    gradient = covariance @ at / np.sqrt(at @ covariance @ at)
    size = 0.2 * np.abs(gradient).mean()
    prices = Prices(
        rows=size * generator.random(len(p.names)),
        highest=size * generator.random(n),
        lowest=size * generator.random(n),
    )

    bound = budget_bound(p, budgets, gradient, prices)

    least = certified(portfolio, RiskBudgeting(budgets=tuple(budgets))).objective
    assert bound <= least + 1e-12


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 12), cap=st.floats(1.05, 3.0))
def test_relaxing_a_cap__never_makes_the_optimum_worse(seed, n, cap):
    case = factor_case(n, t=60, seed=seed)
    tight, loose = boxed(case, cap), boxed(case, 1.3 * cap)

    gain = certified(tight).objective - certified(loose).objective

    assert gain >= -1e-10


def test_allocate__caps__optimal_with_prices_of_the_caps():
    portfolio = of_volatilities(
        VOLATILITIES, CORRELATION, limits(8, rows=[AT_LEAST_30])
    )

    answer = allocate(portfolio, EQUAL)

    assert answer.reason is Reason.BEST
    assert answer.certificate.gap <= 1e-12
    assert [row.name for row in answer.binding] == ["row 0"]


def test_perfect_hedge__no_risk_to_share__unbounded():
    portfolio = of_volatilities([0.1, 0.2], [[1, -1], [-1, 1]])

    with pytest.raises(SolveFailed, match="unbounded"):
        best(portfolio)


def test_perfect_hedge__limits_keep_some_risk__certified():
    portfolio = of_volatilities([0.1, 0.2], [[1, -1], [-1, 1]], limits(2, highest=0.6))

    weights = certified(portfolio).weights

    # the hedge is 2 to 1: as near to it as the cap allows
    assert weights == pytest.approx([0.6, 0.4], abs=1e-9)


def test_limits__leave_an_asset_nothing__infeasible():
    portfolio = of_volatilities(
        [0.1, 0.2, 0.3], np.eye(3).tolist(), limits(3, rows=[([1, 1, 0], 0.0)])
    )

    with pytest.raises(SolveFailed, match="infeasible"):
        best(portfolio)


def test_limits__nothing_allowed__infeasible():
    polytope = limits(3, rows=[([1.0, 1, 0], 0.3), ([0, 0, 1.0], 0.3)])
    portfolio = of_volatilities([0.1, 0.2, 0.3], np.eye(3).tolist(), polytope)

    assert allocate(portfolio, EQUAL).reason is Reason.INFEASIBLE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"cost_rates": np.array([0.01, 0.0])}, "costs"),
        ({"turnover": 0.1}, "costs"),
        ({"polytope": limits(2, lowest=[0.0, -0.1])}, "B may be short"),
        ({"polytope": limits(2, highest=[0.0, 1.0])}, "A must be 0"),
        ({"polytope": limits(2, total=0.0)}, "sum to 0"),
        ({"covariance": np.diag([0.0, 0.01])}, "A has no variance"),
    ],
)
def test_ways_of__what_theory_forbids__refused(change, why):
    portfolio = replace(of_volatilities([0.1, 0.2], [[1, 0], [0, 1]]), **change)

    with pytest.raises(ModelRefused, match=why):
        ways_of(portfolio, EQUAL)


@pytest.mark.parametrize(
    ("budgets", "why"),
    [
        ((0.5, 0.3, 0.2), "3 budgets for 2 assets"),
        ((1.0, 0.0), "leave the asset out"),
        ((0.5, 0.4), "sum to 0.9"),
    ],
)
def test_ways_of__budgets_that_do_not_fit__refused(budgets, why):
    portfolio = of_volatilities([0.1, 0.2], [[1, 0], [0, 1]])

    with pytest.raises(ModelRefused, match=why):
        ways_of(portfolio, RiskBudgeting(budgets=budgets))


def test_ways_of__no_covariance__invalid():
    with pytest.raises(PortfolioInvalid, match="a covariance for RiskBudgeting"):
        ways_of(Portfolio(polytope=limits(2)), EQUAL)
