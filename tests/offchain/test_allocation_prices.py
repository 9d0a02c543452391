# SPDX-License-Identifier: MIT
"""Shadow prices against what a wider limit really earns."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from allocation_cases import write_table

from steelyard.allocation.analysis import Analysis, analyse
from steelyard.allocation.ask import Ask, DataAsk, LimitAsk, ModelAsk
from steelyard.optimize.solution import Status

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
