# SPDX-License-Identifier: MIT
"""The largest mean at a volatility: the frontier followed to where it has it."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.models import MeanRisk, RiskAtMost
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.certificates import (
    limited_bound,
    point_of,
    rounding,
)
from steelyard.optimize.quadratic.conditions import prices_at, weights_at
from steelyard.optimize.quadratic.inputs import covariance_of, means_of
from steelyard.optimize.quadratic.program import (
    Program,
    inside_box,
    natural,
    program_of,
)
from steelyard.optimize.quadratic.walk import METHOD, Met, Moments, Target, walk

OVER = 1e-10  # of the limit's square: rounding
LEAST = 1e-7  # of the natural multiplier: nearer to the least variance, prices explode


def most_return(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least - mean at a volatility of the limit or less.

    Raises `SolveFailed`, "infeasible" where all have more, `PortfolioInvalid`.
    """
    assert isinstance(model.goal, RiskAtMost)
    limit = float(model.goal.limit)
    means, polytope = means_of(portfolio, model), portfolio.polytope
    covariance = covariance_of(portfolio, model)
    program = program_of(polytope, covariance, means)
    met = walk(program, _volatility(limit), natural(program))
    weights = inside_box(polytope, weights_at(met.line, met.multiplier))
    point = point_of(covariance, weights)
    if point.variance > (1 + OVER) * limit**2 + rounding(point):
        raise SolveFailed(METHOD, "infeasible")
    bound, row_prices = _proof(polytope, program, met, limit)
    return Found(
        weights=weights,
        objective=-float(means @ weights),
        bound=bound,
        row_prices=row_prices,
        method=METHOD,
    )


def _proof(
    polytope: Polytope, program: Program, met: Met, limit: float
) -> tuple[float, Floats]:
    """A lower bound of - mean, and (m,) prices of rows."""
    multiplier = max(met.multiplier, LEAST * natural(program))
    price, prices = 1 / multiplier, prices_at(met.line, multiplier) / multiplier
    if met.is_end:
        price, prices = 0.0, met.line.prices[1]
    row_prices = np.maximum(prices[1:], 0.0)
    bound = limited_bound(
        polytope,
        point_of(program.covariance, weights_at(met.line, multiplier)),
        limit=limit,
        price=price,
        gains=program.gains,
        row_prices=row_prices,
    )
    return bound, row_prices


def _volatility(limit: float) -> Target:
    """Where a line has this volatility."""

    def met_at(moments: Moments) -> float:
        room = limit**2 - moments.still
        if room <= 0:
            return 0.0
        return float(np.sqrt(room / moments.slope)) if moments.slope else np.inf

    return met_at
