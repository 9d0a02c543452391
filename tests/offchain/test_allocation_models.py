# SPDX-License-Identifier: MIT
"""Models by name: what settings make of them, and which are refused."""

import numpy as np
import pytest

from steelyard.allocation.ask import ModelAsk
from steelyard.allocation.builders import Setting
from steelyard.allocation.doubts import DOUBTS, doubt_of
from steelyard.allocation.errors import AllocationInputInvalid, ModelUnknown
from steelyard.allocation.models import KINDS, model_of
from steelyard.cli.optimize_arguments import MODELS
from steelyard.errors import SteelyardError
from steelyard.optimize import models
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    EllipsoidalCovariance,
    EllipsoidalMean,
    MeanRisk,
    Utility,
)

SETTING = Setting(
    assets=("A", "B"),
    periods_per_year=100.0,
    covariance=np.diag([0.01, 0.04]),
    observations=400.0,
    risk_free=0.0,
)


def test_models__names__are_those_of_the_command_line() -> None:
    assert tuple(KINDS) == MODELS


@pytest.mark.parametrize(
    ("ask", "model"),
    [
        (ModelAsk(name="minimum-variance"), MeanRisk()),
        (
            ModelAsk(name="mean-variance", aversion=4.0),
            MeanRisk(goal=Utility(risk_aversion=4.0)),
        ),
        (
            ModelAsk(name="target-return", target=0.2),
            MeanRisk(goal=models.ReturnAtLeast(expected_return=0.002)),
        ),
        (
            ModelAsk(name="cvar", level=0.9, most_risk=0.05),
            MeanRisk(
                measure=models.CVaR(level=0.9), goal=models.RiskAtMost(limit=0.05)
            ),
        ),
        (
            ModelAsk(name="worst-case", ratio=True),
            MeanRisk(measure=models.WorstCase(), goal=models.LargestRatio()),
        ),
        (
            ModelAsk(name="wasserstein-cvar"),
            # root of trace 0.05 over 400 rows
            MeanRisk(
                measure=models.WassersteinCVaR(radius=pytest.approx(0.05**0.5 / 20))
            ),
        ),
        (
            ModelAsk(name="risk-budgeting", budget="A=3,B=1", measure="cvar"),
            models.RiskBudgeting(budgets=(0.75, 0.25), measure=models.CVaR()),
        ),
        (
            ModelAsk(name="kelly", drawdown=0.3, probability=0.2),
            models.Kelly(drawdown=0.3, probability=0.2),
        ),
        (
            ModelAsk(name="hierarchical-equal-risk", linkage="average", clusters=2),
            models.HierarchicalEqualRisk(linkage="average", clusters=2),
        ),
    ],
)
def test_model_of__name_and_settings__is_the_model(
    ask: ModelAsk, model: models.Model
) -> None:
    assert model_of(ask, SETTING) == model


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            ModelAsk(name="target-return"),
            "target is missing, expected the least",
        ),
        (
            ModelAsk(name="target-risk", target=-0.1),
            "target is -0.1, expected a",
        ),
        (
            ModelAsk(name="cvar", level=1.0),
            "level is 1.0, expected 0 or more",
        ),
        (ModelAsk(name="cvar", target=0.1, ratio=True), "goal is target and ratio"),
        (ModelAsk(name="cvar", most_risk=0.0), "most-risk is 0.0, expected a number"),
        (ModelAsk(name="risk-budgeting"), "budget is missing, expected each asset's"),
        (ModelAsk(name="risk-budgeting", budget="A=1"), "budget of B is 0, expected"),
        (
            ModelAsk(name="risk-parity", level=0.9),
            "level is 0.9, expected none",
        ),
        (ModelAsk(name="kelly", probability=0.1), "drawdown is missing, expected a"),
        (ModelAsk(name="cvar", target=0.0, ratio=True), "goal is target and ratio"),
        (ModelAsk(name="cvar", aversion=0.0), "aversion is 0.0, expected a number"),
        (ModelAsk(name="minimum-variance", target=0.0), "target is 0.0, expected none"),
        (ModelAsk(name="kelly", level=0.0), "level is 0.0, expected none: kelly"),
        (
            ModelAsk(name="robust", doubt="covariance", level=0.9),
            "level is 0.9, expected none with --doubt covariance",
        ),
        (
            ModelAsk(name="robust", doubt="mean-box", level=0.9, radius=1.0),
            "level is 0.9, expected none beside --radius",
        ),
        (ModelAsk(name="robust", radius=-1.0), "radius is -1.0, expected 0 or more"),
        (
            ModelAsk(name="minimum-variance", most_risk=0.1),
            "most-risk is 0.1, expected none: minimum-variance does not take it",
        ),
    ],
)
def test_model_of__wrong_setting__is_named(ask: ModelAsk, said: str) -> None:
    with pytest.raises(SteelyardError) as caught:
        model_of(ask, SETTING)

    assert said in str(caught.value)


def test_model_of__unknown_name__lists_the_known() -> None:
    with pytest.raises(ModelUnknown, match="model is mvo, expected one of minimum"):
        model_of(ModelAsk(name="mvo"), SETTING)


def test_doubts__of_a_normal_sample__have_its_standard_errors() -> None:
    def doubt(name: str, radius: float | None = None) -> models.Doubt:
        return doubt_of(
            name,
            covariance=SETTING.covariance,
            observations=400,
            level=0.95,
            radius=radius,
        )

    mean, box = doubt("mean"), doubt("mean-box")
    entries, ball = doubt("covariance-box", 2.0), doubt("covariance")

    assert isinstance(mean, EllipsoidalMean)
    assert mean.radius**2 == pytest.approx(5.991, abs=1e-3)  # chi-squared, 2 degrees
    assert mean.shape == pytest.approx(SETTING.covariance / 400)
    assert isinstance(box, BoxMean)
    assert box.half_widths == pytest.approx(1.959964 * np.array([0.005, 0.01]))
    assert isinstance(entries, BoxCovariance)
    # 2 roots of (c_ii c_jj + c_ij^2) / 400
    off = 2 * (0.01 * 0.04 / 400) ** 0.5
    assert entries.half_widths[0, 1] == pytest.approx(off)
    assert entries.half_widths[1, 1] == pytest.approx(2 * 0.04 * (2 / 400) ** 0.5)
    assert isinstance(ball, EllipsoidalCovariance)
    assert ball.radius == pytest.approx(float(np.linalg.norm(entries.half_widths)) / 2)


@pytest.mark.parametrize("name", DOUBTS)
def test_doubts__without_a_sample_size__ask_for_it(name: str) -> None:
    with pytest.raises(AllocationInputInvalid, match="observations is missing"):
        doubt_of(name, covariance=np.eye(2), observations=0.0, level=0.95, radius=None)
