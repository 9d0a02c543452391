# SPDX-License-Identifier: MIT
"""A path moved onto the limits that a solver's tolerance missed, by as little as does.

Limits at a high price make a little that is missed look like a gain. A step is the
shortest that meets their tangents (a quadratic program in the actions that the path
takes); slopes are differences of the true formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import daqp
import numpy as np

from steelyard.optimize.periods.path import after, at_start
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.terms import (
    Allocation,
    budget_use,
    flows,
    leg_capacity,
    leg_outputs,
    withdrawn,
)

STEPS = 5
ENOUGH = 1e-12  # of NAV: missed by less is met
MET = 1e-9  # of NAV: missed by less is next to nothing
ROUGH = 1e-8  # of NAV: missed by more is drawn back
HALVINGS = 20
WIDTH = 1e-6  # of NAV: slopes are differences over it, on both sides
LEAST = 2e-6  # of NAV: smaller actions stay as they are
LONGEST = 1e-2  # of NAV: a step
NEAR = 1e-3  # of NAV: limits farther off are not looked at
ALLOWED = (0.0, 1e-10, 1e-9)  # of NAV: what a step may leave missed, if it must
STUCK = 1e-8  # a limit that no action moves by more cannot be helped
ENDLESS = 1e30
FOUND = 1  # DAQP's exit flag


def repaired(
    problem: Problem, path: Sequence[Allocation], stays: float
) -> list[Allocation]:
    """The path, or one near it that misses limits by less."""
    best, missed = list(path), path_missed(problem, path, stays)
    for _ in range(STEPS):
        if missed <= ENOUGH:
            break
        point = _step(problem, best, stays)
        if point is None:
            break
        moved = _path_of(problem, point, len(path), stays)
        left = path_missed(problem, moved, stays)
        if left >= missed:
            break
        best, missed = moved, left
    return best


def drawn_back(
    problem: Problem,
    path: Sequence[Allocation],
    safe: Sequence[Allocation],
    stays: float,
) -> list[Allocation]:
    """The path, as near to a safe one as it takes to miss next to nothing."""
    far, near = _point(problem, path), _point(problem, safe)
    best, low, high = list(safe), 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        point = near + share * (far - near)
        found = _path_of(problem, point, len(path), stays)
        if path_missed(problem, found, stays) <= MET:
            best, low = found, share
        else:
            high = share
    return best


def path_missed(problem: Problem, path: Sequence[Allocation], stays: float) -> float:
    """Most by which an order misses a limit, of NAV; at least 0."""
    return float(_missed(problem, path, stays).max(initial=0.0))


def _step(problem: Problem, path: Sequence[Allocation], stays: float) -> Floats | None:
    """Moves and inputs that meet the limits' tangents."""
    start = _point(problem, path)
    free = np.flatnonzero(np.abs(start) > LEAST)
    here = _missed(problem, path, stays)
    near = here > -NEAR
    slopes = np.zeros((int(near.sum()), len(free)))
    for k, i in enumerate(free):
        shift = np.zeros(len(start))
        shift[i] = WIDTH
        above, below = (
            _missed(problem, _path_of(problem, point, len(path), stays), stays)
            for point in (start + shift, start - shift)
        )
        slopes[:, k] = (above - below)[near] / (2 * WIDTH)
    moves = np.abs(slopes).max(axis=1, initial=0.0) > STUCK
    for left in ALLOWED:
        step = _shortest(slopes[moves], here[near][moves] - left)
        if step is not None:
            start[free] += step
            return start
    return None


def _point(problem: Problem, path: Sequence[Allocation]) -> Floats:
    """Moves, then inputs, order by order."""
    values = np.array([problem.values, *(order.values for order in path)])
    inputs = np.array([order.inputs for order in path])
    return np.concatenate([np.diff(values, axis=0).ravel(), inputs.ravel()])


def _shortest(slopes: Floats, missed: Floats) -> Floats | None:
    """The shortest step with missed + slopes . step at most 0."""
    count = slopes.shape[1]
    if not count:
        return None
    above = np.concatenate([np.full(count, LONGEST), -missed])
    below = np.full(len(above), -ENDLESS)
    below[:count] = -LONGEST
    step, _, flag, _ = daqp.solve(
        np.eye(count),
        np.zeros(count),
        np.ascontiguousarray(slopes),
        above,
        below,
        np.zeros(len(above), np.int32),
        primal_tol=1e-14,
        eps_prox=0.0,
    )
    return step if flag == FOUND and np.isfinite(step).all() else None


def _path_of(
    problem: Problem, point: Floats, periods: int, stays: float
) -> list[Allocation]:
    """Orders of these moves and inputs, with the inventory that they leave."""
    slots, legs = len(problem.slots), len(problem.legs)
    moves, inputs = np.split(point, [periods * slots])
    values = problem.values + np.cumsum(moves.reshape(periods, slots), axis=0)
    years, standing = problem.horizon_years / periods, at_start(problem)
    orders: list[Allocation] = []
    for held, paid_in in zip(values, inputs.reshape(periods, legs), strict=True):
        if orders:
            standing = after(problem, standing, orders[-1], stays, years)
        order = Allocation(
            inventory=standing.here.inventory, values=held, inputs=paid_in
        )
        orders.append(replace(order, inventory=flows(standing.here, order)))
    return orders


def _missed(problem: Problem, path: Sequence[Allocation], stays: float) -> Floats:
    """By how much each limit of each order is missed; negative where there is room."""
    standing, found = at_start(problem), list[float]()
    years = problem.horizon_years / len(path)
    for t, order in enumerate(path):
        if t:
            standing = after(problem, standing, path[t - 1], stays, years)
        found += _of_order(standing.here, order)
    return np.array(found)


def _of_order(here: Problem, order: Allocation) -> list[float]:
    missed = (-order.z).tolist() + (-order.inputs).tolist()
    missed += [float(row.coefficients @ order.z) - row.bound for row in here.rows]
    missed += [budget_use(here, b, order) - b.bound for b in here.budgets]
    missed += [s.lowest - v for s, v in zip(here.slots, order.values, strict=True)]
    missed += [v - s.highest for s, v in zip(here.slots, order.values, strict=True)]
    outputs, taken = leg_outputs(here, order), withdrawn(here, order.values)
    for leg, paid, got in zip(here.legs, order.inputs, outputs, strict=True):
        missed += [leg.least_ratio * paid - got, paid - leg_capacity(leg, taken)]
    return [float(each) for each in missed]
