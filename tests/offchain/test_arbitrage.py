# SPDX-License-Identifier: MIT
"""Arbitrage through a fee and blocks: formulas against simulated markets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.amm.arbitrage import (
    SECONDS_PER_YEAR,
    arbitrage_rate,
    constant_product_arbitrage_rate,
    even_block_share,
    log_fee,
    trade_probability,
)
from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.holding import RangeHolding, StableHolding, WeightedHolding

FULL = RangeHolding(liquidity=1.0)
SIGMA, BLOCK = 1.0, 12.0
STEP = SIGMA * (BLOCK / SECONDS_PER_YEAR) ** 0.5  # 6.2e-4 a block
PATHS, BLOCKS, WARM_UP = 20_000, 1_200, 200
SHARES = [0.0, 0.0005, 0.003]


def market(fee: float, *, even: bool, step: float = STEP) -> tuple[float, float]:
    """(share of blocks with a trade, arbitrageurs' profit a block over the value).

    A full-range pool and a market whose log price is a martingale; the arbitrageur
    brings the pool's price to the fee's edge and pays the fee in token 1.
    """
    rng = np.random.default_rng(5)
    gamma = log_fee(fee)
    gap = rng.uniform(-gamma, gamma, PATHS)  # ln(market / pool)
    trades = profit = 0.0
    for block in range(WARM_UP + BLOCKS):
        waited = 1.0 if even else rng.exponential(size=PATHS)
        gap = gap + step * np.sqrt(waited) * rng.standard_normal(PATHS)
        after = np.clip(gap, -gamma, gamma)
        if block >= WARM_UP:
            # market price 1, L = 1: x = e^(gap/2), y = e^(-gap/2), value 2
            bought = np.exp(gap / 2) - np.exp(after / 2)
            paid = np.exp(-after / 2) - np.exp(-gap / 2)
            profit += float((bought - paid * np.exp(np.sign(gap) * gamma)).mean()) / 2
            trades += float((gap != after).mean())
        gap = after
    return trades / BLOCKS, profit / BLOCKS


@pytest.mark.parametrize("fee", SHARES)
def test_trade_probability__simulated_poisson_blocks__agree(fee: float) -> None:
    found, profit = market(fee, even=False)

    # 2.4e7 blocks, each path's trades come in clusters of some dozens: under 0.3 %
    assert found == pytest.approx(trade_probability(SIGMA, fee, BLOCK), rel=0.01)
    rate = profit * SECONDS_PER_YEAR / BLOCK
    assert rate == pytest.approx(
        constant_product_arbitrage_rate(SIGMA, fee, BLOCK), rel=0.015
    )


@pytest.mark.parametrize("fee", SHARES)
def test_even_block_share__simulated_even_blocks__agree(fee: float) -> None:
    _, profit = market(fee, even=True)

    rate = profit * SECONDS_PER_YEAR / BLOCK
    share = even_block_share(SIGMA, fee, BLOCK)
    assert rate == pytest.approx(SIGMA**2 / 8 * share, rel=0.015)


def test_constant_product_arbitrage_rate__slow_blocks__simulated_too() -> None:
    # a step of 0.5: the terms beyond P_trade are cosh(gamma / 2) and 1 / (1 - 1/32)
    seconds = 0.25 * SECONDS_PER_YEAR
    _, profit = market(0.3, even=False, step=0.5)

    found = constant_product_arbitrage_rate(1.0, 0.3, seconds)

    assert profit / 0.25 == pytest.approx(found, rel=0.015)
    assert found / (trade_probability(1.0, 0.3, seconds) / 8) == pytest.approx(
        np.cosh(log_fee(0.3) / 2) * 32 / 31
    )


@settings(deadline=None)
@given(
    sigma=st.floats(0.1, 3.0), fee=st.floats(0.0, 0.02), seconds=st.floats(0.2, 600.0)
)
def test_arbitrage_rate__full_range__is_the_closed_form(
    sigma: float, fee: float, seconds: float
) -> None:
    law = {"sigma": sigma, "fee": fee, "block_seconds": seconds}

    found = arbitrage_rate(FULL, 1234.5, **law)

    # profits are differences of the order of a step squared: 1e-16 / (1.6e-5)^2
    assert found == pytest.approx(
        constant_product_arbitrage_rate(sigma, fee, seconds), rel=2e-4
    )


def test_arbitrage_rate__fast_blocks__is_lvr_times_the_trades() -> None:
    law = {"sigma": 0.5, "fee": 0.0005, "block_seconds": 2.0}
    share = trade_probability(0.5, 0.0005, 2.0)
    lean = WeightedHolding(invariant=1.0, weights=(0.8, 0.2))
    narrow = RangeHolding(liquidity=1.0, lower=0.25, upper=4.0)

    # w (1 - w) sigma^2 / 2 = 0.02; a range of a quarter to four: sigma^2 / 4
    assert arbitrage_rate(lean, 1.0, **law) == pytest.approx(0.02 * share, rel=2e-3)
    assert arbitrage_rate(narrow, 1.0, **law) == pytest.approx(0.0625 * share, rel=2e-3)


def test_arbitrage_rate__stable_pool__bends_across_the_fee() -> None:
    # far more amplified than the fee is wide, LVR at the market's price overstates
    stable = StableHolding(invariant=1.0, amplification=2000.0)
    law = {"sigma": 0.05, "fee": 0.0004, "block_seconds": 12.0}

    rate = arbitrage_rate(stable, 1.0, **law)

    assert 0 < rate < 0.05**2 / 8 * 2001 * trade_probability(0.05, 0.0004, 12.0)


@settings(deadline=None)
@given(fee=st.floats(0.0001, 0.05), seconds=st.floats(0.5, 100.0))
def test_trade_probability__higher_fee_or_faster_blocks__is_lower(
    fee: float, seconds: float
) -> None:
    found = trade_probability(0.7, fee, seconds)

    assert trade_probability(0.7, fee * 1.1, seconds) < found < 1
    assert trade_probability(0.7, fee, seconds * 0.9) < found
    assert even_block_share(0.7, fee, seconds) < found


def test_trade_probability__by_hand() -> None:
    # a step of 1 / 100 and gamma of 1 / 100: 1 / (1 + sqrt 2)
    seconds = SECONDS_PER_YEAR / 10_000
    fee = 1 - float(np.exp(-0.01))

    assert trade_probability(1.0, fee, seconds) == pytest.approx(1 / (1 + 2**0.5))
    assert trade_probability(1.0, 0.0, seconds) == 1.0
    assert trade_probability(0.0, fee, seconds) == 0.0
    assert even_block_share(0.0, fee, seconds) == 0.0
    assert arbitrage_rate(FULL, 1.0, sigma=0.0, fee=fee, block_seconds=seconds) == 0.0


def test_arbitrage__impossible_fee_or_block__raises() -> None:
    with pytest.raises(PoolFieldInvalid, match=r"fee is 1\.0"):
        trade_probability(1.0, 1.0, 12.0)
    with pytest.raises(PoolFieldInvalid, match="block_seconds is 0"):
        trade_probability(1.0, 0.003, 0.0)
    with pytest.raises(PoolFieldInvalid, match="sigma\\^2 dt below 8"):
        constant_product_arbitrage_rate(3.0, 0.003, SECONDS_PER_YEAR)
