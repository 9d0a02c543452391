# SPDX-License-Identifier: MIT
"""What a share of a weighted pool holds and is worth at any prices, n tokens.

UNITS   amounts in whole tokens, prices in any one unit of account per token, last axis
        the tokens; `invariant` prod B_i^w_i of the share's balances.
SOURCE  Evans: "Liquidity Provider Returns in Geometric Mean Markets" (2020, arXiv
        2006.08806): the value; its bends by hand.
Arbitrage has run until the pool's prices are the ones given.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.amm.errors import PoolFieldInvalid

Floats = NDArray[np.float64]
WEIGHT_ERROR = 1e-9  # of the sum of weights


def checked_weights(weights: ArrayLike) -> Floats:
    """The weights as an array; raises `PoolFieldInvalid` unless positive, sum 1."""
    found = np.asarray(weights, dtype=np.float64)
    sums_to_one = abs(found.sum() - 1) <= WEIGHT_ERROR
    if found.ndim != 1 or len(found) < 2 or not (found > 0).all() or not sums_to_one:
        shown = ", ".join(f"{weight:g}" for weight in found.ravel())
        raise PoolFieldInvalid("weights", shown, "two or more above 0 whose sum is 1")
    return found


def weighted_value(prices: ArrayLike, weights: ArrayLike, invariant: float) -> Floats:
    """K prod (p_i / w_i)^w_i."""
    w = checked_weights(weights)
    p = np.asarray(prices, dtype=np.float64)
    return np.asarray(invariant * np.exp(np.log(p / w) @ w))


def weighted_amounts(prices: ArrayLike, weights: ArrayLike, invariant: float) -> Floats:
    """w_i V / p_i of each token: also the slope of the value by its price."""
    w = checked_weights(weights)
    value = weighted_value(prices, w, invariant)
    return np.asarray(w * value[..., None] / np.asarray(prices, dtype=np.float64))


def weighted_bends(prices: ArrayLike, weights: ArrayLike, invariant: float) -> Floats:
    """Second derivatives of the value: V (w_i w_j - [i = j] w_i) / (p_i p_j)."""
    w = checked_weights(weights)
    p = np.asarray(prices, dtype=np.float64)
    value = weighted_value(p, w, invariant)[..., None, None]
    shape = np.outer(w, w) - np.diag(w)
    return np.asarray(value * shape / (p[..., :, None] * p[..., None, :]))


def weighted_invariant(amounts: ArrayLike, weights: ArrayLike) -> float:
    """prod B_i^w_i."""
    logs = np.log(np.asarray(amounts, dtype=np.float64))
    return float(np.exp(logs @ checked_weights(weights)))
