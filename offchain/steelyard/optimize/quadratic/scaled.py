# SPDX-License-Identifier: MIT
"""The largest ratio as one program: weights on a free scale.

Charnes & Cooper (1962): of all multiples of allowed weights whose gain over the floor
is 1, those of the least variance are a multiple of the best. Caps of single weights
become rows, so that it is for a few assets.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.arrays import sum_of
from steelyard.optimize.daqp_program import NO_BOUND, solve_quadratic
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.program import Indices, Program

MOST = 60  # assets
# a row is missed by no more, over its length; a singular covariance is given up at once
SETTINGS = {"primal_tol": 1e-11, "eps_prox": 0.0}


def on_free_scale(program: Program, floor: float) -> tuple[Floats, Floats] | None:
    """(n,) weights and (m,) prices of rows, per unit of the gain; near, not checked.

    None where a lowest weight is not 0, the covariance is singular or the method fails.
    """
    p, total = program, float(program.bounds[0])
    if len(p.gains) > MOST or total <= 0 or p.lowest.any():
        return None
    n, m, capped = len(p.gains), len(p.bounds), (p.highest < total).nonzero()[0]
    rows = _rows(p, floor, capped)
    lower, upper = np.zeros((2, n + len(rows)))
    lower[n], lower[n + 1 :] = 1.0, -NO_BOUND
    upper[:n], upper[n] = NO_BOUND, 1.0
    slope = np.zeros(n)
    found = solve_quadratic(
        p.covariance / p.size, slope, rows, lower, upper, equal=0, **SETTINGS
    )
    size, price = sum_of(found.values), -float(found.prices[n])  # of the gain
    if found.outcome != "solved" or not (size > 0 and price > 0):
        return None
    weights = found.values * (total / size)
    weights[found.prices[:n] < 0] = 0.0
    at_cap = capped[found.prices[n + m :] > 0]
    weights[at_cap] = p.highest[at_cap]
    return weights, found.prices[n + 1 : n + m] * (p.gain / price)


def _rows(program: Program, floor: float, capped: Indices) -> Floats:
    """Of multiples y: the gain over the floor, the rows, then the caps that may bind.

    A bound b of weights is b sum(y) / total of their multiple.
    """
    p, total, m = program, program.bounds[0], len(program.bounds)
    rows = np.empty((m + len(capped), len(p.gains)))
    rows[0] = (p.gains - floor / total) / p.gain
    rows[1:m] = p.rows[1:] - (p.bounds[1:] / total)[:, None]
    rows[m:] = -(p.highest[capped] / total)[:, None]
    rows[np.arange(m, len(rows)), capped] += 1.0
    return rows
