# SPDX-License-Identifier: MIT
"""How fast a vault's amounts are found by other models than mean and variance, beside
the same problem in cvxpy where that states it, in one run.

The vault of `vault.py`; 1,000 scenarios, Student t, in which a tag fails now and then.
"""

import time
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np

from steelyard.bench.vault import case
from steelyard.optimize.cones.leave_out import best_candidate, conic_search_by
from steelyard.optimize.models import (
    CVaR,
    EntropicVaR,
    HierarchicalRiskParity,
    Kelly,
    LargestRatio,
    MaximumDiversification,
    MeanRisk,
    Model,
    RiskAtMost,
    RiskBudgeting,
    Utility,
)
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import worst_violation
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault.aim import aim_of
from steelyard.optimize.vault_model import VaultModel

SEEDS = 21  # the first warms up
CONIC_SEEDS = 2
GAS = (0.0, 1e-5)  # of NAV, an action
COUNT = 1_000
FAILS = 0.01
LOSS = 0.5
BOLD = Utility(risk_aversion=0.1)
SLOW = ("entropic VaR in a utility",)  # over a minute in cvxpy
MODELS: dict[str, tuple[Model, Unwinding | None]] = {
    "CVaR in a utility": (MeanRisk(measure=CVaR(), goal=BOLD), None),
    "CVaR with winding up": (MeanRisk(measure=CVaR(), goal=BOLD), Unwinding(depth=0.5)),
    "CVaR at most 10 %": (MeanRisk(measure=CVaR(), goal=RiskAtMost(limit=0.1)), None),
    "most net by CVaR": (
        MeanRisk(measure=CVaR(), goal=LargestRatio(risk_free=0.004)),
        None,
    ),
    "entropic VaR in a utility": (MeanRisk(measure=EntropicVaR(), goal=BOLD), None),
    "volatility at most 4 %": (MeanRisk(goal=RiskAtMost(limit=0.04)), None),
    "maximum Sharpe": (MeanRisk(goal=LargestRatio(risk_free=0.004)), None),
    "Kelly": (Kelly(), None),
    "maximum diversification": (MaximumDiversification(), None),
    "risk parity": (RiskBudgeting(), None),
    "hierarchical risk parity": (HierarchicalRiskParity(), None),
}


def measure_vault_models() -> dict[str, Any]:
    """Milliseconds, certified gaps and violations by model and gas."""
    return {
        "unit": "ms",
        "scenarios": COUNT,
        "gas an action": {
            f"{gas:g}": {name: _measured(name, gas) for name in MODELS} for gas in GAS
        },
    }


def scenarios(problem: Problem, seed: int) -> Floats:
    """(COUNT, n_tokens + n_slots) returns over the horizon; positions move with what
    is in them."""
    generator = np.random.default_rng(seed)
    tokens = len(problem.inventory)
    exposure = np.hstack([np.eye(tokens), problem.compositions])
    risky = problem.covariance[1:, 1:] * problem.horizon_years
    shocks = np.zeros((COUNT, tokens))
    drawn = generator.standard_t(4, size=(COUNT, tokens - 1)) / np.sqrt(2)
    shocks[:, 1:] = drawn @ np.linalg.cholesky(risky).T
    failed = generator.random((COUNT, len(problem.tag_variance))) < FAILS
    lost = LOSS * (failed @ (problem.tag_exposure > 0))
    return np.asarray(np.maximum(shocks @ exposure - lost, -1.0))


def _case(name: str, seed: int, gas: float) -> Problem:
    problem = case(seed, gas)
    model, unwinding = MODELS[name]
    wanted = VaultModel(
        model=model, scenarios=scenarios(problem, seed), unwinding=unwinding
    )
    return replace(problem, model=wanted)


def _measured(name: str, gas: float) -> dict[str, Any]:
    took, gaps, missed, worths = [], [], [], []
    for seed in range(SEEDS):
        problem = _case(name, seed, gas)
        start = time.perf_counter()
        found = optimize(problem)
        took.append((time.perf_counter() - start) * 1e3)
        gap = found.stats.certified_gap
        gaps.append(float("inf") if gap is None else gap)
        missed.append(worst_violation(problem, found.allocation))
        worths.append(found.measured.worth)
    return {
        "optimize, median": round(median(took[1:]), 2),
        "optimize, most": round(max(took[1:]), 2),
        "runs": len(took) - 1,
        "median certified gap": median(gaps),
        "worst certified gap": max(gaps),
        "worst violation, share of NAV": max(missed),
        **_by_cvxpy(name, gas, worths, median(took[1:])),
    }


def _by_cvxpy(
    name: str, gas: float, worths: list[float], ours: float
) -> dict[str, Any]:
    """The same search with cvxpy and Clarabel; nothing where it states no such goal."""
    if name in SLOW:
        return {}
    took, short = [], []
    for seed in range(CONIC_SEEDS):
        problem = _case(name, seed, gas)
        assert problem.model is not None
        start = time.perf_counter()
        search = conic_search_by(problem, aim_of(problem, problem.model))
        if search is None:
            return {}
        found = best_candidate(search)
        took.append((time.perf_counter() - start) * 1e3)
        worth = float("-inf") if found is None else found.net
        short.append(worths[seed] - worth)
    return {
        "cvxpy, median": round(median(took), 1),
        "cvxpy, times ours": round(median(took) / ours, 1),
        "most that cvxpy is above ours": -min(short),
        "most that cvxpy is below ours": max(short),
    }
