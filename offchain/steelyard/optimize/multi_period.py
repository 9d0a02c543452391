# SPDX-License-Identifier: MIT
"""A plan of several orders over the horizon, with pools that refill in between.

The first order is to be sent; by the next one everything is read and planned anew. What
is held between two orders earns, costs and risks for its part of the horizon; each
order pays its swaps, the last state its exit. Budgets refill as time goes by, without
an upper end, and what orders are charged adds up; rows keep the bounds that were read,
also those of what may only fall.

A pool that has not refilled makes the second order's price depend on the first's size,
which is not concave; that term is replaced by its tangent and moved until the plan
stands (convex-concave procedure, Yuille & Rangarajan 2003). Every step is measured by
the curves themselves and taken only where it gains, so the plan is never worse than
the one order of `optimize`, nor than doing nothing; that it is the best of all plans is
not proved.

SOURCE  Boyd et al., "Multi-period trading via convex optimization" (2017); impact as in
        `refill.py`. Gas is not in the plan; later orders are cheaper to leave out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from numbers import Integral

from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.leave_out import TIE
from steelyard.optimize.path import net_of_nothing, once, path_net
from steelyard.optimize.path_model import PathModel
from steelyard.optimize.path_search import Path, PathSearch
from steelyard.optimize.problem import GasCosts, Problem
from steelyard.optimize.solution import Reason, Solution, Status, broken_rows
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import LEAST_CHANGE, Allocation, nothing

MOST_PERIODS = 24
_NO_GAS = GasCosts(base=0.0, withdraw=0.0, swap=0.0, supply=0.0)
_REASONS = {
    "infeasible": Reason.INFEASIBLE,
    "unbounded": Reason.UNBOUNDED,
    "inaccurate": Reason.INACCURATE,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodPlan:
    """Orders, the first of them for now, and what they bring over the horizon."""

    orders: tuple[Allocation, ...]
    net: float  # share of NAV before, gas apart; never less than doing nothing
    net_nothing: float  # minus infinity where doing nothing breaks a limit
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
        """Over doing nothing, as a share of NAV before; 0 where nothing is done."""
        return self.net - self.net_nothing if self.net > self.net_nothing else 0.0


def plan_periods(problem: Problem, periods: int, *, stays: float) -> PeriodPlan:
    """The best plan found of `periods` orders, evenly spread over the horizon.

    `stays`: share of an impact that is still there at the next order, 0 to 1.
    Where the plan gains no more than the problem's `least_gain` nothing is done, unless
    that breaks a limit. Raises `PreferenceInvalid`, never for what a solver says: that
    is the plan's `reason`.
    """
    _check(periods, stays)
    single = optimize(replace(problem, gas=_NO_GAS, least_gain=0.0))
    breaks = broken_rows(problem, nothing(problem))
    still = Path(
        orders=once(problem, nothing(problem), periods),
        net=-inf if breaks else net_of_nothing(problem),
        solver=single.stats.solver,
    )
    best = _start(problem, single, still, stays)
    trouble = None if single.status is Status.OPTIMAL else single.reason
    said, rounds = single.detail, 0
    if periods > 1:
        search = PathSearch(problem, PathModel(problem, periods, stays), stays)
        best = search.across_kinks(search.climb(best))
        rounds = search.used
        if best.net > -inf or not trouble:
            trouble = None if search.answered else _reason(search.outcome)
            said = f"{search.solver} on {periods} orders: {search.outcome}"
    if best.net == -inf and not trouble:
        trouble = Reason.INACCURATE  # there are answers, but none keeps its limits
    return _answer(problem, still, best, trouble, said, rounds)


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


def _answer(
    problem: Problem,
    still: Path,
    best: Path,
    trouble: Reason | None,
    said: str,
    rounds: int = 0,
) -> PeriodPlan:
    """The best path, or doing nothing where that is not clearly worse.

    `trouble` is why the model never answered, `said` what was heard of it.
    """
    gain = best.net - still.net if best.net > still.net else 0.0
    if gain > max(problem.least_gain, TIE):
        reason = Reason.REBALANCE_PAYS
        detail = "meets the limits that doing nothing breaks"
        if gain < inf:
            detail = f"gains {int(gain * problem.nav)} assets over the horizon"
        if trouble:
            detail += f"; later orders are left out ({said})"
    else:
        best, reason, detail = still, trouble or Reason.NOTHING_PAYS, said
        if not trouble:
            least = int(problem.least_gain * problem.nav)
            gained = int(gain * problem.nav)
            detail = f"best plan gains {gained} assets, expected over {least}"
    return PeriodPlan(
        orders=tuple(best.orders),
        net=best.net,
        net_nothing=still.net,
        rounds=rounds,
        reason=reason,
        detail=detail,
        solver=best.solver,
    )
