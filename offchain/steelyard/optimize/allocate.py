# SPDX-License-Identifier: MIT
"""Weights by a model: the quickest way that can, then the reference, then what is safe.

Nothing that a solver says is believed: limits are checked on the weights themselves,
and the gap to the best is computed from multipliers.
"""

from __future__ import annotations

from math import isfinite

import numpy as np

from steelyard.optimize.answer import Answer, Certificate
from steelyard.optimize.conflicts import conflicts, conflicts_of
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.feasible import nearest_allowed
from steelyard.optimize.found import Found
from steelyard.optimize.models import Model
from steelyard.optimize.normal import normalised, row_scales
from steelyard.optimize.outcome import BindingRow, Reason, Status
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.ways import ways

MOST_VIOLATION = 1e-10
MOST_EXCESS = 1e-8  # of turnover and leverage, which are sums of many sizes
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
    scales = row_scales(portfolio.polytope)
    plain = normalised(portfolio, scales)
    tried: list[str] = []
    outcomes: list[str] = []
    for way in ways(plain, model):
        try:
            found = way(plain, model)
        except SolveFailed as failed:
            tried.append(str(failed))
            outcomes.append(failed.outcome)
            continue
        missed = violation(plain.polytope, found.weights)
        excess = size_excess(plain, found.weights)
        doubt = _doubt(found, missed, excess)
        if not doubt:
            return _answer(portfolio, found, scales, max(missed, excess), tuple(tried))
        tried.append(f"{found.method}: {doubt}")
        outcomes.append("inaccurate")
    return _fallback(portfolio, model, _outcome(outcomes), tuple(tried))


def _outcome(outcomes: list[str]) -> str:
    """The first that settles something, else the last."""
    settled = [said for said in outcomes if said in ("infeasible", "unbounded")]
    return (*settled, *reversed(outcomes), "failed")[0]


def size_excess(portfolio: Portfolio, weights: Floats) -> float:
    """Most by which the limits of turnover and leverage are missed, at least 0."""
    if portfolio.turnover is None and portfolio.leverage is None:
        return 0.0
    held = np.zeros(len(weights)) if portfolio.current is None else portfolio.current
    sizes = (
        (portfolio.turnover, np.abs(weights - held).sum()),
        (portfolio.leverage, np.abs(weights).sum()),
    )
    return float(max([0.0, *(size - most for most, size in sizes if most is not None)]))


def _doubt(found: Found, missed: float, excess: float) -> str:
    """Why it is not taken; empty: it is."""
    if not (missed <= MOST_VIOLATION and excess <= MOST_EXCESS):
        return f"misses a limit by {max(missed, excess):g}"
    if found.bound is None:
        return "" if isfinite(found.objective) else f"objective {found.objective:g}"
    gap = found.objective - found.bound
    size = max(abs(found.objective), abs(found.bound))
    is_tight = isfinite(gap) and gap <= MOST_GAP * size + NO_GAP
    return "" if is_tight else f"gap {gap:g}"


def _answer(
    portfolio: Portfolio,
    found: Found,
    scales: Floats,
    missed: float,
    tried: tuple[str, ...],
) -> Answer:
    """`found` of rows that were divided by `scales`, in the portfolio's own."""
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
        binding=_binding(portfolio.polytope, found, scales),
        conflicts=(),
        method=found.method,
        tried=tried,
    )


def _binding(
    polytope: Polytope, found: Found, scales: Floats
) -> tuple[BindingRow, ...]:
    """Rows at their bound that have a price, the dearest first."""
    slacks = (polytope.bounds - polytope.matrix.dot(found.weights)).tolist()
    prices = found.row_prices.tolist()
    rows = [
        BindingRow(name=name, shadow_price=price / scale, slack=slack)
        for name, price, slack, scale in zip(
            polytope.names, prices, slacks, scales.tolist(), strict=True
        )
        if price > 0 and slack <= BINDING * scale
    ]
    return tuple(sorted(rows, key=lambda row: (-row.shadow_price, row.name)))


def _fallback(
    portfolio: Portfolio, model: Model, outcome: str, tried: tuple[str, ...]
) -> Answer:
    """What is held now where that is allowed, else the nearest that is.

    The nearest may miss limits of turnover and leverage, which `violation` tells.
    """
    start = _held(portfolio)
    safe = _allowed(portfolio, start)
    weights = start if safe is None else safe
    named = _conflicts(portfolio, model, outcome, is_met=safe is not None)
    polytope = portfolio.polytope
    missed = max(violation(polytope, weights), size_excess(portfolio, weights))
    reason, detail = _reason(outcome, named, missed)
    return Answer(
        status=Status.FALLBACK,
        reason=reason,
        detail=detail,
        weights=weights,
        objective=None,
        certificate=None,
        violation=missed,
        binding=(),
        conflicts=named,
        method="fallback",
        tried=tried,
    )


def _held(portfolio: Portfolio) -> Floats:
    """(n,) now; all the same where nothing is."""
    n = len(portfolio.assets)
    if portfolio.current is None:
        return np.full(n, portfolio.polytope.total / n)
    return portfolio.current


def _conflicts(
    portfolio: Portfolio, model: Model, outcome: str, *, is_met: bool
) -> tuple[str, ...]:
    """Limits that nothing meets together; `is_met`: some weights meet the polytope."""
    if not is_met:
        return conflicts(portfolio.polytope)
    return conflicts_of(portfolio, model) if outcome == "infeasible" else ()


def _reason(outcome: str, named: tuple[str, ...], missed: float) -> tuple[Reason, str]:
    """With a line for people."""
    if named:
        return Reason.INFEASIBLE, f"no weights meet {', '.join(named)}"
    reason = REASONS.get(outcome, Reason.INACCURATE)
    if outcome == "infeasible":
        reason = Reason.INACCURATE  # a solver's word against a linear program's
    if missed > MOST_EXCESS:
        return reason, f"{reason.value}: weights that miss a limit by {missed:g}"
    return reason, f"{reason.value}: the allowed weights nearest to what is held"


def _allowed(portfolio: Portfolio, start: Floats) -> Floats | None:
    """None: nothing is, or no linear program could say."""
    if violation(portfolio.polytope, start) <= MOST_VIOLATION:
        return start
    try:
        return nearest_allowed(portfolio.polytope, start)
    except SolveFailed:
        return None
