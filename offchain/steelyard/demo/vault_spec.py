# SPDX-License-Identifier: MIT
"""The demo's vault: which markets it may use and how far it may go in each."""

from eth_typing import ChecksumAddress

from steelyard.chain.spec import (
    BudgetSpec,
    FeedSpec,
    FeesSpec,
    LimitsSpec,
    PoolSpec,
    PositionSpec,
    Protocol,
    TagSpec,
    TokenSpec,
    VaultSpec,
)
from steelyard.demo.aave_v3 import reserve_tokens
from steelyard.demo.protocols import Market
from steelyard.state import Cap
from steelyard.wad import WAD

HEARTBEAT_SECONDS = 7 * 3600  # feeds are written every six hours
FEED_UNCERTAINTY_WAD = WAD * 3 // 1000
ASSET_UNCERTAINTY_WAD = 0  # the demo's dollar never moves
SLIPPAGE_WAD = WAD * 8 // 1000
DEVIATION_WAD = WAD * 15 // 1000
ONE_MILLION_ASSETS = 10**12  # 6 decimals

TOKEN_CAPS_PERCENT = {"WETH": 35, "WBTC": 30, "LINK": 10}
POSITION_CAPS_PERCENT: dict[Protocol, int] = {
    "uniswap-v2": 20,
    "uniswap-v3": 20,
    "aave-v3": 35,
    "erc4626": 25,
}
TAG_CAPS_PERCENT = {"uniswap-v2": 35, "uniswap-v3": 35, "aave-v3": 45, "erc4626": 25}


# A feed that may be off by 0.3 % makes a turnover of the whole vault cost a loss charge
# of 0.3 % to 0.6 %: both tokens of a swap are in doubt, but not the asset.
LIMITS = LimitsSpec(
    max_window_seconds=600,
    cooldown_seconds=3600,
    idle_wad=WAD * 5 // 100,
    loss=BudgetSpec(wad=WAD // 100, refill_wad_per_day=WAD * 5 // 1000),
    hold=BudgetSpec(wad=WAD * 3 // 100, refill_wad_per_day=WAD // 100),
    turnover=BudgetSpec(wad=WAD, refill_wad_per_day=WAD // 2),
    drawdown_wad=WAD * 15 // 100,
)
MANAGEMENT_FEE_WAD = WAD // 100  # per year
PERFORMANCE_FEE_WAD = WAD // 10


def demo_vault(
    market: Market,
    strategist: ChecksumAddress,
    treasury: ChecksumAddress | None = None,
) -> VaultSpec:
    """The spec of a vault over every pool and market of the demo.

    Fees are paid when there is a `treasury` to pay them to.
    """
    return VaultSpec(
        name="Steelyard Demo",
        symbol="sySTEEL",
        signers=(strategist,),
        limits=LIMITS,
        fees=None if treasury is None else _fees(treasury),
        tokens=_tokens(market),
        positions=_positions(market),
        pools=_pools(market),
        tags=tuple(
            TagSpec(name=name, cap=_share(percent))
            for name, percent in TAG_CAPS_PERCENT.items()
        ),
    )


def _fees(treasury: ChecksumAddress) -> FeesSpec:
    return FeesSpec(
        recipient=treasury,
        management_wad_per_year=MANAGEMENT_FEE_WAD,
        performance_wad=PERFORMANCE_FEE_WAD,
    )


def _tokens(market: Market) -> tuple[TokenSpec, ...]:
    asset = market.spec.tokens[0].symbol
    return tuple(
        TokenSpec(
            symbol=symbol,
            address=contract.address,
            feed=FeedSpec(
                address=market.feeds[symbol].address,
                heartbeat_seconds=HEARTBEAT_SECONDS,
                uncertainty_wad=(
                    ASSET_UNCERTAINTY_WAD if symbol == asset else FEED_UNCERTAINTY_WAD
                ),
            ),
            cap=_share(100 if symbol == asset else TOKEN_CAPS_PERCENT.get(symbol, 10)),
            slippage_wad=0 if symbol == asset else SLIPPAGE_WAD,
            deviation_wad=0 if symbol == asset else DEVIATION_WAD,
        )
        for symbol, contract in market.tokens.items()
    )


def _positions(market: Market) -> tuple[PositionSpec, ...]:
    positions = [
        *(_position("uniswap-v2", p.contract.address) for p in market.pairs),
        *(_position("uniswap-v3", p.contract.address) for p in market.pools),
    ]
    if market.aave is not None:
        for reserve in market.spec.reserves:
            token = market.tokens[reserve.symbol]
            a_token, _debt = reserve_tokens(market.aave, token.address)
            positions.append(_position("aave-v3", a_token))
    if market.savings is not None:
        positions.append(_position("erc4626", market.savings.address))
    return tuple(positions)


def _pools(market: Market) -> tuple[PoolSpec, ...]:
    return (
        *(
            PoolSpec(protocol="uniswap-v2", pool=p.contract.address)
            for p in market.pairs
        ),
        *(
            PoolSpec(protocol="uniswap-v3", pool=p.contract.address)
            for p in market.pools
        ),
    )


def _position(protocol: Protocol, market: ChecksumAddress) -> PositionSpec:
    return PositionSpec(
        protocol=protocol,
        market=market,
        cap=_share(POSITION_CAPS_PERCENT[protocol], assets=ONE_MILLION_ASSETS),
        tags=(protocol,),
    )


def _share(percent: int, *, assets: int = 2**256 - 1) -> Cap:
    return Cap(assets=assets, wad=WAD * percent // 100)
