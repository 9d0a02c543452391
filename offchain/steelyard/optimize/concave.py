# SPDX-License-Identifier: MIT
"""Interest as the least of straight lines: exact at knots, its error said.

Below the kink and above it, x r(U(x)) is concave as long as own supply is small against
the others'; at the kink its slope jumps up. On any interval the lines here are the
least concave function over the knots, so the part over the kink is an upper bound that
branching tightens, and elsewhere a chord is short by at most h^2/8 max|f''|.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.lending import total_debt
from steelyard.optimize.problem import Floats, LendingMarket

KNOTS = 49


@dataclass(frozen=True, kw_only=True, eq=False)
class Lines:
    """min over lines of slope * x + intercept, for x in [lowest, highest]."""

    lowest: float
    highest: float
    slopes: Floats  # (KNOTS - 1,)
    intercepts: Floats
    error: float  # most by which a chord is under the function between two knots


def kink(market: LendingMarket) -> float | None:
    """Own supply at which utilisation stands at the kink; None without debt."""
    optimal = market.reserve.optimal_usage_ray / 1e27
    debt = total_debt(market.reserve)
    if debt == 0 or not 0 < optimal < 1:
        return None
    extra = debt / optimal - debt - market.reserve.available_liquidity
    return market.value + extra * market.unit_value


def lines(function: Callable[[float], float], lowest: float, highest: float) -> Lines:
    """Upper concave envelope of `function` over KNOTS knots of the interval."""
    knots = np.linspace(lowest, highest, KNOTS)
    values = np.array([function(float(x)) for x in knots])
    if highest - lowest < 1e-12:
        flat = np.zeros(KNOTS - 1)
        return Lines(
            lowest=lowest,
            highest=highest,
            slopes=flat,
            intercepts=flat + values[0],
            error=0.0,
        )
    corners = _upper_hull(knots, values)
    x, y = knots[corners], values[corners]
    slopes = np.diff(y) / np.diff(x)
    intercepts = y[:-1] - slopes * x[:-1]
    middles = (knots[:-1] + knots[1:]) / 2
    true = np.array([function(float(m)) for m in middles])
    shown = np.min(np.outer(slopes, middles) + intercepts[:, None], axis=0)
    spare = KNOTS - 1 - len(slopes)
    return Lines(
        lowest=lowest,
        highest=highest,
        slopes=np.append(slopes, np.full(spare, slopes[-1])),
        intercepts=np.append(intercepts, np.full(spare, intercepts[-1])),
        error=float(np.max(true - shown, initial=0.0)),
    )


def value_at(drawn: Lines, x: float) -> float:
    """The least line at x."""
    return float(np.min(drawn.slopes * x + drawn.intercepts))


def _upper_hull(x: Floats, y: Floats) -> list[int]:
    """Indexes of the corners of the least concave function over the points."""
    corners: list[int] = []
    for i in range(len(x)):
        while len(corners) > 1:
            a, b = corners[-2], corners[-1]
            if (y[b] - y[a]) * (x[i] - x[a]) > (y[i] - y[a]) * (x[b] - x[a]):
                break
            corners.pop()
        corners.append(i)
    return corners
