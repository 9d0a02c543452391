# SPDX-License-Identifier: MIT
"""Shadow prices against what a wider limit really earns."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from allocation_cases import write_table

from steelyard.allocation import prices
from steelyard.allocation.analysis import Analysis, analyse
from steelyard.allocation.ask import Ask, DataAsk, LimitAsk, ModelAsk
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.outcome import Status

STEP = 1e-5
NAMES = ("A", "B", "C", "D")
MODELS = (
    ModelAsk(name="minimum-variance"),
    ModelAsk(name="mean-variance", aversion=1.0),
    ModelAsk(name="maximum-sharpe"),
    ModelAsk(name="maximum-diversification"),
    ModelAsk(name="cvar"),
    ModelAsk(name="cvar", ratio=True),
    ModelAsk(name="cvar", most_risk=0.09),
    ModelAsk(name="entropic-var"),
    ModelAsk(name="worst-case"),
    ModelAsk(name="kelly"),
    ModelAsk(name="robust", aversion=0.5, radius=0.1),
    ModelAsk(name="robust", doubt="covariance-box"),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(5)
    volatility = np.array([0.03, 0.04, 0.05, 0.06])
    correlation = 0.4 + 0.6 * np.eye(4)
    mean = np.array([0.002, 0.003, 0.002, 0.006])
    covariance = np.outer(volatility, volatility) * correlation
    rows = rng.multivariate_normal(mean, covariance, size=200).tolist()
    return write_table(tmp_path_factory.mktemp("data") / "r.csv", NAMES, rows)


def found_under(table: Path, model: ModelAsk, limits: LimitAsk) -> Analysis:
    data = DataAsk(source=table, is_returns=True)
    return analyse(Ask(model=model, data=data, limits=limits))


def widest(table: Path, model: ModelAsk) -> str:
    """The asset that the model holds most of."""
    found = found_under(table, model, LimitAsk())
    return NAMES[int(np.argmax(found.answer.weights))]


def cap_of(name: str, share: float) -> LimitAsk:
    return LimitAsk(caps=(f"{name}={share}",))


def group_of(name: str, share: float) -> LimitAsk:
    return LimitAsk(groups=(f"x={name}:{share}",))


@pytest.mark.parametrize("limit", [cap_of, group_of], ids=["cap", "row"])
@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_price__of_a_limit__is_the_slope_of_the_objective(
    model: ModelAsk, limit: Callable[[str, float], LimitAsk], table: Path
) -> None:
    name = widest(table, model)

    found = found_under(table, model, limit(name, 0.25))
    wider = found_under(table, model, limit(name, 0.25 + STEP))

    assert found.answer.status is Status.OPTIMAL
    objectives = found.answer.objective, wider.answer.objective
    assert objectives[0] is not None
    assert objectives[1] is not None
    (bound,) = found.limits
    slope = (objectives[0] - objectives[1]) / STEP
    assert bound.shadow_price == pytest.approx(slope, rel=2e-3)
    assert bound.gain.startswith("would ")


@pytest.mark.parametrize(
    "model",
    [
        ModelAsk(name="risk-parity"),
        ModelAsk(name="risk-parity", measure="cvar"),
        ModelAsk(name="robust", doubt="covariance-box"),
        ModelAsk(name="hierarchical-risk-parity"),
    ],
    ids=lambda m: f"{m.name}-{m.measure or m.doubt}",
)
def test_price__of_a_floor__needs_no_debt(model: ModelAsk, table: Path) -> None:
    found = found_under(table, model, LimitAsk(floors=("D=60%",)))

    assert found.answer.status is Status.OPTIMAL
    (bound,) = found.limits
    assert (bound.name, bound.bound) == ("floor of D", 0.6)
    assert bound.shadow_price is not None
    assert bound.shadow_price > 0


def test_price__that_a_second_solve_refuses__is_not_known(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ModelRefused("minimum variance", "not like this")

    monkeypatch.setattr(prices, "allocate", refuse)

    found = found_under(table, ModelAsk(name="minimum-variance"), cap_of("A", 0.25))

    assert [(limit.name, limit.shadow_price) for limit in found.limits] == [
        ("cap of A", None)
    ]


@pytest.mark.parametrize(
    ("limits", "bound"),
    [
        (LimitAsk(rows=("D <= -10%",), is_long_short=True), -0.1),
        (LimitAsk(rows=("A >= 80%",)), 0.8),
        (LimitAsk(rows=("A - D >= 85%",), is_long_short=True), 0.85),
        (LimitAsk(rows=("D - A >= -5%",)), -0.05),
        (LimitAsk(rows=("D = 40%",)), 0.4),
        (LimitAsk(groups=("at least=D:30%..50%",)), 0.3),
        (LimitAsk(groups=("at least x=A:10%",)), 0.1),
        (LimitAsk(caps=("D=-10%",), is_long_short=True), -0.1),
        (LimitAsk(floors=("A=80%",)), 0.8),
    ],
    ids=lambda value: str(value) if isinstance(value, float) else "",
)
def test_limit__that_binds__has_its_bound_as_typed(
    limits: LimitAsk, bound: float, table: Path
) -> None:
    found = found_under(table, ModelAsk(name="minimum-variance"), limits)

    assert {limit.bound for limit in found.limits} == {bound}


def test_price__of_an_equation__is_that_of_the_side_that_binds(table: Path) -> None:
    model = ModelAsk(name="minimum-variance")

    equal = found_under(table, model, LimitAsk(rows=("D = 40%",)))
    least = found_under(table, model, LimitAsk(rows=("D >= 40%",)))

    (one,), (other,) = equal.limits, least.limits
    assert other.shadow_price is not None
    assert other.shadow_price > 0
    assert one.shadow_price == pytest.approx(other.shadow_price, rel=1e-6)
