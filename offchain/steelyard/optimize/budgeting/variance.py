# SPDX-License-Identifier: MIT
"""Risk budgeting on variance: Newton without limits, else an interior point method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from steelyard.optimize.budgeting import newton, reference, steps
from steelyard.optimize.budgeting.barrier import (
    LEAST_UNIT,
    NO_RISK,
    Prices,
    Risk,
    as_found,
    at_total,
    no_prices,
)
from steelyard.optimize.budgeting.cone import BarrierProblem, Solved
from steelyard.optimize.budgeting.failures import explained, least_volatility
from steelyard.optimize.budgeting.inputs import budgets_of
from steelyard.optimize.budgeting.interior import by_interior_point
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.models import RiskBudgeting
from steelyard.optimize.polytope import violation
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

MET = 1e-12  # a limit missed by less is met
Solver = Callable[[BarrierProblem, Floats], Solved]


def by_variance(portfolio: Portfolio, model: RiskBudgeting) -> Found:
    """The only allowed weights of least objective (see `barrier`).

    Newton's weights where they keep every limit. Raises `SolveFailed`: "unbounded"
    where allowed weights have no risk at all, "infeasible" where limits leave an asset
    nothing.
    """
    polytope, covariance = portfolio.polytope, _covariance(portfolio)
    budgets = budgets_of(portfolio, model)
    try:
        sizes = newton.free_sizes(covariance, budgets)
    except SolveFailed:  # limits may still keep the weights from having no risk
        sizes = _naive(covariance, budgets)
    else:
        weights = sizes * (polytope.total / sizes.sum())
        if violation(polytope, weights) <= MET:
            prices = no_prices(polytope)
            return _found(portfolio, budgets, weights, prices, newton.METHOD)
    return _limited(portfolio, budgets, sizes, by_interior_point, steps.METHOD)


def by_variance_reference(portfolio: Portfolio, model: RiskBudgeting) -> Found:
    """The same weights, to fewer digits, by Clarabel. Raises `SolveFailed`."""
    budgets = budgets_of(portfolio, model)
    start = _naive(_covariance(portfolio), budgets)
    return _limited(portfolio, budgets, start, reference.by_reference, reference.METHOD)


def _covariance(portfolio: Portfolio) -> Floats:
    assert portfolio.covariance is not None  # refused without it
    return portfolio.covariance


def _naive(covariance: Floats, budgets: Floats) -> Floats:
    return np.asarray(budgets / np.sqrt(covariance.diagonal()), np.float64)


def _limited(
    portfolio: Portfolio, budgets: Floats, start: Floats, solve: Solver, method: str
) -> Found:
    """In units that make the risk of `start` (n,) 1, and the sum of its parts."""
    covariance = _covariance(portfolio)
    start = start * (portfolio.polytope.total / start.sum())
    volatilities = np.sqrt(covariance.diagonal())
    apart = float(volatilities @ start)
    unit = np.sqrt(max(float(start @ covariance @ start), (LEAST_UNIT * apart) ** 2))
    scales = volatilities / apart
    problem = BarrierProblem(
        polytope=portfolio.polytope,
        budgets=budgets,
        scales=scales,
        unit=unit,
        curvature=covariance / (unit * scales) / (unit * scales)[:, None],
    )
    try:
        solved = solve(problem, start * scales)
    except SolveFailed as failed:
        least = least_volatility(portfolio.polytope, covariance)
        raise explained(portfolio.polytope, failed, least) from failed
    weights = at_total(portfolio.polytope, solved.sizes)
    return _found(portfolio, budgets, weights, solved.prices, method)


def _found(
    portfolio: Portfolio,
    budgets: Floats,
    weights: Floats,
    prices: Prices,
    method: str,
) -> Found:
    covariance = _covariance(portfolio)
    marginal = covariance @ weights
    variance = float(weights @ marginal)
    apart = float(weights @ np.sqrt(covariance.diagonal()))
    if not variance > (NO_RISK * apart) ** 2:
        raise SolveFailed(method, "unbounded")
    value = float(np.sqrt(variance))
    risk = Risk(value=value, gradient=marginal / value)
    return as_found(portfolio.polytope, budgets, weights, risk, prices, method)
