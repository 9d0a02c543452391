# SPDX-License-Identifier: MIT
"""The loss and the turnover budget as linear rows: twins of Budget.sol, with margins.

A swap costs what it pays less than the oracle and the doubt about both its tokens.
Liquidity is supplied at the pool's price and booked at the oracle's: what differs
counts as traded and in doubt, and new liquidity bends. The doubt is no cost of the
objective: it is what might be lost, not what is expected to be.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.charges import YEAR_SECONDS, root_ratio_wad_up
from steelyard.headroom import base_down, room_wad
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.problem import BudgetRow, Leg, MoveCharges, Slot
from steelyard.state import Bucket, PositionState, Snapshot
from steelyard.wad import WAD


def move_charges(
    snapshot: Snapshot,
    position: PositionState,
    at_pool: tuple[float, float],
    at_oracle: tuple[float, float],
    root_value: float,
) -> MoveCharges:
    """Of liquidity whose two tokens are worth `at_pool` at the pool's price and
    `at_oracle` at the oracle's, both counted at the oracle's; `root_value` is
    L sqrt(P) of the same liquidity."""
    doubts = [_doubt(snapshot, token) for token in position.tokens]
    shifts = [a - b for a, b in zip(at_pool, at_oracle, strict=True)]
    whole = sum(at_oracle)
    if whole <= 0:
        return MoveCharges()
    in_doubt = sum(abs(s) * u for s, u in zip(shifts, doubts, strict=True))
    bend = root_ratio_wad_up(round(max(doubts) * WAD)) / WAD - 1
    bent = root_value * bend**2 * (1 + max(doubts))
    return MoveCharges(
        traded=sum(map(abs, shifts)) / 2 / whole,
        raised=(max(sum(shifts), 0.0) + in_doubt + bent) / whole,
        lowered=(max(-sum(shifts), 0.0) + in_doubt) / whole,
    )


def build_budgets(
    snapshot: Snapshot,
    preferences: Preferences,
    slots: Sequence[Slot],
    legs: Sequence[Leg],
) -> tuple[BudgetRow, ...]:
    """What each budget leaves, less both margins."""
    limits, moves = snapshot.limits, [slot.charges for slot in slots]
    into = np.array([_doubt(snapshot, leg.token_in) for leg in legs], dtype=float)
    out = np.array([_doubt(snapshot, leg.token_out) for leg in legs], dtype=float)
    traded = np.array([m.traded for m in moves], dtype=float)
    base_share = base_down(snapshot, snapshot.nav) / snapshot.nav
    loss_share = snapshot.nav_low / snapshot.nav  # what losses are measured against
    return (
        BudgetRow(
            name="loss budget",
            per_input=1 + into,
            per_output=out - 1,
            per_raised=np.array([m.raised for m in moves], dtype=float),
            per_lowered=np.array([m.lowered for m in moves], dtype=float),
            bound=_room(snapshot, preferences, limits.loss) * loss_share,
            refill_per_year=_refill(limits.loss) * loss_share,
        ),
        BudgetRow(
            name="turnover budget",
            # half of what went out and came in
            per_input=np.full(len(legs), 0.5),
            per_output=np.full(len(legs), 0.5),
            per_raised=traded,
            per_lowered=traded,
            bound=_room(snapshot, preferences, limits.turnover) * base_share,
            refill_per_year=_refill(limits.turnover) * base_share,
        ),
    )


def _room(snapshot: Snapshot, preferences: Preferences, bucket: Bucket) -> float:
    room = room_wad(snapshot, bucket, preferences.budget_margin_wad) / WAD
    return room * (1 - preferences.margin_wad / WAD)


def _refill(bucket: Bucket) -> float:
    return bucket.refill_wad / WAD * YEAR_SECONDS


def _doubt(snapshot: Snapshot, token: int) -> float:
    return snapshot.tokens[token].uncertainty_wad / WAD
