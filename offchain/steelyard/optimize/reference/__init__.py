# SPDX-License-Identifier: MIT
"""The reference of the optimiser, stated in cvxpy: slow, general, certified.

Every mean-risk model, maximum diversification and growth. Faster ways are tested to
agree with it. If several weights are best, any of them may come back: interior-point
methods tend to the middle of them, and no ridge breaks the tie.
"""

from __future__ import annotations

from steelyard.optimize.growth import most_growth, takes
from steelyard.optimize.models import (
    Kelly,
    MaximumDiversification,
    MeanRisk,
    Model,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.reference import growth, mean_risk, ways
from steelyard.optimize.ways import Way

__all__ = ["ways_of"]


def ways_of(portfolio: Portfolio, model: Model) -> tuple[Way, ...]:
    """The reference's ways, none for a model that it does not state.

    Raises `PortfolioInvalid`, `PreferenceInvalid`, `ModelRefused`.
    """
    match model:
        case MeanRisk():
            mean_risk.check(portfolio, model)
            return (ways.mean_risk,)
        case MaximumDiversification():
            ways.needs_covariance(portfolio, "MaximumDiversification")
            return (ways.diversification,)
        case Kelly():
            growth.check(portfolio, model)
            quick = (most_growth,) if takes(portfolio, model) else ()
            return (*quick, ways.kelly)
        case _:
            return ()
