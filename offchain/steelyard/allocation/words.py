# SPDX-License-Identifier: MIT
"""Shares and names as people type them: 30%, BTC=30%, 0.5*BTC + ETH."""

import re
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.market.errors import near
from steelyard.market.history import FloatArray
from steelyard.market.table import read_table

SHARE = "a share such as 0.3 or 30%"
FACTOR = re.compile(r"(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)(%?)\s*\*\s*", re.IGNORECASE)
SIGN = re.compile(r"\s*([+-]?)\s*")


def share_of(text: str, field: str) -> float:
    """0.3 of "0.3" or "30%". Raises `AllocationInputInvalid`, as for infinity."""
    plain = text.strip()
    try:
        number = float(plain[:-1]) / 100 if plain.endswith("%") else float(plain)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise AllocationInputInvalid(field, repr(text), SHARE)
    return number


def asset_index(name: str, field: str, assets: Sequence[str]) -> int:
    """Place of the asset, whatever its case. Raises `AllocationInputInvalid`."""
    folded = [asset.casefold() for asset in assets]
    key = name.strip().casefold()
    if key not in folded:
        raise AllocationInputInvalid(field, repr(name.strip()), near(name, assets))
    return folded.index(key)


def shares_by_asset(
    texts: Iterable[str], field: str, assets: Sequence[str], default: float
) -> FloatArray:
    """(n,) from "20%" for all assets and "BTC=30%" for one; the later text wins.

    Raises `AllocationInputInvalid`.
    """
    found = np.full(len(assets), default)
    texts = list(texts)
    for text in texts:
        if "=" not in text:
            found[:] = share_of(text, field)
    for text in texts:
        name, is_one, share = text.partition("=")
        if is_one:
            place = asset_index(name, field, assets)
            found[place] = share_of(share, f"{field} of {assets[place]}")
    return found


def named_values(text: str, field: str, assets: Sequence[str]) -> FloatArray:
    """(n,) from "BTC=40%,ETH=60%" or a CSV of two columns, name and value; others 0.

    Raises `AllocationInputInvalid` or a `MarketDataError`.
    """
    pairs = pairs_of_file(text) if text.endswith(".csv") else _pairs_of_text(text)
    found = np.zeros(len(assets))
    seen: set[int] = set()
    for name, value in pairs:
        place = asset_index(name, field, assets)
        if place in seen:
            raise AllocationInputInvalid(field, name, "each asset once")
        seen.add(place)
        found[place] = share_of(value, f"{field} of {assets[place]}")
    return found


def linear_of(text: str, field: str, assets: Sequence[str]) -> FloatArray:
    """(n,) coefficients of "0.5*BTC + ETH - LINK". Raises `AllocationInputInvalid`."""
    by_length = sorted(range(len(assets)), key=lambda i: -len(assets[i]))
    found, at = np.zeros(len(assets)), 0
    while at < len(text.rstrip()):
        sign = SIGN.match(text, at)
        assert sign is not None
        if at > 0 and not sign[1]:
            break
        factor = FACTOR.match(text, sign.end())
        start = factor.end() if factor else sign.end()
        place = _asset_at(text, start, assets, by_length)
        if place is None:
            break
        size = float(factor[1]) / (100 if factor[2] else 1) if factor else 1.0
        found[place] += -size if sign[1] == "-" else size
        at = start + len(assets[place])
    else:
        if at:
            return found
    rest = text[at:].strip() or text
    names = ", ".join(assets[:4]) + (" ..." if len(assets) > 4 else "")
    expected = f"terms such as 0.5*{assets[0]} joined by + or -, of {names}"
    value = f"not understood from {rest!r} on"
    raise AllocationInputInvalid(f"{field} {text.strip()!r}", value, expected)


def _asset_at(
    text: str, start: int, assets: Sequence[str], order: Sequence[int]
) -> int | None:
    """The asset with the longest name that stands at `start`."""
    for place in order:
        end = start + len(assets[place])
        is_whole = end >= len(text) or text[end].isspace() or text[end] in "+-"
        if is_whole and text[start:end].casefold() == assets[place].casefold():
            return place
    return None


def pairs_of_file(text: str) -> list[tuple[str, str]]:
    """Names and values of a CSV of two columns with a first line of names."""
    table = read_table(Path(text))
    if len(table.header) != 2:
        expected = "two columns, the asset and its value"
        raise AllocationInputInvalid(
            text, f"{len(table.header)} columns wide", expected
        )
    if _is_number(table.header[1]):
        expected = "a first line of names, such as asset,weight"
        raise AllocationInputInvalid(text, ",".join(table.header), expected)
    names, values = table.columns
    return [(str(n), str(v)) for n, v in zip(names, values, strict=True)]


def _pairs_of_text(text: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in text.split(",")]
    return [(name, value) for name, _, value in parts]


def _is_number(text: str) -> bool:
    try:
        float(text.strip().removesuffix("%"))
    except ValueError:
        return False
    return True
