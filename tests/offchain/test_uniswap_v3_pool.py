# SPDX-License-Identifier: MIT
"""A whole v3 pool by hand; tests/onchain compares it with the real one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.amm import uniswap_v3 as v3
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.errors import (
    InsufficientAmount,
    LiquidityChangeInvalid,
    PoolError,
    PoolFieldInvalid,
    PositionEmpty,
    RangeInvalid,
    TickLiquidityExceeded,
    TickOutOfRange,
    TickWindowExceeded,
)
from steelyard.amm.tick_curve import with_range
from steelyard.amm.tick_math import Q96
from steelyard.amm.ticks import TickInfo, max_liquidity_per_tick
from steelyard.amm.uniswap_v3 import V3Pool
from steelyard.wad import UintRangeExceeded

E18 = 10**18


def empty(**changes: Any) -> V3Pool:
    """At price 1, a fee of 0.3 %."""
    curve = Concentrated(
        sqrt_price_x96=Q96,
        tick=0,
        liquidity=0,
        fee_pips=3000,
        tick_spacing=60,
        ticks=(),
    )
    return v3.checked_v3(V3Pool(curve=replace(curve, **changes), ticks={}))


def held(*ranges: tuple[str, int, int, int]) -> V3Pool:
    pool = empty()
    for owner, lower, upper, liquidity in ranges:
        pool = v3.mint(pool, owner, lower, upper, liquidity).pool
    return pool


def test_mint__around_the_price__takes_both_tokens_and_counts_as_active() -> None:
    moved = v3.mint(empty(), "alice", -600, 600, 10**6 * E18)

    # 1 - 1.0001^-300 = 2.955 % of the liquidity on each side
    assert moved.amounts[0] == moved.amounts[1]
    assert moved.amounts[0] / (10**6 * E18) == pytest.approx(0.029553, abs=1e-6)
    assert moved.pool.curve.liquidity == 10**6 * E18
    assert moved.pool.curve.ticks == ((-600, 10**6 * E18), (600, -(10**6) * E18))


def test_mint__beside_the_price__takes_one_token_and_is_idle() -> None:
    above = v3.mint(empty(), "alice", 600, 1200, E18)
    below = v3.mint(empty(), "alice", -1200, -600, E18)

    assert above.amounts[1] == below.amounts[0] == 0
    assert above.amounts[0] == below.amounts[1] > 0
    assert above.pool.curve.liquidity == below.pool.curve.liquidity == 0


def test_burn__all__clears_ticks_and_owes_what_was_paid_less_rounding() -> None:
    minted = v3.mint(empty(), "alice", -600, 600, E18)

    burned = v3.burn(minted.pool, "alice", -600, 600, E18)

    assert burned.pool.ticks == {}
    assert burned.pool.curve == empty().curve
    assert all(
        paid - back in (0, 1)
        for paid, back in zip(minted.amounts, burned.amounts, strict=True)
    )
    collected = v3.collect(burned.pool, "alice", -600, 600)
    assert collected.amounts == burned.amounts
    assert v3.collect(collected.pool, "alice", -600, 600).amounts == (0, 0)


def test_fees__two_owners_of_one_range__share_by_liquidity() -> None:
    pool = held(("alice", -600, 600, 3 * 10**21), ("bob", -600, 600, 10**21))

    pool, _ = v3.swap(pool, 10**18, True)

    alice, bob = (v3.owed_now(pool, who, -600, 600) for who in ("alice", "bob"))
    assert alice[1] == bob[1] == 0
    assert alice[0] + bob[0] == pytest.approx(3 * 10**15, abs=2)
    assert alice[0] == pytest.approx(3 * bob[0], abs=3)


def test_fees__out_of_range__earn_nothing_until_the_price_comes() -> None:
    pool = held(("alice", -600, 600, 10**21), ("bob", 1200, 1800, 10**21))

    pool, _ = v3.swap(pool, 10**18, False)
    assert v3.owed_now(pool, "bob", 1200, 1800) == (0, 0)
    pool, _ = v3.swap(pool, 10**20, False)

    assert pool.curve.tick >= 1200
    assert v3.owed_now(pool, "bob", 1200, 1800)[1] > 0
    # a poke settles exactly what was owed
    owed = v3.owed_now(pool, "bob", 1200, 1800)
    poked = v3.burn(pool, "bob", 1200, 1800, 0).pool
    assert v3.collect(poked, "bob", 1200, 1800).amounts == owed


def test_collect__less_than_is_owed__leaves_the_rest() -> None:
    pool = v3.burn(held(("alice", -600, 600, E18)), "alice", -600, 600, E18).pool
    owed = v3.owed_now(pool, "alice", -600, 600)

    part = v3.collect(pool, "alice", -600, 600, (1, 0))

    assert part.amounts == (1, 0)
    assert v3.owed_now(part.pool, "alice", -600, 600) == (owed[0] - 1, owed[1])


def test_protocol_fee__a_quarter__goes_to_the_protocol_and_leaves_one_unit() -> None:
    pool = v3.set_fee_protocol(held(("alice", -600, 600, 10**21)), 4, 0)

    pool, done = v3.swap(pool, 10**18, True)

    assert done.protocol_fee == done.fee // 4 == 75 * 10**13
    assert pool.protocol_fees == (75 * 10**13, 0)
    paid = v3.collect_protocol(pool, (10**30, 10**30))
    assert paid.amounts == (75 * 10**13 - 1, 0)
    assert paid.pool.protocol_fees == (1, 0)


def test_with_range__a_mint_and_its_burn__curve_is_that_of_the_whole_pool() -> None:
    pool = held(("alice", -600, 600, E18), ("bob", -60, 1200, 2 * E18))
    minted = v3.mint(pool, "carol", -60, 60, E18).pool

    assert with_range(pool.curve, -60, 60, E18) == minted.curve
    assert with_range(minted.curve, -60, 60, -E18) == pool.curve


POOL = held(("alice", -600, 600, E18))
MOST = max_liquidity_per_tick(60)


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: v3.mint(POOL, "alice", -600, 600, 0), InsufficientAmount),
        (lambda: v3.mint(POOL, "alice", 600, 600, 1), RangeInvalid),
        (lambda: v3.mint(POOL, "alice", -601, 600, 1), PoolFieldInvalid),
        (lambda: v3.mint(POOL, "alice", -600, 887280, 1), TickOutOfRange),
        (lambda: v3.mint(POOL, "bob", 0, 600, MOST), TickLiquidityExceeded),
        (lambda: v3.mint(POOL, "bob", 0, 600, 2**127), UintRangeExceeded),
        (lambda: v3.burn(POOL, "alice", -600, 600, E18 + 1), LiquidityChangeInvalid),
        (lambda: v3.burn(POOL, "bob", -600, 600, 0), PositionEmpty),
        (lambda: v3.burn(POOL, "bob", -600, 600, 1), LiquidityChangeInvalid),
        (lambda: v3.set_fee_protocol(POOL, 3, 0), PoolFieldInvalid),
        (lambda: v3.swap(POOL, 0, True), InsufficientAmount),
    ],
)
def test_pool__what_the_contract_refuses__raises(refused, error) -> None:
    with pytest.raises(error):
        refused()


def test_mint__outside_the_window__says_that_it_is_not_known() -> None:
    pool = empty(window=(-6000, 6000))

    with pytest.raises(TickWindowExceeded):
        v3.mint(pool, "alice", -600, 6060, 1)


@pytest.mark.parametrize(
    "info",
    [
        TickInfo(liquidity_gross=0, liquidity_net=0),
        TickInfo(liquidity_gross=1, liquidity_net=2),
        TickInfo(liquidity_gross=2, liquidity_net=1),
        TickInfo(liquidity_gross=MOST + 1, liquidity_net=MOST + 1),
    ],
)
def test_checked_v3__gross_that_cannot_carry_its_net__raises(info) -> None:
    curve = replace(POOL.curve, ticks=((-600, info.liquidity_net),), liquidity=0)

    with pytest.raises(PoolFieldInvalid, match="gross of tick -600"):
        v3.checked_v3(V3Pool(curve=curve, ticks={-600: info}))


def test_checked_v3__active_liquidity_not_the_sum__raises() -> None:
    wrong = replace(POOL, curve=replace(POOL.curve, liquidity=E18 + 1))

    with pytest.raises(PoolFieldInvalid, match="liquidity"):
        v3.checked_v3(wrong)


steps = st.lists(
    st.tuples(
        st.sampled_from(["mint", "burn", "swap"]),
        st.sampled_from(["alice", "bob"]),
        st.integers(-5, 4),
        st.integers(1, 6),
        st.integers(1, 10**22),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=100, deadline=None)
@given(steps=steps)
def test_invariant__pool_never_owes_more_than_it_was_paid(steps) -> None:
    pool, balance = empty(), [0, 0]
    for kind, owner, start, width, size, flag in steps:
        lower, upper = start * 60, (start + width) * 60
        try:
            if kind == "mint":
                moved = v3.mint(pool, owner, lower, upper, size)
                pool = moved.pool
                balance = [b + a for b, a in zip(balance, moved.amounts, strict=True)]
            elif kind == "burn":
                position = pool.positions.get((owner, lower, upper), v3.UNTOUCHED)
                amount = min(size, position.liquidity)
                pool = v3.burn(pool, owner, lower, upper, amount).pool
            else:
                pool, done = v3.swap(pool, size, flag)
                balance[not flag] += done.amount_in
                balance[flag] -= done.amount_out
        except PoolError:
            continue
    for owner, lower, upper in list(pool.positions):
        liquidity = pool.positions[owner, lower, upper].liquidity
        if liquidity:
            pool = v3.burn(pool, owner, lower, upper, liquidity).pool
        moved = v3.collect(pool, owner, lower, upper)
        pool = moved.pool
        balance = [b - a for b, a in zip(balance, moved.amounts, strict=True)]

    assert min(balance) >= 0
    assert pool.ticks == {}
    assert pool.curve.liquidity == 0
