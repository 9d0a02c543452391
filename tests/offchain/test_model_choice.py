# SPDX-License-Identifier: MIT
"""The operator's choice of a model: what it makes, and what the keeper does by it."""

from typing import Any

import numpy as np
import pytest
from optimize_cases import mixed, mixed_signals
from plan_cases import Tolerances
from snapshots import make_signals, make_snapshot, make_token

from steelyard.keeper.decide import Decision, decide, optimise
from steelyard.keeper.gain import plan_weighed
from steelyard.money import assets_down
from steelyard.optimize.build import build_problem
from steelyard.optimize.choice_checks import check_choice
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.model_choice import ModelChoice, UnwindingChoice, model_of
from steelyard.optimize.models import (
    VARIANCE,
    CVaR,
    EntropicVaR,
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
    Kelly,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    Model,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
    Utility,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.vault_model import VaultModel
from steelyard.state import Snapshot


def wanted_by(snapshot: Snapshot, **choice: Any) -> VaultModel:
    signals = make_signals(snapshot, **mixed_signals(snapshot))
    preferences = Preferences(model=ModelChoice(**choice))
    model = build_problem(snapshot, signals, preferences).model
    assert model is not None
    return model


@pytest.mark.parametrize(
    ("choice", "model"),
    [
        (
            {"aversion": 2.0},
            MeanRisk(measure=CVaR(level=0.95), goal=Utility(risk_aversion=2.0)),
        ),
        (
            {"measure": "variance", "goal": "least-risk"},
            MeanRisk(measure=VARIANCE, goal=LeastRisk()),
        ),
        (
            {"measure": "entropic-var", "level": 0.9, "goal": "risk-at-most"}
            | {"most_risk": 0.05},
            MeanRisk(measure=EntropicVaR(level=0.9), goal=RiskAtMost(limit=0.05)),
        ),
        (
            {"measure": "worst-case", "goal": "return-at-least"}
            | {"expected_return": 0.01},
            MeanRisk(measure=WorstCase(), goal=ReturnAtLeast(expected_return=0.01)),
        ),
        (
            {"measure": "wasserstein-cvar", "radius": 0.02, "goal": "largest-ratio"}
            | {"risk_free": 0.003},
            MeanRisk(
                measure=WassersteinCVaR(level=0.95, radius=0.02),
                goal=LargestRatio(risk_free=0.003),
            ),
        ),
        ({"name": "maximum-diversification"}, MaximumDiversification()),
        ({"name": "risk-parity"}, RiskBudgeting(measure=VARIANCE)),
        (
            {"name": "risk-parity", "measure": "cvar", "level": 0.8},
            RiskBudgeting(measure=CVaR(level=0.8)),
        ),
        ({"name": "hierarchical-risk-parity"}, HierarchicalRiskParity()),
        ({"name": "hierarchical-equal-risk"}, HierarchicalEqualRisk(measure=VARIANCE)),
        ({"name": "kelly"}, Kelly()),
        (
            {"name": "kelly", "drawdown": 0.3, "probability": 0.05},
            Kelly(drawdown=0.3, probability=0.05),
        ),
    ],
)
def test_model_of__each_name__is_its_model(
    choice: dict[str, Any], model: Model
) -> None:
    chosen = check_choice(ModelChoice(**choice))

    assert model_of(chosen) == model


def test_vault_model__same_seed__same_scenarios() -> None:
    snapshot = mixed()

    first = wanted_by(snapshot, aversion=1.0, seed=7)
    same = wanted_by(snapshot, aversion=1.0, seed=7)
    other = wanted_by(snapshot, aversion=1.0, seed=8)

    assert first.scenarios is not None
    assert np.array_equal(first.scenarios, same.scenarios)
    assert not np.array_equal(first.scenarios, other.scenarios)
    assert len(first.scenarios) == 1_000


def test_vault_model__moments_alone__no_scenarios() -> None:
    wanted = wanted_by(mixed(), measure="variance", goal="least-risk")

    assert wanted.scenarios is None


def test_vault_model__winding_up__through_whole_pools() -> None:
    snapshot = mixed()
    unwinding = UnwindingChoice(slices=3.0, depth=0.5, unsold_loss=0.4, limit=0.1)

    wanted = wanted_by(snapshot, aversion=1.0, unwinding=unwinding)

    made = wanted.unwinding
    assert made is not None
    assert (made.slices, made.depth, made.unsold_loss) == (3.0, 0.5, 0.4)
    assert (made.weight, made.limit) == (1.0, 0.1)
    assert len(made.legs) == 2 * len(snapshot.pools)


def test_vault_model__fewer_scenarios_than_the_tokens_need__are_named() -> None:
    tokens = [make_token("USDC", 1_000), make_token("WETH"), make_token("DAI")]
    snapshot = make_snapshot(tokens)
    signals = make_signals(snapshot, volatility={"WETH": 0.6, "DAI": 0.01})
    choice = ModelChoice(aversion=1.0, scenarios=10, level=0.5)

    with pytest.raises(PreferenceInvalid, match="12 or more for 3 tokens") as caught:
        build_problem(snapshot, signals, Preferences(model=choice))

    assert (caught.value.name, caught.value.value) == ("model.scenarios", 10)


def decided(choice: ModelChoice) -> Decision:
    snapshot = mixed()
    signals = make_signals(snapshot, **mixed_signals(snapshot))
    return decide(snapshot, signals, Preferences(model=choice), Tolerances())


@pytest.mark.parametrize(
    "choice",
    [
        ModelChoice(measure="variance", aversion=4.0),
        ModelChoice(aversion=0.3),
        ModelChoice(measure="entropic-var", goal="risk-at-most", most_risk=0.17),
        ModelChoice(measure="worst-case", goal="largest-ratio"),
        ModelChoice(measure="wasserstein-cvar", radius=0.001, aversion=0.3),
        ModelChoice(goal="return-at-least", expected_return=0.003),
        ModelChoice(goal="least-risk", level=0.9),
        ModelChoice(name="maximum-diversification"),
        ModelChoice(name="risk-parity"),
        ModelChoice(name="risk-parity", measure="cvar"),
        ModelChoice(name="hierarchical-risk-parity"),
        ModelChoice(name="hierarchical-equal-risk"),
        ModelChoice(name="kelly"),
        ModelChoice(aversion=0.3, unwinding=UnwindingChoice()),
    ],
    ids=lambda choice: f"{choice.name} {choice.measured_by} {choice.aimed_at}",
)
def test_decide__by_each_model__the_plan_gains_what_it_says(
    choice: ModelChoice,
) -> None:
    snapshot = mixed()
    signals = make_signals(snapshot, **mixed_signals(snapshot))
    preferences = Preferences(model=check_choice(choice))

    decision = decided(choice)

    assert decision.act, decision.reason
    assert decision.solution is not None
    assert decision.solution.stats.certified_gap is not None
    assert decision.solution.stats.certified_gap < 1e-6
    problem, _ = optimise(snapshot, signals, preferences)
    weighed = plan_weighed(snapshot, problem, decision.plan)
    gain = assets_down(weighed.gain, problem.nav)
    assert decision.gain_assets == gain
    assert all(check.ok for check in decision.plan.checks)
    # the pools' own slippage limits may cut the plan
    assert 0.7 < gain / decision.solution.gain_assets < 1.02


def test_decide__by_moments_as_a_model__as_without_one() -> None:
    plain = Preferences(risk_aversion=4.0)
    snapshot = mixed()
    signals = make_signals(snapshot, **mixed_signals(snapshot))

    by_model = decided(ModelChoice(measure="variance", aversion=4.0))
    without = decide(snapshot, signals, plain, Tolerances())

    assert by_model.gain_assets == pytest.approx(without.gain_assets, abs=10)
