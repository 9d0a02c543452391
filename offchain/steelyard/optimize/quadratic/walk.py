# SPDX-License-Identifier: MIT
"""Along the efficient frontier to where it meets a target, line by line.

On a critical line the gain is linear in the multiplier m and the variance is
still + m^2 slope, with the slope of the gain (Markowitz 1956; Merton 1972), so that
each target is met in closed form; the lines on both sides bracket it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.quadratic.conditions import (
    ENDLESS,
    corrected,
    reach,
    weights_at,
)
from steelyard.optimize.quadratic.line import Line
from steelyard.optimize.quadratic.minimise import minimise
from steelyard.optimize.quadratic.program import ActiveSet, Program, natural

METHOD = "critical line"
STEPS = 100
FURTHER = 4.0


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Of the weights on a line at multiplier m."""

    gain: float  # at m = 0, and ...
    slope: float  # ... per unit of m
    still: float  # variance at m = 0; in all, still + m^2 slope


@dataclass(frozen=True, kw_only=True, eq=False)
class Met:
    """Where the frontier meets the target, or its upper end where it does not."""

    line: Line
    multiplier: float
    is_end: bool


# where the line meets the target; infinite: nowhere, and above it lies higher up
Target = Callable[[Moments], float]


def moments_of(program: Program, line: Line, multiplier: float) -> Moments:
    p, weights = program, weights_at(line, multiplier)
    held = weights.nonzero()[0]
    taken = weights[held]
    variance = float(taken @ (p.covariance[held[:, None], held] @ taken))
    slope = max(float(p.gains @ line.weights[1]), 0.0)
    return Moments(
        gain=float(p.gains[held] @ taken) - multiplier * slope,
        slope=slope,
        still=max(variance - multiplier**2 * slope, 0.0),
    )


def walk(program: Program, target: Target, multiplier: float) -> Met:
    """From the line at this multiplier to that which meets the target.

    Raises `SolveFailed`.
    """
    low, high = 0.0, np.inf
    start: ActiveSet | None = None
    for _ in range(STEPS):
        line = minimise(program, multiplier, start)
        want = target(moments_of(program, line, multiplier))
        want = want if want < ENDLESS * natural(program) else np.inf
        if want == np.inf and reach(program, line, multiplier)[1] == np.inf:
            return Met(line=line, multiplier=multiplier, is_end=True)
        start = corrected(program, line, want) if want < np.inf else line.active
        if start is None:
            return Met(line=line, multiplier=want, is_end=False)
        if want > multiplier:
            low = max(low, multiplier)
        else:
            high = min(high, multiplier)
        multiplier = _next(low, high, want, natural(program))
    raise SolveFailed(METHOD, "inaccurate")


def upper_end(program: Program) -> Met:
    """The largest gain, and of that the least variance. Raises `SolveFailed`."""
    return walk(program, lambda _: np.inf, FURTHER * natural(program))


def _next(low: float, high: float, want: float, least: float) -> float:
    if low < want < high:
        return want
    if high < np.inf:
        return (low + high) / 2
    return max(FURTHER * low, least)
