# SPDX-License-Identifier: MIT
"""Numbers of a model that cannot be are named before anything is solved."""

from __future__ import annotations

import numpy as np
import pytest
from portfolio_cases import factor_case

from steelyard.optimize.allocate import allocate
from steelyard.optimize.errors import PortfolioInvalid, PreferenceInvalid
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    ConditionalDrawdown,
    CVaR,
    EllipsoidalCovariance,
    EllipsoidalMean,
    EntropicVaR,
    HierarchicalEqualRisk,
    Kelly,
    LargestRatio,
    MeanRisk,
    RiskBudgeting,
    Utility,
    WassersteinCVaR,
)

NAN = float("nan")


@pytest.mark.parametrize("level", [-0.1, 1.0, NAN])
@pytest.mark.parametrize(
    "measure", [CVaR, WassersteinCVaR, EntropicVaR, ConditionalDrawdown]
)
def test_check_model__level_out_of_range__named(measure, level):
    with pytest.raises(PreferenceInvalid, match=f"^level is {level}"):
        allocate(factor_case(2), MeanRisk(measure=measure(level=level)))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("level", RiskBudgeting(measure=CVaR(level=1.0))),
        ("level", HierarchicalEqualRisk(measure=CVaR(level=1.0))),
        ("radius", MeanRisk(measure=WassersteinCVaR(radius=-1.0))),
        ("radius", MeanRisk(measure=WassersteinCVaR(radius=np.inf))),
        ("radius", MeanRisk(doubts=(EllipsoidalCovariance(radius=-1.0),))),
        ("radius", MeanRisk(doubts=(EllipsoidalMean(radius=NAN, shape=np.eye(2)),))),
        ("risk_aversion", MeanRisk(goal=Utility(risk_aversion=-1.0))),
        ("risk_free", MeanRisk(goal=LargestRatio(risk_free=NAN))),
        ("drawdown", Kelly(drawdown=1.0)),
        ("drawdown", Kelly(drawdown=0.0)),
        ("probability", Kelly(drawdown=0.5, probability=1.0)),
    ],
)
def test_check_model__number_out_of_range__named(name, model):
    with pytest.raises(PreferenceInvalid, match=f"^{name} is"):
        allocate(factor_case(2), model)


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        (r"half_widths is \(3,\)", BoxMean(half_widths=np.zeros(3))),
        ("half_widths is -1", BoxMean(half_widths=np.array([-1.0, 0.0]))),
        ("half_widths is not finite", BoxMean(half_widths=np.array([NAN, 0.0]))),
        ("half_widths is many", BoxMean(half_widths="many")),
        ("half_widths is skew", BoxCovariance(half_widths=np.triu(np.ones((2, 2))))),
        (r"shape is \(3, 3\)", EllipsoidalMean(radius=1.0, shape=np.eye(3))),
        ("shape is of -1", EllipsoidalMean(radius=1.0, shape=np.diag([1.0, -1.0]))),
    ],
)
def test_check_model__doubt_that_does_not_fit__named(said, doubt):
    with pytest.raises(PortfolioInvalid, match=f"^{said}"):
        allocate(factor_case(2), MeanRisk(doubts=(doubt,)))
