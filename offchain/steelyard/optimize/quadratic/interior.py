# SPDX-License-Identifier: MIT
"""Many assets held: an interior point says which limits hold, then the exact line.

PIQP (Schwan, Jiang, Kuhn & Jones 2023) comes close in a dozen factorisations, whatever
the support; a limit is taken to hold where its price is above its slack.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import piqp

from steelyard.optimize.quadratic.line import Line
from steelyard.optimize.quadratic.program import ActiveSet, Program
from steelyard.optimize.quadratic.support import settled

CLOSE = 1e-9
CLEAR = 1e3  # price over slack, or slack over price, of a limit that is beyond doubt


def interior(program: Program, multiplier: float) -> Line | None:
    """The optimal line; None where the method does not come close to it."""
    p = program
    solver = piqp.DenseSolver()
    solver.settings.eps_abs = solver.settings.eps_rel = CLOSE
    rows, bounds = p.rows[1:], p.bounds[1:]
    solver.setup(
        p.covariance / p.size,
        multiplier / -p.size * p.gains,
        p.rows[:1],
        p.bounds[:1],
        rows if len(rows) else None,
        None,
        bounds if len(rows) else None,
        p.lowest,
        p.highest,
    )
    if solver.solve() != piqp.PIQP_SOLVED:
        return None
    return _read(program, multiplier, solver.result)


def _read(program: Program, multiplier: float, found: Any) -> Line | None:
    p = program
    above, below = found.x - p.lowest, p.highest - found.x
    sides = np.zeros(len(p.gains), np.int8)
    sides[found.z_bu > below] = 1
    sides[found.z_bl > above] = -1
    rows = np.ones(len(p.bounds), np.bool_)
    if len(rows) > 1:
        rows[1:] = found.z_u > p.bounds[1:] - p.rows[1:] @ found.x
    slack = np.where(sides > 0, below, above)
    price = np.where(sides > 0, found.z_bu, found.z_bl)
    doubtful = (sides == 0) | (price < CLEAR * slack)
    near = ActiveSet(sides=sides, rows=rows, near=found.x.copy())
    return settled(program, multiplier, near, doubtful)
