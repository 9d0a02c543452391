# SPDX-License-Identifier: MIT
"""Losses of weights period by period, each the largest of linear functions of weights.

A function has a number, its key; the loss of a scenario is one function, a drawdown is
one for each time at which the path could have been highest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.models import ConditionalDrawdown, CVaR, WorstCase
from steelyard.optimize.problem import Floats

Indices = NDArray[np.int64]
FEW = 4  # one in so many assets held: their columns alone are read


class Losses(Protocol):
    """The mean of the worst `mass` of periods is the risk."""

    @property
    def periods(self) -> int: ...

    @property
    def mass(self) -> float:
        """How many periods make the tail, 1 or more."""

    def at(self, weights: Floats) -> tuple[Floats, Indices]:
        """(t,) losses and (t,) the keys of the functions that are largest."""

    def vectors(self, keys: Indices) -> Floats:
        """(k, n) the functions themselves."""

    def period_of(self, keys: Indices) -> Indices:
        """(k,) the periods that the functions belong to."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ScenarioLosses:
    """Minus the return of each scenario; its key is its number."""

    returns: Floats  # (t, n)
    mass: float

    @property
    def periods(self) -> int:
        return len(self.returns)

    def at(self, weights: Floats) -> tuple[Floats, Indices]:
        return -times(self.returns, weights), np.arange(self.periods)

    def vectors(self, keys: Indices) -> Floats:
        return np.negative(self.returns[keys])

    def period_of(self, keys: Indices) -> Indices:
        return keys


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawdownLosses:
    """How far each period ends under the highest sum of returns before it.

    The key is start x (t + 1) + end, with 0 for the time before the first period.
    """

    path: Floats  # (t + 1, n) uncompounded sums of returns, the first row 0
    mass: float

    @property
    def periods(self) -> int:
        return len(self.path) - 1

    def at(self, weights: Floats) -> tuple[Floats, Indices]:
        path = times(self.path, weights)
        highest = np.maximum.accumulate(path)
        times_of = np.arange(len(path))
        # the last time so far that set a new highest
        start = np.maximum.accumulate(np.where(path == highest, times_of, 0))
        keys = start * len(path) + times_of
        return (highest - path)[1:], keys[1:]

    def vectors(self, keys: Indices) -> Floats:
        start, end = np.divmod(keys, len(self.path))
        return np.asarray(self.path[start] - self.path[end], np.float64)

    def period_of(self, keys: Indices) -> Indices:
        return keys % len(self.path) - 1


def losses_of(
    returns: Floats, measure: CVaR | WorstCase | ConditionalDrawdown
) -> Losses:
    """The losses that the measure averages."""
    if isinstance(measure, WorstCase):
        return ScenarioLosses(returns=returns, mass=1.0)
    mass = max((1 - measure.level) * len(returns), 1.0)
    if isinstance(measure, CVaR) and measure.level == 0:
        return ScenarioLosses(returns=returns.mean(axis=0)[None], mass=1.0)
    if isinstance(measure, CVaR):
        return ScenarioLosses(returns=returns, mass=mass)
    start = np.zeros((1, returns.shape[1]))
    return DrawdownLosses(
        path=np.vstack([start, np.cumsum(returns, axis=0)]), mass=mass
    )


def times(matrix: Floats, weights: Floats) -> Floats:
    """(t,) matrix @ weights, from the columns that are held where they are few."""
    held = np.flatnonzero(weights)
    if FEW * len(held) > len(weights):
        return np.asarray(matrix @ weights, np.float64)
    return np.asarray(matrix[:, held] @ weights[held], np.float64)
