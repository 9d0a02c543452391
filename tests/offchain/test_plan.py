# SPDX-License-Identifier: MIT
"""From a solution to whole token amounts: numbers that a reader can check."""

from dataclasses import replace

import pytest
from plan_cases import (
    AAVE,
    ETH,
    LOWER,
    SAVINGS,
    UPPER,
    USD,
    USDC,
    V2,
    V3,
    WAD,
    Aim,
    Answer,
    Flow,
    Tolerances,
    pair,
    pool,
    snapshot,
    with_index,
    with_range,
)

from steelyard.amm import concentrated, constant_product
from steelyard.amm.position import range_amounts_down
from steelyard.amm.tick_math import get_sqrt_ratio_at_tick
from steelyard.lending import RAY, normalized_income_ray, ray_div
from steelyard.order import UINT_MAX
from steelyard.plan import (
    empty_plan,
    plan_order,
)

TOLERANCES = Tolerances()


@pytest.mark.parametrize("value", [0.0, 0.6])
def test_plan_order__aave_has_less_than_wanted__takes_all_it_has(value):
    state = snapshot(lent=1_000_000 * USD)
    available = 333_333_333_333
    aave = state.positions[AAVE]
    short = replace(aave.state, available_liquidity=available)
    positions = (*state.positions[:AAVE], replace(aave, state=short))
    state = replace(state, positions=positions + state.positions[AAVE + 1 :])
    aim = Aim(position=AAVE, value=value, current_value=1.0)

    plan = plan_order(state, Answer(positions=(aim,), inventory=(1.0, 0.0)), TOLERANCES)

    assert [withdraw.units for withdraw in plan.withdraws] == [available]
    rest = 1_000_000 * USD - available
    assert plan.after.position_assets[AAVE] == rest - 1  # the balance may round down
    assert plan.changes == ()


def test_plan_order__empty_solution__is_empty():
    state = snapshot(weth=3 * ETH, lent=500 * USD)

    plan = plan_order(state, Answer(), TOLERANCES)

    assert plan.is_empty
    assert plan == empty_plan(state, TOLERANCES)
    assert (plan.targets, plan.changes) == ((), ())
    assert plan.after == plan.before
    assert all(c.ok for c in plan.checks)


def test_plan_order__change_under_dust__is_empty():
    state = snapshot(lent=500_000 * USD)
    aims = (Aim(position=AAVE, value=1 / 3 + 5e-7, current_value=1 / 3),)

    plan = plan_order(state, Answer(positions=aims), TOLERANCES)

    assert plan.is_empty


def test_plan_order__lend_a_tenth__supplies_a_tenth():
    state = snapshot(usdc=1_000 * USD)

    plan = plan_order(
        state, Answer(positions=(Aim(position=AAVE, value=0.1),)), TOLERANCES
    )

    assert plan.supplies[0].max_amounts == (100 * USD,)
    assert plan.predicted_supplies[0].units == 100 * USD
    assert plan.supplies[0].min_units == 99_900_000
    assert plan.after.inventory == (900 * USD, 0)
    # Aave rounds to the nearest scaled unit: one raw unit may be missing
    assert plan.after.position_assets[AAVE] == 100 * USD - 1


