# SPDX-License-Identifier: MIT
"""A vault's best allocation by any measure and goal: tail risk, limits, ratios, and
what winding up would cost.

The same search as for mean and variance: branches at the kinks of lending, actions
that are not worth their gas left out, doing nothing a candidate that wins ties.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module

from steelyard.optimize.candidates import Candidate, Search
from steelyard.optimize.conic_goal import ConicGoal
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.leave_out import MOST_CONIC, TIE, best_candidate
from steelyard.optimize.models import (
    LargestRatio,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    Variance,
)
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import (
    BindingRow,
    Status,
    binding_rows,
    broken_rows,
)
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import Allocation, evaluate, nothing
from steelyard.optimize.unwinding import UnwindingCost
from steelyard.optimize.vault_model import (
    VaultModel,
    check_vault_model,
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
    # limits that bind, and what a unit of bound is worth: net, or risk where that is
    # what is wanted, or net less ratio x risk
    binding: tuple[BindingRow, ...]
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
        gas = evaluate(self.problem, allocation).gas
        measured = self.measure(allocation)
        return self._worth(measured, measured.net, gas)

    def without_gas(self, allocation: Allocation) -> float:
        gas = evaluate(self.problem, allocation).gas
        measured = self.measure(allocation)
        return self._worth(measured, measured.net + gas, gas)

    def _worth(self, measured: Measured, net: float, gas: float) -> float:
        goal = self.model.goal
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

    A return that is asked for is one before gas. Raises `ModelRefused`,
    `PreferenceInvalid`.
    """
    check_vault_model(problem, model)
    worth = _Worth(problem, model)
    stays = nothing(problem)
    before = worth.measure(stays)
    forced = broken_rows(problem, stays) or worth.misses_by(before, 0.0) > MISSED
    found = _found(problem, model, worth, before, bool(forced))
    if isinstance(found, str):
        return _nothing(stays, before, "none", found)
    allocation, solver, binding = found
    after = worth.measure(allocation)
    least = problem.least_gain if _is_net(model) else 0.0
    if not forced and after.worth <= before.worth + max(least, TIE):
        return _nothing(stays, before, solver, "no rebalance pays for itself")
    return VaultAnswer(
        allocation=allocation,
        measured=after,
        measured_nothing=before,
        is_rebalance=True,
        binding=binding,
        solver=solver,
        detail=f"worth {after.worth:.6g} against {before.worth:.6g}",
    )


def _found(
    problem: Problem, model: VaultModel, worth: _Worth, before: Measured, forced: bool
) -> tuple[Allocation, str, tuple[BindingRow, ...]] | str:
    """The best order, what found it and what binds, or why there is none."""
    goal = model.goal
    if (
        isinstance(goal, Utility)
        and isinstance(model.measure, Variance)
        and model.unwinding is None
    ):
        solution = optimize(replace(problem, risk_aversion=goal.risk_aversion))
        if solution.status is Status.FALLBACK:
            return solution.detail
        return solution.allocation, solution.stats.solver, solution.binding
    conic = ConicGoal(problem, model)
    left = min(problem.max_solves, MOST_CONIC)
    search = Search(problem=problem, model=conic, worth=worth, left=left)
    best = (
        _best_ratio(search, conic, worth, before, forced)
        if isinstance(goal, LargestRatio)
        else best_candidate(search)
    )
    if best is None:
        outcome = search.failure.outcome if search.failure else "failed"
        return f"{outcome}: nothing is done"
    binding = binding_rows(problem, best.allocation, best.raw.duals)
    return best.allocation, best.raw.solver, binding


def _is_net(model: VaultModel) -> bool:
    """Whether worth is counted in net."""
    return isinstance(model.goal, Utility | RiskAtMost)


def _best_ratio(
    search: Search, conic: ConicGoal, worth: _Worth, before: Measured, forced: bool
) -> Candidate | None:
    """Dinkelbach: each round solves for the ratio of the last; it begins with that of
    doing nothing. None where nothing is better. Raises `ModelRefused`."""
    assert isinstance(worth.model.goal, LargestRatio)
    rate, solves = worth.model.goal.risk_free, search.left
    gains = not forced and before.net > rate
    if gains:
        _refuse_riskless(before)
        worth.ratio = before.worth
    best: Candidate | None = None
    for _ in range(ROUNDS):
        search.left = solves
        conic.set_ratio(worth.ratio)
        found = best_candidate(search)
        measured = None if found is None else worth.measure(found.allocation)
        if measured is None or measured.net <= rate:
            break
        _refuse_riskless(measured)
        gains = True
        if measured.worth <= worth.ratio * (1 + 1e-9):
            break
        best, worth.ratio = found, measured.worth
    if not gains:
        raise ModelRefused("LargestRatio", "nothing allowed nets more than risk_free")
    return best


def _refuse_riskless(measured: Measured) -> None:
    if measured.risk <= NO_RISK:
        why = "nets more than risk_free without risk: the ratio has no bound"
        raise ModelRefused("LargestRatio", why)


def _nothing(
    stays: Allocation, before: Measured, solver: str, detail: str
) -> VaultAnswer:
    return VaultAnswer(
        allocation=stays,
        measured=before,
        measured_nothing=before,
        is_rebalance=False,
        binding=(),
        solver=solver,
        detail=detail,
    )
