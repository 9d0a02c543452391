# SPDX-License-Identifier: MIT
"""One run of the keeper: read, decide, sign, simulate, send, record."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from eth_account.signers.local import LocalAccount
from web3 import Web3

from steelyard.chain import sender
from steelyard.chain.connection import visible_endpoint
from steelyard.chain.errors import WrongChainId
from steelyard.chain.events import vault_events
from steelyard.chain.node_errors import typed_node_errors
from steelyard.chain.snapshot import read_snapshot
from steelyard.chain.vault_facts import SnapshotCache
from steelyard.errors import SteelyardError
from steelyard.keeper.config import KeeperConfig
from steelyard.keeper.decide import Decision, held_back, optimise, settled, weigh
from steelyard.keeper.journal import Journal
from steelyard.keeper.order_file import (
    OrderFile,
    check_order_file,
    joined_signature,
)
from steelyard.keeper.record import (
    RunRecord,
    charge_results,
    json_text,
    swap_results,
)
from steelyard.keeper.sending import Sending, SignedOrder, send_order
from steelyard.keeper.settling import (
    read_from,
    receipt_facts,
    report_named,
    settle_sent,
)
from steelyard.keeper.signals import SignalReading, observe, read_signals
from steelyard.keeper.signer import check_signers, sign_order
from steelyard.keeper.timings import Timings
from steelyard.plan import build_order, digest_of, inputs_hash, plan_order
from steelyard.state import Snapshot


class SignerMissing(SteelyardError):
    """An order has to be signed and there is no key."""

    def __init__(self) -> None:
        super().__init__("config field signer is None, expected a keystore in it")


def _silent(_step: str) -> None:
    """Progress that nobody sees."""


@dataclass(kw_only=True)
class Keeper:
    """One vault's keeper: its node, its settings, its keys, its memory."""

    web3: Web3
    config: KeeperConfig
    strategist: LocalAccount | None = None
    cosigners: tuple[LocalAccount, ...] = ()  # where an order needs several signatures
    relayer: LocalAccount | None = None  # None: the strategist
    journal: Journal | None = None
    cache: SnapshotCache = field(default_factory=SnapshotCache)
    progress: Callable[[str], None] = _silent
    clock: Callable[[], float] = time.perf_counter


def run_once(keeper: Keeper, *, dry_run: bool = False) -> RunRecord:
    """One decision, carried out when it pays; with `dry_run` nothing is signed.

    Raises a SteelyardError: before the broadcast nothing has been sent, after it the
    journal holds the order and its transaction.
    """
    config = keeper.config
    with typed_node_errors(config.endpoint(), config.rpc_timeout_seconds):
        if not dry_run:
            _settle(keeper)
        return _run(keeper, dry_run=dry_run)


def _settle(keeper: Keeper) -> None:
    """Ends what an earlier run left open, on the chain that it was sent to."""
    if keeper.journal is not None and keeper.journal.unended():
        _check_chain(keeper, keeper.web3.eth.chain_id)
        settle_sent(keeper.web3, keeper.journal)


def _run(keeper: Keeper, *, dry_run: bool) -> RunRecord:
    timings = Timings(keeper.progress, keeper.clock)
    with timings.step("read"):
        before = _read(keeper)
    _check_chain(keeper, before.chain_id)
    if not dry_run:
        _check_signer(keeper, before)
    reading, decision = None, held_back(before, keeper.config.order)
    if decision is None:
        with timings.step("signals"):
            reading = _signals(keeper, before)
        decision = _decide(keeper, before, reading, timings)
    record = RunRecord(
        outcome="planned" if dry_run and decision.act else "nothing",
        reason=decision.reason,
        before=before,
        signals=None if reading is None else reading.signals,
        notes=() if reading is None else reading.notes,
        decision=decision,
        timings_seconds=timings.seconds,
    )
    if dry_run:
        return record
    if keeper.journal is not None:
        keeper.journal.add_observations(before.timestamp, observe(before))
    if decision.act:
        return _carry_out(keeper, record, timings)
    _journal(keeper, record, record.outcome, record)
    return record


def _read(keeper: Keeper) -> Snapshot:
    config = keeper.config
    return read_snapshot(keeper.web3, config.vault, config.lens, keeper.cache)


def _signals(keeper: Keeper, snapshot: Snapshot) -> SignalReading:
    facts = keeper.cache.facts
    assert facts is not None  # read_snapshot has filled it
    return read_signals(
        keeper.web3,
        snapshot,
        keeper.config,
        sources=[token.source for token in facts.tokens[1:]],
        gas_price_wei=sender.read_gas_fees(keeper.web3).expected_wei,
        journal=keeper.journal,
    )


