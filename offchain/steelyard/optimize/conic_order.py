# SPDX-License-Identifier: MIT
"""One order in cvxpy: what may be moved, through which curves, inside which limits.

Constant-product pieces and fee shares are rotated second-order cones u^2 / d <= q, all
of one kind in one constraint. Money is conserved token by token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.concave import KNOTS, Lines
from steelyard.optimize.problem import Floats, Piece, Problem
from steelyard.optimize.solvers import cones


@dataclass(frozen=True, kw_only=True, eq=False)
class Before:
    """What stands before an order, arrays or expressions."""

    inventory: Any  # (n_tokens,)
    values: Any  # (n_slots,)


class ConicOrder:
    """Variables and constraints of one order; bounds and lines are its parameters.

    `elastic`: every limit may be missed, by `excess`.
    """

    def __init__(
        self,
        cp: Any,
        problem: Problem,
        before: Before | None = None,
        *,
        elastic: bool = False,
    ) -> None:
        self._cp, self._problem, self._elastic = cp, problem, elastic
        self._before = before or Before(
            inventory=problem.inventory, values=problem.values
        )
        self.constraints: list[Any] = []
        self.limits: list[Any] = []  # constraints of rows, then of budgets
        self._variables()
        self._rows()
        self._conserve()
        self._budgets()

    def set_to(
        self, lowest: Floats, highest: Floats, open_legs: Floats, drawn: list[Lines]
    ) -> None:
        """Slots inside these bounds; legs that are 0 stay unused; interest as lines."""
        self._lowest.value = lowest
        self._width.value = np.maximum(highest - lowest, 0.0)
        if self._pieces:
            self._open.value = self._capacity * open_legs[self._of_piece]
        if drawn:
            self._slopes.value = np.concatenate([d.slopes for d in drawn])
            self._intercepts.value = np.concatenate([d.intercepts for d in drawn])

    def allocation(self) -> tuple[Floats, Floats]:
        """(values, inputs) as the solver left them."""
        problem = self._problem
        inputs = np.zeros(len(problem.legs))
        np.add.at(inputs, self._of_piece, self._in.value[: len(self._of_piece)])
        return np.array(self._values.value[: len(problem.slots)]), inputs

    def duals(self) -> Floats:
        """(n_rows + n_budgets,) multipliers of the limits, as the solver says."""
        found = [np.atleast_1d(limit.dual_value) for limit in self.limits]
        return np.concatenate(found) if found else np.zeros(0)

    def income(self) -> Any:
        """Fees and interest per year, concave; calling it adds constraints."""
        return self._fees() + self._interest()

    def swap_cost(self) -> Any:
        """Value lost in the swaps, over NAV before."""
        return self._cp.sum(self._in - self._out)

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
        if slots:
            self.constraints.append(self._taken >= self._before.values - self._values)
        self._in = cp.Variable(max(len(pieces), 1), nonneg=True)
        self._out = cp.Variable(max(len(pieces), 1))
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

    def _budgets(self) -> None:
        cp, budgets = self._cp, self._problem.budgets
        if not budgets:
            return
        use: Any = cp.Constant(np.zeros(len(budgets)))
        if self._problem.slots:
            raised = cp.Variable(len(self._problem.slots), nonneg=True)
            self.constraints.append(raised >= self._values - self._before.values)
            use = use + np.array([b.per_raised for b in budgets]) @ raised
            use = use + np.array([b.per_lowered for b in budgets]) @ self._taken
        if self._pieces:
            paid = np.array([b.per_input for b in budgets])[:, self._of_piece]
            got = np.array([b.per_output for b in budgets])[:, self._of_piece]
            use = use + paid @ self._in + got @ self._out
        bounds = np.array([budget.bound for budget in budgets])
        self._limit(use, bounds, len(self._problem.rows))

    def _conserve(self) -> None:
        cp, problem = self._cp, self._problem
        held: Any = self._before.inventory
        if problem.slots:
            moved = self._before.values - self._values
            held = held + problem.compositions @ moved
        if not self._pieces:
            self.constraints += [self._in == 0, self._out == 0]
            self.constraints.append(self._inventory == held)
            return
        legs = [problem.legs[i] for i in self._of_piece]
        pays = np.zeros((len(problem.inventory), len(legs)))
        gets = np.zeros_like(pays)
        for j, leg in enumerate(legs):
            pays[leg.token_in, j] = gets[leg.token_out, j] = 1.0
        held = held + gets @ self._out - pays @ self._in
        self.constraints.append(self._inventory == held)
        self._curves()
        ratios = np.array([leg.least_ratio for leg in problem.legs])
        by_leg = (np.arange(len(problem.legs))[:, None] == self._of_piece).astype(float)
        self.constraints.append(
            by_leg @ self._out >= cp.multiply(ratios, by_leg @ self._in)
        )

    def _curves(self) -> None:
        cp = self._cp
        net = np.array([1 - p.fee for p in self._pieces])
        depth = np.array([p.depth for p in self._pieces])
        rate = np.array([p.rate for p in self._pieces])
        thinned = np.zeros((len(self._pieces), self._taken.shape[0]))
        for i, piece in enumerate(self._pieces):
            for slot, share in piece.thinned:
                thinned[i, slot] = share
        kept = 1 - thinned @ self._taken
        self._open = cp.Parameter(len(self._pieces), nonneg=True)
        curved = cp.Variable(len(self._pieces), nonneg=True)
        filled = cp.Variable(len(self._pieces), nonneg=True)
        self.constraints += [
            cones(
                cp,
                cp.multiply(net / np.sqrt(depth), self._in),
                kept + cp.multiply(net / depth, self._in),
                curved,
            ),
            self._in == cp.multiply(self._open, filled),
            filled <= kept,
            self._out <= cp.multiply(rate, cp.multiply(net, self._in) - curved),
        ]

    def _fees(self) -> Any:
        cp, pools = self._cp, self._problem.fee_pools
        if not pools:
            return 0
        matrix = np.zeros((len(pools), len(self._problem.slots)))
        for i, pool in enumerate(pools):
            for slot, share in pool.shares:
                matrix[i, slot] = share
        own = matrix @ self._values
        curved = cp.Variable(len(pools), nonneg=True)
        self.constraints.append(cones(cp, own, 1 + own, curved))
        return np.array([pool.fees_per_year for pool in pools]) @ (own - curved)

    def _interest(self) -> Any:
        cp, problem = self._cp, self._problem
        yields = np.array([slot.yield_per_year for slot in problem.slots])
        total: Any = yields @ self._values if problem.slots else 0
        if not problem.lending:
            return total
        count = len(problem.lending)
        size = count * (KNOTS - 1)
        self._slopes, self._intercepts = cp.Parameter(size), cp.Parameter(size)
        earned = cp.Variable(count)
        repeat = np.kron(np.eye(count), np.ones((KNOTS - 1, 1)))
        picked = np.zeros((count, len(problem.slots)))
        for i, market in enumerate(problem.lending):
            picked[i, market.slot] = 1.0
        supplied = (repeat @ picked) @ self._values
        self.constraints.append(
            repeat @ earned <= cp.multiply(self._slopes, supplied) + self._intercepts
        )
        return total + cp.sum(earned)
