# SPDX-License-Identifier: MIT
"""Orders one after the other, by the curves themselves: what each finds, what all pay.

No solver is trusted: its floats are settled order by order before they are worth
anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.periods.refill import carried_on, problem_after
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.settle import settle
from steelyard.optimize.terms import (
    Allocation,
    Terms,
    evaluate,
    leg_outputs,
    worst_violation,
)

MISSED = 1e-7  # of NAV: what limits of an order may be missed by


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """What an order finds."""

    here: Problem
    impact: Floats  # (n_legs,) that has not refilled


def at_start(problem: Problem) -> Standing:
    return Standing(here=problem, impact=np.zeros(len(problem.legs)))


def after(
    problem: Problem, standing: Standing, order: Allocation, stays: float, years: float
) -> Standing:
    """What the next order finds, `years` after `order`."""
    impact = carried_on(problem, standing.here, order, standing.impact, stays)
    here = problem_after(problem, standing.here, order, impact, years)
    return Standing(here=here, impact=impact)


def once(problem: Problem, order: Allocation, periods: int) -> list[Allocation]:
    """`order`, then nothing more."""
    still = replace(order, inputs=np.zeros(len(problem.legs)))
    return [order] + [still] * (periods - 1)


def path_terms(
    problem: Problem,
    orders: Sequence[Allocation],
    stays: float,
    missed: float = MISSED,
) -> tuple[Terms, ...] | None:
    """What each order brings until the next one, by the curves themselves.

    The cost of exit is the last one's. None where an order misses a limit, or spends
    what is not there, by over `missed`.
    """
    standing, found = at_start(problem), list[Terms]()
    years, last = problem.horizon_years / len(orders), len(orders) - 1
    stay = np.zeros_like(problem.exit_rates)
    for i, order in enumerate(orders):
        if i:
            standing = after(problem, standing, orders[i - 1], stays, years)
        if worst_violation(standing.here, order) > missed:
            return None
        exits = problem.exit_rates if i == last else stay
        part = replace(standing.here, horizon_years=years, exit_rates=exits)
        found.append(evaluate(part, order))
    return tuple(found)


def path_net(
    problem: Problem,
    orders: Sequence[Allocation],
    stays: float,
    missed: float = MISSED,
) -> float | None:
    """What a path is worth over the horizon, gas paid; None as in `path_terms`."""
    terms = path_terms(problem, orders, stays, missed)
    return None if terms is None else sum(each.total for each in terms)


def paid_out(problem: Problem, orders: Sequence[Allocation], stays: float) -> Floats:
    """(n_orders, n_legs) value that comes out of each leg."""
    standing, found = at_start(problem), []
    years = problem.horizon_years / len(orders)
    for i, order in enumerate(orders):
        if i:
            standing = after(problem, standing, orders[i - 1], stays, years)
        found.append(leg_outputs(standing.here, order))
    return np.array(found)


def settled(
    problem: Problem, path: Sequence[Allocation], stays: float
) -> list[Allocation] | None:
    """The path with every token conserved, whatever it says is in the inventory.

    None where more than noise is missing.
    """
    lowest = np.array([slot.lowest for slot in problem.slots])
    highest = np.array([slot.highest for slot in problem.slots])
    standing, orders = at_start(problem), list[Allocation]()
    years = problem.horizon_years / len(path)
    for wanted in path:
        if orders:
            standing = after(problem, standing, orders[-1], stays, years)
        order = settle(standing.here, wanted.values, wanted.inputs, lowest, highest)
        if order is None:
            return None
        orders.append(order)
    return orders


def toward(
    path: Sequence[Allocation], wanted: Sequence[Allocation], share: float
) -> list[Allocation]:
    """A share of the way from one path to another, to be settled."""
    return [
        Allocation(
            inventory=start.inventory,
            values=start.values + share * (end.values - start.values),
            inputs=start.inputs + share * (end.inputs - start.inputs),
        )
        for start, end in zip(path, wanted, strict=True)
    ]


def distance(path: Sequence[Allocation], other: Sequence[Allocation]) -> float:
    """Most by which a value or an input of two paths differs."""
    apart = [
        np.abs(np.append(a.values - b.values, a.inputs - b.inputs)).max(initial=0.0)
        for a, b in zip(path, other, strict=True)
    ]
    return float(max(apart))
