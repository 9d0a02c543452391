# SPDX-License-Identifier: MIT
"""Assets as leaves of a tree: those that move together are joined first.

The distance of two assets is sqrt((1 - correlation) / 2): 0 for twins, 1 for opposites
(Lopez de Prado 2016). It is half the Euclidean distance of their standardised returns
over the root of their number, so that Ward's linkage means what it says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.budgeting.cone import Indices
from steelyard.optimize.problem import Floats

MOST_CLUSTERS = 8  # or the root of the number of assets, where that is more


@dataclass(frozen=True, kw_only=True, eq=False)
class Tree:
    """Merges in their order; node i < n is asset i, node n + j what merge j made."""

    merges: Indices  # (n - 1, 2) nodes
    leaves: int

    def members(self) -> list[Indices]:
        """Assets under each node."""
        found = [np.array([i]) for i in range(self.leaves)]
        for left, right in self.merges:
            found.append(np.concatenate([found[left], found[right]]))
        return found

    def order(self) -> Indices:
        """(n,) assets such that those under one node stand together."""
        return self.members()[-1]

    def clusters(self, count: int) -> list[int]:
        """Nodes that are left when the last count - 1 merges are undone."""
        first = 2 * self.leaves - count  # of the nodes undone
        undone = self.merges[first - self.leaves :]
        top = [2 * self.leaves - 2] if count == 1 else undone.ravel().tolist()
        return sorted(node for node in top if node < first)


def distances(covariance: Floats) -> Floats:
    """(n, n) of the assets; variances over 0."""
    volatilities = np.sqrt(covariance.diagonal())
    correlation = covariance / volatilities / volatilities[:, None]
    apart = np.sqrt(np.clip((1 - correlation) / 2, 0.0, 1.0))
    np.fill_diagonal(apart, 0.0)
    return np.asarray((apart + apart.T) / 2, np.float64)


def distances_of_distances(apart: Floats) -> Floats:
    """(n, n) Euclidean distances of the columns: how alike two assets are to the rest.

    Lopez de Prado (2016), stage 1.
    """
    from scipy.spatial.distance import pdist, squareform

    return np.asarray(squareform(pdist(apart)), np.float64)


def joined(apart: Floats, linkage: str) -> Tree:
    """The tree of assets by their distances (n, n); `linkage` as scipy names it."""
    from scipy.cluster.hierarchy import linkage as linked
    from scipy.spatial.distance import squareform

    n = len(apart)
    if n == 1:
        return Tree(merges=np.zeros((0, 2), np.intp), leaves=1)
    table = linked(squareform(apart, checks=False), linkage)
    return Tree(merges=table[:, :2].astype(np.intp), leaves=n)


def clusters_by_gap(tree: Tree, apart: Floats) -> int:
    """How many clusters the tree has, where their dispersion bends most.

    Dispersion of k clusters: the sum over them of squared distances within, over twice
    their size (Tibshirani, Walther & Hastie 2001, the gap statistic). Its second
    difference takes the place of the random reference (Yue, Wang & Wei 2008, two-order
    difference); up to 8 clusters, or the root of the number of assets.
    """
    n = tree.leaves
    most = min(n, max(MOST_CLUSTERS, round(np.sqrt(n))) + 1)
    if most < 3:
        return n
    members, squares = tree.members(), apart**2

    def within(node: int) -> float:
        assets = members[node]
        return float(squares[np.ix_(assets, assets)].sum()) / (2 * len(assets))

    dispersion = [
        sum(within(node) for node in tree.clusters(count))
        for count in range(1, most + 1)
    ]
    return int(np.diff(dispersion, 2).argmax()) + 2
