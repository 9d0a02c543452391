# SPDX-License-Identifier: MIT
"""What holds for every measure of tails alike: hard inputs, refusals, properties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_cases import CASES, factor_case, with_highest
from tail_cases import assert_proved, goals_of, polytope_of, portfolio_of, solved

from data_files import data_file
from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    LargestRatio,
    LeastRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.tail.measures import cvar, worst

MEASURES = [
    CVaR(),
    WorstCase(),
    ConditionalDrawdown(),
    EntropicVaR(),
    WassersteinCVaR(radius=1e-3),
]
each_measure = pytest.mark.parametrize(
    "measure", MEASURES, ids=lambda measure: type(measure).__name__
)


# --- hard inputs ---


@each_measure
@pytest.mark.parametrize(
    "goal", [LeastRisk(), Utility(risk_aversion=1.0), LargestRatio()]
)
def test_one_asset__any_goal__all_of_it(measure, goal) -> None:
    portfolio = portfolio_of([[0.1], [-0.2], [0.15]])

    found = solved(portfolio, measure, goal)

    assert found.weights == pytest.approx([1.0], abs=1e-15)


@each_measure
@pytest.mark.parametrize("n", [300, 301])
@pytest.mark.parametrize("kind", ["factors", "fewer days than assets", "twins"])
def test_many_assets__least_risk__proved(measure, kind: str, n: int) -> None:
    portfolio = CASES[kind](n)

    found = solved(portfolio, measure, LeastRisk())

    assert_proved(portfolio, found)


# --- what cannot be ---


@each_measure
def test_means_all_negative__ratio__refused(measure) -> None:
    portfolio = replace(factor_case(10, t=200), expected_returns=np.full(10, -0.01))

    with pytest.raises(ModelRefused, match="no allowed portfolio has a mean above"):
        solved(portfolio, measure, LargestRatio())


@each_measure
@pytest.mark.parametrize("n", [6, 70])
def test_floor_above_all_means__infeasible(measure, n: int) -> None:
    with pytest.raises(SolveFailed, match="infeasible"):
        solved(factor_case(n, t=200), measure, ReturnAtLeast(expected_return=1.0))


@each_measure
@pytest.mark.parametrize(("n", "share"), [(6, 0.1), (70, 0.99)])
def test_limit_under_the_least_risk__infeasible(measure, n: int, share: float) -> None:
    portfolio = factor_case(n, t=200)
    least = solved(portfolio, measure, LeastRisk()).objective

    with pytest.raises(SolveFailed, match="infeasible"):
        solved(portfolio, measure, RiskAtMost(limit=share * least))


# --- properties ---


@each_measure
@given(seed=st.integers(0, 10**6), n=st.integers(5, 30))
@settings(max_examples=15, deadline=None)
def test_cap_relaxed__least_risk__never_worse(measure, seed: int, n: int) -> None:
    portfolio = with_highest(factor_case(n, t=100, seed=seed), 2.0 / n)
    box = replace(portfolio.polytope, highest=np.full(n, 3.0 / n))

    tight = solved(portfolio, measure, LeastRisk())
    loose = solved(replace(portfolio, polytope=box), measure, LeastRisk())

    assert loose.objective <= tight.objective + slack_of(measure)


@each_measure
@given(seed=st.integers(0, 10**6), n=st.integers(2, 20))
@settings(max_examples=15, deadline=None)
def test_asset_added__least_risk__never_worse(measure, seed: int, n: int) -> None:
    returns = np.random.default_rng(seed).standard_t(4, (80, n)) * 0.02

    fewer = solved(portfolio_of(returns[:, :-1]), measure, LeastRisk())
    more = solved(portfolio_of(returns), measure, LeastRisk())

    assert more.objective <= fewer.objective + slack_of(measure)


def slack_of(measure) -> float:
    """What rounding may take: a vertex is exact, a point of a cone is not."""
    slacks = {EntropicVaR: 1e-11, WassersteinCVaR: 1e-10}
    return slacks.get(type(measure), 1e-12)


@each_measure
def test_real_prices__every_goal__proved(measure) -> None:
    prices = pd.read_csv(data_file("prices_daily_wide.csv"), index_col=0)
    days = 500 if isinstance(measure, ConditionalDrawdown | WassersteinCVaR) else 750
    returns = prices.iloc[-days:].dropna(axis=1).pct_change().iloc[1:]
    returns = returns.loc[:, returns.abs().max() < 3].to_numpy()
    portfolio = portfolio_of(returns, polytope_of(returns.shape[1], 0.2))
    least = solved(portfolio, measure, LeastRisk())

    goals = goals_of(portfolio, least.objective, risk_aversion=0.1, risk_free=-0.01)

    gap = 5e-9 if isinstance(measure, WassersteinCVaR) else 1e-9
    for goal in goals:
        assert_proved(portfolio, solved(portfolio, measure, goal), gap=gap)
    if measure == CVaR():
        losses = -(returns @ least.weights)
        assert least.objective == pytest.approx(cvar(losses, 0.95), abs=1e-15)
        assert worst(losses) >= least.objective
