# SPDX-License-Identifier: MIT
"""Loss-versus-rebalancing: what arbitrageurs take from a position, per year.

Half · sigma^2 · P^2 · |V''(P)|, as a share of the position's value V(P).
SOURCE  Milionis, Moallemi, Roughgarden, Zhang: "Automated Market Making and
        Loss-Versus-Rebalancing" (2022), theorem 1. Fees and blocks are left out, so
        this is what a pool without fee loses: an upper bound for one with.
"""

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.position import check_range


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
