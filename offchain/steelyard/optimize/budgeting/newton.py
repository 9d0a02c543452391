# SPDX-License-Identifier: MIT
"""Risk budgets without limits: the minimum of 1/2 x'Cx - sum of b log x (Spinu 2013).

Cheap steps bring every share within a few percent of its budget, then Newton's method
converges. Singular covariances need no ridge: the logarithm curves everywhere.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv

from steelyard.optimize.budgeting.barrier import NO_RISK
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats

METHOD = "Newton on the log barrier"
EXACT = 1e-13  # of a budget, most that a risk share misses it by
ROUNDED = 1e-8  # as much, where rounding allows no more
NEAR = 0.5  # as much, where the steep step converges
CHEAP_STEPS = 8
MOST_STEPS = 100


def free_sizes(covariance: Floats, budgets: Floats) -> Floats:
    """(n,) weights of any size whose risk shares are the budgets, `covariance` (n, n).

    Raises `SolveFailed` "unbounded" where some weights have no risk at all.
    """
    volatilities = np.sqrt(covariance.diagonal())
    correlation = covariance / volatilities / volatilities[:, None]
    return np.asarray(_balanced(correlation, budgets) / volatilities, np.float64)


def _balanced(correlation: Floats, budgets: Floats) -> Floats:
    """x with x (correlation x) = budgets."""
    sizes = _near(correlation, budgets)
    best, least = sizes, np.inf
    for _ in range(MOST_STEPS):
        slopes = correlation @ sizes
        shares = sizes * slopes
        missed = float(np.abs(shares / budgets - 1).max())
        if missed < least:
            best, least = sizes, missed
        elif least < ROUNDED:
            break
        if missed < EXACT:
            break
        if sizes.sum() * NO_RISK > np.sqrt(max(float(shares.sum()), 0.0)):
            raise SolveFailed(METHOD, "unbounded")
        take = _steep_step if missed < NEAR else _damped_step
        sizes = take(correlation, budgets, sizes, slopes)
    if least > ROUNDED:
        raise SolveFailed(METHOD, "inaccurate")
    return best


def _near(correlation: Floats, budgets: Floats) -> Floats:
    """Each size over the root of its share over its budget, while shares are over 0."""
    sizes, inverse = np.sqrt(budgets), 1 / budgets
    for _ in range(CHEAP_STEPS):
        over = sizes * (correlation @ sizes) * inverse
        if not over.min() > 0:
            break
        sizes = sizes / np.sqrt(over)
    return sizes


def _step(correlation: Floats, bend: Floats, rest: Floats) -> Floats:
    """Of (correlation + diag(bend)) step = rest."""
    system = np.array(correlation, order="F")
    system.ravel(order="K")[:: len(bend) + 1] += bend
    _, step, failed = dposv(system, rest, lower=1, overwrite_a=1)
    if failed:
        raise SolveFailed(METHOD, "failed")
    return np.asarray(step, np.float64)


def _steep_step(
    correlation: Floats, budgets: Floats, sizes: Floats, slopes: Floats
) -> Floats:
    """Third order: the mean of Newton's bends for x and for log x, taken in log x."""
    wanted = budgets / sizes
    bend = (wanted + slopes) / (2 * sizes)
    step = _step(correlation, bend, wanted - slopes)
    return np.asarray(sizes * np.exp(step / sizes), np.float64)


def _damped_step(
    correlation: Floats, budgets: Floats, sizes: Floats, slopes: Floats
) -> Floats:
    """Newton's step, halved until the barrier falls as much as it promises."""
    wanted = budgets / sizes
    step = _step(correlation, wanted / sizes, wanted - slopes)
    promised = float(step @ (wanted - slopes))
    bend = float(step @ (correlation @ step))
    relative = step / sizes
    length = min(1.0, 0.9 / max(-float(relative.min()), 1e-300))
    while length > 1e-12:
        change = length * float(slopes @ step) + length**2 / 2 * bend
        change -= float(budgets @ np.log1p(length * relative))
        if change <= -0.1 * length * promised:
            break
        length /= 2
    return np.asarray(sizes + length * step, np.float64)
