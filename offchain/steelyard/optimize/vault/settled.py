# SPDX-License-Identifier: MIT
"""From the solver's answer to an order: without dust, by the true formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import NO_GAS, Floats, Problem
from steelyard.optimize.settle import settle
from steelyard.optimize.terms import LEAST_CHANGE, Allocation, worst_violation
from steelyard.optimize.vault.arrays import METHOD, VaultArrays
from steelyard.optimize.vault.curves import per_leg
from steelyard.optimize.vault.domain import (
    DOWN,
    STAY,
    UP,
    Domain,
    Flags,
    hull,
    whole,
)
from steelyard.optimize.vault.prices import Prices
from steelyard.optimize.vault.solved import Solved, as_solved
from steelyard.optimize.vault.sqp import maximise

MOST_MISSED = 1e-9  # of NAV: a limit missed by more is met by doing a little less
DRAWN_BACK = (1e-6, 1e-5, 1e-4, 1e-3)


def settled_order(
    problem: Problem, arrays: VaultArrays, solved: Solved
) -> tuple[Allocation, Prices]:
    """The order, and what limits are worth there. Raises `SolveFailed`."""
    tidy = _tidy(arrays, solved, [leg.pool for leg in problem.legs])
    solved, domain = tidy if tidy is not None else (solved, whole(arrays))
    order = _settled(problem, arrays, solved, domain)
    return order, solved.optimum.prices


def _tidy(
    arrays: VaultArrays, solved: Solved, pools: Sequence[int]
) -> tuple[Solved, Domain] | None:
    """The same with every weight, change and swap under `LEAST_CHANGE` made none, and
    no pool used both ways.

    None where there are no such, or where it cannot be without them.
    """
    domain = _without_dust(arrays, solved, pools)
    if domain is None:
        return None
    try:
        optimum = maximise(arrays, domain, solved.optimum)
    except SolveFailed:
        return None
    return as_solved(arrays, domain, optimum), domain


def _without_dust(
    arrays: VaultArrays, solved: Solved, pools: Sequence[int]
) -> Domain | None:
    values = solved.optimum.standing.z[len(arrays.inventory) :]
    inputs = per_leg(arrays.curves, solved.optimum.standing.inputs)
    change = values - arrays.values
    is_still = np.abs(change) < LEAST_CHANGE
    is_gone = ~is_still & (values < LEAST_CHANGE) & (arrays.lowest <= 0)
    is_unused = (inputs < LEAST_CHANGE) | _is_taken_back(inputs, pools)
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


def _is_taken_back(inputs: Floats, pools: Sequence[int]) -> Flags:
    """(n_legs,) the smaller direction of each pool that is used both ways: only where a
    token is worth less than nothing does that burn what it should."""
    taken, first = np.zeros(len(inputs), bool), dict[int, int]()
    for leg, pool in enumerate(pools):
        other = first.setdefault(pool, leg)
        if other != leg and min(inputs[leg], inputs[other]) > 0:
            taken[leg if inputs[leg] < inputs[other] else other] = True
    return taken


def _settled(
    problem: Problem, arrays: VaultArrays, solved: Solved, domain: Domain
) -> Allocation:
    standing = solved.optimum.standing
    values = standing.z[len(arrays.inventory) :]
    inputs = per_leg(arrays.curves, standing.inputs)
    allocation = settle(problem, values, inputs, *hull(arrays, domain))
    missed = np.inf if allocation is None else worst_violation(problem, allocation)
    if allocation is None or missed > LEAST_CHANGE:
        raise SolveFailed(METHOD, "inaccurate")
    for share in DRAWN_BACK if missed > MOST_MISSED else ():
        nearer = drawn_back(problem, allocation, share)
        if nearer is not None:
            return nearer
    return allocation


def drawn_back(problem: Problem, order: Allocation, share: float) -> Allocation | None:
    """The order, a share of the way towards doing nothing; None where that misses a
    limit of the vault."""
    nearer = settle(
        problem,
        order.values + share * (problem.values - order.values),
        (1 - share) * order.inputs,
        np.array([slot.lowest for slot in problem.slots]),
        np.array([slot.highest for slot in problem.slots]),
    )
    if nearer is None or worst_violation(problem, nearer) > MOST_MISSED:
        return None
    return nearer
