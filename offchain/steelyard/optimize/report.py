# SPDX-License-Identifier: MIT
"""A solution as plain data, for JSON and tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from steelyard.optimize.measured import Measured
from steelyard.optimize.models import MeanRisk
from steelyard.optimize.problem import Problem
from steelyard.optimize.solution import Solution
from steelyard.optimize.terms import Terms, token_exposure


def as_data(problem: Problem, solution: Solution) -> dict[str, Any]:
    """Weights, terms, limits and how they were found; weights over NAV before.

    Borrowers are assumed not to react to what is supplied.
    """
    allocation = solution.allocation
    return {
        "status": solution.status.value,
        "reason": solution.reason.value,
        "detail": solution.detail,
        "conflicts": list(solution.conflicts),
        "gain_assets": solution.gain_assets,
        "horizon_years": problem.horizon_years,
        "model": _model(problem),
        "measured": _measured(solution.measured),
        "measured_nothing": _measured(solution.measured_nothing),
        "terms": _terms(solution.terms),
        "terms_nothing": _terms(solution.terms_nothing),
        "inventory": [float(v) for v in solution.inventory],
        "token_exposure": [float(v) for v in token_exposure(problem, allocation)],
        "positions": [
            {"name": slot.name, "value": float(value), "current_value": slot.value}
            for slot, value in zip(problem.slots, allocation.values, strict=True)
            if value > 0 or slot.value > 0
        ],
        "swaps": [asdict(swap) for swap in solution.swaps],
        "binding": [asdict(row) for row in solution.binding],
        "stats": asdict(solution.stats),
    }


def _model(problem: Problem) -> str:
    """Its class, with its measure and goal where it has them."""
    if problem.model is None:
        return "MeanVariance"
    model = problem.model.model
    if not isinstance(model, MeanRisk):
        return type(model).__name__
    return f"{type(model.measure).__name__}, {type(model.goal).__name__}"


def _measured(measured: Measured) -> dict[str, float]:
    found = asdict(measured)
    del found["terms"]
    return found


def _terms(terms: Terms) -> dict[str, float]:
    return {**asdict(terms), "total": terms.total}
