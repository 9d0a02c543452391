# SPDX-License-Identifier: MIT
"""The largest mean above the risk-free return per unit of risk.

With s the best ratio so far, the best weights for mean - s x risk have a higher one, or
s is the largest (Dinkelbach 1967): few steps, each a plain aim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.problem import Floats
from steelyard.optimize.raised_ratio import raised_ratio
from steelyard.optimize.tail.aims import (
    MOST_MEAN,
    Aim,
    Aimed,
    Prices,
    Task,
    bound_of,
)

MOST_STEPS = 50
NO_GAIN = 1e-12  # of the largest mean
NO_RISK = 1e-10  # of the gain: a ratio without end
SAME = 1e-12  # of the ratio: a gain that is smaller ends the search


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ratio:
    weights: Floats
    gain: float  # mean above risk_free
    risk: float

    @property
    def size(self) -> float:
        return self.gain / self.risk


def largest_ratio(task: Task, risk_free: float) -> Found:
    """Minus the ratio is minimised.

    Raises `ModelRefused` where no allowed weights have a mean above `risk_free`, and
    `SolveFailed` as unbounded where some of them have no risk.
    """
    ratio = _measured(task, task.best(MOST_MEAN), risk_free)
    if ratio.gain <= NO_GAIN * float(np.abs(task.mean).max()):
        why = f"no allowed portfolio has a mean above risk_free, {risk_free:g}"
        raise ModelRefused("LargestRatio", why)
    for _ in range(MOST_STEPS):
        if ratio.risk <= NO_RISK * ratio.gain:
            raise SolveFailed(task.method, "unbounded")
        aimed = task.best(Aim(gain=1.0, price=ratio.size))
        higher = _measured(task, aimed, risk_free)
        stalled = higher.risk > 0 and higher.size <= ratio.size
        excess = higher.gain - ratio.size * higher.risk
        if stalled or excess <= SAME * ratio.gain:
            return _found(task, ratio, aimed.prices, risk_free)
        ratio = higher
    raise SolveFailed(task.method, "inaccurate")


def _measured(task: Task, aimed: Aimed, risk_free: float) -> _Ratio:
    return _Ratio(
        weights=aimed.weights,
        gain=float(task.mean @ aimed.weights) - risk_free,
        risk=task.risk(aimed.weights),
    )


def _found(task: Task, ratio: _Ratio, prices: Prices, risk_free: float) -> Found:
    """With g the gradient of risk, the prices prove mean - risk_free <= s g . w for all
    weights where nothing is missing at s, which then is a bound."""

    def excess(size: float) -> float:
        at = replace(prices, risk=size, floor=0.0)
        return -risk_free - bound_of(task.polytope, task.mean, MOST_MEAN, at)

    bound = raised_ratio(
        ratio.size, ratio.risk, excess, lambda: _least_risk(task, risk_free)
    )
    return Found(
        weights=ratio.weights,
        objective=-ratio.size,
        bound=-bound,
        row_prices=prices.rows / ratio.risk,
        method=task.method,
    )


def _least_risk(task: Task, risk_free: float) -> float:
    """At most that of any weights with a mean of `risk_free` or more, by its proof."""
    aim = Aim(gain=0.0, price=1.0, floor=risk_free)
    return bound_of(task.polytope, task.mean, aim, task.best(aim).prices)
