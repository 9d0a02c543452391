# SPDX-License-Identifier: MIT
"""The program over a few assets, the others resting: a dual active-set method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.daqp_program import NO_BOUND, Solved, solve_quadratic
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.program import ActiveSet, Indices, Program, at_lowest

# (how far a row may be missed, over its length; what rows are moved out by; ridge, of
# the mean variance): the later ones where limits repeat each other or the covariance is
# singular, for their active set alone
TRIES = ((1e-11, 0.0, 0.0), (1e-8, 0.0, 0.0), (1e-8, 1e-9, 1e-8))


@dataclass(frozen=True, kw_only=True, eq=False)
class Dual:
    """What DAQP says; its weights and prices are near, its active set is exact."""

    weights: Floats  # (n,)
    ends: Floats  # (n,) under 0 at its lowest weight, above 0 at its highest, 0 free
    prices: Floats  # (1 + m,)

    @property
    def active(self) -> ActiveSet:
        rows = self.prices > 0
        rows[0] = True
        sides = np.sign(self.ends).astype(np.int8)
        return ActiveSet(sides=sides, rows=rows, near=self.weights)


def dual_of(
    program: Program,
    multiplier: float,
    inside: Indices,
    start: ActiveSet | None = None,
) -> Dual | None:
    """Optimal over the assets inside; None where the method fails.

    The others rest at the end of the box where `start` has them, without it at their
    lowest.
    """
    p, count = program, len(inside)
    if count == len(p.gains):
        return _dual(_solved(p, p.gains * (-multiplier / p.size)), p)
    start = at_lowest(p) if start is None else start
    rest = np.where(start.sides > 0, p.highest, p.lowest)
    rest[inside] = 0.0
    part = _dual(_solved(*_beside(p, multiplier, rest, inside)), p)
    if part is None:
        return None
    ends = start.sides.astype(np.float64)
    rest[inside], ends[inside] = part.weights, part.ends
    return Dual(weights=rest, ends=ends, prices=part.prices)


def _dual(found: Solved | None, program: Program) -> Dual | None:
    """In the program's sizes."""
    if found is None:
        return None
    count = len(found.values)
    return Dual(
        weights=found.values,
        ends=found.prices[:count],
        prices=found.prices[count:] * program.size,
    )


def _beside(
    program: Program, multiplier: float, rest: Floats, inside: Indices
) -> tuple[Program, Floats]:
    """The program over the assets inside, and its slope, beside what rests."""
    p, still = program, rest.nonzero()[0]
    slope, bounds = -multiplier * p.gains[inside], p.bounds
    if len(still):
        slope += rest[still] @ p.covariance[still[:, None], inside]
        bounds = bounds - p.rows[:, still] @ rest[still]
    small = Program(
        covariance=p.covariance[inside[:, None], inside],
        gains=p.gains[inside],
        lowest=p.lowest[inside],
        highest=p.highest[inside],
        rows=p.rows[:, inside],
        bounds=bounds,
        size=p.size,
    )
    return small, slope / p.size


def _solved(program: Program, slope: Floats) -> Solved | None:
    """Least of w' C w / 2 + slope . w; slope and prices are over the mean variance."""
    p, count = program, len(program.gains)
    system = p.covariance / p.size
    lower, upper = np.empty((2, count + len(p.bounds)))
    lower[:count], lower[count], lower[count + 1 :] = p.lowest, p.bounds[0], -NO_BOUND
    upper[:count], upper[count:] = p.highest, p.bounds
    for missed, apart, ridge in TRIES:
        if ridge:
            system = system + ridge * np.eye(count)
            upper[count + 1 :] += apart
        found = solve_quadratic(
            system, slope, p.rows, lower, upper, equal=0, primal_tol=missed
        )
        if found.outcome == "solved":
            return found
    return None
