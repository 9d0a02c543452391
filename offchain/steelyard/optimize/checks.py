# SPDX-License-Identifier: MIT
"""Numbers of a model that cannot be, and inputs that it misses: named before anything
is solved."""

from __future__ import annotations

from typing import Literal

import numpy as np

from steelyard.optimize.arrays import finite_array
from steelyard.optimize.errors import PortfolioInvalid, PreferenceInvalid
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    Doubt,
    EllipsoidalMean,
    Goal,
    HierarchicalEqualRisk,
    Kelly,
    MeanRisk,
    Measure,
    Model,
    RiskAtMost,
    RiskBudgeting,
    Utility,
    Variance,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

OF_MEASURES = (MeanRisk, RiskBudgeting, HierarchicalEqualRisk)
Input = Literal["covariance", "expected_returns", "scenarios"]
INDEFINITE = 1e-9  # of the largest eigenvalue: what is less under 0 is rounding
WORDS: dict[Input, str] = {
    "covariance": "a covariance",
    "expected_returns": "means",
    "scenarios": "scenarios",
}


def needed(portfolio: Portfolio, field: Input, name: str) -> Floats:
    """That field, which `name` cannot do without. Raises `PortfolioInvalid`."""
    found: Floats | None = getattr(portfolio, field)
    if found is None:
        raise PortfolioInvalid(field, "missing", f"{WORDS[field]} for {name}")
    return found


def check_model(model: Model, assets: int) -> None:
    """Raises `PreferenceInvalid`, `PortfolioInvalid`."""
    if isinstance(model, OF_MEASURES):
        check_measure(model.measure)
    if isinstance(model, Kelly):
        _check_kelly(model)
    if isinstance(model, MeanRisk):
        check_goal(model.goal)
        if isinstance(model.measure, Variance):
            _check_volatility(model.goal)
        for doubt in model.doubts:
            _check_doubt(doubt, assets)


def check_goal(goal: Goal) -> None:
    """Raises `PreferenceInvalid`."""
    for name, value in vars(goal).items():
        if not np.isfinite(value):
            raise PreferenceInvalid(name, value, "a finite number")
    if isinstance(goal, Utility) and goal.risk_aversion < 0:
        raise PreferenceInvalid("risk_aversion", goal.risk_aversion, "0 or more")


def _check_volatility(goal: Goal) -> None:
    if isinstance(goal, RiskAtMost) and goal.limit < 0:
        raise PreferenceInvalid("limit", goal.limit, "0 or more")


def check_measure(measure: Measure) -> None:
    """Raises `PreferenceInvalid`."""
    checked_level(getattr(measure, "level", 0.0))
    _check_radius(getattr(measure, "radius", 0.0))


def checked_level(level: float) -> float:
    """The level; raises `PreferenceInvalid`."""
    if not 0 <= level < 1:
        raise PreferenceInvalid("level", level, "0 or more and under 1")
    return level


def _check_kelly(model: Kelly) -> None:
    for name in ("drawdown", "probability"):
        value = getattr(model, name)
        if value is not None and not 0 < value < 1:
            raise PreferenceInvalid(name, value, "more than 0, under 1")


def _check_doubt(doubt: Doubt, assets: int) -> None:
    if isinstance(doubt, BoxMean):
        _check_array("half_widths", doubt.half_widths, (assets,), least=0.0)
        return
    if isinstance(doubt, BoxCovariance):
        _check_array("half_widths", doubt.half_widths, (assets, assets), least=0.0)
        return
    _check_radius(doubt.radius)
    if isinstance(doubt, EllipsoidalMean):
        _check_array("shape", doubt.shape, (assets, assets), least=-np.inf)
        _check_semidefinite("shape", np.asarray(doubt.shape, np.float64))


def _check_radius(radius: float) -> None:
    if not 0 <= radius < np.inf:
        raise PreferenceInvalid("radius", radius, "0 or more, finite")


def _check_array(
    name: str, value: object, shape: tuple[int, ...], *, least: float
) -> None:
    array = finite_array(name, value, shape)
    if array.min() < least:
        raise PortfolioInvalid(name, float(array.min()), f"{least:g} or more")
    if array.ndim == 2 and not np.allclose(array, array.T, rtol=1e-9, atol=0.0):
        raise PortfolioInvalid(name, "skew", "symmetric")


def _check_semidefinite(name: str, matrix: Floats) -> None:
    values = np.linalg.eigvalsh(matrix)
    if values[0] < -INDEFINITE * max(values[-1], 0.0):
        expected = "positive semidefinite: its lowest eigenvalue 0 or more"
        raise PortfolioInvalid(name, f"of {values[0]:g}", expected)
