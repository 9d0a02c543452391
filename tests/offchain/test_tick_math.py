# SPDX-License-Identifier: MIT
"""Ticks and square-root prices: known values, ends, monotone, inverse."""

import math
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.amm.errors import SqrtPriceOutOfRange, TickOutOfRange
from steelyard.amm.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    Q96,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
    price_of_sqrt,
)

TICK = st.integers(MIN_TICK, MAX_TICK)
SQRT_PRICE = st.integers(0, 2**160).map(
    lambda x: MIN_SQRT_RATIO + x % (MAX_SQRT_RATIO - MIN_SQRT_RATIO)
)
LOG_SQRT_PRICE = st.floats(32.0, 127.9).map(
    lambda exponent: min(max(int(2**exponent), MIN_SQRT_RATIO), MAX_SQRT_RATIO - 1)
)


@pytest.mark.parametrize(
    ("tick", "sqrt_price_x96"),
    [
        (MIN_TICK, MIN_SQRT_RATIO),
        (0, Q96),
        (1, 79232123823359799118286999568),
        (-1, 79224201403219477170569942574),
        (MAX_TICK, MAX_SQRT_RATIO),
    ],
)
def test_get_sqrt_ratio_at_tick__known_tick__equals_the_contract(
    tick: int, sqrt_price_x96: int
) -> None:
    assert get_sqrt_ratio_at_tick(tick) == sqrt_price_x96


@given(tick=TICK)
def test_get_sqrt_ratio_at_tick__any__is_the_power_of_1_0001(tick: int) -> None:
    with localcontext() as context:
        context.prec = 80
        exact = Decimal("1.0001") ** tick
        exact = exact.sqrt() * Q96

    # The contract's constants carry 128 bits; above tick 0 their error is inverted.
    assert abs(get_sqrt_ratio_at_tick(tick) / exact - 1) < Decimal("1e-9")


@pytest.mark.parametrize("tick", [MIN_TICK - 1, MAX_TICK + 1])
def test_get_sqrt_ratio_at_tick__beyond_the_ends__raises(tick: int) -> None:
    with pytest.raises(TickOutOfRange, match=f"tick is {tick}"):
        get_sqrt_ratio_at_tick(tick)


@pytest.mark.parametrize("sqrt_price_x96", [0, MIN_SQRT_RATIO - 1, MAX_SQRT_RATIO])
def test_get_tick_at_sqrt_ratio__beyond_the_ends__raises(sqrt_price_x96: int) -> None:
    with pytest.raises(SqrtPriceOutOfRange, match=f"is {sqrt_price_x96}"):
        get_tick_at_sqrt_ratio(sqrt_price_x96)


def test_get_tick_at_sqrt_ratio__ends__are_first_and_last_tick() -> None:
    assert get_tick_at_sqrt_ratio(MIN_SQRT_RATIO) == MIN_TICK
    assert get_tick_at_sqrt_ratio(MAX_SQRT_RATIO - 1) == MAX_TICK - 1


@given(tick=st.integers(MIN_TICK, MAX_TICK - 1))
def test_get_sqrt_ratio_at_tick__next_tick__is_higher(tick: int) -> None:
    assert get_sqrt_ratio_at_tick(tick) < get_sqrt_ratio_at_tick(tick + 1)


@given(tick=st.integers(MIN_TICK, MAX_TICK - 1))
def test_get_tick_at_sqrt_ratio__of_a_tick__is_its_inverse(tick: int) -> None:
    ratio = get_sqrt_ratio_at_tick(tick)

    assert get_tick_at_sqrt_ratio(ratio) == tick
    if tick > MIN_TICK:
        assert get_tick_at_sqrt_ratio(ratio - 1) == tick - 1


@given(sqrt_price_x96=st.one_of(SQRT_PRICE, LOG_SQRT_PRICE))
def test_get_tick_at_sqrt_ratio__any_price__brackets_it(sqrt_price_x96: int) -> None:
    tick = get_tick_at_sqrt_ratio(sqrt_price_x96)

    low, high = get_sqrt_ratio_at_tick(tick), get_sqrt_ratio_at_tick(tick + 1)
    assert low <= sqrt_price_x96 < high


def test_price_of_sqrt__double_root__is_four() -> None:
    assert price_of_sqrt(2 * Q96) == 4.0
    assert math.isclose(price_of_sqrt(get_sqrt_ratio_at_tick(100)), 1.0001**100)
