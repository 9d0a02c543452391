# SPDX-License-Identifier: MIT
"""A plan of several orders over the horizon, with pools that refill in between.

The first order is to be sent; by the next one everything is read and planned anew. What
is held between two orders earns, costs and risks for its part of the horizon; each
order pays its swaps and its gas, the last state its exit. Budgets refill as time goes
by, without an upper end, and what orders are charged adds up; rows keep the bounds that
were read, also those of what may only fall.

A pool that has not refilled makes the second order's price depend on the first's size,
which is not concave; that term is replaced by its tangent and moved until the plan
stands (convex-concave procedure, Yuille & Rangarajan 2003). Every step is measured by
the curves themselves and taken only where it gains, so the plan is never worse than
the one order of `optimize`, nor than doing nothing; how much better any other plan
could be is what `bound` says (`path_bound`).

SOURCE  Boyd et al., "Multi-period trading via convex optimization" (2017); impact as in
        `periods/refill.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from numbers import Integral

from steelyard.optimize.errors import ModelRefused, PreferenceInvalid
from steelyard.optimize.outcome import Reason, Status
from steelyard.optimize.periods.leave_out import best_with_gas
from steelyard.optimize.periods.model import PathModel
from steelyard.optimize.periods.path import once, path_net, path_terms
from steelyard.optimize.periods.proof import proved_bound
from steelyard.optimize.periods.repair import ROUGH, drawn_back, path_missed, repaired
from steelyard.optimize.periods.search import MOST_SOLVES, Path, PathSearch
from steelyard.optimize.problem import NO_GAS, Problem
from steelyard.optimize.solution import Solution, broken_rows
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import (
    LEAST_CHANGE,
    TIE,
    Allocation,
    Terms,
    evaluate,
    nothing,
)

MOST_PERIODS = 24
BY_MEAN_AND_VARIANCE = "several orders are planned by mean and variance"
_REASONS = {
    "infeasible": Reason.INFEASIBLE,
    "unbounded": Reason.UNBOUNDED,
    "inaccurate": Reason.INACCURATE,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodPlan:
    """Orders, the first of them for now, and what they bring over the horizon.

    Values are shares of NAV before, over the horizon, gas paid.
    """

    orders: tuple[Allocation, ...]
    terms: tuple[Terms, ...]  # of each order until the next; the last one pays the exit
    value: float  # never less than doing nothing
    value_nothing: float  # minus infinity where doing nothing breaks a limit
    bound: (
        float | None
    )  # no plan of so many orders is worth more; None where not proved
    missed: float  # of NAV, most by which an order misses a limit
    rounds: int  # solves of the path model
    reason: Reason
    detail: str  # one line for people
    solver: str

    @property
    def status(self) -> Status:
        good = self.reason in (Reason.REBALANCE_PAYS, Reason.NOTHING_PAYS)
        return Status.OPTIMAL if good else Status.FALLBACK

    @property
    def gain(self) -> float:
        """Over doing nothing; 0 where nothing is done."""
        gains = self.value > self.value_nothing
        return self.value - self.value_nothing if gains else 0.0

    @property
    def gap(self) -> float | None:
        """What any plan may add, as a share of NAV; None where it is not proved."""
        return None if self.bound is None else max(self.bound - self.value, 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Found:
    """The best path, and what was heard on the way."""

    path: Path
    bound: float | None
    trouble: Reason | None  # why the model never answered
    said: str
    rounds: int = 0


def plan_periods(problem: Problem, periods: int, *, stays: float) -> PeriodPlan:
    """The best plan found of `periods` orders, evenly spread over the horizon.

    `stays`: share of an impact that is still there at the next order, 0 to 1.
    Where the plan gains no more than the problem's `least_gain` nothing is done, unless
    that breaks a limit. Raises `PreferenceInvalid`, `ModelRefused` for a problem with
    a model of its own, never for what a solver says: that is the plan's `reason`.
    """
    _check(periods, stays)
    if problem.model is not None:
        name = type(problem.model.model).__name__
        raise ModelRefused(name, BY_MEAN_AND_VARIANCE)
    single = optimize(replace(problem, least_gain=0.0))
    still = _nothing(problem, periods, single.stats.solver)
    start = _start(problem, single, still, stays)
    if periods == 1:
        found = _of_one(problem, single, start)
    else:
        found = _of_many(problem, single, still, start, stays)
    return _answer(problem, still, found, stays)


def _nothing(problem: Problem, periods: int, solver: str) -> Path:
    breaks = broken_rows(problem, nothing(problem))
    return Path(
        orders=once(problem, nothing(problem), periods),
        net=-inf if breaks else evaluate(problem, nothing(problem)).total,
        solver=solver,
    )


def _of_one(problem: Problem, single: Solution, start: Path) -> _Found:
    """What `optimize` says, and what it proves."""
    gap = single.stats.certified_gap
    bound = None if gap is None else single.terms.total + gap
    if gap is None and single.status is Status.OPTIMAL:
        bound = proved_bound(problem, None, start.orders, 0.0, start.net)
    trouble = None if single.status is Status.OPTIMAL else single.reason
    return _Found(path=start, bound=bound, trouble=trouble, said=single.detail)


def _of_many(
    problem: Problem, single: Solution, still: Path, start: Path, stays: float
) -> _Found:
    free = replace(problem, gas=NO_GAS)
    pays = problem.gas != NO_GAS
    model = PathModel(free, len(start.orders), stays, leaves_out=pays)
    search = PathSearch(free, model, stays)
    begin = start
    if pays:
        begin = _start(free, optimize(replace(free, least_gain=0.0)), still, stays)
    best = search.across_kinks(search.climb(begin))
    rounds = search.used
    if pays:
        paying = PathSearch(problem, model, stays, left=2 * MOST_SOLVES)
        best = best_with_gas(paying, start, best)
        rounds += paying.used
    trouble = None if single.status is Status.OPTIMAL else single.reason
    said = single.detail
    if best.net > -inf or not trouble:
        trouble = None if search.answered else _reason(search.outcome)
        said = f"{search.solver} on {len(start.orders)} orders: {search.outcome}"
    if best.net == -inf and not trouble:
        trouble = Reason.INACCURATE  # there are answers, but none keeps its limits
    answers = model if search.answered else None
    best = max(_kept(problem, best, start, stays), start, key=lambda path: path.net)
    bound = proved_bound(problem, answers, best.orders, stays, best.net)
    return _Found(path=best, bound=bound, trouble=trouble, said=said, rounds=rounds)


def _check(periods: int, stays: float) -> None:
    is_whole = isinstance(periods, Integral) and not isinstance(periods, bool)
    if not is_whole or not 1 <= periods <= MOST_PERIODS:
        expected = f"a whole number from 1 to {MOST_PERIODS}"
        raise PreferenceInvalid("periods", periods, expected)
    if not 0 <= stays <= 1:
        raise PreferenceInvalid("stays", stays, "0 to 1")


def _start(problem: Problem, single: Solution, still: Path, stays: float) -> Path:
    """The one order that is best alone, then nothing more; `still` where none is."""
    if not single.is_rebalance:
        return still
    orders = once(problem, single.allocation, len(still.orders))
    net = path_net(problem, orders, stays, LEAST_CHANGE)
    if net is None or net <= still.net:
        return still
    return Path(orders=orders, net=net, solver=still.solver)


def _reason(outcome: str) -> Reason:
    return _REASONS.get(outcome, Reason.SOLVER_FAILED)


def _kept(problem: Problem, path: Path, start: Path, stays: float) -> Path:
    """The path with its limits kept as well as may be: a little that is missed of a
    dear one would count as a gain."""
    orders = repaired(problem, path.orders, stays)
    if path_missed(problem, orders, stays) > ROUGH and start.net > -inf:
        orders = drawn_back(problem, orders, start.orders, stays)
    net = path_net(problem, orders, stays)
    return path if net is None else replace(path, orders=orders, net=net)


def _answer(problem: Problem, still: Path, found: _Found, stays: float) -> PeriodPlan:
    """The best path, or doing nothing where that is not clearly worse."""
    best, trouble = found.path, found.trouble
    gain = best.net - still.net if best.net > still.net else 0.0
    if gain > max(problem.least_gain, TIE):
        reason = Reason.REBALANCE_PAYS
        detail = "meets the limits that doing nothing breaks"
        if gain < inf:
            detail = f"gains {int(gain * problem.nav)} assets over the horizon"
        if trouble:
            detail += f"; later orders are left out ({found.said})"
    else:
        best, reason, detail = still, trouble or Reason.NOTHING_PAYS, found.said
        if not trouble:
            least = int(problem.least_gain * problem.nav)
            gained = int(gain * problem.nav)
            detail = f"best plan gains {gained} assets, expected over {least}"
    return PeriodPlan(
        orders=tuple(best.orders),
        terms=path_terms(problem, best.orders, stays, inf) or (),
        value=best.net,
        value_nothing=still.net,
        bound=found.bound if best.net > -inf else None,
        missed=path_missed(problem, best.orders, stays),
        rounds=found.rounds,
        reason=reason,
        detail=detail,
        solver=best.solver,
    )
