# SPDX-License-Identifier: MIT
"""The orders of a path in cvxpy, one after the other, compiled once.

Where the truth is not concave the model is: impact by its tangents where the path
stands, interest on the side of the kink that it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.concave import Lines, kink, lines
from steelyard.optimize.cones.order import ConicOrder
from steelyard.optimize.cones.risk import carried_cost
from steelyard.optimize.cones.solvers import Outcome, attempts
from steelyard.optimize.periods.carried import Before, Carried
from steelyard.optimize.periods.freedom import PathFreedom, all_free
from steelyard.optimize.periods.path import after, at_start
from steelyard.optimize.periods.refill import at_swaps
from steelyard.optimize.periods.tangents import tangents
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.terms import Allocation, lending_per_year

DEAR = 100.0  # more for a unit of what tangents lack than limits that bind can pay
MISS = 1e3  # what a unit by which a row is missed costs, where it may be
BELOW, ABOVE, BOTH = 0, 1, 2
Sides = NDArray[np.int64]  # (n_orders, n_markets): of the kink, where it stands


@dataclass(frozen=True, kw_only=True, eq=False)
class Multipliers:
    """Gain over the horizon per unit, of each order, as a solver says."""

    tokens: Floats  # (n_orders, n_tokens) there before the order
    rows: Floats  # (n_orders, n_rows)
    budgets: Floats  # (n_orders, n_budgets) charged by all orders up to this one


class PathModel:
    """Holds the compiled problem; tangents, bounds and lines are its parameters.

    `leaves_out`: it can be told what an order leaves alone. `is_elastic`: rows may be
    missed, at `MISS` a unit, so that there is an answer where none meets them.
    """

    def __init__(
        self,
        problem: Problem,
        periods: int,
        stays: float,
        *,
        leaves_out: bool = False,
        is_elastic: bool = False,
    ) -> None:
        self._cp: Any = import_module("cvxpy")  # here: importing it takes a second
        self._problem, self._stays, self._is_elastic = problem, stays, is_elastic
        self._orders: list[ConicOrder] = []
        self._carried: list[Carried] = []
        self._found: list[Any] = []  # constraints: what each order finds of tokens
        for _ in range(periods):
            self._orders.append(self._next())
        self._limits = self._budgets()
        # of each order, parameters that are 1 where a slot stays, a leg is not used
        self._still: list[tuple[Any, Any]] = []
        self._dear = self._cp.Parameter(nonneg=True, value=0.0)
        constraints = [c for order in self._orders for c in order.constraints]
        constraints += self._found + self._limits
        if leaves_out:
            constraints += self._left_alone()
        self._compiled = self._cp.Problem(self._cp.Maximize(self._aim()), constraints)

    def solve(
        self,
        path: Sequence[Allocation],
        sides: Sides,
        reach: float,
        freedom: PathFreedom | None = None,
        is_dear: bool = False,
    ) -> Iterator[tuple[Outcome, str, list[Allocation]]]:
        """(what it said, its name, the path it wants) of one solver after another.

        What is wanted is not settled; nor need `path` be, around which the model is
        drawn. `reach`: share of its side of the kink that a supply may move by.
        `is_dear`: what tangents lack costs `DEAR` more, so that there is none; without
        that steps are longer.
        """
        self._move_to(path, sides, reach)
        self._dear.value = DEAR * is_dear
        self._set_free(freedom or all_free(self._problem, len(self._orders)))
        for outcome, solver in attempts(self._cp, self._compiled):
            wanted = []
            if outcome in ("optimal", "inaccurate"):
                wanted = [self._wanted(order) for order in self._orders]
            yield outcome, solver, wanted

    def multipliers(self) -> Multipliers:
        """What the last solve says; over the horizon."""
        years = self._problem.horizon_years
        tokens = [link.dual_value for link in self._found]
        rows = [order.duals() for order in self._orders]
        budgets = [np.atleast_1d(limit.dual_value) for limit in self._limits]
        empty = np.zeros((len(self._orders), 0))
        return Multipliers(
            # the model charges what swaps lose, and counts no value of its own
            tokens=1 + np.array(tokens) * years,
            rows=np.array(rows) * years,
            budgets=np.array(budgets) * years if budgets else empty,
        )

    def _next(self) -> ConicOrder:
        cp, problem = self._cp, self._problem
        if not self._orders:
            at_first = Before(inventory=problem.inventory, values=problem.values)
            return self._order(self._linked(at_first))
        last = self._orders[-1]
        before = self._linked(last.after())
        if not any(leg.pieces for leg in problem.legs):
            return self._order(before)
        carried = Carried(cp, problem, self._stays * last.impact, last.gone)
        self._carried.append(carried)
        return self._order(before, carried)

    def _order(self, before: Before, carried: Carried | None = None) -> ConicOrder:
        cp, problem, elastic = self._cp, self._problem, self._is_elastic
        return ConicOrder(cp, problem, before, carried, elastic=elastic)

    def _linked(self, before: Before) -> Before:
        """The same, with a constraint whose multiplier is what a token is worth."""
        inventory = self._cp.Variable(len(self._problem.inventory))
        self._found.append(inventory == before.inventory)
        return Before(inventory=inventory, values=before.values)

    def _left_alone(self) -> list[Any]:
        cp, problem, limits = self._cp, self._problem, list[Any]()
        slots, legs = len(problem.slots), len(problem.legs)
        before = problem.values
        for order in self._orders:
            kept, unused = cp.Parameter(slots), cp.Parameter(legs)
            self._still.append((kept, unused))
            values = order.after().values
            if slots:
                limits.append(cp.multiply(kept, values - before) == 0)
            if legs:
                limits.append(cp.multiply(unused, order.inputs) == 0)
            before = values
        return limits

    def _set_free(self, freedom: PathFreedom) -> None:
        for t, (kept, unused) in enumerate(self._still):
            kept.value = freedom.kept[t].astype(np.float64)
            unused.value = freedom.unused[t].astype(np.float64)

    def _aim(self) -> Any:
        """What is maximised, per year."""
        cp, problem, net = self._cp, self._problem, 0
        for order in self._orders:
            carried = order.income() - carried_cost(cp, problem, order)
            net = net + carried / len(self._orders)
            net = net - order.swap_cost() / problem.horizon_years
            if self._is_elastic:
                net = net - MISS * cp.sum(order.excess) / problem.horizon_years
            if order.lack is not None:
                net = net - self._dear * cp.sum(order.lack) / problem.horizon_years
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
        self, values: Floats, sides: Sides, reach: float
    ) -> tuple[Floats, Floats]:
        """Of the slots, those of markets on one side of the kink and within reach, or
        on both and anywhere."""
        lowest = np.array([slot.lowest for slot in self._problem.slots])
        highest = np.array([slot.highest for slot in self._problem.slots])
        for market, side in zip(self._problem.lending, sides, strict=True):
            slot, at = market.slot, kink(market)
            if side == BOTH:
                continue
            if at is not None and lowest[slot] < at < highest[slot]:
                (lowest if side == ABOVE else highest)[slot] = at
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
    found = np.full((len(path), len(problem.lending)), BELOW)
    for k, market in enumerate(problem.lending):
        at = kink(market)
        if at is not None:
            stands = np.array([order.values[market.slot] for order in path])
            found[:, k] = np.where(stands >= at, ABOVE, BELOW)
    return found
