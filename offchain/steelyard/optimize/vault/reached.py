# SPDX-License-Identifier: MIT
"""What a goal was answered with."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.optimize.problem import Floats
from steelyard.optimize.terms import Allocation
from steelyard.optimize.vault.family import Point


@dataclass(frozen=True, kw_only=True)
class OutOfReach:
    """The goal's own limit, which no order meets, or none was found to."""

    limit: str
    nearest: float
    is_proved: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Reached:
    """An order that meets the goal, or as nearly as can be; what it is worth, and what
    none exceeds."""

    allocation: Allocation
    worth: float
    bound: float | None  # None for an order that is only near
    rows: Floats  # (n_rows + n_budgets,) worth per unit of bound
    # the model's own limits, the goal's first, and worth per unit of each
    limits: tuple[tuple[str, float], ...] = ()
    missed: OutOfReach | None = None


def at_price(point: Point) -> Reached:
    """Counted in net."""
    return Reached(
        allocation=point.allocation,
        worth=point.value,
        bound=point.bound,
        rows=point.rows,
        limits=point.limits,
    )


def of_risk(point: Point) -> Reached:
    """Counted in risk."""
    return Reached(
        allocation=point.allocation,
        worth=point.value / point.price,
        bound=point.bound / point.price,
        rows=point.rows / point.price,
        limits=tuple((name, price / point.price) for name, price in point.limits),
    )
