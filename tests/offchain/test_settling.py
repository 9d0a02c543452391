# SPDX-License-Identifier: MIT
"""How orders that were sent ended, and the vault after them, from a scripted node."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from hexbytes import HexBytes
from snapshots import make_snapshot
from web3.exceptions import TransactionNotFound

from steelyard.chain.errors import TransactionPending, TransactionRefused
from steelyard.keeper.config import KeeperConfig
from steelyard.keeper.journal import Journal
from steelyard.keeper.settling import (
    AFTER_READINGS,
    NodeBehind,
    ReportIncomplete,
    SentUnclear,
    read_from,
    report_named,
    sent_named,
    settle_sent,
)

TX_HASH = "0x" + "ab" * 32
DEADLINE = 1000
CONFIG = KeeperConfig(
    vault="0x" + "01" * 20,
    lens="0x" + "02" * 20,
    chain_id=31337,
    rpc_url="http://node:1/secret",
    rpc_timeout_seconds=7.0,
)


def node(now: int, *, status: int | None = None, waiting: bool = False) -> Any:
    """A node at this time: the transaction is mined (`status`), waits, or unknown."""

    def receipt(tx_hash: HexBytes) -> dict[str, int]:
        assert tx_hash == HexBytes(TX_HASH)
        if status is None:
            raise TransactionNotFound(TX_HASH)
        return {"status": status, "gasUsed": 21, "effectiveGasPrice": 5}

    def transaction(_tx_hash: HexBytes) -> dict[str, str]:
        if not waiting:
            raise TransactionNotFound(TX_HASH)
        return {"hash": TX_HASH}

    return SimpleNamespace(
        eth=SimpleNamespace(
            get_block=lambda _at: {"timestamp": now},
            get_transaction_receipt=receipt,
            get_transaction=transaction,
        )
    )


@pytest.fixture
def journal(tmp_path: Path) -> Any:
    sent = {"tx_hash": TX_HASH, "digest": "0x01", "order": {"deadline": str(DEADLINE)}}
    with Journal(tmp_path / "journal.sqlite", 31337) as opened:
        opened.add_run(900, "sent", json.dumps(sent), TX_HASH)
        yield opened


@pytest.mark.parametrize(("status", "outcome"), [(1, "rebalanced"), (0, "failed")])
def test_settle_sent__mined__is_ended_with_its_gas(
    journal: Journal, status: int, outcome: str
) -> None:
    settle_sent(node(950, status=status), journal)
    settle_sent(node(960, status=status), journal)

    last, first = journal.runs()
    record = json.loads(last.record)
    assert (first.outcome, last.outcome, last.at) == ("sent", outcome, 950)
    assert (record["gas_used"], record["gas_price_wei"]) == (21, 5)
    assert (record["tx_hash"], record["digest"]) == (TX_HASH, "0x01")


@pytest.mark.parametrize(
    ("now", "waiting", "outcomes"),
    [
        (DEADLINE, False, ["sent"]),
        (DEADLINE + 1, False, ["expired", "sent"]),
        (DEADLINE + 1, True, ["sent"]),
    ],
)
def test_settle_sent__not_mined__expires_once_unknown_and_late(
    journal: Journal, now: int, waiting: bool, outcomes: list[str]
) -> None:
    settle_sent(node(now, waiting=waiting), journal)

    assert [run.outcome for run in journal.runs()] == outcomes


def test_read_from__node_behind__reads_until_the_block() -> None:
    blocks, pauses = iter((98, 99, 100, 101)), list[float]()
    snapshot = make_snapshot()

    found = read_from(
        lambda: replace(snapshot, block_number=next(blocks)), 100, pauses.append
    )

    assert found.block_number == 100
    assert len(pauses) == 2
    assert pauses[1] == 2 * pauses[0]


def test_read_from__node_stays_behind__is_refused() -> None:
    readings: list[int] = []

    def read() -> Any:
        readings.append(1)
        return replace(make_snapshot(), block_number=99)

    with pytest.raises(NodeBehind, match=r"newest block is 99 .* 100"):
        read_from(read, 100, lambda _seconds: None)

    assert len(readings) == AFTER_READINGS


def test_sent_named__timeout__names_the_transaction_and_the_wait() -> None:
    with pytest.raises(SentUnclear) as caught, sent_named(CONFIG, TX_HASH):
        raise requests.ReadTimeout

    assert caught.value.tx_hash == TX_HASH
    assert TX_HASH in str(caught.value)
    assert "no answer in 7 s" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "error", [TransactionRefused("rebalance", "no"), TransactionPending(TX_HASH, 1)]
)
def test_sent_named__clear_answer__passes(error: Exception) -> None:
    with pytest.raises(type(error)), sent_named(CONFIG, TX_HASH):
        raise error


@pytest.mark.parametrize("error", [requests.ConnectionError(), NodeBehind(9, 10, 2)])
def test_report_named__any_failure__names_the_transaction(error: Exception) -> None:
    failure = pytest.raises(ReportIncomplete, match=TX_HASH)
    with failure, report_named(CONFIG, TX_HASH):
        raise error
