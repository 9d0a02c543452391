# SPDX-License-Identifier: MIT
"""Which models and portfolios the family takes, and by which way."""

from __future__ import annotations

from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    MeanRisk,
    Model,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.tail.entropic import by_newton
from steelyard.optimize.tail.inputs import takes
from steelyard.optimize.tail.linear import by_generation
from steelyard.optimize.tail.wasserstein import by_cones
from steelyard.optimize.ways import Way

WAYS: dict[type, Way] = {
    CVaR: by_generation,
    WorstCase: by_generation,
    ConditionalDrawdown: by_generation,
    WassersteinCVaR: by_cones,
    EntropicVaR: by_newton,
}


def ways_of(portfolio: Portfolio, model: Model) -> tuple[Way, ...]:
    """The one way, or none: costs, turnover, doubts that do more than shift means."""
    if not isinstance(model, MeanRisk) or type(model.measure) not in WAYS:
        return ()
    return (WAYS[type(model.measure)],) if takes(portfolio, model) else ()
