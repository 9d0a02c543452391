# SPDX-License-Identifier: MIT
"""What is held costs while it is held, in cvxpy: drift, bleeding and risk."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.optimize.cones.order import ConicOrder
from steelyard.optimize.problem import Problem


def carried_cost(
    cp: Any, problem: Problem, order: ConicOrder, risk_aversion: float | None = None
) -> Any:
    """Per year: loss-versus-rebalancing and risk, less expected returns; convex.

    The problem's own aversion to risk where none is given.
    """
    aversion = problem.risk_aversion if risk_aversion is None else risk_aversion
    total = -problem.expected_returns @ order.exposure()
    if problem.slots:
        lvr = np.array([slot.lvr_per_year for slot in problem.slots])
        total = total + lvr @ order.after().values
    if not aversion:
        return total
    return total + aversion / 2 * variance(cp, problem, order)


def variance(cp: Any, problem: Problem, order: ConicOrder) -> Any:
    """Variance per year: prices, and the failure of each tag on its own."""
    return cp.sum_squares(deviations(cp, problem, order))


def deviations(cp: Any, problem: Problem, order: ConicOrder) -> Any:
    """Independent deviations per year: their length is the volatility."""
    roots, vectors = np.linalg.eigh(problem.covariance)
    factor = np.sqrt(np.maximum(roots, 0.0))[:, None] * vectors.T
    prices = factor @ order.exposure()
    if not len(problem.tag_variance):
        return prices
    tags = problem.tag_exposure @ order.z + problem.tag_claimable
    failures = cp.multiply(np.sqrt(problem.tag_variance), tags)
    return cp.hstack([prices, failures])
