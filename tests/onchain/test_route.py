# SPDX-License-Identifier: MIT
"""A route through real pools pays what it said, swap by swap, to the wei."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import World

from steelyard.amm.constant_product import ConstantProduct
from steelyard.chain.concentrated_pools import load_pools, v3_pool
from steelyard.chain.market_reading import read_markets
from steelyard.chain.pools.reading import WEIGHTED, PoolUnreadable, read_pool
from steelyard.demo import balancer_v2, tokens, uniswap_v2, uniswap_v3
from steelyard.route.market_file import load_markets, save_markets
from steelyard.route.markets import Market, PoolState
from steelyard.route.route import best_route
from steelyard.route.search import Wanted

SYMBOLS = ("USDC", "ETH", "BTC")
USDC, ETH, BTC = 10**6, 10**18, 10**8
Sell = Callable[[str, str, int], None]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A real pool: what the chain says of it, and how to sell in it."""

    symbols: tuple[str, ...]
    state: PoolState
    sell: Sell
    name: str = ""  # as a file of pools would have it


def places(world: World) -> list[Place]:
    """Two pairs of Uniswap v2, one pool of v3, one of Balancer with three tokens."""
    market, web3, who = world.market, world.web3, world.alice

    def sell_v2(token_in: str, token_out: str, amount: int) -> None:
        path = market.tokens[token_in], market.tokens[token_out]
        uniswap_v2.swap_exact_in(web3, market.v2, path, amount, sender=who)

    found = []
    for pair in market.pairs:
        coins = sorted_by_address(world, pair.spec.token_a, pair.spec.token_b)
        reserve0, reserve1 = uniswap_v2.reserves(pair.contract)
        state = ConstantProduct(reserve0=reserve0, reserve1=reserve1)
        found.append(Place(symbols=coins, state=state, sell=sell_v2))
    for pool in market.pools:

        def sell_v3(
            token_in: str, token_out: str, amount: int, fee: int = pool.spec.fee
        ) -> None:
            pair = market.tokens[token_in], market.tokens[token_out]
            uniswap_v3.swap_exact_in(web3, market.v3, *pair, fee, amount, sender=who)

        coins = sorted_by_address(world, pool.spec.token_a, pool.spec.token_b)
        _, (loaded,) = load_pools(web3, [v3_pool(pool.contract.address)])
        found.append(Place(symbols=coins, state=loaded.curve, sell=sell_v3))
    return [*found, balancer(world)]


def balancer(world: World) -> Place:
    web3, maker = world.web3, world.market.actors.maker
    contracts = [world.market.tokens[symbol] for symbol in SYMBOLS]
    protocol = balancer_v2.deploy_balancer_v2(
        web3, weth=world.market.weth.address, sender=world.market.actors.deployer
    )
    amounts = (2_000_000 * USDC, 1_000 * ETH, 25 * BTC)
    for contract, amount in zip(contracts, amounts, strict=True):
        tokens.give(web3, contract, maker, amount, sender=world.curator)
    weights = (500_000_000_000_000_000, *(250_000_000_000_000_000,) * 2)
    pool = balancer_v2.create_weighted_pool(
        web3, protocol, contracts, weights, amounts, sender=maker
    )

    def sell(token_in: str, token_out: str, amount: int) -> None:
        pair = world.market.tokens[token_in], world.market.tokens[token_out]
        balancer_v2.swap(web3, protocol, pool, pair, amount, sender=world.alice)

    reading = read_pool(web3, WEIGHTED, pool.pool_id)
    names = {world.market.tokens[symbol].address: symbol for symbol in SYMBOLS}
    for symbol in SYMBOLS:
        contract = world.market.tokens[symbol]
        tokens.approve(web3, contract, protocol.vault.address, sender=world.alice)
    symbols = tuple(names[address] for address in reading.tokens)
    return Place(symbols=symbols, state=reading.pool, sell=sell, name=pool.pool_id)


def sorted_by_address(world: World, *symbols: str) -> tuple[str, ...]:
    contracts = world.market.tokens
    return tuple(sorted(symbols, key=lambda s: int(contracts[s].address, 16)))


@pytest.mark.parametrize(("dollars", "least"), [(1_000, 1), (400_000, 2)])
def test_route__through_real_pools__pays_what_it_said(
    world: World, dollars: int, least: int
) -> None:
    alice = world.alice
    for router in (world.market.v2.router, world.market.v3.router):
        for symbol in SYMBOLS:
            contract = world.market.tokens[symbol]
            tokens.approve(world.web3, contract, router.address, sender=alice)
    found = places(world)
    tokens.give(world.web3, world.asset, alice, dollars * USDC, sender=world.curator)
    markets = [
        Market(
            name=str(i),
            tokens=tuple(SYMBOLS.index(symbol) for symbol in place.symbols),
            state=place.state,
        )
        for i, place in enumerate(found)
    ]
    before = {s: held(world, s) for s in SYMBOLS}

    route = best_route(markets, 3, {0: dollars * USDC}, Wanted(weights={1: 1.0}))

    assert route.gap < 1e-6
    assert len({swap.market for swap in route.swaps}) >= least
    for swap in route.swaps:
        token_in, token_out = SYMBOLS[swap.token_in], SYMBOLS[swap.token_out]
        had = held(world, token_out)
        found[swap.market].sell(token_in, token_out, swap.amount_in)
        assert held(world, token_out) - had == swap.amount_out
    changes = {s: held(world, s) - before[s] for s in SYMBOLS}
    assert changes["USDC"] == -dollars * USDC
    assert changes["ETH"] == route.balances[1] > 0
    assert changes["BTC"] == route.balances.get(2, 0)


def test_read_markets__real_pools__are_the_file_that_quote_reads(
    world: World, tmp_path: Path
) -> None:
    market = world.market
    deep = balancer(world)
    wanted = [
        *(("uniswap-v2", pair.contract.address) for pair in market.pairs),
        *(("uniswap-v3", pool.contract.address) for pool in market.pools),
        (WEIGHTED, deep.name),
    ]

    file = read_markets(world.web3, wanted)
    save_markets(tmp_path / "markets.json", file)

    found = load_markets(tmp_path / "markets.json")
    assert found == file
    states = [place.state for place in places(world)[:-1]]
    assert [m.state for m in file.markets[:-1]] == states
    assert file.markets[-1].state == deep.state
    symbols = {coin.symbol: coin.decimals for coin in file.coins}
    assert symbols == {"USDC": 6, "ETH": 18, "BTC": 8}
    with pytest.raises(PoolUnreadable, match="expected one of balancer-v2-stable"):
        read_markets(world.web3, [("uniswap-v1", market.pairs[0].contract.address)])


def held(world: World, symbol: str) -> int:
    contract: Any = world.market.tokens[symbol]
    return tokens.balance_of(contract, world.alice)
