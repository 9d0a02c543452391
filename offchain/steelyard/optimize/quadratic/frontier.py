# SPDX-License-Identifier: MIT
"""The whole efficient frontier, exact: its corner portfolios and what lies between.

The critical line algorithm (Markowitz 1956; Markowitz & Todd 2000; Bailey & Lopez de
Prado 2013) from the least risk up: a line ends where the first of its conditions does,
and the next one begins there. Between two corners weights are linear in the multiplier,
in the expected return, and so are the weights of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import (
    ModelRefused,
    PreferenceInvalid,
    SolveFailed,
)
from steelyard.optimize.models import MeanRisk, Utility
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.certificates import point_of
from steelyard.optimize.quadratic.conditions import crossed, reach, weights_at
from steelyard.optimize.quadratic.inputs import covariance_of, means_of
from steelyard.optimize.quadratic.line import Line
from steelyard.optimize.quadratic.minimise import minimise
from steelyard.optimize.quadratic.program import (
    Program,
    inside_box,
    natural,
    program_of,
)
from steelyard.optimize.quadratic.walk import METHOD

MIDDLE = 1e-2  # of the natural multiplier: where tracing starts, both ways
FREE = 1e-9  # of the natural multiplier: gains up to here cost no risk but rounding
NEXT = 1e-7  # of a corner's multiplier: so far from it, the next line is looked for
CLOSE = 1e-10  # of the same: a shorter line is none
HALVINGS = 40
CORNERS = 100  # most of them, per asset


@dataclass(frozen=True, kw_only=True, eq=False)
class Frontier:
    """Portfolios of the frontier from the least risk to the largest expected return.

    A multiplier is the slope of half the variance in the expected return, the inverse
    of the risk aversion at which the portfolio has the most utility.
    """

    weights: Floats  # (k, n)
    expected_returns: Floats  # (k,) per period, rising
    volatilities: Floats  # (k,) per period, rising
    multipliers: Floats  # (k,) rising, the first 0
    assets: tuple[str, ...]


def efficient_frontier(portfolio: Portfolio) -> Frontier:
    """Its corner portfolios; two of the same weights stand where it has a kink.

    Where several portfolios have the least risk, it starts at the one of them with the
    largest expected return. Raises `ModelRefused` where trading has a cost or a limit,
    or leverage a limit, `PortfolioInvalid`, `SolveFailed`.
    """
    if not portfolio.is_frictionless:
        why = "trading costs, limits of turnover and of leverage bend its corners"
        raise ModelRefused("the efficient frontier", why)
    means = means_of(portfolio, MeanRisk(goal=Utility(risk_aversion=1.0)))
    covariance = covariance_of(portfolio, MeanRisk())
    program = program_of(portfolio.polytope, covariance, means)
    multipliers, corners = _corners(program)
    weights = np.array([inside_box(portfolio.polytope, corner) for corner in corners])
    variances = [point_of(covariance, w).variance for w in weights]
    return Frontier(
        assets=portfolio.assets,
        weights=weights,
        expected_returns=np.maximum.accumulate(weights @ means),
        volatilities=np.maximum.accumulate(np.sqrt(variances)),
        multipliers=np.array(multipliers),
    )


def points(frontier: Frontier, count: int) -> Frontier:
    """`count` portfolios of the frontier at equal steps of the expected return.

    Raises `PreferenceInvalid`.
    """
    if count < 2:
        raise PreferenceInvalid("count", count, "2 or more")
    returns = frontier.expected_returns
    return _between(frontier, np.linspace(returns[0], returns[-1], count))


def _between(frontier: Frontier, returns: Floats) -> Frontier:
    """The frontier at these expected returns, inside its ends."""
    f, mean = frontier, frontier.expected_returns
    if len(mean) == 1:
        left, share = np.zeros(len(returns), np.intp), np.zeros(len(returns))
        right = left
    else:
        right = np.clip(np.searchsorted(mean, returns), 1, len(mean) - 1)
        left = right - 1
        width = mean[right] - mean[left]
        share = (returns - mean[left]) / np.where(width > 0, width, 1.0)
    moved = share * (mean[right] - mean[left])
    slopes = f.multipliers[right] - f.multipliers[left]
    # half the variance has the multiplier as its slope
    variances = f.volatilities[left] ** 2 + moved * (
        2 * f.multipliers[left] + share * slopes
    )
    part = share[:, None]
    return Frontier(
        assets=f.assets,
        weights=(1 - part) * f.weights[left] + part * f.weights[right],
        expected_returns=returns,
        volatilities=np.sqrt(np.maximum(variances, 0.0)),
        multipliers=f.multipliers[left] + share * slopes,
    )


def _corners(program: Program) -> tuple[list[float], list[Floats]]:
    """Multipliers and weights of all corners, from the least risk up."""
    middle = MIDDLE * natural(program)
    line = minimise(program, middle)
    below = list(_traced(program, line, middle, upwards=False))
    above = list(_traced(program, line, middle, upwards=True))
    found = [*reversed(below), *above]
    return [multiplier for multiplier, _ in found], [weights for _, weights in found]


def _traced(
    program: Program, line: Line, multiplier: float, *, upwards: bool
) -> Iterator[tuple[float, Floats]]:
    """Multiplier and weights of one corner after another, away from a multiplier.

    The last one below is at multiplier 0, which the gains that cost no risk but
    rounding do not reach; the last one above is where the gain is largest.
    """
    for _ in range(CORNERS * len(program.gains)):
        end = reach(program, line, multiplier)[upwards]
        if end == np.inf:
            return
        if end <= FREE * natural(program):
            yield 0.0, weights_at(line, 0.0)
            return
        yield end, weights_at(line, end)
        line, multiplier = _beyond(program, line, end, upwards)
    raise SolveFailed(METHOD, "inaccurate")


def _beyond(
    program: Program, line: Line, end: float, upwards: bool
) -> tuple[Line, float]:
    """The line that follows, and a multiplier at which it is optimal."""
    start = crossed(program, line, end, upwards)
    multiplier = end * (1 + NEXT if upwards else 1 - NEXT)
    for _ in range(HALVINGS):
        found = minimise(program, multiplier, start)
        met = reach(program, found, multiplier)[not upwards]
        if met <= end * (1 + CLOSE) if upwards else met >= end * (1 - CLOSE):
            break
        # a short line lies between
        start, multiplier = found.active, (end + met) / 2
    return found, multiplier
