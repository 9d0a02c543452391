# SPDX-License-Identifier: MIT
"""Curve's and Balancer's stable pools: by hand and by property, two to eight coins."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.amm import (
    balancer_stable,
    balancer_stable_liquidity,
    stable_curve,
    stable_swap,
)
from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.errors import (
    InsufficientAmount,
    InsufficientLiquidity,
    NotConverged,
    PoolError,
    PoolFieldInvalid,
    SubtractionUnderflow,
    TokenIndexInvalid,
)
from steelyard.amm.stable_math import get_d, get_y
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.stable_swap_liquidity import (
    add_liquidity,
    imbalance_fee_e10,
    remove_liquidity,
    remove_liquidity_one_coin,
)
from steelyard.wad import WAD, ArithmeticRevert, DivisionByZero, UintRangeExceeded

# A million dollars each of a 6-decimal and an 18-decimal coin, A 100, 0.04 %
EVEN = StableSwap(
    balances=(10**12, 10**24),
    rates=(10**30, WAD),
    amplification=10_000,
    fee_e10=4 * 10**6,
    supply=2 * 10**24,
)
EVEN_BALANCER = BalancerStable(
    balances=(10**12, 10**24),
    scaling=(10**30, WAD),
    amplification=100_000,
    swap_fee_wad=4 * WAD // 10**4,
    supply=2 * 10**24,
)
NO_FEE = replace(EVEN, fee_e10=0)
DUST = StableSwap(balances=(7_000, 10), rates=(WAD, WAD), amplification=100, fee_e10=0)
ILL_SCALED = (10**12, 10**25)  # scaled units beside each other


@st.composite
def stable_pools(draw: Any) -> StableSwap:
    """Two to eight coins within a factor of ten of each other."""
    count = draw(st.integers(2, 8))
    rates = [10 ** (36 - draw(st.sampled_from([6, 8, 18]))) for _ in range(count)]
    size = 10 ** draw(st.integers(19, 28))
    scaled = [size * draw(st.integers(10, 100)) // 10 for _ in rates]
    return StableSwap(
        balances=tuple(s * WAD // r for s, r in zip(scaled, rates, strict=True)),
        rates=tuple(rates),
        amplification=draw(st.integers(100, 10**6)),
        fee_e10=draw(st.sampled_from([0, 10**6, 4 * 10**6, 10**8])),
        supply=size * count,
    )


def test_get_d__balanced__is_the_sum() -> None:
    for count in range(2, 9):
        assert get_d([10**24] * count, 10_000) == count * 10**24


def test_get_d__unrolled__differs_in_its_rounding_alone() -> None:
    assert get_d([31, 4], 100) == 28
    assert get_d([31, 4], 100, is_unrolled=True) == 27
    pool = replace(DUST, balances=(31, 4), supply=1)
    unrolled = replace(pool, is_unrolled=True)
    assert stable_swap.virtual_price_wad(pool) == 28 * WAD
    assert stable_swap.virtual_price_wad(unrolled) == 27 * WAD


@given(pool=stable_pools())
def test_get_d__unrolled__is_within_two_units(pool: StableSwap) -> None:
    scaled = stable_swap.scaled_balances(pool)

    unrolled = get_d(scaled, pool.amplification, is_unrolled=True)

    assert abs(unrolled - get_d(scaled, pool.amplification)) <= 2


def test_get_y__balanced__is_the_balance() -> None:
    assert abs(get_y([10**24, 0], 10_000, 2 * 10**24, 1) - 10**24) <= 1


@given(pool=stable_pools())
def test_get_d__two_implementations_of_it__agree(pool: StableSwap) -> None:
    scaled = stable_swap.scaled_balances(pool)

    # Balancer's, which counts A in thousandths, is checked on chain for 2 to 5 tokens
    ours = get_d(scaled, pool.amplification)
    assert ours == balancer_stable.get_invariant(scaled, 10 * pool.amplification)


def test_amount_out__large_and_balanced__is_one_to_one_less_the_fee() -> None:
    # a thousand dollars, 0.04 % fee, next to no slippage
    out = stable_swap.amount_out(EVEN, 1_000 * 10**6, 0, 1)
    balancers = balancer_stable.amount_out(EVEN_BALANCER, 1_000 * 10**6, 0, 1)

    assert out / WAD == pytest.approx(999.6, rel=2e-5)
    assert balancers == pytest.approx(out, rel=1e-7)


def test_swap_exact_in__protocols_part__leaves_the_balances() -> None:
    after, out = stable_swap.swap_exact_in(EVEN, 1_000 * 10**6, 0, 1)
    kept, same = stable_swap.swap_exact_in(
        replace(EVEN, admin_fee_e10=0), 1_000 * 10**6, 0, 1
    )

    assert out == same
    assert after.balances[0] == kept.balances[0] == 10**12 + 1_000 * 10**6
    assert kept.balances[1] == 10**24 - out
    # half of 0.04 % of a thousand
    assert (kept.balances[1] - after.balances[1]) / WAD == pytest.approx(0.2, rel=1e-4)


@given(pool=stable_pools(), part=st.floats(1e-7, 3))
def test_swap__any__the_virtual_price_never_falls(
    pool: StableSwap, part: float
) -> None:
    amount = int(pool.balances[0] * part) + 1
    before = stable_swap.virtual_price_wad(pool)

    after, out = stable_swap.swap_exact_in(pool, amount, 0, 1)

    assert stable_swap.virtual_price_wad(after) >= before - 1
    if out:
        back, returned = stable_swap.swap_exact_in(after, out, 1, 0)
        assert returned <= amount
        assert stable_swap.virtual_price_wad(back) >= before - 1


@given(pool=stable_pools(), part=st.floats(1e-6, 0.8))
def test_amount_in__of_an_amount__is_the_least_that_buys_it(
    pool: StableSwap, part: float
) -> None:
    wanted = int(pool.balances[1] * part) + 1

    paid = stable_swap.amount_in(pool, wanted, 0, 1)

    assert stable_swap.amount_out(pool, paid, 0, 1) >= wanted
    if paid > 1:
        assert stable_swap._bought(pool, paid - 1, 0, 1) < wanted


@given(pool=stable_pools(), part=st.floats(1e-5, 3))
def test_quotes__exact_amounts__within_a_billionth(
    pool: StableSwap, part: float
) -> None:
    amount = int(pool.balances[0] * part) + 1
    unit = pool.rates[0] / pool.rates[1]  # raw out per raw in near the peg
    size = pool.balances[1]

    out = stable_swap.quote_out(pool, np.array([float(amount)]), 0, 1)[0]
    exact = stable_swap.amount_out(pool, amount, 0, 1)

    assert out == pytest.approx(exact, rel=1e-9, abs=5 + 2 * unit + size * 1e-15)
    if out < 0.99 * size:
        paid = stable_swap.quote_in(pool, np.array([out]), 0, 1)[0]
        assert paid == pytest.approx(amount, rel=1e-6)


@given(pool=stable_pools(), part=st.floats(0.0, 2))
def test_marginal_price__any_amount__is_the_slope(
    pool: StableSwap, part: float
) -> None:
    curve = stable_swap.curve_of(pool, 0, 1)
    step = 1e-4 * pool.balances[0]
    amounts = np.array([0.0, step, 2 * step]) + part * pool.balances[0]

    low, _middle, high = stable_curve.quote_out(curve, amounts)
    price = stable_curve.marginal_price(curve, amounts)

    assert (high - low) / (2 * step) == pytest.approx(price[1], rel=1e-2)
    back = stable_curve.amount_in_to_price(curve, price)
    again = stable_curve.marginal_price(curve, back)
    assert again == pytest.approx(price, rel=1e-9)


def test_amount_in_to_price__already_below__is_nothing() -> None:
    curve = stable_swap.curve_of(NO_FEE, 0, 1)

    # one dollar is 1e12 raw units for one, and never more
    assert stable_curve.amount_in_to_price(curve, np.array([1.1e12])).tolist() == [0.0]


def test_quotes__dust_in_a_deep_pool__keep_their_digits() -> None:
    deep = replace(NO_FEE, balances=(10**18, 10**30), amplification=10**6)
    amounts = np.array([1.0, 1e3, 1e9])

    assert stable_swap.quote_out(deep, amounts, 0, 1) == pytest.approx(1e12 * amounts)


@pytest.mark.parametrize("amplification", [100, 10_000, 10**8])
@pytest.mark.parametrize("count", [2, 3, 8])
@pytest.mark.parametrize("scaled", [ILL_SCALED, (1, 10**30), (10**25, 3), (1, 1)])
def test_swap__ill_scaled_or_nearly_empty__ends_with_an_amount_or_a_typed_error(
    amplification: int, count: int, scaled: tuple[int, int]
) -> None:
    balances = scaled + (scaled[1],) * (count - 2)
    pool = StableSwap(
        balances=balances,
        rates=(WAD,) * count,
        amplification=amplification,
        fee_e10=4 * 10**6,
    )

    for amount in (1, 10**12, 10**25, 10**40):
        for i, j in ((0, 1), (1, 0)):
            try:
                out = stable_swap.amount_out(pool, amount, i, j)
            except (PoolError, ArithmeticRevert):
                continue
            assert 0 <= out < pool.balances[j]
            quote = stable_swap.quote_out(pool, np.array([float(amount)]), i, j)
            assert np.isfinite(quote).all()
            assert 0 <= quote[0] <= pool.balances[j] * (1 + 1e-12) + 1


@pytest.mark.parametrize("model", [stable_swap, balancer_stable])
def test_constant_sum_like__huge_amplification__pays_one_to_one(model: Any) -> None:
    pool: Any = replace(NO_FEE, amplification=10**8)
    if model is balancer_stable:
        pool = replace(EVEN_BALANCER, amplification=5 * 10**6, swap_fee_wad=0)

    out = model.amount_out(pool, 9 * 10**11, 0, 1)  # nine tenths of the other side

    assert out / 10**12 == pytest.approx(9 * 10**11, rel=2e-3)
    quote = model.quote_out(pool, np.array([9e11]), 0, 1)[0]
    assert quote == pytest.approx(out, rel=1e-9)


def test_quote_in__more_than_there_is__is_infinite() -> None:
    for model, pool in ((stable_swap, EVEN), (balancer_stable, EVEN_BALANCER)):
        assert np.isinf(model.quote_in(pool, np.array([1e24, 2e24]), 0, 1)).all()


def test_balancer__exact_out_of_exact_in__is_no_less() -> None:
    paid = balancer_stable.amount_in(EVEN_BALANCER, 10**21, 0, 1)

    assert balancer_stable.amount_out(EVEN_BALANCER, paid, 0, 1) >= 10**21
    assert balancer_stable.amount_out(EVEN_BALANCER, paid - 1, 0, 1) < 10**21
    quote = balancer_stable.quote_in(EVEN_BALANCER, np.array([1e21]), 0, 1)[0]
    assert quote == pytest.approx(paid, rel=1e-8)
    sold, out = balancer_stable.swap_exact_in(EVEN_BALANCER, paid, 0, 1)
    bought, cost = balancer_stable.swap_exact_out(EVEN_BALANCER, 10**21, 0, 1)
    assert (sold.balances[0], cost) == (bought.balances[0], paid)
    assert sold.balances[1] == 10**24 - out


@pytest.mark.parametrize(
    ("error", "act"),
    [
        (InsufficientAmount, lambda: stable_swap.amount_out(EVEN, 0, 0, 1)),
        (TokenIndexInvalid, lambda: stable_swap.amount_out(EVEN, 1, 1, 1)),
        (TokenIndexInvalid, lambda: balancer_stable.amount_in(EVEN_BALANCER, 1, 0, 2)),
        (UintRangeExceeded, lambda: stable_swap.amount_out(EVEN, 2**255, 0, 1)),
        (
            SubtractionUnderflow,
            lambda: stable_swap.amount_out(DUST, 1, 0, 1),
        ),
        (
            SubtractionUnderflow,
            lambda: balancer_stable.amount_in(EVEN_BALANCER, 10**25, 0, 1),
        ),
        (DivisionByZero, lambda: get_d([0, 1], 100)),
        (DivisionByZero, lambda: get_y([0, 1, 1], 100, 2, 1)),
        (DivisionByZero, lambda: balancer_stable.get_invariant([0, 1], 1_000)),
        (DivisionByZero, lambda: balancer_stable.get_balance([1, 1], 1_000, 0, 1)),
        (
            DivisionByZero,
            lambda: stable_swap.virtual_price_wad(replace(EVEN, supply=0)),
        ),
        (InsufficientLiquidity, lambda: stable_swap.amount_in(EVEN, 10**24, 0, 1)),
        (InsufficientLiquidity, lambda: remove_liquidity(EVEN, 3 * 10**24)),
        (InsufficientAmount, lambda: add_liquidity(EVEN, (0, 0))),
        (InsufficientAmount, lambda: add_liquidity(replace(EVEN, supply=0), (1, 0))),
        (PoolFieldInvalid, lambda: remove_liquidity_one_coin(EVEN, 1, 2)),
        (PoolFieldInvalid, lambda: replace(EVEN, amplification=1)),
        (PoolFieldInvalid, lambda: replace(EVEN, rates=(0, WAD))),
        (PoolFieldInvalid, lambda: replace(EVEN_BALANCER, amplification=999)),
        (PoolFieldInvalid, lambda: replace(EVEN_BALANCER, scaling=(WAD,) * 3)),
    ],
)
def test_models__what_reverts_on_chain_or_cannot_be__raises(error, act) -> None:
    with pytest.raises(error):
        act()


def test_get_d__oscillates__not_converged() -> None:
    # a state that a real pool can be traded into; its chain refuses it alike
    scaled = [21763376216 * 10**12, 13328587085202544580, 26924379 * 10**10]
    scaled.append(3782611645216251315648)

    with pytest.raises(NotConverged, match="after 255 steps"):
        get_d(scaled, 20_000)
    with pytest.raises(NotConverged, match="after 255 steps"):
        balancer_stable.get_invariant(scaled, 200_000)


def test_liquidity__all_coins_in_ratio__costs_nothing() -> None:
    after, minted = add_liquidity(EVEN, (10**11, 10**23))
    left, paid = remove_liquidity(after, minted)

    assert minted == 2 * 10**23
    assert paid == (10**11, 10**23)
    assert left == EVEN
    grown, shares = balancer_stable_liquidity.add_liquidity(
        EVEN_BALANCER, (10**11, 10**23)
    )
    assert shares == 2 * 10**23
    assert grown.supply == EVEN_BALANCER.supply + shares
    _, paid = balancer_stable_liquidity.remove_liquidity(EVEN_BALANCER, shares)
    assert paid == (10**11, 10**23)


def test_liquidity__one_coin_in_and_out__costs_the_imbalance_fee_each_way() -> None:
    # fee · n / (4 (n - 1)) of what each balance is off: about half the fee, twice
    after, minted = add_liquidity(EVEN, (10**10, 0))
    _, paid = remove_liquidity_one_coin(after, minted, 0)

    assert imbalance_fee_e10(EVEN) == 2 * 10**6
    assert 1 - paid / 10**10 == pytest.approx(2 * 0.0002, rel=0.01)


def test_liquidity__first_deposit__mints_the_invariant() -> None:
    empty = replace(EVEN, balances=(0, 0), supply=0)

    after, minted = add_liquidity(empty, (10**12, 10**24))

    assert minted == after.supply == 2 * 10**24
