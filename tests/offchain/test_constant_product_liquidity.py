# SPDX-License-Identifier: MIT
"""Uniswap v2 liquidity: mint, burn and the protocol's fee."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.amm.constant_product import (
    MINIMUM_LIQUIDITY,
    ConstantProduct,
    amounts_to_add,
    burn,
    mint,
    pending_fee_liquidity,
)
from steelyard.amm.errors import InsufficientAmount, InsufficientLiquidity

POOL = ConstantProduct(reserve0=1_000_000, reserve1=4_000_000, total_supply=2_000_000)
EMPTY = ConstantProduct(reserve0=0, reserve1=0)
RESERVE = st.integers(10**6, 10**28)
POOLS = st.builds(
    ConstantProduct, reserve0=RESERVE, reserve1=RESERVE, total_supply=RESERVE
)
AMOUNT = st.integers(1, 10**28)


def test_mint__first__locks_minimum_liquidity() -> None:
    after, liquidity = mint(EMPTY, 1_000_000, 4_000_000)

    assert liquidity == 2_000_000 - MINIMUM_LIQUIDITY
    assert after == POOL


def test_mint__too_little__raises() -> None:
    with pytest.raises(InsufficientAmount, match="liquidity is 0"):
        mint(EMPTY, 1000, 1000)
    with pytest.raises(InsufficientAmount, match="liquidity is 0"):
        mint(POOL, 1000, 0)


def test_mint__lopsided__counts_the_smaller_share() -> None:
    _, liquidity = mint(POOL, 1000, 8000)

    assert liquidity == 2000


def test_burn__half__pays_half() -> None:
    after, amount0, amount1 = burn(POOL, 1_000_000)

    assert (amount0, amount1) == (500_000, 2_000_000)
    assert (after.reserve0, after.total_supply) == (500_000, 1_000_000)


def test_burn__nothing_dust_or_too_much__raises() -> None:
    with pytest.raises(InsufficientAmount, match="liquidity is 0"):
        burn(POOL, 0)
    with pytest.raises(InsufficientAmount, match="amount is 0"):
        burn(POOL, 1)
    with pytest.raises(InsufficientLiquidity):
        burn(POOL, 2_000_001)


def test_pending_fee__root_k_doubles__mints_a_sixth_of_growth() -> None:
    grown = replace(POOL, k_last=1_000_000 * 1_000_000, fee_on=True)

    # 2e6 · (2e6 - 1e6) / (5 · 2e6 + 1e6)
    assert pending_fee_liquidity(grown) == 181_818
    assert pending_fee_liquidity(replace(grown, fee_on=False)) == 0
    assert pending_fee_liquidity(replace(grown, k_last=0)) == 0
    assert pending_fee_liquidity(replace(grown, k_last=4 * 10**12)) == 0
    assert burn(grown, 1_000_000)[0].total_supply == 1_181_818


def test_mint__fee_switch__sets_and_clears_k_last() -> None:
    on, _ = mint(replace(POOL, fee_on=True), 1_000, 4_000)
    off, _ = mint(replace(on, fee_on=False), 1_000, 4_000)

    assert on.k_last == 1_001_000 * 4_004_000
    assert off.k_last == 0


@given(pool=POOLS, amount0=AMOUNT, amount1=AMOUNT)
def test_invariant__mint_then_burn__never_profits(
    pool: ConstantProduct, amount0: int, amount1: int
) -> None:
    try:
        after, liquidity = mint(pool, amount0, amount1)
        _, paid0, paid1 = burn(after, liquidity)
    except InsufficientAmount:
        return

    assert paid0 <= amount0 or paid1 <= amount1
    assert paid0 * pool.reserve1 + paid1 * pool.reserve0 <= (
        amount0 * pool.reserve1 + amount1 * pool.reserve0
    )


def test_amounts_to_add__any_side_scarce__keeps_the_ratio() -> None:
    assert amounts_to_add(POOL, 1000, 9999) == (1000, 4000)
    assert amounts_to_add(POOL, 9999, 4000) == (1000, 4000)
    assert amounts_to_add(EMPTY, 3, 5) == (3, 5)
    with pytest.raises(InsufficientAmount, match="desired amount is 0"):
        amounts_to_add(POOL, 0, 5)
