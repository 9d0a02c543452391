# SPDX-License-Identifier: MIT
"""Pools as constant-product pieces: they pay what the exact pools pay."""

from dataclasses import replace
from itertools import pairwise
from math import inf, isclose

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pool_cases import pool_of, pools, real_pools

from steelyard.amm import constant_product
from steelyard.amm.concentrated import Concentrated, swap_exact_in, swap_to_price
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.errors import InsufficientAmount
from steelyard.amm.segments import (
    Segment,
    concentrated_segments,
    constant_product_segments,
    segments_out,
)
from steelyard.amm.tick_math import Q96, get_sqrt_ratio_at_tick
from steelyard.amm.uniswap_v4 import ConcentratedV4, swap_exact_in_v4

PAIR = ConstantProduct(reserve0=10**24, reserve1=4 * 10**24)


def marginal(piece: Segment, amount: float) -> float:
    """What the next unit pays, `amount` into the piece."""
    g = 1 - piece.fee
    return (
        g * piece.reserve_out * piece.reserve_in / (piece.reserve_in + g * amount) ** 2
    )


def test_constant_product_segments__a_pair__is_one_endless_piece() -> None:
    (piece,) = constant_product_segments(PAIR, False)

    assert piece == Segment(
        reserve_in=4e24, reserve_out=1e24, capacity_in=inf, fee=0.003
    )
    exact = constant_product.amount_out(PAIR, 10**22, False)
    assert isclose(segments_out((piece,), np.array([1e22]))[0], exact, rel_tol=1e-12)


def test_constant_product_segments__empty_pair__has_none() -> None:
    assert (
        constant_product_segments(ConstantProduct(reserve0=0, reserve1=1), True) == ()
    )


def test_concentrated_segments__v4__pays_after_both_fees() -> None:
    pool = ConcentratedV4(
        sqrt_price_x96=Q96,
        tick=0,
        liquidity=10**24,
        lp_fee_pips=3000,
        protocol_fee_pips=(1000, 0),
        tick_spacing=60,
        ticks=((-6000, 10**24), (6000, -(10**24))),
    )

    pieces = concentrated_segments(pool, True, max_segments=9)

    exact = swap_exact_in_v4(pool, 10**22, True).amount_out
    assert pieces[0].fee == 0.003997
    assert isclose(segments_out(pieces, np.array([1e22]))[0], exact, rel_tol=1e-12)
    greedy = replace(pool, lp_fee_pips=10**6)
    assert concentrated_segments(greedy, True, max_segments=9) == ()


def test_concentrated_segments__two_ranges_and_a_gap__skips_the_gap() -> None:
    pool = pool_of((-60, 60, 10**18), (-12000, -11940, 3 * 10**18))

    near, far = concentrated_segments(pool, True, max_segments=9)

    assert isclose(near.reserve_in, 1e18)
    assert isclose(near.reserve_out, 1e18)
    assert isclose(far.reserve_out / far.reserve_in, 1.0001**-11940, rel_tol=1e-9)
    assert isclose(far.reserve_in * far.reserve_out, 9e36)


def test_concentrated_segments__capacity__is_the_exact_amount_to_the_tick() -> None:
    pool = pool_of((-60, 60, 10**24), tick=7, above=12345)

    for zero_for_one, tick in ((True, -60), (False, 60)):
        (piece,) = concentrated_segments(pool, zero_for_one, max_segments=9)
        swap = swap_to_price(pool, get_sqrt_ratio_at_tick(tick))

        assert isclose(piece.capacity_in, swap.amount_in, rel_tol=1e-12)


def test_concentrated_segments__window__ends_the_row() -> None:
    pool = replace(pool_of((-6000, 6000, 10**24)), ticks=(), window=(-1200, 1200))

    (piece,) = concentrated_segments(pool, False, max_segments=9)

    swap = swap_to_price(pool, get_sqrt_ratio_at_tick(1200))
    assert isclose(piece.capacity_in, swap.amount_in, rel_tol=1e-12)


def test_concentrated_segments__no_pieces_wanted__raises() -> None:
    with pytest.raises(InsufficientAmount, match="max_segments is 0"):
        concentrated_segments(pool_of((-60, 60, 1)), True, max_segments=0)


def test_concentrated_segments__more_than_wanted__keeps_the_nearest() -> None:
    pool = pool_of(*((-60 * n, 60 * n, 10**18) for n in range(1, 9)))

    pieces = concentrated_segments(pool, True, max_segments=3)

    assert pieces == concentrated_segments(pool, True, max_segments=8)[:3]
    assert len(pieces) == 3


@settings(deadline=None)
@given(pool=pools(), digits=st.integers(6, 26), zero_for_one=st.booleans())
def test_segments_out__any_pool__pays_what_the_exact_swap_pays(
    pool: Concentrated, digits: int, zero_for_one: bool
) -> None:
    swap = swap_exact_in(pool, 10**digits, zero_for_one)
    assume(swap.amount_out > 10**6)
    pieces = concentrated_segments(pool, zero_for_one, max_segments=20)

    out = segments_out(pieces, np.array([float(swap.amount_in)]))[0]

    # the pool rounds once a segment, down
    assert isclose(out, swap.amount_out, rel_tol=1e-5, abs_tol=len(pieces) + 1)


@settings(deadline=None)
@given(pool=pools(), zero_for_one=st.booleans())
def test_segments__any_pool__come_best_price_first(
    pool: Concentrated, zero_for_one: bool
) -> None:
    pieces = concentrated_segments(pool, zero_for_one, max_segments=20)

    for before, after in pairwise(pieces):
        worst = marginal(before, before.capacity_in)
        assert worst >= marginal(after, 0.0) * (1 - 1e-9)


def test_real_pools__segments__follow_the_exact_swap_through_a_tenth_of_price() -> None:
    for pool in real_pools():
        for ticks in (-1000, 1000):
            swap = swap_to_price(pool, get_sqrt_ratio_at_tick(pool.tick + ticks))
            pieces = concentrated_segments(pool, ticks < 0, max_segments=200)

            out = segments_out(pieces, np.array([float(swap.amount_in)]))[0]

            assert isclose(out, swap.amount_out, rel_tol=1e-9)
