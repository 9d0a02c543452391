# SPDX-License-Identifier: MIT
"""Which Uniswap v3 range pays best, on ticks; what counts is in `range_yield.py`.

UNITS   ticks of raw units; rates per year as shares of the value put in.
"""

from dataclasses import dataclass
from math import floor, log

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.position import check_range
from steelyard.amm.range_yield import RangeProblem, yields
from steelyard.amm.tick_math import MAX_TICK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LOG_TICK = log(1.0001)
INDIFFERENT = 1e-9  # of net per year
COARSE = 40  # widths tried on each side before the search on whole ticks


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


def best_range(problem: RangeProblem) -> RangeChoice:
    """The range around the price, ends on the spacing, whose expected net is highest.

    A coarse grid of widths, then steps on whole spacings that halve until none pays.
    The full range where no other is better than it by more than INDIFFERENT.
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
    widest = np.array([most_down, most_up])
    full = _net(problem, low, widest[:1], widest[1:])[0]
    if full >= top - INDIFFERENT:
        here = widest
    return evaluate(problem, *_ticks(problem, low, here))


def evaluate(problem: RangeProblem, tick_lower: int, tick_upper: int) -> RangeChoice:
    """What one range on ticks is expected to bring."""
    ends = [_price(problem, np.array([tick])) for tick in (tick_lower, tick_upper)]
    return _choice(problem, (tick_lower, tick_upper), (ends[0][0], ends[1][0]))


def evaluate_between(problem: RangeProblem, lower: float, upper: float) -> RangeChoice:
    """The same between two prices, which need not be on ticks: the nearest are named.

    Raises `RangeInvalid`, `PoolFieldInvalid` beyond Uniswap v3's ticks.
    """
    check_range(lower, upper)
    ticks = [
        _tick(problem, name, p) for name, p in (("lower", lower), ("upper", upper))
    ]
    if ticks[0] == ticks[1]:
        raise PoolFieldInvalid("upper", upper, f"a tick or more above lower, {lower}")
    return _choice(problem, (ticks[0], ticks[1]), (lower, upper))


def _tick(problem: RangeProblem, name: str, price: float) -> int:
    if price <= 0 or price * problem.price_scale <= 0 or np.isinf(price):
        raise PoolFieldInvalid(name, price, "more than 0 and finite")
    tick = round(log(price * problem.price_scale) / LOG_TICK)
    if abs(tick) > MAX_TICK:
        raise PoolFieldInvalid(name, price, "inside Uniswap v3's ticks")
    return tick


def _choice(
    problem: RangeProblem, ticks: tuple[int, int], ends: tuple[float, float]
) -> RangeChoice:
    found = yields(problem, np.array([ends[0]]), np.array([ends[1]]))
    return RangeChoice(
        tick_lower=ticks[0],
        tick_upper=ticks[1],
        lower=float(ends[0]),
        upper=float(ends[1]),
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