def _decide(
    keeper: Keeper, snapshot: Snapshot, reading: SignalReading, timings: Timings
) -> Decision:
    preferences = keeper.config.preferences
    with timings.step("optimise"):
        tolerance_wad = keeper.config.order.output_tolerance_wad
        problem, solution = optimise(
            snapshot, reading.signals, preferences, tolerance_wad
        )
    with timings.step("plan"):
        margin_wad = preferences.budget_margin_wad
        plan = plan_order(snapshot, solution, keeper.config.order, margin_wad)
        decision = weigh(snapshot, problem, solution, plan, preferences)
        return settled(snapshot, decision, keeper.config.order)


def _carry_out(keeper: Keeper, record: RunRecord, timings: Timings) -> RunRecord:
    with timings.step("sign"):
        signed = _sign(keeper, record)
    record = replace(
        record,
        order=signed.order,
        digest="0x" + signed.digest.hex(),
        signature="0x" + signed.signature.hex(),
    )
    tx_hash, receipt = send_order(_sending(keeper, record.before), signed, timings)
    facts = receipt_facts(receipt)
    record = replace(
        record,
        outcome="rebalanced",
        tx_hash=tx_hash,
        gas_used=facts["gas_used"],
        gas_price_wei=facts["gas_price_wei"],
    )
    with report_named(keeper.config, tx_hash):
        _journal(keeper, record, "rebalanced", record)  # before a reading can fail
        events = vault_events(keeper.web3, receipt, record.before.vault)
        swaps = swap_results(record.before, record.decision.plan, events)
        charges = charge_results(record.before, record.decision.plan, events)
        after = read_from(lambda: _read(keeper), receipt["blockNumber"])
        seen = {"events": events, "swaps": swaps, "charges": charges, "after": after}
        _journal(keeper, record, "after", {"tx_hash": tx_hash, **seen})
    return replace(record, events=events, after=after, swaps=swaps, charges=charges)


def relay_order(keeper: Keeper, file: OrderFile) -> str:
    """Sends an order that others signed; its transaction.

    Raises OrderMismatch, and what `send_order` raises.
    """
    assert keeper.strategist is not None  # opened to sign
    before, timings = _read(keeper), Timings(keeper.progress, keeper.clock)
    _check_chain(keeper, before.chain_id)
    check_order_file(file, before)
    signed = SignedOrder(
        order=file.order,
        digest=bytes.fromhex(file.digest.removeprefix("0x")),
        signature=joined_signature(file, before),
        relayer=keeper.relayer or keeper.strategist,
    )
    sending = _sending(keeper, before)
    tx_hash, receipt = send_order(sending, signed, timings)
    facts = {"tx_hash": tx_hash, "reason": "signed elsewhere"}
    sending.note("rebalanced", {**facts, **receipt_facts(receipt)})
    return tx_hash


def _sign(keeper: Keeper, record: RunRecord) -> SignedOrder:
    assert keeper.strategist is not None  # checked before anything was decided
    config, before = keeper.config, record.before
    relayer = keeper.relayer or keeper.strategist
    window = min(config.order.window_seconds, before.max_window_seconds)
    deadline = before.timestamp + window
    order = build_order(
        before,
        record.decision.plan,
        relayer=relayer.address,
        valid_after=before.timestamp,
        deadline=deadline,
        public_after=deadline + 1,  # nobody else may relay it
        inputs_hash=inputs_hash(
            before, digest_of(record.signals), config.preferences, config.order
        ),
    )
    signers = (keeper.strategist, *keeper.cosigners)
    digest, signature = sign_order(before, order, signers)
    return SignedOrder(order=order, digest=digest, signature=signature, relayer=relayer)


def _sending(keeper: Keeper, before: Snapshot) -> Sending:
    return Sending(
        web3=keeper.web3, config=keeper.config, journal=keeper.journal, before=before
    )


def _check_signer(keeper: Keeper, snapshot: Snapshot) -> None:
    if keeper.strategist is None:
        raise SignerMissing
    signers = (keeper.strategist, *keeper.cosigners)
    check_signers(snapshot, [account.address for account in signers])


def _check_chain(keeper: Keeper, chain_id: int) -> None:
    """The node may be another than when it was connected to. Raises WrongChainId."""
    if chain_id != keeper.config.chain_id:
        endpoint = visible_endpoint(keeper.config.endpoint())
        raise WrongChainId(endpoint, chain_id, keeper.config.chain_id)


def _journal(keeper: Keeper, run: RunRecord, outcome: str, row: object) -> None:
    if keeper.journal is not None:
        tx_hash = row["tx_hash"] if isinstance(row, dict) else run.tx_hash
        keeper.journal.add_run(run.before.timestamp, outcome, json_text(row), tx_hash)
