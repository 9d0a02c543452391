# SPDX-License-Identifier: MIT
"""Which models and portfolios the family takes, and by which way."""

from __future__ import annotations

from steelyard.optimize.models import (
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    Model,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    Variance,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.quadratic.inputs import takes
from steelyard.optimize.quadratic.least import (
    least_risk,
    least_risk_at_return,
    most_utility,
)
from steelyard.optimize.quadratic.limited import most_return
from steelyard.optimize.quadratic.ratio import largest_ratio, most_diversified
from steelyard.optimize.ways import Way

WAYS: dict[type, Way] = {
    LeastRisk: least_risk,
    Utility: most_utility,
    ReturnAtLeast: least_risk_at_return,
    RiskAtMost: most_return,
    LargestRatio: largest_ratio,
}


def ways_of(portfolio: Portfolio, model: Model) -> tuple[Way, ...]:
    """The one exact way, or none: costs, turnover, doubts that are not quadratic.

    Raises `PortfolioInvalid`.
    """
    if not portfolio.is_frictionless:
        return ()
    if isinstance(model, MaximumDiversification):
        return (most_diversified,)
    if not (isinstance(model, MeanRisk) and isinstance(model.measure, Variance)):
        return ()
    return (WAYS[type(model.goal)],) if takes(portfolio, model) else ()
