# SPDX-License-Identifier: MIT
"""Hierarchical equal risk contribution (Raffinot 2018, The hierarchical equal risk
contribution portfolio)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from steelyard.optimize.budgeting.cone import Indices
from steelyard.optimize.budgeting.nearest import nearest
from steelyard.optimize.budgeting.tree import Tree, clusters_by_gap, distances, joined
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.models import CVaR, HierarchicalEqualRisk
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.measures import cvar, cvar_of_each

METHOD = "hierarchical equal risk"
RiskOf = Callable[[Floats], float]


def by_branches(portfolio: Portfolio, model: HierarchicalEqualRisk) -> Found:
    """The tree's weights; where limits do not allow them, the nearest that they do.

    No optimum: the objective and its bound are of the distance alone. Raises
    `SolveFailed` where a cluster has no loss in its tail to share by.
    """
    assert portfolio.covariance is not None  # refused without it
    apart = distances(portfolio.covariance)
    tree = joined(apart, model.linkage)
    count = model.clusters or clusters_by_gap(tree, apart)
    alone, risk_of = _measured(portfolio, model)
    weights = equal_risk_weights(tree, count, alone, risk_of)
    polytope = portfolio.polytope
    wanted = polytope.total * weights
    return nearest(polytope, wanted, f"{METHOD} (clusters: {count})")


def _measured(
    portfolio: Portfolio, model: HierarchicalEqualRisk
) -> tuple[Floats, RiskOf]:
    """The measure of each asset alone, and of any weights (n,)."""
    if isinstance(model.measure, CVaR):
        assert portfolio.scenarios is not None  # refused without them
        losses, level = -portfolio.scenarios, model.measure.level
        return cvar_of_each(losses, level), lambda held: cvar(losses @ held, level)
    covariance = portfolio.covariance
    assert covariance is not None
    return covariance.diagonal(), lambda weights: float(weights @ covariance @ weights)


def equal_risk_weights(
    tree: Tree, count: int, alone: Floats, risk_of: RiskOf
) -> Floats:
    """(n,) that sum to 1.

    Within each of `count` clusters inversely to the risk `alone` (n,), naive risk
    parity. From the root down to the clusters, the weight of a branch goes to its two
    sides in inverse proportion to the sums of their clusters' risks. Raises
    `SolveFailed` where such a sum is not over 0.
    """
    members = tree.members()
    weights, risks = np.zeros(tree.leaves), np.zeros(2 * tree.leaves - 1)
    clusters = tree.clusters(count)
    for node in clusters:
        own = _naive(members[node], alone)
        risks[node] = risk_of(own)
        weights += own
    first = 2 * tree.leaves - count  # of the nodes above clusters
    for node in range(first, len(risks)):
        risks[node] = risks[tree.merges[node - tree.leaves]].sum()
    if not risks[[*clusters, *range(first, len(risks))]].min() > 0:
        raise SolveFailed(METHOD, "failed")
    for node in range(len(risks) - 1, first - 1, -1):
        left, right = tree.merges[node - tree.leaves]
        weights[members[left]] *= risks[right] / risks[node]
        weights[members[right]] *= risks[left] / risks[node]
    return weights


def _naive(assets: Indices, alone: Floats) -> Floats:
    weights = np.zeros(len(alone))
    weights[assets] = 1 / alone[assets]
    return np.asarray(weights / weights.sum(), np.float64)
