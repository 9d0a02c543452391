# SPDX-License-Identifier: MIT
"""What the family takes: doubts that leave the program quadratic, and what they change.

Doubts about means shift them where no weight is negative (Tutuncu & Koenig 2004).
Doubts about covariances add to them: a Frobenius ball its radius on the diagonal, a box
its half-widths where no weight is negative and the sum stays convex.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.arrays import smallest
from steelyard.optimize.checks import needed
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    EllipsoidalCovariance,
    EllipsoidalMean,
    LeastRisk,
    MeanRisk,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

CONVEX = 1e-12  # of the mean variance: a ridge that rounding needs


def takes(portfolio: Portfolio, model: MeanRisk) -> bool:
    """The model is a quadratic program for this portfolio, or a walk over some.

    Raises `PortfolioInvalid`.
    """
    if not model.doubts:
        return True
    is_long = smallest(portfolio.polytope.lowest) >= 0
    is_least = isinstance(model.goal, LeastRisk)
    for doubt in model.doubts:
        match doubt:
            case EllipsoidalMean() if not is_least:
                return False
            case BoxMean() if not (is_long or is_least):
                return False
            case BoxCovariance() if not is_long:
                return False
    if not any(isinstance(doubt, BoxCovariance) for doubt in model.doubts):
        return True
    return is_convex(covariance_of(portfolio, model))


def covariance_of(portfolio: Portfolio, model: MeanRisk) -> Floats:
    """(n, n) the worst over all doubts, for weights that the family takes.

    Raises `PortfolioInvalid`.
    """
    covariance = needed(portfolio, "covariance", "Variance")
    for doubt in model.doubts:
        if isinstance(doubt, EllipsoidalCovariance):
            covariance = covariance + doubt.radius * np.eye(len(covariance))
        elif isinstance(doubt, BoxCovariance):
            covariance = covariance + np.asarray(doubt.half_widths)
    return covariance


def means_of(portfolio: Portfolio, model: MeanRisk) -> Floats:
    """(n,) the worst over all doubts, for weights that the family takes.

    Raises `PortfolioInvalid`.
    """
    means = needed(portfolio, "expected_returns", type(model.goal).__name__)
    for doubt in model.doubts:
        if isinstance(doubt, BoxMean):
            means = means - np.asarray(doubt.half_widths)
    return means


def is_convex(covariance: Floats) -> bool:
    """Positive semidefinite but for rounding, by a Cholesky factorisation."""
    n = len(covariance)
    ridge = CONVEX * float(np.abs(covariance.diagonal()).mean())
    try:
        np.linalg.cholesky(covariance + ridge * np.eye(n))
    except np.linalg.LinAlgError:
        return not covariance.any()
    return True
