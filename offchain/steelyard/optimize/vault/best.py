# SPDX-License-Identifier: MIT
"""The best allocation by branch and bound, without dust, by the true formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.leave_out import TIE
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.settle import settle
from steelyard.optimize.solution import SolveStats, broken_rows
from steelyard.optimize.terms import (
    LEAST_CHANGE,
    Allocation,
    evaluate,
    nothing,
    worst_violation,
)
from steelyard.optimize.vault.arrays import METHOD, VaultArrays, as_arrays
from steelyard.optimize.vault.branch import TOLERANCE, search
from steelyard.optimize.vault.curves import per_leg
from steelyard.optimize.vault.domain import (
    DOWN,
    NO_GAS,
    STAY,
    UP,
    Domain,
    hull,
    whole,
)
from steelyard.optimize.vault.solved import Solved, as_solved
from steelyard.optimize.vault.sqp import maximise


@dataclass(frozen=True, kw_only=True, eq=False)
class Best:
    """The best allocation found, and how."""

    allocation: Allocation
    net: float  # over the horizon by the true formulas, gas included
    bound: float | None  # no order nets more; None where that is not proved
    duals: Floats  # (n_rows + n_budgets,) gain per year and unit of bound
    stats: SolveStats


def best_by_branching(problem: Problem) -> Best:
    """The order that nets most, exact within what `bound` says.

    Raises `SolveFailed`: "infeasible" where that is proved; else another way may do.
    """
    arrays = as_arrays(problem)
    found = search(arrays, problem.max_solves, _floor(problem))
    solved, domain, solves = found.best, whole(arrays), found.solves
    tidy = _tidy(arrays, solved) if solves < problem.max_solves else None
    if tidy is not None:
        (solved, domain), solves = tidy, solves + 1
    allocation = _settled(problem, arrays, solved, domain)
    prices, years = solved.optimum.prices, problem.horizon_years
    return Best(
        allocation=allocation,
        net=evaluate(problem, allocation).total,
        bound=found.bound - problem.gas.base,
        duals=np.concatenate([prices.rows, prices.budgets]) / years,
        stats=SolveStats(
            solver=METHOD,
            outcome="optimal",
            solves=solves,
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


def _tidy(arrays: VaultArrays, solved: Solved) -> tuple[Solved, Domain] | None:
    """The same with every weight, change and swap under `LEAST_CHANGE` made none.

    None where there are no such, or where it cannot be without them.
    """
    domain = _without_dust(arrays, solved)
    if domain is None:
        return None
    try:
        optimum = maximise(arrays, domain, solved.optimum)
    except SolveFailed:
        return None
    return as_solved(arrays, domain, optimum), domain


def _without_dust(arrays: VaultArrays, solved: Solved) -> Domain | None:
    values = solved.optimum.standing.z[len(arrays.inventory) :]
    inputs = per_leg(arrays.curves, solved.optimum.standing.inputs)
    change = values - arrays.values
    is_still = np.abs(change) < LEAST_CHANGE
    is_gone = ~is_still & (values < LEAST_CHANGE) & (arrays.lowest <= 0)
    is_unused = inputs < LEAST_CHANGE
    is_dust = (is_still & (change != 0)) | (is_gone & (values != 0))
    if not is_dust.any() and not (is_unused & (inputs > 0)).any():
        return None
    slots = np.zeros((3, len(values)), bool)
    slots[STAY], slots[UP] = is_still, ~is_still & (change > 0)
    slots[DOWN] = ~is_still & (change < 0)
    lowest, highest = arrays.lowest.copy(), arrays.highest.copy()
    for market, stretch in zip(arrays.markets, solved.stretches, strict=True):
        lowest[market.slot] = max(lowest[market.slot], stretch.lowest)
        highest[market.slot] = min(highest[market.slot], stretch.highest)
    lowest[is_gone] = highest[is_gone] = 0.0
    return replace(
        whole(arrays),
        lowest=lowest,
        highest=highest,
        slots=slots,
        legs=np.stack([np.ones(len(inputs), bool), ~is_unused]),
        stretches=tuple((stretch,) for stretch in solved.stretches),
        gas=NO_GAS,
    )


def _settled(
    problem: Problem, arrays: VaultArrays, solved: Solved, domain: Domain
) -> Allocation:
    standing = solved.optimum.standing
    values = standing.z[len(arrays.inventory) :]
    inputs = per_leg(arrays.curves, standing.inputs)
    allocation = settle(problem, values, inputs, *hull(arrays, domain))
    if allocation is None or worst_violation(problem, allocation) > LEAST_CHANGE:
        raise SolveFailed(METHOD, "inaccurate")
    return allocation
