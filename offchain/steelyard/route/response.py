# SPDX-License-Identifier: MIT
"""What pools answer to a set of prices: the best trade of each, and how it bends.

At prices nu the best trade of a pool maximises nu · (received - paid); its worth is the
pool's term of the dual. Everything is counted in value (price times amount) and every
derivative is by the logarithm of a price: then the raw units of a token do not matter,
and 1e12 beside 1e25 is no worse scaled than 1 beside 1.

SOURCE  Angeris, Evans, Chitra, Boyd: "Optimal Routing for Constant Function Market
        Makers" (2022); Diamandis, Resnick, Chitra, Angeris: "An Efficient Algorithm
        for Optimal Routing Through Constant Function Market Makers" (2023).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Edges:
    """The answer of m markets of two tokens."""

    values0: Floats  # (m,) value received of the first token, less than 0 when paid
    values1: Floats  # (m,)
    bend: Floats  # (m,) second derivative by log price, at least 0


@dataclass(frozen=True, kw_only=True)
class Spots:
    """Prices that pools show now, between pairs of tokens; every array is (m,)."""

    token0: Ints
    token1: Ints
    log_price: Floats  # of token0 in token1
    depth: Floats  # raw token1 about the price


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The answer of m markets of k tokens."""

    values: Floats  # (m, k)
    bend: Floats  # (m, k, k), symmetric, rows sum to 0


def star(tokens: Ints, log_prices: Floats, held: Floats) -> Spots:
    """Prices of each row's first token in the row's others; all (m, k)."""
    count = tokens.shape[1] - 1
    return Spots(
        token0=np.repeat(tokens[:, 0], count),
        token1=tokens[:, 1:].ravel(),
        log_price=(log_prices[:, :1] - log_prices[:, 1:]).ravel(),
        depth=held[:, 1:].ravel(),
    )


def corners_of(out: Floats, enter: Floats) -> tuple[Floats, Floats]:
    """Where tokens of each row begin to leave or to come in, and what they add there.

    With l a row's level, token j adds min(0, l + out_j) + max(0, l + enter_j): (corners
    (m, 2 k) ascending, terms (m, 2 k, k) at each). Infinite entries never move, and
    have no corner.
    """
    corners = np.concatenate([-out, -enter], axis=1)
    last = np.where(np.isfinite(corners), corners, -np.inf).max(axis=1, keepdims=True)
    corners = np.sort(np.where(np.isfinite(corners), corners, last), axis=1)
    shifted = corners[:, :, None]
    terms = np.minimum(0, shifted + out[:, None, :])
    terms += np.maximum(0, shifted + enter[:, None, :])
    return corners, terms
