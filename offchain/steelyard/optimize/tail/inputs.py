# SPDX-License-Identifier: MIT
"""What models of tail risk take from a portfolio, or the name of what is missing."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.checks import needed
from steelyard.optimize.models import BoxMean, LeastRisk, MeanRisk
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.inputs import means_of


def takes(portfolio: Portfolio, model: MeanRisk) -> bool:
    """No trading costs or limit, and no doubts but about means that it shifts."""
    is_long = portfolio.polytope.lowest.min() >= 0
    shifts = all(isinstance(doubt, BoxMean) for doubt in model.doubts)
    plain = not model.doubts or isinstance(model.goal, LeastRisk) or is_long
    return portfolio.is_frictionless and shifts and plain


def returns_of(portfolio: Portfolio, model: MeanRisk) -> Floats:
    """(t, n) the scenarios. Raises `PortfolioInvalid`."""
    return needed(portfolio, "scenarios", type(model.measure).__name__)


def mean_of(portfolio: Portfolio, model: MeanRisk) -> Floats:
    """(n,) the lowest means not ruled out; 0 where the goal asks for no mean.

    Raises `PortfolioInvalid`.
    """
    if isinstance(model.goal, LeastRisk):
        return np.zeros(len(portfolio.assets))
    return means_of(portfolio, model)
