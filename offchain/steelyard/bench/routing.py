# SPDX-License-Identifier: MIT
"""How long routing takes, how it grows, and how many times longer cvxpy takes.

One thread. Each figure is the median over instances with prices, depths and fees of
their own. Timed is what a keeper does at each block, when reserves have changed: the
starting prices and the best prices of tables that are filled; and, apart, filling them
from the pools' states.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from steelyard.route.dual import Dual, best_prices
from steelyard.route.intervals import Intervals
from steelyard.route.response import Floats, Ints
from steelyard.route.stable import StablePairs
from steelyard.route.start import spot_prices
from steelyard.route.tables import Network, Pairs
from steelyard.route.weighted import WeightedBlock

SIZES = ((1_000, 32), (10_000, 100))  # pools, tokens
GROWTH = ((10, 3), (100, 10), (10_000, 200))  # beside those, to see how it grows
SEEDS = 9
PEER_SEEDS = 3
NOISE = 0.001  # of pools' log prices
TRADE = 0.3  # of a middling pool's depth on one side
STRETCHES = 9  # of a concentrated pool
WIDTH = 0.06  # of each, log price


def measure_routing() -> dict[str, Any]:
    """Milliseconds and ratios, by size and kind of pool."""
    figures: dict[str, Any] = {"unit": "ms, median", "seeds": SEEDS}
    for pools, tokens in SIZES:
        name = f"{pools} pools, {tokens} tokens"
        figures[name] = {
            **_timed(pools, tokens, _constant_products),
            **_peer(pools, tokens),
            "all curves mixed": _timed(pools, tokens, _mixed),
        }
        figures[name]["times faster"] = round(
            figures[name]["cvxpy with Clarabel"] / figures[name]["ms"], 1
        )
    for pools, tokens in GROWTH:
        name = f"{pools} pools, {tokens} tokens"
        figures[name] = _timed(pools, tokens, _constant_products)
    return figures


Maker = Callable[[int, int, int], tuple[Network, Floats]]


def _timed(pools: int, tokens: int, make: Maker) -> dict[str, Any]:
    times, errors = [], []
    for seed in range(SEEDS + 1):
        network, have = make(pools, tokens, seed)
        begin = perf_counter()
        found = _route(network, have)
        times.append(1e3 * (perf_counter() - begin))
        errors.append(found.error)
    # the first warms up
    return {"ms": round(median(times[1:]), 2), "largest error": max(errors[1:])}


def _route(network: Network, have: Floats) -> Dual:
    want = np.zeros(network.tokens)
    want[1] = 1.0
    start = spot_prices(network)
    return best_prices(network, have, want, at_prices=False, start=start)


def _prices(rng: np.random.Generator, tokens: int) -> Floats:
    """Dollars per raw unit, of all decimals."""
    decimals = rng.choice([6, 8, 18], tokens)
    return np.asarray(np.exp(rng.normal(0, 2, tokens)) * 10.0**-decimals)


def _pairs(rng: np.random.Generator, tokens: int, count: int) -> tuple[Ints, Ints]:
    first = rng.integers(0, tokens, count)
    return first, (first + rng.integers(1, tokens, count)) % tokens


def _depths(rng: np.random.Generator, count: int) -> Floats:
    return np.asarray(1e5 * np.exp(rng.normal(0, 1.5, count)))


def _constant_products(pools: int, tokens: int, seed: int) -> tuple[Network, Floats]:
    rng = np.random.default_rng(seed)
    prices = _prices(rng, tokens)
    table = _pools_of_pairs(rng, prices, pools)
    network = Network(tokens=tokens, edges=[table], blocks=[])
    return network, _sold(prices)


def _sold(prices: Floats) -> Floats:
    have = np.zeros(len(prices))
    have[0] = TRADE * 1e5 / prices[0]
    return have


def _pools_of_pairs(rng: np.random.Generator, prices: Floats, count: int) -> Intervals:
    token0, token1 = _pairs(rng, len(prices), count)
    depth = _depths(rng, count)
    apart = rng.normal(0, NOISE, (2, count))
    log0 = np.log(depth / prices[token0]) + apart[0]
    log1 = np.log(depth / prices[token1]) + apart[1]
    return Intervals(
        token0=token0,
        token1=token1,
        pool=np.arange(count),
        liquidity=np.exp((log0 + log1) / 2),
        log_price=log1 - log0,
        log_low=np.full(count, -np.inf),
        log_high=np.full(count, np.inf),
        log_keep=np.log1p(-rng.choice([0.0005, 0.003], count)),
    )


def _mixed(pools: int, tokens: int, seed: int) -> tuple[Network, Floats]:
    """A quarter each: constant product, concentrated, weighted, stable."""
    rng = np.random.default_rng(seed)
    prices = _prices(rng, tokens)
    part = pools // 4
    pairs = _pools_of_pairs(rng, prices, part)
    edges: Sequence[Pairs] = [
        pairs,
        _stretches(_pools_of_pairs(rng, prices, part), rng),
        _stable(rng, prices, part),
    ]
    blocks = [_weighted(rng, prices, part)]
    return Network(tokens=tokens, edges=edges, blocks=blocks), _sold(prices)


def _stretches(pools: Intervals, rng: np.random.Generator) -> Intervals:
    """Those pools, each with its liquidity in stretches around the price."""
    count = len(pools.pool)
    offset = rng.uniform(0, WIDTH, count)
    steps = np.arange(STRETCHES) - STRETCHES // 2
    low = (pools.log_price - offset)[:, None] + WIDTH * steps
    liquidity = pools.liquidity[:, None] * np.exp(rng.normal(2, 0.5, low.shape))
    price = np.clip(pools.log_price[:, None], low, low + WIDTH)
    return Intervals(
        token0=np.repeat(pools.token0, STRETCHES),
        token1=np.repeat(pools.token1, STRETCHES),
        pool=np.repeat(pools.pool, STRETCHES),
        liquidity=liquidity.ravel(),
        log_price=price.ravel(),
        log_low=low.ravel(),
        log_high=(low + WIDTH).ravel(),
        log_keep=np.repeat(pools.log_keep, STRETCHES),
    )


def _weighted(rng: np.random.Generator, prices: Floats, count: int) -> WeightedBlock:
    token0, token1 = _pairs(rng, len(prices), count)
    tokens = np.stack([token0, token1], axis=1)
    first = rng.uniform(0.2, 0.8, count)
    weights = np.stack([first, 1 - first], axis=1)
    held = 2 * _depths(rng, count)[:, None] * weights / prices[tokens]
    return WeightedBlock(
        tokens=tokens,
        pool=np.arange(count),
        log_reserves=np.log(held) + rng.normal(0, NOISE, held.shape),
        weights=weights,
        log_keep=np.full(count, np.log1p(-0.001)),
        may_enter=np.ones(held.shape, dtype=bool),
        may_leave=np.ones(held.shape, dtype=bool),
    )


def _stable(rng: np.random.Generator, prices: Floats, count: int) -> StablePairs:
    """Pools near par: coins are counted in units worth a dollar each."""
    token0, token1 = _pairs(rng, len(prices), count)
    share = 0.5 + rng.uniform(-0.1, 0.1, count)
    amplification = 4 * 10 ** rng.uniform(1, 3, count)
    x, y = share, 1 - share  # in units of the sum
    invariant = np.ones(count)
    for _ in range(50):
        cube = invariant**3 / (4 * x * y)
        upper = (amplification + 2 * cube) * invariant
        invariant = upper / ((amplification - 1) * invariant + 3 * cube)
    return StablePairs(
        token0=token0,
        token1=token1,
        pool=np.arange(count),
        invariant=2 * _depths(rng, count),
        amplification=amplification,
        balance0=x / invariant,
        balance1=y / invariant,
        log_unit0=np.log(prices[token0]),
        log_unit1=np.log(prices[token1]),
        log_keep=np.full(count, np.log1p(-0.0004)),
        fee_on_out=np.ones(count, dtype=bool),
        lowest=np.full(count, -np.inf),
        highest=np.full(count, np.inf),
    )


def _peer(pools: int, tokens: int) -> dict[str, Any]:
    """The same constant product instances, as cones, in units of their prices."""
    cp: Any = import_module("cvxpy")

    times = []
    for seed in range(1, PEER_SEEDS + 1):
        network, have = _constant_products(pools, tokens, seed)
        table = network.edges[0]
        assert isinstance(table, Intervals)
        values = np.exp(spot_prices(network))
        root = np.exp(table.log_price / 2)
        scale = float(have[0] * values[0])
        first = table.liquidity / root * values[table.token0] / scale
        second = table.liquidity * root * values[table.token1] / scale
        keep = np.exp(table.log_keep)
        begin = perf_counter()
        paid0, paid1, got0, got1 = (cp.Variable(pools, nonneg=True) for _ in range(4))
        left0 = 1 + cp.multiply(keep, paid0) - got0
        left1 = 1 + cp.multiply(keep, paid1) - got1
        apart = cp.vstack([2 * np.ones(pools), left0 - left1])
        rows = np.arange(pools)
        place0, place1 = np.zeros((2, tokens, pools))
        place0[table.token0, rows], place1[table.token1, rows] = first, second
        net = have * values / scale + place0 @ (got0 - paid0) + place1 @ (got1 - paid1)
        others = [token for token in range(tokens) if token != 1]
        problem = cp.Problem(
            cp.Maximize(net[1]),
            [cp.SOC(left0 + left1, apart, axis=0), net[others] >= 0],
        )
        problem.solve(solver="CLARABEL")
        times.append(1e3 * (perf_counter() - begin))
    return {"cvxpy with Clarabel": round(median(times), 1), "its seeds": PEER_SEEDS}
