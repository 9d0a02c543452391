# SPDX-License-Identifier: MIT
"""One program solved: by cones, then by squares until its certificate is tight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.cones.solvers import attempts
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.feasible import nearest_allowed
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.candidate import (
    MOST,
    Candidate,
    Certify,
    candidate,
    readable,
)
from steelyard.optimize.reference.program import Multipliers, Program
from steelyard.optimize.reference.squares import SIMPLEX, by_squares, refined
from steelyard.optimize.reference.state import Model


def modelling() -> Any:
    """cvxpy, imported when the first model is solved: it takes a second."""
    return import_module("cvxpy")


def solved(program: Program, name: str) -> Candidate:
    """The least of the program. Raises `SolveFailed`."""
    cp = modelling()
    model = Model(cp, program)

    def certify(weights: Floats, multipliers: Multipliers, method: str) -> Candidate:
        return candidate(program, weights, multipliers, method)

    def read(method: str) -> Candidate:
        first = certify(model.weights(), model.multipliers(), method)
        return refined(first, lambda last: by_squares(cp, program, last, certify))

    is_out_of_reach = cache(lambda: _is_out_of_reach(program, name))

    def believes(outcome: str) -> bool:
        """No program over a box is unbounded."""
        return outcome == "infeasible" and is_out_of_reach()

    try:
        return best_found(cp, model.problem, read, name, believes)
    except SolveFailed as failed:
        if failed.outcome == "infeasible":
            raise
        if is_out_of_reach():
            raise SolveFailed(name, "infeasible") from failed
        found = _by_squares_alone(cp, program, certify)
        if found is None:
            raise
        return found


def _by_squares_alone(cp: Any, program: Program, certify: Certify) -> Candidate | None:
    """From what is held, where cones have no answer: they lose small numbers at a 1."""
    limited = sum(len(limit.terms) for limit in program.limits)
    none = Multipliers(
        rows=np.zeros(len(program.polytope.names)),
        limits=(0.0,) * len(program.limits),
        terms=(None,) * (len(program.objective) + limited),
    )
    try:
        start = certify(program.current, none, "cvxpy by squares")
    except SolveFailed:
        return None
    found = refined(start, lambda last: by_squares(cp, program, last, certify))
    return found if found.miss <= MOST else None


def _is_out_of_reach(program: Program, name: str) -> bool:
    """Whether a limit is proved to be passed by all weights that keep those before.

    Or nothing is in the polytope, by a linear program.
    """
    try:
        if nearest_allowed(program.polytope, program.current) is None:
            return True
    except SolveFailed:
        return False
    for i, limit in enumerate(program.limits):
        before = program.limits[:i]
        alone = replace(program, objective=limit.terms, limits=before)
        try:
            least = solved(alone, name).bound
        except SolveFailed as failed:
            return failed.outcome == "infeasible"
        if least > limit.bound:
            return True
    return False


def best_found(
    cp: Any,
    problem: Any,
    read: Callable[[str], Candidate],
    name: str,
    believes: Callable[[str], bool],
) -> Candidate:
    """What the first solver finds whose certificate is tight.

    A solver that says "optimal" is not believed; "infeasible" and "unbounded" are where
    `believes` says so. Raises `SolveFailed`: with that, as "failed" where all of them
    failed, else as "inaccurate".
    """
    best: Candidate | None = None
    has_answer = False
    first = (SIMPLEX,) if problem.is_lp() else ()
    for outcome, solver in attempts(cp, problem, first, last=()):
        if outcome in ("infeasible", "unbounded") and believes(outcome):
            raise SolveFailed(name, outcome)
        has_answer = has_answer or outcome != "failed"
        is_read = outcome in ("optimal", "inaccurate")
        found = readable(read, f"cvxpy and {solver}") if is_read else None
        if found and (best is None or found.miss < best.miss):
            best = found
        if best and best.miss <= MOST:
            return best
    raise SolveFailed(name, "inaccurate" if has_answer else "failed")
