# SPDX-License-Identifier: MIT
"""Limits of the vault that a solution would break, and what is left of it."""

from dataclasses import replace

import pytest
from plan_cases import (
    AAVE,
    ETH,
    FREE,
    LOWER,
    SAVINGS,
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

from steelyard.plan import (
    plan_order,
)
from steelyard.plan.errors import SnapshotFieldInvalid
from steelyard.state import Cap, TagState

TOLERANCES = Tolerances()


def check(plan, limit, subject):
    """The one check of this name."""
    (found,) = [c for c in plan.checks if (c.limit, c.subject) == (limit, subject)]
    return found


def test_plan_order__swap_too_large_for_slippage__is_cut_to_fit():
    state = snapshot(usdc=5_000_000 * USD, slippage_wad=10**16)

    plan = plan_order(
        state,
        Answer(
            swaps=(Flow(pool=0, zero_for_one=True, amount_in=3e12),),
            inventory=(0.4, 0.6),
        ),
        TOLERANCES,
    )

    # the fee takes 0.3 %, the tolerance 0.1 %: 0.6 % of the reserve may go in
    assert plan.swaps[0].amount_in == pytest.approx(0.006 * 10**13, rel=0.02)
    assert check(plan, "swap price", "v2 USDC/WETH to WETH").ok
    assert "swap price" in plan.changes[0].reason


def test_plan_order__pool_off_the_oracle__is_not_touched():
    state = snapshot(v2=replace(pair(), reserve0=11 * 10**12), deviation_wad=10**16)

    plan = plan_order(
        state,
        Answer(
            swaps=(Flow(pool=0, zero_for_one=False, amount_in=1.0),),
            positions=(Aim(position=V2, value=0.1),),
        ),
        TOLERANCES,
    )

    assert plan.is_empty
    assert {c.planned for c in plan.changes} == {0}
    assert all("pool deviation before" in c.reason for c in plan.changes)


def test_plan_order__cap_in_the_way__supply_stops_under_it():
    cap = Cap(assets=50_000 * USD, wad=WAD)
    state = snapshot(position_caps=(FREE, FREE, cap, FREE))

    plan = plan_order(
        state, Answer(positions=(Aim(position=AAVE, value=0.2),)), TOLERANCES
    )

    held = check(plan, "position cap", "aave USDC")
    assert held.value <= held.bound == 50_000 * USD
    assert held.value > 49_700 * USD  # no more is given up than 0.1 % of the excess
    assert "position cap of aave USDC" in plan.changes[0].reason


def test_plan_order__relative_token_cap__counts_nav_after_the_swap():
    state = snapshot(token_caps=(FREE, Cap(assets=2**255, wad=WAD // 100)))

    plan = plan_order(
        state,
        Answer(
            swaps=(Flow(pool=0, zero_for_one=True, amount_in=20_000 * USD),),
            inventory=(0.98, 0.02),
        ),
        TOLERANCES,
    )

    assert plan.after.token_assets[WETH] <= plan.after.nav // 100
    assert plan.after.token_assets[WETH] > plan.after.nav // 100 - 30 * USD


def test_plan_order__over_cap_already__may_fall_but_not_rise():
    cap = Cap(assets=10_000 * USD, wad=WAD)
    state = snapshot(weth=50 * ETH, token_caps=(FREE, cap))
    sell = Flow(pool=0, zero_for_one=False, amount_in=1e18)
    buy = Flow(pool=0, zero_for_one=True, amount_in=1e9)

    falls = plan_order(state, Answer(swaps=(sell,)), TOLERANCES)
    rises = plan_order(state, Answer(swaps=(buy,)), TOLERANCES)

    assert falls.swaps[0].amount_in == ETH
    assert rises.is_empty


def test_plan_order__tag_cap__cuts_what_adds_most():
    tags = (TagState(name="defi", cap=Cap(assets=100_000 * USD, wad=WAD)),)
    state = snapshot(tags=tags, position_tags=frozenset({0}))
    aims = (Aim(position=AAVE, value=0.09), Aim(position=SAVINGS, value=0.04))

    plan = plan_order(state, Answer(positions=aims), TOLERANCES)

    held = check(plan, "tag cap", "defi")
    assert held.value <= held.bound == 100_000 * USD
    assert plan.after.position_assets[SAVINGS] == 40_000 * USD - 1
    assert [c.subject for c in plan.changes] == ["aave USDC"]


def test_plan_order__idle_buffer__is_left_alone():
    state = snapshot(usdc=1_000 * USD, idle_wad=WAD // 10)

    plan = plan_order(
        state, Answer(positions=(Aim(position=SAVINGS, value=1.0),)), TOLERANCES
    )

    assert plan.after.inventory[USDC] == 100 * USD
    assert check(plan, "idle buffer", "USDC").ok


def test_plan_order__swap_refused__its_supply_and_withdrawal_go_too():
    state = snapshot(usdc=0, lent=100_000 * USD, slippage_wad=10**15)

    plan = plan_order(
        state,
        Answer(
            positions=(
                Aim(position=AAVE, value=0.5, current_value=1.0),
                Aim(position=V2, value=0.5),
            ),
            swaps=(Flow(pool=0, zero_for_one=True, amount_in=25_000 * USD),),
        ),
        TOLERANCES,
    )

    assert plan.is_empty
    assert [(c.kind, c.planned) for c in plan.changes] == [
        ("withdraw", 0),
        ("swap", 0),
        ("supply", 0),
    ]
    assert "no longer needed" in plan.changes[0].reason


def test_plan_order__fifth_range__is_refused():
    curve, held = with_range(pool(), 10**15)
    state = snapshot(weth=250 * ETH, v3=curve, v3_range=held)
    aims = tuple(
        Aim(
            position=V3,
            value=0.01,
            tick_lower=LOWER - 60 * i,
            tick_upper=UPPER + 60 * i,
        )
        for i in range(1, 5)
    )

    plan = plan_order(state, Answer(positions=aims), TOLERANCES)

    assert len(plan.supplies) == 3
    assert "expected at most 4" in plan.changes[0].reason


def test_plan_order__amounts_missing__names_the_position():
    state = snapshot()
    broken = replace(state.positions[V2], amounts=(0,))
    state = replace(state, positions=(broken, *state.positions[1:]))

    with pytest.raises(SnapshotFieldInvalid, match="amounts of v2 USDC/WETH is 1"):
        plan_order(state, Answer(), TOLERANCES)


def test_plan_order__share_price_band__surrounds_the_share_price():
    state = snapshot(usdc=1_000 * USD)

    plan = plan_order(
        state, Answer(positions=(Aim(position=SAVINGS, value=0.25),)), TOLERANCES
    )

    assert plan.share_price_before_wad == WAD
    assert plan.share_price_floor_before_wad == WAD * 999 // 1000
    assert plan.share_price_ceil_before_wad == WAD * 1001 // 1000
    # one raw unit of 1,000 USDC is lost to rounding
    assert plan.share_price_after_wad == pytest.approx(WAD * (1 - 1e-9), abs=10**6)
    assert plan.share_price_floor_after_wad == (
        plan.share_price_after_wad * 999 // 1000
    )


def test_plan_order__withdrawal_that_heals__is_not_undone_when_its_swap_is_cut():
    cap = Cap(assets=300_000 * USD, wad=WAD)
    state = snapshot(
        usdc=0,
        lent=400_000 * USD,
        position_caps=(FREE, FREE, cap, FREE),
        v2=replace(pair(), reserve0=11 * 10**12),
        deviation_wad=10**16,
    )
    leave = Aim(position=AAVE, value=0.7, current_value=1.0)
    refused = Flow(pool=0, zero_for_one=True, amount_in=120_000 * USD)

    plan = plan_order(
        state,
        Answer(positions=(leave,), swaps=(refused,), inventory=(0.0, 0.3)),
        TOLERANCES,
    )

    assert plan.swaps == ()
    assert plan.withdraws[0].units == pytest.approx(120_000 * USD, rel=1e-6)
