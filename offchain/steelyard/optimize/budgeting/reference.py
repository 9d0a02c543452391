# SPDX-License-Identifier: MIT
"""The same barrier problem as a conic program, by Clarabel: slower, and independent.

The logarithm is an exponential cone: t <= log x where (t, 1, x) is in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.budgeting.cone import BarrierProblem, Solved, as_solved
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats

METHOD = "Clarabel with exponential cones"
TOLERANCE = 1e-11
OUTCOMES = {
    "PrimalInfeasible": "infeasible",
    "AlmostPrimalInfeasible": "infeasible",
    "DualInfeasible": "unbounded",
    "AlmostDualInfeasible": "unbounded",
}
USABLE = ("Solved", "AlmostSolved", "InsufficientProgress")


def by_reference(problem: BarrierProblem, start: Floats) -> Solved:
    """As the interior point method; `start` is not used. Raises `SolveFailed`."""
    del start
    clarabel: Any = import_module("clarabel")
    n, s, k = len(problem.budgets), problem.soft, len(problem.rows)
    quadratic, linear = _objective(problem)
    matrix, right = _conditions(problem)
    inequalities = k + len(problem.box) + s
    cones = [
        clarabel.ZeroConeT(len(problem.sizes)),
        clarabel.NonnegativeConeT(inequalities),
    ]
    cones += [clarabel.ExponentialConeT() for _ in range(n)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = TOLERANCE
    solver = clarabel.DefaultSolver(quadratic, linear, matrix, right, cones, settings)
    solution = solver.solve()
    status = str(solution.status)
    if status not in USABLE:
        raise SolveFailed(METHOD, OUTCOMES.get(status, "failed"))
    x, duals = np.array(solution.x), np.array(solution.z)
    equal, prices = np.split(duals, [len(problem.sizes)])
    sizes, edge = x[:n], x[2 * n + problem.offsets.shape[1] - 1]
    box = prices[k : k + len(problem.box)]
    return as_solved(problem, sizes, prices[:k], box, equal, float(edge))


def _objective(problem: BarrierProblem) -> tuple[Any, Floats]:
    """Of x, t, the shared variables and the excesses."""
    from scipy.sparse import block_diag, csc_matrix

    n, s, shared = len(problem.budgets), problem.soft, problem.offsets.shape[1]
    curvature = np.zeros((n, n)) if problem.curvature is None else problem.curvature
    quadratic = block_diag(
        [np.triu(curvature), csc_matrix((n + shared + s, n + shared + s))], "csc"
    )
    linear = np.concatenate([np.zeros(n), -problem.budgets, np.zeros(shared + s)])
    if s:
        linear[2 * n + 1] = 1.0
        linear[2 * n + shared :] = problem.excess_price
    return quadratic, linear


def _conditions(problem: BarrierProblem) -> tuple[Any, Floats]:
    """Right - matrix @ variables in the cones: equalities, inequalities, logarithms."""
    from scipy.sparse import csc_matrix, eye, hstack, vstack

    p, n, s = problem, len(problem.budgets), problem.soft
    (k, shared), q, c = p.offsets.shape, len(p.sizes), len(p.box)
    # columns: x, t, the shared variables (of which the first is the size), excesses
    size = csc_matrix(([1.0], ([0], [0])), (1, shared))
    unit, none = eye(n, format="csr"), csc_matrix
    boxed = vstack([unit[p.capped], -unit[p.floored]])
    excess = vstack([-eye(s), none((k - s, s))])
    places = 3 * np.arange(n)
    of_t = none((-np.ones(n), (places, np.arange(n))), (3 * n, n))
    of_x = none((-np.ones(n), (places + 2, np.arange(n))), (3 * n, n))
    blocks = [
        [p.equal, none((q, n)), none(-p.sizes[:, None]) @ size, none((q, s))],
        [p.rows, none((k, n)), -p.offsets, excess],
        [boxed, none((c, n)), none(-p.box[:, None]) @ size, none((c, s))],
        [none((s, n)), none((s, n)), none((s, shared)), -eye(s)],
        [of_x, of_t, none((3 * n, shared)), none((3 * n, s))],
    ]
    right = np.zeros(q + k + c + s + 3 * n)
    right[q + k + c + s + 1 :: 3] = 1.0
    return vstack([hstack(row) for row in blocks], "csc"), right
