# SPDX-License-Identifier: MIT
"""Goals over a vault's amounts, each from the most of net - price x risk at one price
or at several.

A limit of risk, or a return asked for, has its price where it is just met: whatever the
price, net <= bound + price x risk for every order, so that the limit's own bound needs
no more. Where two orders share the price, one on each side, a mix of them meets the
limit: net is concave and risk convex. With gas or at kinks that need not be, and the
certified gap says what may be missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.models import (
    Goal,
    LargestRatio,
    LeastRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)
from steelyard.optimize.problem import Floats
from steelyard.optimize.settle import settle
from steelyard.optimize.terms import Allocation, gas_cost, worst_violation
from steelyard.optimize.vault.arrays import METHOD
from steelyard.optimize.vault.family import WITHIN, Family, Point

RISK_LIMIT, RETURN = "risk limit", "expected return"
TIE_BREAK = 0.01  # what a unit of net counts where risk alone is wanted
DEAREST = 1 / TIE_BREAK
PROVING = 1e4  # at this price net hardly counts
PRICES = (0.3, 2.0, 12.0, DEAREST, PROVING)  # tried for an end
CHEAPEST = 1e-9
SEARCHES = 60  # of a price
ENOUGH = 1e-10  # of NAV: bound and best have met
LEFT = 1e-9  # of NAV: a gap worth closing
ROUNDS = 20  # of Dinkelbach's method, which converges faster than linearly
NO_RISK = 1e-9  # of NAV
SAME = 1e-12  # relative: a ratio that rises by less is the largest
LARGER = 1e-7  # of the ratio: given up for size, where size costs nothing
LEAST_RISK = 1e-12  # keeps a ratio finite
MIXES = 50  # halvings
MISSED = 1e-8  # of NAV: a mix that misses a limit by more is none


@dataclass(frozen=True, kw_only=True, eq=False)
class Reached:
    """An order that meets the goal, or as nearly as can be; what it is worth, and what
    none exceeds."""

    allocation: Allocation
    worth: float
    bound: float | None  # None for an order that is only near
    rows: Floats  # (n_rows + n_budgets,) worth per unit of bound
    limit: tuple[str, float] | None = None  # the goal's own, and worth per unit of it
    missed: OutOfReach | None = None


@dataclass(frozen=True, kw_only=True)
class OutOfReach:
    """The goal's own limit, which no order meets, or none was found to."""

    limit: str
    nearest: float
    is_proved: bool


def worth_of(goal: Goal, net: float, risk: float) -> float:
    """What the goal makes of net, gas paid, and risk: more is better; limits apart.

    Where risk alone is wanted, `TIE_BREAK` of net is worth as much: the cheapest way to
    the least risk.
    """
    match goal:
        case Utility(risk_aversion=aversion):
            return net - aversion * risk
        case LargestRatio(risk_free=rate):
            return (net - rate) / max(risk, LEAST_RISK)
        case RiskAtMost():
            return net
        case _:
            return TIE_BREAK * net - risk


def missed_by(goal: Goal, net: float, risk: float) -> float:
    """By how much the goal's own limit is missed, at least 0."""
    match goal:
        case ReturnAtLeast(expected_return=least):
            return max(least - net, 0.0)
        case RiskAtMost(limit=limit):
            return max(risk - limit, 0.0)
        case _:
            return 0.0


def reached(family: Family) -> Reached:
    """The best order by the family's goal.

    Raises `SolveFailed`, and `ModelRefused` for a ratio without an end.
    """
    goal = family.aim.goal
    match goal:
        case Utility(risk_aversion=aversion):
            return _at_price(family.at(aversion if family.aim.risk else 0.0))
        case LeastRisk():
            return _of_risk(family.at(DEAREST))
        case RiskAtMost(limit=limit):
            return _within(family, limit)
        case ReturnAtLeast(expected_return=least):
            return _returning(family, least)
        case LargestRatio():
            return _ratio(family, goal)


def _at_price(point: Point) -> Reached:
    return Reached(
        allocation=point.allocation,
        worth=point.value,
        bound=point.bound,
        rows=point.rows,
    )


def _of_risk(point: Point) -> Reached:
    """Counted in risk."""
    return Reached(
        allocation=point.allocation,
        worth=point.value / point.price,
        bound=point.bound / point.price,
        rows=point.rows / point.price,
    )


def _near(point: Point, worth: float, missed: OutOfReach) -> Reached:
    return Reached(
        allocation=point.allocation,
        worth=worth,
        bound=None,
        rows=np.zeros_like(point.rows),
        missed=missed,
    )


def _within(family: Family, limit: float) -> Reached:
    """Most net at this risk or less."""
    bold = family.at(0.0)
    if bold.risk <= limit:
        return _at_price(bold)
    safe = _dearer(family, lambda point: point.risk <= limit, most=PROVING)
    if safe.risk > limit:
        # whatever meets the limit nets no more than this
        nets = safe.bound + safe.price * limit
        missed = OutOfReach(
            limit=RISK_LIMIT, nearest=safe.risk, is_proved=nets < family.least_net
        )
        return _near(safe, safe.paid, missed)
    search = _Between(
        family=family,
        bold=bold,
        safe=safe,
        is_allowed=lambda _net, risk: risk <= limit,
        worth=lambda net, _risk: net,
        bound=lambda point: point.bound + point.price * limit,
    )
    price, rows = search.run()
    found = search.best(rows, (RISK_LIMIT, price))
    if found.bound is None or found.bound - found.worth <= LEFT:
        return found
    return _closer(family, limit, found)


