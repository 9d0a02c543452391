# SPDX-License-Identifier: MIT
"""What one run saw and did, and its JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

import numpy as np

from steelyard.chain.events import VaultEvent
from steelyard.charges import LEVEL_UNIT_WAD
from steelyard.estimate.signals import Signals
from steelyard.headroom import hold_charge_wad, level_now_wad
from steelyard.keeper.decide import Decision
from steelyard.order import Rebalance
from steelyard.plan import Plan
from steelyard.state import Bucket, Snapshot

Outcome = Literal["rebalanced", "nothing", "planned"]
BudgetName = Literal["loss", "turnover", "hold"]
SAFE_INTEGER = 2**53 - 1  # every larger one is text in JSON: many readers use doubles


@dataclass(frozen=True, kw_only=True)
class SwapResult:
    """One swap: what was predicted, what was paid, what the oracle would pay."""

    pool: str
    token_in: str
    token_out: str
    amount_in: int
    predicted_out: int
    executed_out: int
    oracle_out: int


@dataclass(frozen=True, kw_only=True)
class ChargeResult:
    """What one budget was charged, beside what was predicted [wad of NAV]."""

    budget: BudgetName
    predicted_wad: int
    charged_wad: int
    level_wad: int  # of the bucket afterwards
    budget_wad: int

    @property
    def is_as_predicted(self) -> bool:
        """To the billionth of NAV, the vault's own unit of levels."""
        return abs(self.charged_wad - self.predicted_wad) <= LEVEL_UNIT_WAD


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run, from the block it read to the block it ended in."""

    outcome: Outcome
    reason: str
    before: Snapshot
    signals: Signals | None  # None: nothing was weighed
    notes: tuple[str, ...]  # what the signals rest on
    decision: Decision
    order: Rebalance | None = None
    digest: str | None = None
    signature: str | None = None
    tx_hash: str | None = None
    gas_used: int | None = None
    gas_price_wei: int | None = None
    events: tuple[VaultEvent, ...] = ()
    after: Snapshot | None = None
    swaps: tuple[SwapResult, ...] = ()
    charges: tuple[ChargeResult, ...] = ()
    timings_seconds: Mapping[str, float]


def swap_results(
    snapshot: Snapshot, plan: Plan, events: Sequence[VaultEvent]
) -> tuple[SwapResult, ...]:
    """Each swap of the plan beside the event that tells of it, in order."""
    names = {pool.pool.lower(): pool.name for pool in snapshot.pools}
    symbols = {token.address.lower(): token.symbol for token in snapshot.tokens}
    executed = [event.arguments for event in events if event.name == "Swapped"]
    return tuple(
        SwapResult(
            pool=names[swap.pool.lower()],
            token_in=symbols[swap.token_in.lower()],
            token_out=symbols[swap.token_out.lower()],
            amount_in=swap.amount_in,
            predicted_out=predicted,
            executed_out=done["amountOut"],
            oracle_out=done["oracleAmountOut"],
        )
        for swap, predicted, done in zip(
            plan.swaps, plan.predicted_swaps, executed, strict=True
        )
    )


def charge_results(
    snapshot: Snapshot, plan: Plan, events: Sequence[VaultEvent]
) -> tuple[ChargeResult, ...]:
    """Each budget's charge as planned and as the vault's events tell of it."""
    told = {event.name: event.arguments for event in events}
    done, limits = told["Rebalanced"], snapshot.limits
    held = told.get("HoldingCharged", {"holdWad": 0})
    charges: tuple[tuple[BudgetName, Bucket, int, int], ...] = (
        ("loss", limits.loss, plan.loss_wad, done["lossWad"]),
        ("turnover", limits.turnover, plan.turnover_wad, done["turnoverWad"]),
        ("hold", limits.hold, hold_charge_wad(snapshot), held["holdWad"]),
    )
    return tuple(
        ChargeResult(
            budget=budget,
            predicted_wad=predicted_wad,
            charged_wad=charged_wad,
            level_wad=level_now_wad(snapshot, bucket) + charged_wad,
            budget_wad=bucket.budget_wad,
        )
        for budget, bucket, predicted_wad, charged_wad in charges
    )


def to_json(value: Any) -> Any:
    """Plain JSON values: records as objects, integers beyond 2^53 as decimal text."""
    if isinstance(value, Rebalance):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(to_json(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return to_json(value.tolist())
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return str(value)
    return value


def json_text(value: Any, *, indent: int | None = None) -> str:
    """`to_json` as text."""
    return json.dumps(to_json(value), indent=indent, default=str)
