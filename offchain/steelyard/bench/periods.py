# SPDX-License-Identifier: MIT
"""How long plans of several orders take and what their certificates leave, in one run.

The vault of `vault.py`; pools that are at rest again by the next order, and pools that
keep half of what a swap moved.
"""

import time
from statistics import median
from typing import Any

from steelyard.bench.vault import case
from steelyard.optimize.periods.plan import plan_periods
from steelyard.optimize.solve import optimize

SEEDS = 6
ORDERS = (2, 3)
STAYS = (0.0, 0.5)  # share of a swap's move that is there at the next order
GAS = (0.0, 1e-5)  # of NAV, an action


def measure_periods() -> dict[str, Any]:
    """Seconds, gaps, and what is gained over one order, by gas, orders and `stays`."""
    return {
        "unit": "s",
        "runs": SEEDS,
        "gas an action": {
            f"{gas:g}": {
                f"{orders} orders, {stays:g} stays": _measured(orders, stays, gas)
                for orders in ORDERS
                for stays in STAYS
            }
            for gas in GAS
        },
    }


def _measured(orders: int, stays: float, gas: float) -> dict[str, Any]:
    took, gaps, gains = [], [], []
    for seed in range(SEEDS):
        problem = case(seed, gas)
        start = time.perf_counter()
        plan = plan_periods(problem, orders, stays=stays)
        took.append(time.perf_counter() - start)
        gaps.append(float("inf") if plan.gap is None else plan.gap)
        gains.append(plan.value - optimize(problem).measured.worth)
    return {
        "median": round(median(took), 2),
        "most": round(max(took), 2),
        "median gap, share of NAV": median(gaps),
        "worst gap, share of NAV": max(gaps),
        "median gain over one order, share of NAV": median(gains),
    }
