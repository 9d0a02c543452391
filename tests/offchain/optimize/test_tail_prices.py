# SPDX-License-Identifier: MIT
"""Prices of rows: what the objective falls by per unit of a bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from portfolio_cases import factor_case
from tail_cases import assert_proved, solved

from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    LargestRatio,
    LeastRisk,
    RiskAtMost,
    Utility,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.portfolio import Portfolio

MEASURES = [
    CVaR(level=0.9),
    WorstCase(),
    ConditionalDrawdown(level=0.9),
    WassersteinCVaR(level=0.9, radius=1e-3),
    EntropicVaR(level=0.9),
]
GOALS = [LeastRisk(), Utility(risk_aversion=0.2), LargestRatio(risk_free=-0.003)]
STEP = 1e-6  # of weight


def _moved(portfolio: Portfolio, row: int, step: float) -> Portfolio:
    bounds = portfolio.polytope.bounds.copy()
    bounds[row] += step
    return replace(portfolio, polytope=replace(portfolio.polytope, bounds=bounds))


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: type(goal).__name__)
@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: type(m).__name__)
def test_row_prices__bound_moved__the_objective_falls_by_them(measure, goal) -> None:
    portfolio = factor_case(25, t=200, seed=3)
    found = solved(portfolio, measure, goal)
    row = int(np.argmax(found.row_prices))

    wider = solved(_moved(portfolio, row, STEP), measure, goal)
    tighter = solved(_moved(portfolio, row, -STEP), measure, goal)

    price = (tighter.objective - wider.objective) / (2 * STEP)
    assert found.row_prices[row] > 1e-5
    assert price == pytest.approx(found.row_prices[row], rel=1e-3, abs=1e-7)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: type(m).__name__)
def test_row_prices__limit_of_risk__fall_of_minus_the_mean(measure) -> None:
    portfolio = factor_case(25, t=200, seed=3)
    least = solved(portfolio, measure, LeastRisk()).objective
    goal = RiskAtMost(limit=1.3 * least)
    found = solved(portfolio, measure, goal)
    row = int(np.argmax(found.row_prices))

    wider = solved(_moved(portfolio, row, STEP), measure, goal)
    tighter = solved(_moved(portfolio, row, -STEP), measure, goal)

    price = (tighter.objective - wider.objective) / (2 * STEP)
    assert_proved(portfolio, found, gap=5e-9)
    assert price == pytest.approx(found.row_prices[row], rel=1e-2, abs=1e-7)
