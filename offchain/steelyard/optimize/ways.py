# SPDX-License-Identifier: MIT
"""The ways to solve each model, the quickest first, the reference last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from steelyard.optimize.checks import check_model
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.found import Found
from steelyard.optimize.models import MeanRisk, Model, Variance
from steelyard.optimize.portfolio import Portfolio

Way = Callable[[Portfolio, Any], Found]
# The module `families` of each says which of its ways take a portfolio; it is loaded
# when it is asked.
FAMILIES = {
    "MeanRisk": ("tail", "reference"),
    "MaximumDiversification": ("quadratic", "reference"),
    "RiskBudgeting": ("budgeting",),
    "HierarchicalRiskParity": ("budgeting",),
    "HierarchicalEqualRisk": ("budgeting",),
    "Kelly": ("reference",),
}
OF_VARIANCE = ("quadratic", "reference")


def ways(portfolio: Portfolio, model: Model) -> Iterator[Way]:
    """What to try in turn. Raises `ModelRefused` and for what is out of its range
    `PortfolioInvalid` and `PreferenceInvalid`."""
    check_model(model, len(portfolio.assets))
    name = type(model).__name__
    families = FAMILIES[name]
    if isinstance(model, MeanRisk) and isinstance(model.measure, Variance):
        families = OF_VARIANCE
    count = 0
    for family in families:
        for way in _loaded(family).ways_of(portfolio, model):
            yield way
            count += 1
    if not count:
        raise ModelRefused(name, "no way takes trading costs or a turnover limit")


@cache
def _loaded(family: str) -> ModuleType:
    return import_module(f"steelyard.optimize.{family}.families")
