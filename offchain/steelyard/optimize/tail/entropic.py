# SPDX-License-Identifier: MIT
"""The entropic value at risk: smooth where many scenarios share the tail, or a vertex.

It is the worst mean loss over probabilities within an entropy. Where those that make
the largest loss least are within it, the least largest loss is the answer, by a linear
program; everywhere else the measure is smooth at its least, and Newton's method ends.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.found import Found
from steelyard.optimize.models import CVaR, EntropicVaR, MeanRisk, WorstCase
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import Aim, Aimed, Task, value_of
from steelyard.optimize.tail.generate import generator_of
from steelyard.optimize.tail.goals import found_for
from steelyard.optimize.tail.inputs import mean_of, returns_of
from steelyard.optimize.tail.limit import LimitSearch
from steelyard.optimize.tail.linear import by_generation
from steelyard.optimize.tail.linear_program import LinearProgram
from steelyard.optimize.tail.losses import losses_of
from steelyard.optimize.tail.measures import EQUAL, entropic_var, relative_entropy
from steelyard.optimize.tail.newton import NewtonSolver
from steelyard.optimize.tail.start import spread

METHOD = "Newton's method over exact quadratic programs"


class EntropicSolver:
    """Solves aim after aim; both methods keep what they have learnt."""

    def __init__(
        self, polytope: Polytope, mean: Floats, returns: Floats, level: float
    ) -> None:
        start = spread(polytope, returns)
        losses = losses_of(returns, WorstCase())
        self._entropy = -np.log1p(-level)
        self._polytope, self._mean = polytope, mean
        self._returns, self._level = returns, level
        self._worst = generator_of(polytope, mean, losses, start, LinearProgram)
        unit = self._worst.unit
        self._smooth = NewtonSolver(polytope, mean, returns, level, start, unit)

    def risk(self, weights: Floats) -> float:
        return entropic_var(-(self._returns @ weights), self._level)

    def best(self, aim: Aim) -> Aimed:
        """Raises `SolveFailed`."""
        if np.isfinite(aim.limit):
            mean, limit = self._mean, aim.limit
            return LimitSearch(self._polytope, mean, self.risk, self.best, limit).run()
        aimed = self._worst.best(aim)
        needed = relative_entropy(self._worst.shares)
        if aim.price == 0 or needed <= self._entropy * (1 + EQUAL):
            return aimed
        proof = self._smooth.best(aim, self._worst.assets)
        return min(
            replace(proof, weights=aimed.weights),
            proof,
            key=lambda found: self._value(aim, found.weights),
        )

    def _value(self, aim: Aim, weights: Floats) -> float:
        return value_of(aim, float(self._mean @ weights), self.risk(weights))


def by_newton(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The model's weights for any goal; the bound is from probabilities in the entropy.

    Raises `SolveFailed`, `ModelRefused`, `PortfolioInvalid`.
    """
    measure = model.measure
    assert isinstance(measure, EntropicVaR)
    if measure.level == 0:  # the mean loss
        return by_generation(portfolio, replace(model, measure=CVaR(level=0.0)))
    returns, mean = returns_of(portfolio, model), mean_of(portfolio, model)
    solver = EntropicSolver(portfolio.polytope, mean, returns, measure.level)
    task = Task(
        polytope=portfolio.polytope,
        mean=mean,
        risk=solver.risk,
        best=solver.best,
        method=METHOD,
    )
    return found_for(model.goal, task)
