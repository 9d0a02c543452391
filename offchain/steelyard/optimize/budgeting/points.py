# SPDX-License-Identifier: MIT
"""Where the interior point method stands, and what the conditions are missed by.

Every inequality has a slack and a price whose product goes to 0; the logarithm is one
more such pair, of a size and its slope, whose product goes to the budget.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from steelyard.optimize.budgeting.cone import BarrierProblem
from steelyard.optimize.problem import Floats

LEAST_SLACK = 0.01
FIRST_PRICE = 0.1  # x slack, over the number of assets


class Point(NamedTuple):
    """Pairs first; also a step."""

    sizes: Floats  # (n,) x
    slopes: Floats  # (n,) of the risk and the limits along x
    prices: Floats  # (k,) of the rows
    slacks: Floats  # (k,)
    spares: Floats  # (s,) price of an excess less that of its row
    excesses: Floats  # (s,) of the tail's rows
    box_prices: Floats  # (c,)
    box_slacks: Floats  # (c,)
    shared: Floats  # (1 or 2,) size, level
    equal_prices: Floats  # (1 + q,) of any sign


class Residuals(NamedTuple):
    """What the linear conditions are missed by."""

    slopes: Floats  # (n,)
    shared: Floats  # (1 or 2,)
    rows: Floats  # (k,)
    box: Floats  # (c,)
    equal: Floats  # (1 + q,)


class Products(NamedTuple):
    """One for each kind of pair."""

    sizes: Floats  # (n,)
    rows: Floats  # (k,)
    excesses: Floats  # (s,)
    box: Floats  # (c,)


def first_point(problem: BarrierProblem, start: Floats) -> Point:
    """Slacks that are off by what is missed, prices that make small products."""
    p = problem
    shared = np.zeros(p.offsets.shape[1])
    shared[0] = p.equal[0] @ start / p.sizes[0]
    uses, price = p.rows @ start, FIRST_PRICE / len(start)
    if p.tail is not None:
        inside = max(int(p.soft - 1 / p.excess_price), 0)
        shared[1] = np.sort(uses[: p.soft])[inside]
    over = uses - p.offsets @ shared
    excesses = np.maximum(over[: p.soft], 0.0) + LEAST_SLACK
    slacks = np.maximum(-over, LEAST_SLACK)
    slacks[: p.soft] = excesses - over[: p.soft]
    prices = price / slacks
    prices[: p.soft] = 1 / max(p.soft, 1)
    least = LEAST_SLACK * np.abs(p.box) * shared[0]
    box_slacks = np.maximum(p.box * shared[0] - p.boxed(start), least)
    return Point(
        sizes=start,
        slopes=p.budgets / start,
        prices=prices,
        slacks=slacks,
        spares=p.excess_price - prices[: p.soft],
        excesses=excesses,
        box_prices=price / box_slacks,
        box_slacks=box_slacks,
        shared=shared,
        equal_prices=np.zeros(len(p.sizes)),
    )


def along(at: Point, step: Point, length: float) -> Point:
    return Point(*(a + length * change for a, change in zip(at, step, strict=True)))


def residuals(problem: BarrierProblem, point: Point) -> Residuals:
    p = problem
    slopes = point.prices @ p.rows + p.unboxed(point.box_prices) - point.slopes
    slopes += point.equal_prices @ p.equal
    if p.curvature is not None:
        slopes += p.curvature @ point.sizes
    shared = -(point.prices @ p.offsets)
    shared[0] -= p.box @ point.box_prices + p.sizes @ point.equal_prices
    shared[1:] += 1.0
    rows = p.rows @ point.sizes - p.offsets @ point.shared + point.slacks
    rows[: p.soft] -= point.excesses
    size = point.shared[0]
    return Residuals(
        slopes=slopes,
        shared=shared,
        rows=rows,
        box=p.boxed(point.sizes) - p.box * size + point.box_slacks,
        equal=p.equal @ point.sizes - p.sizes * size,
    )


def products(point: Point) -> Products:
    return Products(
        sizes=point.sizes * point.slopes,
        rows=point.prices * point.slacks,
        excesses=point.spares * point.excesses,
        box=point.box_prices * point.box_slacks,
    )


def gap(made: Products) -> float:
    """What all inequalities together may still cost."""
    return float(made.rows.sum() + made.excesses.sum() + made.box.sum())


def missed(problem: BarrierProblem, left: Residuals, at: Point) -> float:
    """The largest of what keeps the point from being optimal."""
    budgets, made = problem.budgets, products(at)
    return max(
        gap(made),
        float(np.abs(made.sizes / budgets - 1).max()),
        float(np.abs(left.slopes * at.sizes / budgets).max()),
        float(np.abs(left.shared).max()),
        float(np.abs(left.rows).max(initial=0.0)),
        float(np.abs(left.box).max(initial=0.0)),
        float(np.abs(left.equal).max()),
    )
