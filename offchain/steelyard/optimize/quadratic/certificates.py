# SPDX-License-Identifier: MIT
"""Proofs for quadratic objectives and for ratios, from prices alone.

A convex quadratic lies above its tangent, a volatility above w' C v / volatility(w)
(Cauchy & Schwarz); over the polytope a linear function is bounded in closed form. The
covariance C must be positive semidefinite: that is taken on trust.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.lower_bound import linear_bound
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

DOUBLINGS = 60
ROUNDING = 1e-14  # of what a sum is made of
NO_RISK = 1e-14  # of the square of weighted volatilities
NO_WEIGHT = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """Weights at which the tangent is taken: any at all."""

    weights: Floats  # (n,)
    pull: Floats  # (n,) covariance @ weights
    variance: float
    alone: Floats  # (n,) volatility of each asset


def point_of(covariance: Floats, weights: Floats) -> Point:
    held = weights.nonzero()[0]
    if 2 * len(held) > len(weights):
        pull = covariance @ weights
    else:
        pull = weights[held] @ covariance[held]
    return Point(
        weights=weights,
        pull=pull,
        variance=max(float(pull @ weights), 0.0),
        alone=np.sqrt(np.maximum(covariance.diagonal(), 0.0)),
    )


def rounding(point: Point) -> float:
    """Of the variance: what is left of one that is 0."""
    terms = float(np.abs(point.weights) @ point.alone) ** 2
    return NO_RISK * terms + NO_WEIGHT**2 * float((point.alone**2).mean())


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


def ratio_bound(
    polytope: Polytope,
    point: Point,
    *,
    ratio: float,
    floor: float,
    gains: Floats,
    row_prices: Floats,
    least: Callable[[], float],
) -> float:
    """At least (gains . v - floor) / volatility(v) for all v allowed.

    At a point of some volatility. `ratio`, 0 or more, is tried first, and raised until
    gains . v - floor <= ratio x pull . v / volatility is proved for all v (Dinkelbach
    1967). An excess that is rounding counts as such, over the volatility. Where raising
    proves nothing, as pull . v may be negative, what is missing is at most missing /
    `least` times any volatility: that of all v with gains . v >= floor, asked for only
    here. Infinite where it is 0.
    """
    volatility = float(np.sqrt(point.variance))
    slope = point.pull / volatility

    def excess(tried: float) -> float:
        return -linear_bound(polytope, tried * slope - gains, row_prices) - floor

    missing = max(excess(ratio), 0.0)
    step = missing / volatility
    noise = _noise(polytope, point, ratio / volatility, gains)
    if missing <= noise + ROUNDING * abs(floor):
        return ratio + step
    steps = (step * 2**k for k in range(DOUBLINGS))
    for added in steps:
        if excess(ratio + added) <= 0:
            return float(ratio + added)
    smallest = least()
    return ratio + missing / smallest if smallest > 0 else np.inf


def _noise(polytope: Polytope, point: Point, price: float, gains: Floats) -> float:
    """Of price x pull . v - gains . v, for the widest v."""
    widest = np.maximum(np.abs(polytope.lowest), np.abs(polytope.highest))
    steepest = point.alone * float(point.alone @ np.abs(point.weights))
    return ROUNDING * float((np.abs(gains) + price * steepest) @ widest)
