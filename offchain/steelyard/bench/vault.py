# SPDX-License-Identifier: MIT
"""How fast a vault's amounts are found, beside the same problem in cvxpy, in one run.

12 positions, 20 pools of 40 directions, netting, kinked lending, crossing caps; both
budgets are there but do not bind; a new covariance and new pools at every solve.
"""

import time
from statistics import median, quantiles
from typing import Any

from steelyard.bench.vault_cases import vault_case
from steelyard.optimize.candidates import MeanVariance, Search
from steelyard.optimize.conic import ConicModel
from steelyard.optimize.leave_out import best_candidate
from steelyard.optimize.problem import Problem
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import worst_violation

SEEDS = 41  # the first warms up
CONIC_SEEDS = 6
CONIC_SOLVES = 40
# gas an action as a share of NAV: milliseconds that it may take
BARS = {0.0: 4.0, 1e-6: 25.0, 1e-5: 25.0}


def measure_vault() -> dict[str, Any]:
    """Milliseconds, certified gaps and violations, and how cvxpy does, for each gas."""
    return {
        "unit": "ms",
        "positions": 12,
        "pools": 20,
        "gas an action": {f"{gas:g}": _measured(gas, bar) for gas, bar in BARS.items()},
    }


def _measured(gas: float, bar: float) -> dict[str, Any]:
    took, gaps, missed, solves, nets = [], [], [], [], []
    for seed in range(SEEDS):
        problem = vault_case(seed, gas=gas)
        start = time.perf_counter()
        solution = optimize(problem)
        took.append((time.perf_counter() - start) * 1e3)
        gap = solution.stats.certified_gap
        gaps.append(float("inf") if gap is None else gap)
        missed.append(worst_violation(problem, solution.allocation))
        solves.append(solution.stats.solves)
        nets.append(solution.terms.total)
    took = took[1:]
    ours = median(took)
    return {
        "bar": bar,
        "optimize, median": round(ours, 3),
        "optimize, nine in ten under": round(quantiles(took, n=10)[-1], 3),
        "bar met": ours <= bar,
        "runs": len(took),
        "solves, median": median(solves),
        "worst certified gap, share of NAV": max(gaps),
        "worst violation, share of NAV": max(missed),
        "cvxpy": _by_cvxpy(gas, nets, ours),
    }


def _by_cvxpy(gas: float, nets: list[float], ours: float) -> dict[str, Any]:
    """The same search with cvxpy and Clarabel, compiled and solved."""
    took, short = [], []
    for seed in range(CONIC_SEEDS):
        problem = vault_case(seed, gas=gas)
        start = time.perf_counter()
        net = _conic_net(problem)
        took.append((time.perf_counter() - start) * 1e3)
        short.append(nets[seed] - net)
    return {
        "median": round(median(took[1:]), 1),
        "times ours": round(median(took[1:]) / ours, 1),
        "runs": len(took) - 1,
        "most that it is above ours, share of NAV": -min(short),
        "most that it is below ours, share of NAV": max(short),
    }


def _conic_net(problem: Problem) -> float:
    worth = MeanVariance(problem)
    model = ConicModel(problem)
    search = Search(problem=problem, model=model, worth=worth, left=CONIC_SOLVES)
    found = best_candidate(search)
    return float("-inf") if found is None else found.net
