# SPDX-License-Identifier: MIT
"""Goals over a vault's amounts, each from the most of net - price x risk at one price
or at several."""

from __future__ import annotations

from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.models import (
    LargestRatio,
    LeastRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)
from steelyard.optimize.vault.family import Family, Point
from steelyard.optimize.vault.limits import DEAREST, returning, within_risk
from steelyard.optimize.vault.reached import Reached, at_price, of_risk
from steelyard.optimize.vault.worth import NO_RISK

ENOUGH = 1e-10  # of NAV: nothing nets more than the ratio's share
ROUNDS = 20  # of Dinkelbach's method, which converges faster than linearly
SAME = 1e-12  # relative: a ratio that rises by less is the largest
LARGER = 1e-7  # of the ratio: given up for size, where size costs nothing


def reached(family: Family) -> Reached:
    """The best order by the family's goal.

    Raises `SolveFailed`, and `ModelRefused` for a ratio without an end.
    """
    goal = family.aim.goal
    match goal:
        case Utility(risk_aversion=aversion):
            return at_price(family.at(aversion if family.aim.risk else 0.0))
        case LeastRisk():
            return of_risk(family.at(DEAREST))
        case RiskAtMost(limit=limit):
            return within_risk(family, limit)
        case ReturnAtLeast(expected_return=least):
            return returning(family, least)
        case LargestRatio():
            return _ratio(family, goal)


def _ratio(family: Family, goal: LargestRatio) -> Reached:
    """Dinkelbach (1967): the most of net - ratio x risk is the rate without risk at the
    best ratio, and each round raises it.

    The bound's gap is what an order may net beyond the ratio times its risk. Of orders
    that are as good at any size, the largest. Raises `ModelRefused`.
    """
    rate, price = goal.risk_free, 0.0
    best: Reached | None = None
    for _ in range(ROUNDS):
        try:
            point = family.at(price)
        except SolveFailed:
            if best is None:
                raise
            break  # the last ratio, with its gap
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
        why = "no order nets more than the rate without risk"
        raise ModelRefused("LargestRatio", why)
    if family.aim.has_scale:
        return best
    try:
        point = family.at(best.worth * (1 - LARGER))
    except SolveFailed:
        return best
    return _of_ratio(point, rate) if point.risk > NO_RISK else best


def _of_ratio(point: Point, rate: float) -> Reached:
    ratio = (point.paid - rate) / point.risk
    return Reached(
        allocation=point.allocation,
        worth=ratio,
        bound=ratio + max(point.bound - rate, 0.0),
        rows=point.rows,
        limits=point.limits,
    )
