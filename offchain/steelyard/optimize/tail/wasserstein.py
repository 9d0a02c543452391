# SPDX-License-Identifier: MIT
"""The worst CVaR within a Wasserstein distance: CVaR with a price on the length of w.

    CVaR(w) + radius / (1 - level) |w|_2

for the 1-Wasserstein distance with the Euclidean norm and losses without bound: CVaR is
the least over t of a mean of losses that change by at most |w|_2 / (1 - level) per unit
of distance (Mohajerin Esfahani & Kuhn 2018, corollary 5.1 and section 7.1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.found import Found
from steelyard.optimize.models import CVaR, MeanRisk, WassersteinCVaR
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import Task
from steelyard.optimize.tail.cone_program import ConeProgram
from steelyard.optimize.tail.generate import generator_of
from steelyard.optimize.tail.goals import found_for
from steelyard.optimize.tail.inputs import mean_of, returns_of
from steelyard.optimize.tail.linear import by_generation
from steelyard.optimize.tail.losses import losses_of
from steelyard.optimize.tail.measures import cvar, price_of_length
from steelyard.optimize.tail.start import spread

METHOD = "row and column generation on Clarabel"


def wasserstein_cvar(
    returns: Floats, weights: Floats, level: float, radius: float
) -> float:
    """Of the losses of weights (n,) in returns (t, n)."""
    length = float(np.linalg.norm(weights))
    return cvar(-(returns @ weights), level) + price_of_length(level, radius) * length


def by_cones(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The model's weights for any goal; the bound lets u . w stand for |w|, |u| <= 1.

    Raises `SolveFailed`, `ModelRefused`, `PortfolioInvalid`.
    """
    measure = model.measure
    assert isinstance(measure, WassersteinCVaR)
    level, radius = measure.level, measure.radius
    norm = price_of_length(level, radius)
    if norm == 0:
        return by_generation(portfolio, replace(model, measure=CVaR(level=level)))
    returns, mean = returns_of(portfolio, model), mean_of(portfolio, model)
    generator = generator_of(
        portfolio.polytope,
        mean,
        losses_of(returns, CVaR(level=level)),
        spread(portfolio.polytope, returns),
        lambda frame: ConeProgram(frame, norm),
        norm,
    )
    task = Task(
        polytope=portfolio.polytope,
        mean=mean,
        risk=lambda weights: wasserstein_cvar(returns, weights, level, radius),
        best=generator.best,
        method=METHOD,
    )
    return found_for(model.goal, task)
