# SPDX-License-Identifier: MIT
"""Least variance, most utility, least variance at a mean: one program each.

Where several weights are best, any of them may come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.found import Found
from steelyard.optimize.models import MeanRisk, ReturnAtLeast, Utility
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.certificates import point_of, quadratic_bound
from steelyard.optimize.quadratic.conditions import prices_at, weights_at
from steelyard.optimize.quadratic.dual import dual_of
from steelyard.optimize.quadratic.inputs import covariance_of, means_of
from steelyard.optimize.quadratic.minimise import METHOD, minimise
from steelyard.optimize.quadratic.program import (
    Program,
    at_lowest,
    inside_box,
    movable,
    program_of,
    with_row,
)
from steelyard.optimize.quadratic.support import WHOLE
from steelyard.optimize.quadratic.walk import upper_end

DUAL_METHOD = "dual active set"
TIGHT = 1e-12  # gap, of the objective, and violation: nothing to make more exact


@dataclass(frozen=True, kw_only=True, eq=False)
class Aim:
    """Least of curvature / 2 w' C w - gains . w with means . w at least the floor."""

    polytope: Polytope
    program: Program  # with the floor as its last row, if there is one
    multiplier: float
    curvature: float
    gains: Floats  # (n,)
    means: Floats | None = None  # (n,) over `unit` in the row
    floor: float = 0.0
    unit: float = 1.0


def least_risk(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least variance, w' C w. Raises `SolveFailed`, `PortfolioInvalid`."""
    covariance = covariance_of(portfolio, model)
    gains = np.zeros(len(covariance))
    aim = Aim(
        polytope=portfolio.polytope,
        program=program_of(portfolio.polytope, covariance, gains),
        multiplier=0.0,
        curvature=2.0,
        gains=gains,
    )
    return _best(aim)


def most_utility(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least risk_aversion / 2 w' C w - mean.

    Raises `PreferenceInvalid`, `SolveFailed`, `PortfolioInvalid`.
    """
    assert isinstance(model.goal, Utility)
    aversion = float(model.goal.risk_aversion)
    if not 0 <= aversion < np.inf:
        raise PreferenceInvalid("risk_aversion", aversion, "0 or more")
    means = means_of(portfolio, model)
    program = program_of(portfolio.polytope, covariance_of(portfolio, model), means)
    aim = Aim(
        polytope=portfolio.polytope,
        program=program,
        multiplier=1 / aversion if aversion else np.inf,
        curvature=aversion,
        gains=means,
    )
    if not aversion:
        end = upper_end(program)
        weights = weights_at(end.line, end.multiplier)
        return _proved(aim, weights, end.line.prices[1], METHOD)
    return _best(aim)


def least_risk_at_return(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least variance, w' C w, at this mean or more.

    Raises `SolveFailed`, `PortfolioInvalid`, `PreferenceInvalid`.
    """
    assert isinstance(model.goal, ReturnAtLeast)
    floor = float(model.goal.expected_return)
    if not np.isfinite(floor):
        raise PreferenceInvalid("expected_return", floor, "a finite number")
    means, polytope = means_of(portfolio, model), portfolio.polytope
    covariance, gains = covariance_of(portfolio, model), np.zeros(len(means))
    unit = float(np.abs(means).max()) or 1.0
    program = program_of(polytope, covariance, gains)
    aim = Aim(
        polytope=polytope,
        program=with_row(program, -means / unit, -floor / unit),
        multiplier=0.0,
        curvature=2.0,
        gains=gains,
        means=means,
        floor=floor,
        unit=unit,
    )
    return _best(aim)


def _best(aim: Aim) -> Found:
    program, start = aim.program, None
    assets = movable(program)
    if 0 < len(assets) <= WHOLE:
        dual = dual_of(program, aim.multiplier, at_lowest(program), assets)
        if dual is not None:
            prices = aim.curvature * dual.prices
            found = _proved(aim, dual.weights, prices, DUAL_METHOD)
            if _is_exact(aim, found):
                return found
            start = dual.active
    line = minimise(program, aim.multiplier, start)
    weights = weights_at(line, aim.multiplier)
    prices = aim.curvature * prices_at(line, aim.multiplier)
    return _proved(aim, weights, prices, METHOD)


def _is_exact(aim: Aim, found: Found) -> bool:
    assert found.bound is not None
    if found.objective - found.bound > TIGHT * abs(found.objective):
        return False
    short = TIGHT * aim.unit
    if aim.means is not None and aim.means @ found.weights < aim.floor - short:
        return False
    return violation(aim.polytope, found.weights) <= TIGHT


def _proved(aim: Aim, weights: Floats, prices: Floats, method: str) -> Found:
    """`prices` (1 + m,) or one more, of the objective, that of the sum first."""
    polytope = aim.polytope
    weights = inside_box(polytope, weights)
    point = point_of(aim.program.covariance, weights)
    count = len(polytope.bounds)
    row_prices = np.maximum(prices[1 : 1 + count], 0.0)
    gains, below = aim.gains, 0.0
    if aim.means is not None:
        price = max(float(prices[1 + count]), 0.0) / aim.unit
        gains, below = price * aim.means, price * aim.floor
    below += quadratic_bound(
        polytope, point, curvature=aim.curvature, gains=gains, row_prices=row_prices
    )
    if not aim.gains.any():
        below = max(below, 0.0)  # a variance
    return Found(
        weights=weights,
        objective=aim.curvature / 2 * point.variance - float(aim.gains @ weights),
        bound=below,
        row_prices=row_prices,
        method=method,
    )
