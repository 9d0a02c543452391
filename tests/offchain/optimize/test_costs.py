# SPDX-License-Identifier: MIT
"""Trading costs and turnover in the reference, against closed forms.

One risky asset with mean m and variance v, and cash that costs nothing to trade. With a
cost c per unit and aversion g, the best weight w of m w - g v w^2 / 2 - c |w - held| is
held itself between (m - c) / (g v) and (m + c) / (g v), else the nearer of them
(Davis & Norman 1990 for one period).
"""

from __future__ import annotations

import numpy as np
import pytest
from portfolio_cases import factor_case
from reference_cases import by_reference, portfolio_of

from steelyard.optimize.allocate import allocate
from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.models import (
    CVaR,
    EntropicVaR,
    Kelly,
    LargestRatio,
    LeastRisk,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)

MEAN, VARIANCE, COST, AVERSION = 0.10, 0.04, 0.02, 5.0
LOWEST_KEPT, HIGHEST_KEPT = 0.4, 0.6  # 0.08 / 0.2 and 0.12 / 0.2


def one_risky(held: float | None = None, **known):
    return portfolio_of(
        [0, 0],
        [1, 1],
        expected_returns=[MEAN, 0.0],
        covariance=np.diag([VARIANCE, 0.0]),
        current=None if held is None else [held, 1 - held],
        cost_rates=[COST, 0.0],
        **known,
    )


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (0.1, LOWEST_KEPT),
        (0.4, LOWEST_KEPT),
        (0.45, 0.45),
        (0.55, 0.55),
        (0.6, HIGHEST_KEPT),
        (0.9, HIGHEST_KEPT),
    ],
)
def test_costs__utility__no_trade_inside_the_region(held, expected):
    found = by_reference(
        one_risky(held), MeanRisk(goal=Utility(risk_aversion=AVERSION))
    )

    assert found.weights == pytest.approx([expected, 1 - expected], abs=1e-6)
    paid = COST * abs(expected - held)
    utility = MEAN * expected - AVERSION / 2 * VARIANCE * expected**2 - paid
    assert found.objective == pytest.approx(-utility, rel=1e-10)


def test_costs__nothing_held__all_that_is_bought_pays():
    portfolio = portfolio_of(
        [0, 0],
        [1, 1],
        expected_returns=[MEAN, 0.0],
        covariance=np.diag([VARIANCE, 0.0]),
        cost_rates=[COST, 0.0],
    )

    found = by_reference(portfolio, MeanRisk(goal=Utility(risk_aversion=AVERSION)))

    assert found.weights[0] == pytest.approx(LOWEST_KEPT, abs=1e-8)


def test_costs__least_risk__knows_no_costs():
    found = by_reference(one_risky(0.5), MeanRisk(goal=LeastRisk()))

    assert found.weights == pytest.approx([0.0, 1.0], abs=1e-6)


def test_costs__return_at_least__is_after_costs():
    # from 0.2 to w: 0.1 w - 0.02 (w - 0.2) = 0.036 at w = 0.4
    found = by_reference(
        one_risky(0.2), MeanRisk(goal=ReturnAtLeast(expected_return=0.036))
    )

    assert found.weights == pytest.approx([0.4, 0.6], abs=1e-9)
    assert found.objective == pytest.approx(VARIANCE * 0.16, rel=1e-9)


def test_costs__return_that_costs_eat__infeasible():
    # all in A from nothing: 0.1 - 0.02 = 0.08 and no more
    with pytest.raises(SolveFailed) as failed:
        by_reference(
            one_risky(0.0), MeanRisk(goal=ReturnAtLeast(expected_return=0.081))
        )

    assert failed.value.outcome == "infeasible"


def test_costs__risk_at_most__trades_up_to_the_limit():
    # a volatility of 0.1 allows w = 0.5: 0.05 less 0.02 x 0.3
    found = by_reference(one_risky(0.2), MeanRisk(goal=RiskAtMost(limit=0.1)))

    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-9)
    assert found.objective == pytest.approx(-(0.05 - 0.006), rel=1e-9)


def test_costs__ratio__stays_where_it_peaks():
    # (0.1 w - 0.02 |w - 0.5| - 0.005) / (0.2 w) rises to 0.5, then falls
    found = by_reference(one_risky(0.5), MeanRisk(goal=LargestRatio(risk_free=0.005)))

    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-8)
    assert found.objective == pytest.approx(-0.45, rel=1e-10)


