# SPDX-License-Identifier: MIT
"""Swaps of any size in real pools, against the library's models."""

from collections.abc import Iterator

import pytest
from hypothesis import example, settings
from hypothesis import strategies as st
from hypothesis.core import given  # these only call: Brownie's isolation is not needed
from models import is_zero_for_one, model
from support import ETH, USDC, V2_POOL, V3_POOL, World

from steelyard.chain.config_args import market_hex
from steelyard.chain.transactions import call
from steelyard.demo import clock, tokens, traders
from steelyard.plan.pools import swap as predicted_swap
from steelyard.state import PoolCurve

MOST_USD = 2_000_000
LEAST = {"USDC": USDC, "ETH": ETH // 10**5}


@pytest.fixture(scope="module")
def funded(shared_world: World) -> Iterator[World]:
    """A world whose venues hold tokens, so that anyone may swap them by a call."""
    world = shared_world
    taken = clock.snapshot(world.web3)
    for venue in world.system.venues.values():
        for symbol, unit, usd in (("USDC", USDC, 1), ("ETH", ETH, 2_000)):
            tokens.give(
                world.web3,
                world.token(symbol),
                venue.address,
                MOST_USD * unit // usd,
                sender=world.curator,
            )
    traders.swap(
        world.web3, world.market, world.market.pools[0], "USDC", "ETH", 777_777_777_777
    )
    yield world
    clock.revert(world.web3, taken)


def swapped_by_call(world: World, pool: int, symbols: list[str], amount: int) -> int:
    spec = world.system.spec.pools[pool]
    sold, bought = (world.token(symbol).address for symbol in symbols)
    view = world.system.venues[spec.protocol].functions.swap(
        market_hex(spec.pool), sold, bought, amount
    )
    return int(call(view, sender=world.relayer))


@pytest.fixture(scope="module")
def curves(funded: World) -> dict[int, PoolCurve]:
    return {pool: model(funded, pool) for pool in (V2_POOL, V3_POOL)}


@pytest.mark.parametrize("pool", [V2_POOL, V3_POOL], ids=["v2", "v3"])
@pytest.mark.parametrize("sell", ["USDC", "ETH"])
@settings(max_examples=60, deadline=None)
@given(size=st.floats(0, 1), noise=st.integers(0, 10**6))
@example(size=0.0, noise=1)
@example(size=1.0, noise=0)
def test_swap__any_size__python_equals_solidity(
    funded, curves, pool, sell, size, noise
):
    symbols = ["USDC", "ETH"] if sell == "USDC" else ["ETH", "USDC"]
    most = {"USDC": MOST_USD * USDC, "ETH": MOST_USD * ETH // 2_000}[sell]
    amount = min(most, max(LEAST[sell], int(most**size) + noise))

    received = swapped_by_call(funded, pool, symbols, amount)

    _, expected = predicted_swap(curves[pool], amount, is_zero_for_one(funded, symbols))
    assert received == expected
