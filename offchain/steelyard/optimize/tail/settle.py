# SPDX-License-Identifier: MIT
"""Weights of an interior point, put on the limits that they are next to."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.problem import Floats

DUST = 1e-9  # of weight: nearer to an end of its box is at it
EXACT = 1e-12  # most by which a limit may be missed for that


def settled(polytope: Polytope, weights: Floats) -> Floats:
    """(n,) within the box, their sum exact to rounding, without dust where rows allow.

    What the ends of the box took or gave goes to the weights between them.
    """
    p = polytope
    clean = np.where(weights < p.lowest + DUST, p.lowest, weights)
    clean = summed(p, np.where(clean > p.highest - DUST, p.highest, clean))
    if violation(p, clean) <= EXACT:
        return clean
    return summed(p, np.clip(weights, p.lowest, p.highest))


def summed(polytope: Polytope, weights: Floats) -> Floats:
    """(n,) within the box, what is missing of their sum added to those with room."""
    p = polytope
    left = p.total - weights.sum()
    room = p.highest - weights if left > 0 else weights - p.lowest
    between = np.where((p.lowest < weights) & (weights < p.highest), room, 0.0)
    if between.sum() <= abs(left):
        between = room
    if left == 0 or between.sum() == 0:
        return weights
    moved = weights + left * between / between.sum()
    return np.asarray(np.clip(moved, p.lowest, p.highest), np.float64)
