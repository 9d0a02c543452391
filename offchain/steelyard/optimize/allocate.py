# SPDX-License-Identifier: MIT
"""Weights by a model: the quickest way that can, then the reference, then what is safe.

Nothing that a solver says is believed: limits are checked on the weights themselves,
and the gap to the best is computed from multipliers.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.answer import Answer, Certificate
from steelyard.optimize.conflicts import conflicts, conflicts_of
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.feasible import nearest_allowed
from steelyard.optimize.found import Found
from steelyard.optimize.models import Model
from steelyard.optimize.polytope import violation
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.solution import BindingRow, Reason, Status
from steelyard.optimize.ways import ways

MOST_VIOLATION = 1e-10
MOST_GAP = 1e-6  # of the objective's size: above it an answer is not called optimal
NO_GAP = 1e-12  # where the best is nothing, rounding has no size to compare with
BINDING = 1e-9
REASONS = {
    "infeasible": Reason.INFEASIBLE,
    "unbounded": Reason.UNBOUNDED,
    "inaccurate": Reason.INACCURATE,
    "failed": Reason.SOLVER_FAILED,
}


def allocate(portfolio: Portfolio, model: Model) -> Answer:
    """The model's weights.

    Raises `ModelRefused` where theory does not allow the model with these inputs,
    `PortfolioInvalid` where an input is missing, `PreferenceInvalid` for a setting of
    the model outside its range; what solvers say is never raised but stands in the
    answer's `reason`.
    """
    tried: list[str] = []
    outcome = "failed"
    for way in ways(portfolio, model):
        try:
            found = way(portfolio, model)
        except SolveFailed as failed:
            tried.append(str(failed))
            outcome = failed.outcome
            continue
        missed = violation(portfolio.polytope, found.weights)
        if not missed <= MOST_VIOLATION:
            tried.append(f"{found.method}: misses a limit by {missed:g}")
            outcome = "inaccurate"
            continue
        if not _is_tight(found):
            tried.append(f"{found.method}: gap {_gap(found):g}")
            outcome = "inaccurate"
            continue
        return _answer(portfolio, found, missed, tuple(tried))
    return _fallback(portfolio, model, outcome, tuple(tried))


def _gap(found: Found) -> float:
    return np.inf if found.bound is None else found.objective - found.bound


def _is_tight(found: Found) -> bool:
    if found.bound is None:
        return bool(np.isfinite(found.objective))
    size = max(abs(found.objective), abs(found.bound))
    return bool(found.objective - found.bound <= MOST_GAP * size + NO_GAP)


def _answer(
    portfolio: Portfolio, found: Found, missed: float, tried: tuple[str, ...]
) -> Answer:
    polytope = portfolio.polytope
    slacks = polytope.bounds - polytope.matrix @ found.weights
    binding = [
        BindingRow(name=name, shadow_price=float(price), slack=float(slack))
        for name, price, slack in zip(
            polytope.names, found.row_prices, slacks, strict=True
        )
        if slack <= BINDING and price > 0
    ]
    certificate = None
    if found.bound is not None:
        certificate = Certificate(objective=found.objective, bound=found.bound)
    return Answer(
        status=Status.OPTIMAL,
        reason=Reason.BEST,
        detail=f"found by {found.method}",
        weights=found.weights,
        objective=found.objective,
        certificate=certificate,
        violation=missed,
        binding=tuple(sorted(binding, key=lambda row: (-row.shadow_price, row.name))),
        conflicts=(),
        method=found.method,
        tried=tried,
    )


def _fallback(
    portfolio: Portfolio, model: Model, outcome: str, tried: tuple[str, ...]
) -> Answer:
    """What is held now where that is allowed, else the nearest that is."""
    n = len(portfolio.assets)
    start = portfolio.current
    if start is None:
        start = np.full(n, portfolio.polytope.total / n)
    safe = _allowed(portfolio, start)
    named = conflicts_of(portfolio, model) if outcome == "infeasible" else ()
    named = named if safe is not None else conflicts(portfolio.polytope)
    reason = REASONS[outcome]
    if outcome == "infeasible" and not named:
        reason = Reason.INACCURATE  # a solver's word against a linear program's
    detail = f"{reason.value}: the allowed weights nearest to what is held"
    if named:
        reason, detail = Reason.INFEASIBLE, f"no weights meet {', '.join(named)}"
    weights = start if safe is None else safe
    return Answer(
        status=Status.FALLBACK,
        reason=reason,
        detail=detail,
        weights=weights,
        objective=None,
        certificate=None,
        violation=violation(portfolio.polytope, weights),
        binding=(),
        conflicts=named,
        method="fallback",
        tried=tried,
    )


def _allowed(portfolio: Portfolio, start: Floats) -> Floats | None:
    if violation(portfolio.polytope, start) <= MOST_VIOLATION:
        return start
    return nearest_allowed(portfolio.polytope, start)
