# SPDX-License-Identifier: MIT
"""How much stands where, and how full each cap is, by the vault's own arithmetic."""

from dataclasses import dataclass
from typing import Literal

from steelyard.fair import value_down
from steelyard.headroom import base_down
from steelyard.state import Cap, PositionState, Snapshot
from steelyard.wad import WAD


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Value at risk to one token, position or tag [raw asset units, down]."""

    kind: Literal["token", "position", "tag"]
    name: str
    assets: int
    weight_wad: int  # of NAV
    cap_assets: int  # the lower of the two caps now

    @property
    def room_assets(self) -> int:
        """By how much it may rise; 0 where the cap binds."""
        return max(0, self.cap_assets - self.assets)

    @property
    def fullness(self) -> float:
        """Share of the cap that is used; 0 where nothing is allowed nor held."""
        if self.cap_assets:
            return self.assets / self.cap_assets
        return float("inf") if self.assets else 0.0


def exposures(snapshot: Snapshot) -> tuple[Exposure, ...]:
    """Tokens, positions and tags in the snapshot's order: Valuation.book, capped."""
    held = [token.inventory for token in snapshot.tokens]
    tags = [0] * len(snapshot.tags)
    positions = []
    for position in snapshot.positions:
        for token, amount in zip(position.tokens, position.amounts, strict=True):
            held[token] += amount
        positions.append(position_assets(snapshot, position))
        _add(tags, position.tags, positions[-1])
    tokens = []
    for state, amount in zip(snapshot.tokens, held, strict=True):
        tokens.append(value_down(amount, state.price_e36))
        _add(tags, state.tags, tokens[-1])
    return (
        *(
            _exposure(snapshot, "token", token.symbol, assets, token.cap)
            for token, assets in zip(snapshot.tokens, tokens, strict=True)
        ),
        *(
            _exposure(snapshot, "position", position.name, assets, position.cap)
            for position, assets in zip(snapshot.positions, positions, strict=True)
        ),
        *(
            _exposure(snapshot, "tag", tag.name, assets, tag.cap)
            for tag, assets in zip(snapshot.tags, tags, strict=True)
        ),
    )


def position_assets(snapshot: Snapshot, position: PositionState) -> int:
    """What a position is worth [raw asset units, each token down]."""
    return sum(
        value_down(amount, snapshot.tokens[token].price_e36)
        for token, amount in zip(position.tokens, position.amounts, strict=True)
    )


def _exposure(
    snapshot: Snapshot,
    kind: Literal["token", "position", "tag"],
    name: str,
    assets: int,
    cap: Cap,
) -> Exposure:
    return Exposure(
        kind=kind,
        name=name,
        assets=assets,
        weight_wad=assets * WAD // snapshot.nav if snapshot.nav else 0,
        cap_assets=cap.bound(base_down(snapshot, snapshot.nav)),
    )


def _add(tags: list[int], carried: frozenset[int], assets: int) -> None:
    for tag in carried:
        if tag < len(tags):
            tags[tag] += assets
