# SPDX-License-Identifier: MIT
"""Pools and markets of the protocols that the demo does without, at dollar prices:
USDC, DAI, USDT and HST are one, ETH is 2,000.

HST is the double that fails as it is told: it tests what a pool does to others while
one of its tokens misbehaves.
"""

from math import isqrt
from typing import Any

from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.transactions import deploy, send
from steelyard.demo import (
    balancer_v2,
    compound_v2,
    curve,
    morpho_blue,
    tokens,
    uniswap_v4,
)
from steelyard.demo.balancer_v2_governance import take_swap_fees
from steelyard.demo.market_spec import MarketSpec, TokenSpec
from steelyard.demo.protocols import Actors, Market, deploy_market
from steelyard.wad import WAD

DOLLAR_E8 = 10**8
USDC, ETH, HST = 10**6, 10**18, 10**18  # raw units of one
SPEC = MarketSpec(
    tokens=(
        TokenSpec(symbol="USDC", decimals=6, price_e8=DOLLAR_E8),
        TokenSpec(symbol="DAI", decimals=18, price_e8=DOLLAR_E8),
        TokenSpec(symbol="USDT", decimals=6, price_e8=DOLLAR_E8),
        TokenSpec(symbol="ETH", decimals=18, price_e8=2_000 * DOLLAR_E8),
    )
)
PURSE = 10**9  # dollars of every token, for who trades
DEPTH = 10**6  # dollars of each coin in a stable pool
WEIGHTED = {  # weight, and raw units in the pool: ten million dollars
    "USDC": (2 * WAD // 10, 2_000_000 * USDC),
    "ETH": (5 * WAD // 10, 2_500 * ETH),
    "HST": (3 * WAD // 10, 3_000_000 * HST),
}
LENT, BORROWED = 1_000_000 * USDC, 600_000 * USDC
PLEDGED = 1_000 * ETH
TENTH_WAD = WAD // 10  # of the interest, for the protocol
PROTOCOL_FEE_WAD = WAD // 5  # of Balancer's swap fees
V4_FEE_PIPS = 3000
V4_MIDDLE = round(276_324 / 60) * 60  # 1.0001^276324 is 10^12
V4_SPREAD = 6_000  # ticks on each side, with two million dollars of each token
V4_LIQUIDITY = 2_000_000 * isqrt(USDC * HST) * 4

Addresses = dict[str, Any]


def deploy_protocols(web3: Web3) -> tuple[Market, Addresses]:
    """Tokens and people, and the protocols' addresses by name."""
    market = deploy_market(web3, SPEC)
    who = market.actors
    coins = {**market.tokens, "HST": _hostile(web3, who)}
    return market, {
        "tokens": {symbol: coin.address for symbol, coin in coins.items()},
        "balancer": _balancer(web3, coins, market.weth, who),
        "curve": _curve(web3, coins, who),
        "morpho": _morpho(web3, coins, who),
        "compound": _compound(web3, coins, who),
        "uniswapV4": _uniswap_v4(web3, coins, who),
    }


def _hostile(web3: Web3, who: Actors) -> Contract:
    token = deploy(web3, own_artifact("HostileToken"), 18, sender=who.deployer)
    for holder in (who.maker, who.trader):
        tokens.give(web3, token, holder, PURSE * HST, sender=who.deployer)
    return token


def _balancer(
    web3: Web3, coins: dict[str, Contract], weth: Contract, who: Actors
) -> Addresses:
    balancer = balancer_v2.deploy_balancer_v2(
        web3, weth=weth.address, sender=who.deployer
    )
    take_swap_fees(web3, balancer, PROTOCOL_FEE_WAD, sender=who.deployer)
    weighted = balancer_v2.create_weighted_pool(
        web3,
        balancer,
        [coins[symbol] for symbol in WEIGHTED],
        [weight for weight, _ in WEIGHTED.values()],
        [amount for _, amount in WEIGHTED.values()],
        sender=who.maker,
    )
    stable = balancer_v2.create_stable_pool(
        web3,
        balancer,
        [coins[symbol] for symbol in ("USDC", "DAI", "HST")],
        [DEPTH * USDC, DEPTH * 10**18, DEPTH * HST],
        sender=who.maker,
    )
    for symbol in ("USDC", "DAI", "ETH", "HST"):
        tokens.approve(web3, coins[symbol], balancer.vault.address, sender=who.trader)
    return {
        "vault": balancer.vault.address,
        "authorizer": balancer.authorizer.address,
        "weighted": weighted.pool_id,
        "stable": stable.pool_id,
    }


def _curve(web3: Web3, coins: dict[str, Contract], who: Actors) -> Addresses:
    listed = [coins[symbol] for symbol in ("USDC", "DAI", "USDT", "HST")]
    amounts = [DEPTH * unit for unit in (USDC, 10**18, 10**6, HST)]
    factory = curve.deploy_curve(web3, sender=who.deployer)
    pool = curve.create_pool(web3, factory, listed, amounts, sender=who.maker)
    for coin in listed:
        tokens.approve(web3, coin, pool.address, sender=who.trader)
    return {"pool": pool.address}


def _morpho(web3: Web3, coins: dict[str, Contract], who: Actors) -> Addresses:
    usdc, eth = coins["USDC"], coins["ETH"]
    blue = morpho_blue.deploy_morpho_blue(
        web3, price_e36=2_000 * 10 ** (36 + 6 - 18), sender=who.deployer
    )
    params = morpho_blue.create_market(web3, blue, usdc, eth, sender=who.deployer)
    send(web3, blue.morpho.functions.setFee(params, TENTH_WAD), who.deployer)
    morpho_blue.lend(web3, blue, params, usdc, LENT, sender=who.maker)
    loan = (PLEDGED, BORROWED)
    morpho_blue.borrow(web3, blue, params, eth, loan, sender=who.borrower)
    return {
        "morpho": blue.morpho.address,
        "oracle": blue.oracle.address,
        "market": morpho_blue.market_id(params),
    }


def _compound(web3: Web3, coins: dict[str, Contract], who: Actors) -> Addresses:
    usdc, eth = coins["USDC"], coins["ETH"]
    compound = compound_v2.deploy_compound_v2(web3, sender=who.deployer)
    c_usdc, c_eth = (
        compound_v2.list_market(web3, compound, *listed, sender=who.deployer)
        for listed in ((usdc, 6, 1), (eth, 18, 2_000))
    )
    send(web3, c_usdc.functions._setReserveFactor(TENTH_WAD), who.deployer)
    compound_v2.lend(web3, c_usdc, usdc, LENT, sender=who.maker)
    compound_v2.lend(web3, c_eth, eth, PLEDGED, sender=who.borrower)
    compound_v2.borrow(web3, compound, c_eth, c_usdc, BORROWED, sender=who.borrower)
    return {
        "cUSDC": c_usdc.address,
        "cETH": c_eth.address,
    }


def _uniswap_v4(web3: Web3, coins: dict[str, Contract], who: Actors) -> Addresses:
    v4 = uniswap_v4.deploy_uniswap_v4(web3, sender=who.deployer)
    pair = (coins["USDC"], coins["HST"])
    for coin in pair:
        for account in (who.maker, who.trader):
            uniswap_v4.approve_routers(web3, v4, coin, sender=account)
    usdc_first = int(pair[0].address, 16) < int(pair[1].address, 16)
    raw = (USDC, HST) if usdc_first else (HST, USDC)
    root = isqrt((raw[1] << 192) // raw[0])
    key = uniswap_v4.create_pool(web3, v4, pair, V4_FEE_PIPS, root, sender=who.deployer)
    middle = V4_MIDDLE if usdc_first else -V4_MIDDLE
    ticks = (middle - V4_SPREAD, middle + V4_SPREAD)
    uniswap_v4.add_liquidity(web3, v4, key, ticks, V4_LIQUIDITY, sender=who.maker)
    return {
        "manager": v4.manager.address,
        "swaps": v4.swaps.address,
        "donations": v4.donations.address,
    }
