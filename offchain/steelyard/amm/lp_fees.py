# SPDX-License-Identifier: MIT
"""Fees that a position earns, thinned by its own liquidity.

UNITS   values and volumes in token 1, `fee` the share of what comes in, income per
        year. Volume and the others' liquidity are taken as given: adding one's own
        draws no trades.
SOURCE  A swap's fee is shared by active liquidity (Uniswap v3 whitepaper, section 6);
        with d of one's own beside L, that is d / (L + d).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.position import range_value

Floats = NDArray[np.float64]


def share_of_liquidity(own: ArrayLike, others: float) -> Floats:
    """own / (others + own): 0 without own, 1 without others."""
    mine = np.asarray(own, dtype=np.float64)
    if others < 0:
        raise PoolFieldInvalid("pool liquidity", others, "0 or more")
    total = mine + others
    return np.where(total > 0, mine / np.where(total > 0, total, 1.0), 0.0)


def range_liquidity(
    worth: ArrayLike, price: float, lower: ArrayLike, upper: ArrayLike
) -> Floats:
    """Liquidity that `worth` buys in each range at the price."""
    a, b = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    root = np.sqrt(np.clip(price, a, b))
    unit = price * (1 / root - 1 / np.sqrt(b)) + root - np.sqrt(a)
    return np.asarray(np.asarray(worth, dtype=np.float64) / unit)


def full_range_liquidity(worth: float, price: float) -> float:
    """Liquidity of a full-range position of this value: worth / (2 sqrt(P))."""
    return worth / float(range_value(1.0, price, 0.0, np.inf))


def fee_income(
    *,
    volume_per_year: float,
    fee: float,
    own: ArrayLike,
    others: float,
    time_in_range: ArrayLike = 1.0,
) -> Floats:
    """Fees per year: volume · fee · own share · share of time that it earns.

    `own` and `others` in one unit: active liquidity, or value in pools without ranges.
    """
    share = share_of_liquidity(own, others)
    return np.asarray(volume_per_year * fee * share * np.asarray(time_in_range))
