# SPDX-License-Identifier: MIT
"""What weights mean: return, volatility, risk, and who brings it.

Each measure of risk is homogeneous, so that it is the sum of its weights times its
slopes (Euler): an asset's term is its contribution.
"""

from dataclasses import dataclass

import numpy as np

from steelyard.allocation.inputs import Prepared
from steelyard.market.history import FloatArray
from steelyard.optimize.checks import needed
from steelyard.optimize.models import (
    HierarchicalEqualRisk,
    MeanRisk,
    Measure,
    Model,
    RiskBudgeting,
    Variance,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.reference.measures import ball_slope, loss_weights


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of some weights; None where an input is missing."""

    expected_return: float | None  # per year, trading apart
    volatility: float  # per year
    sharpe: float | None  # per year
    risk: float  # the model's measure: per year for the volatility, else per period
    diversification: float | None  # weighted volatility over volatility
    effective_assets: float | None  # 1 / sum of squared weights
    turnover: float | None  # sum of |w - current|
    cost: float | None  # of trading there, once, as a share of value


def measure_of(model: Model) -> Measure:
    """The measure that the model's risk is shown in."""
    if isinstance(model, MeanRisk | RiskBudgeting | HierarchicalEqualRisk):
        return model.measure
    return Variance()


def figures_of(prepared: Prepared, weights: FloatArray) -> Figures:
    """All figures of the weights (n,)."""
    portfolio, per_year = prepared.portfolio, prepared.beliefs.per_year
    matrix = prepared.beliefs.covariance.matrix
    volatility = float(np.sqrt(max(float(weights @ matrix @ weights), 0.0)))
    expected = None if per_year is None else float(per_year @ weights)
    excess = None if expected is None else expected - prepared.ask.beliefs.risk_free
    measure = measure_of(prepared.model)
    spread = float(weights @ prepared.beliefs.covariance.volatility)
    is_variance = isinstance(measure, Variance)
    squares = float(weights @ weights)
    return Figures(
        expected_return=expected,
        volatility=volatility,
        sharpe=None if excess is None or not volatility else excess / volatility,
        risk=volatility
        if is_variance
        else float(contributions(measure, portfolio, weights).sum()),
        diversification=spread / volatility if volatility else None,
        effective_assets=1 / squares if squares else None,
        turnover=_turnover(prepared, weights),
        cost=_cost(prepared, weights),
    )


def contributions(
    measure: Measure, portfolio: Portfolio, weights: FloatArray
) -> FloatArray:
    """(n,) that sum to the measure, per period; of the variance to the volatility."""
    return np.asarray(weights * _slopes(measure, portfolio, weights))


def shares_of(terms: FloatArray) -> FloatArray | None:
    """(n,) of the whole; None where that is not above 0."""
    whole = float(terms.sum())
    return np.asarray(terms / whole) if whole > 0 else None


def _slopes(measure: Measure, portfolio: Portfolio, weights: FloatArray) -> FloatArray:
    """(n,) a gradient of the measure at the weights."""
    if isinstance(measure, Variance):
        pull = needed(portfolio, "covariance", "Variance") @ weights
        volatility = float(np.sqrt(max(float(weights @ pull), 0.0)))
        return np.asarray(pull / volatility if volatility else np.zeros_like(pull))
    losses = -needed(portfolio, "scenarios", type(measure).__name__)
    slopes = loss_weights(measure, losses @ weights, None) @ losses
    length = float(np.linalg.norm(weights))
    return np.asarray(slopes + ball_slope(measure) * weights / (length or 1.0))


def _moves(prepared: Prepared, weights: FloatArray) -> FloatArray:
    current = prepared.portfolio.current
    return np.abs(weights if current is None else weights - current)


def _turnover(prepared: Prepared, weights: FloatArray) -> float | None:
    if prepared.portfolio.current is None:
        return None
    return float(_moves(prepared, weights).sum())


def _cost(prepared: Prepared, weights: FloatArray) -> float | None:
    if prepared.once_costs is None:
        return None
    return float(prepared.once_costs @ _moves(prepared, weights))
