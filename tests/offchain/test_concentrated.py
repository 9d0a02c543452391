# SPDX-License-Identifier: MIT
"""Uniswap v3 swaps: by hand, by property, and through measured pools."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pool_cases import pool_of, pools, real_pools

from steelyard.amm.concentrated import (
    Concentrated,
    checked_pool,
    swap_exact_in,
    swap_exact_out,
    swap_to_price,
)
from steelyard.amm.errors import (
    InsufficientAmount,
    PoolFieldInvalid,
    PriceLimitInvalid,
    SqrtPriceOutOfRange,
    TickWindowExceeded,
)
from steelyard.amm.tick_math import (
    MAX_SQRT_RATIO,
    Q96,
    get_sqrt_ratio_at_tick,
    price_of_sqrt,
)
from steelyard.wad import UintRangeExceeded

DEEP = pool_of((-6000, 6000, 10**24))
THIN = pool_of((-60, 60, 10**18), (-600, 600, 10**18), (-120, -60, 10**18))
AMOUNT = st.integers(0, 26).flatmap(lambda digits: st.integers(1, 10**digits))


def test_swap_exact_in__inside_one_range__is_the_constant_product() -> None:
    # 1e21 less 0.3 % against virtual reserves of 1e24: 1e24 · 997e18 / 1000997e18
    swap = swap_exact_in(DEEP, 10**21, True)

    assert (swap.amount_in, swap.fee, swap.ticks_crossed) == (10**21, 3 * 10**18, 0)
    expected = 10**24 * 997 * 10**18 // (10**24 + 997 * 10**18)
    assert 0 <= expected - swap.amount_out <= 1


def test_swap_exact_in__price_one__both_directions_pay_alike() -> None:
    down, up = swap_exact_in(DEEP, 10**21, True), swap_exact_in(DEEP, 10**21, False)

    assert abs(down.amount_out - up.amount_out) <= 1


def test_swap_exact_in__fee__grows_by_its_share_of_liquidity() -> None:
    swap = swap_exact_in(DEEP, 10**21, True)
    split = swap_exact_in(replace(DEEP, fee_protocol=4 | 10 << 4), 10**21, True)

    assert swap.pool.fee_growth_global0_x128 == (3 * 10**18 << 128) // 10**24
    assert swap.pool.fee_growth_global1_x128 == 0
    assert split.pool.fee_growth_global0_x128 == (3 * 10**18 * 3 // 4 << 128) // 10**24


def test_swap_exact_in__fee_growth_at_its_end__wraps() -> None:
    full = replace(DEEP, fee_growth_global1_x128=2**256 - 1)

    swap = swap_exact_in(full, 10**21, False)

    assert swap.pool.fee_growth_global1_x128 == (3 * 10**18 << 128) // 10**24 - 1


def test_swap_to_price__through_three_ranges__crosses_and_sums_liquidity() -> None:
    swap = swap_to_price(THIN, get_sqrt_ratio_at_tick(-90))

    # At -60 one range ends and another begins: 2e18 below as above.
    assert swap.ticks_crossed == 1
    assert swap.pool.liquidity == 2 * 10**18
    assert swap.pool.tick == -90


def test_swap_to_price__onto_an_initialised_tick__stands_one_below_going_down() -> None:
    down = swap_to_price(THIN, get_sqrt_ratio_at_tick(-120)).pool
    up = swap_to_price(THIN, get_sqrt_ratio_at_tick(60)).pool

    assert (down.tick, down.liquidity) == (-121, 10**18)
    assert (up.tick, up.liquidity) == (60, 10**18)
    assert checked_pool(down) == down


def test_swap_exact_in__across_a_gap__jumps_to_the_next_range() -> None:
    gap = pool_of((-60, 60, 10**18), (-12000, -11940, 10**18))

    swap = swap_exact_in(gap, 10**17, True)

    assert swap.ticks_crossed == 3
    assert swap.pool.liquidity == 0
    assert swap.amount_in < 10**17


def test_swap_exact_out__more_than_there_is__stops_at_the_limit() -> None:
    swap = swap_exact_out(DEEP, 10**30, False)

    assert swap.pool.sqrt_price_x96 == MAX_SQRT_RATIO - 1
    assert 0 < swap.amount_out < 10**24


@pytest.mark.parametrize("amount", [0, -5])
def test_swap__amount_not_positive__raises(amount: int) -> None:
    with pytest.raises(InsufficientAmount, match=f"amount_in is {amount}"):
        swap_exact_in(DEEP, amount, True)
    with pytest.raises(InsufficientAmount, match=f"amount_out is {amount}"):
        swap_exact_out(DEEP, amount, True)


@pytest.mark.parametrize("limit", [Q96, Q96 + 1, 4295128739])
def test_swap__limit_not_below_the_price__raises(limit: int) -> None:
    with pytest.raises(PriceLimitInvalid, match=f"is {limit}, expected between"):
        swap_exact_in(DEEP, 1, True, limit)


def test_swap__amount_over_int256__raises() -> None:
    with pytest.raises(UintRangeExceeded, match="amount_in is"):
        swap_exact_in(DEEP, 2**255, True)


def test_swap__beyond_the_window__raises_before_any_guess() -> None:
    narrow = replace(DEEP, window=(-1200, 1200))
    inside, edge = get_sqrt_ratio_at_tick(-1199), get_sqrt_ratio_at_tick(-1200)

    assert swap_to_price(narrow, inside) == replace(
        swap_to_price(DEEP, inside), pool=swap_to_price(narrow, inside).pool
    )
    assert swap_to_price(narrow, edge).pool.sqrt_price_x96 == edge
    for zero_for_one in (True, False):
        with pytest.raises(TickWindowExceeded, match="window -1200 to 1200"):
            swap_exact_in(narrow, 10**24, zero_for_one)
    with pytest.raises(TickWindowExceeded):
        swap_exact_in(swap_to_price(narrow, edge).pool, 10**24, True)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("liquidity", 2**128, UintRangeExceeded),
        ("fee_pips", 10**6, UintRangeExceeded),
        ("sqrt_price_x96", 1, SqrtPriceOutOfRange),
        ("tick_spacing", 0, PoolFieldInvalid),
        ("tick", 5, PoolFieldInvalid),
        ("window", (60, 120), PoolFieldInvalid),
        ("ticks", ((60, 1), (-60, -1)), PoolFieldInvalid),
        ("ticks", ((61, 1),), PoolFieldInvalid),
    ],
)
def test_checked_pool__impossible_field__raises(
    field: str, value: object, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"{field} is"):
        checked_pool(replace(DEEP, **{field: value}))


@settings(deadline=None)
@given(pool=pools(), amount=AMOUNT, zero_for_one=st.booleans())
def test_swap_exact_out__of_what_an_amount_buys__costs_no_more(
    pool: Concentrated, amount: int, zero_for_one: bool
) -> None:
    bought = swap_exact_in(pool, amount, zero_for_one)
    assume(bought.amount_out > 0)

    sold = swap_exact_out(pool, bought.amount_out, zero_for_one)

    # Each stop rounds in and out by less than one; one out costs the last price.
    price = price_of_sqrt(sold.pool.sqrt_price_x96)
    unit = 1 + 1.02 * (1 / price if zero_for_one else price)
    assert sold.amount_out == bought.amount_out
    assert sold.amount_in - bought.amount_in <= (sold.ticks_crossed + 20) * unit


@settings(deadline=None)
@given(pool=pools(), first=AMOUNT, second=AMOUNT, zero_for_one=st.booleans())
def test_invariant__swap_split_in_two__never_pays_more(
    pool: Concentrated, first: int, second: int, zero_for_one: bool
) -> None:
    whole = swap_exact_in(pool, first + second, zero_for_one)
    assume(whole.amount_in == first + second)

    one = swap_exact_in(pool, first, zero_for_one)
    two = swap_exact_in(one.pool, second, zero_for_one)

    assert one.amount_out + two.amount_out <= whole.amount_out + 1
    assert whole.ticks_crossed - 1 <= one.ticks_crossed + two.ticks_crossed


@settings(deadline=None)
@given(pool=pools(), amount=AMOUNT, zero_for_one=st.booleans())
def test_invariant__there_and_back__never_profits(
    pool: Concentrated, amount: int, zero_for_one: bool
) -> None:
    there = swap_exact_in(pool, amount, zero_for_one)
    assume(there.amount_out > 0)

    back = swap_exact_in(there.pool, there.amount_out, not zero_for_one)

    assert back.amount_out <= there.amount_in
    assert checked_pool(there.pool) is there.pool


def test_real_pools__liquidity_net__sums_to_active_liquidity() -> None:
    for pool in real_pools():
        below = sum(net for tick, net in pool.ticks if tick <= pool.tick)

        assert below == pool.liquidity
        assert sum(net for _, net in pool.ticks) == 0


def test_real_pools__sweep_to_both_ends__crosses_every_tick_and_comes_back() -> None:
    for pool in real_pools():
        for end in (pool.ticks[0][0], pool.ticks[-1][0]):
            out = swap_to_price(pool, get_sqrt_ratio_at_tick(end))
            home = swap_to_price(out.pool, pool.sqrt_price_x96)

            down = end < pool.tick
            between = sum(1 for t, _ in pool.ticks if (t <= pool.tick) == down)
            assert out.ticks_crossed == between
            assert out.pool.liquidity == 0
            assert home.pool.liquidity == pool.liquidity
            assert home.amount_out <= out.amount_in
            assert home.amount_in >= out.amount_out
