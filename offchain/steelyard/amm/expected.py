# SPDX-License-Identifier: MIT
"""What a position of two tokens is expected to be worth at a horizon, and its vega.

The price P of token 0 in token 1 is lognormal: `drift` and `sigma` per year and per
square root of a year, P grows by exp(drift T) on average. Values in token 1, fees
apart. Expected loss is against holding the amounts of today.
"""

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.holding import (
    Holding,
    RangeHolding,
    StableHolding,
    WeightedHolding,
    amounts,
    bends,
    value,
)
from steelyard.amm.lognormal import moment, moment_between

Floats = NDArray[np.float64]
DEVIATIONS = 9.0  # of the grid to each side
POINTS = 4001  # a trapezoid: exact to rounding for smooth values


def pair(price: Floats | float) -> Floats:
    """Prices of both tokens in token 1."""
    p = np.asarray(price, dtype=np.float64)
    return np.stack([p, np.ones_like(p)], axis=-1)


def expected_value(
    holding: Holding, price: float, *, sigma: float, years: float, drift: float = 0.0
) -> float:
    """E[V(P_T)]: closed for ranges and weighted pools, a quadrature for stable ones."""
    match holding:
        case RangeHolding():
            found = expected_range_value(
                holding.lower, holding.upper, price, sigma, years, drift
            )
            return holding.liquidity * float(found)
        case WeightedHolding():
            weight = holding.weights[0]
            grown = moment(weight, price, drift, sigma, years) / price**weight
            return float(value(holding, pair(price)) * grown)
        case StableHolding():
            prices, chances = _law(price, sigma, years, drift)
            return float(chances @ value(holding, pair(prices)))


def expected_range_value(
    lower: Floats | float,
    upper: Floats | float,
    price: float,
    sigma: float,
    years: float,
    drift: float = 0.0,
) -> Floats:
    """E[V(P_T)] per unit of liquidity, for arrays of ranges.

    Below, 1/sqrt(a) - 1/sqrt(b) of token 0; inside 2 sqrt(P) - P / sqrt(b) - sqrt(a);
    above sqrt(b) - sqrt(a): six moments of a lognormal, cut at the ends.
    """
    a, b = np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    law = drift, sigma, years
    with np.errstate(divide="ignore"):
        whole = np.where(a > 0, 1 / np.sqrt(a) - 1 / np.sqrt(b), 0.0)
    below = whole * moment_between(1.0, price, 0.0, a, *law)
    inside = (
        2 * moment_between(0.5, price, a, b, *law)
        - moment_between(1.0, price, a, b, *law) / np.sqrt(b)
        - np.sqrt(a) * moment_between(0.0, price, a, b, *law)
    )
    top = np.where(np.isinf(b), 0.0, np.sqrt(np.where(np.isinf(b), 0.0, b)))
    above = (top - np.sqrt(a)) * moment_between(0.0, price, b, np.inf, *law)
    return np.asarray(below + inside + np.where(np.isinf(b), 0.0, above))


def expected_loss(
    holding: Holding, price: float, *, sigma: float, years: float, drift: float = 0.0
) -> float:
    """Expected value of holding today's amounts, less that of the position; 0 or more.

    Without drift this is expected loss-versus-rebalancing too, by Ito's lemma.
    """
    held = amounts(holding, pair(price))
    kept = held[0] * float(moment(1.0, price, drift, sigma, years)) + held[1]
    expected = expected_value(holding, price, sigma=sigma, years=years, drift=drift)
    return float(kept - expected)


def vega(
    holding: Holding, price: float, *, sigma: float, years: float, drift: float = 0.0
) -> float:
    """Slope of `expected_value` by sigma: sigma T E[P_T^2 V''(P_T)]; never above 0.

    In token 1 per 1.00 of yearly volatility.
    """
    match holding:
        case RangeHolding():
            ends = holding.lower, holding.upper
            inside = moment_between(0.5, price, *ends, drift, sigma, years)
            return -sigma * years * holding.liquidity / 2 * float(inside)
        case WeightedHolding():
            weight = holding.weights[0]
            expected = expected_value(
                holding, price, sigma=sigma, years=years, drift=drift
            )
            return -weight * (1 - weight) * sigma * years * expected
        case StableHolding():
            prices, chances = _law(price, sigma, years, drift)
            bend = bends(holding, pair(prices))[..., 0, 0]
            return sigma * years * float(chances @ (prices**2 * bend))


def _law(
    price: float, sigma: float, years: float, drift: float
) -> tuple[Floats, Floats]:
    """(prices, chances) of a lognormal on an even grid of normal deviations."""
    z = np.linspace(-DEVIATIONS, DEVIATIONS, POINTS)
    spread = sigma * np.sqrt(years)
    prices = price * np.exp((drift - sigma**2 / 2) * years + spread * z)
    chances = np.exp(-(z**2) / 2)
    return prices, chances / chances.sum()
