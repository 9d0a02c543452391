# SPDX-License-Identifier: MIT
"""The order that pays for what it costs to carry out, or doing nothing.

By mean and variance: sequential quadratic programming inside branch and bound, over gas
and lending kinks. By any other model: the same, at the prices of risk that its goal
asks for. Where that fails, the same problem in cvxpy. Doing nothing is a candidate and
wins ties.
"""

from __future__ import annotations

from dataclasses import replace

from steelyard.money import assets_down
from steelyard.optimize.cones.candidates import Candidate, Search
from steelyard.optimize.cones.leave_out import (
    best_candidate,
    conic_search,
    conic_search_by,
)
from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.measured import (
    Counts,
    Measured,
    Weighed,
    by_aim,
    plainly,
    weigh_by,
    weigh_plainly,
)
from steelyard.optimize.outcome import Reason, SolveStats
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import Solution, as_solution, binding_rows, broken_rows
from steelyard.optimize.terms import TIE, nothing
from steelyard.optimize.vault.aim import Aim, aim_of
from steelyard.optimize.vault.best import Best, best_by_aim, best_by_branching
from steelyard.optimize.vault.reached import OutOfReach
from steelyard.optimize.vault_model import check_vault_model

DUAL_LEAST = 1e-6
SAME = 1e-9  # relative: ratios that differ by less are the same
NEARER = 0.02  # of what a limit is missed by: a smaller step towards it is none
MISSED = 1e-6  # of NAV: doing nothing that misses a goal's limit by more is no choice


def optimize(problem: Problem) -> Solution:
    """The best order found by what the problem wants, beside doing nothing.

    What solvers say is never raised but stands in the solution's `reason`, and so does
    what makes a model senseless as the market stands. Raises `ModelRefused` for a model
    that theory does not allow, `PreferenceInvalid` and `PortfolioInvalid` for its
    settings.
    """
    if problem.model is None:
        return _by_moments(problem)
    check_vault_model(problem, problem.model)
    before = plainly(problem, nothing(problem))
    try:
        aim = aim_of(problem, problem.model)
        before = by_aim(aim, nothing(problem))
        return _by_model(problem, aim, before)
    except ModelRefused as refused:
        said = ("none", "refused", 0)
        return _nothing(problem, before, Reason.REFUSED, str(refused), (), said)
    except SolveFailed as failed:
        return _fallback(problem, before, failed.method, failed.outcome, 0)


def _by_moments(problem: Problem) -> Solution:
    try:
        best = best_by_branching(problem)
    except SolveFailed as failed:
        before = plainly(problem, nothing(problem))
        if failed.outcome == "infeasible":
            return _fallback(problem, before, failed.method, failed.outcome, 0)
        search = conic_search(problem)
        found = best_candidate(search)
        if found is None:
            return _fallback(problem, before, *_failure(search), search.used)
        best = _as_best(search, found)
    return _answer(problem, best, weigh_plainly(problem, best.allocation))


def _by_model(problem: Problem, aim: Aim, before: Measured) -> Solution:
    try:
        best = best_by_aim(problem, aim)
    except SolveFailed as failed:
        if failed.outcome == "infeasible":
            own = tuple(limit.name for limit in aim.limits)
            return _fallback(problem, before, failed.method, failed.outcome, 0, own)
        search = conic_search_by(problem, aim)
        found = None if search is None else best_candidate(search)
        if search is None or found is None:
            named = (failed.method, failed.outcome)
            said = named if search is None else _failure(search)
            return _fallback(problem, before, *said, 0)
        best = _as_best(search, found)
    return _answer(problem, best, weigh_by(aim, problem, best.allocation))


def _answer(problem: Problem, best: Best, weighed: Weighed) -> Solution:
    """The best order, or doing nothing where that is allowed and hardly worse."""
    before, after = weighed.before, weighed.after
    gained = _gain_text(problem, weighed)
    forced = broken_rows(problem, nothing(problem)) or before.missed > MISSED
    if forced and best.missed is not None:
        return _as_near_as_can_be(problem, best, best.missed, weighed)
    if best.missed is None and after.missed > MISSED:
        said = best.stats.solver, "inaccurate", best.stats.solves
        return _fallback(problem, before, *said)
    pays = best.missed is None and weighed.gain > max(problem.least_gain, TIE)
    if not forced and not pays:
        asked = assets_down(problem.least_gain, problem.nav)
        return as_solution(
            problem,
            nothing(problem),
            weighed=Weighed(before=before, after=before, gain=0.0),
            reason=Reason.NOTHING_PAYS,
            detail=f"best rebalance {gained}, expected over {asked} assets",
            stats=_certified(_of_nothing(best, weighed), before.worth),
        )
    return as_solution(
        problem,
        best.allocation,
        weighed=weighed,
        reason=Reason.REBALANCE_PAYS,
        detail=f"{gained} over the horizon",
        stats=_certified(best, after.worth),
        binding=(*best.limits, *binding_rows(problem, best.allocation, best.duals)),
    )


