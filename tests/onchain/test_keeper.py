# SPDX-License-Identifier: MIT
"""One run against the real chain does what it predicted, or sends nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_account import Account
from keeper_cases import Desk, assert_targets_met, open_desk
from support import World, units_of
from web3.types import HexBytes, RPCEndpoint, Wei

from steelyard.chain.errors import (
    ContractReverted,
    TransactionPending,
    TransactionRefused,
    WrongChainId,
)
from steelyard.chain.sender import KeeperUnderfunded, RelayerBusy
from steelyard.chain.transactions import send
from steelyard.keeper import run
from steelyard.keeper.exposures import exposures
from steelyard.keeper.journal import Journal
from steelyard.keeper.lock import KeeperRunning
from steelyard.keeper.opening import open_keeper
from steelyard.keeper.run import Keeper, SignerMissing, run_once
from steelyard.keeper.settling import ReportIncomplete, SentUnclear
from steelyard.order import order_digest
from steelyard.state import Snapshot
from steelyard.wad import WAD


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return open_desk(world, tmp_path)


@pytest.fixture
def keeper(desk: Desk) -> Iterator[Keeper]:
    with open_keeper(desk.config(), may_sign=True) as opened:
        yield opened


def test_run_once__floor_on_eth__executes_as_predicted(
    desk: Desk, keeper: Keeper
) -> None:
    count, nonce = desk.sent

    record = run_once(keeper)

    assert record.outcome == "rebalanced", record.reason
    assert desk.sent == (count + 1, nonce + 1)
    assert record.swaps
    for swap in record.swaps:
        assert swap.executed_out == swap.predicted_out
    plan, after = record.decision.plan, record.after
    assert after is not None
    assert [p.units for p in after.positions] == [
        units_of(desk.world, i) for i in range(4)
    ]
    weights = {e.name: e.weight_wad for e in exposures(after)}
    assert weights["ETH"] >= 0.0999 * WAD
    assert_targets_met(record)
    assert abs(plan.after.nav - after.nav) <= after.nav // 10**6
    digest = order_digest(record.order, after.chain_id, after.vault, after.name)
    assert record.digest == "0x" + digest.hex()


def test_run_once__events__are_decoded_in_order(keeper: Keeper) -> None:
    record = run_once(keeper)

    names = [event.name for event in record.events]
    plan = record.decision.plan
    assert names.count("Swapped") == len(plan.swaps)
    assert names.count("Supplied") == len(plan.supplies)
    assert names[-1] == "Rebalanced"
    last = record.events[-1].arguments
    assert last["digest"] == record.digest
    assert last["navBefore"] == record.before.nav
    assert last["inputsHash"] == record.order.inputs_hash


def test_run_once__again__does_nothing(desk: Desk, keeper: Keeper) -> None:
    run_once(keeper)
    sent = desk.sent

    record = run_once(keeper)

    assert record.outcome == "nothing", record.reason
    assert desk.sent == sent


def test_run_once__journal__has_the_order_before_its_outcome(
    desk: Desk, keeper: Keeper
) -> None:
    record = run_once(keeper)

    with Journal(desk.folder / "steelyard.sqlite", keeper.config.chain_id) as journal:
        runs = journal.runs()
        seen = journal.observations("nav")
    assert [row.outcome for row in runs] == ["after", "rebalanced", "sent"]
    sent, landed = json.loads(runs[2].record), json.loads(runs[1].record)
    assert landed["tx_hash"] == record.tx_hash
    assert landed["gas_used"] == record.gas_used
    after = json.loads(runs[0].record)
    assert after["tx_hash"] == record.tx_hash
    assert after["after"]["block_number"] == record.after.block_number
    assert len(after["swaps"]) == len(record.swaps)
    assert sent["tx_hash"] == record.tx_hash
    assert sent["order"] == record.order.to_json()
    assert [(o.at, o.value) for o in seen] == [
        (record.before.timestamp, record.before.nav)
    ]


def test_run_once__dry__signs_and_sends_nothing(desk: Desk) -> None:
    sent = desk.sent

    with open_keeper(desk.config(), may_sign=False) as keeper:
        record = run_once(keeper, dry_run=True)

    assert record.outcome == "planned", record.reason
    assert (record.order, record.signature, record.tx_hash) == (None, None, None)
    assert keeper.strategist is None
    assert desk.sent == sent
    assert not (desk.folder / "steelyard.sqlite").exists()


def test_run_once__vault_changed_since_it_was_read__stops_in_the_simulation(
    desk: Desk, keeper: Keeper
) -> None:
    world = desk.world

    def cancel(step: str) -> None:
        if step == "simulate":
            send(world.web3, world.vault.functions.cancelOrder(), world.strategist)

    keeper.progress = cancel
    count, nonce = desk.sent

    with pytest.raises(ContractReverted) as caught:
        run_once(keeper)

    assert caught.value.name == "WrongNonce"
    assert caught.value.arguments == {"signed": nonce, "current": nonce + 1}
    assert desk.sent == (count + 1, nonce + 1)  # the cancellation alone


def test_run_once__reverts_in_its_block__says_why_and_keeps_it(
    desk: Desk, keeper: Keeper
) -> None:
    world = desk.world
    keeper.relayer = Account.from_key("0x" + "77" * 32)
    pay(world, keeper.relayer.address, 10**19)

    def cancel(step: str) -> None:
        if step == "broadcast":
            send(world.web3, world.vault.functions.cancelOrder(), world.strategist)

    keeper.progress = cancel

    with pytest.raises(ContractReverted) as caught:
        run_once(keeper)

    assert caught.value.name == "WrongNonce"
    assert keeper.journal is not None
    runs = keeper.journal.runs()
    assert [row.outcome for row in runs] == ["failed", "sent"]
    assert json.loads(runs[0].record)["gas_used"] > 21_000


def test_run_once__no_block__is_pending_and_the_next_run_waits(
    desk: Desk, keeper: Keeper
) -> None:
    web3 = desk.world.web3
    keeper.config = desk.config(order={"confirm_timeout_seconds": 0.3})

    def mining(on: bool) -> None:
        web3.provider.make_request(RPCEndpoint("evm_setAutomine"), [on])

    mining(False)
    try:
        with pytest.raises(TransactionPending):
            run_once(keeper)
        with pytest.raises(RelayerBusy):
            run_once(keeper)
    finally:
        mining(True)
        web3.provider.make_request(RPCEndpoint("evm_mine"), [])

    assert keeper.journal is not None
    assert [row.outcome for row in keeper.journal.runs()] == ["sent"]
    assert run_once(keeper).outcome == "nothing"
    runs = keeper.journal.runs()
    assert [row.outcome for row in runs] == ["nothing", "rebalanced", "sent"]
    found, sent = json.loads(runs[1].record), json.loads(runs[2].record)
    assert found["tx_hash"] == sent["tx_hash"]
    receipt = web3.eth.get_transaction_receipt(sent["tx_hash"])
    assert found["gas_used"] == receipt["gasUsed"]


def test_run_once__vault_unreadable_after_the_order__keeps_and_names_it(
    desk: Desk, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, readings = run.read_snapshot, []

    def once(*args: Any) -> Snapshot:
        readings.append(args)
        if len(readings) > 1:
            raise ContractReverted("PriceStale", {}, b"", "price")
        return read(*args)

    monkeypatch.setattr(run, "read_snapshot", once)

    with pytest.raises(ReportIncomplete, match="PriceStale") as caught:
        run_once(keeper)

    assert keeper.journal is not None
    rows = keeper.journal.runs()
    assert [row.outcome for row in rows] == ["rebalanced", "sent"]
    record = json.loads(rows[0].record)
    assert record["tx_hash"] == caught.value.tx_hash
    receipt = desk.world.web3.eth.get_transaction_receipt(caught.value.tx_hash)
    assert record["gas_used"] == receipt["gasUsed"]
    assert record["reason"]
    assert keeper.journal.unended() == ()


def test_run_once__node_refuses_the_transaction__is_in_the_journal(
    desk: Desk, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise TransactionRefused("rebalance", "fee too low")

    monkeypatch.setattr(run.sender, "broadcast", refuse)
    sent = desk.sent

    with pytest.raises(TransactionRefused, match="fee too low"):
        run_once(keeper)

    assert keeper.journal is not None
    rows = keeper.journal.runs()
    assert [row.outcome for row in rows] == ["refused", "sent"]
    assert "fee too low" in json.loads(rows[0].record)["reason"]
    assert keeper.journal.unended() == ()
    assert desk.sent == sent


def test_run_once__timeout_after_the_broadcast__names_it_and_the_next_run_finds_it(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_out(*_args: object) -> None:
        raise requests.ReadTimeout

    with monkeypatch.context() as patched:
        patched.setattr(run.sender, "confirm", time_out)
        with pytest.raises(SentUnclear, match="no answer in 30 s") as caught:
            run_once(keeper)

    assert keeper.journal is not None
    (sent,) = keeper.journal.unended()
    assert json.loads(sent.record)["tx_hash"] == caught.value.tx_hash
    keeper.web3.eth.wait_for_transaction_receipt(HexBytes(caught.value.tx_hash))
    assert run_once(keeper).outcome == "nothing"
    rows = keeper.journal.runs()
    assert [row.outcome for row in rows] == ["nothing", "rebalanced", "sent"]


def test_run_once__node_of_another_chain__signs_nothing(
    desk: Desk, keeper: Keeper
) -> None:
    keeper.config = replace(keeper.config, chain_id=1)
    sent = desk.sent

    with pytest.raises(WrongChainId, match="expected 1"):
        run_once(keeper)

    assert desk.sent == sent


def test_open_keeper__second_that_signs__is_refused_and_a_reader_is_not(
    desk: Desk, keeper: Keeper
) -> None:
    with pytest.raises(KeeperRunning), open_keeper(desk.config(), may_sign=True):
        raise AssertionError("two keepers")

    with open_keeper(desk.config(), may_sign=False) as reader:
        assert run_once(reader, dry_run=True).outcome == "planned"
    assert run_once(keeper).outcome == "rebalanced"


def test_run_once__relayer_without_funds__sends_nothing(
    desk: Desk, keeper: Keeper
) -> None:
    keeper.relayer = Account.from_key("0x" + "78" * 32)
    sent = desk.sent

    with pytest.raises(KeeperUnderfunded) as caught:
        run_once(keeper)

    assert caught.value.balance_wei == 0
    assert caught.value.needed_wei > 0
    assert desk.sent == sent


def pay(world: World, to: str, wei: int) -> None:
    world.web3.eth.send_transaction(
        {"from": world.curator, "to": to, "value": Wei(wei)}
    )


def test_run_once__no_key__is_refused_before_anything_is_decided(desk: Desk) -> None:
    steps: list[str] = []

    with open_keeper(desk.config(), may_sign=False) as keeper:
        keeper.progress = steps.append
        with pytest.raises(SignerMissing, match="config field signer"):
            run_once(keeper)

    assert steps == ["read"]
