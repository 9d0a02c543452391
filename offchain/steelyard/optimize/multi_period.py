# SPDX-License-Identifier: MIT
"""A plan of several orders over the horizon, with pools that refill in between.

The first order is to be sent; by the next one everything is read and planned anew. What
is held between two orders earns, costs and risks for its part of the horizon; each
order pays its swaps, the last state its exit. Budgets refill as time goes by, and what
orders are charged adds up.

A pool that has not refilled makes the second order's price depend on the first's size,
which is not concave; that term is replaced by its tangent, which errs against the plan,
and moved until the plan stands (convex-concave procedure, Yuille & Rangarajan 2003), so
each round is at least as good as the one before.

SOURCE  Boyd et al., "Multi-period trading via convex optimization" (2017); impact as in
        `refill.py`. Gas is not in the plan; later orders are cheaper to leave out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from steelyard.optimize.concave import Lines, kink, lines
from steelyard.optimize.conic_order import Carried, ConicOrder
from steelyard.optimize.conic_risk import carried_cost
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.refill import carried_on, problem_after, tangents
from steelyard.optimize.settle import settle
from steelyard.optimize.solvers import attempts
from steelyard.optimize.terms import (
    Allocation,
    evaluate,
    leg_costs,
    lending_per_year,
    nothing,
    withdrawn,
    worst_violation,
)

MOST_PERIODS = 24
ROUNDS = 20
ENOUGH = 1e-8  # of NAV: a round that gains less is the last
MISSED = 1e-6  # of NAV: what limits of an order may be missed by


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodPlan:
    """Orders, the first of them for now, and what they bring over the horizon."""

    orders: tuple[Allocation, ...]
    net: float  # share of NAV before, gas apart; never less than doing nothing
    net_nothing: float
    rounds: int

    @property
    def gain(self) -> float:
        return self.net - self.net_nothing


def plan_periods(problem: Problem, periods: int, *, stays: float) -> PeriodPlan:
    """The best plan of `periods` orders, evenly spread over the horizon.

    `stays`: share of an impact that is still there at the next order, 0 to 1.
    Raises `PreferenceInvalid`. Where no solver answers, nothing is done.
    """
    if not 1 <= periods <= MOST_PERIODS:
        raise PreferenceInvalid("periods", periods, f"1 to {MOST_PERIODS}")
    if not 0 <= stays <= 1:
        raise PreferenceInvalid("stays", stays, "0 to 1")
    still = [nothing(problem)] * periods
    net_nothing = path_net(problem, still, stays)
    assert net_nothing is not None
    best, net, used = still, net_nothing, 0
    model = _PathModel(problem, periods, stays)
    for _ in range(ROUNDS):
        found = model.solve(best)
        used += 1
        value = None if found is None else path_net(problem, found, stays)
        if found is None or value is None or value <= net:
            break
        gained, best, net = value - net, found, value
        if gained < ENOUGH:
            break
    return PeriodPlan(orders=tuple(best), net=net, net_nothing=net_nothing, rounds=used)


def path_net(problem: Problem, orders: list[Allocation], stays: float) -> float | None:
    """What a path is worth over the horizon by the curves themselves, gas apart.

    None where an order misses a limit or spends what is not there.
    """
    impact, here, total = np.zeros(len(problem.legs)), problem, 0.0
    years = problem.horizon_years / len(orders)
    for i, order in enumerate(orders):
        if i:
            here = problem_after(problem, here, orders[i - 1], impact, years)
        if worst_violation(here, order) > MISSED:
            return None
        still = Allocation(
            inventory=order.inventory,
            values=order.values,
            inputs=np.zeros(len(problem.legs)),
        )
        terms = evaluate(problem, still)
        total += (terms.total + terms.gas + terms.exit_cost) / len(orders)
        total -= float(sum(leg_costs(here, order)))
        impact = carried_on(impact, order.inputs, stays)
    return total - evaluate(problem, orders[-1]).exit_cost


class _PathModel:
    """The orders in cvxpy, one after the other, compiled once."""

    def __init__(self, problem: Problem, periods: int, stays: float) -> None:
        self._cp: Any = import_module("cvxpy")  # here: importing it takes a second
        self._problem, self._stays = problem, stays
        self._orders: list[ConicOrder] = []
        self._tangents: list[tuple[Any, Any]] = []
        constraints: list[Any] = []
        net: Any = 0
        years = problem.horizon_years
        for _ in range(periods):
            order = self._next()
            self._orders.append(order)
            constraints += order.constraints
            net = (
                net
                + (order.income() - carried_cost(self._cp, problem, order)) / periods
            )
            net = net - order.swap_cost() / years
        exits = problem.exit_rates @ self._orders[-1].exposure()
        constraints += self._budgets(periods)
        self._compiled = self._cp.Problem(
            self._cp.Maximize(net - exits / years), constraints
        )

    def _next(self) -> ConicOrder:
        cp, count = self._cp, len(self._problem.legs)
        if not self._orders:
            return ConicOrder(cp, self._problem)
        last = self._orders[-1]
        if not count:
            return ConicOrder(cp, self._problem, last.after())
        level, slope = cp.Parameter(count), cp.Parameter(count, nonneg=True)
        self._tangents.append((level, slope))
        impact = self._stays * last.impact
        carried = Carried(impact=impact, paid_before=level + cp.multiply(slope, impact))
        return ConicOrder(cp, self._problem, last.after(), carried)

    def _budgets(self, periods: int) -> list[Any]:
        """What all orders up to each one are charged, less what has refilled."""
        budgets = self._problem.budgets
        if not budgets:
            return []
        years = self._problem.horizon_years / periods
        bound = np.array([b.bound for b in budgets])
        refill = np.array([b.refill_per_year for b in budgets]) * years
        used: Any = 0
        limits = []
        for i, order in enumerate(self._orders):
            used = used + order.budget_use
            limits.append(used <= bound + i * refill)
        return limits

    def solve(self, path: list[Allocation]) -> list[Allocation] | None:
        """A better path than `path`, or the same; None where no solver answers."""
        self._move_to(path)
        for outcome, _ in attempts(self._cp, self._compiled):
            if outcome in ("optimal", "inaccurate"):
                return self._read()
        return None

    def _move_to(self, path: list[Allocation]) -> None:
        """Tangents and the sides of the lending kinks, at where `path` stands."""
        problem = self._problem
        is_open = np.ones(len(problem.legs))
        impact = np.zeros(len(problem.legs))
        for i, (order, held) in enumerate(zip(self._orders, path, strict=True)):
            lowest = np.array([slot.lowest for slot in problem.slots])
            highest = np.array([slot.highest for slot in problem.slots])
            drawn = self._sides(held.values, lowest, highest)
            order.set_to(lowest, highest, is_open, drawn)
            if i and self._tangents:
                gone = withdrawn(problem, path[i - 1].values)
                level, slope = self._tangents[i - 1]
                slope.value, level.value = tangents(problem, impact, gone)
            impact = carried_on(impact, held.inputs, self._stays)

    def _sides(self, values: Floats, lowest: Floats, highest: Floats) -> list[Lines]:
        """Lines of interest; bounds are narrowed to the side of each kink."""
        drawn = []
        for market in self._problem.lending:
            slot, at = market.slot, kink(market)
            if at is not None and lowest[slot] < at < highest[slot]:
                if values[slot] < at:
                    highest[slot] = at
                else:
                    lowest[slot] = at
            drawn.append(
                lines(
                    partial(lending_per_year, market),
                    float(lowest[slot]),
                    float(highest[slot]),
                )
            )
        return drawn

    def _read(self) -> list[Allocation] | None:
        problem = self._problem
        impact, here = np.zeros(len(problem.legs)), problem
        path: list[Allocation] = []
        lowest = np.array([slot.lowest for slot in problem.slots])
        highest = np.array([slot.highest for slot in problem.slots])
        years = problem.horizon_years / len(self._orders)
        for order in self._orders:
            if path:
                here = problem_after(problem, here, path[-1], impact, years)
            values, inputs = order.allocation()
            settled = settle(here, values, inputs, lowest, highest)
            if settled is None:
                return None
            path.append(settled)
            impact = carried_on(impact, settled.inputs, self._stays)
        return path
