# SPDX-License-Identifier: MIT
"""The best allocation by branch and bound, without dust, by the true formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.outcome import BindingRow, SolveStats
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.solution import broken_rows
from steelyard.optimize.terms import (
    TIE,
    Allocation,
    evaluate,
    nothing,
)
from steelyard.optimize.vault.aim import Aim
from steelyard.optimize.vault.arrays import METHOD, as_arrays
from steelyard.optimize.vault.branch import TOLERANCE, search
from steelyard.optimize.vault.family import Family
from steelyard.optimize.vault.goals import reached
from steelyard.optimize.vault.reached import OutOfReach
from steelyard.optimize.vault.settled import settled_order

LEAST_PRICE = 1e-9  # of a limit that binds
MOST_TIMES = 10  # what max_solves allows: a model takes many rounds of one problem


@dataclass(frozen=True, kw_only=True, eq=False)
class Best:
    """The best allocation found, and how."""

    allocation: Allocation
    worth: float  # over the horizon by the true formulas, gas included
    bound: float | None  # no order nets more; None where that is not proved
    duals: Floats  # (n_rows + n_budgets,) gain per year and unit of bound
    stats: SolveStats
    limits: tuple[BindingRow, ...] = ()  # a goal's own
    missed: OutOfReach | None = None  # the goal's own, which this order misses


def best_by_branching(problem: Problem) -> Best:
    """The order that nets most, exact within what `bound` says.

    Raises `SolveFailed`: "infeasible" where that is proved; else another way may do.
    """
    arrays = as_arrays(problem)
    found = search(arrays, problem.max_solves, _floor(problem))
    allocation, prices = settled_order(problem, arrays, found.best)
    years = problem.horizon_years
    return Best(
        allocation=allocation,
        worth=evaluate(problem, allocation).total,
        bound=found.bound - problem.gas.base,
        duals=np.concatenate([prices.rows, prices.budgets]) / years,
        stats=SolveStats(
            solver=METHOD,
            outcome="optimal",
            solves=found.solves,
            lending_error=0.0,
            branch_gap=found.gap / years,
            nodes=found.nodes,
        ),
    )


def _floor(problem: Problem) -> float:
    """What is worth less than this is no reason to act."""
    stays = nothing(problem)
    if broken_rows(problem, stays):
        return -np.inf
    least = max(problem.least_gain, TIE) - TOLERANCE
    return evaluate(problem, stays).total + problem.gas.base + least


def best_by_aim(problem: Problem, aim: Aim) -> Best:
    """The best order by a model's terms and goal.

    Raises `SolveFailed`, `ModelRefused`.
    """
    family = Family(problem=problem, aim=aim, left=MOST_TIMES * problem.max_solves)
    found = reached(family)
    limits = tuple(
        BindingRow(name=name, shadow_price=price, slack=0.0)
        for name, price in found.limits
        if abs(price) > LEAST_PRICE
    )
    return Best(
        allocation=found.allocation,
        worth=found.worth,
        bound=found.bound,
        duals=found.rows / problem.horizon_years,
        stats=family.stats(),
        limits=limits,
        missed=found.missed,
    )
