# SPDX-License-Identifier: MIT
"""Vectorised quotes: milliseconds for a million amounts, and for an exact one."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from steelyard.amm import balancer_stable, constant_product, stable_swap, weighted
from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.weighted import WeightedPool
from steelyard.wad import WAD

AMOUNTS = 1_000_000
REPEATS = 7
EXACT_REPEATS = 200
Floats = NDArray[np.float64]

PAIR = ConstantProduct(reserve0=10**24, reserve1=10**24)
WEIGHTED = WeightedPool(
    balances=(10**24,) * 4,
    weights_wad=(WAD // 10, 2 * WAD // 10, 3 * WAD // 10, 4 * WAD // 10),
    scaling=(WAD,) * 4,
    swap_fee_wad=3 * WAD // 1_000,
)
CURVE = StableSwap(
    balances=(10**24,) * 4, rates=(WAD,) * 4, amplification=20_000, fee_e10=4 * 10**6
)
BALANCER = BalancerStable(
    balances=(10**24,) * 4,
    scaling=(WAD,) * 4,
    amplification=200_000,
    swap_fee_wad=4 * WAD // 10_000,
)


def measure_quotes() -> dict[str, object]:
    """Medians of both directions, by curve."""
    amounts = np.random.default_rng(1).uniform(1e18, 2e23, AMOUNTS)
    vectors: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "constant product": (
            lambda: constant_product.quote_out(PAIR, amounts, True),
            lambda: constant_product.quote_in(PAIR, amounts, True),
        ),
        "weighted": (
            lambda: weighted.quote_out(WEIGHTED, amounts, 0, 3),
            lambda: weighted.quote_in(WEIGHTED, amounts, 0, 3),
        ),
        "stable, Curve": (
            lambda: stable_swap.quote_out(CURVE, amounts, 0, 3),
            lambda: stable_swap.quote_in(CURVE, amounts, 0, 3),
        ),
        "stable, Balancer": (
            lambda: balancer_stable.quote_out(BALANCER, amounts, 0, 3),
            lambda: balancer_stable.quote_in(BALANCER, amounts, 0, 3),
        ),
    }
    exact: dict[str, Callable[[], object]] = {
        "constant product": lambda: constant_product.amount_out(PAIR, 10**21, True),
        "weighted": lambda: weighted.amount_out(WEIGHTED, 10**21, 0, 3),
        "stable, Curve": lambda: stable_swap.amount_out(CURVE, 10**21, 0, 3),
        "stable, Balancer": lambda: balancer_stable.amount_out(BALANCER, 10**21, 0, 3),
    }
    return {
        "unit": "ms",
        "a million amounts": {
            name: {
                "out": round(_median_ms(out, REPEATS), 1),
                "in": round(_median_ms(back, REPEATS), 1),
            }
            for name, (out, back) in vectors.items()
        },
        "an exact amount out": {
            name: round(_median_ms(quote, EXACT_REPEATS), 4)
            for name, quote in exact.items()
        },
    }


def _median_ms(act: Callable[[], object], repeats: int) -> float:
    act()
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        act()
        seconds.append(perf_counter() - start)
    return median(seconds) * 1e3
