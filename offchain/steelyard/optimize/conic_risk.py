# SPDX-License-Identifier: MIT
"""What is held costs while it is held, in cvxpy: drift, bleeding and risk."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.optimize.conic_order import ConicOrder
from steelyard.optimize.problem import Problem


def carried_cost(cp: Any, problem: Problem, order: ConicOrder) -> Any:
    """Per year: loss-versus-rebalancing and risk, less expected returns; convex."""
    total = -problem.expected_returns @ order.exposure()
    if problem.slots:
        lvr = np.array([slot.lvr_per_year for slot in problem.slots])
        total = total + lvr @ order.after().values
    return total + problem.risk_aversion / 2 * variance(cp, problem, order)


def variance(cp: Any, problem: Problem, order: ConicOrder) -> Any:
    """Variance per year: prices, and the failure of each tag on its own."""
    roots, vectors = np.linalg.eigh(problem.covariance)
    factor = np.sqrt(np.maximum(roots, 0.0))[:, None] * vectors.T
    total = cp.sum_squares(factor @ order.exposure())
    if len(problem.tag_variance):
        tags = problem.tag_exposure @ order.z + problem.tag_claimable
        total = total + cp.sum_squares(cp.multiply(np.sqrt(problem.tag_variance), tags))
    return total
