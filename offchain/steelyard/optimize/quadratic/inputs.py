# SPDX-License-Identifier: MIT
"""What the family takes: doubts that leave the program quadratic, and what they change.

Doubts about means shift them where no weight is negative (Tutuncu & Koenig 2004).
Doubts about covariances add to them: a Frobenius ball its radius on the diagonal, a box
its half-widths where no weight is negative and the sum stays convex.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import PortfolioInvalid, PreferenceInvalid
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

    Raises `PortfolioInvalid`, `PreferenceInvalid`.
    """
    is_long = portfolio.polytope.lowest.min() >= 0
    for doubt in model.doubts:
        match doubt:
            case EllipsoidalMean():
                if not isinstance(model.goal, LeastRisk):
                    return False
            case BoxMean():
                if not (is_long or isinstance(model.goal, LeastRisk)):
                    return False
            case BoxCovariance():
                if not is_long:
                    return False
            case EllipsoidalCovariance():
                pass
    if not any(isinstance(doubt, BoxCovariance) for doubt in model.doubts):
        return True
    return is_convex(covariance_of(portfolio, model))


def covariance_of(portfolio: Portfolio, model: MeanRisk) -> Floats:
    """(n, n) the worst over all doubts, for weights that the family takes.

    Raises `PortfolioInvalid`, `PreferenceInvalid`.
    """
    covariance, n = portfolio.covariance, len(portfolio.assets)
    if covariance is None:
        raise PortfolioInvalid("covariance", "missing", "a covariance for Variance")
    for doubt in model.doubts:
        if isinstance(doubt, EllipsoidalCovariance):
            if not doubt.radius >= 0:
                raise PreferenceInvalid("radius", doubt.radius, "0 or more")
            covariance = covariance + doubt.radius * np.eye(n)
        elif isinstance(doubt, BoxCovariance):
            covariance = covariance + _widths(doubt.half_widths, (n, n))
    return covariance


def means_of(portfolio: Portfolio, model: MeanRisk) -> Floats:
    """(n,) the worst over all doubts, for weights that the family takes.

    Raises `PortfolioInvalid`.
    """
    means, n = portfolio.expected_returns, len(portfolio.assets)
    if means is None:
        goal = type(model.goal).__name__
        raise PortfolioInvalid("expected_returns", "missing", f"means for {goal}")
    for doubt in model.doubts:
        if isinstance(doubt, BoxMean):
            means = means - _widths(doubt.half_widths, (n,))
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


def _widths(half_widths: Floats, shape: tuple[int, ...]) -> Floats:
    found = np.asarray(half_widths, np.float64)
    if found.shape != shape:
        raise PortfolioInvalid("half_widths", found.shape, f"the shape {shape}")
    if not (np.isfinite(found).all() and found.min() >= 0):
        raise PortfolioInvalid("half_widths", "negative or not finite", "0 or more")
    if found.ndim == 2 and not np.allclose(found, found.T, rtol=1e-9, atol=0.0):
        raise PortfolioInvalid("half_widths", "skew", "symmetric")
    return found
