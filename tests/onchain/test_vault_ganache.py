# SPDX-License-Identifier: MIT
"""The vault's life in short on Ganache, an EVM of another make."""

import pytest
from support import (
    ETH,
    USDC,
    V2,
    V2_POOL,
    World,
    book,
    order_events,
    position_target,
    rebalance,
    reverts,
    supply,
    swap,
    units_of,
)
from worlds import pair_world

from steelyard.chain.transactions import call, send
from steelyard.demo import tokens
from steelyard.demo.node import local_node
from steelyard.wad import WAD


@pytest.fixture(scope="module")
def ganache(strategist):
    with local_node("ganache") as node:
        yield pair_world(node.web3, strategist, 6, 18)


@pytest.mark.slow
def test_ganache__deposit_rebalance_withdraw__as_on_anvil(ganache: World):
    world, view = ganache, ganache.vault.functions
    tokens.give(
        world.web3, world.asset, world.alice, 10**5 * USDC, sender=world.curator
    )
    tokens.approve(world.web3, world.asset, world.vault.address, sender=world.alice)
    send(world.web3, view.deposit(10**5 * USDC, world.alice), world.alice)

    receipt = rebalance(
        world,
        swaps=[swap(world, V2_POOL, "USDC", "ETH", 20_000 * USDC)],
        supplies=[supply(world, V2, {"USDC": 10_000 * USDC, "ETH": 5 * ETH})],
        targets=(position_target(world, V2, WAD * 19 // 100, WAD * 21 // 100),),
    )
    with reverts("WrongNonce", signed=0, current=1):
        rebalance(world, nonce=0)
    shares = call(view.maxRedeem(world.alice)) // 2
    send(world.web3, view.redeem(shares, world.alice, world.alice), world.alice)

    (event,) = order_events(world, receipt, "Rebalanced")
    assert event["navAfter"] == pytest.approx(99_900 * USDC, rel=1e-3)
    assert units_of(world, V2) > 0
    assert book(world)["position_assets"] == [pytest.approx(20_000 * USDC, rel=0.01)]
    assert tokens.balance_of(world.asset, world.alice) > 30_000 * USDC
