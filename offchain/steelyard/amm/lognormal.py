# SPDX-License-Identifier: MIT
"""Moments of a lognormal price, whole and cut off at a level.

UNITS   `drift` and `sigma` per year and per square root of a year: the price grows
        by exp(drift years) on average (geometric Brownian motion).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]


def moment(
    power: float, price: float, drift: float, sigma: float, years: ArrayLike
) -> Floats:
    """E[S^k] = S0^k exp((k drift + k (k - 1) sigma^2 / 2) years)."""
    growth = power * drift + power * (power - 1) * sigma**2 / 2
    return np.asarray(price**power * np.exp(growth * np.asarray(years)))


def moment_below(
    power: float,
    price: float,
    level: ArrayLike,
    drift: float,
    sigma: float,
    years: ArrayLike,
) -> Floats:
    """E[S^k; S < level]; levels may be 0 or infinite.

    The moment times Phi((ln(K / S0) - (drift - sigma^2 / 2) T) / s - k s), s = sigma
    sqrt(T); where s is 0 the price is certain.
    """
    spread = sigma * np.sqrt(np.asarray(years, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.log(np.asarray(level, dtype=np.float64) / price)
        ahead = distance - (drift - sigma**2 / 2) * np.asarray(years)
        z = np.where(spread > 0, ahead / spread, np.where(ahead > 0, np.inf, -np.inf))
    share = ndtr(z - power * spread)
    return np.asarray(moment(power, price, drift, sigma, years) * share)


def moment_between(
    power: float,
    price: float,
    lower: ArrayLike,
    upper: ArrayLike,
    drift: float,
    sigma: float,
    years: ArrayLike,
) -> Floats:
    """E[S^k; lower < S < upper]."""
    law = drift, sigma, years
    below = moment_below(power, price, lower, *law)
    return np.asarray(moment_below(power, price, upper, *law) - below)
