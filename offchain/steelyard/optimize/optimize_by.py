# SPDX-License-Identifier: MIT
"""A vault's best allocation by any measure and goal: tail risk, limits, ratios, and
what winding up would cost.

The same search as for mean and variance: branches at the kinks of lending, actions
that are not worth their gas left out, doing nothing a candidate that wins ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from steelyard.optimize.candidates import Candidate, Search
from steelyard.optimize.conic_goal import ConicGoal
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.leave_out import MOST_CONIC, TIE, best_candidate
from steelyard.optimize.models import LargestRatio, ReturnAtLeast, RiskAtMost
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import broken_rows
from steelyard.optimize.terms import Allocation, evaluate, nothing
from steelyard.optimize.unwinding import UnwindingCost
from steelyard.optimize.vault_model import (
    VaultModel,
    check_model,
    net_of,
    risk_of,
    worth_of,
)

ROUNDS = 20  # of Dinkelbach's method, which converges faster than linearly
NO_RISK = 1e-9  # of NAV
MISSED = 1e-6  # of NAV: by what a goal's limit may be missed


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What an allocation is worth by a model: shares of NAV, over the horizon."""

    net: float
    risk: float
    winding_up: float  # 0 where the model does not ask
    worth: float


@dataclass(frozen=True, kw_only=True, eq=False)
class VaultAnswer:
    """The allocation, what it is worth and what doing nothing is."""

    allocation: Allocation
    measured: Measured
    measured_nothing: Measured
    is_rebalance: bool
    solver: str  # "none" where nothing was found that keeps every limit
    detail: str


@dataclass(eq=False)
class _Worth:
    problem: Problem
    model: VaultModel
    ratio: float = 0.0  # of net to risk, where that is what is wanted

    def __post_init__(self) -> None:
        self._unwinding = None
        if self.model.unwinding is not None:
            cp = import_module("cvxpy")
            self._unwinding = UnwindingCost(cp, self.problem, self.model.unwinding)

    def measure(self, allocation: Allocation) -> Measured:
        winding_up = self._unwinding.of(allocation) if self._unwinding else 0.0
        net = net_of(self.problem, self.model, allocation, winding_up)
        risk = risk_of(self.problem, self.model, allocation)
        return Measured(
            net=net,
            risk=risk,
            winding_up=winding_up,
            worth=worth_of(self.model, net, risk),
        )

    def total(self, allocation: Allocation) -> float:
        return self._worth(self.measure(allocation), gas=0.0)

    def without_gas(self, allocation: Allocation) -> float:
        gas = evaluate(self.problem, allocation).gas
        return self._worth(self.measure(allocation), gas)

    def _worth(self, measured: Measured, gas: float) -> float:
        goal, net = self.model.goal, measured.net + gas
        if self.misses_by(measured, gas) > MISSED:
            return float("-inf")
        if isinstance(goal, LargestRatio):
            return net - goal.risk_free - self.ratio * measured.risk
        return worth_of(self.model, net, measured.risk)

    def misses_by(self, measured: Measured, gas: float) -> float:
        """By how much the goal's own limits are missed; gas is not held against it."""
        goal, unwinding = self.model.goal, self.model.unwinding
        missed = 0.0
        if isinstance(goal, ReturnAtLeast):
            missed = goal.expected_return - measured.net - gas
        if isinstance(goal, RiskAtMost):
            missed = measured.risk - goal.limit
        if unwinding is not None and unwinding.limit is not None:
            missed = max(missed, measured.winding_up - unwinding.limit)
        return missed


def optimize_by(problem: Problem, model: VaultModel) -> VaultAnswer:
    """The best allocation by `model`, or doing nothing and why.

    Raises `ModelRefused`, `PreferenceInvalid`.
    """
    check_model(problem, model)
    worth = _Worth(problem, model)
    conic = ConicGoal(problem, model)
    most = min(problem.max_solves, MOST_CONIC)
    search = Search(problem=problem, model=conic, worth=worth, left=most)
    if isinstance(model.goal, LargestRatio):
        found = _best_ratio(search, conic, worth)
    else:
        found = best_candidate(search)
    stays = nothing(problem)
    before = worth.measure(stays)
    if found is None:
        outcome = search.failure.outcome if search.failure else "failed"
        return _answer(stays, before, before, "none", f"{outcome}: nothing is done")
    after = worth.measure(found.allocation)
    forced = broken_rows(problem, stays) or worth.misses_by(before, 0.0) > MISSED
    if not forced and after.worth <= before.worth + TIE:
        detail = "no rebalance pays for itself"
        return _answer(stays, before, before, found.raw.solver, detail)
    detail = f"worth {after.worth:.6g} against {before.worth:.6g}"
    return _answer(found.allocation, after, before, found.raw.solver, detail)


def _best_ratio(search: Search, conic: ConicGoal, worth: _Worth) -> Candidate | None:
    """Dinkelbach: each round solves for the ratio of the last."""
    assert isinstance(worth.model.goal, LargestRatio)
    best, solves = None, search.left
    for _ in range(ROUNDS):
        search.left = solves
        conic.set_ratio(worth.ratio)
        found = best_candidate(search)
        if found is None:
            return best
        measured = worth.measure(found.allocation)
        if measured.net <= worth.model.goal.risk_free:
            break
        if measured.risk <= NO_RISK:
            why = "nets more than risk_free without risk: the ratio has no bound"
            raise ModelRefused("LargestRatio", why)
        if best is not None and measured.worth <= worth.ratio * (1 + 1e-9):
            return best
        best, worth.ratio = found, measured.worth
    if best is None:
        raise ModelRefused("LargestRatio", "nothing allowed nets more than risk_free")
    return best


def _answer(
    allocation: Allocation,
    measured: Measured,
    before: Measured,
    solver: str,
    detail: str,
) -> VaultAnswer:
    return VaultAnswer(
        allocation=allocation,
        measured=measured,
        measured_nothing=before,
        is_rebalance=measured is not before,
        solver=solver,
        detail=detail,
    )
