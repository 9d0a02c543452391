# SPDX-License-Identifier: MIT
"""A whole DeFi market on a local chain: tokens, feeds, pools, lending, savings."""

from collections.abc import Mapping
from dataclasses import dataclass

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.transactions import call
from steelyard.demo import feeds, market_setup, tokens, uniswap_v2, uniswap_v3
from steelyard.demo.aave_v3 import AaveV3
from steelyard.demo.market_setup import Rounds
from steelyard.demo.market_spec import MarketSpec, PairSpec, PoolSpec, check_market


@dataclass(frozen=True, kw_only=True)
class Actors:
    """Accounts the node signs for; the last three of the node by default."""

    deployer: ChecksumAddress  # owns the feeds, administers Aave
    borrower: ChecksumAddress
    maker: ChecksumAddress  # owns the pools' first liquidity, lends, saves
    trader: ChecksumAddress


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A Uniswap v2 pair of the market."""

    name: str
    spec: PairSpec
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A Uniswap v3 pool of the market."""

    name: str
    spec: PoolSpec
    contract: Contract


@dataclass(frozen=True, kw_only=True)
class Market:
    """All contracts of a market, tokens and feeds by symbol."""

    spec: MarketSpec
    actors: Actors
    weth: Contract
    tokens: Mapping[str, Contract]
    feeds: Mapping[str, Contract]
    v2: uniswap_v2.UniswapV2
    v3: uniswap_v3.UniswapV3
    pairs: tuple[Pair, ...]
    pools: tuple[Pool, ...]
    aave: AaveV3 | None
    savings: Contract | None

    @property
    def asset(self) -> Contract:
        """The token everything is counted in."""
        return self.tokens[self.spec.tokens[0].symbol]


def deploy_market(
    web3: Web3,
    spec: MarketSpec,
    *,
    history: Mapping[str, Rounds] | None = None,
    actors: Actors | None = None,
) -> Market:
    """The market, funded and open: pools at the feeds' prices, loans taken.

    `history` holds earlier rounds per symbol, oldest first; after them each feed
    gets the price of `spec` at the chain's present time.
    Raises InvalidMarket, MissingArtifact, ContractReverted.
    """
    check_market(spec)
    who = actors or default_actors(web3)
    weth = tokens.deploy_weth(web3, sender=who.deployer)
    contracts = market_setup.deploy_tokens(
        web3, spec, weth, (who.borrower, who.maker, who.trader), sender=who.deployer
    )
    sources = market_setup.deploy_feeds(web3, spec, history or {}, sender=who.deployer)
    v2 = uniswap_v2.deploy_uniswap_v2(web3, weth=weth.address, sender=who.deployer)
    v3 = uniswap_v3.deploy_uniswap_v3(web3, weth=weth.address, sender=who.deployer)
    for token in contracts.values():
        for spender in (v2.router, v3.positions):
            tokens.approve(web3, token, spender.address, sender=who.maker)
        for spender in (v2.router, v3.router):
            tokens.approve(web3, token, spender.address, sender=who.trader)
    aave = market_setup.deploy_lending(
        web3, spec, contracts, sources, sender=who.deployer
    )
    if aave is not None:
        market_setup.lend_and_borrow(
            web3, spec, contracts, aave, lender=who.maker, borrower=who.borrower
        )
    return Market(
        spec=spec,
        actors=who,
        weth=weth,
        tokens=contracts,
        feeds=sources,
        v2=v2,
        v3=v3,
        pairs=_create_pairs(web3, spec, v2, contracts, who.maker),
        pools=_create_pools(web3, spec, v3, contracts, who.maker),
        aave=aave,
        savings=market_setup.open_savings(web3, spec, contracts, saver=who.maker),
    )


def default_actors(web3: Web3) -> Actors:
    """The node's first account and its last three."""
    accounts = list(web3.eth.accounts)
    borrower, maker, trader = accounts[-3:]
    return Actors(deployer=accounts[0], borrower=borrower, maker=maker, trader=trader)


def feed_prices_e8(market: Market) -> dict[str, int]:
    """Latest answer of every feed: dollars with 8 decimals."""
    return {
        symbol: call(feed.functions.latestRoundData())[1]
        for symbol, feed in market.feeds.items()
    }


def push_prices(
    web3: Web3, market: Market, prices_e8: Mapping[str, int], updated_at: int
) -> None:
    """One new round on the feed of every symbol in `prices_e8`."""
    for symbol, answer_e8 in prices_e8.items():
        feeds.push_answer(
            web3,
            market.feeds[symbol],
            answer_e8,
            updated_at,
            sender=market.actors.deployer,
        )


def _create_pairs(
    web3: Web3,
    spec: MarketSpec,
    v2: uniswap_v2.UniswapV2,
    contracts: Mapping[str, Contract],
    maker: ChecksumAddress,
) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            name=f"v2:{pair.token_a}/{pair.token_b}",
            spec=pair,
            contract=market_setup.create_pair(
                web3, spec, pair, v2, contracts, sender=maker
            ),
        )
        for pair in spec.pairs
    )


def _create_pools(
    web3: Web3,
    spec: MarketSpec,
    v3: uniswap_v3.UniswapV3,
    contracts: Mapping[str, Contract],
    maker: ChecksumAddress,
) -> tuple[Pool, ...]:
    return tuple(
        Pool(
            name=f"v3:{pool.token_a}/{pool.token_b}:{pool.fee}",
            spec=pool,
            contract=market_setup.create_pool(
                web3, spec, pool, v3, contracts, sender=maker
            ),
        )
        for pool in spec.pools
    )
