# SPDX-License-Identifier: MIT
"""A savings vault on OpenZeppelin's ERC-4626, whose interest is donated."""

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.transactions import Sender, call, deploy, send
from steelyard.demo.tokens import give

WAD = 10**18
YEAR_SECONDS = 365 * 86400


def deploy_savings_vault(
    web3: Web3, asset: Contract, symbol: str, *, sender: Sender
) -> Contract:
    """A vault over `asset` whose shares are called `symbol`."""
    artifact = own_artifact("SavingsVault")
    return deploy(web3, artifact, asset.address, symbol, symbol, sender=sender)


def deposit(
    web3: Web3, vault: Contract, assets: int, *, sender: ChecksumAddress
) -> None:
    """Pays in `assets`; `sender` has approved the vault."""
    send(web3, vault.functions.deposit(assets, sender), sender)


def pay_interest(
    web3: Web3,
    vault: Contract,
    asset: Contract,
    rate_wad: int,
    seconds: int,
    *,
    sender: Sender,
) -> int:
    """Gives the vault `seconds` of simple interest at `rate_wad` a year; raw units."""
    assets = call(vault.functions.totalAssets())
    interest = int(assets * rate_wad * seconds // (WAD * YEAR_SECONDS))
    if interest:
        give(web3, asset, vault.address, interest, sender=sender)
    return interest
