# SPDX-License-Identifier: MIT
"""Numbers of a model that cannot be: named before anything is solved."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import PortfolioInvalid, PreferenceInvalid
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    Doubt,
    EllipsoidalMean,
    MeanRisk,
    Model,
    WassersteinCVaR,
)


def check_model(model: Model, assets: int) -> None:
    """Raises `PreferenceInvalid`, `PortfolioInvalid`."""
    if not isinstance(model, MeanRisk):
        return
    for name, value in vars(model.goal).items():
        if not np.isfinite(value):
            raise PreferenceInvalid(name, value, "a finite number")
    if isinstance(model.measure, WassersteinCVaR):
        _check_radius(model.measure.radius)
    for doubt in model.doubts:
        _check_doubt(doubt, assets)


def _check_doubt(doubt: Doubt, assets: int) -> None:
    if isinstance(doubt, BoxMean):
        _check_array("half_widths", doubt.half_widths, (assets,))
        return
    if isinstance(doubt, BoxCovariance):
        _check_array("half_widths", doubt.half_widths, (assets, assets))
        return
    _check_radius(doubt.radius)
    if isinstance(doubt, EllipsoidalMean):
        _check_array("shape", doubt.shape, (assets, assets))


def _check_radius(radius: float) -> None:
    if not 0 <= radius < np.inf:
        raise PreferenceInvalid("radius", radius, "0 or more, finite")


def _check_array(name: str, value: object, shape: tuple[int, ...]) -> None:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise PortfolioInvalid(name, value, "numbers") from None
    if array.shape != shape:
        raise PortfolioInvalid(name, array.shape, f"the shape {shape}")
    if not np.isfinite(array).all():
        raise PortfolioInvalid(name, "not finite", "finite numbers")
