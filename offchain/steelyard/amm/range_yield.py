# SPDX-License-Identifier: MIT
"""What a Uniswap v3 range is expected to bring: fees, less loss, less moving.

A range is opened at today's price and left alone until the horizon. Per year and as a
share of the value put in:
    fees    volume · fee · L / (L + others) · expected share of time in range
    loss    expected shortfall against holding today's amounts, or against rebalancing
    moving  chance to stand outside at the horizon · (gas + rate · half the value) / T:
            one token is left then, and half of it is swapped to open anew
UNITS   price of token 0 in token 1; values in token 1; `years`, `sigma`, `drift` as in
        `lognormal.py`; ticks of raw units, `price_scale` raw price per price shown.
Others' liquidity is taken to be the same at every price, volume too; fees stay aside.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.expected import expected_range_value
from steelyard.amm.lognormal import moment, moment_between
from steelyard.amm.lp_fees import fee_income, range_liquidity
from steelyard.amm.tick_math import MAX_TICK
from steelyard.amm.time_in_range import time_in_range

Floats = NDArray[np.float64]
TIMES = 32  # of Gauss-Legendre in sqrt(t)


@dataclass(frozen=True, kw_only=True)
class RangeProblem:
    price: float
    sigma: float
    years: float  # the horizon
    worth: float  # what is put in
    others: float  # active liquidity beside it, sqrt(token0 · token1) in whole tokens
    volume_per_year: float
    fee: float
    tick_spacing: int
    drift: float = 0.0
    gas: float = 0.0  # of one move
    swap_rate: float = 0.0  # what swapping costs, as a share of what is swapped
    against: Literal["holding", "rebalancing"] = "holding"
    price_scale: float = 1.0

    def __post_init__(self) -> None:
        for name in ("price", "sigma", "years", "worth", "price_scale"):
            if not 0 < getattr(self, name) < np.inf:
                raise PoolFieldInvalid(name, getattr(self, name), "more than 0")
        for name in ("others", "volume_per_year", "gas", "swap_rate"):
            if not 0 <= getattr(self, name) < np.inf:
                raise PoolFieldInvalid(name, getattr(self, name), "0 or more")
        if not 0 < self.tick_spacing <= MAX_TICK:
            expected = f"1 to {MAX_TICK}"
            raise PoolFieldInvalid("tick_spacing", self.tick_spacing, expected)


@dataclass(frozen=True, kw_only=True)
class Yields:
    """One number a range; rates per year as shares of the value put in."""

    lower: Floats  # prices
    upper: Floats
    time_in_range: Floats
    fees: Floats
    loss: Floats
    moving: Floats

    @property
    def net(self) -> Floats:
        return np.asarray(self.fees - self.loss - self.moving)


def yields(problem: RangeProblem, lower: Floats, upper: Floats) -> Yields:
    """What each range between two prices is expected to bring."""
    law = problem.drift, problem.sigma, problem.years
    liquidity = range_liquidity(problem.worth, problem.price, lower, upper)
    inside = time_in_range(
        problem.price,
        lower,
        upper,
        sigma=problem.sigma,
        years=problem.years,
        drift=problem.drift,
    )
    income = fee_income(
        volume_per_year=problem.volume_per_year,
        fee=problem.fee,
        own=liquidity,
        others=problem.others,
        time_in_range=inside,
    )
    loss = (_against_holding if problem.against == "holding" else _against_rebalancing)(
        problem, lower, upper
    )
    stays = moment_between(0.0, problem.price, lower, upper, *law)
    move = problem.gas / problem.worth + problem.swap_rate / 2
    return Yields(
        lower=lower,
        upper=upper,
        time_in_range=inside,
        fees=income / problem.worth,
        loss=loss * liquidity / problem.worth / problem.years,
        moving=(1 - stays) * move / problem.years,
    )


def _against_holding(problem: RangeProblem, lower: Floats, upper: Floats) -> Floats:
    """Expected value of holding today's amounts less the range's, per liquidity."""
    root = np.sqrt(np.clip(problem.price, lower, upper))
    grown = float(
        moment(1.0, problem.price, problem.drift, problem.sigma, problem.years)
    )
    held = grown * (1 / root - 1 / np.sqrt(upper)) + root - np.sqrt(lower)
    expected = expected_range_value(
        lower, upper, problem.price, problem.sigma, problem.years, problem.drift
    )
    return np.asarray(held - expected)


def _against_rebalancing(problem: RangeProblem, lower: Floats, upper: Floats) -> Floats:
    """Expected loss-versus-rebalancing per liquidity: sigma^2 / 4 E[sqrt(P); inside]
    summed over time, which is t = T u^2 for an even end at 0."""
    nodes, weights = np.polynomial.legendre.leggauss(TIMES)
    total = np.zeros_like(lower)
    for u, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        law = problem.drift, problem.sigma, problem.years * u**2
        root = moment_between(0.5, problem.price, lower, upper, *law)
        total += weight * 2 * u * root
    return np.asarray(problem.sigma**2 / 4 * problem.years * total)
