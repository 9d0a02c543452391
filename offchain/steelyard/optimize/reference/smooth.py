# SPDX-License-Identifier: MIT
"""Sums, lengths and logarithms, of which the models are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Seen, Stated


class Total:
    """The sum of its numbers."""

    def state(self, cp: Any, x: Any) -> Stated:
        return Stated(value=cp.sum(x))

    def see(self, x: Floats, _prices: Floats | None) -> Seen:
        return Seen(value=float(x.sum()), constant=0.0, slopes=np.ones_like(x))

    def bend(
        self, _x: Floats, _directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        return None


class Length:
    """Euclidean length: a volatility, or the price of a doubted mean."""

    def state(self, cp: Any, x: Any) -> Stated:
        return Stated(value=cp.norm(x, 2))

    def see(self, x: Floats, _prices: Floats | None) -> Seen:
        length = float(np.linalg.norm(x))
        slopes = x / length if length else np.zeros_like(x)
        return Seen(value=length, constant=0.0, slopes=slopes)

    def bend(
        self, x: Floats, directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        length = float(np.linalg.norm(x))
        if not length:
            return None
        along = x / length
        across = directions - np.outer(along, along @ directions)
        return np.asarray(across / np.sqrt(length), np.float64)


class SquaredLength:
    """Square of the Euclidean length: a variance."""

    def state(self, cp: Any, x: Any) -> Stated:
        return Stated(value=cp.sum_squares(x))

    def see(self, x: Floats, _prices: Floats | None) -> Seen:
        square = float(x @ x)
        return Seen(value=square, constant=-square, slopes=2 * x)

    def bend(
        self, _x: Floats, directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        return np.asarray(np.sqrt(2) * directions, np.float64)


class LogLoss:
    """Minus the mean of log(1 + number); infinite where that is not positive.

    Of returns, not of growth: near 1 the digits of small returns are lost.
    """

    def state(self, cp: Any, x: Any) -> Stated:
        return Stated(value=-cp.sum(cp.log1p(x)) / x.shape[0])

    def see(self, x: Floats, _prices: Floats | None) -> Seen:
        if not x.min() > -1:
            return _outside(x)
        value, slopes = -float(np.log1p(x).mean()), -1 / (len(x) * (1 + x))
        return Seen(value=value, constant=value - float(slopes @ x), slopes=slopes)

    def bend(
        self, x: Floats, directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        if not x.min() > -1:
            return None
        growth = 1 + x[:, None]
        return np.asarray(directions / (np.sqrt(len(x)) * growth), np.float64)


@dataclass(frozen=True, kw_only=True)
class LogMoment:
    """log mean (1 + x)^-power: at most 0 keeps drawdowns rare.

    Busseti, Ryu & Boyd (2016).
    """

    power: float

    def state(self, cp: Any, x: Any) -> Stated:
        logs = -self.power * cp.log1p(x) - np.log(x.shape[0])
        return Stated(value=cp.log_sum_exp(logs))

    def see(self, x: Floats, _prices: Floats | None) -> Seen:
        if not x.min() > -1:
            return _outside(x)
        value, weights = self._tilted(x)
        slopes = -self.power * weights / (1 + x)
        return Seen(value=value, constant=value - float(slopes @ x), slopes=slopes)

    def bend(
        self, x: Floats, directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        if not x.min() > -1:
            return None
        _, weights = self._tilted(x)
        roots = np.sqrt(weights)[:, None]
        moved = directions / (1 + x[:, None])
        spread = self.power * roots * (moved - weights @ moved)
        return np.vstack([np.sqrt(self.power) * roots * moved, spread])

    def _tilted(self, x: Floats) -> tuple[float, Floats]:
        """The value, and probabilities in proportion to (1 + x)^-power."""
        logs = -self.power * np.log1p(x)
        below = logs - logs.max()
        value = float(logs.max() + np.log1p(np.expm1(below).mean()))
        return value, np.exp(below) / np.exp(below).sum()


def _outside(x: Floats) -> Seen:
    return Seen(value=np.inf, constant=-np.inf, slopes=np.zeros_like(x))
