# SPDX-License-Identifier: MIT
"""The program over a few assets, the others resting: a dual active-set method.

DAQP (Arnstrom, Bemporad & Axehill 2022) ends after finitely many steps, with limits
that are independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import daqp
import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.program import ActiveSet, Indices, Program

# (how far a row may be missed, over its length; what rows are moved out by; ridge, of
# the mean variance): the later ones where limits repeat each other or the covariance is
# singular, for their active set alone
TRIES = ((1e-11, 0.0, 0.0), (1e-8, 0.0, 0.0), (1e-8, 1e-9, 1e-8))
NO_BOUND = 1e30
EQUAL = 5  # a row that holds with equality, to DAQP


@dataclass(frozen=True, kw_only=True, eq=False)
class Dual:
    """What DAQP says; its weights and prices are near, its active set is exact."""

    active: ActiveSet
    weights: Floats  # (n,)
    prices: Floats  # (1 + m,)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Small:
    """The program over k assets, over the mean variance; rows after the box."""

    covariance: Floats  # (k, k)
    pull: Floats  # (k,)
    rows: Floats  # (1 + m, k)
    lower: Floats  # (k + 1 + m,)
    upper: Floats  # (k + 1 + m,)


def dual_of(
    program: Program, multiplier: float, start: ActiveSet, inside: Indices
) -> Dual | None:
    """Optimal over the assets inside; None where the method fails.

    The others rest at the end of the box where `start` has them.
    """
    count = len(inside)
    weights = np.where(start.sides > 0, program.highest, program.lowest)
    weights[inside] = 0.0
    small = _small(program, multiplier, weights, inside)
    for feasible, apart, ridge in TRIES:
        found, _, ended, told = _solved(small, feasible, apart, ridge)
        if ended > 0:
            break
    else:
        return None
    weights[inside] = found
    sides, prices = start.sides.copy(), told["lam"]
    sides[inside] = np.sign(prices[:count])
    rows = prices[count:] > 0
    rows[0] = True
    active = ActiveSet(sides=sides, rows=rows, near=weights)
    return Dual(active=active, weights=weights, prices=prices[count:] * program.size)


def _small(
    program: Program, multiplier: float, rest: Floats, inside: Indices
) -> _Small:
    """Over the assets inside, beside the weights at rest of the others."""
    p, still = program, rest.nonzero()[0]
    pull, bounds = multiplier * p.gains[inside], p.bounds
    if len(still):
        pull -= rest[still] @ p.covariance[still[:, None], inside]
        bounds = bounds - p.rows[:, still] @ rest[still]
    slack = np.full(len(bounds), -NO_BOUND)
    slack[0] = bounds[0]
    return _Small(
        covariance=p.covariance[inside[:, None], inside] / p.size,
        pull=pull / -p.size,
        rows=p.rows[:, inside],
        lower=np.concatenate([p.lowest[inside], slack]),
        upper=np.concatenate([p.highest[inside], bounds]),
    )


def _solved(small: _Small, feasible: float, apart: float, ridge: float) -> Any:
    """(weights, objective, flag above 0 where it is solved, multipliers and more)."""
    count = len(small.pull)
    system, upper = small.covariance, small.upper
    if ridge:
        system = system + ridge * np.eye(count)
        upper = upper + apart
        upper[: count + 1] = small.upper[: count + 1]
    kinds = np.zeros(len(upper), np.int32)
    kinds[count] = EQUAL
    return daqp.solve(
        system, small.pull, small.rows, upper, small.lower, kinds, primal_tol=feasible
    )
