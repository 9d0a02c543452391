# SPDX-License-Identifier: MIT
"""From the solver's answer to an order: without dust, by the true formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import NO_GAS, Problem
from steelyard.optimize.settle import settle
from steelyard.optimize.terms import LEAST_CHANGE, Allocation, worst_violation
from steelyard.optimize.vault.arrays import METHOD, VaultArrays
from steelyard.optimize.vault.curves import per_leg
from steelyard.optimize.vault.domain import (
    DOWN,
    STAY,
    UP,
    Domain,
    hull,
    whole,
)
from steelyard.optimize.vault.prices import Prices
from steelyard.optimize.vault.solved import Solved, as_solved
from steelyard.optimize.vault.sqp import maximise


def settled_order(
    problem: Problem, arrays: VaultArrays, solved: Solved
) -> tuple[Allocation, Prices]:
    """The order, and what limits are worth there. Raises `SolveFailed`."""
    tidy = _tidy(arrays, solved)
    solved, domain = tidy if tidy is not None else (solved, whole(arrays))
    order = _settled(problem, arrays, solved, domain)
    return order, solved.optimum.prices


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
