# SPDX-License-Identifier: MIT
"""Whether a critical line is optimal at a multiplier, and from where to where it is.

No free weight may leave its box and no row be missed; the reduced gradient may not
fall away from an end of the box where a weight is held, nor a row at its bound have a
negative price. All of these are linear in the multiplier.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.line import STILL, Line
from steelyard.optimize.quadratic.program import ActiveSet, Program, natural

PRIMAL = 1e-12  # of the largest weight, or of 1
DUAL = 1e-12  # of the steepest gradient
ENDLESS = 1e10  # of the natural multiplier: nothing but rounding ends a line there
TIED = 1e-12  # limits that are met at multipliers as near as this are met at once
ROUNDING = 1e-15  # of the mean variance


def weights_at(line: Line, multiplier: float) -> Floats:
    return np.asarray(line.weights[0] + multiplier * line.weights[1])


def reduced_at(line: Line, multiplier: float) -> Floats:
    return np.asarray(line.reduced[0] + multiplier * line.reduced[1])


def prices_at(line: Line, multiplier: float) -> Floats:
    return np.asarray(line.prices[0] + multiplier * line.prices[1])


def corrected(program: Program, line: Line, multiplier: float) -> ActiveSet | None:
    """The active set with all that is wrong turned over; None: the line is optimal."""
    p, sides, rows = program, line.active.sides, line.active.rows
    weights = weights_at(line, multiplier)
    reduced = reduced_at(line, multiplier)
    largest = max(1.0, float(np.abs(weights).max()))
    off = PRIMAL * largest
    steep = DUAL * float(line.steepness[0] + multiplier * line.steepness[1])
    steep = p.doubt * (steep + ROUNDING * p.size * largest)
    free = sides == 0
    low = free & (weights < p.lowest - off)
    high = free & (weights > p.highest + off)
    loose = (sides * reduced > steep) & (p.lowest < p.highest)
    prices = prices_at(line, multiplier)
    slack = p.bounds - p.rows @ weights
    turned = np.where(rows, prices < -steep, slack < -off * p.scales)
    turned[0] = False
    if not ((low | high | loose).any() or turned.any()):
        return None
    moved = sides.copy()
    moved[low], moved[high], moved[loose] = -1, 1, 0
    near = np.minimum(np.maximum(weights, p.lowest), p.highest)
    return ActiveSet(sides=moved, rows=rows ^ turned, near=near)


def reach(program: Program, line: Line, multiplier: float) -> tuple[float, float]:
    """The multipliers, from and to, around this one at which the line is optimal."""
    values, changes = _margins(program, line)
    with np.errstate(divide="ignore", invalid="ignore"):
        zeros = -values / changes
    first = zeros[changes > 0].max(initial=0.0)
    last = zeros[changes < 0].min(initial=np.inf)
    last = last if last < ENDLESS * natural(program) else np.inf
    return min(float(first), multiplier), max(float(last), multiplier)


def crossed(program: Program, line: Line, end: float, upwards: bool) -> ActiveSet:
    """The active set beyond an end of the line: what ends it is turned over."""
    sides, free = line.active.sides.copy(), line.active.sides == 0
    values, changes = _margins(program, line)
    falling = changes < 0 if upwards else changes > 0
    beyond = end * (1 + TIED if upwards else 1 - TIED)
    over = falling & (values + beyond * changes <= 0)
    loose, ends = np.flatnonzero(free), over[: len(sides)]
    sides[ends & free], sides[ends & ~free] = -1, 0
    sides[loose[over[len(sides) : len(sides) + len(loose)]]] = 1
    rows = line.active.rows ^ over[len(sides) + len(loose) :]
    near = np.clip(weights_at(line, end), program.lowest, program.highest)
    return ActiveSet(sides=sides, rows=rows, near=near)


def _margins(program: Program, line: Line) -> tuple[Floats, Floats]:
    """What may not be negative: at multiplier 0, and its change per unit."""
    p, sides, rows = program, line.active.sides, line.active.rows
    free, movable = sides == 0, p.lowest < p.highest
    (value, change), (gradient, steeper) = line.weights, line.reduced
    change = np.where(np.abs(change) > STILL / natural(p), change, 0.0)
    still, dearer = STILL * p.gain, line.prices[1]
    steeper = np.where(movable & (np.abs(steeper) > still), steeper, 0.0)
    dearer = np.where(np.abs(dearer) > still, dearer, 0.0)
    dearer[0] = 0.0
    values = [
        np.where(free, value - p.lowest, -sides * gradient),
        (p.highest - value)[free],
        np.where(rows, line.prices[0], p.bounds - p.rows @ value),
    ]
    changes = [
        np.where(free, change, -sides * steeper),
        -change[free],
        np.where(rows, dearer, -_moved(p.rows, change)),
    ]
    return np.concatenate(values), np.concatenate(changes)


def _moved(rows: Floats, change: Floats) -> Floats:
    """rows @ change without what is rounding."""
    moved = rows @ change
    moved[np.abs(moved) <= STILL * (np.abs(rows) @ np.abs(change))] = 0.0
    return np.asarray(moved)
