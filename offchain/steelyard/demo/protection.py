# SPDX-License-Identifier: MIT
"""What the vault refuses, whoever signed: each order is tried on the chain itself."""

from collections.abc import Callable
from dataclasses import dataclass

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3

from steelyard.chain.deploy import VaultSystem
from steelyard.chain.snapshot import read_snapshot
from steelyard.chain.transactions import send
from steelyard.demo.clock import travel_to
from steelyard.demo.record import Refusal
from steelyard.demo.refusals import blank_order, over_cap_order, refused
from steelyard.demo.washing import buying_order, wash_order
from steelyard.headroom import ready_at
from steelyard.order import Rebalance
from steelyard.state import Snapshot


@dataclass(frozen=True, kw_only=True)
class _Guarded:
    web3: Web3
    system: VaultSystem
    strategist: LocalAccount

    def snapshot(self) -> Snapshot:
        system = self.system
        return read_snapshot(self.web3, system.vault.address, system.lens.address)

    def refusal(
        self, title: str, order: Rebalance, signer: LocalAccount | None = None
    ) -> Refusal:
        by = signer or self.strategist
        return refused(self.web3, self.system, title, order, by)


def refused_orders(
    web3: Web3,
    system: VaultSystem,
    strategist: LocalAccount,
    guardian: ChecksumAddress,
    tell: Callable[[Refusal], None],
) -> list[Refusal]:
    """What the vault answers to orders that break a limit, one limit each.

    Raises NotRefused when it takes one.
    """
    guarded = _Guarded(web3=web3, system=system, strategist=strategist)
    found: list[Refusal] = []

    def add(refusal: Refusal) -> None:
        found.append(refusal)
        tell(refusal)

    now = guarded.snapshot()
    if now.timestamp < ready_at(now):
        add(guarded.refusal("sooner than the cooldown", blank_order(now)))
        travel_to(web3, ready_at(now))
        now = guarded.snapshot()
    add(guarded.refusal("more than a position's cap", over_cap_order(now)))
    stranger = Account.create()
    add(guarded.refusal("signed by a stranger's key", blank_order(now), stranger))
    for title, order in (
        ("money swapped to and fro", wash_order(now, "turnover")),
        ("money lost to and fro", wash_order(now, "loss")),
    ):
        if order is not None:
            add(guarded.refusal(title, order))
    add(_under_the_brake(guarded, guardian))
    return found


def _under_the_brake(guarded: _Guarded, guardian: ChecksumAddress) -> Refusal:
    """The guardian allows reductions of risk alone; then lets go."""
    web3, vault = guarded.web3, guarded.system.vault
    send(web3, vault.functions.brake(False), guardian)
    order = buying_order(guarded.snapshot())
    refusal = guarded.refusal("buying under the guardian's brake", order)
    send(web3, vault.functions.releaseBrake(), guardian)
    return refusal
