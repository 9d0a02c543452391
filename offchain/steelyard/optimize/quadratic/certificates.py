# SPDX-License-Identifier: MIT
"""Proofs for quadratic objectives and for ratios, from prices alone.

A convex quadratic lies above its tangent, a volatility above w' C v / volatility(w)
(Cauchy & Schwarz); over the polytope a linear function is bounded in closed form. The
covariance C must be positive semidefinite: that is taken on trust.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from steelyard.optimize.arrays import largest
from steelyard.optimize.found import Found
from steelyard.optimize.lower_bound import linear_bound
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.program import Program
from steelyard.optimize.raised_ratio import raised_ratio

ROUNDING = 1e-14  # of what a sum is made of
NO_RISK = 1e-14  # of the square of weighted volatilities
NO_WEIGHT = 1e-12
TIGHT = 1e-12  # gap, of the objective, and violation: nothing to make more exact


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """Weights at which the tangent is taken: any at all."""

    weights: Floats  # (n,)
    covariance: Floats  # (n, n)
    pull: Floats  # (n,) covariance @ weights
    variance: float

    @cached_property
    def alone(self) -> Floats:
        """(n,) volatility of each asset."""
        return np.asarray(np.sqrt(np.maximum(self.covariance.diagonal(), 0.0)))


def point_of(covariance: Floats, weights: Floats) -> Point:
    held = weights.nonzero()[0]
    if 2 * len(held) > len(weights):
        pull = covariance.dot(weights)
    else:
        pull = weights[held] @ covariance[held]
    variance = max(float(pull.dot(weights)), 0.0)
    return Point(weights=weights, covariance=covariance, pull=pull, variance=variance)


def rounding(point: Point) -> float:
    """Of the variance: what is left of one that is 0."""
    terms = float(np.abs(point.weights).dot(point.alone)) ** 2
    mean = float(point.alone.dot(point.alone)) / len(point.alone)
    return NO_RISK * terms + NO_WEIGHT**2 * mean


def quadratic_bound(
    polytope: Polytope,
    point: Point,
    *,
    curvature: float,
    gains: Floats,
    row_prices: Floats,
) -> float:
    """At most the least of curvature / 2 v' C v - gains . v over v allowed.

    `row_prices` (m,) are any at all, negative ones count as 0; the bound is the least
    itself at an optimal point and prices.
    """
    below = linear_bound(polytope, curvature * point.pull - gains, row_prices)
    return below - curvature / 2 * point.variance


def limited_bound(
    polytope: Polytope,
    point: Point,
    *,
    limit: float,
    price: float,
    gains: Floats,
    row_prices: Floats,
) -> float:
    """At most the least of - gains . v over v allowed of volatility `limit` or less.

    `price`, at least 0, is that of half the variance.
    """
    below = quadratic_bound(
        polytope, point, curvature=price, gains=gains, row_prices=row_prices
    )
    return below - price / 2 * limit**2


@dataclass(frozen=True, kw_only=True, eq=False)
class RatioClaim:
    """That (gains . v - floor) / volatility(v) is nowhere above `ratio`.

    The volatility is bounded by its tangent at a point that has some.
    """

    polytope: Polytope
    point: Point
    ratio: float  # at least 0
    floor: float
    gains: Floats  # (n,)
    row_prices: Floats  # (m,)

    @cached_property
    def volatility(self) -> float:
        return sqrt(self.point.variance)

    def excess(self, ratio: float) -> float:
        """At least gains . v - floor - ratio x pull . v / volatility, for all v."""
        slope = ratio / self.volatility * self.point.pull - self.gains
        return -linear_bound(self.polytope, slope, self.row_prices) - self.floor


def ratio_bound(claim: RatioClaim, least: Callable[[], float]) -> float:
    """At least (gains . v - floor) / volatility(v) for all v allowed.

    An excess that is rounding counts as such, over the volatility; any other raises the
    ratio. `least` is at most the volatility of all v with gains . v >= floor, asked for
    only where raising proves nothing, as pull . v may be negative.
    """
    missing = max(claim.excess(claim.ratio), 0.0)
    if _is_rounding(claim, missing):
        return claim.ratio + missing / claim.volatility
    return raised_ratio(claim.ratio, claim.volatility, claim.excess, least)


def _is_rounding(claim: RatioClaim, missing: float) -> bool:
    """Of the sums that an excess is made of, for the widest v."""
    if missing <= ROUNDING * claim.ratio * claim.volatility:  # of those at the point
        return True
    p, point = claim.polytope, claim.point
    widest = np.maximum(np.abs(p.lowest), np.abs(p.highest))
    steepest = point.alone * float(point.alone @ np.abs(point.weights))
    price = claim.ratio / claim.volatility
    terms = float((np.abs(claim.gains) + price * steepest) @ widest)
    return missing <= ROUNDING * (terms + abs(claim.floor))


def is_exact(program: Program, found: Found) -> bool:
    """Proved and allowed but for the last bits, inside the box as the weights are."""
    assert found.bound is not None
    if found.objective - found.bound > TIGHT * abs(found.objective):
        return False
    missed = program.rows.dot(found.weights) - program.bounds
    return largest(missed) <= TIGHT and missed[0] >= -TIGHT
