# SPDX-License-Identifier: MIT
"""Risk budgeting on CVaR: worked examples, conditions, proof, hard inputs.

No published weights come with their scenarios; the examples are derived in the tests.
"""

from __future__ import annotations

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from budget_cases import (
    boxed,
    cornered_case,
    hedged_case,
    limits,
    of_losses,
    worst_mean,
)
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
from steelyard.optimize.budgeting.barrier import budget_objective
from steelyard.optimize.budgeting.families import ways_of
from steelyard.optimize.errors import ModelRefused, PortfolioInvalid, SolveFailed
from steelyard.optimize.models import CVaR, RiskBudgeting
from steelyard.optimize.outcome import Reason
from steelyard.optimize.polytope import violation
from steelyard.optimize.portfolio import Portfolio

EQUAL = RiskBudgeting(measure=CVaR())


def certified(portfolio: Portfolio, model: RiskBudgeting = EQUAL):
    found = ways_of(portfolio, model)[0](portfolio, model)
    assert violation(portfolio.polytope, found.weights) <= 1e-12
    assert -1e-12 <= found.objective - found.bound <= 1e-9
    return found


def by_cvxpy(portfolio: Portfolio, level: float) -> float:
    """Least of log CVaR - mean log weight, as the barrier problem over the cone."""
    p, losses = portfolio.polytope, -portfolio.scenarios
    t, n = losses.shape
    x, size, edge = cp.Variable(n), cp.Variable(), cp.Variable()
    unit = np.abs(losses).mean()
    tail = edge + cp.sum(cp.pos(losses / unit @ x - edge)) / ((1 - level) * t)
    problem = cp.Problem(
        cp.Minimize(tail - cp.sum(cp.log(x)) / n),
        [
            p.matrix @ x <= p.bounds * size,
            x <= p.highest * size,
            x >= p.lowest * size,
            cp.sum(x) == p.total * size,
        ],
    )
    problem.solve(solver="CLARABEL")
    weights = x.value * (p.total / x.value.sum())
    risk = worst_mean(losses @ weights, level)
    return budget_objective(risk, weights, np.full(n, 1 / n))


def test_budgets__one_tail_whatever_the_weights__budget_over_mean_loss():
    # The worst half is always days 1 and 2: mean losses 2 % and 1 %, so weights are as
    # budget over loss: 0.6 / 2 to 0.4 / 1, 3 to 4.
    portfolio = of_losses([[0.03, 0.0], [0.01, 0.02], [-0.01, -0.01], [-0.02, -0.01]])
    model = RiskBudgeting(budgets=(0.6, 0.4), measure=CVaR(level=0.5))

    found = certified(portfolio, model)

    assert found.weights == pytest.approx([3 / 7, 4 / 7], abs=1e-12)
    parts = contributions(model.measure, portfolio, found.weights)
    assert parts == pytest.approx([0.06 / 7, 0.04 / 7], rel=1e-10)


def test_parity__tail_of_one_day_at_a_tie__both_days_weigh_half():
    # A loses 4 % on one day, B 1 % on another. CVaR is the larger of 4 a and b; alike
    # at 1 to 4, where days weigh 1/2 each and so the parts are equal.
    portfolio = of_losses([[0.04, 0.0], [0.0, 0.01], [-0.02, -0.01], [-0.01, -0.01]])
    model = RiskBudgeting(measure=CVaR(level=0.75))

    found = certified(portfolio, model)

    assert found.weights == pytest.approx([0.2, 0.8], abs=1e-12)
    parts = contributions(model.measure, portfolio, found.weights)
    assert parts == pytest.approx([0.004, 0.004], rel=1e-9)


def test_cap__binds__weights_at_the_cap_and_conditions_hold():
    # B may be half at most; A and B then tie at nothing: the tail is A's day.
    portfolio = of_losses(
        [[0.04, 0.0], [0.0, 0.01], [-0.02, -0.01], [-0.01, -0.01]],
        limits(2, rows=[([0.0, 1.0], 0.5)]),
    )
    model = RiskBudgeting(measure=CVaR(level=0.75))

    found = certified(portfolio, model)

    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-12)
    # slopes of log risk: 2 and 0; of the mean log weight: 1 and 1; the row's price
    # times (-1/2, 1/2) makes up for the difference
    assert found.row_prices == pytest.approx([2.0], rel=1e-9)


def test_normal_returns__many_scenarios__as_risk_parity_on_variance():
    generator = np.random.default_rng(1)
    half = generator.normal(0, 1, (20_000, 2)) * [0.01, 0.03]
    portfolio = Portfolio(
        polytope=limits(2), scenarios=np.vstack([half, -half, half[:, ::1] * [1, -1]])
    )

    weights = certified(portfolio).weights

    assert weights == pytest.approx([0.75, 0.25], abs=0.01)


@pytest.mark.parametrize("n", [1, 2, 10, 50, 200, 300, 301])
def test_shares__no_limit_binds__are_the_budgets(n):
    portfolio = replace(factor_case(n, seed=3), polytope=limits(n))
    budgets = np.random.default_rng(n).dirichlet(np.full(n, 2.0))

    found = certified(portfolio, RiskBudgeting(budgets=tuple(budgets), measure=CVaR()))

    assert float(found.method.split()[-3]) < 1e-9


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize(("n", "t"), [(5, 300), (40, 100)])
def test_limits__agree_with_cvxpy(n, t, level):
    portfolio = boxed(factor_case(n, t=t, seed=4), 1.3)
    model = RiskBudgeting(measure=CVaR(level=level))

    found = certified(portfolio, model)

    assert found.objective == pytest.approx(by_cvxpy(portfolio, level), abs=1e-7)


