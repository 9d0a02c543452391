# SPDX-License-Identifier: MIT
"""The largest ratio of a gain to the volatility: Sharpe's, and diversification.

Of a few assets by one program. On the frontier the ratio rises up to one multiplier and
falls beyond it; there, multiplier x (gain - floor) is the variance, which each critical
line meets in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.lower_bound import linear_bound
from steelyard.optimize.models import LargestRatio, MaximumDiversification, MeanRisk
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.certificates import (
    Point,
    RatioClaim,
    is_exact,
    point_of,
    quadratic_bound,
    ratio_bound,
    rounding,
)
from steelyard.optimize.quadratic.conditions import prices_at, weights_at
from steelyard.optimize.quadratic.inputs import covariance_of, means_of
from steelyard.optimize.quadratic.minimise import DUAL_METHOD, minimise
from steelyard.optimize.quadratic.program import (
    Program,
    inside_box,
    natural,
    program_of,
    with_row,
)
from steelyard.optimize.quadratic.scaled import on_free_scale
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Aim:
    """Most of (gains . w - floor) / volatility."""

    polytope: Polytope
    program: Program  # with the gains
    floor: float
    name: str  # of the model

    def gain(self, weights: Floats) -> float:
        """Over the floor."""
        return float(self.program.gains.dot(weights)) - self.floor


def largest_ratio(portfolio: Portfolio, model: MeanRisk) -> Found:
    """The least - (mean - risk_free) / volatility (Sharpe 1966, 1994).

    Raises `ModelRefused` where no allowed mean is above `risk_free`, `SolveFailed`,
    "unbounded" where one is without risk, `PortfolioInvalid`.
    """
    assert isinstance(model.goal, LargestRatio)
    covariance, polytope = covariance_of(portfolio, model), portfolio.polytope
    aim = Aim(
        polytope=polytope,
        program=program_of(polytope, covariance, means_of(portfolio, model)),
        floor=float(model.goal.risk_free),
        name="LargestRatio",
    )
    return _largest(aim)


def most_diversified(portfolio: Portfolio, _: MaximumDiversification) -> Found:
    """The least - volatilities . w / volatility (Choueifaty & Coignard 2008).

    Raises as `largest_ratio`.
    """
    covariance, polytope = covariance_of(portfolio, MeanRisk()), portfolio.polytope
    volatilities = np.sqrt(np.maximum(covariance.diagonal(), 0.0))
    aim = Aim(
        polytope=polytope,
        program=program_of(polytope, covariance, volatilities),
        floor=0.0,
        name="MaximumDiversification",
    )
    return _largest(aim)


def _largest(aim: Aim) -> Found:
    """By one program where that is exact, else by the frontier."""
    near = on_free_scale(aim.program, aim.floor)
    if near is not None:
        weights, prices = near
        point = _point(aim, weights)
        if _has_gain(aim, point) and point.variance > rounding(point):
            found = _proved(aim, point, prices, DUAL_METHOD)
            if is_exact(aim.program, found):
                return found
    met = _met(aim)
    point = _point(aim, weights_at(met.line, met.multiplier))
    if not _has_gain(aim, point):
        raise _no_gain(aim)
    if point.variance <= rounding(point):
        raise SolveFailed(METHOD, "unbounded")
    prices = prices_at(met.line, met.multiplier)[1:] / met.multiplier
    return _proved(aim, point, prices, METHOD)


def _point(aim: Aim, weights: Floats) -> Point:
    return point_of(aim.program.covariance, inside_box(aim.polytope, weights))


def _has_gain(aim: Aim, point: Point) -> bool:
    return aim.gain(point.weights) > NO_GAIN * aim.program.gain


def _met(aim: Aim) -> Met:
    """Where the ratio is largest; where it has no limit, no line may be found."""
    try:
        return walk(aim.program, _tangency(aim.floor), START * natural(aim.program))
    except SolveFailed as failed:
        if failed.outcome == "inaccurate" and _has_free_gain(aim):
            raise SolveFailed(METHOD, "unbounded") from failed
        raise


def _has_free_gain(aim: Aim) -> bool:
    """Some weights have a gain over the floor and no risk but rounding."""
    p = aim.program
    line = minimise(with_row(p, -p.gains / p.gain, -aim.floor / p.gain - FREE), 0.0)
    point = point_of(p.covariance, line.weights[0])
    return point.variance <= rounding(point)


def _tangency(floor: float) -> Target:
    """Where multiplier x (gain - floor) is the variance."""

    def met_at(moments: Moments) -> float:
        gain = moments.gain - floor
        return moments.still / gain if gain > 0 else np.inf

    return met_at


def _proved(aim: Aim, point: Point, prices: Floats, method: str) -> Found:
    """`prices` (m,) of rows, per unit of the gain."""
    volatility = sqrt(point.variance)
    row_prices = np.maximum(prices, 0.0)
    claim = RatioClaim(
        polytope=aim.polytope,
        point=point,
        ratio=aim.gain(point.weights) / volatility,
        floor=aim.floor,
        gains=aim.program.gains,
        row_prices=row_prices,
    )
    return Found(
        weights=point.weights,
        objective=-claim.ratio,
        bound=-ratio_bound(claim, lambda: _least_volatility(aim)),
        row_prices=row_prices / volatility,
        method=method,
    )


def _least_volatility(aim: Aim) -> float:
    """At most that of any weights with a gain of the floor or more, proved by prices.

    0 where it is not found.
    """
    p, unit, count = aim.program, aim.program.gain, len(aim.polytope.bounds)
    try:
        line = minimise(with_row(p, -p.gains / unit, -aim.floor / unit), 0.0)
    except SolveFailed:
        return 0.0
    prices = np.maximum(2 * prices_at(line, 0.0)[1:], 0.0)
    price = float(prices[count]) / unit
    variance = quadratic_bound(
        aim.polytope,
        _point(aim, weights_at(line, 0.0)),
        curvature=2.0,
        gains=price * p.gains,
        row_prices=prices[:count],
    )
    return sqrt(max(variance + price * aim.floor, 0.0))


def _no_gain(aim: Aim) -> ModelRefused | SolveFailed:
    """What to raise: a refusal, if prices prove that no gain is above the floor."""
    gains, end = aim.program.gains, upper_end(aim.program)
    most = -linear_bound(aim.polytope, -gains, end.line.prices[1, 1:])
    if most - aim.floor > NO_GAIN * aim.program.gain:
        return SolveFailed(METHOD, "inaccurate")
    return ModelRefused(aim.name, NOTHING_ABOVE[aim.name])
