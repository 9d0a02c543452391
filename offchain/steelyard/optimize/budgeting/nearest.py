# SPDX-License-Identifier: MIT
"""The allowed weights nearest to wanted ones, and the proof that none are nearer."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.lower_bound import linear_bound
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.problem import Floats

MET = 1e-11  # a limit missed by less is met
PROVABLE = 1e-8  # rounding leaves too few digits of shorter distances
TOLERANCE = 1e-12
INFINITE = 1e30  # in DAQP


def nearest(polytope: Polytope, wanted: Floats, method: str) -> Found:
    """`wanted` (n,) itself where it is allowed, else its Euclidean projection.

    The objective is the distance |w - wanted|; its bound is from a plane between
    `wanted` and all weights allowed, and None where nothing had to be minimised or all
    is rounding. They say nothing about how `wanted` was found. Raises `SolveFailed`
    "infeasible" where nothing is allowed.
    """
    if violation(polytope, wanted) <= MET:
        none = np.zeros(len(polytope.names))
        return Found(
            weights=wanted, objective=0.0, bound=None, row_prices=none, method=method
        )
    method = f"{method}, projected"
    step, prices = _projection(polytope, wanted, method)
    weights = np.clip(wanted + step, polytope.lowest, polytope.highest)
    distance, bound = float(np.sqrt(step @ step)), None
    if distance >= PROVABLE:
        bound = _least_distance(polytope, weights, step, prices)
    return Found(
        weights=weights,
        objective=distance,
        bound=bound,
        row_prices=prices / distance if distance > 0 else np.zeros_like(prices),
        method=f"{method}: nearest weights allowed, {distance:.1e} away",
    )


def _projection(
    polytope: Polytope, wanted: Floats, method: str
) -> tuple[Floats, Floats]:
    """The step and prices of rows: active limits by DAQP, then exactly."""
    daqp: Any = import_module("daqp")
    p, n, m = polytope, len(polytope.assets), len(polytope.names)
    weights, _, flag, info = daqp.solve(
        np.eye(n),
        -wanted,
        np.vstack([p.matrix, np.ones(n)]),
        np.concatenate([p.highest, p.bounds, [p.total]]),
        np.concatenate([p.lowest, np.full(m, -INFINITE), [p.total]]),
        np.array([0] * (n + m) + [5], np.int32),
        primal_tol=TOLERANCE,
        dual_tol=TOLERANCE,
    )
    if flag <= 0:
        raise SolveFailed(method, "infeasible" if flag == -1 else "failed")
    multipliers = np.array(info["lam"])
    step, prices = _on_limits(p, wanted, multipliers)
    if violation(p, wanted + step) <= MET and (prices >= 0).all():
        return step, prices
    step = np.clip(weights, p.lowest, p.highest) - wanted
    return step, np.maximum(multipliers[n:-1], 0.0)


def _on_limits(
    polytope: Polytope, wanted: Floats, multipliers: Floats
) -> tuple[Floats, Floats]:
    """The step and prices where limits with a multiplier hold: least squares.

    A step, not weights, so that short ones keep their digits.
    """
    p, n = polytope, len(wanted)
    of_box, of_rows = multipliers[:n], multipliers[n:-1]
    step = np.where(of_box > 0, p.highest - wanted, 0.0)
    step[of_box < 0] = (p.lowest - wanted)[of_box < 0]
    free, rows = of_box == 0, of_rows > 0
    matrix = np.vstack([p.matrix[rows], np.ones(n)])
    left = np.append((p.bounds - p.matrix @ wanted)[rows], p.total - wanted.sum())
    left -= matrix @ step
    inside = matrix[:, free]
    found = np.linalg.lstsq(inside @ inside.T, left, rcond=None)[0]
    step[free] = found @ inside
    prices = np.zeros(len(of_rows))
    prices[rows] = -found[:-1]
    return step, prices


def _least_distance(
    polytope: Polytope, weights: Floats, step: Floats, prices: Floats
) -> float:
    """At most the distance of all v allowed: |step| + min step . (v - w) / |step|.

    Limits are counted from the weights w, so that short distances keep their digits.
    """
    p, distance = polytope, float(np.sqrt(step @ step))
    around = replace(
        p,
        lowest=p.lowest - weights,
        highest=p.highest - weights,
        bounds=p.bounds - p.matrix @ weights,
        total=p.total - float(weights.sum()),
    )
    return distance + linear_bound(around, step, prices) / distance
