# SPDX-License-Identifier: MIT
"""Markets of real protocols as files, for the Solidity tests to load.

`python tests/forge/fixture.py` puts each of them up on an Anvil of its own and writes

    build/forge/market.json      every account of the demo's market: a genesis `alloc`
    build/forge/addresses.json   who is who there

and protocols.json and protocol-addresses.json, the same of the other protocols.

Clock and accounts are fixed, so the same code writes the same files.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from protocol_market import deploy_protocols
from web3 import Web3

from steelyard.chain.artifacts import project_root
from steelyard.demo.aave_v3 import reserve_tokens
from steelyard.demo.market_spec import (
    MarketSpec,
    PairSpec,
    PoolSpec,
    RangeSpec,
    ReserveSpec,
    TokenSpec,
)
from steelyard.demo.node import local_node
from steelyard.demo.protocols import Market, deploy_market

GENESIS_AT = 1_700_000_000  # unix seconds; every block is a second later
DOLLAR_E8 = 10**8

MARKET = MarketSpec(
    tokens=(
        TokenSpec(symbol="USDC", decimals=6, price_e8=DOLLAR_E8),
        TokenSpec(symbol="ETH", decimals=18, price_e8=2_000 * DOLLAR_E8),
        TokenSpec(symbol="BTC", decimals=8, price_e8=40_000 * DOLLAR_E8),
    ),
    pairs=(
        PairSpec(token_a="USDC", token_b="ETH", depth_usd=20_000_000),
        PairSpec(token_a="USDC", token_b="BTC", depth_usd=20_000_000),
    ),
    pools=(
        PoolSpec(
            token_a="USDC",
            token_b="ETH",
            fee=3000,
            ranges=(
                RangeSpec(half_width_ticks=6000, depth_usd=10_000_000),
                RangeSpec(half_width_ticks=None, depth_usd=2_000_000),
            ),
        ),
        PoolSpec(
            token_a="USDC",
            token_b="BTC",
            fee=500,
            ranges=(RangeSpec(half_width_ticks=None, depth_usd=1_000_000),),
        ),
    ),
    reserves=(
        ReserveSpec(
            symbol="USDC",
            lent_usd=10_000_000,
            collateral_usd=0,
            borrowed_usd=6_000_000,
        ),
        ReserveSpec(
            symbol="ETH", lent_usd=1_000_000, collateral_usd=20_000_000, borrowed_usd=0
        ),
    ),
    savings_usd=1_000_000,
)


def main() -> None:
    """Writes all files."""
    with chain() as web3:
        market = deploy_market(web3, MARKET)
        write("market.json", genesis_alloc(web3))
        write("addresses.json", addresses(market))
    with chain() as web3:
        market, more = deploy_protocols(web3)
        write("protocols.json", genesis_alloc(web3))
        write("protocol-addresses.json", {**people(market), **more})


@contextmanager
def chain() -> Iterator[Web3]:
    """A new chain, of which every block is a second later."""
    with local_node(timestamp=GENESIS_AT) as node:
        node.web3.provider.make_request("anvil_setBlockTimestampInterval", [1])  # type: ignore[arg-type]
        yield node.web3


def write(name: str, content: dict[str, Any]) -> None:
    """The same bytes for the same content."""
    folder = project_root() / "build" / "forge"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, sort_keys=True)
    (folder / name).write_text(text + "\n", encoding="utf-8")


def genesis_alloc(web3: Web3) -> dict[str, Any]:
    """Every contract of the chain, and every account that holds something."""
    answer = web3.provider.make_request("anvil_dumpState", [])  # type: ignore[arg-type]
    state = json.loads(gzip.decompress(bytes.fromhex(answer["result"][2:])))
    return {
        address: {
            "balance": account["balance"],
            "nonce": hex(account["nonce"]),
            "code": account["code"],
            "storage": {
                _word(slot): _word(value) for slot, value in account["storage"].items()
            },
        }
        for address, account in state["accounts"].items()
    }


def addresses(market: Market) -> dict[str, Any]:
    """The market's contracts and people by name, and its time."""
    assert market.aave is not None
    assert market.savings is not None
    return {
        "tokens": _addresses(market.tokens),
        "feeds": _addresses(market.feeds),
        "pairs": {pair.spec.token_b: pair.contract.address for pair in market.pairs},
        "pools": {pool.spec.token_b: pool.contract.address for pool in market.pools},
        "aave": {
            "pool": market.aave.pool.address,
            "configurator": market.aave.configurator.address,
            **{
                f"a{reserve.symbol}": reserve_tokens(
                    market.aave, market.tokens[reserve.symbol].address
                )[0]
                for reserve in market.spec.reserves
            },
        },
        "savings": market.savings.address,
        "v2Router": market.v2.router.address,
        "v2Factory": market.v2.factory.address,
        "v3Router": market.v3.router.address,
        "v3Factory": market.v3.factory.address,
        "v3Positions": market.v3.positions.address,
        **people(market),
    }


def people(market: Market) -> dict[str, Any]:
    """Who acts on the chain, and its time."""
    return {
        "deployer": market.actors.deployer,
        "maker": market.actors.maker,
        "borrower": market.actors.borrower,
        "trader": market.actors.trader,
        "timestamp": market.weth.w3.eth.get_block("latest")["timestamp"],
        "number": market.weth.w3.eth.block_number,
    }


def _addresses(contracts: Mapping[str, Any]) -> dict[str, str]:
    return {name: contract.address for name, contract in contracts.items()}


def _word(text: str) -> str:
    return "0x" + text.removeprefix("0x").rjust(64, "0")


if __name__ == "__main__":
    main()
