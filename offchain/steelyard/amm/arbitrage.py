# SPDX-License-Identifier: MIT
"""What arbitrageurs take once there is a fee and prices can be traded in blocks alone.

A block comes on average every 1 / lambda years (Poisson), or at even steps; then an
arbitrageur trades if the pool's price stands further than the fee from the market's.
UNITS   `fee` the share of what comes in, 0.003; gamma = -ln(1 - fee) the log price it
        costs. `sigma` per square root of a year, `block_seconds` the mean interval.
SOURCE  Milionis, Moallemi, Roughgarden: "Automated Market Making and Arbitrage Profits
        in the Presence of Fees" (2023, arXiv 2305.14604): the log mispricing at a block
        is uniform within the fee and falls exponentially beyond, at the rate
        sqrt(2 lambda) / sigma, given the drift that leaves the log price a martingale.
        Even blocks: Nezlobin, Tassy: "Loss-Versus-Rebalancing under Deterministic and
        Generalized block-times" (2025, arXiv 2505.05113), whose spread is 2 gamma.
The arbitrageur pays the fee in token 1 whichever way the trade goes, as in the paper.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.holding import Holding, amounts

SECONDS_PER_YEAR = 365.25 * 86_400
NODES = 24  # of Gauss-Laguerre
EVEN_BLOCKS = 1.71643  # sqrt(2 pi) / |zeta(1/2)|, where Poisson blocks have sqrt(2)


def log_fee(fee: float) -> float:
    """-ln(1 - fee). Raises `PoolFieldInvalid` outside 0 to 1."""
    if not 0 <= fee < 1:
        raise PoolFieldInvalid("fee", fee, "0 or more, less than 1")
    return -float(np.log1p(-fee))


def step_deviation(sigma: float, block_seconds: float) -> float:
    """Standard deviation of the log price over a mean block."""
    if block_seconds <= 0:
        raise PoolFieldInvalid("block_seconds", block_seconds, "more than 0")
    return sigma * sqrt(block_seconds / SECONDS_PER_YEAR)


def trade_probability(sigma: float, fee: float, block_seconds: float) -> float:
    """Share of blocks in which an arbitrageur trades: 1 / (1 + sqrt(2 lambda) g / s).

    That is also what fees leave of loss-versus-rebalancing when blocks are fast. 0
    for a price that stands still.
    """
    step = step_deviation(sigma, block_seconds)
    if step == 0:
        return 0.0
    return 1 / (1 + sqrt(2) * log_fee(fee) / step)


def even_block_share(sigma: float, fee: float, block_seconds: float) -> float:
    """What fees leave of LVR when blocks come at even steps: 1 / (1 + 1.716 g / s).

    Less than under Poisson blocks of the same mean, which sometimes stay away for
    long. Good to a thousandth for fees of at least a step s, and without a fee.
    """
    step = step_deviation(sigma, block_seconds)
    if step == 0:
        return 0.0
    return 1 / (1 + EVEN_BLOCKS * log_fee(fee) / step)


def constant_product_arbitrage_rate(
    sigma: float, fee: float, block_seconds: float
) -> float:
    """Share of a full-range position's value that arbitrageurs net per year, exactly.

    sigma^2 / 8 · P_trade · cosh(gamma / 2) / (1 - sigma^2 / (8 lambda)).
    Raises `PoolFieldInvalid` where blocks are too slow for it to be finite.
    """
    variance = step_deviation(sigma, block_seconds) ** 2
    if variance >= 8:
        raise PoolFieldInvalid("block_seconds", block_seconds, "sigma^2 dt below 8")
    share = trade_probability(sigma, fee, block_seconds)
    wide = float(np.cosh(log_fee(fee) / 2)) / (1 - variance / 8)
    return sigma**2 / 8 * share * wide


def arbitrage_rate(
    holding: Holding, price: float, *, sigma: float, fee: float, block_seconds: float
) -> float:
    """The same for any position of two tokens, at the market's `price` in token 1.

    The mean over the mispricing's law of what a trade back to the fee's edge earns,
    by Gauss-Laguerre; times blocks per year, over the value.
    """
    step = step_deviation(sigma, block_seconds)
    if step == 0:
        return 0.0

    def held(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return amounts(holding, np.stack([at, np.ones_like(at)], axis=-1))

    earned = mean_profit(held, price, log_fee(fee), step)
    per_year = SECONDS_PER_YEAR / block_seconds
    worth = float(held(np.array(price)) @ np.array([price, 1.0]))
    share = trade_probability(sigma, fee, block_seconds)
    return per_year * share * earned / worth


def mean_profit(
    held: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    price: float,
    gamma: float,
    step: float,
) -> float:
    """What a trade that happens earns on average, in token 1.

    `held`: (token 0, token 1) that the pool holds when its price is the argument.
    """
    places, weights = np.polynomial.laguerre.laggauss(NODES)
    beyond = places * step / sqrt(2)
    total = 0.0
    for way in (1.0, -1.0):  # the pool stands below the market, then above
        edge = held(np.array(price * np.exp(-way * gamma)))
        gone = held(price * np.exp(-way * (gamma + beyond))) - edge
        profit = price * gone[:, 0] + np.exp(way * gamma) * gone[:, 1]
        total += float(weights @ profit) / 2
    return total