def _of_nothing(best: Best, weighed: Weighed) -> Best:
    """The same with the bound of doing nothing, where that is the answer.

    A ratio's bound is one of net at that ratio: of no use at a smaller one.
    """
    if weighed.counts not in (Counts.RATIO, Counts.WEIGHTED) or best.bound is None:
        return best
    short = best.worth - weighed.before.worth
    if short > SAME * abs(best.worth):
        return replace(best, bound=None)
    return replace(best, bound=best.bound - short)


def _gain_text(problem: Problem, weighed: Weighed) -> str:
    if weighed.counts is Counts.DISTANCE:
        return f"comes {weighed.gain:.6g} of NAV nearer to the model's weights"
    if weighed.counts is Counts.WEIGHTED:
        return f"weighs {weighed.gain:.6g} of NAV more at its volatility"
    return f"gains {assets_down(weighed.gain, problem.nav)} assets"


def _certified(best: Best, worth: float) -> SolveStats:
    gap = None if best.bound is None else max(best.bound - worth, 0.0)
    return replace(best.stats, certified_gap=gap)


def _as_best(search: Search, found: Candidate) -> Best:
    return Best(
        allocation=found.allocation,
        worth=found.net,
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
    "inaccurate": Reason.INACCURATE,
    "failed": Reason.SOLVER_FAILED,
}


def _fallback(
    problem: Problem,
    before: Measured,
    solver: str,
    outcome: str,
    solves: int,
    own: tuple[str, ...] = (),
) -> Solution:
    """Nothing is done; `own` are the model's limits, which conflict where the vault's
    do not."""
    reason = _REASONS[outcome]
    conflicts: tuple[str, ...] = ()
    detail = f"{reason.value}: nothing is done"
    if reason is Reason.INFEASIBLE:
        conflicts = _conflicts(problem) or own
        within = "within the pools' limits and what can be withdrawn"
        limits = ", ".join(conflicts) or "all limits; which ones was not found"
        detail = f"no allocation {within} meets {limits}"
    return _nothing(
        problem, before, reason, detail, conflicts, (solver, outcome, solves)
    )


def _as_near_as_can_be(
    problem: Problem, best: Best, missed: OutOfReach, weighed: Weighed
) -> Solution:
    """A step towards a limit that no order meets, or nothing where none is nearer, or
    none without more risk: a return out of reach is no reason to take all there is."""
    before, after = weighed.before, weighed.after
    what = "meets" if missed.is_proved else "was found that meets"
    detail = f"no order {what} the {missed.limit}; the nearest has {missed.nearest:.6g}"
    conflicts = (missed.limit,) if missed.is_proved else ()
    is_nearer = after.missed < (1 - NEARER) * before.missed
    if is_nearer and after.risk <= before.risk:
        return as_solution(
            problem,
            best.allocation,
            weighed=weighed,
            reason=Reason.NEARER,
            detail=detail,
            conflicts=conflicts,
            stats=best.stats,
        )
    reason = Reason.INFEASIBLE if missed.is_proved else Reason.INACCURATE
    said = (best.stats.solver, best.stats.outcome, best.stats.solves)
    return _nothing(problem, before, reason, detail, conflicts, said)


def _nothing(
    problem: Problem,
    before: Measured,
    reason: Reason,
    detail: str,
    conflicts: tuple[str, ...],
    said: tuple[str, str, int],
) -> Solution:
    solver, outcome, solves = said
    return as_solution(
        problem,
        nothing(problem),
        weighed=Weighed(before=before, after=before, gain=0.0),
        reason=reason,
        detail=detail,
        conflicts=conflicts,
        stats=SolveStats(
            solver=solver,
            outcome=outcome,
            solves=solves,
            lending_error=0.0,
            branch_gap=0.0,
        ),
    )


def _conflicts(problem: Problem) -> tuple[str, ...]:
    """Limits with a price where the sum of all excesses is least (Farkas)."""
    raw = conic_search(problem, elastic=True).relaxed()
    return tuple(
        name
        for name, dual in zip(problem.limit_names, raw.duals, strict=True)
        if dual > DUAL_LEAST
    )
