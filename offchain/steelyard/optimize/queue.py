# SPDX-License-Identifier: MIT
"""The exit queue as a row: who waits there is paid from idle and from lending."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from steelyard.headroom import is_queue_late, queue_owed_up
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.problem import Floats, Row, Slot
from steelyard.state import Snapshot
from steelyard.wad import WAD

NAME = "queue liquidity"


def queue_rows(
    snapshot: Snapshot,
    preferences: Preferences,
    slots: Sequence[Slot],
    before: Floats,
    unhealed: Collection[str] = (),
) -> tuple[Row, ...]:
    """What can be drawn at once covers the queue, so that anyone may fill it.

    Where that is out of reach (`unhealed`) and somebody has waited too long, it may at
    least not fall, as the vault demands.
    """
    owed = queue_owed_up(snapshot, snapshot.nav) / snapshot.nav
    if not owed:
        return ()
    drawn = np.zeros(len(before))
    drawn[0] = 1.0
    stuck = 0.0  # lent, and not there to be drawn
    first_slot = len(snapshot.tokens)
    for j, slot in enumerate(slots):
        if snapshot.positions[slot.position].tokens == (0,):
            drawn[first_slot + j] = 1.0
            stuck += slot.lowest
    least = owed * (1 + preferences.margin_wad / WAD)
    if NAME in unhealed:
        if not is_queue_late(snapshot):
            return ()
        least = min(least, float(drawn @ before) - stuck)
    return (Row(name=NAME, kind="idle", coefficients=-drawn, bound=-least - stuck),)
