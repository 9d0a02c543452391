# SPDX-License-Identifier: MIT
"""Whatever the vault holds and whatever is asked: no plan breaks a limit."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_cases import (
    AAVE,
    ETH,
    FREE,
    LOWER,
    SAVINGS,
    UPPER,
    USD,
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
    with_range,
)

from steelyard.order import UINT_MAX
from steelyard.plan import empty_plan, plan_order
from steelyard.state import UNLIMITED, Bucket, Cap, TagState

TOLERANCES = Tolerances()
EVERYTHING = 10**6 * USD
NOW = 1_700_000_000

caps = st.sampled_from((FREE, FREE, Cap(assets=2**255, wad=WAD // 2))) | st.builds(
    Cap, assets=st.integers(0, 2 * EVERYTHING), wad=st.integers(0, WAD)
)
LIMITS = (0, WAD // 100, WAD // 50, WAD // 20)
shares = st.floats(0, 1) | st.sampled_from((0.0, 1.0))


budget_levels = st.integers(0, WAD // 20)


@st.composite
def order_limits(draw):
    def bucket():
        most, level = draw(budget_levels), draw(budget_levels)
        return Bucket(budget_wad=most, level_wad=level, refill_wad=0)

    braked = draw(st.booleans())
    return replace(
        UNLIMITED,
        loss=bucket(),
        turnover=bucket(),
        brake_until=NOW + 1 if braked else 0,
    )


@st.composite
def snapshots(draw):
    skew = draw(st.integers(985, 1015))
    curve = pair(draw(st.integers(10_000, 10**8)))
    curve = replace(
        curve,
        reserve0=curve.reserve0 * skew // 1000,
        fee_on=draw(st.booleans()),
        k_last=draw(st.sampled_from((0, curve.reserve0 * curve.reserve1 // 2))),
    )
    liquidity = draw(st.integers(0, 10**17))
    fees = (draw(st.integers(0, 100 * USD)), draw(st.integers(0, ETH // 10)))
    own, held = with_range(
        pool(
            draw(st.integers(10**14, 10**19)),
            draw(st.integers(1990, 2010)) * WAD,
        ),
        max(1, liquidity),
        fees,
    )
    return snapshot(
        usdc=draw(st.integers(0, EVERYTHING)),
        weth=draw(st.integers(0, 500 * ETH)),
        v2=curve,
        v2_units=draw(st.integers(0, curve.total_supply // 2)),
        v3=own if liquidity else pool(),
        v3_range=held if liquidity else None,
        lent=draw(st.integers(0, EVERYTHING)),
        savings_shares=draw(st.integers(0, EVERYTHING)),
        position_caps=draw(st.tuples(caps, caps, caps, caps)),
        token_caps=draw(st.tuples(caps, caps)),
        tags=(TagState(name="defi", cap=draw(caps)),),
        position_tags=draw(st.sampled_from((frozenset(), frozenset({0})))),
        idle_wad=draw(st.integers(0, WAD // 2)),
        slippage_wad=draw(st.sampled_from(LIMITS)),
        deviation_wad=draw(st.sampled_from(LIMITS[2:]) | st.sampled_from(LIMITS)),
        uncertainty_wad=draw(st.sampled_from((0, WAD // 1000, WAD // 100))),
        limits=draw(st.just(UNLIMITED) | order_limits()),
    )


@st.composite
def answers(draw):
    ranges = ((V2, 0, 0), (V3, LOWER, UPPER), (AAVE, 0, 0), (SAVINGS, 0, 0))
    ranges += ((V3, LOWER - 600, UPPER + 600),)
    aims = tuple(
        Aim(
            position=position,
            value=draw(shares),
            current_value=draw(shares),
            tick_lower=low,
            tick_upper=high,
        )
        for position, low, high in ranges
    )
    flow = st.builds(
        lambda pool, value, sell: Flow(
            pool=pool,
            zero_for_one=not sell,
            amount_in=value / 2000 * ETH if sell else value * USD,
        ),
        pool=st.integers(0, 1),
        value=st.floats(0, 1e6),
        sell=st.booleans(),
    )
    swaps = draw(st.lists(flow, max_size=3))
    inventory = np.array(draw(st.tuples(shares, shares)))
    return Answer(positions=aims, swaps=tuple(swaps), inventory=inventory)


def replayed(state, plan):
    """Inventory after each action, from the amounts that the plan predicts."""
    held = [t.inventory for t in state.tokens]
    index = {t.address: i for i, t in enumerate(state.tokens)}
    tokens = {p.market: p.tokens for p in state.positions}
    trail = [tuple(held)]

    def move(changes):
        for token, amount in changes:
            held[token] += amount
        trail.append(tuple(held))

    for action, paid in zip(plan.withdraws, plan.predicted_withdraws, strict=True):
        move(zip(tokens[action.market], paid, strict=True))
    for action, out in zip(plan.swaps, plan.predicted_swaps, strict=True):
        move([(index[action.token_in], -action.amount_in)])
        move([(index[action.token_out], out)])
    for action, got in zip(plan.supplies, plan.predicted_supplies, strict=True):
        used = [-amount for amount in got.amounts]
        assert all(
            0 <= a <= m for a, m in zip(got.amounts, action.max_amounts, strict=True)
        )
        move(zip(tokens[action.market], used, strict=True))
    return trail


@settings(max_examples=150, deadline=None)
@given(state=snapshots(), answer=answers())
def test_plan_order__any_solution__conserves_tokens_and_spends_what_is_held(
    state, answer
):
    plan = plan_order(state, answer, TOLERANCES)

    trail = replayed(state, plan)

    assert all(amount >= 0 for held in trail for amount in held)
    assert trail[-1] == plan.after.inventory


@settings(max_examples=150, deadline=None)
@given(state=snapshots(), answer=answers())
def test_plan_order__any_solution__keeps_every_limit(state, answer):
    plan = plan_order(state, answer, TOLERANCES)

    after, before = plan.after, plan.before
    assert [c for c in plan.checks if not c.ok] == []
    exposures = [
        (state.tokens, before.token_assets, after.token_assets),
        (state.positions, before.position_assets, after.position_assets),
        (state.tags, before.tag_assets, after.tag_assets),
    ]
    for limited, was, now in exposures:
        for item, x, y in zip(limited, was, now, strict=True):
            cap = min(item.cap.assets, after.nav * item.cap.wad // WAD)
            assert y <= cap or y <= x
    buffer = -(-after.nav * state.idle_wad // WAD)
    assert after.inventory[0] >= min(buffer, before.inventory[0])
    if plan.is_empty:
        return
    for bucket, charge_wad in (
        (state.limits.loss, plan.loss_wad),
        (state.limits.turnover, plan.turnover_wad),
    ):
        assert bucket.level_wad + charge_wad <= bucket.budget_wad
    if state.limits.brake_until > state.timestamp:
        rise = before.token_assets[1] // 10**6
        assert after.token_assets[1] <= before.token_assets[1] + rise
    # what left the vault at the oracle's prices was charged
    left_wad = (before.nav - after.nav) * WAD // state.nav
    assert plan.loss_wad >= left_wad - WAD // state.nav


@settings(max_examples=60, deadline=None)
@given(state=snapshots(), answer=answers())
def test_plan_order__any_solution__signs_what_it_predicts(state, answer):
    plan = plan_order(state, answer, TOLERANCES)

    for action, paid in zip(plan.withdraws, plan.predicted_withdraws, strict=True):
        assert 0 < action.units <= UINT_MAX
        assert all(a <= b for a, b in zip(action.min_amounts, paid, strict=True))
    for action, out in zip(plan.swaps, plan.predicted_swaps, strict=True):
        assert 0 < action.min_amount_out <= out
    assert plan.share_price_floor_after_wad <= plan.share_price_after_wad
    assert all(t.min_weight_wad <= t.max_weight_wad for t in plan.targets)
    assert bool(plan.targets) is not plan.is_empty


@settings(max_examples=40, deadline=None)
@given(state=snapshots())
def test_plan_order__empty_solution__empty_plan(state):
    plan = plan_order(state, Answer(), TOLERANCES)

    assert plan.is_empty
    assert plan == empty_plan(state, TOLERANCES)


@settings(max_examples=40, deadline=None)
@given(state=snapshots(), answer=answers())
def test_plan_order__same_inputs__same_plan(state, answer):
    assert plan_order(state, answer, TOLERANCES) == plan_order(
        state, answer, TOLERANCES
    )
