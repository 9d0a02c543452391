# SPDX-License-Identifier: MIT
"""What the curator of a vault wants of exposures, beside the vault's own caps, as rows:
floors, and bands of weighted sums (net delta, factors, groups)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.preferences import Band, Floor, Preferences
from steelyard.optimize.problem import Floats, Row
from steelyard.state import Cap

Kind = Literal["token", "position", "tag"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Exposure:
    """constant + coefficients . z, in value over NAV before."""

    kind: Kind
    name: str
    coefficients: Floats
    constant: float
    cap: Cap


def wanted_rows(
    preferences: Preferences, exposures: Sequence[Exposure], claimed: float
) -> list[Row]:
    """Floors and bands, against the NAV that is left; `claimed` is part of it.

    Raises `PreferenceInvalid` for what names nothing.
    """
    named = {f"{e.kind} {e.name}": e for e in exposures}
    rows = [_floor(floor, named, claimed) for floor in preferences.floors]
    for band in preferences.bands:
        rows += _band(band, named, claimed)
    return rows


def _floor(floor: Floor, named: dict[str, Exposure], claimed: float) -> Row:
    exposure = _found(f"floor of {floor.kind}", f"{floor.kind} {floor.name}", named)
    return Row(
        name=f"{floor.kind} {floor.name} floor",
        kind="floor",
        coefficients=floor.weight - exposure.coefficients,
        bound=exposure.constant - floor.weight * claimed,
    )


def _band(band: Band, named: dict[str, Exposure], claimed: float) -> list[Row]:
    parts = [
        (weight, _found(f"band {band.name}", name, named))
        for name, weight in band.of.items()
    ]
    coefficients = np.sum([w * e.coefficients for w, e in parts], axis=0)
    constant = sum(w * e.constant for w, e in parts)
    sides = (("highest", 1.0, band.highest), ("lowest", -1.0, band.lowest))
    return [
        Row(
            name=f"band {band.name} {word}",
            kind="band",
            coefficients=sign * (coefficients - share),
            bound=sign * (share * claimed - constant),
        )
        for word, sign, share in sides
        if share is not None
    ]


def _found(where: str, name: str, named: dict[str, Exposure]) -> Exposure:
    if name not in named:
        raise PreferenceInvalid(where, name, "one of " + ", ".join(named))
    return named[name]
