# SPDX-License-Identifier: MIT
"""Uniswap v3 pools from snapshot files of their whole state.

A file is a list of pools: sqrtPriceX96, tick, liquidity, fee, tick_spacing,
feeGrowthGlobal{0,1}X128 and tickManager.ticks_json, a list of {key, value} where value
has liquidityGross, liquidityNet and feeGrowthOutside{0,1}X128. It says nothing of
positions and protocol fees.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.errors import PoolFileInvalid
from steelyard.amm.json_fields import field_of, int_of, list_of, record_of, uint_of
from steelyard.amm.ticks import TickInfo, Ticks, listed_nets
from steelyard.amm.uniswap_v3 import V3Pool, checked_v3
from steelyard.errors import SteelyardError


def load_v3_snapshots(path: Path) -> list[V3Pool]:
    """The pools of a file. Raises `PoolFileInvalid`, which names the field."""
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as error:
        raise PoolFileInvalid(str(path), str(error), "a file to read") from None
    except ValueError as error:  # of text, JSON, or numbers of thousands of digits
        raise PoolFileInvalid(str(path), str(error), "JSON") from None
    return v3_from_snapshots(document)


def v3_from_snapshots(document: Any) -> list[V3Pool]:
    """The pools of such a list. Raises `PoolFileInvalid`, which names the field."""
    return [
        _pool(record_of(item, f"pool {i}"), f"pool {i}: ")
        for i, item in enumerate(list_of(document, "snapshots"))
    ]


def _pool(record: Mapping[str, Any], where: str) -> V3Pool:
    ticks = _ticks(record, where)

    def uint(field: str, bits: int) -> int:
        return uint_of(field_of(record, field, where), where + field, bits)

    curve = Concentrated(
        sqrt_price_x96=uint("sqrtPriceX96", 160),
        tick=int_of(field_of(record, "tick", where), where + "tick", 24),
        liquidity=uint("liquidity", 128),
        fee_pips=uint("fee", 24),
        tick_spacing=uint("tick_spacing", 23),
        ticks=listed_nets(ticks),
        fee_growth_global0_x128=uint("feeGrowthGlobal0X128", 256),
        fee_growth_global1_x128=uint("feeGrowthGlobal1X128", 256),
    )
    try:
        return checked_v3(V3Pool(curve=curve, ticks=ticks))
    except SteelyardError as error:
        expected = "a pool that can exist"
        raise PoolFileInvalid(where[:-2], str(error), expected) from error


def _ticks(record: Mapping[str, Any], where: str) -> Ticks:
    manager = record_of(field_of(record, "tickManager", where), where + "tickManager")
    listed = list_of(field_of(manager, "ticks_json", where), where + "ticks_json")
    ticks: dict[int, TickInfo] = {}
    for i, item in enumerate(listed):
        at = f"{where}ticks_json[{i}]."
        entry = record_of(item, at[:-1])
        tick = int_of(field_of(entry, "key", at), at + "key", 24)
        if tick in ticks:
            raise PoolFileInvalid(at + "key", tick, "a tick not listed before")
        ticks[tick] = _tick(record_of(field_of(entry, "value", at), at + "value"), at)
    return ticks


def _tick(value: Mapping[str, Any], at: str) -> TickInfo:
    def uint(field: str, bits: int) -> int:
        return uint_of(field_of(value, field, at), at + field, bits)

    return TickInfo(
        liquidity_gross=uint("liquidityGross", 128),
        liquidity_net=int_of(
            field_of(value, "liquidityNet", at), at + "liquidityNet", 128
        ),
        fee_growth_outside0_x128=uint("feeGrowthOutside0X128", 256),
        fee_growth_outside1_x128=uint("feeGrowthOutside1X128", 256),
    )
