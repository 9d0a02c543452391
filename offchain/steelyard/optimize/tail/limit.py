# SPDX-License-Identifier: MIT
"""The largest mean at a limit of risk, by searching the price of risk.

Risk falls as its price rises. Between weights with too much risk and weights with room,
a mix meets the limit; the gap from it to the best bound says when to stop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import (
    LEAST_RISK,
    MOST_MEAN,
    Aim,
    Aimed,
    bound_of,
)

METHOD = "search of the price of risk"
TIGHT = 1e-11  # of the largest mean: a gap this small ends the search
ENOUGH = 1e-8  # the same where the search ends by itself
MOST_STEPS = 40
MIXING = 40  # steps to a mix at the limit
AT_LIMIT = 1e-13  # of the excess at first: room this small is none


@dataclass(frozen=True, kw_only=True, eq=False)
class _End:
    weights: Floats  # (n,)
    mean: float
    excess: float  # risk above the limit
    tolerance: float  # 1 / price of risk, from 0 to without end


class LimitSearch:
    """Asks for the best weights at one price of risk after another."""

    def __init__(
        self,
        polytope: Polytope,
        mean: Floats,
        risk: Callable[[Floats], float],
        best: Callable[[Aim], Aimed],
        limit: float,
    ) -> None:
        self._polytope, self._mean, self._limit = polytope, mean, limit
        self._risk, self._best = risk, best
        self._aim = Aim(gain=1.0, price=0.0, limit=limit)

    def run(self) -> Aimed:
        """The best at the limit. Raises `SolveFailed`."""
        proof = self._best(MOST_MEAN)
        over = self._end(proof, np.inf)
        if over.excess <= 0:
            return proof
        room = self._end(self._best(LEAST_RISK), 0.0)
        if room.excess > 0:
            raise SolveFailed(METHOD, "infeasible")
        size = float(np.abs(self._mean).max())
        for turn in range(MOST_STEPS):
            mixed = self._mixed(room, over)
            gap = self._gap(mixed, proof)
            if gap <= TIGHT * size:
                break
            price = _price(room, over, turn)
            if price <= 0:  # means that rounding cannot tell apart
                break
            found = self._best(Aim(gain=1.0, price=price))
            end = self._end(found, 1 / price)
            room, over = (room, end) if end.excess > 0 else (end, over)
            proof = max(proof, found, key=self._bound)
        if gap > ENOUGH * size:
            raise SolveFailed(METHOD, "inaccurate")
        return Aimed(weights=mixed, prices=proof.prices)

    def _end(self, aimed: Aimed, tolerance: float) -> _End:
        return _End(
            weights=aimed.weights,
            mean=float(self._mean @ aimed.weights),
            excess=self._risk(aimed.weights) - self._limit,
            tolerance=tolerance,
        )

    def _bound(self, aimed: Aimed) -> float:
        return bound_of(self._polytope, self._mean, self._aim, aimed.prices)

    def _gap(self, weights: Floats, proof: Aimed) -> float:
        return -float(self._mean @ weights) - self._bound(proof)

    def _mixed(self, room: _End, over: _End) -> Floats:
        """The most of `over` that leaves risk at the limit (Illinois' regula falsi)."""
        change = over.weights - room.weights
        low, high, below, above = 0.0, 1.0, room.excess, over.excess
        for _ in range(MIXING):
            if below >= -AT_LIMIT * over.excess:
                break
            share = low - below * (high - low) / (above - below)
            excess = self._risk(room.weights + share * change) - self._limit
            if excess > 0:
                high, above = share, excess
            else:
                low, below, above = share, excess, above / 2
        return np.asarray(room.weights + low * change, np.float64)


def _price(room: _End, over: _End, turn: int) -> float:
    """By a straight line through both ends: of risk in tolerance; else of mean in risk,
    at whose price both are as good."""
    if np.isinf(over.tolerance) or room.excess == 0 or turn % 3 == 2:
        return (over.mean - room.mean) / (over.excess - room.excess)
    share = room.excess / (room.excess - over.excess)
    return 1 / (room.tolerance + share * (over.tolerance - room.tolerance))
