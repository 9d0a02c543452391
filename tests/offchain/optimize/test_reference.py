# SPDX-License-Identifier: MIT
"""The reference: every measure and goal against all weights of a grid, and theory."""

from __future__ import annotations

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
from reference_cases import assert_certified, by_reference, grid, portfolio_of

from data_files import data_file
from steelyard.estimate.returns import simple_returns
from steelyard.market.prices import load_prices
from steelyard.optimize.errors import (
    ModelRefused,
    PortfolioInvalid,
    SolveFailed,
)
from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
    Utility,
    Variance,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.reference.families import ways_of
from steelyard.optimize.tail.measures import (
    conditional_drawdown,
    cvar,
    entropic_var,
    worst,
)

LEVEL, RADIUS = 0.8, 0.001
MEASURES = (
    Variance(),
    CVaR(level=LEVEL),
    WassersteinCVaR(level=LEVEL, radius=RADIUS),
    EntropicVaR(level=LEVEL),
    ConditionalDrawdown(level=LEVEL),
    WorstCase(),
)
GOALS = (
    LeastRisk(),
    Utility(risk_aversion=3.0),
    ReturnAtLeast(expected_return=0.005),
    RiskAtMost(limit=0.025),
    LargestRatio(risk_free=0.001),
)


def named(value) -> str:
    return type(value).__name__


@pytest.fixture
def case():
    """Three assets, 40 scenarios, a cap of 0.7 and a row with fractions."""
    noise = np.random.default_rng(1).normal(0.0, [0.01, 0.03, 0.05], (40, 3))
    scenarios = noise - noise.mean(axis=0) + [0.003, 0.006, 0.009]
    return portfolio_of(
        lowest=[0.0, 0.05, -0.2],
        highest=[0.7, 0.7, 0.7],
        rows=[("mixed", [0.5, 1.0, 0.25], 0.6)],
        expected_returns=scenarios.mean(axis=0),
        covariance=np.cov(scenarios, rowvar=False),
        scenarios=scenarios,
    )


def risk_of(portfolio, measure, weights) -> float:
    """The measure by its own definition; the variance's root."""
    losses = -portfolio.scenarios @ weights
    match measure:
        case Variance():
            return float(np.sqrt(weights @ portfolio.covariance @ weights))
        case CVaR():
            return cvar(losses, LEVEL)
        case WassersteinCVaR():
            return cvar(losses, LEVEL) + RADIUS / (1 - LEVEL) * np.linalg.norm(weights)
        case EntropicVaR():
            return entropic_var(losses, LEVEL)
        case ConditionalDrawdown():
            return conditional_drawdown(-losses, LEVEL)
        case WorstCase():
            return worst(losses)


def score(portfolio, model, weights) -> tuple[float, float]:
    """What is minimised, and by how much the goal's limit is missed."""
    mean = float(portfolio.expected_returns @ weights)
    risk = risk_of(portfolio, model.measure, weights)
    power = 2 if isinstance(model.measure, Variance) else 1
    match model.goal:
        case LeastRisk():
            return risk**power, 0.0
        case Utility(risk_aversion=aversion):
            return aversion / power * risk**power - mean, 0.0
        case ReturnAtLeast(expected_return=least):
            return risk**power, least - mean
        case RiskAtMost(limit=limit):
            return -mean, risk - limit
        case LargestRatio(risk_free=rate):
            return -(mean - rate) / risk, 0.0


@pytest.mark.parametrize("goal", GOALS, ids=named)
@pytest.mark.parametrize("measure", MEASURES, ids=named)
def test_reference__three_assets__no_weights_of_a_grid_are_better(case, measure, goal):
    model = MeanRisk(measure=measure, goal=goal)

    found = by_reference(case, model)

    objective, missed = score(case, model, found.weights)
    others = [score(case, model, weights) for weights in grid(case)]
    best = min(value for value, over in others if over <= 0)
    assert objective == pytest.approx(found.objective, rel=1e-12, abs=1e-15)
    assert missed <= 1e-12
    assert found.bound <= best + 1e-15  # true, so the answer is the best there is
    assert found.objective == pytest.approx(best, abs=0.03 * abs(best))


# Rockafellar & Uryasev (2000), Optimization of conditional value-at-risk, tables 1-3:
# S&P 500, long-term US government bonds, small caps; monthly.
PUBLISHED_MEANS = (0.0101110, 0.0043532, 0.0137058)
PUBLISHED_COVARIANCE = (
    (0.00324625, 0.00022983, 0.00420395),
    (0.00022983, 0.00049937, 0.00019247),
    (0.00420395, 0.00019247, 0.00764097),
)


def test_reference__rockafellar_uryasev_table_3__published_weights():
    portfolio = portfolio_of(
        lowest=[0, 0, 0],
        highest=[1, 1, 1],
        expected_returns=PUBLISHED_MEANS,
        covariance=PUBLISHED_COVARIANCE,
    )

    found = by_reference(portfolio, MeanRisk(goal=ReturnAtLeast(expected_return=0.011)))

    assert found.weights == pytest.approx([0.452013, 0.115573, 0.432414], abs=1e-5)


