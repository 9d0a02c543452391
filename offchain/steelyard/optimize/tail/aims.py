# SPDX-License-Identifier: MIT
"""What is minimised for a goal, and the proof that nothing allowed is lower.

The risk is the largest of linear functions of weights, its gradients; each of them, at
any prices, bounds the aim from below in closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.lower_bound import linear_bound
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats


@dataclass(frozen=True, kw_only=True)
class Aim:
    """Least of price x risk(w) - gain x mean . w at mean . w >= floor and
    risk(w) <= limit."""

    gain: float
    price: float
    floor: float = -np.inf  # per period
    limit: float = np.inf  # per period


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """Multipliers of an aim, all at least 0."""

    risk: float  # of risk(w): the aim's own price and that of its limit
    gradient: Floats  # (n,) its product with w is nowhere above risk(w)
    floor: float
    rows: Floats  # (m,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Aimed:
    """The best weights for an aim, and the prices that prove it."""

    weights: Floats  # (n,)
    prices: Prices


@dataclass(frozen=True, kw_only=True)
class Task:
    """A measure of risk over a polytope, and what finds the best weights for an aim."""

    polytope: Polytope
    mean: Floats  # (n,)
    risk: Callable[[Floats], float]  # of weights (n,), from all scenarios
    best: Callable[[Aim], Aimed]  # raises `SolveFailed`
    method: str


LEAST_RISK = Aim(gain=0.0, price=1.0)
MOST_MEAN = Aim(gain=1.0, price=0.0)


def value_of(aim: Aim, mean: float, risk: float) -> float:
    """What is minimised, at this mean and risk per period."""
    return aim.price * risk - aim.gain * mean


def slopes_of(aim: Aim, mean: Floats, prices: Prices) -> Floats:
    """(n,) gradient of the aim and of its two limits at their prices."""
    return prices.risk * prices.gradient - (aim.gain + prices.floor) * mean


def bound_of(polytope: Polytope, mean: Floats, aim: Aim, prices: Prices) -> float:
    """At most the least value of the aim, whatever the prices (weak duality)."""
    bound = linear_bound(polytope, slopes_of(aim, mean, prices), prices.rows)
    if np.isfinite(aim.floor):
        bound += prices.floor * aim.floor
    if np.isfinite(aim.limit):
        bound -= (prices.risk - aim.price) * aim.limit
    return bound
