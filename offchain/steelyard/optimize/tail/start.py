# SPDX-License-Identifier: MIT
"""Weights that spread risk roughly: which scenarios and assets are worth a look first.

A few steps of Frank & Wolfe (1956) on the mean square return, over the box and the sum
alone. Rows are left out, so the weights are no answer; any others would do as a start.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

STEPS = 4


def spread(polytope: Polytope, returns: Floats) -> Floats:
    """(n,) weights within the box, with a small mean square of returns (t, n)."""
    squares = np.einsum("ti,ti->i", returns, returns)
    weights = cheapest(polytope, squares)
    path = returns @ weights
    for _ in range(STEPS):
        towards = cheapest(polytope, path @ returns)
        change = returns @ towards - path
        curvature = change @ change
        if curvature <= 0:
            break
        step = float(np.clip(-(path @ change) / curvature, 0.0, 1.0))
        weights = weights + step * (towards - weights)
        path = path + step * change
    return weights


def cheapest(polytope: Polytope, costs: Floats) -> Floats:
    """(n,) weights of the least cost within the box and the sum: the cheapest first."""
    p = polytope
    order = np.argsort(costs)
    room = (p.highest - p.lowest)[order]
    left = p.total - p.lowest.sum() - (np.cumsum(room) - room)
    weights = p.lowest.copy()
    weights[order] += np.clip(left, 0.0, room)
    return weights
