# SPDX-License-Identifier: MIT
"""Steps of sequential quadratic programming, until a certificate is tight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from steelyard.optimize.cones.solvers import attempts
from steelyard.optimize.reference.candidate import Candidate, Certify, readable
from steelyard.optimize.reference.program import Program
from steelyard.optimize.reference.state import Around, Model
from steelyard.optimize.reference.worst_covariance import (
    WorstVariance,
    WorstVolatility,
)

Solver = tuple[str, dict[str, Any]]
Solvers = tuple[Solver, ...]

ENOUGH = 1e-11  # relative gap, and excess over limits: more steps would change noise
MOST_STEPS = 6
TOLERANCES = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12}
INTERIOR: Solver = ("CLARABEL", {**TOLERANCES, "max_threads": 1})
SIMPLEX: Solver = ("HIGHS", {"time_limit": 20.0})
ACTIVE_SET: Solver = ("DAQP", {"primal_tol": 1e-12})
MOST_VARIABLES = 300  # of an active set: its time grows with their cube


def refined(
    first: Candidate, step: Callable[[Candidate], Candidate | None]
) -> Candidate:
    """Steps until the certificate is tight or gets no tighter."""
    best = first
    for _ in range(MOST_STEPS):
        if best.miss <= ENOUGH:
            break
        found = step(best)
        if found is None or not found.miss < best.miss:
            break
        best = found
    return best


def by_squares(
    cp: Any, program: Program, last: Candidate, certify: Certify
) -> Candidate | None:
    """One step of sequential quadratic programming; None where that has no answer."""
    around = Around(weights=last.weights, multipliers=last.multipliers)
    models = [Model(cp, program, around=around)]
    if _is_lifted(program):
        models.append(Model(cp, program))  # squares find its bound, cones its weights
    best = last
    for model in models:
        for solver in _exact_solvers(model.problem):
            outcome, _ = next(attempts(cp, model.problem, (solver,), last=()))
            if outcome not in ("optimal", "inaccurate"):
                continue
            best = _joined(best, readable(_reader(model, certify), last.method))
            if best.miss <= ENOUGH:
                return best
    return best


def _reader(model: Model, certify: Certify) -> Callable[[str], Candidate]:
    return lambda method: certify(model.weights(), model.multipliers(), method)


def _joined(one: Candidate, other: Candidate | None) -> Candidate:
    """The tighter of the two with the higher bound: bounds hold for all weights."""
    if other is None:
        return one
    better, worse = (other, one) if other.miss < one.miss else (one, other)
    return replace(better, bound=max(better.bound, worse.bound))


def _is_lifted(program: Program) -> bool:
    limited = [term for limit in program.limits for term in limit.terms]
    return any(
        isinstance(term.function, WorstVariance | WorstVolatility)
        for term in (*program.objective, *limited)
    )


def _exact_solvers(problem: Any) -> Solvers:
    """An active set where there is one, for the last bits; else what is next best."""
    if problem.is_lp():
        return (SIMPLEX, INTERIOR)
    size = problem.size_metrics.num_scalar_variables
    if problem.is_qp() and size <= MOST_VARIABLES:
        return (ACTIVE_SET, INTERIOR)
    return (INTERIOR,)