def test_reference__least_variance_of_two__closed_form():
    # uncorrelated, variances 1 and 3: weights in proportion to 1 and 1/3
    portfolio = portfolio_of([0, 0], [1, 1], covariance=np.diag([1.0, 3.0]))

    found = by_reference(portfolio, MeanRisk())

    assert found.weights == pytest.approx([0.75, 0.25], abs=1e-9)
    assert found.objective == pytest.approx(0.75, rel=1e-12)


def test_reference__largest_sharpe_of_two__closed_form():
    # tangency: weights in proportion to excess mean / variance = 2 and 1
    portfolio = portfolio_of(
        [0, 0],
        [1, 1],
        expected_returns=[0.03, 0.04],
        covariance=np.diag([0.01, 0.03]),
    )

    found = by_reference(portfolio, MeanRisk(goal=LargestRatio(risk_free=0.01)))

    assert found.weights == pytest.approx([2 / 3, 1 / 3], abs=1e-9)
    assert found.objective == pytest.approx(-np.sqrt(0.04 + 0.03), rel=1e-12)


def test_reference__maximum_diversification__inverse_volatility():
    # uncorrelated: the most diversified weights are in proportion to 1 / volatility
    portfolio = portfolio_of([0, 0], [1, 1], covariance=np.diag([1.0, 4.0]))

    found = by_reference(portfolio, MaximumDiversification())

    assert found.weights == pytest.approx([2 / 3, 1 / 3], abs=1e-9)
    assert found.objective == pytest.approx(-np.sqrt(2), rel=1e-12)


def test_reference__diversification_under_turnover__moves_as_far_as_it_may():
    # the best is 2/3 and 1/3; from a half each a turnover of 0.2 goes to 0.6
    portfolio = portfolio_of(
        [0, 0], [1, 1], covariance=np.diag([1.0, 4.0]), current=[0.5, 0.5], turnover=0.2
    )

    found = by_reference(portfolio, MaximumDiversification())

    assert found.weights == pytest.approx([0.6, 0.4], abs=1e-9)


def test_reference__ratio_over_many_equal_losses__certified():
    # more assets than it takes to make the worst days alike: which of them count how
    # much is known to the multipliers alone
    case = noise_case(40)
    noisy = replace(case, scenarios=case.scenarios[:200])

    for measure in (WorstCase(), EntropicVaR()):
        by_reference(noisy, MeanRisk(measure=measure, goal=LargestRatio()))


@pytest.mark.parametrize("goal", GOALS, ids=named)
def test_reference__row_binds__its_price_is_what_one_more_saves(case, goal):
    model = MeanRisk(goal=goal)
    narrow = replace(case.polytope, bounds=case.polytope.bounds - 0.15)
    tight = replace(case, polytope=narrow)
    moved = replace(tight, polytope=replace(narrow, bounds=narrow.bounds + 1e-5))

    found, after = by_reference(tight, model), by_reference(moved, model)

    saved = (found.objective - after.objective) / 1e-5
    assert found.row_prices[0] == pytest.approx(saved, rel=1e-3)
    assert found.row_prices[0] > 0


@pytest.mark.parametrize("measure", MEASURES, ids=named)
def test_reference__cap_relaxed__never_worse(case, measure):
    model = MeanRisk(measure=measure, goal=Utility(risk_aversion=2.0))
    polytope = case.polytope
    wider = replace(
        polytope, highest=polytope.highest + 0.1, bounds=polytope.bounds + 0.1
    )

    found = by_reference(case, model)
    relaxed = by_reference(replace(case, polytope=wider), model)

    assert relaxed.objective <= found.objective + 1e-12


@pytest.mark.parametrize("measure", MEASURES, ids=named)
def test_reference__asset_added__never_worse(case, measure):
    model = MeanRisk(measure=measure, goal=LargestRatio())
    without = replace(
        case.polytope,
        lowest=case.polytope.lowest * [0, 1, 1],
        highest=case.polytope.highest * [0, 1, 1],
    )

    found = by_reference(replace(case, polytope=without), model)
    with_it = by_reference(
        replace(case, polytope=replace(without, highest=case.polytope.highest)), model
    )

    assert with_it.objective <= found.objective + 1e-12


CASES = (factor_case, dense_case, tight_case, noise_case, short_case, twin_case)


@pytest.mark.parametrize("size", [1, 12])
@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_reference__hard_inputs__certified(build, size):
    case = build(size)
    case = replace(case, scenarios=case.scenarios[:150])

    for measure in MEASURES[:5]:
        by_reference(case, MeanRisk(measure=measure, goal=Utility(risk_aversion=2.0)))


