# SPDX-License-Identifier: MIT
"""A barrier over a cone, as the interior point method and its reference take it.

Limits of weights w become limits relative to their sum: w <= highest turns into
x <= highest x size where the sum of x is total x size.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.budgeting.barrier import Prices
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

Indices = NDArray[np.intp]
NOTHING = 1e-14  # of the sum of standalone risks
PINNED = 1e-12  # of the total, between lowest and highest weight: one weight allowed


@dataclass(frozen=True, kw_only=True, eq=False)
class Tail:
    """CVaR as a program: level + price x sum of what losses exceed the level by."""

    losses: Floats  # (s, n) of scenarios, in units of x
    excess_price: float  # one over the number of scenarios in the tail


@dataclass(frozen=True, kw_only=True, eq=False)
class BarrierProblem:
    """Least 1/2 x' curvature x or tail(x), less sum of budgets log x, over the cone.

    x is weights x scales; risk is in units of `unit`. Rows are those of the tail, which
    may be exceeded at its price, then those of the polytope.
    """

    polytope: Polytope
    budgets: Floats  # (n,)
    scales: Floats  # (n,)
    unit: float  # of risk, per period
    curvature: Floats | None = None  # (n, n)
    tail: Tail | None = None
    rows: Floats = field(init=False)  # (s + m, n)
    offsets: Floats = field(init=False)  # (s + m, 1 or 2) of the size, of the level
    capped: Indices = field(init=False)  # assets whose highest weight says something
    floored: Indices = field(init=False)  # those whose lowest does
    box: Floats = field(init=False)  # (c + f,) coefficients of the size
    pinned: Indices = field(init=False)  # assets with one weight allowed
    equal: Floats = field(init=False)  # (1 + q, n) @ x, the sum and the pinned ...
    sizes: Floats = field(init=False)  # (1 + q,) ... are this x size

    def __post_init__(self) -> None:
        p, tail = self.polytope, self.tail
        rows, offsets = p.matrix / self.scales, p.bounds[:, None]
        if tail is not None:
            rows = np.vstack([tail.losses, rows])
            offsets = np.zeros((len(rows), 2))
            offsets[: self.soft, 1] = 1.0
            offsets[self.soft :, 0] = p.bounds
        pins = p.highest - p.lowest <= PINNED * abs(p.total)
        capped = ((p.highest < p.total) & ~pins).nonzero()[0]
        floored = ((p.lowest > 0) & ~pins).nonzero()[0]
        pinned = pins.nonzero()[0]
        caps = (p.highest * self.scales)[capped]
        floors = (p.lowest * self.scales)[floored]
        fields = {
            "rows": rows,
            "offsets": offsets,
            "capped": capped,
            "floored": floored,
            "box": np.concatenate([caps, -floors]),
            "pinned": pinned,
            "equal": np.vstack([1 / self.scales, np.eye(len(pins))[pinned]]),
            "sizes": np.append(p.total, (p.lowest * self.scales)[pinned]),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def soft(self) -> int:
        """Rows that may be exceeded."""
        return 0 if self.tail is None else len(self.tail.losses)

    @property
    def excess_price(self) -> float:
        return np.inf if self.tail is None else self.tail.excess_price

    def boxed(self, x: Floats) -> Floats:
        """(c + f,) the capped entries, then minus the floored ones."""
        return np.concatenate([x[self.capped], -x[self.floored]])

    def unboxed(self, values: Floats) -> Floats:
        """(n,) the transpose of `boxed`."""
        spread = np.zeros(len(self.budgets))
        spread[self.capped] = values[: len(self.capped)]
        spread[self.floored] -= values[len(self.capped) :]
        return spread


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """What a solver says of a barrier problem."""

    sizes: Floats  # (n,) weights of any size
    tail_chances: Floats  # (s,) prices of the tail's rows
    tail_edge: float  # loss at which the tail begins, for these sizes, per period
    prices: Prices  # risk per period


def as_solved(
    problem: BarrierProblem,
    x: Floats,
    row_prices: Floats,
    box_prices: Floats,
    equal_prices: Floats,
    tail_edge: float,
) -> Solved:
    """In weights and units of risk per period again.

    Slopes of half the variance become those of the volatility. Raises `SolveFailed`
    where an asset has next to nothing.
    """
    if not x.min() > NOTHING * x.sum():
        raise SolveFailed("log barrier", "inaccurate")
    p = problem
    unit = p.unit if p.curvature is None else p.unit / _volatility(x, p.curvature)
    rows = np.maximum(row_prices, 0.0)
    highest, lowest = _of_assets(p, box_prices, equal_prices[1:])
    prices = Prices(
        rows=rows[p.soft :] * unit, highest=highest * unit, lowest=lowest * unit
    )
    return Solved(
        sizes=x / p.scales,
        tail_chances=rows[: p.soft],
        tail_edge=tail_edge * p.unit,
        prices=prices,
    )


def _of_assets(
    problem: BarrierProblem, box: Floats, pins: Floats
) -> tuple[Floats, Floats]:
    """(n,) prices of highest and of lowest weights."""
    p, count = problem, len(problem.capped)
    highest, lowest = np.zeros(len(p.scales)), np.zeros(len(p.scales))
    highest[p.capped], lowest[p.floored] = box[:count], box[count:]
    highest[p.pinned], lowest[p.pinned] = pins, -pins
    return np.maximum(highest, 0.0) * p.scales, np.maximum(lowest, 0.0) * p.scales


def _volatility(x: Floats, curvature: Floats) -> float:
    return float(np.sqrt(max(float(x @ curvature @ x), np.finfo(float).tiny)))