def _closer(family: Family, limit: float, found: Reached) -> Reached:
    """The same with a smaller gap, where fixed costs left one."""
    try:
        point = family.within(limit)
    except SolveFailed:
        return found
    bound = point.bound if found.bound is None else min(found.bound, point.bound)
    if point.risk > limit + WITHIN or point.paid <= found.worth:
        return replace(found, bound=bound)
    return replace(found, allocation=point.allocation, worth=point.paid, bound=bound)


def _returning(family: Family, least: float) -> Reached:
    """Least risk at this net, gas paid, or more."""
    safe = _dearer(family, lambda point: point.paid < least, most=DEAREST)
    if safe.paid >= least:
        return _of_risk(safe)
    bold = family.at(0.0)
    if bold.paid < least:
        missed = OutOfReach(
            limit=RETURN, nearest=bold.paid, is_proved=bold.bound < least
        )
        return _near(bold, TIE_BREAK * bold.paid - bold.risk, missed)
    search = _Between(
        family=family,
        bold=bold,
        safe=safe,
        is_allowed=lambda net, _risk: net >= least,
        worth=lambda net, risk: TIE_BREAK * net - risk,
        bound=lambda point: _bound_of_risk(point, least),
    )
    price, rows = search.run()
    per_return = 1 / price - TIE_BREAK
    return search.best(rows / price, (RETURN, -per_return))


def _dearer(
    family: Family, is_enough: Callable[[Point], bool], *, most: float
) -> Point:
    """At the first of ever dearer prices of risk that will do, else at the most that
    has an answer. Raises `SolveFailed`."""
    point: Point | None = None
    for price in PRICES:
        try:
            point = family.at(min(price, most))
        except SolveFailed:
            if point is None:
                raise
            break
        if is_enough(point) or price >= most:
            break
    assert point is not None
    return point


def _bound_of_risk(point: Point, least: float) -> float:
    """Most of TIE_BREAK x net - risk: risk >= (net - bound) / price."""
    if point.price <= 0:
        return np.inf
    return (point.bound - least) / point.price + TIE_BREAK * least


@dataclass(kw_only=True, eq=False)
class _Between:
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

    def run(self) -> tuple[float, Floats]:
        """The price where the limit is just met, and prices of rows there."""
        self.most = min(self.bound(self.bold), self.bound(self.safe))
        price, rows = self.safe.price, self.safe.rows
        for _ in range(SEARCHES):
            bold, safe = self.bold, self.safe
            if bold.risk - safe.risk <= NO_RISK:
                break
            rise = bold.paid - safe.paid
            chord = max(rise / (bold.risk - safe.risk), CHEAPEST)
            point = self.family.at(chord)
            price, rows = chord, point.rows
            self.most = min(self.most, self.bound(point))
            gained = point.bound - (bold.paid - chord * bold.risk)
            if self._is_bold(point):
                self.bold = point
            else:
                self.safe = point
            if gained <= ENOUGH * min(1.0, chord):
                break
        return price, rows

    def _is_bold(self, point: Point) -> bool:
        return self._allows(point) == self._allows(self.bold)

    def _allows(self, point: Point) -> bool:
        return self.is_allowed(point.paid, point.risk)

    def best(self, rows: Floats, limit: tuple[str, float]) -> Reached:
        """The best allowed: an end, or a mix of both."""
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
            rows=rows,
            limit=limit,
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


def _ratio(family: Family, goal: LargestRatio) -> Reached:
    """Dinkelbach (1967): the most of net - ratio x risk is the rate without risk at the
    best ratio, and each round raises it.

    The bound's gap is what an order may net beyond the ratio times its risk. Of orders
    that are as good at any size, the largest. Raises `ModelRefused`.
    """
    rate, price = goal.risk_free, 0.0
    best: Reached | None = None
    for _ in range(ROUNDS):
        point = family.at(price)
        if point.paid <= rate:
            break
        if point.risk <= NO_RISK:
            why = "something nets more than the rate without risk: no ratio is largest"
            raise ModelRefused("LargestRatio", why)
        best, last = _of_ratio(point, rate), price
        price = best.worth
        if price <= last * (1 + SAME) or point.bound - rate <= ENOUGH:
            break
    if best is None:
        why = "nothing allowed nets more than the rate without risk"
        raise ModelRefused("LargestRatio", why)
    if family.aim.has_scale:
        return best
    point = family.at(best.worth * (1 - LARGER))
    return _of_ratio(point, rate) if point.risk > NO_RISK else best


def _of_ratio(point: Point, rate: float) -> Reached:
    ratio = (point.paid - rate) / point.risk
    return Reached(
        allocation=point.allocation,
        worth=ratio,
        bound=ratio + max(point.bound - rate, 0.0),
        rows=point.rows,
    )
