# SPDX-License-Identifier: MIT
"""Measures of risk in cvxpy, of any affine losses: of weights, or of a vault's amounts.

UNITS  Losses are minus returns of equally likely scenarios, in their order of time.
       All measures here are positively homogeneous: twice the losses, twice the risk.

A measure of losses is the largest of q . losses over some set of weights q of the
scenarios. The solver's multipliers say which q; `loss_weights` moves them into the set,
so that risk >= q . losses holds for whatever other losses, whoever solved it.
"""

from __future__ import annotations

from typing import Any

from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    Measure,
    Variance,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Convex, Stated
from steelyard.optimize.reference.drawdown import TailDrawdown
from steelyard.optimize.reference.entropic import Entropic
from steelyard.optimize.reference.smooth import Length
from steelyard.optimize.reference.tails import Largest, TailMean
from steelyard.optimize.tail.measures import price_of_length


def risk_expression(
    cp: Any, measure: Measure, *, losses: Any = None, exposures: Any = None
) -> Stated:
    """The measure as a convex expression, with the constraints that it needs.

    `losses` (t,) affine, of the scenarios; for the variance (its root is stated, the
    volatility) R @ exposures with R'R the covariance. `exposures` (n,) affine, for
    `WassersteinCVaR` alone. `cp` is the module cvxpy.
    """
    stated = function_of(measure).state(cp, losses)
    slope = ball_slope(measure)
    if not slope:
        return stated
    return Stated(
        value=stated.value + slope * cp.norm(exposures, 2),
        constraints=stated.constraints,
        prices=stated.prices,
    )


def loss_weights(measure: Measure, losses: Floats, prices: Floats | None) -> Floats:
    """(t,) q with risk >= q . losses at any losses, equal at these if solved.

    `prices` as `Stated.prices` gives them. Without the ball of `WassersteinCVaR`.
    """
    return function_of(measure).see(losses, prices).slopes


def function_of(measure: Measure) -> Convex:
    """The measure as a function of losses.

    Entropic VaR of level 0 is the mean loss, which has no best z.
    """
    match measure:
        case Variance():
            return Length()
        case WorstCase():
            return Largest()
        case ConditionalDrawdown(level=level):
            return TailDrawdown(level=level)
        case EntropicVaR(level=0):
            return TailMean(level=0.0)
        case EntropicVaR(level=level):
            return Entropic(level=level)
        case CVaR(level=level) | WassersteinCVaR(level=level):
            return TailMean(level=level)


def ball_slope(measure: Measure) -> float:
    """What the distance of laws adds per Euclidean length of weights; mostly 0."""
    if not isinstance(measure, WassersteinCVaR):
        return 0.0
    return price_of_length(measure.level, measure.radius)
