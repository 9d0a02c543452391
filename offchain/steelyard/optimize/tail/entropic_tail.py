# SPDX-License-Identifier: MIT
"""The entropic value at risk at some weights, with its derivatives, smoothed.

The measure is the least over s of (log mean exp(s losses) + entropy) / s. With s at
most `sharpest` it is a little more and smooth everywhere; where the best s is less, the
two are the same. With p the probabilities tilted by s, its gradient is -R'p and its
second derivative

    s (X' P X - c c' / v),   c = X' P l,  v = l' P l,  P = diag(p),

X the returns and l the losses less their means under p; the last term is 1 / s taken
out of the joint Hessian, and falls away where s may not rise.

SOURCE  Ahmadi-Javid & Fallah-Tafti (2019): convex and differentiable in weights and s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.losses import Indices
from steelyard.optimize.tail.measures import chernoff, entropic_sharpness, tilted


@dataclass(frozen=True, kw_only=True, eq=False)
class EntropicTail:
    weights: Floats  # (n,)
    losses: Floats  # (t,)
    value: float  # of the smoothed measure
    sharpness: float
    is_smoothed: bool
    shares: Floats  # (t,) the tilted probabilities
    gradient: Floats  # (n,)

    @property
    def slack(self) -> float:
        """How far the tangent at these weights passes under the smoothed measure at 0,
        which is how much the smoothing can cost."""
        return max(self.value - float(self.shares @ self.losses), 0.0)


def entropic_tail(
    returns: Floats, weights: Floats, level: float, sharpest: float
) -> EntropicTail:
    """Of the losses of weights (n,) in returns (t, n)."""
    losses = -(returns @ weights)
    best = entropic_sharpness(losses, level)
    sharpness = min(best, sharpest)
    shares = tilted(losses, sharpness)
    return EntropicTail(
        weights=weights,
        losses=losses,
        value=chernoff(losses, level, sharpness),
        sharpness=sharpness,
        is_smoothed=best > sharpest,
        shares=shares,
        gradient=-(shares @ returns),
    )


def smoothed(losses: Floats, level: float, sharpest: float) -> float:
    """The smoothed measure of losses (t,)."""
    return chernoff(losses, level, min(entropic_sharpness(losses, level), sharpest))


def curvature_of(tail: EntropicTail, returns: Floats, assets: Indices) -> Floats:
    """(k, k) second derivative by the weights of some assets."""
    spread = returns[:, assets] + tail.gradient[assets]
    losses = tail.losses - tail.shares @ tail.losses
    weighted = tail.shares[:, None] * spread
    inner = spread.T @ weighted
    variance = tail.shares @ losses**2
    if variance > 0 and not tail.is_smoothed:
        crossed = losses @ weighted
        inner = inner - np.outer(crossed, crossed / variance)
    return np.asarray(tail.sharpness * (inner + inner.T) / 2, np.float64)
