# SPDX-License-Identifier: MIT
"""The allowed weights nearest to others, by one linear program."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

SOLVED, INFEASIBLE = 0, 2  # what scipy's linprog says
TOLERANCE = 1e-10  # the smallest that HiGHS takes


def nearest_allowed(polytope: Polytope, weights: Floats) -> Floats | None:
    """(n,) allowed weights with the least sum |w - weights|; None: nothing is allowed.

    Linear program by HiGHS; a vertex, so it sits on its limits to the last bit or two.
    Raises `SolveFailed` where that ends without saying either.
    """
    from scipy.optimize import linprog

    p, n = polytope, len(polytope.assets)
    target = np.clip(weights, p.lowest, p.highest)
    most = np.concatenate([p.highest - target, target - p.lowest])
    # w = target + up - down
    found = linprog(
        np.ones(2 * n),
        A_ub=np.hstack([p.matrix, -p.matrix]) if len(p.names) else None,
        b_ub=p.bounds - p.matrix @ target if len(p.names) else None,
        A_eq=np.hstack([np.ones((1, n)), -np.ones((1, n))]),
        b_eq=[p.total - target.sum()],
        bounds=np.column_stack([np.zeros(2 * n), most]),
        method="highs",
        options={"primal_feasibility_tolerance": TOLERANCE},
    )
    if found.status == INFEASIBLE:
        return None
    if found.status != SOLVED:
        raise SolveFailed("nearest allowed weights", "failed")
    return np.asarray(
        np.clip(target + found.x[:n] - found.x[n:], p.lowest, p.highest), np.float64
    )
