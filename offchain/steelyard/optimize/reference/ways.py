# SPDX-License-Identifier: MIT
"""From a portfolio and a model to weights, by the reference."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.checks import needed
from steelyard.optimize.found import Found
from steelyard.optimize.models import (
    Kelly,
    LargestRatio,
    MaximumDiversification,
    MeanRisk,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference import growth
from steelyard.optimize.reference.candidate import Candidate
from steelyard.optimize.reference.mean_risk import (
    loss_terms,
    program,
    program_of,
    risk_terms,
    size_limits,
    usual_size,
    usual_volatility,
)
from steelyard.optimize.reference.program import Affine, Term
from steelyard.optimize.reference.ratio import Ratio, largest
from steelyard.optimize.reference.smooth import Total
from steelyard.optimize.reference.solve import solved


def mean_risk(portfolio: Portfolio, model: MeanRisk) -> Found:
    """Weights of any mean-risk model.

    Raises `SolveFailed`, `ModelRefused`, `PortfolioInvalid`.
    """
    unit, name = usual_size(portfolio, model.measure), type(model.goal).__name__
    if isinstance(model.goal, LargestRatio):
        loss = loss_terms(portfolio, model, unit, model.goal.risk_free)
        ratio = _ratio(portfolio, model, unit, loss)
        return _as_found(largest(ratio, name), 1.0)
    scaled = program_of(portfolio, model, unit)
    return _as_found(solved(scaled.program, name), scaled.factor)


def diversification(portfolio: Portfolio, model: MaximumDiversification) -> Found:
    """Weights of the largest mean volatility over volatility; costs play no part.

    Raises `SolveFailed`, `ModelRefused`, `PortfolioInvalid`.
    """
    name = type(model).__name__
    covariance = needed(portfolio, "covariance", name)
    unit = usual_volatility(covariance)
    volatilities = np.sqrt(np.diag(covariance)) / unit
    of = Affine(offset=np.zeros(1), by_weight=-volatilities[None])
    loss = (Term(factor=1.0, function=Total(), of=of),)
    ratio = _ratio(portfolio, MeanRisk(), unit, loss)
    return _as_found(largest(ratio, name), 1.0)


def kelly(portfolio: Portfolio, model: Kelly) -> Found:
    """Weights of the most growth. Raises `SolveFailed`, `PortfolioInvalid`."""
    scaled = growth.program_of(portfolio, model)
    return _as_found(solved(scaled.program, type(model).__name__), scaled.factor)


def _ratio(
    portfolio: Portfolio, model: MeanRisk, unit: float, loss: tuple[Term, ...]
) -> Ratio:
    risk = risk_terms(portfolio, model, unit, squared=False)
    limits = size_limits(portfolio)
    return Ratio(program=program(portfolio, risk, limits), loss=loss)


def _as_found(candidate: Candidate, factor: float) -> Found:
    """In the model's own units."""
    rows: Floats = np.maximum(candidate.multipliers.rows, 0.0)
    return Found(
        weights=candidate.weights,
        objective=factor * candidate.objective,
        bound=factor * candidate.bound,
        row_prices=factor * rows,
        method=candidate.method,
    )
