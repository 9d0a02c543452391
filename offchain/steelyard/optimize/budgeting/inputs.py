# SPDX-License-Identifier: MIT
"""What the models need of a portfolio, and what theory does not let them take."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.checks import needed
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.models import (
    CVaR,
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
    RiskBudgeting,
    Variance,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.measures import cvar_of_each

Budgeting = RiskBudgeting | HierarchicalRiskParity | HierarchicalEqualRisk
LINKAGES = ("single", "complete", "average", "weighted", "ward")
NO_VARIANCE = 1e-24  # of the largest variance: what rounding leaves of none
SUM = 1e-9  # budgets that miss 1 by less are scaled to it


def budgets_of(portfolio: Portfolio, model: RiskBudgeting) -> Floats:
    """(n,) that sum to 1; all the same where the model names none."""
    n = len(portfolio.assets)
    if model.budgets is None:
        return np.full(n, 1 / n)
    budgets = np.array(model.budgets, dtype=np.float64)
    return np.asarray(budgets / budgets.sum(), np.float64)


def check(portfolio: Portfolio, model: Budgeting) -> None:
    """Raises `PortfolioInvalid` for what is missing, `ModelRefused` for the rest."""
    name = type(model).__name__
    if not portfolio.is_frictionless:
        raise ModelRefused(
            name, "trading costs and turnover have no place in it: it has no return"
        )
    measure = getattr(model, "measure", Variance())
    if isinstance(model, RiskBudgeting):
        _check_budgets(portfolio, model)
    else:
        _check_tree(portfolio, model)
    if isinstance(measure, CVaR):
        _check_tail(portfolio, name, measure)
    if isinstance(measure, Variance) or not isinstance(model, RiskBudgeting):
        _check_variances(portfolio, name)


def _check_budgets(portfolio: Portfolio, model: RiskBudgeting) -> None:
    polytope, budgets = portfolio.polytope, model.budgets
    name = "RiskBudgeting"
    if budgets is not None:
        if len(budgets) != len(portfolio.assets):
            raise ModelRefused(
                name, f"{len(budgets)} budgets for {len(portfolio.assets)} assets"
            )
        if not min(budgets) > 0:
            raise ModelRefused(name, "a budget of 0 or less: leave the asset out")
        if not abs(sum(budgets) - 1) <= SUM:
            raise ModelRefused(name, f"budgets sum to {sum(budgets):g}, expected 1")
    if polytope.lowest.min() < 0:
        i = int(polytope.lowest.argmin())
        raise ModelRefused(
            name, f"{polytope.assets[i]} may be short: shares of risk need weights > 0"
        )
    if not polytope.highest.min() > 0:
        i = int(polytope.highest.argmin())
        raise ModelRefused(
            name, f"{polytope.assets[i]} must be 0: it cannot carry its budget"
        )
    if not polytope.total > 0:
        raise ModelRefused(name, f"weights sum to {polytope.total:g}, expected > 0")


def _check_tree(
    portfolio: Portfolio, model: HierarchicalRiskParity | HierarchicalEqualRisk
) -> None:
    name = type(model).__name__
    if model.linkage not in LINKAGES:
        raise ModelRefused(
            name, f"linkage {model.linkage}, expected one of {', '.join(LINKAGES)}"
        )
    clusters = getattr(model, "clusters", None)
    if clusters is not None and not 1 <= clusters <= len(portfolio.assets):
        raise ModelRefused(
            name, f"{clusters} clusters of {len(portfolio.assets)} assets"
        )


def _check_variances(portfolio: Portfolio, name: str) -> None:
    variances = needed(portfolio, "covariance", name).diagonal()
    least = int(variances.argmin())
    if not variances[least] > NO_VARIANCE * variances.max():
        raise ModelRefused(
            name, f"{portfolio.assets[least]} has no variance: it has no share of risk"
        )


def _check_tail(portfolio: Portfolio, name: str, measure: CVaR) -> None:
    if measure.level == 0:
        raise ModelRefused(name, "at level 0 all is tail, expected more than 0")
    tails = cvar_of_each(-needed(portfolio, "scenarios", name), measure.level)
    least = int(tails.argmin())
    if not tails[least] > 0:
        raise ModelRefused(
            name, f"{portfolio.assets[least]} has no loss in its tail: no share of risk"
        )
