# SPDX-License-Identifier: MIT
"""Weights that pay for what it costs to reach them, or doing nothing.

Sequential quadratic programming inside branch and bound, over gas and lending kinks;
where that fails, the same problem in cvxpy. Doing nothing is a candidate and wins ties.
"""

from __future__ import annotations

from dataclasses import replace

from steelyard.optimize.candidates import Candidate, MeanVariance, Search
from steelyard.optimize.conic import ConicModel
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.leave_out import MOST_CONIC, TIE, best_candidate
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import (
    Reason,
    Solution,
    SolveStats,
    as_solution,
    binding_rows,
    broken_rows,
)
from steelyard.optimize.terms import evaluate, nothing
from steelyard.optimize.vault.best import Best, best_by_branching

DUAL_LEAST = 1e-6


def optimize(problem: Problem) -> Solution:
    """The best allocation found, with its terms and those of doing nothing.

    Never raises for what a solver says: that is the solution's `reason`.
    """
    try:
        best = best_by_branching(problem)
    except SolveFailed as failed:
        if failed.outcome == "infeasible":
            return _fallback(problem, failed.method, failed.outcome, 0)
        search = _by_cones(problem)
        found = best_candidate(search)
        if found is None:
            return _fallback(problem, *_failure(search), search.used)
        best = _as_best(search, found)
    return _answer(problem, best)


def _answer(problem: Problem, best: Best) -> Solution:
    """The best order, or doing nothing where that is not clearly worse."""
    stays = nothing(problem)
    stays_net = evaluate(problem, stays).total
    gain = best.net - stays_net
    gained = int(gain * problem.nav)
    if not broken_rows(problem, stays) and gain <= max(problem.least_gain, TIE):
        least = int(problem.least_gain * problem.nav)
        return as_solution(
            problem,
            stays,
            reason=Reason.NOTHING_PAYS,
            detail=f"best rebalance gains {gained} assets, expected over {least}",
            stats=_certified(best, stays_net),
        )
    return as_solution(
        problem,
        best.allocation,
        reason=Reason.REBALANCE_PAYS,
        detail=f"gains {gained} assets over the horizon",
        stats=_certified(best, best.net),
        binding=binding_rows(problem, best.allocation, best.duals),
    )


def _certified(best: Best, net: float) -> SolveStats:
    gap = None if best.bound is None else max(best.bound - net, 0.0)
    return replace(best.stats, certified_gap=gap)


def _by_cones(problem: Problem, *, elastic: bool = False) -> Search:
    return Search(
        problem=problem,
        model=ConicModel(problem, elastic=elastic),
        worth=MeanVariance(problem),
        left=min(problem.max_solves, MOST_CONIC),
    )


def _as_best(search: Search, found: Candidate) -> Best:
    return Best(
        allocation=found.allocation,
        net=found.net,
        bound=None,
        duals=found.raw.duals,
        stats=SolveStats(
            solver=found.raw.solver,
            outcome=found.raw.outcome,
            solves=search.used,
            lending_error=max((drawn.error for drawn in found.drawn), default=0.0),
            branch_gap=found.gap,
        ),
    )


def _failure(search: Search) -> tuple[str, str]:
    raw = search.failure
    return (raw.solver, raw.outcome) if raw else ("none", "failed")


_REASONS = {
    "infeasible": Reason.INFEASIBLE,
    "unbounded": Reason.UNBOUNDED,
    "failed": Reason.SOLVER_FAILED,
}


def _fallback(problem: Problem, solver: str, outcome: str, solves: int) -> Solution:
    reason = _REASONS.get(outcome, Reason.INACCURATE)
    conflicts: tuple[str, ...] = ()
    detail = f"{reason.value}: nothing is done"
    if reason is Reason.INFEASIBLE:
        conflicts = _conflicts(problem)
        within = "within the pools' limits and what can be withdrawn"
        limits = ", ".join(conflicts) or "all limits; which ones was not found"
        detail = f"no allocation {within} meets {limits}"
    stats = SolveStats(
        solver=solver,
        outcome=outcome,
        solves=solves,
        lending_error=0.0,
        branch_gap=0.0,
    )
    return as_solution(
        problem,
        nothing(problem),
        reason=reason,
        detail=detail,
        stats=stats,
        conflicts=conflicts,
    )


def _conflicts(problem: Problem) -> tuple[str, ...]:
    """Limits with a price where the sum of all excesses is least (Farkas)."""
    raw = _by_cones(problem, elastic=True).relaxed()
    return tuple(
        name
        for name, dual in zip(problem.limit_names, raw.duals, strict=True)
        if dual > DUAL_LEAST
    )
