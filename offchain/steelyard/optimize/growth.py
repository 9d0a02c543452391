# SPDX-License-Identifier: MIT
"""Growth-optimal weights (Kelly 1956) by Newton's method on an exact active set.

Mean logarithm of growth over scenarios, without trading costs or drawdown limits. Each
step is a quadratic program of its slope and bend over the polytope, by daqp.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.checks import needed
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.lower_bound import Tangent, lowest_value
from steelyard.optimize.models import Kelly
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

METHOD = "Newton's method with daqp"
MOST_STEPS = 30
MOST_HALVINGS = 30
ENOUGH, CLOSE = 1e-13, 1e-9  # gap over the objective
MOST_VIOLATION = 1e-12
RIDGE = 1e-12  # of the mean bend, so that singular scenarios have one step
SOLVED, INFEASIBLE = 1, -1  # daqp's exit flags
EQUAL, LARGE = 5, 1e30  # its sense of a row that is an equality; no bound


def takes(portfolio: Portfolio, model: Kelly) -> bool:
    """Whether this way knows everything that the model wants."""
    return model.drawdown is None and portfolio.is_frictionless


def most_growth(portfolio: Portfolio, model: Kelly) -> Found:  # noqa: ARG001
    """Weights of the most mean log(1 + returns . w).

    If several weights are best, any of them. Raises `SolveFailed`, `PortfolioInvalid`.
    """
    returns, polytope = needed(portfolio, "scenarios", "Kelly"), portfolio.polytope
    none = np.zeros(returns.shape[1])
    weights, prices = _step(polytope, returns, none, None)
    best: Found | None = None
    for _ in range(MOST_STEPS):
        if not (returns @ weights).min() > -1:
            raise SolveFailed(METHOD, "failed")
        target, prices = _step(polytope, returns, weights, prices)
        rows = np.maximum(prices[len(none) + 1 :], 0.0)
        found = _found(polytope, returns, weights, rows)
        if best is None or _gap(found) < _gap(best):
            best = found
        elif _gap(best) <= CLOSE * abs(best.objective):
            break  # the rest is rounding
        if _gap(best) <= ENOUGH * abs(best.objective):
            break
        weights = _shortened(returns, weights, target)
    assert best is not None
    return best


def _step(
    polytope: Polytope, returns: Floats, weights: Floats, prices: Floats | None
) -> tuple[Floats, Floats]:
    """Newton's next weights, and all prices there: of the box, the sum, the rows.

    Prices of the step before say which limits to start from; where that misleads, it
    starts from none.
    """
    scaled = returns / (1 + returns @ weights)[:, None]
    bend = scaled.T @ scaled / len(returns)
    slope = -scaled.mean(axis=0)
    for start in (prices, None):
        flag, moved, found = _quadratic(polytope, weights, bend, slope, start)
        if flag == SOLVED and violation(polytope, moved) <= MOST_VIOLATION:
            return moved, found
    raise SolveFailed(METHOD, "infeasible" if flag == INFEASIBLE else "failed")


def _quadratic(
    polytope: Polytope,
    weights: Floats,
    bend: Floats,
    slope: Floats,
    prices: Floats | None,
) -> tuple[int, Floats, Floats]:
    """daqp's exit flag, weights and prices."""
    daqp: Any = import_module("daqp")
    p, n = polytope, len(weights)
    unit = float(np.trace(bend)) / n or 1.0
    left = [p.total - weights.sum()]
    sense = np.zeros(n + 1 + len(p.names), dtype=np.int32)
    sense[n] = EQUAL
    step, _, flag, info = daqp.solve(
        bend / unit + RIDGE * np.eye(n),
        slope / unit,
        np.vstack([np.ones((1, n)), p.matrix]),
        np.concatenate([p.highest - weights, left, p.bounds - p.matrix @ weights]),
        np.concatenate([p.lowest - weights, left, np.full(len(p.names), -LARGE)]),
        sense,
        primal_tol=1e-13,
        dual_start=None if prices is None else prices / unit,
    )
    found = unit * np.asarray(info["lam"], np.float64)
    moved = np.clip(weights + step, p.lowest, p.highest)
    moved = np.where(found[:n] > 0, p.highest, moved)  # rounding apart, it is there
    moved = np.where(found[:n] < 0, p.lowest, moved)
    return int(flag), np.asarray(moved, np.float64), found


def _shortened(returns: Floats, weights: Floats, target: Floats) -> Floats:
    """The first halving of the way at which growth has risen."""
    before = _loss(returns, weights)
    for halvings in range(MOST_HALVINGS):
        tried: Floats = weights + (target - weights) * 0.5**halvings
        if (returns @ tried).min() > -1 and _loss(returns, tried) <= before:
            return tried
    return target


def _loss(returns: Floats, weights: Floats) -> float:
    return float(-np.log1p(returns @ weights).mean())


def _found(
    polytope: Polytope, returns: Floats, weights: Floats, prices: Floats
) -> Found:
    """With the bound of the tangent at the weights."""
    objective = _loss(returns, weights)
    slope = -(returns / (1 + returns @ weights)[:, None]).mean(axis=0)
    constant = objective - float(slope @ weights)
    tangent = Tangent(constant=constant, gradient=np.asarray(slope))
    return Found(
        weights=weights,
        objective=objective,
        bound=lowest_value(polytope, tangent, prices),
        row_prices=prices,
        method=METHOD,
    )


def _gap(found: Found) -> float:
    assert found.bound is not None
    return abs(found.objective - found.bound)
