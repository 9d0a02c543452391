# SPDX-License-Identifier: MIT
"""How fast a vault's amounts are found, beside the same problem in cvxpy, in one run.

12 positions, 20 pools of 40 directions, netting, kinked lending, crossing caps, and two
budgets, of which one or both bind in about half of the problems; a new covariance and
new pools at every solve.
"""

import time
from statistics import median, quantiles
from typing import Any

from steelyard.bench.vault_cases import vault_case
from steelyard.optimize.cones.leave_out import best_candidate, conic_search
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import Solution
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import worst_violation

SEEDS = 41  # the first warms up
CONIC_SEEDS = 6
TURNOVER, LOSS = 0.18, 0.0016  # of NAV; without a limit 0.19 and 0.0017 at the median
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


def case(seed: int, gas: float) -> Problem:
    """The problem of this seed."""
    return vault_case(seed, gas=gas, turnover=TURNOVER, loss=LOSS)


def _measured(gas: float, bar: float) -> dict[str, Any]:
    cases, took, found = [case(seed, gas) for seed in range(SEEDS)], [], []
    for problem in cases:
        start = time.perf_counter()
        found.append(optimize(problem))
        took.append((time.perf_counter() - start) * 1e3)
    took, kept = took[1:], found[1:]
    ours = median(took)
    return {
        "bar": bar,
        "optimize, median": round(ours, 3),
        "optimize, nine in ten under": round(quantiles(took, n=10)[-1], 3),
        "bar met": ours <= bar,
        "runs": len(took),
        "runs at a budget": sum(map(_is_at_budget, kept)),
        "solves, median": median(each.stats.solves for each in kept),
        "worst certified gap, share of NAV": max(map(_gap, found)),
        "worst violation, share of NAV": max(
            worst_violation(problem, each.allocation)
            for problem, each in zip(cases, found, strict=True)
        ),
        "cvxpy": _by_cvxpy(gas, [each.terms.total for each in found], ours),
    }


def _is_at_budget(solution: Solution) -> bool:
    return any("budget" in row.name for row in solution.binding)


def _gap(solution: Solution) -> float:
    gap = solution.stats.certified_gap
    return float("inf") if gap is None else gap


def _by_cvxpy(gas: float, nets: list[float], ours: float) -> dict[str, Any]:
    """The same search with cvxpy and Clarabel, compiled and solved."""
    took, short = [], []
    for seed in range(CONIC_SEEDS):
        problem = case(seed, gas)
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
    found = best_candidate(conic_search(problem))
    return float("-inf") if found is None else found.net
