# SPDX-License-Identifier: MIT
"""Loss-versus-rebalancing: what arbitrageurs take from a position, per year.

Half · sigma^2 · P^2 · |V''(P)|, as a share of the position's value V(P); of n tokens,
half the sum of covariance_ij · p_i · p_j · |V_ij|.
SOURCE  Milionis, Moallemi, Roughgarden, Zhang: "Automated Market Making and
        Loss-Versus-Rebalancing" (2022), theorem 1. Fees and blocks are left out, so
        this is what a pool without fee loses: an upper bound for one with.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.amm.holding import Holding, bends, checked_prices, value
from steelyard.amm.position import check_range

STEP = 1e-4  # of the price, in second differences: rounding 1e-8, curvature 1e-8


def constant_product_lvr_rate(sigma: float) -> float:
    """Share of the position's value lost per year: sigma^2 / 8.

    `sigma`: volatility of the pool's price per square root of a year.
    """
    return sigma * sigma / 8


def concentrated_lvr_rate(
    sigma: float,
    price: NDArray[np.float64] | float,
    price_lower: float,
    price_upper: float,
) -> NDArray[np.float64]:
    """Share of the position's value lost per year while at `price`.

    sigma^2/4 · sqrt(P) / (2 sqrt(P) - P/sqrt(Pb) - sqrt(Pa)) inside the range, 0
    outside; prices in any one unit of token1 per token0, `price_upper` may be infinite.
    Raises `RangeInvalid`.
    """
    check_range(price_lower, price_upper)
    price = np.asarray(price, dtype=np.float64)
    inside = (price > price_lower) & (price < price_upper)
    held = np.where(inside, price, np.nan)
    root = np.sqrt(held)
    value = 2 * root - held / np.sqrt(price_upper) - np.sqrt(price_lower)
    return np.where(inside, sigma * sigma / 4 * root / value, 0.0)


def weighted_lvr_rate(sigma: float, weight: float) -> float:
    """Share of the value lost per year by two tokens: w (1 - w) sigma^2 / 2.

    `weight` of token 0, `sigma` of its price in token 1.
    """
    return weight * (1 - weight) * sigma * sigma / 2


def lvr_rate(
    holding: Holding, prices: ArrayLike, covariance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of the value lost per year by any position of n tokens at the prices.

    `covariance` of the tokens' log prices per year, n by n; the unit of account has 0.
    """
    p = checked_prices(holding, prices)
    bent = bends(holding, p) * p[..., :, None] * p[..., None, :]
    return np.asarray(-(bent * covariance).sum(axis=(-2, -1)) / 2 / value(holding, p))


def numerical_lvr_rate(
    value_at: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    sigma: float,
    price: ArrayLike,
) -> NDArray[np.float64]:
    """The same from any value function of one price, by second differences."""
    p = np.asarray(price, dtype=np.float64)
    step = STEP * p
    below, here, above = (value_at(p + way * step) for way in (-1, 0, 1))
    bend = (above - 2 * here + below) / step**2
    return np.asarray(-(sigma**2) / 2 * p**2 * bend / here)
