# SPDX-License-Identifier: MIT
"""Caps, floors, groups and rows as the polytope of allowed weights."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.allocation.ask import LimitAsk
from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.allocation.words import (
    asset_index,
    linear_of,
    share_of,
    shares_by_asset,
)
from steelyard.market.history import FloatArray
from steelyard.optimize.polytope import Polytope

RELATION = re.compile(r"<=|>=|==|=|<|>")
GROUP_FLOOR = re.compile(r" at least \S+$")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Row:
    name: str
    coefficients: FloatArray
    bound: float


def polytope_of(ask: LimitAsk, assets: Sequence[str]) -> Polytope:
    """Weights that sum to 1: from 0 to 1 each, or -1 to 1, inside what is asked.

    Raises `AllocationInputInvalid` or `PortfolioInvalid`.
    """
    least = -1.0 if ask.is_long_short else 0.0
    lowest = shares_by_asset(ask.floors, "floor", assets, least)
    highest = shares_by_asset(ask.caps, "cap", assets, 1.0)
    if not ask.is_long_short:
        _check("floor", assets, lowest, lowest < 0, "0 or more without --long-short")
        most = "at most 1, or 100%, without --long-short"
        _check("cap", assets, highest, highest > 1, most)
    rows = [row for text in ask.groups for row in _group(text, assets)]
    rows += [row for text in ask.rows for row in _general(text, assets)]
    matrix = np.array([row.coefficients for row in rows]).reshape(-1, len(assets))
    return Polytope(
        assets=tuple(assets),
        lowest=lowest,
        highest=highest,
        names=tuple(row.name for row in rows),
        matrix=matrix,
        bounds=np.array([row.bound for row in rows]),
    )


def is_at_least(name: str) -> bool:
    """Whether the row of this name is what was typed times -1."""
    if name.startswith("group "):
        return GROUP_FLOOR.search(name) is not None
    relation = RELATION.search(name)
    return relation is not None and relation[0].startswith(">")


def _check(
    field: str,
    assets: Sequence[str],
    values: FloatArray,
    is_wrong: NDArray[np.bool_],
    expected: str,
) -> None:
    if is_wrong.any():
        place = int(np.argmax(is_wrong))
        value = f"{values[place]:g}"
        raise AllocationInputInvalid(f"{field} of {assets[place]}", value, expected)


def _group(text: str, assets: Sequence[str]) -> list[_Row]:
    """NAME=A,B,C:40% or NAME=A,B,C:10%..40%."""
    name, _, rest = text.partition("=")
    members, has_bound, bounds = rest.rpartition(":")
    if not has_bound or not name.strip():
        expected = "a name, its assets and a cap: defi=UNI,AAVE:40%, or :10%..40%"
        raise AllocationInputInvalid("group", repr(text), expected)
    group = f"group {name.strip()}"
    inside = np.zeros(len(assets))
    for member in members.split(","):
        inside[asset_index(member, group, assets)] = 1.0
    low, has_floor, high = bounds.partition("..")
    cap = share_of(high if has_floor else low, f"cap of {group}")
    rows = [_Row(name=f"{group} at most {cap:.6g}", coefficients=inside, bound=cap)]
    if has_floor:
        floor = share_of(low, f"floor of {group}")
        if floor > cap:
            expected = f"at most its cap, {cap:g}"
            raise AllocationInputInvalid(f"floor of {group}", low, expected)
        least = f"{group} at least {floor:.6g}"
        rows.append(_Row(name=least, coefficients=-inside, bound=-floor))
    return rows


def _general(text: str, assets: Sequence[str]) -> list[_Row]:
    """0.5*BTC + ETH <= 40%; with = it is two rows."""
    found = RELATION.search(text)
    if found is None:
        expected = "terms and a bound: 0.5*BTC + ETH <= 40%"
        raise AllocationInputInvalid("row", repr(text), expected)
    coefficients = linear_of(text[: found.start()], "row", assets)
    bound = share_of(text[found.end() :], f"bound of row {text!r}")
    most = _Row(name=f"row {text}", coefficients=coefficients, bound=bound)
    least = _Row(name=f"row {text}", coefficients=-coefficients, bound=-bound)
    if found[0].startswith("<"):
        return [most]
    if found[0].startswith(">"):
        return [least]
    return [most, least]
