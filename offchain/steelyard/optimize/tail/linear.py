# SPDX-License-Identifier: MIT
"""CVaR, the largest loss and conditional drawdown: exact, by linear programs that grow.

A vertex of the program: where several weights are as good, any of them may come back.
"""

from __future__ import annotations

from steelyard.optimize.found import Found
from steelyard.optimize.models import ConditionalDrawdown, CVaR, MeanRisk, WorstCase
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import Task
from steelyard.optimize.tail.generate import generator_of
from steelyard.optimize.tail.goals import found_for
from steelyard.optimize.tail.inputs import mean_of, returns_of
from steelyard.optimize.tail.linear_program import LinearProgram
from steelyard.optimize.tail.losses import losses_of
from steelyard.optimize.tail.measures import conditional_drawdown, cvar, worst
from steelyard.optimize.tail.start import spread

METHOD = "row and column generation on HiGHS"


def by_generation(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The model's weights for any goal, with the bound from scenario multipliers.

    Raises `SolveFailed`, `ModelRefused`, `PortfolioInvalid`.
    """
    measure = model.measure
    assert isinstance(measure, CVaR | WorstCase | ConditionalDrawdown)
    returns, mean = returns_of(portfolio, model), mean_of(portfolio, model)
    losses = losses_of(returns, measure)
    start = spread(portfolio.polytope, returns)
    generator = generator_of(portfolio.polytope, mean, losses, start, LinearProgram)

    def risk(weights: Floats) -> float:
        if isinstance(measure, ConditionalDrawdown):
            return conditional_drawdown(returns @ weights, measure.level)
        if isinstance(measure, CVaR):
            return cvar(-(returns @ weights), measure.level)
        return worst(-(returns @ weights))

    task = Task(
        polytope=portfolio.polytope,
        mean=mean,
        risk=risk,
        best=generator.best,
        method=METHOD,
    )
    return found_for(model.goal, task)
