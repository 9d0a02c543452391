# SPDX-License-Identifier: MIT
"""Quotes by bisection: the swap itself, however the amount falls on the steps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pool_cases import pool_of, pools, real_pools

from steelyard.amm.concentrated import Concentrated, swap_exact_in, swap_exact_out
from steelyard.amm.errors import FeeTakesAll, InsufficientAmount, TickWindowExceeded
from steelyard.amm.ladder import amount_in, amount_out, ladder_of, swap_on
from steelyard.amm.quotes import quote_in, quote_out
from steelyard.amm.uniswap_v4 import (
    ConcentratedV4,
    swap_exact_in_v4,
    swap_exact_out_v4,
)

AMOUNT = st.integers(0, 30).flatmap(lambda digits: st.integers(1, 10**digits))
NARROW = pool_of((-60, 60, 10**18), (-600, 600, 10**18))


def as_v4(pool: Concentrated, protocol_pips: int) -> ConcentratedV4:
    return ConcentratedV4(
        sqrt_price_x96=pool.sqrt_price_x96,
        tick=pool.tick,
        liquidity=pool.liquidity,
        lp_fee_pips=pool.fee_pips,
        protocol_fee_pips=(protocol_pips, 0),
        tick_spacing=pool.tick_spacing,
        ticks=pool.ticks,
    )


def amounts_around(sums: tuple[int, ...], share: float) -> list[int]:
    """The end of a step, and a unit to each side."""
    end = sums[int(share * (len(sums) - 1))]
    return [amount for amount in (end - 1, end, end + 1) if 0 < amount < 2**200]


@settings(max_examples=150, deadline=None)
@given(
    pool=pools(),
    amount=AMOUNT,
    share=st.floats(0, 1),
    down=st.booleans(),
)
def test_swap_on__any_amount__is_the_walk(pool, amount, share, down) -> None:
    ladder = ladder_of(pool, down)

    for size in (amount, *amounts_around(ladder.amounts_in, share)):
        walked = swap_exact_in(pool, size, down)
        assert swap_on(ladder, size) == walked
        assert amount_out(ladder, size) == walked.amount_out
    for size in (amount, *amounts_around(ladder.amounts_out, share)):
        walked = swap_exact_out(pool, size, down)
        assert swap_on(ladder, size, exact_in=False) == walked
        assert amount_in(ladder, size) == walked.amount_in


@settings(max_examples=100, deadline=None)
@given(
    pool=pools(),
    amount=AMOUNT,
    share=st.floats(0, 1),
    down=st.booleans(),
    protocol_pips=st.sampled_from([0, 1, 1000]),
)
def test_swap_on__any_v4_pool__is_the_walk(
    pool, amount, share, down, protocol_pips
) -> None:
    v4 = as_v4(pool, protocol_pips)
    ladder = ladder_of(v4, down)

    for size in (amount, *amounts_around(ladder.amounts_in, share)):
        assert swap_on(ladder, size) == swap_exact_in_v4(v4, size, down)
    for size in (amount, *amounts_around(ladder.amounts_out, share)):
        walked = swap_exact_out_v4(v4, size, down)
        assert swap_on(ladder, size, exact_in=False) == walked


@pytest.mark.parametrize("down", [True, False])
def test_amount_out__past_the_window__is_not_known(down) -> None:
    ladder = ladder_of(replace(NARROW, window=(-1200, 1200)), down)

    assert amount_out(ladder, 10**15) == amount_out(ladder_of(NARROW, down), 10**15)
    with pytest.raises(TickWindowExceeded):
        amount_out(ladder, 10**18)
    with pytest.raises(TickWindowExceeded):
        amount_in(ladder, 10**18)


def test_amount_out__more_than_the_pool_takes__is_all_that_it_has() -> None:
    ladder = ladder_of(NARROW, True)
    most = swap_exact_in(NARROW, 10**30, True)

    assert amount_out(ladder, 10**30) == most.amount_out
    assert amount_in(ladder, 10**30) == most.amount_in < 10**17


@pytest.mark.parametrize("of", [amount_out, amount_in, swap_on])
def test_ladder__nothing_to_trade__raises(of) -> None:
    with pytest.raises(InsufficientAmount):
        of(ladder_of(NARROW, True), 0)


def test_ladder__fee_of_everything__takes_all_and_sells_nothing() -> None:
    ladder = ladder_of(replace(as_v4(NARROW, 0), lp_fee_pips=10**6), True)

    assert amount_out(ladder, 10**30) == 0
    with pytest.raises(FeeTakesAll):
        amount_in(ladder, 1)


@pytest.mark.parametrize("down", [True, False])
def test_quotes__measured_pools__good_to_rounding(down) -> None:
    rng = np.random.default_rng(1)
    for pool in real_pools():
        ladder = ladder_of(pool, down)
        most_in = min(ladder.amounts_in[-1], 10**30)
        for of, exact, most in (
            (quote_out, amount_out, most_in),
            (quote_in, amount_in, int(ladder.amounts_out[-1] * 0.999)),
        ):
            amounts = [int(x) for x in 10 ** rng.uniform(2, np.log10(float(most)), 500)]
            found = of(pool, np.array(amounts, dtype=float), down)
            expected = np.array([float(exact(ladder, x)) for x in amounts])

            # what the pool rounds a step by, and what floats round the sums by
            assert np.all(np.abs(found - expected) <= 2 + 1e-15 * expected)


def test_quotes__empty_pool__gives_nothing() -> None:
    empty = pool_of()

    assert quote_out(empty, np.array([1.0, 1e30]), True).tolist() == [0.0, 0.0]
    assert quote_in(empty, np.array([0.0, 1.0]), True).tolist() == [0.0, np.inf]


def test_quotes__more_than_there_is__all_of_it_and_at_no_price() -> None:
    all_of_it = float(swap_exact_in(NARROW, 10**30, True).amount_out)

    assert quote_out(NARROW, np.array([1e30]), True)[0] == pytest.approx(all_of_it)
    assert quote_in(NARROW, np.array([1e30]), True)[0] == np.inf
