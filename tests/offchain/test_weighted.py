# SPDX-License-Identifier: MIT
"""Balancer's weighted pools: by hand and by property."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.amm import weighted
from steelyard.amm.errors import (
    InsufficientAmount,
    PoolFieldInvalid,
    RatioExceeded,
    TokenIndexInvalid,
)
from steelyard.amm.weighted import WeightedPool
from steelyard.amm.weighted_liquidity import (
    add_liquidity,
    amounts_for_shares,
    invariant,
    remove_liquidity,
)
from steelyard.wad import UINT112_MAX, WAD, UintRangeExceeded

EVEN = WeightedPool(
    balances=(1_000 * WAD, 4_000 * WAD),
    weights_wad=(WAD // 2, WAD // 2),
    scaling=(WAD, WAD),
    swap_fee_wad=0,
    supply=100 * WAD,
)
# 80 % of an 18-decimal token, 20 % of a 6-decimal one, 1 % fee
SKEWED = WeightedPool(
    balances=(400 * WAD, 200_000 * 10**6),
    weights_wad=(8 * WAD // 10, 2 * WAD // 10),
    scaling=(WAD, 10**30),
    swap_fee_wad=WAD // 100,
    supply=100 * WAD,
)


@st.composite
def pools(draw: Any) -> WeightedPool:
    """Two to eight tokens of any size and weight."""
    count = draw(st.integers(2, 8))
    parts = draw(st.lists(st.integers(1, 99), min_size=count, max_size=count))
    weights = [max(1, part * 92 // sum(parts)) * WAD // 100 for part in parts]
    weights[0] += WAD - sum(weights)
    decimals = draw(
        st.lists(st.sampled_from([6, 8, 18]), min_size=count, max_size=count)
    )
    digits = st.integers(9, 31)
    return WeightedPool(
        balances=tuple(10 ** draw(digits) + draw(st.integers(0, 99)) for _ in parts),
        weights_wad=tuple(weights),
        scaling=tuple(10 ** (36 - d) for d in decimals),
        swap_fee_wad=draw(st.sampled_from([0, 10**12, 3 * 10**15, 10**17])),
        supply=10**20,
    )


def test_amount_out__even_weights__is_the_constant_product() -> None:
    # 250 into 1,000 : 4,000 · 250 / 1,250 = 800
    out = weighted.amount_out(EVEN, 250 * WAD, 0, 1)

    assert 0 <= 800 * WAD - out <= 800 * WAD // 10**13


def test_amount_in__even_weights__is_the_constant_product() -> None:
    # 800 out of 4,000 : 1,000 · 800 / 3,200 = 250
    paid = weighted.amount_in(EVEN, 800 * WAD, 0, 1)

    assert 0 <= paid - 250 * WAD <= 1_000 * WAD // 10**13


def test_amount_out__four_to_one__is_its_fourth_root() -> None:
    # 60,000 / 0.99 in: (200,000 / 260,000)^(1/4) of 400 stays
    out = weighted.amount_out(SKEWED, 60_000 * 10**6 * 100 // 99, 1, 0)

    assert out / WAD == pytest.approx(400 * (1 - (200 / 260) ** 0.25), rel=1e-9)


def test_spot__four_to_one__is_balances_over_weights() -> None:
    # 400 / 0.8 = 500 against 200,000 / 0.2 = 1,000,000: 2,000 each, 1 % fee
    price = weighted.marginal_price(SKEWED, np.zeros(1), 0, 1)[0]

    assert price * 10**12 == pytest.approx(2_000 * 0.99, rel=1e-12)


@given(pool=pools(), part=st.floats(1e-9, 0.29))
def test_swap__there_and_back__never_profits(pool: WeightedPool, part: float) -> None:
    amount = int(pool.balances[0] * part) + 1
    after, out = weighted.swap_exact_in(pool, amount, 0, 1)
    if not 0 < out <= weighted.most_in(after, 1):
        return

    assert weighted.swap_exact_in(after, out, 1, 0)[1] <= amount


@given(pool=pools(), part=st.floats(1e-3, 0.29))
def test_quotes__exact_amounts__within_a_billionth(
    pool: WeightedPool, part: float
) -> None:
    amount = int(pool.balances[0] * part)
    most = 3 * pool.balances[1] // 10
    unit = weighted.marginal_price(pool, np.zeros(1), 0, 1)[0]  # out per raw unit in

    out = weighted.quote_out(pool, np.array([float(amount)]), 0, 1)[0]
    exact = weighted.amount_out(pool, amount, 0, 1)
    assert out == pytest.approx(exact, rel=1e-9, abs=2 + 2 * unit + most * 1e-12)
    if 0 < exact <= most:
        paid = weighted.quote_in(pool, np.array([float(exact)]), 0, 1)[0]
        found = weighted.amount_in(pool, exact, 0, 1)
        assert paid == pytest.approx(found, rel=1e-8, abs=3 + 2 / unit)


@given(pool=pools(), part=st.floats(0, 0.3))
def test_marginal_price__any_amount__is_the_slope(
    pool: WeightedPool, part: float
) -> None:
    amount = part * pool.balances[0]
    step = 1e-4 * (pool.balances[0] + amount)
    around = np.array([amount, amount + step, amount + 2 * step])

    low, middle, high = weighted.quote_out(pool, around, 0, 1)
    price = weighted.marginal_price(pool, around, 0, 1)

    slope = (high - low) / (2 * step)
    assert slope == pytest.approx(price[1], rel=1e-3)
    assert (np.diff(price) < 0).all()
    back = weighted.amount_in_to_price(pool, price, 0, 1)
    assert back == pytest.approx(around, rel=1e-6, abs=pool.balances[0] * 1e-9)
    assert low <= middle <= high


def test_amount_in_to_price__already_below__is_nothing() -> None:
    assert weighted.amount_in_to_price(EVEN, np.array([4.0, 5.0]), 0, 1).tolist() == [
        0,
        0,
    ]


def test_quote_in__more_than_there_is__is_infinite() -> None:
    paid = weighted.quote_in(EVEN, np.array([4_000.0 * WAD, 5_000.0 * WAD]), 0, 1)

    assert np.isinf(paid).all()


@pytest.mark.parametrize("pool", [EVEN, SKEWED])
def test_swap__over_thirty_percent__raises(pool: WeightedPool) -> None:
    most_in, most_out = weighted.most_in(pool, 0), weighted.most_out(pool, 1)

    assert weighted.amount_out(pool, most_in, 0, 1) > 0
    assert weighted.amount_in(pool, most_out, 0, 1) > 0
    with pytest.raises(RatioExceeded, match="amount_in net of fee"):
        weighted.amount_out(pool, most_in + 2, 0, 1)
    with pytest.raises(RatioExceeded, match="amount_out"):
        weighted.amount_in(pool, most_out + 1, 0, 1)


@pytest.mark.parametrize("pair", [(0, 0), (0, 2), (-1, 0)])
def test_swap__tokens_that_are_none__raises(pair: tuple[int, int]) -> None:
    with pytest.raises(TokenIndexInvalid, match="expected two of 0 to 1"):
        weighted.amount_out(EVEN, 1, *pair)


@pytest.mark.parametrize("amount", [0, -1])
def test_swap__amount_not_positive__raises(amount: int) -> None:
    with pytest.raises(InsufficientAmount, match=f"amount_in is {amount}"):
        weighted.amount_out(EVEN, amount, 0, 1)
    with pytest.raises(InsufficientAmount, match=f"amount_out is {amount}"):
        weighted.amount_in(EVEN, amount, 0, 1)


def test_swap__balance_over_the_vaults_112_bits__raises() -> None:
    full = replace(EVEN, balances=(UINT112_MAX, 10**20))

    with pytest.raises(UintRangeExceeded, match="balance is"):
        weighted.swap_exact_in(full, 1, 0, 1)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"weights_wad": (WAD // 2, WAD // 3)}, "weights_wad"),
        ({"weights_wad": (WAD - 1, 1)}, "weights_wad"),
        ({"scaling": (WAD,)}, "number of scaling"),
        ({"scaling": (WAD, 1)}, "scaling"),
        ({"balances": (1,), "weights_wad": (WAD,), "scaling": (WAD,)}, "number of"),
    ],
)
def test_pool__that_cannot_be__raises(change: dict[str, Any], name: str) -> None:
    with pytest.raises(PoolFieldInvalid, match=name):
        replace(EVEN, **change)


def test_liquidity__a_tenth_of_the_pool__is_a_tenth_of_each() -> None:
    # sqrt(1,000 · 4,000) = 2,000
    assert invariant(EVEN) == pytest.approx(2_000 * WAD, rel=1e-13)
    assert remove_liquidity(EVEN, 10 * WAD)[1] == (100 * WAD, 400 * WAD)
    assert amounts_for_shares(EVEN, 10 * WAD) == (100 * WAD, 400 * WAD)
    after, minted = add_liquidity(EVEN, (100 * WAD, 400 * WAD))
    assert 0 <= 10 * WAD - minted <= 100 * WAD // 10**12
    assert after.balances == (1_100 * WAD, 4_400 * WAD)
    assert after.supply == 100 * WAD + minted


def test_add_liquidity__one_token__pays_the_fee_on_its_excess() -> None:
    plenty = (100 * WAD, 0)
    _, free = add_liquidity(EVEN, plenty)
    _, charged = add_liquidity(replace(EVEN, swap_fee_wad=WAD // 10), plenty)

    # (1.1)^0.5; half of the amount is excess, of which a tenth is the fee: 1.095
    assert free / 100 / WAD == pytest.approx(1.1**0.5 - 1, rel=1e-9)
    assert charged / 100 / WAD == pytest.approx(1.095**0.5 - 1, rel=1e-9)


def test_liquidity__pool_without_an_invariant__raises() -> None:
    empty = replace(EVEN, balances=(0, 10**18))

    with pytest.raises(InsufficientAmount, match="invariant is 0"):
        add_liquidity(empty, (1, 1))
    with pytest.raises(InsufficientAmount, match="invariant is 0"):
        remove_liquidity(empty, 1)


@given(pool=pools(), part=st.integers(2, 10**6))
def test_liquidity__join_then_exit__never_profits(
    pool: WeightedPool, part: int
) -> None:
    shares = pool.supply // part
    taken = amounts_for_shares(pool, shares)
    after = replace(
        pool,
        balances=tuple(b + t for b, t in zip(pool.balances, taken, strict=True)),
        supply=pool.supply + shares,
    )

    _, paid = remove_liquidity(after, shares)

    assert all(p <= t for p, t in zip(paid, taken, strict=True))
