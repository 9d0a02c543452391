# SPDX-License-Identifier: MIT
"""A solver's weights moved onto the limits that they all but keep."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.problem import Floats

NOISE = 1e-11  # of a weight: nearer to a bound than this is at the bound
ROUNDING = 1e-14  # a smaller violation is left
MOST_VIOLATION = 1e-11
SOLVED, EQUAL, LARGE = 1, 5, 1e30  # daqp's exit flag, sense of a row, no bound

Booleans = NDArray[np.bool_]


def cleaned(polytope: Polytope, weights: Floats) -> Floats:
    """(n,) the nearest weights that are allowed: a projection by daqp.

    What is at a bound but for noise is put there first and stays. Raises `SolveFailed`
    where nothing is near.
    """
    p = polytope
    placed = np.clip(weights, p.lowest, p.highest)
    placed = np.where(placed - p.lowest < NOISE, p.lowest, placed)
    placed = np.where(p.highest - placed < NOISE, p.highest, placed)
    if violation(p, placed) <= ROUNDING:
        return placed
    at_bound = (placed == p.lowest) | (placed == p.highest)
    for fixed in (at_bound, np.zeros_like(at_bound)):
        nearest = _nearest(p, placed, fixed)
        if nearest is not None:
            return nearest
    raise SolveFailed("projection", "failed")


def _nearest(polytope: Polytope, placed: Floats, fixed: Booleans) -> Floats | None:
    """In units of the violation, as daqp's tolerances are absolute."""
    daqp: Any = import_module("daqp")
    p, n, unit = polytope, len(placed), violation(polytope, placed)
    low = np.where(fixed, 0.0, p.lowest - placed) / unit
    high = np.where(fixed, 0.0, p.highest - placed) / unit
    left = [(p.total - placed.sum()) / unit]
    rows = (p.bounds - p.matrix @ placed) / unit
    sense = np.zeros(n + 1 + len(rows), dtype=np.int32)
    sense[:n] = np.where(fixed, EQUAL, 0)
    sense[n] = EQUAL
    step, _, flag, _ = daqp.solve(
        np.eye(n),
        np.zeros(n),
        np.vstack([np.ones((1, n)), p.matrix]),
        np.concatenate([high, left, rows]),
        np.concatenate([low, left, np.full(len(rows), -LARGE)]),
        sense,
        primal_tol=1e-9,
    )
    if flag != SOLVED:
        return None
    moved = np.asarray(np.clip(placed + unit * step, p.lowest, p.highest), np.float64)
    return moved if violation(p, moved) <= MOST_VIOLATION else None
