# SPDX-License-Identifier: MIT
"""Prices to start from: those that the pools show, reconciled by least squares."""

import numpy as np

from steelyard.route.response import Floats, Spots
from steelyard.route.tables import Network

PASSES = 3


def spot_prices(network: Network) -> Floats:
    """Log prices (n,), in which pools count by their depth at the prices so far.

    A token that no pool has keeps 0.
    """
    tables = [table.spots() for table in (*network.edges, *network.blocks)]
    if not tables:
        return np.zeros(network.tokens)
    spots = Spots(
        token0=np.concatenate([t.token0 for t in tables]),
        token1=np.concatenate([t.token1 for t in tables]),
        log_price=np.concatenate([t.log_price for t in tables]),
        depth=np.concatenate([t.depth for t in tables]),
    )
    weights = np.ones(len(spots.depth))
    log_prices = np.zeros(network.tokens)
    for _ in range(PASSES):
        log_prices = _least_squares(spots, weights, network.tokens)
        logs = np.log(np.maximum(spots.depth, 1e-300)) + log_prices[spots.token1]
        weights = np.exp(np.maximum(logs - logs.max(), -27.0))  # down to 1e-12
    return log_prices


def _least_squares(spots: Spots, weights: Floats, count: int) -> Floats:
    between = spots.token0 * count + spots.token1
    one_way = np.bincount(between, weights, count * count).reshape(count, count)
    matrix = -(one_way + one_way.T)
    np.fill_diagonal(matrix, 0.0)
    diagonal = -matrix.sum(axis=1)
    np.fill_diagonal(matrix, diagonal * (1 + 1e-12) + 1e-300)
    pull = weights * spots.log_price
    right = np.bincount(spots.token0, pull, count)
    right -= np.bincount(spots.token1, pull, count)
    return np.asarray(np.linalg.solve(matrix, right))
