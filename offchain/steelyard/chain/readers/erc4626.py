# SPDX-License-Identifier: MIT
"""ERC-4626 vaults that compute as OpenZeppelin's, with virtual shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.chain.readers.base import MarketReader, MarketUnsupported
from steelyard.chain.reads import Read, Rounds
from steelyard.lending import Erc4626, assets_of_shares_down


@dataclass(frozen=True, kw_only=True)
class Facts:
    vault: str
    symbol: str
    decimals: int
    asset_decimals: int


def _facts(vault: str) -> Rounds[Facts]:
    symbol, decimals, asset = yield [
        Read(vault, "symbol()", "string"),
        Read(vault, "decimals()", "uint8"),
        Read(vault, "asset()", "address"),
    ]
    (asset_decimals,) = yield [Read(asset, "decimals()", "uint8")]
    if decimals < asset_decimals:
        expected = f"shares of at least {asset_decimals} decimals, as the asset"
        raise MarketUnsupported(vault, f"{decimals} decimals", expected)
    return Facts(
        vault=vault, symbol=symbol, decimals=decimals, asset_decimals=asset_decimals
    )


def _state(facts: Facts, _lens: str) -> Rounds[Erc4626]:
    """Raises MarketUnsupported where one share is not worth what the formula says."""
    shares = 10**facts.decimals
    total_assets, total_supply, worth = yield [
        Read(facts.vault, "totalAssets()", "uint256"),
        Read(facts.vault, "totalSupply()", "uint256"),
        Read(facts.vault, "previewRedeem(uint256)", "uint256", (shares,)),
    ]
    state = Erc4626(
        total_assets=total_assets,
        total_supply=total_supply,
        decimals_offset=facts.decimals - facts.asset_decimals,
    )
    expected = assets_of_shares_down(state, shares)
    if worth != expected:
        raise MarketUnsupported(facts.vault, worth, f"{expected} assets for a share")
    return state


def _name(facts: Facts, _symbols: Sequence[str]) -> str:
    return f"erc4626 {facts.symbol}"


READER = MarketReader(protocol="erc4626", facts=_facts, state=_state, name=_name)