@pytest.mark.parametrize("case", [dense_case, tight_case, twin_case])
@pytest.mark.parametrize("n", [1, 2, 50, 301])
def test_hard_inputs__certified(case, n):
    certified(case(n, seed=1))
    certified(boxed(case(n, seed=1), 1.2))


@pytest.mark.parametrize("n", [2, 50, 200])
def test_noise__certified(n):
    certified(noise_case(n, seed=1))


@pytest.mark.parametrize("n", [50, 200, 300])
def test_fewer_days_than_assets__certified(n):
    certified(short_case(n, seed=1))


def test_more_scenarios_near_the_tail_than_assets__certified():
    generator = np.random.default_rng(7)
    portfolio = Portfolio(
        polytope=limits(4, highest=0.3),
        scenarios=generator.standard_t(4, (3000, 4)) * [0.01, 0.02, 0.02, 0.04],
    )

    certified(portfolio, RiskBudgeting(measure=CVaR(level=0.9)))


@pytest.mark.parametrize("seed", range(60))
def test_limits__that_little_meets__certified(seed):
    certified(cornered_case(seed), RiskBudgeting(measure=CVaR(level=0.8)))


@pytest.mark.parametrize(
    ("t", "level", "seed"), [(100, 0.9, 21), (100, 0.9, 28), (250, 0.99, 10)]
)
def test_hedges__many_days_at_the_edge__proved_to_rounding(t, level, seed):
    portfolio = hedged_case(80, t, seed)

    found = certified(portfolio, RiskBudgeting(measure=CVaR(level=level)))

    assert found.objective - found.bound <= 1e-11


@pytest.mark.parametrize("seed", [374, 765, 945])
def test_two_assets_ten_days__certified(seed):
    generator = np.random.default_rng(seed)
    returns = generator.normal(0, 0.03, (10, 1)) + generator.normal(0, 0.02, (10, 2))
    budgets = generator.dirichlet([1.0, 1.0])
    portfolio = Portfolio(polytope=limits(2), scenarios=returns)

    certified(portfolio, RiskBudgeting(budgets=tuple(budgets), measure=CVaR()))


def test_one_weight_allowed__certified():
    portfolio = replace(
        factor_case(4, seed=5),
        polytope=limits(4, lowest=[0, 0.1, 0.2, 0], highest=[1, 1, 0.2, 0.3]),
    )

    assert certified(portfolio).weights[2] == pytest.approx(0.2, abs=1e-12)


def test_reference__binding_limits__same_weights():
    portfolio = boxed(factor_case(20, t=300, seed=2), 1.2)
    quick, slow = ways_of(portfolio, EQUAL)

    found, theirs = quick(portfolio, EQUAL), slow(portfolio, EQUAL)

    assert theirs.weights == pytest.approx(found.weights, abs=1e-5)
    assert theirs.objective - theirs.bound <= 1e-8


def test_real_prices__a_year_of_tokens__certified():
    import pandas as pd

    prices = pd.read_csv(data_file("prices_daily_wide.csv"), index_col=0)
    returns = prices.tail(365).dropna(axis=1).pct_change().dropna().to_numpy()
    polytope = limits(returns.shape[1], highest=0.05)

    certified(Portfolio(polytope=polytope, scenarios=returns))


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 10), cap=st.floats(1.05, 3.0))
def test_relaxing_a_cap__never_makes_the_optimum_worse(seed, n, cap):
    case = factor_case(n, t=200, seed=seed)

    gain = (
        certified(boxed(case, cap)).objective
        - certified(boxed(case, 1.3 * cap)).objective
    )

    assert gain >= -1e-10


def test_hedge__no_loss_in_its_tail__unbounded():
    portfolio = of_losses([[0.02, -0.02], [-0.02, 0.02], [0.01, -0.01], [-0.01, 0.01]])
    model = RiskBudgeting(measure=CVaR(level=0.5))

    with pytest.raises(SolveFailed, match="unbounded"):
        certified(portfolio, model)
    assert allocate(portfolio, model).reason is Reason.UNBOUNDED


def test_hedge__limits_keep_a_loss_in_its_tail__certified():
    # weights that are alike lose nothing: the start has no risk, the best has
    portfolio = of_losses(
        [[0.02, -0.02], [-0.02, 0.02], [0.01, -0.01], [-0.01, 0.01]],
        limits(2, lowest=[0.7, 0.0]),
    )

    weights = certified(portfolio, RiskBudgeting(measure=CVaR(level=0.5))).weights

    assert weights == pytest.approx([0.7, 0.3], abs=1e-12)


def test_limits__leave_an_asset_nothing__infeasible():
    polytope = limits(3, rows=[([1, 1, 0], 0.0)])
    portfolio = replace(factor_case(3, t=100, seed=1), polytope=polytope)

    with pytest.raises(SolveFailed, match="infeasible"):
        certified(portfolio)


@pytest.mark.parametrize(
    ("losses", "level", "why"),
    [
        ([[0.01, -0.01], [0.02, -0.02]], 0.5, "B has no loss in its tail"),
        ([[0.01, 0.01], [0.02, 0.02]], 0.0, "at level 0 all is tail"),
    ],
)
def test_ways_of__what_theory_forbids__refused(losses, level, why):
    with pytest.raises(ModelRefused, match=why):
        ways_of(of_losses(losses), RiskBudgeting(measure=CVaR(level=level)))


def test_ways_of__no_scenarios__invalid():
    with pytest.raises(PortfolioInvalid, match="scenarios for RiskBudgeting"):
        ways_of(Portfolio(polytope=limits(2)), EQUAL)
