# SPDX-License-Identifier: MIT
"""The markets and vaults that the on-chain tests put up."""

from eth_account.signers.local import LocalAccount
from support import SEED, USDC, V3, World, deposit, in_order
from web3 import Web3
from web3.contract import Contract
from web3.types import Wei

from steelyard.chain.deploy import approve_seed, deploy_system, linked_vault
from steelyard.chain.spec import (
    BudgetSpec,
    FeedSpec,
    LimitsSpec,
    PoolSpec,
    PositionSpec,
    TagSpec,
    TokenSpec,
    VaultSpec,
)
from steelyard.chain.transactions import deploy
from steelyard.demo import market_spec, tokens
from steelyard.demo.aave_v3 import reserve_tokens
from steelyard.demo.protocols import Market, default_actors, deploy_market
from steelyard.wad import WAD

HEARTBEAT_SECONDS = 400 * 86400
UNCERTAINTY_WAD = WAD // 200  # of every price but the asset's
# wide ones, so that each test meets one limit at a time
LIMITS = LimitsSpec(
    loss=BudgetSpec(wad=WAD, refill_wad_per_day=WAD),
    hold=BudgetSpec(wad=WAD, refill_wad_per_day=WAD),
    turnover=BudgetSpec(wad=10 * WAD, refill_wad_per_day=10 * WAD),
    drawdown_wad=WAD,
)

STANDARD_MARKET = market_spec.MarketSpec(
    tokens=(
        market_spec.TokenSpec(symbol="USDC", decimals=6, price_e8=10**8),
        market_spec.TokenSpec(symbol="ETH", decimals=18, price_e8=2_000 * 10**8),
        market_spec.TokenSpec(symbol="BTC", decimals=8, price_e8=40_000 * 10**8),
    ),
    pairs=(
        market_spec.PairSpec(token_a="USDC", token_b="ETH", depth_usd=20_000_000),
        market_spec.PairSpec(token_a="USDC", token_b="BTC", depth_usd=20_000_000),
    ),
    pools=(
        market_spec.PoolSpec(
            token_a="USDC",
            token_b="ETH",
            fee=3000,
            ranges=(
                market_spec.RangeSpec(half_width_ticks=6000, depth_usd=10_000_000),
                market_spec.RangeSpec(half_width_ticks=None, depth_usd=2_000_000),
            ),
        ),
    ),
    reserves=(
        market_spec.ReserveSpec(
            symbol="USDC",
            lent_usd=10_000_000,
            collateral_usd=0,
            borrowed_usd=6_000_000,
        ),
        market_spec.ReserveSpec(
            symbol="ETH", lent_usd=1_000_000, collateral_usd=20_000_000, borrowed_usd=0
        ),
    ),
    savings_usd=1_000_000,
)


def standard_world(web3: Web3, strategist: LocalAccount) -> World:
    """Every protocol, and a vault of 100,000 USDC, alice's but for the seed."""
    market = deploy_market(web3, STANDARD_MARKET)
    world = new_world(web3, market, standard_spec(market, strategist), strategist)
    for who in (world.alice, world.bob):
        tokens.give(web3, market.asset, who, 100_000 * USDC, sender=world.curator)
    deposit(world, world.alice, 100_000 * USDC - SEED)
    return world


def pair_world(
    web3: Web3, strategist: LocalAccount, asset_decimals: int, token_decimals: int
) -> World:
    """One Uniswap v2 pair of a 1-dollar asset and a 2,000-dollar token."""
    market = deploy_market(
        web3,
        market_spec.MarketSpec(
            tokens=(
                market_spec.TokenSpec(
                    symbol="USDC", decimals=asset_decimals, price_e8=10**8
                ),
                market_spec.TokenSpec(
                    symbol="ETH", decimals=token_decimals, price_e8=2_000 * 10**8
                ),
            ),
            pairs=(
                market_spec.PairSpec(
                    token_a="USDC", token_b="ETH", depth_usd=20_000_000
                ),
            ),
        ),
    )
    pair = market.pairs[0].contract.address
    spec = VaultSpec(
        name="Pair",
        symbol="PAIR",
        signers=(strategist.address,),
        limits=LIMITS,
        tokens=token_specs(market),
        positions=(PositionSpec(protocol="uniswap-v2", market=pair),),
        pools=(PoolSpec(protocol="uniswap-v2", pool=pair),),
        tags=(TagSpec(name="volatile"),),
    )
    return new_world(web3, market, spec, strategist)


