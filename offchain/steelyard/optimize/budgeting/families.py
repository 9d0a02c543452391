# SPDX-License-Identifier: MIT
"""Which way solves which budgeting model, the quickest first."""

from __future__ import annotations

from steelyard.optimize.budgeting.equal_risk import by_branches
from steelyard.optimize.budgeting.hierarchical import by_bisection
from steelyard.optimize.budgeting.inputs import Budgeting, check
from steelyard.optimize.budgeting.tail import by_tail, by_tail_reference
from steelyard.optimize.budgeting.variance import by_variance, by_variance_reference
from steelyard.optimize.models import CVaR, HierarchicalRiskParity, RiskBudgeting
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.ways import Way


def ways_of(portfolio: Portfolio, model: Budgeting) -> tuple[Way, ...]:
    """What to try in turn.

    Raises `PortfolioInvalid` for a missing input and `ModelRefused` for trading costs,
    turnover, and what shares of risk have no meaning for.
    """
    check(portfolio, model)
    if isinstance(model, HierarchicalRiskParity):
        return (by_bisection,)
    if not isinstance(model, RiskBudgeting):
        return (by_branches,)
    if isinstance(model.measure, CVaR):
        return by_tail, by_tail_reference
    return by_variance, by_variance_reference
