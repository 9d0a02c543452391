# SPDX-License-Identifier: MIT
"""Weights and caps of a vault as read from the chain."""

from collections.abc import Iterable

from steelyard.order import Target
from steelyard.plan.checks import weights
from steelyard.plan.valuation import book, capped
from steelyard.plan.world import world_of
from steelyard.report.view import CapRow, Item, WeightRow
from steelyard.state import Snapshot
from steelyard.wad import UINT128_MAX, WAD

IDLE = "idle"


def items_of(snapshot: Snapshot) -> tuple[Item, ...]:
    """Positions, then tokens held in the vault itself, as `weights` orders them."""
    positions = [Item(name=p.name, family=p.protocol) for p in snapshot.positions]
    idle = [Item(name=idle_name(t.symbol), family=IDLE) for t in snapshot.tokens]
    return tuple(positions + idle)


def idle_name(symbol: str) -> str:
    """Name of a token that lies in the vault itself."""
    return f"{IDLE} {symbol}"


def weight_rows(
    before: Snapshot, after: Snapshot, targets: Iterable[Target]
) -> tuple[WeightRow, ...]:
    """Weights before and after an order, with the bands that it signed [wad, down]."""
    bands = {(t.item.lower(), t.market.lower()): t for t in targets}
    was = dict(_weights(before))
    rows = []
    for item, (key, weight_wad) in zip(items_of(after), _weights(after), strict=True):
        band = bands.get(key)
        row = WeightRow(
            item=item,
            before_wad=was.get(key, 0),
            after_wad=weight_wad,
            low_wad=band.min_weight_wad if band else None,
            high_wad=band.max_weight_wad if band else None,
        )
        rows.append(row)
    return tuple(rows)


def weights_of(snapshot: Snapshot) -> dict[str, float]:
    """Share of NAV by item."""
    pairs = zip(items_of(snapshot), _weights(snapshot), strict=True)
    return {item.name: weight_wad / WAD for item, (_, weight_wad) in pairs}


def cap_rows(snapshot: Snapshot) -> tuple[CapRow, ...]:
    """How full each cap of tokens, positions and tags is, where there is one."""
    reading = book(world_of(snapshot))
    return tuple(
        CapRow(
            kind=each.kind,
            name=each.name,
            value=each.assets,
            bound=each.cap.bound(reading.nav),
            weight=each.assets / reading.nav if reading.nav else 0.0,
        )
        for each in capped(snapshot, reading)
        # more than that binds nobody
        if each.cap.wad < WAD or each.cap.assets < UINT128_MAX
    )


def _weights(snapshot: Snapshot) -> list[tuple[tuple[str, str], int]]:
    return [
        ((item.lower(), market.lower()), weight_wad)
        for _, item, market, weight_wad in weights(snapshot, book(world_of(snapshot)))
    ]
