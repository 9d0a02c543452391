# SPDX-License-Identifier: MIT
"""How much stands where, and how full each cap is, by the vault's own arithmetic."""

from dataclasses import dataclass
from typing import Literal

from steelyard.headroom import base_down
from steelyard.plan.valuation import book, capped
from steelyard.plan.world import world_of
from steelyard.state import Snapshot
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
    """Tokens, positions and tags in the snapshot's order."""
    base, nav = base_down(snapshot, snapshot.nav), snapshot.nav
    return tuple(
        Exposure(
            kind=each.kind,
            name=each.name,
            assets=each.assets,
            weight_wad=each.assets * WAD // nav if nav else 0,
            cap_assets=each.cap.bound(base),
        )
        for each in capped(snapshot, book(world_of(snapshot)))
    )
