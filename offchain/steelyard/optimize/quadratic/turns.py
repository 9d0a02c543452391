# SPDX-License-Identifier: MIT
"""From an active set near the optimal one to it, in a counted number of steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.quadratic.conditions import corrected, weights_at
from steelyard.optimize.quadratic.line import Line, line_of
from steelyard.optimize.quadratic.program import ActiveSet, Flags, Program

TURNS = 8
STEPS = 20
NO_MOVE = 1e-15


def turned(
    program: Program, multiplier: float, near: ActiveSet
) -> tuple[Line | None, Flags]:
    """The optimal line if a few turns find it, and all that was free in any.

    All that is wrong is turned over at once (Hintermuller, Ito & Kunisch 2003): quick
    near the optimum, but it may cycle.
    """
    active, touched = near, np.zeros(len(near.sides), np.bool_)
    for _ in range(TURNS):
        touched |= active.sides == 0
        line = line_of(program, active)
        if line is None:
            break
        better = corrected(program, line, multiplier)
        if better is None:
            return line, touched
        active = better
    return None, touched


def stepped(program: Program, multiplier: float, near: ActiveSet) -> Line | None:
    """The optimal line from weights that are allowed, one limit at a time.

    The primal active-set method: on the way to the weights of a line, the first limit
    that is met holds from there on. For weights that are open but for rounding.
    """
    active = near
    for _ in range(STEPS):
        line = line_of(program, active)
        if line is None:
            return None
        better = corrected(program, line, multiplier)
        if better is None:
            return line
        active = _blocked(program, line, multiplier, active) or better
    return None


def _blocked(
    program: Program, line: Line, multiplier: float, active: ActiveSet
) -> ActiveSet | None:
    """With the first limit on the way to the line's weights; None: nothing is met."""
    p, start = program, active.near
    way = weights_at(line, multiplier) - start
    climb = p.rows @ way
    room = np.concatenate(
        [
            np.where(way > 0, p.highest - start, start - p.lowest),
            p.bounds - p.rows @ start,
        ]
    )
    speed = np.concatenate([np.abs(way), np.where(active.rows, 0.0, climb)])
    meets = speed > NO_MOVE
    share = np.full(len(room), np.inf)
    share[meets] = np.maximum(room[meets], 0.0) / speed[meets]
    first = int(share.argmin())
    if share[first] >= 1:
        return None
    near = start + share[first] * way
    if first >= len(way):
        rows = active.rows.copy()
        rows[first - len(way)] = True
        return replace(active, rows=rows, near=near)
    sides = active.sides.copy()
    sides[first] = 1 if way[first] > 0 else -1
    return replace(active, sides=sides, near=near)
