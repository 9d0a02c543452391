# SPDX-License-Identifier: MIT
"""What became of an order that was sent: its receipt, and the vault after it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TransactionNotFound
from web3.types import TxReceipt

from steelyard.chain.errors import (
    ContractReverted,
    TransactionPending,
    TransactionRefused,
)
from steelyard.chain.node_errors import typed_node_errors
from steelyard.errors import SteelyardError
from steelyard.keeper.config import KeeperConfig
from steelyard.keeper.journal import Journal
from steelyard.keeper.record import json_text
from steelyard.state import Snapshot

AFTER_READINGS = 12
FIRST_PAUSE_SECONDS = 0.01
LAST_PAUSE_SECONDS = 1.0


class SentUnclear(SteelyardError):
    """The node failed after it may have got the transaction."""

    def __init__(self, tx_hash: str, reason: str) -> None:
        super().__init__(
            f"transaction {tx_hash} may be on its way, the next run looks it up: "
            f"{reason}"
        )
        self.tx_hash = tx_hash


class ReportIncomplete(SteelyardError):
    """The order is carried out; what came of it cannot be read or written."""

    def __init__(self, tx_hash: str, reason: str) -> None:
        super().__init__(
            f"transaction {tx_hash} has rebalanced, its report is incomplete: {reason}"
        )
        self.tx_hash = tx_hash


class NodeBehind(SteelyardError):
    """The node gives a receipt, and blocks older than the receipt's."""

    def __init__(self, block: int, least_block: int, readings: int) -> None:
        super().__init__(
            f"newest block is {block} in {readings} readings, expected the receipt's, "
            f"{least_block}"
        )


@contextmanager
def sent_named(config: KeeperConfig, tx_hash: str) -> Iterator[None]:
    """What the node fails with names the transaction. Raises SentUnclear."""
    try:
        with typed_node_errors(config.endpoint(), config.rpc_timeout_seconds):
            yield
    except (ContractReverted, TransactionPending, TransactionRefused):
        raise
    except SteelyardError as error:
        raise SentUnclear(tx_hash, str(error)) from None


@contextmanager
def report_named(config: KeeperConfig, tx_hash: str) -> Iterator[None]:
    """Whatever fails once the order is carried out. Raises ReportIncomplete."""
    try:
        with typed_node_errors(config.endpoint(), config.rpc_timeout_seconds):
            yield
    except SteelyardError as error:
        raise ReportIncomplete(tx_hash, str(error)) from None


def receipt_facts(receipt: TxReceipt) -> dict[str, int]:
    """What the order cost: gas, and wei per gas."""
    return {
        "gas_used": int(receipt["gasUsed"]),
        "gas_price_wei": int(receipt["effectiveGasPrice"]),
    }


def read_from(
    read: Callable[[], Snapshot],
    least_block: int,
    pause: Callable[[float], None] = time.sleep,
) -> Snapshot:
    """The first reading at `least_block` or later. Raises NodeBehind."""
    pause_seconds = FIRST_PAUSE_SECONDS
    for reading in range(AFTER_READINGS):
        if reading:
            pause(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LAST_PAUSE_SECONDS)
        snapshot = read()
        if snapshot.block_number >= least_block:
            return snapshot
    raise NodeBehind(snapshot.block_number, least_block, AFTER_READINGS)


def settle_sent(web3: Web3, journal: Journal) -> None:
    """Writes how orders ended that the journal left at `sent`.

    Mined ones as rebalanced or failed; those that the node does not know and whose
    deadline is past as expired. The others stay open.
    """
    unended = journal.unended()
    now = int(web3.eth.get_block("latest")["timestamp"]) if unended else 0
    for run in unended:
        sent = json.loads(run.record)
        ended = _end(web3, sent, now)
        if ended is not None:
            outcome, facts = ended
            record = json_text({**sent, "reason": "found by a later run", **facts})
            journal.add_run(now, outcome, record, sent["tx_hash"])


def _end(
    web3: Web3, sent: dict[str, Any], now: int
) -> tuple[str, dict[str, int]] | None:
    tx_hash = HexBytes(sent["tx_hash"])
    try:
        receipt = web3.eth.get_transaction_receipt(tx_hash)
    except TransactionNotFound:
        is_past = now > int(sent["order"]["deadline"])
        return ("expired", {}) if is_past and not _is_known(web3, tx_hash) else None
    outcome = "rebalanced" if receipt["status"] == 1 else "failed"
    return outcome, receipt_facts(receipt)


def _is_known(web3: Web3, tx_hash: HexBytes) -> bool:
    """Whether it waits: mined later it would fail, and cost gas."""
    try:
        web3.eth.get_transaction(tx_hash)
    except TransactionNotFound:
        return False
    return True