@pytest.mark.parametrize("size", [300, 301])
def test_reference__many_assets_few_days__certified(size):
    case = factor_case(size, t=60)

    for measure in (Variance(), CVaR()):
        by_reference(case, MeanRisk(measure=measure))


def test_reference__all_means_negative__ratio_refused(case):
    losing = replace(case, expected_returns=np.array([-0.01, -0.02, -0.03]))

    with pytest.raises(ModelRefused, match="no weights allowed have a mean above"):
        by_reference(losing, MeanRisk(goal=LargestRatio()))


def test_reference__all_means_negative__utility_still_certified(case):
    losing = replace(case, expected_returns=np.array([-0.01, -0.02, -0.03]))

    found = by_reference(losing, MeanRisk(goal=Utility(risk_aversion=1.0)))

    assert found.objective > 0


def test_reference__no_scenario_loses__ratio_unbounded():
    portfolio = portfolio_of(
        [0, 0],
        [1, 1],
        expected_returns=[0.02, 0.02],
        scenarios=[[0.01, 0.03], [0.03, 0.01]],
    )
    model = MeanRisk(measure=WorstCase(), goal=LargestRatio())

    with pytest.raises(SolveFailed) as failed:
        by_reference(portfolio, model)

    assert failed.value.outcome == "unbounded"


@pytest.mark.parametrize("measure", MEASURES, ids=named)
@pytest.mark.parametrize(
    "goal", [ReturnAtLeast(expected_return=1.0), RiskAtMost(limit=1e-4)], ids=named
)
def test_reference__goal_out_of_reach__infeasible(case, measure, goal):
    with pytest.raises(SolveFailed) as failed:
        by_reference(case, MeanRisk(measure=measure, goal=goal))

    assert failed.value.outcome == "infeasible"


def test_reference__nothing_allowed__infeasible(case):
    apart = replace(case.polytope, highest=np.array([0.3, 0.3, 0.3]))

    with pytest.raises(SolveFailed) as failed:
        by_reference(replace(case, polytope=apart), MeanRisk())

    assert failed.value.outcome == "infeasible"


def test_reference__riskless_asset_at_the_rate__tangency_of_the_others():
    # cash at 0 neither helps nor hurts the ratio: A and B in proportion to 2 and 1
    portfolio = portfolio_of(
        [0, 0, 0],
        [1, 1, 1],
        expected_returns=[0.02, 0.03, 0.0],
        covariance=np.diag([0.01, 0.03, 0.0]),
    )

    found = by_reference(portfolio, MeanRisk(goal=LargestRatio()))

    assert found.weights[0] == pytest.approx(2 * found.weights[1], rel=1e-6)
    assert found.objective == pytest.approx(-np.sqrt(0.04 + 0.03), rel=1e-9)


@pytest.mark.parametrize(
    ("missing", "measure", "goal"),
    [
        ("covariance", Variance(), LeastRisk()),
        ("scenarios", CVaR(), LeastRisk()),
        ("expected_returns", Variance(), LargestRatio()),
    ],
)
def test_reference__input_missing__named(case, missing, measure, goal):
    without = replace(case, **{missing: None})

    with pytest.raises(PortfolioInvalid, match=f"{missing} is missing"):
        by_reference(without, MeanRisk(measure=measure, goal=goal))


def test_reference__real_prices__certified_for_every_measure():
    names = ["ETH", "BTC", "LINK", "UNI", "AAVE", "MKR", "USDC"]
    history = load_prices(
        data_file("prices_daily_wide.csv"),
        columns=names,
        start="2022-01-01",
        end="2022-12-31",
    )
    returns = simple_returns(history).values
    portfolio = portfolio_of(
        np.zeros(7),
        np.full(7, 0.4),
        expected_returns=returns.mean(axis=0),
        covariance=np.cov(returns, rowvar=False),
        scenarios=returns,
        current=np.full(7, 1 / 7),
        cost_rates=np.full(7, 0.001),
    )

    for measure in MEASURES:
        goal = Utility(risk_aversion=1.0)

        found = by_reference(portfolio, MeanRisk(measure=measure, goal=goal))

        assert found.weights[6] == pytest.approx(0.4, abs=1e-9)  # as much as allowed


def test_ways_of__model_that_it_does_not_state__none(case):
    assert ways_of(case, RiskBudgeting()) == ()


def test_reference__two_equal_days__one_day_counts_twice():
    # t = 2: CVaR 95 %, entropic VaR 95 % and the worst case are all the larger loss
    portfolio = portfolio_of(
        [0, 0], [1, 1], scenarios=[[0.02, -0.01], [-0.01, 0.02]], covariance=np.eye(2)
    )

    for measure in (CVaR(), EntropicVaR(), WorstCase()):
        found = by_reference(portfolio, MeanRisk(measure=measure))

        assert_certified(portfolio, found)
        assert found.weights == pytest.approx([0.5, 0.5], abs=1e-7)
        assert found.objective == pytest.approx(-0.005, rel=1e-9)
