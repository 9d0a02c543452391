# SPDX-License-Identifier: MIT
"""Limits of a model's own goal: cured at a loss, but not for every small move."""

from dataclasses import replace
from typing import Any

import pytest
from plan_cases import Tolerances
from snapshots import WAD, make_pair, make_pool, make_signals, make_snapshot, make_token

from steelyard.keeper.decide import Decision, decide
from steelyard.optimize.model_choice import ModelChoice
from steelyard.optimize.preferences import Preferences
from steelyard.state import UNLIMITED, Bucket, Snapshot


def rising_snapshot(**changes: Any) -> Snapshot:
    """700,000 USDC and 150 WETH, beside a pair; WETH is expected to rise."""
    usdc, weth = make_token("USDC", 700_000), make_token("WETH", 150)
    pool = make_pool("pair", (0, 1), make_pair(usdc, weth, 50_000_000), market=2)
    return make_snapshot((usdc, weth), pools=[pool], **changes)


def decided(snapshot: Snapshot, most_risk: float, **preferences: Any) -> Decision:
    signals = make_signals(snapshot, volatility={"WETH": 0.6}, returns={"WETH": 0.5})
    choice = ModelChoice(measure="variance", goal="risk-at-most", most_risk=most_risk)
    wanted = Preferences(horizon_days=91.25, model=choice, **preferences)
    return decide(snapshot, signals, wanted, Tolerances())


# 30 % of NAV in WETH: 0.3 x 0.6 x sqrt(1/4) = 9 % of NAV in a quarter


def test_decide__more_risk_than_the_limit__is_cut_at_a_loss() -> None:
    decision = decided(rising_snapshot(), 0.06)

    assert decision.act, decision.reason
    assert decision.gain_assets < 0
    assert "staying breaks risk limit" in decision.reason
    assert "still missed" not in decision.reason
    assert decision.planned is not None
    assert decision.planned.risk == pytest.approx(0.06, rel=1e-3)
    assert decision.solution is not None
    assert decision.solution.binding[0].name == "risk limit"


@pytest.mark.parametrize(("heal_above", "acts"), [(0.02, False), (0.005, True)])
def test_decide__a_little_over_the_limit__waits(heal_above: float, acts: bool) -> None:
    decision = decided(rising_snapshot(), 0.0891, heal_above=heal_above)  # 1 % over

    assert decision.act is acts
    assert ("would gain -" in decision.reason) is not acts


def test_decide__budget_too_small_to_meet_it__goes_as_far_as_it_allows() -> None:
    turnover = Bucket(budget_wad=WAD // 20, refill_wad=0, level_wad=0)
    snapshot = rising_snapshot(limits=replace(UNLIMITED, turnover=turnover))

    decision = decided(snapshot, 0.06)

    assert decision.act, decision.reason
    assert decision.plan.turnover_wad == pytest.approx(0.045 * WAD, rel=0.01)
    assert decision.planned is not None
    assert 0.07 < decision.planned.risk < 0.08
    assert "the risk limit is still missed" in decision.reason


def test_decide__limit_out_of_reach__does_nothing_and_says_the_nearest() -> None:
    usdc, weth = make_token("USDC", 700_000), make_token("WETH", 150)
    snapshot = make_snapshot((usdc, weth))  # nowhere to sell

    decision = decided(snapshot, 0.06)

    assert not decision.act
    assert "no order meets the risk limit" in decision.reason
    assert "the nearest has 0.09" in decision.reason


def test_decide__limit_far_away__is_no_reason() -> None:
    decision = decided(rising_snapshot(), 0.5)

    assert decision.act, decision.reason
    assert "staying breaks" not in decision.reason
    assert decision.gain_assets > 0
