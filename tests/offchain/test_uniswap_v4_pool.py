# SPDX-License-Identifier: MIT
"""A whole v4 pool by hand; tests/onchain compares it with the real PoolManager."""

from dataclasses import replace
from typing import Any

import pytest

from steelyard.amm import uniswap_v3 as v3
from steelyard.amm import uniswap_v4_pool as v4
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.errors import (
    FeeTakesAll,
    InsufficientAmount,
    InsufficientLiquidity,
    LiquidityChangeInvalid,
    PoolFieldInvalid,
    PositionEmpty,
)
from steelyard.amm.tick_math import Q96
from steelyard.amm.ticks import max_liquidity_per_tick
from steelyard.amm.uniswap_v4 import ConcentratedV4, checked_pool_v4, swap_fee_pips
from steelyard.amm.uniswap_v4_pool import V4Pool
from steelyard.wad import UintRangeExceeded

E21 = 10**21


def curve(**changes: Any) -> ConcentratedV4:
    """At price 1, a providers' fee of 0.3 %."""
    plain = ConcentratedV4(
        sqrt_price_x96=Q96,
        tick=0,
        liquidity=0,
        lp_fee_pips=3000,
        tick_spacing=60,
        ticks=(),
    )
    return checked_pool_v4(replace(plain, **changes))


def held(liquidity: int = E21, **changes: Any) -> V4Pool:
    pool = v4.checked_v4(V4Pool(curve=curve(**changes), ticks={}))
    return v4.modify_liquidity(pool, "alice", -600, 600, liquidity).pool


def test_swap_fee__protocol_first__then_the_providers_of_the_rest() -> None:
    # 0.1 % and 0.3 % of the other 99.9 %: 0.3997 %
    pool = curve(protocol_fee_pips=(1000, 0))

    assert swap_fee_pips(pool, True) == 3997
    assert swap_fee_pips(pool, False) == 3000


def test_swap__protocol_fee__is_its_share_of_all_that_came_in() -> None:
    pool = v4.set_protocol_fee(held(), 1000, 0)

    after, done = v4.swap(pool, 10**18, True)

    assert done.fee == pytest.approx(3_997 * 10**12, abs=1)
    assert done.protocol_fee == 10**15
    assert after.protocol_fees == (10**15, 0)


def test_modify_liquidity__fees__are_paid_with_the_principal() -> None:
    pool, _ = v4.swap(held(), 10**18, True)
    owed = v4.owed_now(pool, "alice", -600, 600)

    taken = v4.modify_liquidity(pool, "alice", -600, 600, -E21)

    assert taken.fees == owed == (pytest.approx(3 * 10**15, abs=1), 0)
    assert taken.principal[0] > taken.principal[1] > 0
    assert taken.pool.ticks == {}


def test_modify_liquidity__salts__tell_positions_of_one_owner_apart() -> None:
    salt = b"\x01" * 32
    pool = v4.modify_liquidity(held(), "alice", -600, 600, 5, salt).pool

    taken = v4.modify_liquidity(pool, "alice", -600, 600, -5, salt).pool

    assert taken.curve == held().curve
    with pytest.raises(LiquidityChangeInvalid):
        v4.modify_liquidity(taken, "alice", -600, 600, -1, salt)


def test_donate__goes_to_the_liquidity_at_the_price() -> None:
    pool = v4.donate(held(), 10**15, 7)

    assert v4.owed_now(pool, "alice", -600, 600) == (10**15 - 1, 6)


def test_swap__unfinished_step__v4_spends_what_v3_takes_as_fee() -> None:
    # 10^6 units less 0.3 %: the price moves for 997,000 in both; only v3 looks again
    # how many that price needs, and calls the rest a fee.
    same = Concentrated(
        sqrt_price_x96=Q96,
        tick=0,
        liquidity=0,
        fee_pips=3000,
        tick_spacing=60,
        ticks=(),
    )
    old = v3.mint(v3.V3Pool(curve=same, ticks={}), "alice", -600, 600, 10**30).pool
    new = held(10**30)

    _, v3_done = v3.swap(old, 10**6, True)
    _, v4_done = v4.swap(new, 10**6, True)

    assert v3_done.amount_in == v4_done.amount_in == 10**6
    assert v4_done.fee == 3000
    assert v3_done.fee >= v4_done.fee


def test_most_liquidity__where_the_spacing_leaves_a_rest__less_than_v3() -> None:
    assert v4.most_liquidity_per_tick(60) < max_liquidity_per_tick(60)
    assert v4.most_liquidity_per_tick(1) == max_liquidity_per_tick(1)


ALL = held(lp_fee_pips=10**6)


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: v4.swap(ALL, 1, True, exact_in=False), FeeTakesAll),
        (lambda: v4.swap(ALL, 0, True), InsufficientAmount),
        (lambda: v4.modify_liquidity(ALL, "bob", -60, 60, 0), PositionEmpty),
        (
            lambda: v4.modify_liquidity(ALL, "bob", -60, 60, 2**127),
            LiquidityChangeInvalid,
        ),
        (lambda: v4.set_protocol_fee(ALL, 1001, 0), UintRangeExceeded),
        (
            lambda: v4.donate(V4Pool(curve=curve(), ticks={}), 1, 1),
            InsufficientLiquidity,
        ),
        (lambda: curve(tick_spacing=32768), PoolFieldInvalid),
        (lambda: curve(lp_fee_pips=10**6 + 1), UintRangeExceeded),
    ],
)
def test_pool__what_the_contract_refuses__raises(refused, error) -> None:
    with pytest.raises(error):
        refused()


def test_swap__fee_of_everything__leaves_the_price() -> None:
    after, done = v4.swap(ALL, 10**18, True)

    assert (done.amount_in, done.fee, done.amount_out) == (10**18, 10**18, 0)
    assert after.curve.sqrt_price_x96 == Q96
