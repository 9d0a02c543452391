# SPDX-License-Identifier: MIT
"""Limits that an answer stands at, and what one more percent of each would earn.

Rows have multipliers in the answer. Caps and floors of single assets have none there,
as they are bounds of the box; those that bind are stated as rows, and the same model is
solved once more for their multipliers.
"""

from dataclasses import dataclass, replace

import numpy as np

from steelyard.allocation.describe import period_of, risk_name
from steelyard.allocation.inputs import Prepared
from steelyard.allocation.limits import is_at_least
from steelyard.market.history import FloatArray
from steelyard.optimize.allocate import allocate
from steelyard.optimize.answer import Answer
from steelyard.optimize.errors import OptimizeError
from steelyard.optimize.models import (
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
    Kelly,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    Model,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
    Utility,
    Variance,
)
from steelyard.optimize.outcome import Status
from steelyard.optimize.polytope import Polytope, with_row

AT = 1e-9  # of a weight: nearer, it stands at its bound
NEAR = 1e-7  # of value: turnover is the sum of many
PERCENT = 0.01
MOST_BOXES = 60  # caps and floors that are priced
SAME = 1e-6  # of the objective: the second solve found the same


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit that binds; a price of None is not known, one of 0 is nothing."""

    name: str
    bound: float
    shadow_price: float | None  # fall of the objective, per period and unit of bound
    gain: str  # what one more percent would earn, in words


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The objective as people think of it; with a unit, `value` is a share."""

    name: str
    unit: str
    value: float


def limits_of(prepared: Prepared, answer: Answer) -> tuple[Limit, ...]:
    """All that bind, the dearest first; none for a fallback."""
    if answer.status is not Status.OPTIMAL:
        return ()
    polytope = prepared.portfolio.polytope
    boxes = _boxes(polytope, answer.weights)
    prices: dict[str, float | None] = {}
    for row in answer.binding:  # the dearest first, also of an equation's two rows
        prices.setdefault(row.name, row.shadow_price)
    if boxes and answer.certificate is not None and len(boxes) <= MOST_BOXES:
        prices |= _box_prices(prepared, answer, boxes)
    bounds = _bounds(polytope) | {name: bound for name, _, bound in boxes}
    at_bound = [row.name for row in answer.binding] + [name for name, _, _ in boxes]
    found = [
        Limit(
            name=name,
            bound=bounds[name],
            shadow_price=prices.get(name),
            gain=_gain(prepared, answer, prices.get(name)),
        )
        for name in dict.fromkeys(at_bound)
    ]
    found.sort(key=lambda at: (-(at.shadow_price or 0.0), at.name))
    return (*found, *_sizes(prepared, answer))


def headline_of(
    model: Model, objective: float, periods_per_year: float
) -> Headline | None:
    """What was minimised, per year where it grows with time; None where it says nothing
    to people, as the barrier of risk budgeting."""
    years = periods_per_year
    match model:
        case Kelly():
            return Headline(name="growth", unit="% a year", value=-objective * years)
        case MaximumDiversification():
            return Headline(name="diversification ratio", unit="", value=-objective)
        case HierarchicalRiskParity() | HierarchicalEqualRisk():
            name = "distance to the tree's weights"
            return Headline(name=name, unit="% of value", value=objective)
        case MeanRisk():
            return _mean_risk(model, objective, years)
    return None


def _mean_risk(model: MeanRisk, objective: float, years: float) -> Headline | None:
    is_variance = isinstance(model.measure, Variance)
    match model.goal:
        case LeastRisk() | ReturnAtLeast() if is_variance:
            value = float(np.sqrt(max(objective, 0.0) * years))
            name = "worst volatility" if model.doubts else "volatility"
            return Headline(name=name, unit="% a year", value=value)
        case LeastRisk() | ReturnAtLeast():
            name = risk_name(model.measure)
            unit = f"% {period_of(years)}"
            return Headline(name=name, unit=unit, value=objective)
        case Utility():
            name = "return net of risk"
            return Headline(name=name, unit="% a year", value=-objective * years)
        case RiskAtMost():
            name = "expected return"
            return Headline(name=name, unit="% a year", value=-objective * years)
        case LargestRatio():
            root = float(np.sqrt(years)) if is_variance else 1.0
            name = "Sharpe ratio" if is_variance else "excess return by risk"
            return Headline(name=name, unit="", value=-objective * root)
    return None


