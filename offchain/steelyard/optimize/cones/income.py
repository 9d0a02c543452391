# SPDX-License-Identifier: MIT
"""Fees and interest in cvxpy, per year: concave in what is held.

Fee shares are rotated second-order cones; interest is the least of straight lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.optimize.concave import KNOTS, Lines
from steelyard.optimize.cones.solvers import cones
from steelyard.optimize.problem import Problem


class ConicIncome:
    """What the slots earn; the lines of interest are its parameters."""

    def __init__(self, cp: Any, problem: Problem, values: Any) -> None:
        self._cp, self._problem, self._values = cp, problem, values
        self.constraints: list[Any] = []
        self._slopes = self._intercepts = None
        self.per_year: Any = self._fees() + self._interest()

    def set_to(self, drawn: list[Lines]) -> None:
        """Interest as these lines, one set a market."""
        if self._slopes is not None and self._intercepts is not None:
            self._slopes.value = np.concatenate([d.slopes for d in drawn])
            self._intercepts.value = np.concatenate([d.intercepts for d in drawn])

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
