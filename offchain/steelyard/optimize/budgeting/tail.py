# SPDX-License-Identifier: MIT
"""Risk budgeting on CVaR: the barrier over a tail that grows until it is whole.

Only the scenarios near the tail take part in the program; those that turn out to lie
beyond its edge are added, and it is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from steelyard.optimize.budgeting import reference, steps
from steelyard.optimize.budgeting.barrier import (
    LEAST_UNIT,
    NO_RISK,
    Risk,
    as_found,
    at_total,
)
from steelyard.optimize.budgeting.cone import BarrierProblem, Indices, Solved, Tail
from steelyard.optimize.budgeting.failures import explained, least_cvar
from steelyard.optimize.budgeting.inputs import budgets_of
from steelyard.optimize.budgeting.interior import by_interior_point
from steelyard.optimize.budgeting.variance import Solver
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.models import CVaR, RiskBudgeting
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.measures import cvar, cvar_of_each

SPARE = 2.2  # scenarios taken at first, over those in the tail
MORE = 3  # times as many, where too few leave no loss in the tail
MISSED = 1e-11  # of the edge: a loss beyond it by less is not
MOST_ROUNDS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class _Task:
    polytope: Polytope
    budgets: Floats  # (n,)
    losses: Floats  # (t, n)
    level: float
    alone: Floats  # (n,) CVaR of each asset

    @property
    def mass(self) -> float:
        """How many of the scenarios make up the tail; not a whole number."""
        return (1 - self.level) * len(self.losses)


def by_tail(portfolio: Portfolio, model: RiskBudgeting) -> Found:
    """The only allowed weights of least objective (see `barrier`), on CVaR.

    Several scenarios often tie at the edge of the tail there; risk shares are taken at
    the scenario weights that prove the optimum. Raises `SolveFailed`: "unbounded" where
    allowed weights have no loss in their tail, "infeasible" where limits leave an asset
    nothing.
    """
    return _grown(_task(portfolio, model), by_interior_point, steps.METHOD)


def by_tail_reference(portfolio: Portfolio, model: RiskBudgeting) -> Found:
    """The same weights, to fewer digits, by Clarabel. Raises `SolveFailed`."""
    task = _task(portfolio, model)
    return _grown(task, reference.by_reference, reference.METHOD)


def _task(portfolio: Portfolio, model: RiskBudgeting) -> _Task:
    assert portfolio.scenarios is not None  # refused without them
    assert isinstance(model.measure, CVaR)
    losses, level = -portfolio.scenarios, model.measure.level
    return _Task(
        polytope=portfolio.polytope,
        budgets=budgets_of(portfolio, model),
        losses=losses,
        level=level,
        alone=cvar_of_each(losses, level),
    )


def _grown(task: _Task, solve: Solver, method: str) -> Found:
    start = task.budgets / task.alone
    losses, count = task.losses @ start, len(task.losses)
    taken = _worst(losses, ceil(SPARE * task.mass) + 10)
    for _ in range(MOST_ROUNDS):
        start = start * (task.polytope.total / start.sum())
        problem = _problem(task, taken, start)
        try:
            solved = solve(problem, start * problem.scales)
        except SolveFailed as failed:
            if len(taken) == count:
                least = least_cvar(task.polytope, task.losses, task.mass, task.alone)
                raise explained(task.polytope, failed, least) from failed
            taken = _worst(losses, MORE * len(taken))
            continue
        losses, start, edge = task.losses @ solved.sizes, solved.sizes, solved.tail_edge
        beyond = losses > edge + MISSED * abs(edge)
        beyond[taken] = False
        if not beyond.any():
            return _found(task, taken, solved, method)
        taken = np.concatenate([taken, beyond.nonzero()[0]])
    raise SolveFailed(method, "inaccurate")


def _worst(losses: Floats, count: int) -> Indices:
    if count >= len(losses):
        return np.arange(len(losses))
    return np.asarray(np.argpartition(-losses, count)[:count], np.intp)


def _problem(task: _Task, taken: Indices, start: Floats) -> BarrierProblem:
    """In units that make the risk of `start` (n,) 1, and the sum of its parts."""
    apart = float(task.alone @ start)
    unit = max(cvar(task.losses @ start, task.level), LEAST_UNIT * apart)
    scales = task.alone / apart
    return BarrierProblem(
        polytope=task.polytope,
        budgets=task.budgets,
        scales=scales,
        unit=unit,
        tail=Tail(
            losses=task.losses[taken] / (scales * unit), excess_price=1 / task.mass
        ),
    )


def _found(task: _Task, taken: Indices, solved: Solved, method: str) -> Found:
    weights = at_total(task.polytope, solved.sizes)
    value = cvar(task.losses @ weights, task.level)
    if not value > NO_RISK * float(task.alone @ weights):
        raise SolveFailed(method, "unbounded")
    chances = np.minimum(solved.tail_chances, 1 / task.mass)
    gradient = chances / chances.sum() @ task.losses[taken]
    risk = Risk(value=value, gradient=gradient)
    return as_found(task.polytope, task.budgets, weights, risk, solved.prices, method)
