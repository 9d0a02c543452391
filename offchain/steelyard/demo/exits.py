# SPDX-License-Identifier: MIT
"""Three ways out of the vault: paid at once, in kind, and through the queue."""

from typing import Any

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.deploy import VaultSystem
from steelyard.chain.transactions import call, send
from steelyard.demo import tokens
from steelyard.demo.protocols import Market
from steelyard.demo.record import Movement
from steelyard.fair import value_down
from steelyard.state import Snapshot

MOST_ENTRIES = 10  # of the queue that one filling goes through


def take_out(
    web3: Web3, vault: Contract, who: ChecksumAddress, name: str, assets: int
) -> Movement:
    """Withdraws `assets`, or as much as the vault can pay at once."""
    assets = min(assets, call(vault.functions.maxWithdraw(who)))
    before = call(vault.functions.balanceOf(who))
    receipt = send(web3, vault.functions.withdraw(assets, who, who), who)
    shares = before - call(vault.functions.balanceOf(who))
    return _movement(web3, name, "withdraw", assets, shares, receipt)


def leave_in_kind(
    web3: Web3,
    vault: Contract,
    market: Market,
    snapshot: Snapshot,
    who: ChecksumAddress,
    name: str,
) -> tuple[Movement, str]:
    """Half of a holder's shares for his slice of every token and position: the movement
    (at the oracle's prices) and what he got, in words."""
    listed = list(market.tokens.values())
    before = [tokens.balance_of(token, who) for token in listed]
    shares = call(vault.functions.balanceOf(who)) // 2
    receipt = send(web3, vault.functions.redeemInKind(shares, who, who, 0), who)
    got = [
        tokens.balance_of(token, who) - was
        for token, was in zip(listed, before, strict=True)
    ]
    states = [_state(snapshot, token) for token in listed]
    assets = sum(
        value_down(amount, state.price_e36)
        for amount, state in zip(got, states, strict=True)
    )
    words = ", ".join(
        f"{amount / 10**state.decimals:,.4f} {state.symbol}"
        for amount, state in zip(got, states, strict=True)
        if amount
    )
    return _movement(web3, name, "in-kind", assets, shares, receipt), words


def _state(snapshot: Snapshot, token: Contract) -> Any:
    return next(t for t in snapshot.tokens if t.address == token.address)


def ask_queue(
    web3: Web3, system: VaultSystem, who: ChecksumAddress, name: str
) -> Movement:
    """All of a holder's shares into the queue."""
    vault, queue = system.vault, system.queue
    shares = call(vault.functions.balanceOf(who))
    send(web3, vault.functions.approve(queue.address, shares), who)
    worth = call(vault.functions.previewRedeem(shares))
    receipt = send(web3, queue.functions.request(shares), who)
    return _movement(web3, name, "request", worth, shares, receipt)


def fill_queue(
    web3: Web3, system: VaultSystem, anyone: ChecksumAddress, name: str
) -> Movement:
    """Anyone may fill it; what was paid is the requesters' to claim."""
    vault, queue = system.vault, system.queue
    asset = _asset(web3, vault)
    waiting = call(vault.functions.balanceOf(queue.address))
    held = tokens.balance_of(asset, queue.address)
    receipt = send(web3, queue.functions.fill(MOST_ENTRIES), anyone)
    shares = waiting - call(vault.functions.balanceOf(queue.address))
    assets = tokens.balance_of(asset, queue.address) - held
    return _movement(web3, name, "fill", assets, shares, receipt)


def claim_from_queue(
    web3: Web3, system: VaultSystem, who: ChecksumAddress, name: str, request: int = 0
) -> Movement:
    """What a request was paid."""
    asset = _asset(web3, system.vault)
    held = tokens.balance_of(asset, who)
    receipt = send(web3, system.queue.functions.claim(request, who), who)
    assets = tokens.balance_of(asset, who) - held
    return _movement(web3, name, "claim", assets, 0, receipt)


def _asset(web3: Web3, vault: Contract) -> Contract:
    """The asset; a vault's shares have all of an ERC-20's functions too."""
    address = call(vault.functions.asset())
    contract: Contract = web3.eth.contract(address=address, abi=vault.abi)
    return contract


def _movement(
    web3: Web3, who: str, kind: str, assets: int, shares: int, receipt: Any
) -> Movement:
    return Movement(
        at=int(web3.eth.get_block("latest")["timestamp"]),
        who=who,
        kind=kind,
        assets=assets,
        shares=shares,
        gas_used=int(receipt["gasUsed"]),
    )
