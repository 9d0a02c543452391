# SPDX-License-Identifier: MIT
"""Which models the reference states, and the ways to solve them."""

from __future__ import annotations

from steelyard.optimize.growth import most_growth, takes
from steelyard.optimize.models import (
    Kelly,
    MaximumDiversification,
    MeanRisk,
    Model,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.reference import mean_risk, ways
from steelyard.optimize.ways import Way


def ways_of(portfolio: Portfolio, model: Model) -> tuple[Way, ...]:
    """The reference's ways, none for a model that it does not state.

    Raises `ModelRefused`.
    """
    match model:
        case MeanRisk():
            mean_risk.check(model)
            return (ways.mean_risk,)
        case MaximumDiversification():
            return (ways.diversification,)
        case Kelly():
            quick = (most_growth,) if takes(portfolio, model) else ()
            return (*quick, ways.kelly)
        case _:
            return ()
