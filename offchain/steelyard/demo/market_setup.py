# SPDX-License-Identifier: MIT
"""The steps that put a market's spec on the chain, one protocol each."""

from collections.abc import Mapping, Sequence

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.demo import aave_v3, erc4626, feeds, tokens, uniswap_v2, uniswap_v3
from steelyard.demo.aave_v3_deploy import deploy_aave_v3
from steelyard.demo.market_spec import (
    WETH_SYMBOL,
    MarketSpec,
    PairSpec,
    PoolSpec,
    RangeSpec,
    ReserveSpec,
    TokenSpec,
    amount_of_usd_down,
)

PURSE_USD = 1_000_000_000  # what each trading account gets of each token

Contracts = Mapping[str, Contract]  # by symbol
Rounds = Sequence[tuple[int, int]]  # (answer_e8, updated_at)


def deploy_tokens(
    web3: Web3,
    spec: MarketSpec,
    weth: Contract,
    holders: Sequence[ChecksumAddress],
    *,
    sender: ChecksumAddress,
) -> dict[str, Contract]:
    """Every token of the market, `weth` for WETH, with a full purse per holder."""
    contracts: dict[str, Contract] = {}
    for token in spec.tokens:
        symbol = token.symbol
        contract = (
            weth
            if symbol == WETH_SYMBOL
            else tokens.deploy_token(web3, symbol, token.decimals, sender=sender)
        )
        contracts[symbol] = contract
        purse = amount_of_usd_down(token, PURSE_USD)
        for holder in holders:
            tokens.give(web3, contract, holder, purse, sender=holder)
    return contracts


def deploy_feeds(
    web3: Web3,
    spec: MarketSpec,
    history: Mapping[str, Rounds],
    *,
    sender: ChecksumAddress,
) -> dict[str, Contract]:
    """A dollar feed per token: its history, then the spec's price, now."""
    now = int(web3.eth.get_block("latest")["timestamp"])
    sources: dict[str, Contract] = {}
    for token in spec.tokens:
        feed = feeds.deploy_feed(web3, f"{token.symbol} / USD", sender=sender)
        rounds = [*history.get(token.symbol, ()), (token.price_e8, now)]
        feeds.push_rounds(web3, feed, rounds, sender=sender)
        sources[token.symbol] = feed
    return sources


def create_pair(
    web3: Web3,
    spec: MarketSpec,
    pair: PairSpec,
    v2: uniswap_v2.UniswapV2,
    contracts: Contracts,
    *,
    sender: ChecksumAddress,
) -> Contract:
    """The v2 pair with its depth in it, at the spec's prices."""
    ends, half_usd = (pair.token_a, pair.token_b), pair.depth_usd // 2
    amount_a, amount_b = (
        amount_of_usd_down(_token(spec, end), half_usd) for end in ends
    )
    pool_tokens = (contracts[pair.token_a], contracts[pair.token_b])
    return uniswap_v2.create_pair(
        web3, v2, pool_tokens, (amount_a, amount_b), sender=sender
    )


def create_pool(
    web3: Web3,
    spec: MarketSpec,
    pool: PoolSpec,
    v3: uniswap_v3.UniswapV3,
    contracts: Contracts,
    *,
    sender: ChecksumAddress,
) -> Contract:
    """The v3 pool with all its ranges, at the spec's prices."""
    token_a, token_b = _token(spec, pool.token_a), _token(spec, pool.token_b)
    equal_worth = (
        token_b.price_e8 * 10**token_a.decimals,
        token_a.price_e8 * 10**token_b.decimals,
    )
    return uniswap_v3.create_pool(
        web3,
        v3,
        (contracts[pool.token_a], contracts[pool.token_b]),
        pool.fee,
        equal_worth,
        [_liquidity(part, token_a, token_b) for part in pool.ranges],
        sender=sender,
    )


def deploy_lending(
    web3: Web3,
    spec: MarketSpec,
    contracts: Contracts,
    sources: Contracts,
    *,
    sender: ChecksumAddress,
) -> aave_v3.AaveV3 | None:
    """Aave with the spec's reserves, priced by the feeds; None without reserves."""
    if not spec.reserves:
        return None
    reserves = [
        aave_v3.Reserve(
            token=contracts[reserve.symbol],
            symbol=reserve.symbol,
            decimals=_token(spec, reserve.symbol).decimals,
            feed=sources[reserve.symbol].address,
            rates=reserve.rates,
        )
        for reserve in spec.reserves
    ]
    return deploy_aave_v3(web3, reserves, sender=sender)


def lend_and_borrow(
    web3: Web3,
    spec: MarketSpec,
    contracts: Contracts,
    market: aave_v3.AaveV3,
    *,
    lender: ChecksumAddress,
    borrower: ChecksumAddress,
) -> None:
    """All is supplied first, then borrowed, so that every reserve has a rate."""
    for reserve in spec.reserves:
        _supply(web3, spec, reserve, contracts, market, lender, reserve.lent_usd)
        pledged_usd = reserve.collateral_usd
        _supply(web3, spec, reserve, contracts, market, borrower, pledged_usd)
    for reserve in spec.reserves:
        token = _token(spec, reserve.symbol)
        amount = amount_of_usd_down(token, reserve.borrowed_usd)
        if amount:
            address = contracts[reserve.symbol].address
            aave_v3.borrow(web3, market, address, amount, sender=borrower)


def open_savings(
    web3: Web3,
    spec: MarketSpec,
    contracts: Contracts,
    *,
    saver: ChecksumAddress,
) -> Contract | None:
    """The ERC-4626 vault over the asset with its first deposit; None if unwanted."""
    if not spec.savings_usd:
        return None
    token = spec.tokens[0]
    asset = contracts[token.symbol]
    vault = erc4626.deploy_savings_vault(web3, asset, f"sv{token.symbol}", sender=saver)
    tokens.approve(web3, asset, vault.address, sender=saver)
    assets = amount_of_usd_down(token, spec.savings_usd)
    erc4626.deposit(web3, vault, assets, sender=saver)
    return vault


def _supply(
    web3: Web3,
    spec: MarketSpec,
    reserve: ReserveSpec,
    contracts: Contracts,
    market: aave_v3.AaveV3,
    sender: ChecksumAddress,
    usd: int,
) -> None:
    amount = amount_of_usd_down(_token(spec, reserve.symbol), usd)
    if amount:
        token = contracts[reserve.symbol]
        aave_v3.supply(web3, market, token, amount, sender=sender)


def _liquidity(
    part: RangeSpec, token_a: TokenSpec, token_b: TokenSpec
) -> uniswap_v3.Liquidity:
    half_usd = part.depth_usd // 2
    return uniswap_v3.Liquidity(
        half_width_ticks=part.half_width_ticks,
        amount_a=amount_of_usd_down(token_a, half_usd),
        amount_b=amount_of_usd_down(token_b, half_usd),
    )


def _token(spec: MarketSpec, symbol: str) -> TokenSpec:
    return next(token for token in spec.tokens if token.symbol == symbol)
