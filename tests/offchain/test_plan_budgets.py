# SPDX-License-Identifier: MIT
"""Budgets, brakes and clocks: an order is cut to what they leave, and says so."""

from dataclasses import replace

import pytest
from plan_cases import (
    AAVE,
    ETH,
    FREE,
    LOWER,
    SAVINGS,
    TICK_AT_2000,
    UPPER,
    USD,
    USDC,
    V2,
    V3,
    WAD,
    WETH,
    Aim,
    Answer,
    Flow,
    Tolerances,
    pair,
    pool,
    snapshot,
    with_range,
)
from snapshots import make_position, make_snapshot, make_token

from steelyard.amm.constant_product import amount_out
from steelyard.lending import Erc4626
from steelyard.plan import Plan, plan_order
from steelyard.plan.budgets import queue_checks
from steelyard.plan.valuation import book
from steelyard.plan.world import world_of
from steelyard.state import UNLIMITED, Bucket, Cap, Held, QueueState, Snapshot

TOLERANCES = Tolerances()
NOW = 1_700_000_000
BUY_A_TENTH = Answer(
    swaps=(Flow(pool=0, zero_for_one=True, amount_in=100_000 * USD),),
    inventory=(0.9, 0.1),
)
PERCENT = WAD // 100


def bucket(budget_wad: int, level_wad: int = 0) -> Bucket:
    return Bucket(budget_wad=budget_wad, refill_wad=0, level_wad=level_wad)


