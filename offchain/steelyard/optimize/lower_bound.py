# SPDX-License-Identifier: MIT
"""What no allowed weights can be below: the certificate, from multipliers alone.

A convex function lies above each of its tangents. Over the box and the sum of weights
the lowest point of a tangent has a closed form, with rows moved into it at a price
(Lagrange). Any prices give a true bound; the best prices give the best one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.arrays import sum_of
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Kink:
    """slopes . |v - centres|: a cost of trading, a half-width, a price of turnover."""

    centres: Floats  # (n,)
    slopes: Floats  # (n,) at least 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Tangent:
    """constant + gradient . v + kinks: nowhere above the function that it bounds."""

    constant: float
    gradient: Floats  # (n,)
    kinks: tuple[Kink, ...] = ()

    def __add__(self, other: Tangent) -> Tangent:
        return Tangent(
            constant=self.constant + other.constant,
            gradient=self.gradient + other.gradient,
            kinks=(*self.kinks, *other.kinks),
        )

    def times(self, factor: float) -> Tangent:
        """Of `factor` x the function; raises ValueError where that is negative."""
        if factor < 0:
            raise ValueError(f"factor is {factor:g}, expected 0 or more")
        return Tangent(
            constant=factor * self.constant,
            gradient=factor * self.gradient,
            kinks=tuple(
                Kink(centres=k.centres, slopes=factor * k.slopes) for k in self.kinks
            ),
        )


def linear_bound(
    polytope: Polytope,
    gradient: Floats,
    row_prices: Floats,
    kinks: Sequence[Kink] = (),
) -> float:
    """At most the least of gradient . v + sum of slopes . |v - centres| over v allowed.

    `gradient` (n,); `row_prices` (m,), any: negative ones count as 0. Equal to the
    least where the prices are the multipliers of the rows. The multiplier of the sum is
    the best one: the slope of the piece at which the cheapest pieces, taken from the
    lowest weights up, reach the sum.
    """
    p = polytope
    prices = np.maximum(row_prices, 0.0)
    slopes = gradient + prices.dot(p.matrix)
    widths, steepness, start = _pieces(p, slopes, kinks)
    left = p.total - sum_of(p.lowest)
    price = _last_slope(widths, steepness, left)
    gained = widths.dot(np.minimum(steepness - price, 0.0))
    return float(start + price * left + gained - prices.dot(p.bounds))


def lowest_value(polytope: Polytope, below: Tangent, row_prices: Floats) -> float:
    """At most the least over all weights allowed of what `below` is a tangent of."""
    return below.constant + linear_bound(
        polytope, below.gradient, row_prices, below.kinks
    )


def _pieces(
    polytope: Polytope, slopes: Floats, kinks: Sequence[Kink]
) -> tuple[Floats, Floats, float]:
    """Widths and slopes of the straight pieces, and the value at the lowest weights."""
    low, high = polytope.lowest, polytope.highest
    start = float(slopes.dot(low))
    if not kinks:
        return polytope.widths, slopes, start
    cuts = [np.clip(kink.centres, low, high) for kink in kinks]
    points = np.sort(np.vstack([low, *cuts, high]), axis=0)
    middles = (points[1:] + points[:-1]) / 2
    steepness = np.tile(slopes, (len(middles), 1))
    for kink in kinks:
        steepness += kink.slopes * np.sign(middles - kink.centres)
        start += float(kink.slopes @ np.abs(low - kink.centres))
    return np.diff(points, axis=0).ravel(), steepness.ravel(), start


def _last_slope(widths: Floats, steepness: Floats, left: float) -> float:
    order = steepness.argsort()
    reached = int(np.add.accumulate(widths[order]).searchsorted(left))
    return float(steepness[order[min(reached, len(order) - 1)]])
