# SPDX-License-Identifier: MIT
"""From a solver's floats to an allocation that conserves every token exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.cones.solvers import RawSolution
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.terms import (
    LEAST_CHANGE,
    Allocation,
    flows,
    leg_capacity,
    withdrawn,
    worst_violation,
)

NOISE = 1e-8  # of NAV: under it a solver's figure is 0
ROW_TOLERANCE = LEAST_CHANGE  # what is missed by less is within the margins
DRAWN_BACK = (1e-5, 1e-4, 1e-3, 1e-2)
SHORT = 1e-6  # of NAV: more missing of a token than this is no noise


def settle(
    problem: Problem,
    values: Floats,
    inputs: Floats,
    lowest: Floats,
    highest: Floats,
) -> Allocation | None:
    """Values inside their bounds, swaps in one direction a pool, inventory from both.

    Inventory follows from the curves themselves; what noise leaves short is taken from
    supplies or swaps of that token. None where more than noise is missing.
    """
    values = np.clip(values, lowest, highest)
    still = np.abs(values - problem.values) < NOISE
    values = np.where(still & (problem.values > 0), problem.values, values)
    values = np.where(values < NOISE, lowest.clip(0.0, None), values)
    allocation = Allocation(
        inventory=problem.inventory,
        values=values,
        inputs=_one_way(problem, inputs, values),
    )
    for _ in range(3):
        held = flows(problem, allocation)
        if held.min() >= 0:
            return replace(allocation, inventory=held)
        if held.min() < -SHORT:
            return None
        allocation = _fill(problem, allocation, held)
    held = flows(problem, allocation)
    if held.min() < -NOISE:
        return None
    return replace(allocation, inventory=held)


def followed(
    problem: Problem, raw: RawSolution, lowest: Floats, highest: Floats
) -> Allocation | None:
    """What a solver says as an allocation that keeps every limit, within tolerance.

    Where it misses one by a little, it is drawn back towards doing nothing, where that
    keeps them all: what is allowed is convex. None where that does not do.
    """
    for share in (0.0, *DRAWN_BACK):
        values = raw.values + share * (problem.values - raw.values)
        inputs = (1 - share) * raw.inputs
        allocation = settle(problem, values, inputs, lowest, highest)
        if allocation and worst_violation(problem, allocation) <= ROW_TOLERANCE:
            return allocation
    return None


def _one_way(problem: Problem, inputs: Floats, values: Floats) -> Floats:
    taken = withdrawn(problem, values)
    net = np.array(
        [
            min(max(float(paid), 0.0), leg_capacity(leg, taken))
            for leg, paid in zip(problem.legs, inputs, strict=True)
        ]
    )
    first: dict[int, int] = {}
    for i, leg in enumerate(problem.legs):
        other = first.setdefault(leg.pool, i)
        if other != i:
            round_trip = min(net[i], net[other])
            net[i], net[other] = net[i] - round_trip, net[other] - round_trip
    net[net < NOISE] = 0.0
    return net


def _fill(problem: Problem, allocation: Allocation, held: Floats) -> Allocation:
    values, inputs = allocation.values.copy(), allocation.inputs.copy()
    for token in np.flatnonzero(held < 0):
        missing = -float(held[token]) * (1 + 1e-9) + 1e-15
        raised = np.where(
            problem.compositions[token] > 1e-3, values - problem.values, 0.0
        )
        for slot in np.argsort(-raised):
            if missing <= 0 or raised[slot] <= 0:
                break
            share = problem.compositions[token, slot]
            cut = min(missing / share, raised[slot])
            values[slot] -= cut
            missing -= cut * share
        for i, leg in enumerate(problem.legs):
            if missing > 0 and leg.token_in == token:
                cut = min(missing, inputs[i])
                inputs[i] -= cut
                missing -= cut
    return replace(allocation, values=values, inputs=inputs)