def _gain(prepared: Prepared, answer: Answer, price: float | None) -> str:
    if price is None or answer.objective is None:
        return ""
    if isinstance(prepared.model, RiskBudgeting) and price > 0:
        return "would bring shares of risk nearer to their budgets"
    years = prepared.periods_per_year
    now = headline_of(prepared.model, answer.objective, years)
    then = headline_of(prepared.model, answer.objective - PERCENT * price, years)
    if now is None or then is None:
        return ""
    scale = 100.0 if now.unit else 1.0
    change = scale * (then.value - now.value)
    unit = f" {now.unit}" if now.unit else ""
    verb = "raise" if change > 0 else "lower"
    return f"would {verb} {now.name} by {abs(change):.3g}{unit}"


def _sizes(prepared: Prepared, answer: Answer) -> tuple[Limit, ...]:
    """Limits of turnover and leverage where they bind; answers do not price them."""
    portfolio, weights = prepared.portfolio, answer.weights
    held = np.zeros(len(weights)) if portfolio.current is None else portfolio.current
    sums = (
        ("turnover", portfolio.turnover, np.abs(weights - held).sum()),
        ("leverage", portfolio.leverage, np.abs(weights).sum()),
    )
    return tuple(
        Limit(name=name, bound=bound, shadow_price=None, gain="")
        for name, bound, size in sums
        if bound is not None and size >= bound - NEAR
    )


def _boxes(
    polytope: Polytope, weights: FloatArray
) -> list[tuple[str, FloatArray, float]]:
    """Caps and floors that bind: names, coefficients of rows, and bounds as typed;
    those that only forbid debt are none."""
    p, rows = polytope, []
    for i, asset in enumerate(p.assets):
        unit = np.zeros(len(p.assets))
        unit[i] = 1.0
        if p.highest[i] - weights[i] <= AT and p.highest[i] < p.total:
            rows.append((f"cap of {asset}", unit, float(p.highest[i])))
        elif weights[i] - p.lowest[i] <= AT and p.lowest[i] != 0:
            rows.append((f"floor of {asset}", -unit, float(p.lowest[i])))
    return rows


def _bounds(polytope: Polytope) -> dict[str, float]:
    """Of rows by name, as typed: what is at least a bound is stated with minus it."""
    found: dict[str, float] = {}
    for name, bound in zip(polytope.names, polytope.bounds, strict=True):
        # the first of the two rows of an equation is as typed
        found.setdefault(name, float(-bound if is_at_least(name) else bound))
    return found


def _box_prices(
    prepared: Prepared, answer: Answer, boxes: list[tuple[str, FloatArray, float]]
) -> dict[str, float]:
    """None where the second solve does not find the same."""
    portfolio = prepared.portfolio
    polytope = portfolio.polytope
    lowest, highest = polytope.lowest.copy(), polytope.highest.copy()
    for _, coefficients, _ in boxes:
        place = int(np.argmax(np.abs(coefficients)))
        if coefficients[place] > 0:
            highest[place] = max(polytope.total, highest[place])
        else:
            # never below 0 for this alone: not all models allow debt
            lowest[place] = 0.0 if lowest[place] > 0 else lowest[place] - 1.0
    polytope = replace(polytope, lowest=lowest, highest=highest)
    for name, coefficients, bound in boxes:
        sign = float(coefficients.sum())
        polytope = with_row(polytope, name, coefficients, sign * bound)
    try:
        again = allocate(replace(portfolio, polytope=polytope), prepared.model)
    except OptimizeError:
        return {}
    if again.objective is None or answer.objective is None:
        return {}
    if abs(again.objective - answer.objective) > SAME * abs(answer.objective):
        return {}
    prices = {row.name: row.shadow_price for row in again.binding}
    return {name: prices.get(name, 0.0) for name, _, _ in boxes}
