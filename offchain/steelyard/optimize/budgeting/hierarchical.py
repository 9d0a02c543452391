# SPDX-License-Identifier: MIT
"""Hierarchical risk parity (Lopez de Prado 2016, Building diversified portfolios that
outperform out of sample)."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.budgeting.cone import Indices
from steelyard.optimize.budgeting.nearest import nearest
from steelyard.optimize.budgeting.tree import (
    distances,
    distances_of_distances,
    joined,
)
from steelyard.optimize.found import Found
from steelyard.optimize.models import HierarchicalRiskParity
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

METHOD = "hierarchical risk parity"


def by_bisection(portfolio: Portfolio, model: HierarchicalRiskParity) -> Found:
    """The tree's weights; where limits do not allow them, the nearest that they do.

    No optimum: the objective and its bound are of the distance alone.
    """
    assert portfolio.covariance is not None  # refused without it
    weights = hierarchical_weights(portfolio.covariance, model.linkage)
    polytope = portfolio.polytope
    return nearest(polytope, polytope.total * weights, METHOD)


def hierarchical_weights(covariance: Floats, linkage: str = "single") -> Floats:
    """(n,) that sum to 1, from a covariance (n, n) with variances over 0.

    The order of the tree's leaves is halved again and again; the weight of a part goes
    to its halves in inverse proportion to their variances, each held by inverse
    variance; alike where both have none. Ties fall by the order of assets.
    """
    apart = distances_of_distances(distances(covariance))
    order = joined(apart, linkage).order()
    weights = np.ones(len(order))
    parts = [order]
    while parts:
        part = parts.pop()
        if len(part) == 1:
            continue
        left, right = np.split(part, [len(part) // 2])
        of_left, of_right = _variance(covariance, left), _variance(covariance, right)
        both = of_left + of_right
        share = of_right / both if both > 0 else 0.5
        weights[left] *= share
        weights[right] *= 1 - share
        parts += [left, right]
    return weights


def _variance(covariance: Floats, part: Indices) -> float:
    """Of the inverse-variance portfolio."""
    own = covariance[np.ix_(part, part)]
    weights = 1 / own.diagonal()
    weights = weights / weights.sum()
    return max(float(weights @ own @ weights), 0.0)
