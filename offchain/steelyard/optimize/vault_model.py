# SPDX-License-Identifier: MIT
"""What is wanted of a vault beyond mean and variance, as data.

The models are those of weights (`models.py`); over a vault's amounts they meet its own
curves, limits and gas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.checks import check_model
from steelyard.optimize.errors import ModelRefused, PreferenceInvalid
from steelyard.optimize.models import ConditionalDrawdown as Drawdown
from steelyard.optimize.models import (
    CVaR,
    HierarchicalEqualRisk,
    Kelly,
    MeanRisk,
    Model,
    RiskBudgeting,
    Variance,
)
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.unwinding import Unwinding


@dataclass(frozen=True, kw_only=True, eq=False)
class VaultModel:
    """A model, the scenarios that it may need, and how winding up is imagined.

    Scenarios: (count, n_tokens + n_slots) as `scenarios.column_returns` makes them.
    With `unwinding`, its cost stands in place of the exit at the pools' fees alone.
    Doubts are about the tokens: means per year and the covariance per year.
    """

    model: Model
    scenarios: Floats | None = None
    unwinding: Unwinding | None = None


def check_vault_model(problem: Problem, wanted: VaultModel) -> None:
    """Raises `ModelRefused`, `PreferenceInvalid`, `PortfolioInvalid`."""
    model, name = wanted.model, type(wanted.model).__name__
    check_model(model, len(problem.inventory))
    if isinstance(model, MeanRisk):
        name = type(model.measure).__name__
        if isinstance(model.measure, Drawdown):
            raise ModelRefused(name, "scenarios of one horizon have no order in time")
        if model.doubts and not isinstance(model.measure, Variance):
            raise ModelRefused(name, "doubts of moments go with the variance alone")
    elif wanted.unwinding is not None:
        raise ModelRefused(name, "winding up goes with a measure and a goal")
    if needs_scenarios(model):
        _check_scenarios(problem, wanted.scenarios, name)


def needs_scenarios(model: Model) -> bool:
    """Whether it looks at single scenarios, not at moments alone."""
    match model:
        case MeanRisk(measure=measure):
            return not isinstance(measure, Variance)
        case RiskBudgeting(measure=CVaR()) | HierarchicalEqualRisk(measure=CVaR()):
            return True
        case _:
            return isinstance(model, Kelly)


def _check_scenarios(problem: Problem, scenarios: Floats | None, name: str) -> None:
    if scenarios is None:
        raise ModelRefused(name, "needs scenarios")
    columns = len(problem.inventory) + len(problem.slots)
    shape = scenarios.shape
    if len(shape) != 2 or shape[0] == 0 or shape[1] != columns:
        expected = f"a column for each of {columns} amounts"
        raise PreferenceInvalid("scenarios", shape, expected)
    if not np.isfinite(scenarios).all():
        raise PreferenceInvalid("scenarios", "not finite", "finite numbers")
