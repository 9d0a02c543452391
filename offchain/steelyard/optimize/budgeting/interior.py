# SPDX-License-Identifier: MIT
"""Risk budgets under limits, by a primal-dual interior point method.

Mehrotra's (1992) predictor and corrector, started outside of the limits, on pairs of
which those of the logarithm aim at the budgets. Some ten steps whatever the size.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.budgeting.barrier import NO_RISK
from steelyard.optimize.budgeting.cone import BarrierProblem, Solved, as_solved
from steelyard.optimize.budgeting.points import (
    Point,
    Products,
    along,
    first_point,
    gap,
    missed,
    products,
    residuals,
)
from steelyard.optimize.budgeting.steps import METHOD, Factors, factorised
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats

EXACT = 1e-13  # of the risk, which is near 1 in the problem's units
ROUNDED = 1e-5  # as much, where rounding allows no more
MOST_STEPS = 80
MOST_IDLE = 8  # steps in a row that bring nothing, once rounding may be what hinders
LITTLE = 0.9  # of what was missed before: a step that leaves more is idle
CAREFUL = 4  # idle steps after which only the middle is aimed at
KEPT = 0.005  # of the way to the nearest border
SHORT = 0.1  # of a step: less of it is a sign that products are far apart
FINE = 1e-2  # of the risk, left to gain: from here rounding matters
MIDDLE = 0.5  # of the mean product, to bring them together


def by_interior_point(problem: BarrierProblem, start: Floats) -> Solved:
    """From `start` (n,) x over 0 of risk near 1. Raises `SolveFailed`."""
    with np.errstate(all="ignore"):
        best, least = _best(problem, first_point(problem, start))
    if not least < ROUNDED:
        raise SolveFailed(METHOD, "inaccurate")
    return as_solved(
        problem,
        best.sizes,
        best.prices,
        best.box_prices,
        best.equal_prices,
        float(best.shared[-1]),
    )


def _best(problem: BarrierProblem, point: Point) -> tuple[Point, float]:
    """The best point on the way, and what it misses."""
    best, least, idle = point, np.inf, 0
    for _ in range(MOST_STEPS):
        left = residuals(problem, point)
        now = missed(problem, left, point)
        idle = idle + 1 if now > LITTLE * least else 0
        if now < least:
            best, least = point, now
        over = least < EXACT or (least < ROUNDED and idle > MOST_IDLE)
        if over or not np.isfinite(now):
            break
        if point.sizes.sum() * NO_RISK > 1:
            raise SolveFailed(METHOD, "unbounded")
        try:
            factors = factorised(problem, point, left)
        except SolveFailed:
            break
        point = _moved(factors, careful=idle >= CAREFUL)
    return best, least


def _moved(factors: Factors, *, careful: bool) -> Point:
    """Predictor and corrector; where that is short or idle, a step to the middle."""
    at, budgets = factors.point, factors.problem.budgets
    made = products(at)
    before, count = gap(made), len(made.rows) + len(made.excesses) + len(made.box)
    mean = before / max(count, 1)
    step = _corrected(factors, made, mean)
    if careful or _room(at, step) < SHORT:
        step = factors.step(_aim(budgets, made, None, MIDDLE * mean))
    if before < FINE:
        step = factors.refined(step)
    return along(at, step, min(1.0, (1 - KEPT) * _room(at, step)))


def _corrected(factors: Factors, made: Products, mean: float) -> Point:
    at, budgets = factors.point, factors.problem.budgets
    ahead = factors.step(_aim(budgets, made, None, 0.0))
    centred = 0.0
    if mean > 0:
        reached = gap(products(along(at, ahead, _room(at, ahead))))
        centred = max(reached / gap(made), 0.0) ** 3 * mean
    return factors.step(_aim(budgets, made, products(ahead), centred))


def _aim(
    budgets: Floats, made: Products, bent: Products | None, centred: float
) -> Products:
    """What products should change by, less what the last step bent them by."""
    aim = Products(
        sizes=budgets - made.sizes,
        rows=centred - made.rows,
        excesses=centred - made.excesses,
        box=centred - made.box,
    )
    if bent is None:
        return aim
    return Products(*(a - b for a, b in zip(aim, bent, strict=True)))


def _room(at: Point, step: Point) -> float:
    """How much of the step keeps every pair above 0; at most 1 / (1 - KEPT)."""
    steepest = KEPT - 1
    for values, changes in zip(at[:8], step[:8], strict=True):
        steepest = min(steepest, float((changes / values).min(initial=0.0)))
    return -1 / steepest
