# SPDX-License-Identifier: MIT
"""The vault's caps and buffer as linear rows, twins of Limits.sol with a margin.

An exposure above its cap less the margin may only fall; any other must stay below the
absolute cap and below the relative cap at the NAV that is left, both less the margin.
One clearly above its cap is brought back under it. Doing nothing therefore breaks no
row but such a cap, and a floor or a band that the curator set.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from steelyard.headroom import base_down, is_reduce_only
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.problem import Floats, Row, Slot
from steelyard.optimize.wanted import Exposure, wanted_rows
from steelyard.state import Snapshot
from steelyard.wad import WAD


def build_exposures(
    snapshot: Snapshot, slots: Sequence[Slot], claims: Sequence[Floats]
) -> tuple[Exposure, ...]:
    """Exposure to each token, position and tag, in that order.

    `claims`: per position, uncollected fees per token.
    """
    count = len(snapshot.tokens)
    compositions = np.zeros((count, len(slots)))
    member = np.zeros((len(snapshot.positions), len(slots)))
    for j, slot in enumerate(slots):
        compositions[:, j] = slot.composition
        member[slot.position, j] = 1.0
    tokens = np.hstack([np.eye(count), compositions])
    positions = np.hstack([np.zeros((len(member), count)), member])
    in_tokens = np.array([sum(c[t] for c in claims) for t in range(count)], dtype=float)
    in_positions = np.array([c.sum() for c in claims], dtype=float)

    found = [
        Exposure(
            kind="token",
            name=token.symbol,
            coefficients=tokens[i],
            constant=float(in_tokens[i]),
            cap=token.cap,
        )
        for i, token in enumerate(snapshot.tokens)
    ]
    found += [
        Exposure(
            kind="position",
            name=position.name,
            coefficients=positions[i],
            constant=float(in_positions[i]),
            cap=position.cap,
        )
        for i, position in enumerate(snapshot.positions)
    ]
    for i, tag in enumerate(snapshot.tags):
        has_token = np.array([i in t.tags for t in snapshot.tokens], dtype=float)
        has = np.array([i in p.tags for p in snapshot.positions], dtype=float)
        found.append(
            Exposure(
                kind="tag",
                name=tag.name,
                coefficients=has_token @ tokens + has @ positions,
                constant=float(has_token @ in_tokens + has @ in_positions),
                cap=tag.cap,
            )
        )
    return tuple(found)


def build_rows(
    snapshot: Snapshot,
    preferences: Preferences,
    exposures: Sequence[Exposure],
    before: Floats,
    claimed: float,
    unhealed: Collection[str] = (),
) -> tuple[Row, ...]:
    """Rows of all caps, the buffer and the floors; `before` is z now.

    Exposures in `unhealed` (their kind and name) may only fall when above their cap.
    """
    base_share = base_down(snapshot, snapshot.nav) / snapshot.nav
    rows = [
        row
        for exposure in exposures
        for row in _cap_rows(
            exposure,
            before,
            claimed,
            snapshot.nav,
            preferences,
            may_heal=f"{exposure.kind} {exposure.name}" not in unhealed,
            base_share=base_share,
        )
    ]
    rows += _idle_rows(snapshot, preferences, before, claimed, base_share)
    if is_reduce_only(snapshot):
        rows += _reduce_only_rows(snapshot, exposures, before)
    rows += wanted_rows(preferences, exposures, claimed)
    return tuple(rows)


def _cap_rows(
    exposure: Exposure,
    before: Floats,
    claimed: float,
    nav: int,
    preferences: Preferences,
    *,
    may_heal: bool,
    base_share: float,
) -> list[Row]:
    kept = 1 - preferences.margin_wad / WAD
    absolute = min(exposure.cap.assets / nav, 1e9)
    relative = min(exposure.cap.wad / WAD, 1e9) * base_share
    coefficients, constant = exposure.coefficients, exposure.constant
    now = float(coefficients @ before) + constant
    row = _named(exposure)
    highest = float(coefficients.max(initial=0.0))
    vacuous = relative >= max(highest, 1.0 if constant else highest)
    least = absolute if vacuous else min(absolute, relative)
    is_healed = may_heal and now > least * (1 + preferences.heal_above)
    if now > least * kept and not is_healed:
        return [row("may only fall", coefficients, now - constant)]
    # a position that is left for good takes its uncollected fees along
    lowest = 0.0 if is_healed else -np.inf
    rows = []
    if absolute * kept < max(highest, now):
        bound = max(absolute * kept - constant, lowest)
        rows.append(row("absolute cap", coefficients, bound))
    if not vacuous:
        share = relative * kept
        bound = max(share * claimed - constant, lowest)
        rows.append(row("cap", coefficients - share, bound))
    return rows


def _named(exposure: Exposure) -> Callable[[str, Floats, float], Row]:
    def row(word: str, coefficients: Floats, bound: float) -> Row:
        return Row(
            name=f"{exposure.kind} {exposure.name} {word}",
            kind=exposure.kind,
            coefficients=coefficients,
            bound=bound,
        )

    return row


def _reduce_only_rows(
    snapshot: Snapshot, exposures: Sequence[Exposure], before: Floats
) -> list[Row]:
    """No token's exposure but the asset's may rise, nor what stands in a pool."""
    pools = {p.name for p in snapshot.positions if len(p.tokens) > 1}
    tokens = {token.symbol for token in snapshot.tokens[1:]}
    return [
        Row(
            name=f"{exposure.kind} {exposure.name} may only fall (reduce-only)",
            kind="reduce-only",
            coefficients=exposure.coefficients,
            bound=float(exposure.coefficients @ before),
        )
        for exposure in exposures
        if exposure.name in (tokens if exposure.kind == "token" else pools)
        and exposure.kind != "tag"
    ]


def _idle_rows(
    snapshot: Snapshot,
    preferences: Preferences,
    before: Floats,
    claimed: float,
    base_share: float,
) -> list[Row]:
    if snapshot.idle_wad == 0:
        return []
    share = snapshot.idle_wad / WAD * (1 + preferences.margin_wad / WAD) * base_share
    share += 1 - base_share  # what a flash deposit brought fills no buffer
    idle = np.zeros(len(before))
    idle[0] = 1.0
    if before[0] < share:
        short = Row(
            name="idle buffer may only rise",
            kind="idle",
            coefficients=-idle,
            bound=-float(before[0]),
        )
        return [short]
    full = Row(
        name="idle buffer",
        kind="idle",
        coefficients=share - idle,
        bound=-share * claimed,
    )
    return [full]
