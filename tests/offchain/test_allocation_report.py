# SPDX-License-Identifier: MIT
"""An allocation in figures, words and pictures."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from allocation_cases import LEFT, returns_file, write_table
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from steelyard.allocation.analysis import analyse
from steelyard.allocation.ask import Ask, BeliefAsk, DataAsk, LimitAsk, ModelAsk
from steelyard.allocation.describe import period_of, title_of
from steelyard.allocation.figures import contributions
from steelyard.allocation.outcome import failure_text, few
from steelyard.allocation.prices import headline_of
from steelyard.market.history import FloatArray
from steelyard.optimize import models
from steelyard.optimize.models import MeanRisk, Measure
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.report.allocation_frontier import curve_of
from steelyard.report.allocation_plots import panels_of
from steelyard.report.point_labels import Label, place_labels
from steelyard.report.sheet import WHITE

MEASURES: tuple[Measure, ...] = (
    models.Variance(),
    models.CVaR(level=0.9),
    models.WassersteinCVaR(level=0.9, radius=0.01),
    models.EntropicVaR(level=0.9),
    models.ConditionalDrawdown(level=0.9),
    models.WorstCase(),
)


def ask_of(folder: Path, **parts: Any) -> Ask:
    data = DataAsk(source=returns_file(folder), is_returns=True)
    beliefs = BeliefAsk(estimator="sample")
    model = ModelAsk(name="minimum-variance")
    return Ask(**{"model": model, "data": data, "beliefs": beliefs, **parts})


def portfolio(seed: int = 3) -> Portfolio:
    scenarios = np.random.default_rng(seed).normal(0.0, 0.05, size=(80, 3))
    return Portfolio(
        polytope=Polytope(
            assets=("A", "B", "C"),
            lowest=np.zeros(3),
            highest=np.ones(3),
            names=(),
            matrix=np.zeros((0, 3)),
            bounds=np.zeros(0),
        ),
        covariance=np.cov(scenarios.T),
        scenarios=scenarios,
    )


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: type(m).__name__)
def test_contributions__sum_to_the_measure_and_are_its_slopes(
    measure: Measure,
) -> None:
    held, weights = portfolio(), np.array([0.5, 0.3, 0.2])

    terms = contributions(measure, held, weights)

    def size(at: FloatArray) -> float:
        return float(contributions(measure, held, at).sum())

    assert size(2 * weights) == pytest.approx(2 * size(weights), rel=1e-9)
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-6
        slope = (size(weights + step) - size(weights - step)) / 2e-6
        assert terms[i] == pytest.approx(weights[i] * slope, rel=1e-5, abs=1e-9)


def test_contributions__of_cvar__are_those_of_the_worst_days() -> None:
    held, weights = portfolio(), np.array([0.5, 0.3, 0.2])
    scenarios = held.scenarios
    assert scenarios is not None

    terms = contributions(models.CVaR(level=0.9), held, weights)

    worst = np.argsort(scenarios @ weights)[:8]  # a tenth of 80
    assert terms == pytest.approx(-scenarios[worst].mean(axis=0) * weights)


@pytest.mark.parametrize(
    ("model", "objective", "name", "value"),
    [
        (MeanRisk(), 0.0004, "volatility", 0.2),  # root of 0.0004 x 100
        (MeanRisk(goal=models.Utility(risk_aversion=1.0)), -0.001, "return net", 0.1),
        (MeanRisk(goal=models.RiskAtMost(limit=0.1)), -0.002, "expected return", 0.2),
        (MeanRisk(goal=models.LargestRatio()), -0.1, "Sharpe ratio", 1.0),
        (MeanRisk(measure=models.CVaR()), 0.03, "CVaR 95 %", 0.03),
        (models.Kelly(), -0.002, "growth", 0.2),
        (models.MaximumDiversification(), -1.5, "diversification ratio", 1.5),
    ],
)
def test_headline__objective_a_period__is_a_figure_a_year(
    model: models.Model, objective: float, name: str, value: float
) -> None:
    found = headline_of(model, objective, 100.0)

    assert found is not None
    assert found.name.startswith(name)
    assert found.value == pytest.approx(value)


def test_headline__barrier_of_risk_budgeting__says_nothing() -> None:
    assert headline_of(models.RiskBudgeting(), -2.0, 365.0) is None


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (MeanRisk(), "least volatility"),
        (
            MeanRisk(goal=models.ReturnAtLeast(expected_return=0.002)),
            "least volatility at a return of 20 % a year or more",
        ),
        (
            MeanRisk(goal=models.RiskAtMost(limit=0.03)),
            "largest return at a volatility of 30 % a year or less",
        ),
        (
            MeanRisk(measure=models.CVaR(), goal=models.RiskAtMost(limit=0.05)),
            "largest return at a CVaR 95 % of 5 % a period or less",
        ),
        (models.RiskBudgeting(), "equal shares of volatility"),
        (
            models.Kelly(drawdown=0.3),
            "largest growth, a fall by 30 % with a chance of 10 % at most",
        ),
        (
            MeanRisk(doubts=(models.BoxMean(half_widths=np.ones(2)),)),
            "least volatility, worst over a box of means",
        ),
    ],
)
def test_title__says_what_is_looked_for(model: models.Model, text: str) -> None:
    assert title_of(model, 100.0) == text


@pytest.mark.parametrize(
    ("periods", "name"),
    [
        (365, "a day"),
        (252, "a day"),
        (52.14, "a week"),
        (12, "a month"),
        (7, "a period"),
    ],
)
def test_period__is_a_word_where_there_is_one(periods: float, name: str) -> None:
    assert period_of(periods) == name


def test_few__long_list__is_cut() -> None:
    assert few(list("ABCDEFG")) == "A, B, C, D and 3 more"
    assert few(["A"]) == "A"


def test_failure__floors_and_goal__are_in_the_words_that_were_typed(
    tmp_path: Path,
) -> None:
    model = ModelAsk(name="target-return", target=6.0)
    limits = LimitAsk(floors=("A=50%",))

    found = analyse(ask_of(tmp_path, model=model, limits=limits))

    # A and B earn 3.65 and 7.3 a year: half of each is 5.475
    assert failure_text(found).startswith("no weights meet all of these: ")
    assert "floor of 50 % for A" in failure_text(found)
    assert "a return of 600 % a year or more" in failure_text(found)


def test_curve__from_least_risk_to_most_return__is_a_year(tmp_path: Path) -> None:
    curve = curve_of(analyse(ask_of(tmp_path)))

    assert curve is not None
    assert curve.weights[0] == pytest.approx([0.8, 0.2])
    assert curve.weights[-1] == pytest.approx([0.0, 1.0], abs=1e-12)
    assert curve.returns[[0, -1]] == pytest.approx([365 * 0.012, 365 * 0.02])
    assert curve.volatilities[-1] == pytest.approx((365 * 0.04 * LEFT) ** 0.5)


def test_panels__with_a_frontier__are_four_and_draw(tmp_path: Path) -> None:
    panels = panels_of(analyse(ask_of(tmp_path)))

    names = ["frontier", "weights", "risks", "along-frontier"]
    assert [panel.name for panel in panels] == names
    for panel in panels:
        for narrow in (False, True):
            axes = Figure().add_subplot()
            panel.draw(axes, narrow, WHITE)
            assert axes.get_xlabel() != ""


def test_panels__without_means__leave_the_frontier_out(tmp_path: Path) -> None:
    found = analyse(ask_of(tmp_path))
    beliefs = replace(found.prepared.beliefs, per_year=None)
    blind = replace(
        found, frontier=None, prepared=replace(found.prepared, beliefs=beliefs)
    )

    assert [panel.name for panel in panels_of(blind)] == ["weights", "risks"]


def test_panels__more_assets_than_rows__are_summed_as_others(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    names = [f"A{i:02}" for i in range(30)]
    rows = rng.normal(0.0, 0.02, size=(200, 30)).round(6).tolist()
    path = write_table(tmp_path / "r.csv", names, rows)
    ask = ask_of(tmp_path, data=DataAsk(source=path, is_returns=True))
    found = analyse(ask)
    axes = Figure().add_subplot()

    panels_of(found)[1].draw(axes, False, WHITE)

    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == 14
    assert labels[-1] == "17 others"


def test_place_labels__crowded_points__never_overlap() -> None:
    rng = np.random.default_rng(4)
    points = rng.uniform(0.0, 1.0, size=(40, 2))
    labels = [
        Label(text=f"NAME{i}", x=float(x), y=float(y))
        for i, (x, y) in enumerate(points)
    ]
    with rc_context({"figure.dpi": 72}):
        figure = Figure(figsize=(620 / 72, 380 / 72), dpi=72, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)

        place_labels(axes, labels, [], False, WHITE)
        canvas.draw()

    boxes = [text.get_window_extent() for text in axes.texts]
    assert 10 < len(boxes) < 40
    overlaps = [
        (i, j)
        for i, one in enumerate(boxes)
        for j, other in enumerate(boxes[:i])
        if one.overlaps(other)
    ]
    assert overlaps == []
