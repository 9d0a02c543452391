# SPDX-License-Identifier: MIT
"""The orders of a path in cvxpy, one after the other, compiled once.

Where the truth is not concave the model is: impact by its tangents where the path
stands, interest on the side of the kink that it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.concave import Lines, kink, lines
from steelyard.optimize.conic_carried import Carried
from steelyard.optimize.conic_order import ConicOrder
from steelyard.optimize.conic_risk import carried_cost
from steelyard.optimize.path import after, at_start
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.refill import at_swaps
from steelyard.optimize.solvers import Outcome, attempts
from steelyard.optimize.tangents import tangents
from steelyard.optimize.terms import Allocation, lending_per_year

Sides = NDArray[np.bool_]  # (n_orders, n_markets): whether it stands above the kink


class PathModel:
    """Holds the compiled problem; tangents, bounds and lines are its parameters."""

    def __init__(self, problem: Problem, periods: int, stays: float) -> None:
        self._cp: Any = import_module("cvxpy")  # here: importing it takes a second
        self._problem, self._stays = problem, stays
        self._orders: list[ConicOrder] = []
        self._carried: list[Carried] = []
        for _ in range(periods):
            self._orders.append(self._next())
        constraints = [c for order in self._orders for c in order.constraints]
        self._compiled = self._cp.Problem(
            self._cp.Maximize(self._aim()), constraints + self._budgets()
        )

    def solve(
        self, path: Sequence[Allocation], sides: Sides, reach: float
    ) -> Iterator[tuple[Outcome, str, list[Allocation]]]:
        """(what it said, its name, the path it wants) of one solver after another.

        What is wanted is not settled; nor need `path` be, around which the model is
        drawn. `reach`: share of its side of the kink that a supply may move by.
        """
        self._move_to(path, sides, reach)
        for outcome, solver in attempts(self._cp, self._compiled):
            wanted = []
            if outcome in ("optimal", "inaccurate"):
                wanted = [self._wanted(order) for order in self._orders]
            yield outcome, solver, wanted

    def _next(self) -> ConicOrder:
        cp, problem = self._cp, self._problem
        if not self._orders:
            return ConicOrder(cp, problem)
        last = self._orders[-1]
        if not any(leg.pieces for leg in problem.legs):
            return ConicOrder(cp, problem, last.after())
        carried = Carried(cp, problem, self._stays * last.impact, last.gone)
        self._carried.append(carried)
        return ConicOrder(cp, problem, last.after(), carried)

    def _aim(self) -> Any:
        """What is maximised, per year."""
        cp, problem, net = self._cp, self._problem, 0
        for order in self._orders:
            carried = order.income() - carried_cost(cp, problem, order)
            net = net + carried / len(self._orders)
            net = net - order.swap_cost() / problem.horizon_years
        exits = problem.exit_rates @ self._orders[-1].exposure()
        return net - exits / problem.horizon_years

    def _budgets(self) -> list[Any]:
        """What all orders up to each one are charged, less what has refilled."""
        budgets = self._problem.budgets
        if not budgets:
            return []
        years = self._problem.horizon_years / len(self._orders)
        bound = np.array([b.bound for b in budgets])
        refill = np.array([b.refill_per_year for b in budgets]) * years
        used: Any = 0
        limits = []
        for i, order in enumerate(self._orders):
            used = used + order.budget_use
            limits.append(used <= bound + i * refill)
        return limits

    def _move_to(self, path: Sequence[Allocation], sides: Sides, reach: float) -> None:
        problem, stays = self._problem, self._stays
        years = problem.horizon_years / len(path)
        standing = at_start(problem)
        is_open = np.ones(len(problem.legs))
        stands, gone = standing.impact, problem.values
        for i, (order, held) in enumerate(zip(self._orders, path, strict=True)):
            if i:
                standing = after(problem, standing, path[i - 1], stays, years)
            left, before = stays * stands, gone
            stands, gone = at_swaps(problem, standing.here, held, standing.impact)
            if i and self._carried:
                around = tangents(problem, left, before, gone)
                self._carried[i - 1].set_to(around)
            lowest, highest = self._bounds(held.values, sides[i], reach)
            order.set_to(lowest, highest, is_open, self._interest(lowest, highest))

    def _bounds(
        self, values: Floats, is_above: NDArray[np.bool_], reach: float
    ) -> tuple[Floats, Floats]:
        """Of the slots, those of markets on one side of the kink and within reach."""
        lowest = np.array([slot.lowest for slot in self._problem.slots])
        highest = np.array([slot.highest for slot in self._problem.slots])
        for market, above in zip(self._problem.lending, is_above, strict=True):
            slot, at = market.slot, kink(market)
            if at is not None and lowest[slot] < at < highest[slot]:
                (lowest if above else highest)[slot] = at
            most = reach * (highest[slot] - lowest[slot])
            near = np.clip(values[slot], lowest[slot], highest[slot])
            lowest[slot] = max(lowest[slot], near - most)
            highest[slot] = min(highest[slot], near + most)
        return lowest, highest

    def _interest(self, lowest: Floats, highest: Floats) -> list[Lines]:
        return [
            lines(
                partial(lending_per_year, market),
                float(lowest[market.slot]),
                float(highest[market.slot]),
            )
            for market in self._problem.lending
        ]

    def _wanted(self, order: ConicOrder) -> Allocation:
        values, inputs = order.allocation()
        inventory = np.array(order.after().inventory.value)
        return Allocation(inventory=inventory, values=values, inputs=inputs)


def sides_of(problem: Problem, path: Sequence[Allocation]) -> Sides:
    """On which side of each kink a path stands."""
    found = np.zeros((len(path), len(problem.lending)), dtype=bool)
    for k, market in enumerate(problem.lending):
        at = kink(market)
        if at is not None:
            found[:, k] = [order.values[market.slot] >= at for order in path]
    return found
