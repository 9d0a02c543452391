# SPDX-License-Identifier: MIT
"""Largest losses and means of the worst: measures that linear programs can state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Seen, Stated
from steelyard.optimize.tail.measures import cvar, tail_weights, worst


class Largest:
    """The largest of its numbers."""

    def state(self, cp: Any, losses: Any) -> Stated:
        top = cp.Variable()
        over = top >= losses
        return Stated(value=top, constraints=(over,), prices=lambda: duals(over))

    def see(self, losses: Floats, prices: Floats | None) -> Seen:
        """The slopes are probabilities, as the solver weighs ties."""
        raised = np.zeros_like(losses) if prices is None else np.maximum(prices, 0.0)
        if not raised.any():
            raised = np.asarray(losses == losses.max(), np.float64)
        return Seen(value=worst(losses), constant=0.0, slopes=raised / raised.sum())

    def bend(
        self, _x: Floats, _directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        return None


@dataclass(frozen=True, kw_only=True)
class TailMean:
    """Mean of the worst 1 - level (Rockafellar & Uryasev 2000)."""

    level: float

    def state(self, cp: Any, losses: Any) -> Stated:
        """A threshold, and the mean excess over it."""
        threshold = cp.Variable()
        excess = cp.Variable(losses.shape[0], nonneg=True)
        over = excess >= losses - threshold
        value = threshold + cp.sum(excess) / ((1 - self.level) * losses.shape[0])
        return Stated(value=value, constraints=(over,), prices=lambda: duals(over))

    def see(self, losses: Floats, prices: Floats | None) -> Seen:
        slopes = tail_shares(losses, self.level, prices)
        return Seen(value=cvar(losses, self.level), constant=0.0, slopes=slopes)

    def bend(
        self, _x: Floats, _directions: Floats, _prices: Floats | None
    ) -> Floats | None:
        return None


def duals(constraint: Any) -> Floats:
    """What the solver says the constraint's bounds are worth; zeros if nothing."""
    found = constraint.dual_value
    if found is None:
        return np.zeros(constraint.size)
    return np.asarray(found, np.float64).reshape(-1)


def tail_shares(losses: Floats, level: float, prices: Floats | None) -> Floats:
    """(t,) probabilities of at most 1 / ((1 - level) t) each, in proportion to prices.

    By the losses alone where there are no prices: which of several equal losses counts
    how much, only the solver knows.
    """
    if prices is None or not prices.sum() > 0:
        return tail_weights(losses, level)
    most = max(1 / ((1 - level) * len(losses)), 1 / len(losses))
    shares = np.clip(prices / prices.sum(), 0.0, most)
    missing = 1 - shares.sum()
    if missing <= 0:
        return np.asarray(shares / shares.sum(), np.float64)
    room = most - shares
    return np.asarray(shares + room * (missing / max(room.sum(), missing)), np.float64)