def test_plan_order__index_grows_until_the_deadline__min_units_are_met():
    state = with_index(snapshot(usdc=1_000 * USD), 5 * RAY // 4)

    plan = plan_order(
        state, Answer(positions=(Aim(position=AAVE, value=0.1),)), TOLERANCES
    )

    assert plan.predicted_supplies[0].units == 80 * USD  # 100 / 1.25
    assert plan.supplies[0].min_units == 79_920_000
    later_ray = normalized_income_ray(5 * RAY // 4, RAY, state.max_window_seconds)
    at_the_deadline = ray_div(100 * USD, later_ray)
    assert at_the_deadline == 79_998_478  # 100 % a year for 600 s: 1.9e-5
    assert at_the_deadline >= plan.supplies[0].min_units


def test_plan_order__first_shares__are_previewed_down():
    state = snapshot(usdc=1_000 * USD)

    plan = plan_order(
        state, Answer(positions=(Aim(position=SAVINGS, value=0.11),)), TOLERANCES
    )

    assert plan.supplies[0].max_amounts == (110 * USD,)
    assert plan.predicted_supplies[0].units == 100_000_000  # 110 / 1.1
    assert plan.supplies[0].min_units == 99_900_000


def test_plan_order__leave_savings__asks_for_all_shares():
    state = snapshot(usdc=0, savings_shares=1_000 * USD)

    plan = plan_order(
        state,
        Answer(
            positions=(Aim(position=SAVINGS, value=0.0, current_value=1.0),),
            inventory=(1.0, 0.0),
        ),
        TOLERANCES,
    )

    assert plan.withdraws[0].units == UINT_MAX
    assert plan.predicted_withdraws == ((1_100 * USD - 1,),)  # virtual share, down
    assert plan.withdraws[0].min_amounts == ((1_100 * USD - 1) * 999 // 1000,)
    assert plan.after.inventory[USDC] == 1_100 * USD - 1


def test_plan_order__halve_lending__withdraws_underlying():
    state = snapshot(usdc=0, lent=1_000 * USD)

    plan = plan_order(
        state,
        Answer(
            positions=(Aim(position=AAVE, value=0.5, current_value=1.0),),
            inventory=(0.5, 0.0),
        ),
        TOLERANCES,
    )

    assert plan.withdraws[0].units == 500 * USD
    assert plan.after.inventory[USDC] == 500 * USD
    assert plan.after.amounts[AAVE] == (500 * USD - 1,)


def test_plan_order__swap__predicts_the_pair_to_the_wei():
    state = snapshot()
    amount_in = 10_000 * USD
    expected = amount_in * 997 * 5_000 * ETH // (10**13 * 1000 + amount_in * 997)

    plan = plan_order(
        state,
        Answer(swaps=(Flow(pool=0, zero_for_one=True, amount_in=amount_in + 0.7),)),
        TOLERANCES,
    )

    assert plan.swaps[0].amount_in == amount_in
    assert plan.predicted_swaps == (expected,)
    assert plan.swaps[0].min_amount_out == expected * 999 // 1000
    assert plan.after.inventory == (990_000 * USD, expected)


def test_plan_order__two_swaps_in_one_pool__second_follows_first():
    state = snapshot()
    flow = Flow(pool=1, zero_for_one=True, amount_in=10_000 * USD)
    first = concentrated.swap_exact_in(pool(), 10_000 * USD, True)
    second = concentrated.swap_exact_in(first.pool, 10_000 * USD, True)

    plan = plan_order(state, Answer(swaps=(flow, flow)), TOLERANCES)

    assert plan.predicted_swaps == (first.amount_out, second.amount_out)


def test_plan_order__withdraw_from_pair__thins_it_for_the_swap():
    curve = pair()
    units = curve.total_supply // 2
    state = snapshot(usdc=0, v2=curve, v2_units=units)
    thin, usd, eth = constant_product.burn(curve, units)
    out = constant_product.amount_out(thin, 10_000 * USD, True)

    plan = plan_order(
        state,
        Answer(
            positions=(Aim(position=V2, value=0.0, current_value=1.0),),
            swaps=(Flow(pool=0, zero_for_one=True, amount_in=10_000 * USD),),
            inventory=(0.5, 0.5),
        ),
        TOLERANCES,
    )

    assert plan.predicted_withdraws == ((usd, eth),)
    assert plan.predicted_swaps == (out,)
    assert out < constant_product.amount_out(curve, 10_000 * USD, True)


def test_plan_order__leave_range__takes_principal_and_fees():
    curve, held = with_range(pool(), 10**15, fees=(7, 11))
    state = snapshot(usdc=0, v3=curve, v3_range=held)
    principal = range_amounts_down(
        10**15,
        curve.sqrt_price_x96,
        get_sqrt_ratio_at_tick(LOWER),
        get_sqrt_ratio_at_tick(UPPER),
    )
    aim = Aim(position=V3, value=0, current_value=1, tick_lower=LOWER, tick_upper=UPPER)

    plan = plan_order(state, Answer(positions=(aim,), inventory=(1.0, 1.0)), TOLERANCES)

    assert plan.predicted_withdraws == ((principal[0] + 7, principal[1] + 11),)
    assert (plan.withdraws[0].tick_lower, plan.withdraws[0].tick_upper) == (
        LOWER,
        UPPER,
    )
    assert plan.after.position_assets[V3] == 0


def test_plan_order__add_to_range__mints_what_its_amounts_allow():
    state = snapshot(usdc=500_000 * USD, weth=250 * ETH)
    aim = Aim(position=V3, value=0.4, tick_lower=LOWER, tick_upper=UPPER)

    plan = plan_order(state, Answer(positions=(aim,)), TOLERANCES)

    outcome = plan.predicted_supplies[0]
    assert outcome.units > 0
    for used, most in zip(outcome.amounts, plan.supplies[0].max_amounts, strict=True):
        assert 0 < used <= most
    assert plan.after.position_assets[V3] == pytest.approx(400_000 * USD, rel=1e-6)


def test_plan_order__own_range_in_swapped_pool__earns_once_it_is_touched():
    curve, held = with_range(pool(), 2 * 10**17)  # half of the liquidity
    state = snapshot(v3=curve, v3_range=held)
    swap = Flow(pool=1, zero_for_one=True, amount_in=1_000 * USD)
    more = Aim(
        position=V3,
        value=0.2,
        current_value=0.2 - 2e-6,
        tick_lower=LOWER,
        tick_upper=UPPER,
    )

    still = plan_order(state, Answer(swaps=(swap,)), TOLERANCES)
    touched = plan_order(state, Answer(swaps=(swap,), positions=(more,)), TOLERANCES)

    # the vault does not read a position again that no action touched
    assert still.after.amounts[V3] == still.before.amounts[V3]
    # 0.3 % of 1,000, and half of that
    paid = touched.predicted_supplies[0].amounts[USDC]
    gained = touched.after.amounts[V3][USDC] - touched.before.amounts[V3][USDC]
    assert gained - paid == pytest.approx(1_500_000, abs=2_500)


def test_plan_order__targets__are_predicted_weights_and_tolerance():
    state = snapshot(usdc=1_000 * USD)

    plan = plan_order(
        state, Answer(positions=(Aim(position=SAVINGS, value=0.25),)), TOLERANCES
    )

    assert len(plan.targets) == 6
    savings, idle = plan.targets[SAVINGS], plan.targets[4]
    assert (savings.item, savings.market) == (
        state.positions[SAVINGS].adapter,
        state.positions[SAVINGS].market,
    )
    assert savings.max_weight_wad - savings.min_weight_wad == 10**16
    assert savings.min_weight_wad == pytest.approx(0.245 * WAD, rel=1e-6)
    assert (idle.item, idle.market) == (state.tokens[0].address, "0x" + "00" * 32)
