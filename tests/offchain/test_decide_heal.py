# SPDX-License-Identifier: MIT
"""Exposures above their caps: brought back where that can be done, and said."""

from dataclasses import replace

import pytest
from snapshots import (
    cap,
    make_concentrated,
    make_position,
    make_signals,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.amm.concentrated import Concentrated
from steelyard.keeper.config import OrderConfig
from steelyard.keeper.decide import Decision, decide, optimise, weigh
from steelyard.lending import Erc4626
from steelyard.optimize.preferences import Preferences
from steelyard.plan import plan_order
from steelyard.state import UNLIMITED, Bucket, OrderLimits, PositionState, Snapshot

USDC, WETH = make_token("USDC", 500_000), make_token("WETH")
ORDER = OrderConfig()
UNIT = 10**6


def vault_of(assets: int, share: float) -> PositionState:
    """Shares of an ERC-4626 vault, worth their number, under a relative cap."""
    state = Erc4626(total_assets=10**13, total_supply=10**13, decimals_offset=0)
    return make_position(
        "savings", (0,), state, market=9, units=assets * UNIT, cap=cap(share)
    )


def pool_position(fees_usdc: int, *, basis: float = 1.0) -> PositionState:
    """Liquidity in one range with fees to collect, in a market that is wound up."""
    pool = make_concentrated(USDC, WETH, [(6000, 6000, 10**17)], basis=basis)
    assert isinstance(pool, Concentrated)
    own = replace(range_of(pool, 6000, 6000, 10**15), fees=(fees_usdc * UNIT, 0))
    return make_position(
        "lp", (0, 1), pool, market=3, units=10**15, ranges=(own,), cap=cap(0.0)
    )


def decided(snapshot: Snapshot) -> Decision:
    return decide(snapshot, make_signals(snapshot), Preferences(), ORDER)


@pytest.mark.parametrize("fees_usdc", [0, 1, 1_000])
def test_decide__market_wound_up_with_fees_to_collect__is_left(fees_usdc: int) -> None:
    snapshot = make_snapshot([USDC, WETH], [pool_position(fees_usdc)])

    decision = decided(snapshot)

    assert decision.act, decision.reason
    assert len(decision.plan.withdraws) == 1
    assert decision.plan.after.position_assets == (0,)
    assert "staying breaks position lp" in decision.reason


def test_decide__one_cap_out_of_reach__does_not_stop_the_others() -> None:
    frozen = pool_position(0, basis=1.2)  # the vault refuses to touch it
    positions = [frozen, vault_of(400_000, 0.2)]
    snapshot = make_snapshot([USDC, WETH], positions)

    decision = decided(snapshot)

    assert decision.act, decision.reason
    lp, savings = decision.plan.after.position_assets
    assert lp == decision.plan.before.position_assets[0]
    assert savings <= decision.plan.after.nav // 5
    assert "staying breaks position savings" in decision.reason


def test_decide__slightly_above_its_cap__may_stay() -> None:
    snapshot = make_snapshot([USDC], [vault_of(500_000, 0.495)])

    decision = decided(snapshot)

    assert not decision.act
    assert decision.solution.broken == ()


def test_weigh__forced_plan_much_dearer_than_its_answer__is_refused() -> None:
    snapshot = make_snapshot([USDC], [vault_of(500_000, 0.2)])
    preferences = Preferences()
    problem, solution = optimise(snapshot, make_signals(snapshot), preferences)
    plan = plan_order(snapshot, solution, ORDER)
    dear = replace(problem, gas=replace(problem.gas, base=0.002))  # of NAV

    taken = weigh(snapshot, problem, solution, plan, preferences)
    refused = weigh(snapshot, dear, solution, plan, preferences)

    assert taken.act
    assert not refused.act
    assert refused.reason.startswith("the plan loses 2,000")


SPENT = Bucket(budget_wad=10**16, refill_wad=0, level_wad=2 * 10**16)


def over_its_cap(limits: OrderLimits) -> Snapshot:
    return replace(make_snapshot([USDC], [vault_of(500_000, 0.2)]), limits=limits)


def test_decide__hold_budget_used_up__a_cap_is_healed_by_withdrawing() -> None:
    decision = decided(over_its_cap(replace(UNLIMITED, hold=SPENT)))

    assert decision.act, decision.reason
    assert decision.plan.withdraws
    assert not decision.plan.swaps
    assert not decision.plan.supplies
    assert decision.reason.startswith("the hold budget of 1 % is used up, withdrawals")


def test_decide__holding_not_yet_charged__withdraws_or_moves_nothing() -> None:
    unsettled = replace(
        UNLIMITED, hold=replace(SPENT, level_wad=0), holdings=(1_100_000 * UNIT,)
    )
    within = make_snapshot([USDC], [vault_of(500_000, 0.9)])

    healing = decided(over_its_cap(unsettled))
    settling = decided(replace(within, limits=unsettled))

    assert healing.act
    assert healing.plan.withdraws
    assert settling.act
    assert settling.plan.is_empty
    assert "an order that moves nothing has it charged" in settling.reason
