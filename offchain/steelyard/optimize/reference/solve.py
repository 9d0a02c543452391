# SPDX-License-Identifier: MIT
"""One program solved: by cones, then by squares until its certificate is tight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.clean import cleaned
from steelyard.optimize.reference.program import (
    Multipliers,
    Program,
    bound_at,
    values_at,
)
from steelyard.optimize.reference.state import Around, Model
from steelyard.optimize.reference.worst_covariance import (
    WorstVariance,
    WorstVolatility,
)
from steelyard.optimize.solvers import attempts

Solver = tuple[str, dict[str, Any]]
Solvers = tuple[Solver, ...]

ENOUGH = 1e-11  # relative gap, and excess over limits: more steps would change noise
MOST = 1e-6  # of both: an answer that misses by more is none
LEAST_SIZE = 1e-6  # of an objective, in its scaled units: smaller ones count as this
MOST_STEPS = 6
TOLERANCES = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12}
INTERIOR: Solver = ("CLARABEL", {**TOLERANCES, "max_threads": 1})
SIMPLEX: Solver = ("HIGHS", {"time_limit": 20.0})
ACTIVE_SET: Solver = ("DAQP", {"primal_tol": 1e-12})
MOST_VARIABLES = 300  # of an active set: its time grows with their cube


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """Allowed weights, and all that is known of them."""

    weights: Floats  # (n,)
    multipliers: Multipliers
    objective: float
    bound: float
    excess: float  # most by which a limit is passed
    method: str

    @property
    def miss(self) -> float:
        """Relative gap, or the excess where that is more."""
        size = max(abs(self.objective), abs(self.bound), LEAST_SIZE)
        if not np.isfinite(size):
            return np.inf
        return max(abs(self.objective - self.bound) / size, self.excess)


def modelling() -> Any:
    """cvxpy, imported when the first model is solved: it takes a second."""
    return import_module("cvxpy")


Certify = Callable[[Floats, Multipliers, str], Candidate]


def solved(program: Program, name: str) -> Candidate:
    """The least of the program. Raises `SolveFailed`."""
    cp = modelling()
    model = Model(cp, program)

    def certify(weights: Floats, multipliers: Multipliers, method: str) -> Candidate:
        return candidate(program, weights, multipliers, method)

    def read(method: str) -> Candidate:
        first = certify(model.weights(), model.multipliers(), method)
        return refined(first, lambda last: by_squares(cp, program, last, certify))

    try:
        return best_found(cp, model.problem, read, name)
    except SolveFailed as failed:
        if failed.outcome != "infeasible" and _is_out_of_reach(program, name):
            raise SolveFailed(name, "infeasible") from failed
        raise


def _is_out_of_reach(program: Program, name: str) -> bool:
    """Whether a limit is proved to be passed by all weights that keep those before."""
    for i, limit in enumerate(program.limits):
        before = program.limits[:i]
        alone = replace(program, objective=limit.terms, limits=before)
        if solved(alone, name).bound > limit.bound:
            return True
    return False


def candidate(
    program: Program, weights: Floats, multipliers: Multipliers, method: str
) -> Candidate:
    """Cleaned and certified. Raises `SolveFailed`."""
    allowed = cleaned(program.polytope, weights)
    objective, excess = values_at(program, allowed, multipliers)
    return Candidate(
        weights=allowed,
        multipliers=multipliers,
        objective=objective,
        bound=bound_at(program, allowed, multipliers),
        excess=excess,
        method=method,
    )


def best_found(
    cp: Any, problem: Any, read: Callable[[str], Candidate], name: str
) -> Candidate:
    """What the first solver finds whose certificate is tight.

    A solver that says "optimal" is not believed, one that says "infeasible" is. Raises
    `SolveFailed` with what the last one said, or where every certificate is loose.
    """
    best: Candidate | None = None
    said = "failed"
    for outcome, solver in attempts(cp, problem, (SIMPLEX,) if problem.is_lp() else ()):
        said = outcome
        if outcome in ("infeasible", "unbounded"):
            raise SolveFailed(name, outcome)
        found = _readable(read, f"cvxpy and {solver}") if outcome != "failed" else None
        if found and (best is None or found.miss < best.miss):
            best = found
        if best and best.miss <= MOST:
            return best
    raise SolveFailed(name, "inaccurate" if best else said)


def _readable(read: Callable[[str], Candidate], method: str) -> Candidate | None:
    """None for weights that nothing allowed is near to. Raises `SolveFailed` else."""
    try:
        return read(method)
    except SolveFailed as failed:
        if failed.outcome == "unbounded":
            raise
        return None


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
            outcome, _ = next(attempts(cp, model.problem, (solver,)))
            if outcome not in ("optimal", "inaccurate"):
                continue
            best = _joined(best, _readable(_reader(model, certify), last.method))
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
