# SPDX-License-Identifier: MIT
"""One order in cvxpy: what may be moved, through which curves, inside which limits.

Constant-product pieces and fee shares are rotated second-order cones u^2 / d <= q, all
of one kind in one constraint. Money is conserved token by token.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.optimize.concave import Lines
from steelyard.optimize.cones.income import ConicIncome
from steelyard.optimize.cones.solvers import cones
from steelyard.optimize.periods.carried import Before, Carried
from steelyard.optimize.problem import Floats, Piece, Problem

LACK = 2.0  # what a unit of `lack` costs


class ConicOrder:
    """Variables and constraints of one order; bounds and lines are its parameters.

    `elastic`: every limit may be missed, by `excess`. An order that follows another,
    with its own `before`, is not held to the budgets: see `budget_use`. Where it finds
    impact, tangents may ask for more than the curves do; that is its `lack`, charged
    more than it brings, so that an order that moves nothing is always allowed.
    """

    def __init__(
        self,
        cp: Any,
        problem: Problem,
        before: Before | None = None,
        carried: Carried | None = None,
        *,
        elastic: bool = False,
    ) -> None:
        self._cp, self._problem, self._elastic = cp, problem, elastic
        self._carried = carried
        self._before = before or Before(
            inventory=problem.inventory, values=problem.values
        )
        self.constraints: list[Any] = []
        self.limits: list[Any] = []  # constraints of rows, then of budgets
        self._variables()
        self._rows()
        self._conserve()
        self.budget_use: Any = self._charged()
        if problem.budgets and before is None:
            bounds = np.array([budget.bound for budget in problem.budgets])
            self._limit(self.budget_use, bounds, len(problem.rows))
        self._income = ConicIncome(cp, problem, self._values)
        self.constraints += self._income.constraints

    def set_to(
        self, lowest: Floats, highest: Floats, open_legs: Floats, drawn: list[Lines]
    ) -> None:
        """Slots inside these bounds; legs that are 0 stay unused; interest as lines."""
        self._lowest.value = lowest
        self._width.value = np.maximum(highest - lowest, 0.0)
        if self._pieces:
            self._open.value = self._capacity * open_legs[self._of_piece]
        self._income.set_to(drawn)

    def allocation(self) -> tuple[Floats, Floats]:
        """(values, inputs) as the solver left them."""
        problem = self._problem
        inputs = np.array(self._in.value[: len(problem.legs)])
        return np.array(self._values.value[: len(problem.slots)]), inputs

    def duals(self) -> Floats:
        """(n_rows + n_budgets,) multipliers of the limits, as the solver says."""
        found = [np.atleast_1d(limit.dual_value) for limit in self.limits]
        return np.concatenate(found) if found else np.zeros(0)

    def income(self) -> Any:
        """Fees and interest per year, concave."""
        return self._income.per_year

    def swap_cost(self) -> Any:
        """Value lost in the swaps, over NAV before."""
        cost = self._cp.sum(self._in - self._out)
        return cost if self._lack is None else cost + LACK * self._cp.sum(self._lack)

    def exposure(self) -> Any:
        """(n_tokens,) inventory, positions and uncollected fees together."""
        held: Any = self._inventory + self._problem.claimable
        if self._problem.slots:
            held = held + self._problem.compositions @ self._values
        return held

    def after(self) -> Before:
        """What stands when the order is done."""
        return Before(inventory=self._inventory, values=self._values)

    @property
    def inputs(self) -> Any:
        """(n_legs,) value that goes into each leg; one more where there is none."""
        return self._in

    @property
    def lack(self) -> Any:
        """(n_legs,) what comes out beyond what the tangents allow, or None."""
        return self._lack

    @property
    def gone(self) -> Any:
        """(n_slots,) withdrawn since the pools were read, when the swaps are done."""
        return self._gone

    @property
    def z(self) -> Any:
        """(n_tokens + n_slots,) inventory and values."""
        if not self._problem.slots:
            return self._inventory
        return self._cp.hstack([self._inventory, self._values])

    @property
    def excess(self) -> Any:
        return self._excess

    def _variables(self) -> None:
        cp, problem = self._cp, self._problem
        count, slots = len(problem.inventory), len(problem.slots)
        pieces = [(i, p) for i, leg in enumerate(problem.legs) for p in leg.pieces]
        self._of_piece = np.array([i for i, _ in pieces], dtype=int)
        self._pieces: list[Piece] = [p for _, p in pieces]
        self._capacity = np.array([p.capacity for p in self._pieces])
        self._inventory = cp.Variable(count, nonneg=True)
        self._values = cp.Variable(max(slots, 1))
        self._lowest = cp.Parameter(slots)
        self._width = cp.Parameter(slots, nonneg=True)
        if not slots:
            self.constraints.append(self._values == 0)
        else:
            # a share of the way, so that a fixed slot leaves the solver an interior
            way = cp.Variable(slots, nonneg=True)
            placed = self._lowest + cp.multiply(self._width, way)
            self.constraints += [way <= 1, self._values == placed]
        self._taken = cp.Variable(max(slots, 1), nonneg=True)
        # what has left since the pools were read thins them, whichever order took it
        self._gone: Any = self._taken
        if slots:
            self.constraints.append(self._taken >= self._before.values - self._values)
            if self._carried:
                self._gone = problem.values - self._before.values + self._taken
        self._in = cp.Variable(max(len(problem.legs), 1), nonneg=True)
        self._out = cp.Variable(max(len(problem.legs), 1))
        self._lack: Any = None
        limits = len(problem.rows) + len(problem.budgets)
        self._excess = cp.Variable(max(limits, 1), nonneg=True)

    def _rows(self) -> None:
        problem = self._problem
        if not self._elastic:
            self.constraints.append(self._excess == 0)
        if problem.rows:
            matrix = np.array([row.coefficients for row in problem.rows])
            bounds = np.array([row.bound for row in problem.rows])
            self._limit(matrix @ self.z, bounds, 0)

    def _limit(self, use: Any, bounds: Floats, first: int) -> None:
        """use <= bounds; where it is only measured, with the excess."""
        over = self._excess[first : first + len(bounds)] if self._elastic else 0
        constraint = use <= bounds + over
        self.limits.append(constraint)
        self.constraints.append(constraint)

    def _charged(self) -> Any:
        """(n_budgets,) what the order is charged."""
        cp, budgets = self._cp, self._problem.budgets
        use: Any = cp.Constant(np.zeros(len(budgets)))
        if not budgets:
            return use
        if self._problem.slots:
            raised = cp.Variable(len(self._problem.slots), nonneg=True)
            self.constraints.append(raised >= self._values - self._before.values)
            use = use + np.array([b.per_raised for b in budgets]) @ raised
            use = use + np.array([b.per_lowered for b in budgets]) @ self._taken
        if self._pieces:
            use = use + np.array([b.per_input for b in budgets]) @ self._in
            use = use + np.array([b.per_output for b in budgets]) @ self._out
        return use

    def _conserve(self) -> None:
        problem = self._problem
        held: Any = self._before.inventory
        if problem.slots:
            moved = self._before.values - self._values
            held = held + problem.compositions @ moved
        if not self._pieces:
            self.constraints += [self._in == 0, self._out == 0]
            self.constraints.append(self._inventory == held)
            return
        pays = np.zeros((len(problem.inventory), len(problem.legs)))
        gets = np.zeros_like(pays)
        for j, leg in enumerate(problem.legs):
            pays[leg.token_in, j] = gets[leg.token_out, j] = 1.0
        held = held + gets @ self._out - pays @ self._in
        self.constraints.append(self._inventory == held)
        self._curves()

    def _curves(self) -> None:
        cp, count = self._cp, len(self._pieces)
        net = np.array([1 - p.fee for p in self._pieces])
        depth = np.array([p.depth for p in self._pieces])
        rate = np.array([p.rate for p in self._pieces])
        thinned = np.zeros((count, self._gone.shape[0]))
        for i, piece in enumerate(self._pieces):
            for slot, share in piece.thinned:
                thinned[i, slot] = share
        kept = 1 - thinned @ self._gone
        self._open = cp.Parameter(count, nonneg=True)
        # what stands in each piece; `filled` is the share of what it takes
        stands, curved = cp.Variable(count, nonneg=True), cp.Variable(count)
        filled = cp.Variable(count, nonneg=True)
        self.constraints += [
            cones(
                cp,
                cp.multiply(net / np.sqrt(depth), stands),
                kept + cp.multiply(net / depth, stands),
                curved,
            ),
            stands == cp.multiply(self._open, filled),
            filled <= kept,
        ]
        by_leg = np.arange(len(self._problem.legs))[:, None] == self._of_piece
        paid = cp.multiply(rate, cp.multiply(net, stands) - curved)
        self._swap(by_leg.astype(float) @ stands, by_leg.astype(float) @ paid)

    def _swap(self, stands: Any, paid: Any) -> None:
        """What goes in and comes out, from (n_legs,) what stands and was paid in all.

        `impact` is what stands there, of all orders so far.
        """
        cp, legs = self._cp, self._problem.legs
        if self._carried is None:
            ratios = np.array([leg.least_ratio for leg in legs])
            self.impact: Any = stands
            self.constraints += [
                stands == self._in,
                self._out <= paid,
                self._out >= cp.multiply(ratios, self._in),
            ]
            return
        found, paid_before, most = self._carried.lines(self._gone)
        self._lack = cp.Variable(len(legs), nonneg=True)
        # a variable: the next order's parameters must not multiply this one's
        self.impact = cp.Variable(len(legs))
        self.constraints += [
            self.impact == found + self._in,
            stands <= self.impact,
            self._out <= paid - paid_before + self._lack,
            self._out >= 0,
            self._in <= most,
        ]