def new_world(
    web3: Web3, market: Market, spec: VaultSpec, strategist: LocalAccount
) -> World:
    """A vault of this spec, empty but for the seed; the strategist has gas money and
    the curator enough of the asset for the seeds of more vaults."""
    curator = default_actors(web3).deployer
    _, _, relayer, alice, bob = web3.eth.accounts[:5]
    one = 10 ** market.spec.tokens[0].decimals
    tokens.give(web3, market.asset, curator, one, sender=curator)
    web3.eth.send_transaction(
        {"from": curator, "to": strategist.address, "value": Wei(10**19)}
    )
    return World(
        web3=web3,
        market=market,
        system=deploy_system(web3, spec, curator),
        strategist=strategist,
        curator=curator,
        relayer=relayer,
        alice=alice,
        bob=bob,
        whale=market.actors.trader,
    )


def unconfigured(world: World) -> Contract:
    """A vault in the world's asset for which nothing has been set; the curator has
    approved its seed."""
    artifact = linked_vault(world.web3, world.curator)
    args = (world.asset.address, "None", "NONE", world.system.authority.address)
    vault = deploy(world.web3, artifact, *args, sender=world.curator)
    approve_seed(world.web3, vault, world.curator)
    return vault


def is_first(world: World, symbol: str) -> bool:
    """Whether a token is the V3 pool's token 0."""
    return in_order(world, V3, {symbol: 1}) == (1, 0)


def token_specs(market: Market) -> tuple[TokenSpec, ...]:
    """Every token of a market on its feed, without caps."""
    return tuple(
        TokenSpec(
            symbol=symbol,
            address=token.address,
            feed=FeedSpec(
                address=market.feeds[symbol].address,
                heartbeat_seconds=HEARTBEAT_SECONDS,
                uncertainty_wad=0 if symbol == "USDC" else UNCERTAINTY_WAD,
            ),
            tags=() if symbol == "USDC" else ("volatile",),
        )
        for symbol, token in market.tokens.items()
    )


def standard_spec(market: Market, strategist: LocalAccount) -> VaultSpec:
    """A vault over every market, with no cap and no buffer."""
    assert market.aave is not None
    assert market.savings is not None
    (pair, btc_pair), pool = market.pairs, market.pools[0]
    a_token, _ = reserve_tokens(market.aave, market.asset.address)
    uniswap, lending = ("uniswap",), ("lending",)
    v2, v3 = pair.contract.address, pool.contract.address
    savings = market.savings.address
    return VaultSpec(
        name="Steelyard USDC",
        symbol="syUSDC",
        signers=(strategist.address,),
        limits=LIMITS,
        tokens=token_specs(market),
        positions=(
            PositionSpec(protocol="uniswap-v2", market=v2, tags=uniswap),
            PositionSpec(protocol="uniswap-v3", market=v3, tags=uniswap),
            PositionSpec(protocol="aave-v3", market=a_token, tags=lending),
            PositionSpec(protocol="erc4626", market=savings, tags=lending),
        ),
        pools=(
            PoolSpec(protocol="uniswap-v2", pool=v2),
            PoolSpec(protocol="uniswap-v3", pool=v3),
            PoolSpec(protocol="uniswap-v2", pool=btc_pair.contract.address),
        ),
        tags=(
            TagSpec(name="uniswap"),
            TagSpec(name="lending"),
            TagSpec(name="volatile"),
        ),
    )
