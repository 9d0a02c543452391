# SPDX-License-Identifier: MIT
"""Goals with a limit of their own: most net at a risk, least risk at a return.

A limit has its price where it is just met: whatever the price, net <= bound + price x
risk for every order, so that the limit's own bound needs no more. Where two orders
share the price, one on each side, a mix of them meets the limit: net is concave and
risk convex. With gas or at kinks that need not be; planes close the gap of a limit of
risk, and the certified gap says what may be missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.models import LeastRisk
from steelyard.optimize.vault.between import Between
from steelyard.optimize.vault.family import WITHIN, Family, Point
from steelyard.optimize.vault.reached import OutOfReach, Reached, at_price, of_risk
from steelyard.optimize.vault.worth import RETURN, RISK_LIMIT, TIE_BREAK, worth_of

DEAREST = 1 / TIE_BREAK
PROVING = 1e4  # at this price net hardly counts
PRICES = (0.3, 2.0, 12.0, DEAREST, PROVING)  # tried for an end
LEFT = 1e-9  # of NAV: a gap worth closing


def _near(point: Point, worth: float, missed: OutOfReach) -> Reached:
    return Reached(
        allocation=point.allocation,
        worth=worth,
        bound=None,
        rows=np.zeros_like(point.rows),
        missed=missed,
    )


def within_risk(family: Family, limit: float) -> Reached:
    """Most net at this risk or less."""
    bold = family.at(0.0)
    if bold.risk <= limit:
        return at_price(bold)
    safe = _dearer(family, lambda point: point.risk <= limit, most=PROVING)
    if safe.risk > limit:
        # whatever meets the limit nets no more than this
        nets = safe.bound + safe.price * limit
        missed = OutOfReach(
            limit=RISK_LIMIT, nearest=safe.risk, is_proved=nets < family.least_net
        )
        nearest = family.at(DEAREST)  # not at all costs
        return _near(nearest, nearest.paid, missed)
    search = Between(
        family=family,
        bold=bold,
        safe=safe,
        is_allowed=lambda _net, risk: risk <= limit,
        worth=lambda net, _risk: net,
        bound=lambda point: point.bound + point.price * limit,
    )
    last = search.run()
    found = search.best(last, RISK_LIMIT, 1.0, last.price)
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


def returning(family: Family, least: float) -> Reached:
    """Least risk at this net, gas paid, or more."""
    safe = _dearer(family, lambda point: point.paid < least, most=DEAREST)
    if safe.paid >= least:
        return _dear_enough(safe, least)
    bold = family.at(0.0)
    if bold.paid < least:
        missed = OutOfReach(
            limit=RETURN, nearest=bold.paid, is_proved=bold.bound < least
        )
        return _near(bold, worth_of(LeastRisk(), bold.paid, bold.risk), missed)
    search = Between(
        family=family,
        bold=bold,
        safe=safe,
        is_allowed=lambda net, _risk: net >= least,
        worth=lambda net, risk: worth_of(LeastRisk(), net, risk),
        bound=lambda point: _bound_of_risk(point, least),
    )
    last = search.run()
    return search.best(last, RETURN, last.price, TIE_BREAK - 1 / last.price)


def _dear_enough(safe: Point, least: float) -> Reached:
    """An order that nets enough at a price of risk, the dearest or the last that had an
    answer."""
    if safe.price >= DEAREST:
        return of_risk(safe)
    return replace(
        of_risk(safe),
        worth=worth_of(LeastRisk(), safe.paid, safe.risk),
        bound=_bound_of_risk(safe, least),
    )


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
    if not 0 < point.price <= DEAREST:
        return np.inf
    return (point.bound - least) / point.price + TIE_BREAK * least
