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
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Edges:
    """The answer of m markets of two tokens."""

    values0: Floats  # (m,) value received of the first token, less than 0 when paid
    values1: Floats  # (m,)
    bend: Floats  # (m,) second derivative by log price, at least 0


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The answer of m markets of k tokens."""

    values: Floats  # (m, k)
    bend: Floats  # (m, k, k), symmetric, rows sum to 0


class EdgeBlock(Protocol):
    """Markets of two tokens, answered all at once."""

    token0: Ints
    token1: Ints
    pool: Ints  # (m,) whose markets they are

    def respond(self, log_prices: Floats) -> Edges: ...

    def spot(self) -> tuple[Floats, Floats]:
        """(log of token0's price in token1 (m,), depth: weight of that price (m,))."""
        ...

    def in_units(self, log_worth: Floats) -> Self:
        """The same markets, tokens counted in units worth e^log_worth each (n,).

        Near the prices of these units log prices are small, and so is their rounding.
        """
        ...


class PoolBlock(Protocol):
    """Markets of k tokens each, answered all at once."""

    tokens: Ints  # (m, k)
    pool: Ints

    def respond(self, log_prices: Floats) -> Blocks: ...

    def spot(self) -> tuple[Floats, Floats]:
        """(log prices of the tokens up to a constant (m, k), depth (m,))."""
        ...

    def in_units(self, log_worth: Floats) -> Self:
        """See EdgeBlock."""
        ...
