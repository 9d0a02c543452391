# SPDX-License-Identifier: MIT
"""One position in any pool, as numbers: amounts, value, slopes, bends, loss.

UNITS   amounts in whole tokens (any one scale a token), prices in any one unit of
        account per token, last axis the tokens; values in that unit.
Amounts are those that arbitrage leaves at the prices given, so they are the slopes of
the value (deltas), and values scale with prices. Fees are apart.
"""

from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.position import check_range, range_delta, range_gamma
from steelyard.amm.stable_value import check_amplification, stable_amounts, stable_bends
from steelyard.amm.weighted_value import (
    checked_weights,
    weighted_amounts,
    weighted_bends,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RangeHolding:
    """Uniswap v3 between two prices of token 0 in token 1; 0 to infinity is v2."""

    liquidity: float
    lower: float = 0.0
    upper: float = inf

    def __post_init__(self) -> None:
        check_range(self.lower, self.upper)
        if self.lower < 0:
            raise PoolFieldInvalid("lower", self.lower, "0 or more")


@dataclass(frozen=True, kw_only=True)
class WeightedHolding:
    """A share of a Balancer weighted pool."""

    invariant: float
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        checked_weights(self.weights)


@dataclass(frozen=True, kw_only=True)
class StableHolding:
    """A share of a Curve pool."""

    invariant: float
    amplification: float
    coins: int = 2

    def __post_init__(self) -> None:
        check_amplification(self.amplification)
        if self.coins < 2:
            raise PoolFieldInvalid("coins", self.coins, "2 or more")


Holding = RangeHolding | WeightedHolding | StableHolding


def tokens_of(holding: Holding) -> int:
    """How many tokens the pool has."""
    match holding:
        case RangeHolding():
            return 2
        case WeightedHolding():
            return len(holding.weights)
        case StableHolding():
            return holding.coins


def checked_prices(holding: Holding, prices: ArrayLike) -> Floats:
    """The prices as an array; raises `PoolFieldInvalid` unless n positive numbers."""
    p = np.asarray(prices, dtype=np.float64)
    if p.ndim == 0 or p.shape[-1] != tokens_of(holding):
        shape = p.shape[-1] if p.ndim else 1
        raise PoolFieldInvalid("count of prices", shape, f"{tokens_of(holding)}")
    if not (np.isfinite(p) & (p > 0)).all():
        raise PoolFieldInvalid("price", float(p.min()), "more than 0 and finite")
    return p


def amounts(holding: Holding, prices: ArrayLike) -> Floats:
    """Tokens held at the prices: the slope of `value` by each price."""
    p = checked_prices(holding, prices)
    match holding:
        case RangeHolding():
            price = p[..., 0] / p[..., 1]
            ends = holding.lower, holding.upper
            first = range_delta(holding.liquidity, price, *ends)
            root = np.sqrt(np.clip(price, *ends))
            second = holding.liquidity * (root - np.sqrt(holding.lower))
            return np.stack([first, second], axis=-1)
        case WeightedHolding():
            return weighted_amounts(p, holding.weights, holding.invariant)
        case StableHolding():
            return stable_amounts(p, holding.invariant, holding.amplification)


def value(holding: Holding, prices: ArrayLike) -> Floats:
    """What the amounts are worth."""
    p = checked_prices(holding, prices)
    return np.asarray((amounts(holding, p) * p).sum(axis=-1))


def bends(holding: Holding, prices: ArrayLike) -> Floats:
    """Second derivatives of `value` (gammas): tokens of i gained per price of j."""
    p = checked_prices(holding, prices)
    match holding:
        case RangeHolding():
            price = p[..., 0] / p[..., 1]
            ends = holding.lower, holding.upper
            gamma = range_gamma(holding.liquidity, price, *ends) / p[..., 1]
            ones = np.ones_like(price)
            way = np.stack([ones, -price], axis=-1)
            return np.asarray(
                gamma[..., None, None] * way[..., :, None] * way[..., None, :]
            )
        case WeightedHolding():
            return weighted_bends(p, holding.weights, holding.invariant)
        case StableHolding():
            return stable_bends(p, holding.invariant, holding.amplification)


def loss_against_holding(
    holding: Holding, prices_before: ArrayLike, prices_now: ArrayLike
) -> Floats:
    """Impermanent loss: value now over that of holding the amounts of before, less 1.

    At most 0: the value is concave and its slopes are the amounts.
    """
    held = amounts(holding, prices_before)
    now = checked_prices(holding, prices_now)
    return np.asarray(value(holding, now) / (held * now).sum(axis=-1) - 1)


def along_first(holding: Holding, prices: ArrayLike, price: ArrayLike) -> Floats:
    """Rows of prices where token 0 stands at each `price` and the others stay."""
    base = checked_prices(holding, prices)
    first = np.asarray(price, dtype=np.float64)
    rows = np.broadcast_to(base, (*first.shape, base.shape[-1])).copy()
    rows[..., 0] = first
    return rows


def scaled_to(holding: Holding, prices: ArrayLike, worth: float) -> Holding:
    """The position of the same shape that is worth `worth` at the prices."""
    factor = worth / float(value(holding, prices))
    if isinstance(holding, RangeHolding):
        return replace(holding, liquidity=holding.liquidity * factor)
    return replace(holding, invariant=holding.invariant * factor)
