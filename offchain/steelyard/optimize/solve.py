# SPDX-License-Identifier: MIT
"""Weights that pay for what it costs to reach them, or doing nothing.

Without gas the problem is convex but for lending kinks, which are branched on. Gas is a
fixed cost an action, met by leaving actions out: all that stand still, then halves of
the smallest, then one by one, as long as the net rises. Doing nothing is a candidate
and wins ties.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.candidates import Candidate, Freedom, Search
from steelyard.optimize.conic import ConicModel
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import (
    Reason,
    Solution,
    SolveStats,
    as_solution,
    binding_rows,
    broken_rows,
)
from steelyard.optimize.terms import (
    LEAST_CHANGE,
    evaluate,
    nothing,
)

TIE = 1e-9  # of NAV: gains this small are no reason to act
POLISHES = 3
DUAL_LEAST = 1e-6


def optimize(problem: Problem) -> Solution:
    """The best allocation found, with its terms and those of doing nothing.

    Never raises for what a solver says: that is the solution's `reason`.
    """
    search = Search(problem=problem, model=ConicModel(problem), left=problem.max_solves)
    free = search.best(Freedom())
    if free is None:
        return _fallback(problem, search)

    best = _leave_out(search, _without_stills(search, free))
    for _ in range(POLISHES):
        best = search.polish(best)
    stays = nothing(problem)
    gain = best.net - evaluate(problem, stays).total
    stats = _stats(search, best)
    if not broken_rows(problem, stays) and gain <= max(problem.least_gain, TIE):
        gained = int(gain * problem.nav)
        least = int(problem.least_gain * problem.nav)
        return as_solution(
            problem,
            stays,
            reason=Reason.NOTHING_PAYS,
            detail=f"best rebalance gains {gained} assets, expected over {least}",
            stats=stats,
        )
    return as_solution(
        problem,
        best.allocation,
        reason=Reason.REBALANCE_PAYS,
        detail=f"gains {int(gain * problem.nav)} assets over the horizon",
        stats=stats,
        binding=binding_rows(problem, best.allocation, best.raw.duals),
    )


def _stats(search: Search, best: Candidate) -> SolveStats:
    return SolveStats(
        solver=best.raw.solver,
        outcome=best.raw.outcome,
        solves=search.used,
        lending_error=max((drawn.error for drawn in best.drawn), default=0.0),
        branch_gap=best.gap,
    )


def _without_stills(search: Search, free: Candidate) -> Candidate:
    """The same with every weight and change under `LEAST_CHANGE` made exactly none."""
    problem, values = search.problem, free.allocation.values
    kept = np.abs(values - problem.values) < LEAST_CHANGE
    lowest = np.array([slot.lowest for slot in problem.slots])
    closed = ~kept & (values < LEAST_CHANGE) & (lowest <= 0)
    unused = free.allocation.inputs < LEAST_CHANGE
    freedom = Freedom(
        kept=_set(kept) | free.freedom.kept,
        closed=_set(closed) | free.freedom.closed,
        unused=_set(unused) | free.freedom.unused,
    )
    return search.best(freedom) or free


def _set(mask: NDArray[np.bool_]) -> frozenset[int]:
    return frozenset(int(i) for i in np.flatnonzero(mask))


def _leave_out(search: Search, best: Candidate) -> Candidate:
    """Actions left out as long as the net rises; ties go to fewer actions."""
    for without in _coarse(search.problem, best):
        best = _better(search, best, without)
    count = len(_actions(search.problem, best)) // 2
    while count >= 1 and search.left > 1:
        actions = _actions(search.problem, best)
        if count > 1:
            trial = _better(search, best, _drop(best.freedom, actions[:count]))
            count = count // 2 if trial is best else min(count, len(actions) // 2)
            best = trial
            continue
        for action in actions:
            trial = _better(search, best, _drop(best.freedom, [action]))
            if trial is not best:
                best = trial
                break
        else:
            break
    return best


def _coarse(problem: Problem, best: Candidate) -> list[Freedom]:
    """No swaps; no supplies; nothing into what is empty now."""
    legs = frozenset(range(len(problem.legs)))
    free = best.freedom
    values = best.allocation.values
    raised = _set(values > problem.values + LEAST_CHANGE)
    new = frozenset(i for i in raised if problem.values[i] == 0)
    trials = [Freedom(kept=free.kept, closed=free.closed, unused=legs)]
    if new and new != raised:
        kept = free.kept | new
        trials.append(Freedom(kept=kept, closed=free.closed, unused=free.unused))
    return trials


def _actions(problem: Problem, best: Candidate) -> list[tuple[str, int]]:
    """What is done, the smallest first."""
    change = np.abs(best.allocation.values - problem.values)
    sized = [(float(c), "slot", i) for i, c in enumerate(change) if c > LEAST_CHANGE]
    paid = best.allocation.inputs
    sized += [(float(v), "leg", i) for i, v in enumerate(paid) if v > 0]
    return [(kind, i) for _, kind, i in sorted(sized)]


def _drop(free: Freedom, actions: list[tuple[str, int]]) -> Freedom:
    slots = frozenset(i for kind, i in actions if kind == "slot")
    legs = frozenset(i for kind, i in actions if kind == "leg")
    return Freedom(
        kept=free.kept | slots, closed=free.closed - slots, unused=free.unused | legs
    )


def _better(search: Search, best: Candidate, freedom: Freedom) -> Candidate:
    if search.left <= 1:
        return best
    found = search.best(freedom)
    if found is None or found.net < best.net - TIE:
        return best
    return _without_more(search.problem, found)


def _without_more(problem: Problem, found: Candidate) -> Candidate:
    """`found`, its freedom narrowed to the actions it still takes."""
    allocation, free = found.allocation, found.freedom
    still = _set(np.abs(allocation.values - problem.values) < LEAST_CHANGE)
    unused = _set(allocation.inputs < LEAST_CHANGE)
    freedom = Freedom(
        kept=free.kept | still, closed=free.closed - still, unused=free.unused | unused
    )
    return Candidate(
        allocation=found.allocation,
        net=found.net,
        freedom=freedom,
        raw=found.raw,
        drawn=found.drawn,
        gap=found.gap,
    )


_REASONS = {
    "infeasible": Reason.INFEASIBLE,
    "unbounded": Reason.UNBOUNDED,
    "failed": Reason.SOLVER_FAILED,
}


def _fallback(problem: Problem, search: Search) -> Solution:
    outcome = search.failure.outcome if search.failure else "failed"
    reason = _REASONS.get(outcome, Reason.INACCURATE)
    conflicts: tuple[str, ...] = ()
    detail = f"{reason.value}: nothing is done"
    if reason is Reason.INFEASIBLE:
        conflicts = _conflicts(problem)
        within = "within the pools' limits and what can be withdrawn"
        detail = f"no allocation {within} meets {', '.join(conflicts)}"
    stats = SolveStats(
        solver=search.failure.solver if search.failure else "none",
        outcome=outcome,
        solves=search.used,
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
    search = Search(problem=problem, model=ConicModel(problem, elastic=True), left=1)
    raw = search.relaxed()
    return tuple(
        name
        for name, dual in zip(problem.limit_names, raw.duals, strict=True)
        if dual > DUAL_LEAST
    )
