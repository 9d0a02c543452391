# SPDX-License-Identifier: MIT
"""Gas is a fixed cost an action, met by leaving actions out.

All that stand still, then halves of the smallest, then one by one, as long as the net
does not fall.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.cones.candidates import (
    ByAim,
    Candidate,
    Freedom,
    MeanVariance,
    Search,
)
from steelyard.optimize.cones.goal import ConicGoal, states
from steelyard.optimize.cones.model import ConicModel
from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import LEAST_CHANGE, TIE
from steelyard.optimize.vault.aim import Aim

POLISHES = 3
MOST_CONIC = 40  # solves by cvxpy, which takes its time


def conic_search(problem: Problem, *, elastic: bool = False) -> Search:
    """By mean and variance in cvxpy, with its budget of solves."""
    return Search(
        problem=problem,
        model=ConicModel(problem, elastic=elastic),
        worth=MeanVariance(problem),
        left=min(problem.max_solves, MOST_CONIC),
    )


def conic_search_by(problem: Problem, aim: Aim) -> Search | None:
    """By the problem's own measure and goal; None where cvxpy does not state them."""
    if problem.model is None or not states(problem.model):
        return None
    return Search(
        problem=problem,
        model=ConicGoal(problem, problem.model),
        worth=ByAim(aim),
        left=min(problem.max_solves, MOST_CONIC),
    )


def best_candidate(search: Search) -> Candidate | None:
    """The best allocation found, gas included; None where no solve succeeds."""
    free = search.best(Freedom())
    if free is None:
        return None
    best = _leave_out(search, _without_stills(search, free))
    for _ in range(POLISHES):
        best = search.polish(best)
    return best


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
    while search.left > 1:
        actions = _actions(search.problem, best)
        count = min(count, len(actions) // 2)
        if count > 1:
            trial = _better(search, best, _drop(best.freedom, actions[:count]))
            count = count // 2 if trial is best else count
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
    """No swaps; nothing into what is empty now."""
    legs = frozenset(range(len(problem.legs)))
    free = best.freedom
    values = best.allocation.values
    raised = _set(values > problem.values + LEAST_CHANGE)
    new = frozenset(i for i in raised if problem.values[i] == 0)
    trials = [replace(free, unused=legs)]
    if new and new != raised:
        trials.append(replace(free, kept=free.kept | new))
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
    return replace(found, freedom=freedom)
