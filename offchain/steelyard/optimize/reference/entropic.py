# SPDX-License-Identifier: MIT
"""Entropic VaR: exponential cones (Ahmadi-Javid 2012; Cajas 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Seen, Stated
from steelyard.optimize.reference.tails import Largest
from steelyard.optimize.tail.measures import (
    entropic_sharpness,
    entropic_var,
    relative_entropy,
    tilted,
)

SHARPEST = 1e5  # x the losses' spread: above it the largest loss decides alone
HALVINGS = 60


@dataclass(frozen=True, kw_only=True)
class Entropic:
    """Least over z > 0 of z log(mean exp(losses / z) / (1 - level))."""

    level: float

    def state(self, cp: Any, losses: Any) -> Stated:
        """top - z log((1 - level) t), where sum of z exp((losses - top) / z) <= z."""
        count = losses.shape[0]
        if self._is_largest(count):
            return Largest().state(cp, losses)
        top, z, raised = cp.Variable(), cp.Variable(nonneg=True), cp.Variable(count)
        cone = cp.ExpCone(losses - top, z * np.ones(count), raised)
        value = top - z * np.log((1 - self.level) * count)
        return Stated(
            value=value,
            constraints=(cone, cp.sum(raised) <= z),
            prices=lambda: np.abs(np.asarray(cone.dual_value[0], np.float64)),
        )

    def see(self, losses: Floats, prices: Floats | None) -> Seen:
        """The slopes are probabilities with relative entropy of -log(1 - level)."""
        value = entropic_var(losses, self.level)
        weights = tilted(losses, entropic_sharpness(losses, self.level))
        if prices is not None and not self._is_smooth(losses) and prices.sum() > 0:
            raised = np.maximum(prices, 0.0)
            weights = _within(raised / raised.sum(), -np.log1p(-self.level))
        return Seen(value=value, constant=0.0, slopes=weights)

    def bend(
        self, x: Floats, directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        """Of the losses tilted: what neither their mean nor themselves explain.

        The best z moves along: its part is taken out (Schur's complement).
        """
        if not self._is_smooth(x):
            return None
        sharpness = entropic_sharpness(x, self.level)
        weights = tilted(x, sharpness)
        roots = np.sqrt(weights)
        own = roots * (x - weights @ x)
        moved = roots[:, None] * (directions - weights @ directions)
        left = moved - np.outer(own, own @ moved) / (own @ own)
        return np.asarray(np.sqrt(sharpness) * left, np.float64)

    def _is_largest(self, count: int) -> bool:
        return count * (1 - self.level) <= 1

    def _is_smooth(self, losses: Floats) -> bool:
        if self._is_largest(len(losses)) or not np.ptp(losses) > 0:
            return False
        sharpness = entropic_sharpness(losses, self.level) * float(np.ptp(losses))
        return 0 < sharpness < SHARPEST


def _within(weights: Floats, entropy: float) -> Floats:
    """Probabilities moved towards equal ones until their entropy is allowed."""
    equal = np.full(len(weights), 1 / len(weights))
    low, high = 0.0, 1.0
    if relative_entropy(weights) <= entropy:
        return weights
    for _ in range(HALVINGS):
        share = (low + high) / 2
        inside = relative_entropy(weights + share * (equal - weights)) <= entropy
        low, high = (low, share) if inside else (share, high)
    return np.asarray(weights + high * (equal - weights), np.float64)
