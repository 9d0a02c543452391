# SPDX-License-Identifier: MIT
"""How a position's value answers to price, time and volatility.

CONVENTIONS
    delta   slope by each token's price: the tokens held.
    gamma   slope of token 0's delta by its price, in token 0 per token 1; never above
            0.
    theta   per year, in token 1: fee income now, less half sigma^2 P^2 |gamma|, what
            the bend costs whoever hedges delta (loss-versus-rebalancing). A seller of
            options earns theta and pays gamma; this is both, so 0 where fees are fair.
    vega    slope, per 1.00 of volatility, of the value expected at the horizon, in
            token 1; never above 0.
The price of token 0 in token 1 moves; other tokens stand still.
"""

from dataclasses import dataclass

import numpy as np

from steelyard.amm.expected import pair, vega
from steelyard.amm.holding import Holding, amounts, bends


@dataclass(frozen=True, kw_only=True)
class Greeks:
    delta0: float
    delta1: float
    gamma: float
    gamma_per_percent: float  # token 0 sold when the price rises by 1 %, negative
    decay: float  # loss-versus-rebalancing per year, in token 1
    theta: float  # per year, in token 1
    vega: float  # per 1.00 of volatility, in token 1


def greeks(
    holding: Holding,
    price: float,
    *,
    sigma: float,
    years: float,
    fees_per_year: float = 0.0,
    drift: float = 0.0,
) -> Greeks:
    """Of a position of two tokens, `years` the horizon of vega."""
    prices = pair(price)
    held = amounts(holding, prices)
    gamma = float(bends(holding, prices)[0, 0])
    decay = float(-(sigma**2) / 2 * np.square(price) * gamma)
    return Greeks(
        delta0=float(held[0]),
        delta1=float(held[1]),
        gamma=gamma,
        gamma_per_percent=gamma * price / 100,
        decay=decay,
        theta=fees_per_year - decay,
        vega=vega(holding, price, sigma=sigma, years=years, drift=drift),
    )
