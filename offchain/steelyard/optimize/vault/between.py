# SPDX-License-Identifier: MIT
"""Two orders, one on each side of a limit, drawn together till a mix is best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.settle import settle
from steelyard.optimize.terms import gas_cost, worst_violation
from steelyard.optimize.vault.arrays import METHOD
from steelyard.optimize.vault.family import WITHIN, Family, Point
from steelyard.optimize.vault.reached import Reached
from steelyard.optimize.vault.worth import NO_RISK

CHEAPEST = 1e-9  # price of risk
SEARCHES = 60  # of a price
ENOUGH = 1e-10  # of NAV: bound and best have met
MIXES = 50  # halvings
MISSED = 1e-8  # of NAV: a mix that misses a limit by more is none


@dataclass(kw_only=True, eq=False)
class Between:
    """Two orders, one on each side of a limit, drawn together.

    The next price is the one at which both are worth the same: there either a better
    order is found, or none is better than their mixes.
    """

    family: Family
    bold: Point  # at a low price of risk
    safe: Point
    is_allowed: Callable[[float, float], bool]  # by net, gas paid, and risk
    worth: Callable[[float, float], float]  # of the same
    bound: Callable[[Point], float]
    most: float = np.inf

    def run(self) -> Point:
        """The best at the price where the limit is just met."""
        self.most = min(self.bound(self.bold), self.bound(self.safe))
        point = self.safe
        for _ in range(SEARCHES):
            bold, safe = self.bold, self.safe
            if bold.risk - safe.risk <= NO_RISK:
                break
            rise = bold.paid - safe.paid
            chord = max(rise / (bold.risk - safe.risk), CHEAPEST)
            try:
                point = self.family.at(chord)
            except SolveFailed:
                break  # with the gap that is left
            self.most = min(self.most, self.bound(point))
            gained = point.bound - (bold.paid - chord * bold.risk)
            if self._is_bold(point):
                self.bold = point
            else:
                self.safe = point
            if gained <= ENOUGH * min(1.0, chord):
                break
        return point

    def _is_bold(self, point: Point) -> bool:
        return self._allows(point) == self._allows(self.bold)

    def _allows(self, point: Point) -> bool:
        return self.is_allowed(point.paid, point.risk)

    def best(self, last: Point, name: str, unit: float, price: float) -> Reached:
        """The best allowed: an end, or a mix of both.

        Prices are those of `last`, by `unit`; the goal's own limit has `price`.
        """
        found = []
        for point in (self.bold, self.safe, self._mixed()):
            if point is not None and self._allows(point):
                found.append((self.worth(point.paid, point.risk), point))
        if not found:
            raise SolveFailed(METHOD, "inaccurate")
        worth, point = max(found, key=lambda each: each[0])
        return Reached(
            allocation=point.allocation,
            worth=worth,
            bound=self.most,
            rows=last.rows / unit,
            limits=((name, price), *((n, p / unit) for n, p in last.limits)),
        )

    def _mixed(self) -> Point | None:
        """As far from the allowed end as is allowed."""
        ends = self.bold, self.safe
        allowed = [self._allows(point) for point in ends]
        if allowed[0] == allowed[1]:
            return None
        inside, outside = ends if allowed[0] else ends[::-1]
        low, high, best = 0.0, 1.0, None
        for _ in range(MIXES):
            share = (low + high) / 2
            point = self._mix(inside, outside, share)
            if point is not None and self._allows(point):
                low, best = share, point
            else:
                high = share
        return best

    def _mix(self, inside: Point, outside: Point, share: float) -> Point | None:
        problem = self.family.problem
        first, second = inside.allocation, outside.allocation
        order = settle(
            problem,
            first.values + share * (second.values - first.values),
            first.inputs + share * (second.inputs - first.inputs),
            np.array([slot.lowest for slot in problem.slots]),
            np.array([slot.highest for slot in problem.slots]),
        )
        if order is None or worst_violation(problem, order) > MISSED:
            return None
        if self.family.aim.missed(order.z) > WITHIN:
            return None
        return Point(
            price=inside.price,
            allocation=order,
            net=self.family.aim.net(order),
            risk=self.family.aim.risk_of(order),
            gas=gas_cost(problem, order),
            bound=inside.bound,
            rows=inside.rows,
        )