def test_costs__ratio_whose_gain_costs_eat__refused():
    # from nothing, 0.1 w less 0.02 w is never above 0.09
    with pytest.raises(ModelRefused):
        by_reference(one_risky(0.0), MeanRisk(goal=LargestRatio(risk_free=0.09)))


@pytest.mark.parametrize("measure", [CVaR(level=0.8), EntropicVaR(level=0.8)])
def test_costs__scenario_measures__stay_where_moving_does_not_pay(measure):
    # a cost of everything traded: nothing moves, whatever the scenarios say
    case = factor_case(6, t=100)
    held = np.full(6, 1 / 6)
    portfolio = portfolio_of(
        np.zeros(6),
        np.ones(6),
        expected_returns=case.expected_returns,
        scenarios=case.scenarios,
        current=held,
        cost_rates=np.ones(6),
    )

    found = by_reference(
        portfolio, MeanRisk(measure=measure, goal=Utility(risk_aversion=1.0))
    )

    assert found.weights == pytest.approx(held, abs=1e-9)


def test_turnover__half_of_it_on_each_side():
    # 0.2 of turnover moves 0.1 from cash to A, however good A is
    found = by_reference(
        one_risky(0.1, turnover=0.2), MeanRisk(goal=Utility(risk_aversion=AVERSION))
    )

    assert found.weights == pytest.approx([0.2, 0.8], abs=1e-10)


def test_turnover__none__nothing_moves():
    found = by_reference(
        one_risky(0.1, turnover=0.0), MeanRisk(goal=Utility(risk_aversion=AVERSION))
    )

    assert found.weights == pytest.approx([0.1, 0.9], abs=1e-10)


@pytest.mark.parametrize("goal", [LeastRisk(), LargestRatio()])
def test_turnover__less_than_what_is_due__infeasible(goal):
    # A may be 0.5 at most; from 1 that takes a turnover of 1
    portfolio = portfolio_of(
        [0, 0],
        [0.5, 1],
        expected_returns=[MEAN, 0.01],
        covariance=np.diag([VARIANCE, 0.01]),
        current=[1.0, 0.0],
        turnover=0.5,
    )

    with pytest.raises(SolveFailed) as failed:
        by_reference(portfolio, MeanRisk(goal=goal))

    assert failed.value.outcome == "infeasible"


def test_turnover__in_the_ratio__kept():
    case = factor_case(8, seed=2)
    held = np.full(8, 1 / 8)
    portfolio = portfolio_of(
        np.zeros(8),
        np.ones(8),
        expected_returns=case.expected_returns,
        covariance=case.covariance,
        current=held,
        turnover=0.3,
    )

    found = by_reference(portfolio, MeanRisk(goal=LargestRatio()))

    assert abs(found.weights - held).sum() == pytest.approx(0.3, abs=1e-10)


def test_costs__kelly__against_every_weight():
    # a coin that wins 3 times of 5, of which 0.1 is staked already
    wins = [[1.0, 0.0]] * 3 + [[-1.0, 0.0]] * 2
    portfolio = portfolio_of(
        [0, 0], [1, 1], scenarios=wins, current=[0.1, 0.9], cost_rates=[0.02, 0.0]
    )

    found = by_reference(portfolio, Kelly())

    weights = np.linspace(0, 0.95, 9501)
    paid = 0.02 * abs(weights - 0.1)
    growth = 0.6 * np.log(1 + weights - paid) + 0.4 * np.log(1 - weights - paid)
    assert found.objective <= -growth.max() + 1e-12
    assert found.weights[0] == pytest.approx(weights[growth.argmax()], abs=1e-4)


@pytest.mark.parametrize("leverage", [1.0, 1.6, 2.4])
def test_leverage__most_mean_long_and_short__as_much_short_as_it_allows(leverage):
    # 130/30: with sum 1 and sum of sizes 1.6, 0.3 is short and 1.3 long
    portfolio = portfolio_of(
        [-1] * 3,
        [2] * 3,
        expected_returns=[0.1, 0.05, 0.02],
        covariance=np.eye(3),
        leverage=leverage,
    )

    found = by_reference(portfolio, MeanRisk(goal=RiskAtMost(limit=10.0)))

    short = (leverage - 1) / 2
    assert found.weights == pytest.approx([1 + short, 0, -short], abs=1e-7)


def test_leverage__under_the_sum_of_weights__conflict_named():
    portfolio = portfolio_of(
        [-1] * 2, [2] * 2, covariance=np.eye(2), leverage=0.5, turnover=3.0
    )

    answer = allocate(portfolio, MeanRisk())

    assert answer.conflicts == ("turnover at most 3", "leverage at most 0.5")
