# SPDX-License-Identifier: MIT
"""Which Uniswap v3 range pays best: fees, thinned by oneself, less loss, less moving.

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
from math import floor, log
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
Ints = NDArray[np.int64]
LOG_TICK = log(1.0001)
COARSE = 40  # widths tried on each side before the search on whole ticks
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


@dataclass(frozen=True, kw_only=True)
class RangeChoice:
    """The best range and what it is expected to bring, net = fees - loss - moving."""

    tick_lower: int
    tick_upper: int
    lower: float
    upper: float
    time_in_range: float
    fees: float
    loss: float
    moving: float
    net: float


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


def best_range(problem: RangeProblem) -> RangeChoice:
    """The range around the price, ends on the spacing, whose expected net is highest.

    A coarse grid of widths, then steps on whole spacings that halve until none pays.
    """
    low, most_down, most_up = _bounds(problem)
    widths = _widths(most_down), _widths(most_up)
    down, up = (grid.ravel() for grid in np.meshgrid(*widths, indexing="ij"))
    best = int(np.argmax(_net(problem, low, down, up)))
    here = np.array([down[best], up[best]])
    top = _net(problem, low, here[:1], here[1:])[0]
    step = max(1, int(here.max()) // 4)
    around = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j])
    while step:
        tried = here + step * around
        tried[:, 0] = np.clip(tried[:, 0], 0, most_down)
        tried[:, 1] = np.clip(tried[:, 1], 1, most_up)
        nets = _net(problem, low, tried[:, 0], tried[:, 1])
        if nets.max() > top:
            here, top = tried[int(nets.argmax())], nets.max()
        else:
            step //= 2
    return evaluate(problem, *_ticks(problem, low, here))


def evaluate(problem: RangeProblem, tick_lower: int, tick_upper: int) -> RangeChoice:
    """What one range on ticks is expected to bring."""
    ends = [_price(problem, np.array([tick])) for tick in (tick_lower, tick_upper)]
    found = yields(problem, ends[0], ends[1])
    return RangeChoice(
        tick_lower=tick_lower,
        tick_upper=tick_upper,
        lower=float(ends[0][0]),
        upper=float(ends[1][0]),
        time_in_range=float(found.time_in_range[0]),
        fees=float(found.fees[0]),
        loss=float(found.loss[0]),
        moving=float(found.moving[0]),
        net=float(found.net[0]),
    )


def _bounds(problem: RangeProblem) -> tuple[int, int, int]:
    """(spacing that the price is in, spacings below it, spacings above its start)."""
    tick = floor(log(problem.price * problem.price_scale) / LOG_TICK)
    low, last = tick // problem.tick_spacing, MAX_TICK // problem.tick_spacing
    if not -last <= low < last:
        raise PoolFieldInvalid("price", problem.price, "inside Uniswap v3's ticks")
    return low, low + last, last - low


def _widths(most: int) -> Ints:
    spaced = np.geomspace(1, most + 1, COARSE) - 1
    return np.unique(np.concatenate([np.round(spaced), [0, 1, 2, 3]])).astype(np.int64)


def _net(problem: RangeProblem, low: int, down: Ints, up: Ints) -> Floats:
    """Net of ranges so many spacings below and above; no width counts as worst."""
    spacing = problem.tick_spacing
    lower = _price(problem, (low - down) * spacing)
    upper = _price(problem, (low + np.maximum(up, 1)) * spacing)
    return np.where(up > 0, yields(problem, lower, upper).net, -np.inf)


def _ticks(problem: RangeProblem, low: int, here: Ints) -> tuple[int, int]:
    spacing = problem.tick_spacing
    return int(low - here[0]) * spacing, int(low + here[1]) * spacing


def _price(problem: RangeProblem, ticks: Ints) -> Floats:
    return np.asarray(np.exp(ticks * LOG_TICK) / problem.price_scale)
