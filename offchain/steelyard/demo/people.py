# SPDX-License-Identifier: MIT
"""The demo's depositors, and what they pay in; `exits` tells how they leave."""

from collections.abc import Sequence

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.transactions import call, send
from steelyard.demo import tokens
from steelyard.demo.clock import mine
from steelyard.demo.record import Movement

NAMES = ("alice", "bob", "carol")
DEPOSITS_ASSETS = (1_500_000 * 10**6, 750_000 * 10**6, 250_000 * 10**6)


def pay_in(
    web3: Web3, vault: Contract, asset: Contract, accounts: Sequence[ChecksumAddress]
) -> list[Movement]:
    """Each depositor gets the asset, approves the vault and deposits.

    Then a block passes: what came in during an order's own block widens no cap.
    """
    movements = []
    for name, who, assets in zip(NAMES, accounts, DEPOSITS_ASSETS, strict=True):
        tokens.give(web3, asset, who, assets, sender=who)
        tokens.approve(web3, asset, vault.address, sender=who)
        before = call(vault.functions.balanceOf(who))
        receipt = send(web3, vault.functions.deposit(assets, who), who)
        movements.append(
            Movement(
                at=_now(web3),
                who=name,
                kind="deposit",
                assets=assets,
                shares=call(vault.functions.balanceOf(who)) - before,
                gas_used=int(receipt["gasUsed"]),
            )
        )
    mine(web3)
    return movements


def _now(web3: Web3) -> int:
    return int(web3.eth.get_block("latest")["timestamp"])
