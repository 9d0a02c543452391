# SPDX-License-Identifier: MIT
"""Sums of money: from a share of the vault to whole units, and from these to words.

UNITS     assets: raw units of the vault's asset; a share is a float, 1 is all of `nav`.
ROUNDING  Named in each function: `_down` is floor, `_up` is ceiling, of losses too.
"""

from decimal import Context, Decimal
from math import ceil, floor

ASSET_PLACES = 2  # decimals that people are shown of sums in the asset
TOKEN_PLACES = 6  # and of other tokens
EXACT = Context(prec=100)  # more digits than a uint256 has


def assets_down(share: float, nav: int) -> int:
    """floor(share · nav)."""
    return floor(share * nav)


def assets_up(share: float, nav: int) -> int:
    """ceil(share · nav)."""
    return ceil(share * nav)


def money(raw: int, decimals: int, places: int = ASSET_PLACES) -> str:
    """Raw units as whole ones with thousands, half to even in the last place shown."""
    exact = Decimal(raw).scaleb(-decimals, EXACT)
    return f"{exact:,.{min(places, decimals)}f}"
