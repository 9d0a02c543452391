# SPDX-License-Identifier: MIT
"""The critical line of an active set: weights and prices, linear in the multiplier.

Markowitz (1956): while the same limits hold with equality, the conditions of optimality
(Karush, Kuhn and Tucker) are linear equations whose right side is linear in the
multiplier. Only the free weights are factorised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg.lapack import dgesv, dgetrs

from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.program import ActiveSet, Indices, Program, natural

RIDGE = 1e-12  # of the mean variance: which of several solutions is taken
STILL = 1e-13  # a smaller change, where risk and gain matter alike, is rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    """Row 0 of each pair is at multiplier 0, row 1 the change per unit of it."""

    active: ActiveSet
    weights: Floats  # (2, n)
    reduced: Floats  # (2, n) gradient with the prices of rows, 0 where free
    prices: Floats  # (2, 1 + m) of the rows, that of the sum first
    steepness: Floats  # (2,) largest gradient of a free weight


def line_of(program: Program, active: ActiveSet) -> Line | None:
    """The line; None where the active limits contradict or repeat each other.

    Of weights that the covariance leaves open, those nearest to `active.near`.
    """
    p = program
    loose = (active.sides == 0).nonzero()[0]
    fixed = np.where(active.sides > 0, p.highest, p.lowest)
    fixed[loose] = 0.0
    still = fixed.nonzero()[0]
    pull = fixed[still] @ p.covariance[still]
    moved, taken = p.covariance[loose], p.rows[active.rows]
    count = len(loose)
    right = np.zeros((count + len(taken), 2), order="F")
    right[:count, 0] = pull[loose] / -p.size
    right[:count, 1] = p.gains[loose] / p.size
    right[count:, 0] = p.bounds[active.rows] - taken @ fixed
    system = moved[:, loose] / p.size
    solved = _solve(system, taken[:, loose], right, active.near[loose])
    if solved is None:
        return None
    if _is_still(solved[:count, 1], p, loose):
        solved[:count, 1] = 0.0
    gradient = solved[:count].T @ moved
    gradient[0] += pull
    gradient[1] -= p.gains
    return _read(p, active, fixed, solved, gradient)


def _read(
    program: Program, active: ActiveSet, fixed: Floats, solved: Floats, gradient: Floats
) -> Line:
    loose = active.sides == 0
    count = int(np.count_nonzero(loose))
    own = solved[count:].T * program.size
    weights = np.zeros((2, len(fixed)))
    weights[0] = fixed
    weights[:, loose] = solved[:count].T
    prices = np.zeros((2, len(program.bounds)))
    prices[:, active.rows] = own
    return Line(
        active=active,
        weights=weights,
        reduced=gradient + own @ program.rows[active.rows],
        prices=prices,
        steepness=np.abs(gradient[:, loose]).max(axis=1, initial=0.0),
    )


def _is_still(change: Floats, program: Program, loose: Indices) -> bool:
    """The change is rounding: all of it is small, or it gains nothing."""
    largest = max(float(change.max(initial=0.0)), -float(change.min(initial=0.0)))
    gained = float(program.gains[loose] @ change)
    small = largest * natural(program) <= STILL
    return small or gained <= STILL * program.gain * largest


def _solve(
    covariance: Floats, rows: Floats, right: Floats, near: Floats
) -> Floats | None:
    """Of covariance x + rows' y = top, rows x = bottom; the ridge is refined away."""
    count = len(covariance)
    system: Any = np.zeros((len(right), len(right)), order="F")
    system[:count, :count] = covariance
    system[:count, count:] = rows.T
    system[count:, :count] = rows
    diagonal = np.arange(count)
    system[diagonal, diagonal] += RIDGE
    pulled = right.copy(order="F")
    pulled[:count, 0] += RIDGE * near
    factors, pivots, solved, failed = dgesv(system, pulled)
    if failed:
        return None
    missed = right - system @ solved
    missed[:count] += RIDGE * solved[:count]
    step, _ = dgetrs(factors, pivots, missed)
    return np.asarray(solved + step, np.float64)
