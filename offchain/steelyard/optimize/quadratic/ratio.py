# SPDX-License-Identifier: MIT
"""The largest ratio of a gain to the volatility: Sharpe's, and diversification.

On the frontier the ratio rises up to one multiplier and falls beyond it; there,
multiplier x (gain - floor) is the variance, which each critical line meets in closed
form.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import ModelRefused, PreferenceInvalid, SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.lower_bound import linear_bound
from steelyard.optimize.models import LargestRatio, MaximumDiversification, MeanRisk
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.certificates import (
    Point,
    point_of,
    quadratic_bound,
    ratio_bound,
    rounding,
)
from steelyard.optimize.quadratic.conditions import prices_at, weights_at
from steelyard.optimize.quadratic.inputs import covariance_of, means_of
from steelyard.optimize.quadratic.minimise import minimise
from steelyard.optimize.quadratic.program import (
    Program,
    inside_box,
    natural,
    program_of,
    with_row,
)
from steelyard.optimize.quadratic.walk import (
    METHOD,
    Met,
    Moments,
    Target,
    upper_end,
    walk,
)

START = 0.7  # of the natural multiplier
NO_GAIN = 1e-12  # of the largest gain
FREE = 1e-6  # likewise
NOTHING_ABOVE = {
    "LargestRatio": "no weights allowed have a mean above the risk-free",
    "MaximumDiversification": "no weights allowed have volatilities that sum above 0",
}


def largest_ratio(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least - (mean - risk_free) / volatility (Sharpe 1966, 1994).

    Raises `ModelRefused` where no allowed mean is above `risk_free`, `SolveFailed`,
    "unbounded" where one is without risk, `PortfolioInvalid`, `PreferenceInvalid`.
    """
    assert isinstance(model.goal, LargestRatio)
    risk_free = float(model.goal.risk_free)
    if not np.isfinite(risk_free):
        raise PreferenceInvalid("risk_free", risk_free, "a finite number")
    covariance = covariance_of(portfolio, model)
    means = means_of(portfolio, model)
    return _largest(portfolio.polytope, covariance, means, risk_free, "LargestRatio")


def most_diversified(portfolio: Portfolio, _: MaximumDiversification) -> Found:
    """The least - volatilities . w / volatility (Choueifaty & Coignard 2008).

    Raises as `largest_ratio`.
    """
    covariance = covariance_of(portfolio, MeanRisk())
    volatilities = np.sqrt(np.maximum(covariance.diagonal(), 0.0))
    name = "MaximumDiversification"
    return _largest(portfolio.polytope, covariance, volatilities, 0.0, name)


def _largest(
    polytope: Polytope, covariance: Floats, gains: Floats, floor: float, name: str
) -> Found:
    program = program_of(polytope, covariance, gains)
    met = _met(program, floor)
    weights = inside_box(polytope, weights_at(met.line, met.multiplier))
    point, gain = point_of(covariance, weights), float(gains @ weights) - floor
    if gain <= NO_GAIN * program.gain:
        raise _no_gain(polytope, program, floor, name)
    if point.variance <= rounding(point):
        raise SolveFailed(METHOD, "unbounded")
    return _proved(polytope, program, point, met, floor)


def _met(program: Program, floor: float) -> Met:
    """Where the ratio is largest; where it has no limit, no line may be found."""
    try:
        return walk(program, _tangency(floor), START * natural(program))
    except SolveFailed as failed:
        if failed.outcome == "inaccurate" and _has_free_gain(program, floor):
            raise SolveFailed(METHOD, "unbounded") from failed
        raise


def _has_free_gain(program: Program, floor: float) -> bool:
    """Some weights have a gain over the floor and no risk but rounding."""
    gaining = -program.gains / program.gain
    line = minimise(with_row(program, gaining, -floor / program.gain - FREE), 0.0)
    point = point_of(program.covariance, line.weights[0])
    return point.variance <= rounding(point)


def _tangency(floor: float) -> Target:
    """Where multiplier x (gain - floor) is the variance."""

    def met_at(moments: Moments) -> float:
        gain = moments.gain - floor
        return moments.still / gain if gain > 0 else np.inf

    return met_at


def _proved(
    polytope: Polytope, program: Program, point: Point, met: Met, floor: float
) -> Found:
    gains, volatility = program.gains, float(np.sqrt(point.variance))
    ratio = (float(gains @ point.weights) - floor) / volatility
    prices = np.maximum(prices_at(met.line, met.multiplier)[1:], 0.0)
    ceiling = ratio_bound(
        polytope,
        point,
        ratio=ratio,
        floor=floor,
        gains=gains,
        row_prices=prices / met.multiplier,
        least=lambda: _least_volatility(polytope, program, floor),
    )
    return Found(
        weights=point.weights,
        objective=-ratio,
        bound=-ceiling,
        row_prices=prices / (met.multiplier * volatility),
        method=METHOD,
    )


def _least_volatility(polytope: Polytope, program: Program, floor: float) -> float:
    """At most that of any weights with a gain of `floor` or more, proved by prices.

    0 where it is not found.
    """
    unit, count = program.gain, len(polytope.bounds)
    try:
        line = minimise(with_row(program, -program.gains / unit, -floor / unit), 0.0)
    except SolveFailed:
        return 0.0
    prices = np.maximum(2 * prices_at(line, 0.0)[1:], 0.0)
    price = float(prices[count]) / unit
    variance = quadratic_bound(
        polytope,
        point_of(program.covariance, inside_box(polytope, weights_at(line, 0.0))),
        curvature=2.0,
        gains=price * program.gains,
        row_prices=prices[:count],
    )
    return float(np.sqrt(max(variance + price * floor, 0.0)))


def _no_gain(
    polytope: Polytope, program: Program, floor: float, name: str
) -> ModelRefused | SolveFailed:
    """What to raise: a refusal, if prices prove that no gain is above the floor."""
    end = upper_end(program)
    most = -linear_bound(polytope, -program.gains, end.line.prices[1, 1:])
    if most - floor > NO_GAIN * program.gain:
        return SolveFailed(METHOD, "inaccurate")
    return ModelRefused(name, NOTHING_ABOVE[name])
