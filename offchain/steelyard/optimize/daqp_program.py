# SPDX-License-Identifier: MIT
"""A quadratic program by DAQP: one way to ask, and to read what it says.

A dual active-set method (Arnstrom, Bemporad & Axehill 2022); it ends after finitely
many steps, with limits that are independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import daqp
import numpy as np

from steelyard.optimize.problem import Floats

NO_BOUND = 1e30
EQUAL = 5  # a row that holds with equality, to DAQP
OUTCOMES = {1: "solved", 2: "solved", -1: "infeasible", -3: "unbounded"}  # its flags


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """What DAQP says; the rest means nothing where the outcome is not "solved"."""

    outcome: str  # or "infeasible", "unbounded", "failed"
    values: Floats  # (k,)
    prices: Floats  # (k + r,) above 0 at an upper bound, under 0 at a lower one


def solve_quadratic(
    hessian: Floats,
    slope: Floats,
    rows: Floats,
    lower: Floats,
    upper: Floats,
    *,
    equal: int | None = None,
    **settings: float,
) -> Solved:
    """The least of x' hessian x / 2 + slope . x.

    `hessian` (k, k), `slope` (k,), `rows` (r, k); `lower` and `upper` (k + r,) are the
    bounds of x, then of rows @ x, up to `NO_BOUND`. `equal` is the row whose bounds are
    one. `settings` are DAQP's own.
    """
    kinds = np.zeros(len(upper), np.int32)
    if equal is not None:
        kinds[len(slope) + equal] = EQUAL
    values, _, flag, told = daqp.solve(
        hessian, slope, rows, upper, lower, kinds, **settings
    )
    return Solved(
        outcome=OUTCOMES.get(flag, "failed"), values=values, prices=told["lam"]
    )
