# SPDX-License-Identifier: MIT
"""Pools of a chain as a file that `steelyard quote` routes through."""

from collections.abc import Callable, Sequence
from typing import Any

from eth_utils.address import is_address, to_checksum_address
from web3 import Web3
from web3.types import BlockIdentifier

from steelyard.amm.constant_product import ConstantProduct
from steelyard.chain.concentrated_pools import load_pools, v3_pool
from steelyard.chain.pools.reading import (
    CURVE,
    STABLE,
    WEIGHTED,
    PoolUnreadable,
    read_pool,
)
from steelyard.chain.transactions import call
from steelyard.route.market_file import GAS, NAMES, OTHER_GAS, Coin, MarketFile
from steelyard.route.markets import Market, PoolState

V2, V3 = "uniswap-v2", "uniswap-v3"
Loaded = tuple[PoolState, Sequence[str]]  # tokens' addresses, in the pool's order


def read_markets(
    web3: Web3, pools: Sequence[tuple[str, str]], block: BlockIdentifier = "latest"
) -> MarketFile:
    """Pools named as (protocol, address or id), all at one block, and their tokens.

    Raises PoolUnreadable, and what the node raises.
    """
    number = web3.eth.get_block(block)["number"]
    loaded = [_load(web3, protocol, market, number) for protocol, market in pools]
    addresses = list(dict.fromkeys(token for _, tokens in loaded for token in tokens))
    coins = _coins(web3, addresses, number)
    symbols = dict(zip(addresses, (coin.symbol for coin in coins), strict=True))
    markets = []
    for (protocol, market), (state, tokens) in zip(pools, loaded, strict=True):
        curve = NAMES[type(state)]
        pair = "/".join(symbols[token] for token in tokens)
        markets.append(
            Market(
                name=f"{protocol} {pair} {market[:8]}",
                tokens=tuple(addresses.index(token) for token in tokens),
                state=state,
                gas=GAS.get(curve, OTHER_GAS),
            )
        )
    return MarketFile(coins=coins, markets=tuple(markets))


def _load(web3: Web3, protocol: str, market: str, number: int) -> Loaded:
    if protocol not in LOADERS:
        expected = f"expected one of {', '.join(sorted(LOADERS))}"
        raise PoolUnreadable(protocol, market, expected)
    if protocol in (V2, V3) and not is_address(market):
        raise PoolUnreadable(protocol, market, "expected an address")
    return LOADERS[protocol](web3, protocol, market, number)


def _v2(web3: Web3, _protocol: str, market: str, number: int) -> Loaded:
    pair = _contract(web3, market, PAIR_ABI)
    reserve0, reserve1, _ = call(pair.functions.getReserves(), block=number)
    state = ConstantProduct(reserve0=reserve0, reserve1=reserve1)
    return state, _pair_of(pair, number)


def _v3(web3: Web3, _protocol: str, market: str, number: int) -> Loaded:
    address = to_checksum_address(market)
    _, (pool,) = load_pools(web3, [v3_pool(address)], number)
    return pool.curve, _pair_of(_contract(web3, market, PAIR_ABI), number)


def _of_several(web3: Web3, protocol: str, market: str, number: int) -> Loaded:
    reading = read_pool(web3, protocol, market, number)
    return reading.pool, reading.tokens


def _pair_of(pair: Any, number: int) -> list[str]:
    return [
        call(function(), block=number)
        for function in (pair.functions.token0, pair.functions.token1)
    ]


def _coins(web3: Web3, addresses: Sequence[str], number: int) -> tuple[Coin, ...]:
    """Symbols, of which a second one like it carries its address."""
    coins: list[Coin] = []
    for address in addresses:
        token = _contract(web3, address, TOKEN_ABI)
        symbol = str(call(token.functions.symbol(), block=number))
        if symbol in {coin.symbol for coin in coins}:
            symbol = f"{symbol}-{address[:8]}"
        decimals = int(call(token.functions.decimals(), block=number))
        coins.append(Coin(symbol=symbol, decimals=decimals))
    return tuple(coins)


def _contract(web3: Web3, address: str, abi: list[dict[str, Any]]) -> Any:
    return web3.eth.contract(address=to_checksum_address(address), abi=abi)


def _view(name: str, *outputs: str) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "stateMutability": "view",
        "inputs": [],
        "outputs": [{"name": "", "type": output} for output in outputs],
    }


PAIR_ABI = [
    _view("token0", "address"),
    _view("token1", "address"),
    _view("getReserves", "uint112", "uint112", "uint32"),
]
TOKEN_ABI = [_view("symbol", "string"), _view("decimals", "uint8")]
LOADERS: dict[str, Callable[[Web3, str, str, int], Loaded]] = {
    V2: _v2,
    V3: _v3,
    WEIGHTED: _of_several,
    STABLE: _of_several,
    CURVE: _of_several,
}
