# SPDX-License-Identifier: MIT
"""Least variance, most utility, least variance at a mean: one program each.

Where several weights are best, any of them may come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.found import Found
from steelyard.optimize.models import MeanRisk, ReturnAtLeast, Utility
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.certificates import (
    is_exact,
    point_of,
    quadratic_bound,
)
from steelyard.optimize.quadratic.conditions import prices_at, weights_at
from steelyard.optimize.quadratic.dual import dual_of
from steelyard.optimize.quadratic.inputs import covariance_of, means_of
from steelyard.optimize.quadratic.minimise import DUAL_METHOD, METHOD, minimise
from steelyard.optimize.quadratic.program import (
    Program,
    inside_box,
    movable,
    program_of,
    with_row,
)
from steelyard.optimize.quadratic.support import WHOLE
from steelyard.optimize.quadratic.walk import upper_end


@dataclass(frozen=True, kw_only=True, eq=False)
class Floor:
    """means . w at least the floor; both over `unit` in its row."""

    means: Floats  # (n,)
    floor: float
    unit: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Aim:
    """Least of curvature / 2 w' C w - gains . w, above a floor if there is one.

    Without gains where the multiplier is 0.
    """

    polytope: Polytope
    program: Program  # with the gains, and the floor as its last row
    multiplier: float
    curvature: float
    floor: Floor | None = None


def least_risk(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least variance, w' C w. Raises `SolveFailed`, `PortfolioInvalid`."""
    covariance, polytope = covariance_of(portfolio, model), portfolio.polytope
    program = program_of(polytope, covariance, np.zeros(len(covariance)))
    return _best(Aim(polytope=polytope, program=program, multiplier=0.0, curvature=2.0))


def most_utility(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least risk_aversion / 2 w' C w - mean.

    Raises `SolveFailed`, `PortfolioInvalid`.
    """
    assert isinstance(model.goal, Utility)
    aversion = float(model.goal.risk_aversion)
    means, covariance = means_of(portfolio, model), covariance_of(portfolio, model)
    aim = Aim(
        polytope=portfolio.polytope,
        program=program_of(portfolio.polytope, covariance, means),
        multiplier=1 / aversion if aversion else np.inf,
        curvature=aversion,
    )
    if not aversion:
        end = upper_end(aim.program)
        weights = weights_at(end.line, end.multiplier)
        return _proved(aim, weights, end.line.prices[1], METHOD)
    return _best(aim)


def least_risk_at_return(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least variance, w' C w, at this mean or more.

    Raises `SolveFailed`, `PortfolioInvalid`.
    """
    assert isinstance(model.goal, ReturnAtLeast)
    means, floor = means_of(portfolio, model), float(model.goal.expected_return)
    covariance, polytope = covariance_of(portfolio, model), portfolio.polytope
    unit = float(np.abs(means).max()) or 1.0
    program = program_of(polytope, covariance, np.zeros(len(means)))
    aim = Aim(
        polytope=polytope,
        program=with_row(program, -means / unit, -floor / unit),
        multiplier=0.0,
        curvature=2.0,
        floor=Floor(means=means, floor=floor, unit=unit),
    )
    return _best(aim)


def _best(aim: Aim) -> Found:
    program, assets, start = aim.program, movable(aim.program), None
    if 0 < len(assets) <= WHOLE:
        dual = dual_of(program, aim.multiplier, assets)
        if dual is not None:
            prices = aim.curvature * dual.prices
            found = _proved(aim, dual.weights, prices, DUAL_METHOD)
            if is_exact(program, found):
                return found
            start = dual.active
    line = minimise(program, aim.multiplier, start)
    weights = weights_at(line, aim.multiplier)
    prices = aim.curvature * prices_at(line, aim.multiplier)
    return _proved(aim, weights, prices, METHOD)


def _proved(aim: Aim, weights: Floats, prices: Floats, method: str) -> Found:
    """`prices` (1 + m,) or one more, of the objective, that of the sum first."""
    polytope, gains, below = aim.polytope, aim.program.gains, 0.0
    weights = inside_box(polytope, weights)
    point = point_of(aim.program.covariance, weights)
    count = len(polytope.bounds)
    objective = aim.curvature / 2 * point.variance - float(gains.dot(weights))
    if aim.floor is not None:
        price = max(float(prices[1 + count]), 0.0) / aim.floor.unit
        gains, below = price * aim.floor.means, price * aim.floor.floor
    row_prices = np.maximum(prices[1 : 1 + count], 0.0)
    below += quadratic_bound(
        polytope, point, curvature=aim.curvature, gains=gains, row_prices=row_prices
    )
    if aim.multiplier == 0:
        below = max(below, 0.0)  # a variance
    return Found(
        weights=weights,
        objective=objective,
        bound=below,
        row_prices=row_prices,
        method=method,
    )
