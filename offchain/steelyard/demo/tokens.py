# SPDX-License-Identifier: MIT
"""ERC-20 tokens of a local chain: our open-mint token and the real WETH9."""

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import own_artifact, package_artifact
from steelyard.chain.transactions import Sender, call, deploy, send

WETH9 = "@uniswap/v2-periphery/build/WETH9.json"
MAX_UINT256 = 2**256 - 1


def deploy_token(web3: Web3, symbol: str, decimals: int, *, sender: Sender) -> Contract:
    """A DemoToken: ERC-20 with permit that anyone may mint."""
    artifact = own_artifact("DemoToken")
    return deploy(web3, artifact, symbol, symbol, decimals, sender=sender)


def deploy_weth(web3: Web3, *, sender: Sender) -> Contract:
    """The real WETH9: wei in, wei out."""
    return deploy(web3, package_artifact(WETH9), sender=sender)


def give(
    web3: Web3, token: Contract, to: ChecksumAddress, amount: int, *, sender: Sender
) -> None:
    """`amount` raw units more for `to`: minted, or wrapped from the sender's ether."""
    if is_mintable(token):
        send(web3, token.functions.mint(to, amount), sender)
        return
    send(web3, token.functions.deposit(), sender, value=amount)
    send(web3, token.functions.transfer(to, amount), sender)


def approve(
    web3: Web3, token: Contract, spender: ChecksumAddress, *, sender: Sender
) -> None:
    """Lets `spender` take any quantity from `sender`."""
    send(web3, token.functions.approve(spender, MAX_UINT256), sender)


def balance_of(token: Contract, holder: ChecksumAddress) -> int:
    """What `holder` has, raw units."""
    return int(call(token.functions.balanceOf(holder)))


def is_mintable(token: Contract) -> bool:
    """Whether anyone may mint it (WETH9 is wrapped instead)."""
    return any(entry.get("name") == "mint" for entry in token.abi)
