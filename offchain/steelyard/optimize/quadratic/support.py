# SPDX-License-Identifier: MIT
"""Few assets held: a support that grows by what pays, at the prices of its rows.

Column generation: it cannot cycle, as what is not held leaves the support only while
the objective falls.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.quadratic.conditions import (
    corrected,
    reduced_at,
    weights_at,
)
from steelyard.optimize.quadratic.dual import dual_of
from steelyard.optimize.quadratic.line import Line, line_of
from steelyard.optimize.quadratic.program import ActiveSet, Flags, Indices, Program
from steelyard.optimize.quadratic.turns import stepped, turned

WHOLE = 80  # up to so many assets, the support may be all of them
JOINING = 40  # most assets that join at once
MARGIN = 10  # assets at each end of the box
CROWD = 120  # assets that a support has before any leave it
FALL = 1e-10  # a smaller fall of the objective is none


def settled(
    program: Program,
    multiplier: float,
    near: ActiveSet,
    doubtful: Flags | None = None,
) -> Line | None:
    """The optimal line from an active set near it; None where it is not near.

    What turns did not settle is the first support, with what is `doubtful` and what
    the gradient puts at the margin.
    """
    line, touched = turned(program, multiplier, near)
    if line is not None:
        return line
    if doubtful is not None:
        touched |= doubtful
    touched[_marginal(program, multiplier, near)] = True
    inside = (touched & (program.lowest < program.highest)).nonzero()[0]
    return grown(program, multiplier, near, inside, max(WHOLE, len(touched) // 2))


def grown(
    program: Program, multiplier: float, start: ActiveSet, inside: Indices, most: int
) -> Line | None:
    """The optimal line, from a support `inside`; None where it grows past `most`.

    Assets outside rest at the end of the box where `start` has them.
    """
    active, least = start, np.inf
    while 0 < len(inside) <= most:
        found = dual_of(program, multiplier, inside, active)
        line = line_of(program, found.active) if found else None
        if found is None or line is None:
            return None
        better = corrected(program, line, multiplier)
        if better is None:
            return line
        active = line.active
        joining = (better.sides == 0) & (active.sides != 0)
        joining[inside] = False
        if not joining.any():
            return stepped(program, multiplier, found.active)
        value = _objective(program, line, multiplier)
        if len(inside) > CROWD and value < least - FALL * abs(value):
            inside, least = inside[active.sides[inside] == 0], value
        inside = np.concatenate([inside, _dearest(line, multiplier, joining)])
    return None


def _marginal(program: Program, multiplier: float, near: ActiveSet) -> Indices:
    """Of both ends of the box, the assets that would leave it first."""
    held = near.near.nonzero()[0]
    gradient = near.near[held] @ program.covariance[held] - multiplier * program.gains
    last = np.sort(np.where(near.sides > 0, gradient, -np.inf))[-MARGIN:]
    first = np.sort(np.where(near.sides < 0, gradient, np.inf))[:MARGIN]
    leaving = (near.sides > 0) & (gradient >= last[0])
    joining = (near.sides < 0) & (gradient <= first[-1])
    return np.flatnonzero(leaving | joining)


def _objective(program: Program, line: Line, multiplier: float) -> float:
    weights = weights_at(line, multiplier)
    held = weights.nonzero()[0]
    taken = weights[held]
    risk = taken @ (program.covariance[held[:, None], held] @ taken)
    return float(risk / 2 - multiplier * (program.gains[held] @ taken))


def _dearest(line: Line, multiplier: float, joining: Flags) -> Indices:
    """Those of the flagged assets whose joining pays most."""
    which: Indices = joining.nonzero()[0]
    if len(which) <= JOINING:
        return which
    pays = np.abs(reduced_at(line, multiplier)[which])
    return which[np.argpartition(-pays, JOINING)[:JOINING]]
