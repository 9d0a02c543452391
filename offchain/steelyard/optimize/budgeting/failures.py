# SPDX-License-Identifier: MIT
"""Why a barrier problem was not solved, in the words of the answer.

Asked only after a failure: each question is a program of its own.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.budgeting.barrier import NO_RISK
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.feasible import INFEASIBLE, SOLVED
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

LEAST_WEIGHT = 1e-9  # of the total: what limits leave an asset with less is none
RIDGE = 1e-8  # of the correlations, so that the quadratic program has one answer
INFINITE = 1e30  # in DAQP


def explained(
    polytope: Polytope, failed: SolveFailed, least_risk: float
) -> SolveFailed:
    """The failure by its cause.

    "infeasible" where limits leave no weights that are all over 0, "unbounded" where
    the least risk (share of the sum of standalone risks) is none.
    """
    if largest_least_weight(polytope) <= LEAST_WEIGHT * polytope.total:
        return SolveFailed(failed.method, "infeasible")
    if least_risk <= NO_RISK:
        return SolveFailed(failed.method, "unbounded")
    return failed


def largest_least_weight(polytope: Polytope) -> float:
    """The most that every asset can hold at once; minus infinity: nothing is allowed.

    Linear program by HiGHS; infinity, which proves nothing, where that fails.
    """
    from scipy.optimize import linprog

    p, n, m = polytope, len(polytope.assets), len(polytope.names)
    found = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.vstack(
            [
                np.hstack([p.matrix, np.zeros((m, 1))]),
                np.hstack([-np.eye(n), np.ones((n, 1))]),
            ]
        ),
        b_ub=np.concatenate([p.bounds, np.zeros(n)]),
        A_eq=np.append(np.ones(n), 0.0)[None],
        b_eq=[p.total],
        bounds=[*zip(p.lowest, p.highest, strict=True), (None, None)],
        method="highs",
    )
    if found.status == INFEASIBLE:
        return -np.inf
    return float(found.x[-1]) if found.status == SOLVED else np.inf


def least_volatility(polytope: Polytope, covariance: Floats) -> float:
    """The least volatility that is allowed, over the sum of standalone ones.

    Quadratic program by DAQP; infinity where it fails.
    """
    daqp: Any = import_module("daqp")
    p, n = polytope, len(polytope.assets)
    volatilities = np.sqrt(covariance.diagonal())
    correlation = covariance / volatilities / volatilities[:, None]
    rows = np.vstack([p.matrix, np.ones(n)]) / volatilities
    x, _, flag, _ = daqp.solve(
        np.ascontiguousarray(correlation + RIDGE * np.eye(n)),
        np.zeros(n),
        np.ascontiguousarray(rows),
        np.concatenate([p.highest * volatilities, p.bounds, [p.total]]),
        np.concatenate(
            [p.lowest * volatilities, np.full(len(p.names), -INFINITE), [p.total]]
        ),
        np.array([0] * (n + len(p.names)) + [5], np.int32),
    )
    if flag <= 0:
        return np.inf
    return float(np.sqrt(max(x @ correlation @ x, 0.0)) / x.sum())


def least_cvar(polytope: Polytope, losses: Floats, mass: float, alone: Floats) -> float:
    """The least CVaR that is allowed, over the sum of standalone ones (n,).

    Linear program of Rockafellar & Uryasev (2000) by HiGHS; `mass` is how many of the
    losses (t, n) make up the tail. Infinity where it fails.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, eye, hstack, vstack

    p, (t, n) = polytope, losses.shape
    tail = hstack([losses, -np.ones((t, 1)), -eye(t)])
    rows = hstack([p.matrix, csr_matrix((len(p.names), t + 1))])
    found = linprog(
        np.concatenate([np.zeros(n), [1.0], np.full(t, 1 / mass)]),
        A_ub=vstack([tail, rows], "csr"),
        b_ub=np.concatenate([np.zeros(t), p.bounds]),
        A_eq=np.concatenate([np.ones(n), np.zeros(t + 1)])[None],
        b_eq=[p.total],
        bounds=[*zip(p.lowest, p.highest, strict=True), (None, None)] + [(0, None)] * t,
        method="highs",
    )
    if found.status != 0:
        return np.inf
    return float(found.fun / (alone @ found.x[:n]))
