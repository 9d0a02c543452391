# SPDX-License-Identifier: MIT
"""A signed order onto the chain: simulated, in the journal before it is on its way."""

from dataclasses import dataclass

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.types import TxReceipt

from steelyard.chain import sender
from steelyard.chain.errors import TransactionRefused
from steelyard.keeper.config import KeeperConfig
from steelyard.keeper.journal import Journal
from steelyard.keeper.record import json_text
from steelyard.keeper.settling import receipt_facts, sent_named
from steelyard.keeper.timings import Timings
from steelyard.order import Rebalance
from steelyard.state import Snapshot


@dataclass(frozen=True, kw_only=True)
class SignedOrder:
    order: Rebalance
    digest: bytes
    signature: bytes
    relayer: LocalAccount


@dataclass(frozen=True, kw_only=True)
class Sending:
    """Where an order goes, and where it is written down."""

    web3: Web3
    config: KeeperConfig
    journal: Journal | None
    before: Snapshot

    def note(self, outcome: str, row: dict[str, object]) -> None:
        if self.journal is not None:
            at, tx_hash = self.before.timestamp, str(row["tx_hash"])
            self.journal.add_run(at, outcome, json_text(row), tx_hash)


def send_order(
    to: Sending, signed: SignedOrder, timings: Timings
) -> tuple[str, TxReceipt]:
    """Hash and receipt of the transaction.

    Raises ContractReverted, TransactionRefused, TransactionPending, SentUnclear.
    """
    web3, relayer = to.web3, signed.relayer
    function = sender.rebalance_call(
        web3, to.before.vault, signed.order, signed.signature
    )
    with timings.step("simulate"):
        sender.simulate(function, relayer.address)
        envelope = sender.prepare(web3, function, relayer.address)
    with timings.step("broadcast"):
        raw, tx_hash = sender.sign_envelope(envelope, relayer)
        digest = "0x" + signed.digest.hex()
        sent = {"order": signed.order, "digest": digest, "tx_hash": tx_hash}
        to.note("sent", sent)
        with sent_named(to.config, tx_hash):
            try:
                sender.broadcast(web3, raw)
            except TransactionRefused as error:
                to.note("refused", {**sent, "reason": str(error)})
                raise
    with timings.step("confirm"), sent_named(to.config, tx_hash):
        timeout = to.config.order.confirm_timeout_seconds
        receipt = sender.confirm(web3, tx_hash, timeout)
    if receipt["status"] != 1:
        to.note("failed", {**sent, **receipt_facts(receipt)})
        sender.raise_failure(function, relayer.address, receipt)
    return tx_hash, receipt
