# SPDX-License-Identifier: MIT
"""Uniswap v2 swaps: by hand and by property."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.amm.constant_product import (
    ConstantProduct,
    after_swap,
    amount_in,
    amount_in_to_arbitrage,
    amount_in_to_price,
    amount_out,
    quote_in,
    quote_out,
)
from steelyard.amm.errors import (
    InsufficientAmount,
    InsufficientLiquidity,
    InvariantBroken,
    PriceUnreachable,
)
from steelyard.wad import UINT112_MAX, UintRangeExceeded

POOL = ConstantProduct(reserve0=1_000_000, reserve1=4_000_000, total_supply=2_000_000)
EMPTY = ConstantProduct(reserve0=0, reserve1=0)
RESERVE = st.integers(10**6, 10**28)
POOLS = st.builds(
    ConstantProduct,
    reserve0=RESERVE,
    reserve1=RESERVE,
    fee_pips=st.sampled_from([0, 500, 3000, 10000]),
)
AMOUNT = st.integers(1, 10**28)


def test_amount_out__thousand_of_a_million__takes_fee_then_curve() -> None:
    # 1000 · 997 · 4e6 / (1e6 · 1000 + 997000) = 3984.02...
    assert amount_out(POOL, 1000, True) == 3984
    # 1000 · 997 · 1e6 / (4e6 · 1000 + 997000) = 249.18...
    assert amount_out(POOL, 1000, False) == 249


def test_amount_in__exact_quotient__still_adds_one() -> None:
    free = replace(POOL, fee_pips=0)

    assert amount_in(free, 2_000_000, True) == 1_000_001


@pytest.mark.parametrize("amount", [0, -1])
def test_amounts__not_positive__raise(amount: int) -> None:
    with pytest.raises(InsufficientAmount, match=f"amount_in is {amount}"):
        amount_out(POOL, amount, True)
    with pytest.raises(InsufficientAmount, match=f"amount_out is {amount}"):
        amount_in(POOL, amount, True)


def test_amounts__no_reserves_or_all_of_them__raise() -> None:
    with pytest.raises(InsufficientAmount, match="reserve is 0"):
        amount_out(EMPTY, 1, True)
    with pytest.raises(InsufficientLiquidity, match="less than 4000000"):
        amount_in(POOL, 4_000_000, True)


def test_constant_product__reserve_over_uint112__raises() -> None:
    with pytest.raises(UintRangeExceeded, match="reserve1 is"):
        replace(POOL, reserve1=UINT112_MAX + 1)


def test_after_swap__one_unit_too_much_out__breaks_invariant() -> None:
    after = after_swap(POOL, amount_in=1000, amount_out=3984, zero_for_one=True)

    assert (after.reserve0, after.reserve1) == (1_001_000, 3_996_016)
    with pytest.raises(InvariantBroken):
        after_swap(POOL, amount_in=1000, amount_out=3985, zero_for_one=True)


def test_after_swap__bad_amounts__raise() -> None:
    with pytest.raises(InsufficientAmount, match="amount_out is 0"):
        after_swap(POOL, amount_in=1, amount_out=0, zero_for_one=True)
    with pytest.raises(InsufficientAmount, match="amount_in is 0"):
        after_swap(POOL, amount_in=0, amount_out=1, zero_for_one=True)
    with pytest.raises(InsufficientLiquidity):
        after_swap(POOL, amount_in=1, amount_out=4_000_000, zero_for_one=True)


@given(pool=POOLS, amount=AMOUNT, zero_for_one=st.booleans())
def test_invariant__swap__product_never_falls(
    pool: ConstantProduct, amount: int, zero_for_one: bool
) -> None:
    out = amount_out(pool, amount, zero_for_one)
    if out == 0:
        return

    after = after_swap(
        pool, amount_in=amount, amount_out=out, zero_for_one=zero_for_one
    )

    assert after.reserve0 * after.reserve1 >= pool.reserve0 * pool.reserve1


@given(pool=POOLS, amount=AMOUNT, zero_for_one=st.booleans())
def test_amount_in__of_what_an_amount_buys__is_at_most_one_more(
    pool: ConstantProduct, amount: int, zero_for_one: bool
) -> None:
    out = amount_out(pool, amount, zero_for_one)
    if out == 0:
        return

    needed = amount_in(pool, out, zero_for_one)

    assert needed <= amount + 1
    assert amount_out(pool, needed, zero_for_one) >= out


@given(pool=POOLS, first=AMOUNT, second=AMOUNT, zero_for_one=st.booleans())
def test_invariant__swap_split_in_two__never_pays_more(
    pool: ConstantProduct, first: int, second: int, zero_for_one: bool
) -> None:
    whole = amount_out(pool, first + second, zero_for_one)
    one = amount_out(pool, first, zero_for_one)
    if one == 0:
        return
    between = after_swap(
        pool, amount_in=first, amount_out=one, zero_for_one=zero_for_one
    )

    two = amount_out(between, second, zero_for_one)

    assert one + two <= whole


def test_amount_in_to_price__no_fee_quarter_price__doubles_reserve() -> None:
    free = replace(POOL, fee_pips=0)

    assert amount_in_to_price(free, 1, 1, True) == 1_000_000
    assert amount_in_to_price(free, 16, 1, False) == 4_000_000
    assert amount_in_to_arbitrage(free, 1, 1, True) == 1_000_000


def test_amount_in_to_price__price_already_past__raises() -> None:
    with pytest.raises(PriceUnreachable, match="selling token0"):
        amount_in_to_price(POOL, 5, 1, True)
    with pytest.raises(PriceUnreachable, match="selling token1"):
        amount_in_to_price(POOL, 3, 1, False)


def test_amount_in_to_arbitrage__inside_the_fee_band__is_zero() -> None:
    assert amount_in_to_arbitrage(POOL, 3_989, 1_000, True) == 0
    assert amount_in_to_arbitrage(POOL, 3_987, 1_000, True) > 0


@given(pool=POOLS, percent=st.integers(1, 99), zero_for_one=st.booleans())
def test_amount_in_to_price__any_target__stops_just_short(
    pool: ConstantProduct, percent: int, zero_for_one: bool
) -> None:
    top, bottom = pool.reserve1 * percent, pool.reserve0 * 100
    if not zero_for_one:
        top, bottom = pool.reserve1 * 100, pool.reserve0 * percent

    amount = amount_in_to_price(pool, top, bottom, zero_for_one)

    def passed(sold: int) -> bool:
        """Whether the unrounded price is past the target once `sold` is in."""
        x, y = pool.reserve0, pool.reserve1
        if not zero_for_one:
            x, y = y, x
        n, d = (top, bottom) if zero_for_one else (bottom, top)
        g = 10**6 - pool.fee_pips
        return x * y * 10**6 * d < n * (x * 10**6 + g * sold) * (x + sold)

    assert not passed(amount)
    assert passed(amount + 1)


@given(pool=POOLS, percent=st.integers(1, 90), zero_for_one=st.booleans())
def test_amount_in_to_arbitrage__any_price__no_other_amount_earns_more(
    pool: ConstantProduct, percent: int, zero_for_one: bool
) -> None:
    top, bottom = pool.reserve1 * percent, pool.reserve0 * 100
    if not zero_for_one:
        top, bottom = pool.reserve1 * 100, pool.reserve0 * percent

    best = amount_in_to_arbitrage(pool, top, bottom, zero_for_one)

    def gain(sold: int) -> int:
        bought = amount_out(pool, sold, zero_for_one) if sold else 0
        if zero_for_one:
            return bought * bottom - sold * top
        return bought * top - sold * bottom

    slack = (bottom if zero_for_one else top) * 2  # two units of rounding
    assert gain(best) + slack >= gain(best * 9 // 10)
    assert gain(best) + slack >= gain(best * 11 // 10)


def test_quotes__vector__agree_with_integers() -> None:
    amounts = np.array([10.0, 1e4, 1e6])

    out = quote_out(POOL, amounts, True)
    back = quote_in(POOL, out, True)

    exact = [amount_out(POOL, int(amount), True) for amount in amounts]
    assert np.floor(out).tolist() == exact
    assert np.allclose(back, amounts, rtol=1e-12)
    assert quote_in(POOL, np.array([4e6]), True)[0] == np.inf
