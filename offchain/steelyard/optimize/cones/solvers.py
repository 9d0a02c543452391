# SPDX-License-Identifier: MIT
"""Solvers in the order they are tried, their words in ours, their cones."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from steelyard.optimize.problem import Floats

Outcome = Literal["optimal", "inaccurate", "infeasible", "unbounded", "failed"]
TIGHT = {"tol_gap_abs": 1e-9, "tol_gap_rel": 1e-9, "tol_feas": 1e-9}
SOLVERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("CLARABEL", {**TIGHT, "max_threads": 1}),
    ("CLARABEL", {"max_threads": 1}),
    ("ECOS", {"abstol": 1e-9, "reltol": 1e-9, "feastol": 1e-9}),
)
# Of first order: rough, and it may print to the standard output from C.
LAST_RESORT = ("SCS", {"eps_abs": 1e-8, "eps_rel": 1e-8, "max_iters": 20_000})
OUTCOMES: dict[str, Outcome] = {
    "optimal": "optimal",
    "optimal_inaccurate": "inaccurate",
    "infeasible": "infeasible",
    "infeasible_inaccurate": "infeasible",
    "unbounded": "unbounded",
    "unbounded_inaccurate": "unbounded",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class RawSolution:
    """What the solver says; nothing in it is believed before it is recomputed."""

    outcome: Outcome
    solver: str
    objective: float  # per year
    values: Floats  # (n_slots,)
    inputs: Floats  # (n_legs,)
    duals: Floats  # (n_rows + n_budgets,) gain per year and unit of bound


def cones(cp: Any, root: Any, under: Any, above: Any) -> Any:
    """The constraint root^2 / under <= above, element by element."""
    sides = cp.vstack([2 * root, under - above])
    return cp.SOC(under + above, sides, axis=0)


def attempts(
    cp: Any,
    problem: Any,
    first: tuple[tuple[str, dict[str, Any]], ...] = (),
    last: tuple[tuple[str, dict[str, Any]], ...] = (LAST_RESORT,),
) -> Iterator[tuple[Outcome, str]]:
    """(what it said, its name) of one solver after another, those installed only.

    `cp` is the module cvxpy, `problem` one of its problems, left as the solver ended;
    `first` and `last` are solvers and their options that come before and after the
    usual ones. A problem that cvxpy itself refuses has failed.
    """
    installed = cp.installed_solvers()
    for solver, options in (*first, *SOLVERS, *last):
        if solver not in installed:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                problem.solve(solver=solver, **options)
        except (cp.error.SolverError, cp.error.DCPError, ValueError):
            yield "failed", solver
        else:
            yield OUTCOMES.get(problem.status, "failed"), solver