def roomy(**changes) -> Snapshot:
    """Neither slippage nor deviation is in the way."""
    return snapshot(slippage_wad=WAD // 20, deviation_wad=WAD // 10, **changes)


def planned(state: Snapshot, answer: Answer = BUY_A_TENTH, margin_wad: int = 0) -> Plan:
    return plan_order(state, answer, TOLERANCES, margin_wad)


def check(plan: Plan, limit: str):
    (found,) = [c for c in plan.checks if c.limit == limit]
    return found


def test_plan_order__swap__is_charged_its_cost_and_the_doubt_about_both_sides():
    state = roomy(uncertainty_wad=PERCENT)
    got = amount_out(pair(), 100_000 * USD, True)

    plan = planned(state)

    worth = got * 2000 * USD // ETH
    lost = 100_000 * USD - worth + worth // 100  # USDC itself is in no doubt
    assert plan.loss_wad == pytest.approx(lost * WAD // state.nav, rel=1e-9)
    half = (100_000 * USD + worth) // 2
    assert plan.turnover_wad == pytest.approx(half * WAD // state.nav, rel=1e-9)


def test_plan_order__gain_of_one_swap__pays_for_no_loss_of_another():
    rich = replace(pair(), reserve1=pair().reserve1 * 101 // 100)
    state = snapshot(v2=rich, slippage_wad=10**16)
    poor = Flow(pool=1, zero_for_one=True, amount_in=10_000 * USD)

    gains = planned(state, Answer(swaps=(replace_size(10_000),), inventory=(1, 0)))
    loses = planned(state, Answer(swaps=(poor,), inventory=(1, 0)))
    both = planned(state, Answer(swaps=(replace_size(10_000), poor), inventory=(1, 0)))

    assert gains.after.nav > gains.before.nav
    assert gains.loss_wad == 0
    assert both.loss_wad == loses.loss_wad > 0


def replace_size(dollars: int) -> Flow:
    return Flow(pool=0, zero_for_one=True, amount_in=dollars * USD)


def test_plan_order__lending_of_the_asset__costs_no_budget():
    plan = planned(snapshot(), Answer(positions=(Aim(position=SAVINGS, value=0.5),)))

    assert plan.supplies
    assert plan.loss_wad * plan.before.nav // WAD <= 2  # rounding of shares
    assert plan.turnover_wad * plan.before.nav // WAD <= 2


def test_plan_order__liquidity__is_charged_how_it_bends():
    state = snapshot(
        usdc=500_000 * USD, weth=250 * ETH, uncertainty_wad=PERCENT, v2=pair()
    )

    plan = planned(state, Answer(positions=(Aim(position=V2, value=0.2),)))

    # (sqrt(1.01 / 0.99) - 1)^2 * 1.01 of half of 20 %
    bend = ((1.01 / 0.99) ** 0.5 - 1) ** 2 * 1.01
    assert plan.loss_wad / WAD == pytest.approx(0.1 * bend, rel=1e-3)
    assert plan.turnover_wad / WAD < 1e-9


def test_plan_order__range_out_of_all_prices__does_not_bend():
    state = snapshot(uncertainty_wad=PERCENT, v3=pool())
    lower = TICK_AT_2000 // 60 * 60 - 6000
    # under the price all of it is the second token, over it the first
    above = Aim(
        position=V3, value=0.1, tick_lower=lower + 12_000, tick_upper=lower + 18_000
    )

    plan = planned(state, Answer(positions=(above,)))

    assert plan.supplies
    assert plan.loss_wad * plan.before.nav // WAD <= 2


@pytest.mark.parametrize("margin_wad", [0, WAD // 10])
def test_plan_order__turnover_budget__order_is_cut_to_it(margin_wad: int):
    limits = replace(UNLIMITED, turnover=bucket(8 * PERCENT, 3 * PERCENT))

    plan = planned(roomy(limits=limits), margin_wad=margin_wad)

    held = check(plan, "turnover budget")
    assert held.ok
    left = 5 * PERCENT * (WAD - margin_wad) // WAD
    assert held.bound == 3 * PERCENT + left
    # a thousandth of what was asked for is the finest cut
    assert left - 11 * WAD // 100_000 < plan.turnover_wad <= left
    (change,) = plan.changes
    assert "turnover budget of Steelyard USDC would be" in change.reason
    assert change.planned == plan.swaps[0].amount_in < change.wanted


def test_plan_order__loss_budget__order_is_cut_to_it():
    limits = replace(UNLIMITED, loss=bucket(PERCENT // 10))
    state = roomy(limits=limits, uncertainty_wad=PERCENT)

    plan = planned(state)

    # 1 % of doubt, 0.3 % of fee, and 0.5 % of impact
    assert plan.turnover_wad / WAD == pytest.approx(0.001 / 0.0185, rel=0.05)
    assert check(plan, "loss budget").value <= PERCENT // 10
    assert "loss budget of Steelyard USDC would be" in plan.changes[0].reason


def test_plan_order__budget_used_up__nothing_is_left_and_the_limit_is_named():
    limits = replace(UNLIMITED, loss=bucket(PERCENT, PERCENT))

    plan = planned(snapshot(limits=limits))

    assert plan.is_empty
    assert "loss budget of Steelyard USDC would be" in plan.changes[0].reason


def test_plan_order__budget_cut__withdrawal_that_pays_for_the_swap_shrinks_too():
    limits = replace(UNLIMITED, turnover=bucket(5 * PERCENT))
    state = snapshot(usdc=0, lent=1_000_000 * USD, limits=limits)
    leave = Aim(position=AAVE, value=0.9, current_value=1.0)

    plan = planned(state, replace(BUY_A_TENTH, positions=(leave,)))

    assert plan.withdraws[0].units == pytest.approx(50_000 * USD, rel=0.01)
    assert plan.swaps[0].amount_in <= plan.predicted_withdraws[0][USDC]


def test_plan_order__hold_budget_exceeded__withdrawals_alone_pass():
    limits = replace(
        UNLIMITED,
        hold=bucket(PERCENT),
        ordered_at=NOW - 60,
        holdings=(2_000_000 * USD, 0),
    )
    state = snapshot(lent=500_000 * USD, limits=limits)
    leave = Aim(position=AAVE, value=0.1, current_value=0.33)

    plan = planned(state, replace(BUY_A_TENTH, positions=(leave,)))
    held = check(planned(snapshot(limits=UNLIMITED)), "hold budget")

    assert plan.withdraws
    assert not plan.swaps
    (swap,) = (change for change in plan.changes if change.kind == "swap")
    assert "hold budget before v2 USDC/WETH to WETH" in swap.reason
    assert held.ok
    assert held.value == 0


def test_plan_order__cooldown_and_pause__are_proven():
    limits = replace(
        UNLIMITED,
        cooldown_seconds=61,
        ordered_at=NOW - 60,
        brake_until=NOW + 1,
        brake_is_pause=True,
    )

    lend = Answer(positions=(Aim(position=AAVE, value=0.5),))

    plan = planned(snapshot(limits=limits), lend)

    cooldown, pause = check(plan, "cooldown"), check(plan, "pause")
    assert (cooldown.value, cooldown.bound, cooldown.ok) == (NOW, NOW + 1, False)
    assert (pause.value, pause.ok) == (1, False)


def test_plan_order__reduce_only__sells_but_does_not_buy():
    limits = replace(UNLIMITED, brake_until=NOW + 1)
    state = snapshot(weth=50 * ETH, limits=limits)
    sell = Flow(pool=0, zero_for_one=False, amount_in=10.0 * ETH)

    bought = planned(state)
    sold = planned(state, Answer(swaps=(sell,), inventory=(1, 0)))

    assert bought.is_empty
    assert "reduce-only of WETH would be" in bought.changes[0].reason
    assert sold.swaps
    assert all(c.ok for c in sold.checks if c.limit == "reduce-only")


def test_plan_order__reduce_only__no_liquidity_is_added_but_the_asset_may_be_lent():
    limits = replace(UNLIMITED, brake_until=NOW + 1)
    state = snapshot(weth=50 * ETH, limits=limits)

    pooled = planned(state, Answer(positions=(Aim(position=V2, value=0.1),)))
    lent = planned(state, Answer(positions=(Aim(position=AAVE, value=0.1),)))

    assert pooled.is_empty
    assert "reduce-only of v2 USDC/WETH would be" in pooled.changes[0].reason
    assert lent.supplies[0].max_amounts[0] == pytest.approx(110_000 * USD, rel=1e-6)


def test_plan_order__range_narrower_than_four_uncertainties__is_refused():
    state = snapshot(usdc=500_000 * USD, weth=250 * ETH, uncertainty_wad=2 * PERCENT)
    # 1,230 ticks on each side are 13.1 %; 4 * (1 / 0.98 - 1) are 8.2 %
    wide = Aim(position=V3, value=0.1, tick_lower=LOWER, tick_upper=UPPER)
    narrow = Aim(position=V3, value=0.1, tick_lower=LOWER + 600, tick_upper=UPPER - 600)

    accepted = planned(state, Answer(positions=(wide,)))
    refused = planned(state, Answer(positions=(narrow,)))

    width = check(accepted, "range width")
    assert width.value == pytest.approx(0.131 * WAD, rel=2e-3)
    assert width.bound == pytest.approx(0.0816 * WAD, rel=1e-3)
    assert refused.is_empty
    assert "range width of v3 USDC/WETH" in refused.changes[0].reason


def test_plan_order__impaired_position__is_not_touched():
    curve, held = with_range(pool(), 10**16)
    state = snapshot(lent=100_000 * USD, v3=curve, v3_range=held)
    broken = replace(state.positions[AAVE], is_impaired=True, amounts=(0,))
    positions = (*state.positions[:AAVE], broken, *state.positions[AAVE + 1 :])
    state = replace(state, positions=positions, nav=state.nav - 100_000 * USD)
    leave = Aim(position=AAVE, value=0.0, current_value=0.1)
    enter = Aim(position=AAVE, value=0.2)

    left = planned(state, Answer(positions=(leave,)))
    entered = planned(state, Answer(positions=(enter,)))

    assert left.is_empty
    assert entered.is_empty
    assert "aave USDC is impaired" in entered.changes[0].reason


def test_plan_order__leverage__of_what_is_only_held_is_one():
    plan = planned(snapshot(weth=10 * ETH))

    gross = check(plan, "leverage")
    assert gross.value == plan.after.gross_assets == plan.after.nav
    assert plan.after.token_assets[WETH] > 0


def test_plan_order__deposit_in_this_very_block__widens_no_cap_and_fills_no_buffer():
    cap = Cap(assets=2**255, wad=WAD // 2)
    caps = (FREE, FREE, cap, FREE)
    lend = Answer(positions=(Aim(position=AAVE, value=0.9),))
    calm = snapshot(position_caps=caps, idle_wad=WAD // 5)
    # half of the shares are new: base is 500,000
    flashed = replace(calm, supply_before=calm.total_supply // 2)

    before, now = planned(calm, lend), planned(flashed, lend)

    assert before.after.position_assets[AAVE] == pytest.approx(500_000 * USD, rel=1e-3)
    assert now.after.position_assets[AAVE] == pytest.approx(250_000 * USD, rel=1e-3)
    idle = check(now, "idle buffer")
    assert idle.bound == pytest.approx(600_000 * USD, rel=1e-6)
    free = planned(replace(flashed, idle_wad=0), lend)
    assert check(free, "idle buffer").bound == 0


def test_queue_checks__market_that_may_not_pay__counts_for_nothing():
    late = QueueState(
        shares=500_000 * 10**12, waiting_since=NOW - 3601, max_wait_seconds=3600
    )
    lent = Erc4626(total_assets=10**13, total_supply=10**13, decimals_offset=0)
    position = make_position("morpho", (0,), lent, market=8, units=500_000 * USD)
    known = make_snapshot([make_token("USDC", 500_000)], [position])
    stuck = replace(known.positions[0], state=Held())
    whole = replace(known, positions=(stuck,), queue=late)
    before = book(world_of(whole))
    after = replace(before, inventory=(250_000 * USD,))

    (kept,) = queue_checks(whole, before, before, before)
    (broken,) = queue_checks(whole, before, after, after)

    assert kept.ok
    assert not broken.ok
    assert broken.value == 250_000 * USD


def test_plan_order__queue_has_waited_too_long__its_money_stays():
    queue = QueueState(
        shares=900_000 * 10**12, waiting_since=NOW - 3601, max_wait_seconds=3600
    )
    late = replace(roomy(), queue=queue)
    waiting = replace(late, queue=replace(queue, waiting_since=NOW - 3600))
    lend = Answer(positions=(Aim(position=SAVINGS, value=0.5),))

    cut, free, lent = planned(late), planned(waiting), planned(late, lend)

    assert free.swaps[0].amount_in == 100_000 * USD
    assert cut.swaps[0].amount_in == pytest.approx(100_000 * USD, rel=0.01)
    # owed at the NAV that is left
    assert check(cut, "queue liquidity").bound == pytest.approx(900_000 * USD, rel=2e-3)
    assert check(lent, "queue liquidity").ok  # what is lent can be drawn
    more = Answer(
        swaps=(Flow(pool=0, zero_for_one=True, amount_in=200_000 * USD),),
        inventory=(0.8, 0.2),
    )
    most = planned(late, more)
    assert most.swaps[0].amount_in == pytest.approx(100_000 * USD, rel=0.02)
    assert "queue liquidity of Steelyard USDC would be" in most.changes[0].reason
