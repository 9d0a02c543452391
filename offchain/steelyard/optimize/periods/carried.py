# SPDX-License-Identifier: MIT
"""In cvxpy, what an order finds: amounts, and pools that have not refilled.

A leg that stands at E pays F(E + in) - F(E). The second term is not concave in E and E
itself shrinks as own liquidity leaves, so both are tangents: parameters that are moved
to where the path stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.periods.tangents import Tangents, thinned_legs
from steelyard.optimize.problem import Problem


@dataclass(frozen=True, kw_only=True, eq=False)
class Before:
    """What stands before an order, arrays or expressions."""

    inventory: Any  # (n_tokens,)
    values: Any  # (n_slots,)


class Carried:
    """What earlier orders left: `impact` (n_legs,) in pools that have lost `before`
    (n_slots,), both expressions."""

    def __init__(self, cp: Any, problem: Problem, impact: Any, before: Any) -> None:
        self._cp, self._impact, self._before = cp, impact, before
        pairs = thinned_legs(problem)
        legs = len(problem.legs)
        self._slots = [slot for _, slot in pairs]
        self._sums = np.zeros((legs, len(pairs)))
        for k, (leg, _) in enumerate(pairs):
            self._sums[leg, k] = 1.0
        self._levels, self._by_impact, self._by_before, self._by_gone = (
            [cp.Parameter(size) for _ in range(3)]
            for size in (legs, legs, len(pairs), len(pairs))
        )

    def set_to(self, tangents: Tangents) -> None:
        for i in range(3):
            self._levels[i].value = tangents.levels[i]
            self._by_impact[i].value = tangents.by_impact[i]
            self._by_before[i].value = tangents.by_before[i]
            self._by_gone[i].value = tangents.by_gone[i]

    def lines(self, gone: Any) -> tuple[Any, Any, Any]:
        """(what stands in each leg, what was paid for it, the most that may go in),
        (n_legs,) each, when `gone` (n_slots,) has left; the last keeps the least ratio.
        """
        return self._line(0, gone), self._line(1, gone), self._line(2, gone)

    def _line(self, i: int, gone: Any) -> Any:
        multiply = self._cp.multiply
        line = self._levels[i] + multiply(self._by_impact[i], self._impact)
        if not self._slots:
            return line
        by_slot = multiply(self._by_before[i], self._before[self._slots])
        by_slot = by_slot + multiply(self._by_gone[i], gone[self._slots])
        return line + self._sums @ by_slot
