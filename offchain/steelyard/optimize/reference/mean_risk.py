# SPDX-License-Identifier: MIT
"""Mean-risk models as programs: any measure, any goal, any doubt.

UNITS  Inside, returns are over `unit`, the assets' usual volatility or the usual size
       of scenarios, so that solvers see numbers around 1; covariances are over its
       square.

The mean is after `cost_rates` of |w - current| and after all doubts about means. Costs
are taken from the mean alone: the sum of weights stays the polytope's total and the
risk is that of the weights, so `LeastRisk` knows neither costs nor doubted means. A
limit of turnover or leverage holds for every goal. Without `current` nothing is held,
and all that is bought is traded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.checks import needed
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.models import (
    LargestRatio,
    LeastRisk,
    MeanRisk,
    Measure,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    Variance,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.doubts import (
    ABOUT_COVARIANCES,
    mean_doubts,
    variance_term,
)
from steelyard.optimize.reference.measures import ball_slope, function_of
from steelyard.optimize.reference.program import (
    Affine,
    Limit,
    Program,
    Term,
    times,
)
from steelyard.optimize.reference.smooth import Length, Total

LEAST_SIZE = 1e-3  # of scenarios, over the largest mean


@dataclass(frozen=True, kw_only=True, eq=False)
class Scaled:
    """A program, and what its objective is multiplied by to be the model's."""

    program: Program
    factor: float


def check(model: MeanRisk) -> None:
    """Raises `ModelRefused`."""
    doubts = any(isinstance(doubt, ABOUT_COVARIANCES) for doubt in model.doubts)
    if doubts and not isinstance(model.measure, Variance):
        name = type(model.measure).__name__
        raise ModelRefused(name, "doubted covariances say nothing about scenarios")


def usual_volatility(covariance: Floats) -> float:
    """Of one asset, per period: root mean square; 1 where there is none."""
    return float(np.sqrt(np.diag(covariance).mean())) or 1.0


def usual_size(portfolio: Portfolio, measure: Measure) -> float:
    """What returns are divided by: the root mean square of what the measure is of.

    For scenarios at least a share of the largest mean, so that no mean is without size.
    Raises `PortfolioInvalid`.
    """
    name, means = type(measure).__name__, portfolio.expected_returns
    if isinstance(measure, Variance):
        return usual_volatility(needed(portfolio, "covariance", name))
    largest = 0.0 if means is None else float(np.abs(means).max())
    usual = float(np.sqrt((needed(portfolio, "scenarios", name) ** 2).mean()))
    return max(usual, LEAST_SIZE * largest) or 1.0


def program_of(portfolio: Portfolio, model: MeanRisk, unit: float) -> Scaled:
    """Every goal but the ratio, which is none. Raises `PortfolioInvalid`."""
    risk = risk_terms(portfolio, model, unit, squared=True)
    order = 2 if isinstance(model.measure, Variance) else 1
    limits = size_limits(portfolio)
    match model.goal:
        case LeastRisk():
            objective, factor = risk, unit**order
        case ReturnAtLeast(expected_return=least):
            objective, factor = risk, unit**order
            loss = loss_terms(portfolio, model, unit)
            limits = (*limits, Limit(terms=loss, bound=-least / unit))
        case RiskAtMost(limit=limit):
            size = usual_mean(portfolio, unit)
            objective = times(loss_terms(portfolio, model, unit), 1 / size)
            factor = unit * size
            root = risk_terms(portfolio, model, unit, squared=False)
            limits = (*limits, _at_most(root, limit / unit))
        case Utility(risk_aversion=aversion):
            weight = aversion * unit / 2 if order == 2 else aversion
            loss = loss_terms(portfolio, model, unit)
            objective = times((*loss, *times(risk, weight)), 1 / (1 + weight))
            factor = unit * (1 + weight)
        case LargestRatio():
            raise TypeError("a ratio is no program")
    return Scaled(program=program(portfolio, objective, limits), factor=factor)


def usual_mean(portfolio: Portfolio, unit: float) -> float:
    """The largest of an asset, over `unit`; 1 where there is none."""
    means = needed(portfolio, "expected_returns", "RiskAtMost")
    return float(np.abs(means).max()) / unit or 1.0


def _at_most(terms: tuple[Term, ...], bound: float) -> Limit:
    """Over the bound, where that is positive, so that solvers see a 1."""
    size = bound if bound > 0 else 1.0
    return Limit(terms=times(terms, 1 / size), bound=bound / size)


def program(
    portfolio: Portfolio, objective: tuple[Term, ...], limits: tuple[Limit, ...]
) -> Program:
    return Program(
        polytope=portfolio.polytope,
        current=held(portfolio),
        objective=objective,
        limits=limits,
    )


def held(portfolio: Portfolio) -> Floats:
    if portfolio.current is None:
        return np.zeros(len(portfolio.assets))
    return portfolio.current


def loss_terms(
    portfolio: Portfolio, model: MeanRisk, unit: float, risk_free: float = 0.0
) -> tuple[Term, ...]:
    """Minus the mean over `unit`, after costs and doubts, plus the risk-free rate."""
    means = needed(portfolio, "expected_returns", type(model.goal).__name__)
    per_size, doubted = mean_doubts(model.doubts, unit, len(means))
    costs = portfolio.cost_rates
    of = Affine(
        offset=np.array([risk_free / unit]),
        by_weight=-means[None] / unit,
        by_move=costs[None] / unit if costs is not None and costs.any() else None,
        by_size=per_size[None] if per_size.any() else None,
    )
    return (Term(factor=1.0, function=Total(), of=of), *doubted)


def risk_terms(
    portfolio: Portfolio, model: MeanRisk, unit: float, *, squared: bool
) -> tuple[Term, ...]:
    """The measure over `unit`; for the variance its root, or `squared` itself."""
    measure, n, polytope = model.measure, len(portfolio.assets), portfolio.polytope
    name = type(measure).__name__
    if isinstance(measure, Variance):
        covariance = needed(portfolio, "covariance", name)
        return (
            variance_term(
                covariance, model.doubts, polytope, unit=unit, squared=squared
            ),
        )
    losses = -needed(portfolio, "scenarios", name) / unit
    of = Affine(offset=np.zeros(len(losses)), by_weight=losses)
    tail = Term(factor=1.0, function=function_of(measure), of=of)
    slope = ball_slope(measure) / unit
    if not slope:
        return (tail,)
    whole = Affine(offset=np.zeros(n), by_weight=np.eye(n))
    return (tail, Term(factor=slope, function=Length(), of=whole))


def size_limits(portfolio: Portfolio) -> tuple[Limit, ...]:
    """Sums of |w - current| and of |w|, if they are limited."""
    n, limits = len(portfolio.assets), []
    for bound, kind in (
        (portfolio.turnover, "by_move"),
        (portfolio.leverage, "by_size"),
    ):
        if bound is not None:
            one = {kind: np.ones((1, n))}
            of = Affine(offset=np.zeros(1), by_weight=np.zeros((1, n)), **one)
            terms = (Term(factor=1.0, function=Total(), of=of),)
            limits.append(Limit(terms=terms, bound=bound))
    return tuple(limits)
