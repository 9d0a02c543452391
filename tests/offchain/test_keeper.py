# SPDX-License-Identifier: MIT
"""What the keeper decides, and the numbers that it says."""

from dataclasses import replace
from typing import Any

import pytest
from snapshots import (
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.keeper.config import (
    OrderConfig,
)
from steelyard.keeper.decide import decide, optimise, weigh
from steelyard.keeper.gain import plan_weighed
from steelyard.money import assets_down, money
from steelyard.optimize.preferences import Floor, Preferences
from steelyard.plan import plan_order
from steelyard.state import UNLIMITED, Bucket, QueueState, Snapshot

WAD = 10**18
DAY = 86_400
ORDER = OrderConfig()
KEY = "0x" + "31" * 32
PASSWORD = "a password"
NOW = 1_700_000_000  # of make_snapshot
USED_UP = Bucket(budget_wad=WAD // 100, refill_wad=0, level_wad=WAD // 100)


def lending_snapshot(available: float = 10_000_000) -> Snapshot:
    """A million idle USDC beside a lending market at its kink."""
    reserve = make_reserve(available, 4 * available)
    aave = make_position("aave-v3 USDC", (0,), reserve, market=1)
    return make_snapshot(positions=[aave])


def swapping_snapshot() -> Snapshot:
    """A million USDC beside a pair with WETH."""
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH")
    pair = make_pair(usdc, weth, 50_000_000)
    pool = make_pool("uniswap-v2 USDC/WETH", (0, 1), pair, market=2)
    return make_snapshot((usdc, weth), pools=[pool])


def test_decide__interest_beats_idle__acts_and_says_the_numbers() -> None:
    snapshot = lending_snapshot()

    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert decision.act
    assert len(decision.plan.supplies) == 1
    assert decision.gain_assets > 0
    assert money(decision.gain_assets, 6) in decision.reason
    assert "over 30 days" in decision.reason


def test_decide__gain_under_the_least__does_nothing_and_says_the_numbers() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    gain = decide(snapshot, signals, Preferences(), ORDER).gain_assets
    greedy = Preferences(min_gain_assets=2 * gain)

    decision = decide(snapshot, signals, greedy, ORDER)

    assert not decision.act
    assert money(2 * gain, 6) in decision.reason


def test_decide__gas_above_the_gain__does_nothing() -> None:
    snapshot = lending_snapshot()
    dear = make_signals(snapshot, gas_price_wei=10**13)

    decision = decide(snapshot, dear, Preferences(), ORDER)

    assert not decision.act
    assert decision.plan.is_empty


def test_decide__nothing_offered__does_nothing() -> None:
    snapshot = make_snapshot()

    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert not decision.act
    assert decision.gain_assets == 0


def test_decide__floor_not_met__acts_at_a_loss() -> None:
    snapshot = swapping_snapshot()
    floors = (Floor(kind="token", name="WETH", weight=0.2),)

    decision = decide(
        snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER
    )

    assert decision.act, decision.reason
    assert decision.gain_assets < 0
    assert "staying breaks token WETH floor" in decision.reason
    assert decision.plan.after.token_assets[1] >= 0.199 * snapshot.nav


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"cooldown_seconds": 61, "ordered_at": NOW - 60}, "cooldown until 2023-11-14"),
        ({"brake_until": NOW + 1, "brake_is_pause": True}, "the vault is paused until"),
        ({"loss": USED_UP}, "the loss budget of 1 % is used up"),
    ],
)
def test_decide__every_order_would_be_refused__says_why_and_weighs_nothing(
    limits: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = make_snapshot(limits=replace(UNLIMITED, **limits))
    monkeypatch.setattr("steelyard.keeper.decide.optimise", None)

    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert not decision.act
    assert decision.reason.startswith(reason)
    assert decision.solution is None
    assert decision.plan.is_empty


def test_decide__in_a_drawdown__reduces_and_says_so() -> None:
    limits = replace(UNLIMITED, in_drawdown=True, mark_wad=2 * WAD)
    snapshot = replace(lending_snapshot(), limits=limits)

    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert decision.act
    assert decision.reason.startswith("in a drawdown, reduce-only: a rebalance gains")


def test_decide__floor_beyond_the_turnover_budget__goes_as_far_as_it_allows() -> None:
    turnover = Bucket(budget_wad=WAD // 10, refill_wad=0, level_wad=0)
    limits = replace(UNLIMITED, turnover=turnover)
    snapshot = replace(swapping_snapshot(), limits=limits)
    floors = (Floor(kind="token", name="WETH", weight=0.2),)

    decision = decide(
        snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER
    )

    assert decision.act, decision.reason
    assert decision.plan.turnover_wad == pytest.approx(0.09 * WAD, rel=2e-3)
    (change,) = decision.plan.changes
    assert "turnover budget of Test vault would be" in change.reason


def test_decide__queue_waits__frees_what_it_is_owed() -> None:
    usdc, weth = make_token("USDC", 300_000), make_token("WETH", 350)
    pool = make_pool("pair", (0, 1), make_pair(usdc, weth, 50_000_000), market=2)
    queue = QueueState(
        shares=500_000 * 10**12, waiting_since=NOW - 60, max_wait_seconds=3600
    )
    calm = make_snapshot((usdc, weth), pools=[pool])

    still = decide(calm, make_signals(calm), Preferences(), ORDER)
    snapshot = replace(calm, queue=queue)
    freed = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert not still.act
    assert freed.act, freed.reason
    assert "staying breaks queue liquidity" in freed.reason
    assert freed.plan.after.inventory[0] >= 500_000 * 10**6


def test_decide__queue_beyond_all_that_can_be_sold__is_no_reason_to_stop() -> None:
    usdc, weth = make_token("USDC", 300_000), make_token("WETH", 350)
    reserve = make_reserve(10_000_000, 40_000_000)
    aave = make_position("aave-v3 USDC", (0,), reserve, market=1)
    queue = QueueState(
        shares=500_000 * 10**12, waiting_since=NOW - 60, max_wait_seconds=3600
    )
    snapshot = make_snapshot((usdc, weth), [aave], queue=queue)

    decision = decide(snapshot, make_signals(snapshot), Preferences(), ORDER)

    assert decision.act, decision.reason
    assert [s.market for s in decision.plan.supplies] == [aave.market]


def test_decide__same_inputs__same_decision() -> None:
    snapshot = swapping_snapshot()
    floors = (Floor(kind="token", name="WETH", weight=0.2),)
    arguments = (snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER)

    first, second = decide(*arguments), decide(*arguments)

    assert first.plan == second.plan
    assert first.reason == second.reason


def test_plan_gain__nothing_cut__is_the_solutions() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    problem, solution = optimise(snapshot, signals, Preferences())
    plan = plan_order(snapshot, solution, ORDER)

    gain = assets_down(plan_weighed(snapshot, problem, plan).gain, problem.nav)

    assert gain == pytest.approx(solution.gain_assets, rel=1e-4)


def test_weigh__plan_cut_to_nothing__does_nothing() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    problem, solution = optimise(snapshot, signals, Preferences())
    plan = plan_order(snapshot, solution, ORDER)
    emptied = replace(plan, supplies=(), predicted_supplies=())

    decision = weigh(snapshot, problem, solution, emptied, Preferences())

    assert not decision.act
    assert "no action is left" in decision.reason


def test_weigh__broken_check__does_nothing() -> None:
    snapshot = lending_snapshot()
    signals = make_signals(snapshot)
    problem, solution = optimise(snapshot, signals, Preferences())
    plan = plan_order(snapshot, solution, ORDER)
    check = plan.checks[0]
    broken = replace(check, value=check.bound + (1 if check.at_most else -1))
    worse = replace(plan, checks=(broken, *plan.checks[1:]))

    decision = weigh(snapshot, problem, solution, worse, Preferences())

    assert not decision.act
    assert "would break" in decision.reason
