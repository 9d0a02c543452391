# SPDX-License-Identifier: MIT
"""Whole pools of Uniswap v3 and v4 as JSON, and back.

UNITS  As on chain; integers of more than 53 bits are written as decimal text.
What is read is checked: a description that no real pool could have is refused.
"""

from collections.abc import Mapping
from typing import Any

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.errors import PoolFileInvalid
from steelyard.amm.json_fields import (
    field_of,
    int_of,
    list_of,
    record_of,
    text_of,
    uint_of,
)
from steelyard.amm.ticks import TickInfo, Ticks, listed_nets
from steelyard.amm.uniswap_v3 import Position, V3Pool, checked_v3
from steelyard.amm.uniswap_v4 import ConcentratedV4
from steelyard.amm.uniswap_v4_pool import PositionV4, V4Pool, checked_v4
from steelyard.errors import SteelyardError

V3, V4 = "uniswap-v3", "uniswap-v4"


def pool_to_json(pool: V3Pool | V4Pool) -> dict[str, Any]:
    """A JSON object that `pool_from_json` turns into an equal pool."""
    curve = pool.curve
    own = _v3_fields(pool) if isinstance(pool, V3Pool) else _v4_fields(pool)
    return {
        **own,
        "sqrt_price_x96": str(curve.sqrt_price_x96),
        "tick": curve.tick,
        "liquidity": str(curve.liquidity),
        "tick_spacing": curve.tick_spacing,
        "fee_growth_global_x128": [
            str(curve.fee_growth_global0_x128),
            str(curve.fee_growth_global1_x128),
        ],
        "window": list(curve.window),
        "protocol_fees": [str(fee) for fee in pool.protocol_fees],
        # tick, gross, net, fee growth outside of token0, of token1
        "ticks": [
            [
                tick,
                str(info.liquidity_gross),
                str(info.liquidity_net),
                str(info.fee_growth_outside0_x128),
                str(info.fee_growth_outside1_x128),
            ]
            for tick, info in sorted(pool.ticks.items())
        ],
    }


def _v3_fields(pool: V3Pool) -> dict[str, Any]:
    return {
        "protocol": V3,
        "fee_pips": pool.curve.fee_pips,
        "fee_protocol": pool.curve.fee_protocol,
        # owner, ticks, liquidity, growth inside at last, tokens owed
        "positions": [
            [
                *key,
                str(p.liquidity),
                str(p.fee_growth_inside0_last_x128),
                str(p.fee_growth_inside1_last_x128),
                str(p.tokens_owed0),
                str(p.tokens_owed1),
            ]
            for key, p in sorted(pool.positions.items())
        ],
    }


def _v4_fields(pool: V4Pool) -> dict[str, Any]:
    return {
        "protocol": V4,
        "lp_fee_pips": pool.curve.lp_fee_pips,
        "protocol_fee_pips": list(pool.curve.protocol_fee_pips),
        # owner, ticks, salt, liquidity, growth inside at last
        "positions": [
            [
                *key[:3],
                "0x" + key[3].hex(),
                str(p.liquidity),
                str(p.fee_growth_inside0_last_x128),
                str(p.fee_growth_inside1_last_x128),
            ]
            for key, p in sorted(pool.positions.items())
        ],
    }


def pool_from_json(document: Any) -> V3Pool | V4Pool:
    """The pool described. Raises `PoolFileInvalid`, which names the field."""
    record = record_of(document, "pool")
    protocol = field_of(record, "protocol", "")
    if protocol not in (V3, V4):
        raise PoolFileInvalid("protocol", protocol, f"{V3} or {V4}")
    try:
        return _v3_pool(record) if protocol == V3 else _v4_pool(record)
    except PoolFileInvalid:
        raise
    except SteelyardError as error:
        raise PoolFileInvalid("pool", str(error), "a pool that can exist") from error


def _v3_pool(record: Mapping[str, Any]) -> V3Pool:
    ticks = _ticks(record)
    positions = {}
    for where, item in _rows(record, "positions", 8):
        key = (text_of(item[0], where), *_range(item, where))
        positions[key] = Position(
            liquidity=uint_of(item[3], where, 128),
            fee_growth_inside0_last_x128=uint_of(item[4], where, 256),
            fee_growth_inside1_last_x128=uint_of(item[5], where, 256),
            tokens_owed0=uint_of(item[6], where, 128),
            tokens_owed1=uint_of(item[7], where, 128),
        )
    curve = Concentrated(
        **_curve_fields(record, ticks),
        fee_pips=uint_of(field_of(record, "fee_pips", ""), "fee_pips", 24),
        fee_protocol=uint_of(field_of(record, "fee_protocol", ""), "fee_protocol", 8),
    )
    fees = _pair(record, "protocol_fees", 128)
    return checked_v3(
        V3Pool(curve=curve, ticks=ticks, positions=positions, protocol_fees=fees)
    )


def _v4_pool(record: Mapping[str, Any]) -> V4Pool:
    ticks = _ticks(record)
    positions = {}
    for where, item in _rows(record, "positions", 7):
        owner, (lower, upper) = text_of(item[0], where), _range(item, where)
        positions[(owner, lower, upper, _salt(item[3], where))] = PositionV4(
            liquidity=uint_of(item[4], where, 128),
            fee_growth_inside0_last_x128=uint_of(item[5], where, 256),
            fee_growth_inside1_last_x128=uint_of(item[6], where, 256),
        )
    curve = ConcentratedV4(
        **_curve_fields(record, ticks),
        lp_fee_pips=uint_of(field_of(record, "lp_fee_pips", ""), "lp_fee_pips", 24),
        protocol_fee_pips=_pair(record, "protocol_fee_pips", 12),
    )
    fees = _pair(record, "protocol_fees", 256)
    return checked_v4(
        V4Pool(curve=curve, ticks=ticks, positions=positions, protocol_fees=fees)
    )


def _curve_fields(record: Mapping[str, Any], ticks: Ticks) -> dict[str, Any]:
    growth0, growth1 = _pair(record, "fee_growth_global_x128", 256)
    low, high = list_of(field_of(record, "window", ""), "window", 2)
    return {
        "sqrt_price_x96": uint_of(
            field_of(record, "sqrt_price_x96", ""), "sqrt_price_x96", 160
        ),
        "tick": int_of(field_of(record, "tick", ""), "tick", 24),
        "liquidity": uint_of(field_of(record, "liquidity", ""), "liquidity", 128),
        "tick_spacing": int_of(
            field_of(record, "tick_spacing", ""), "tick_spacing", 24
        ),
        "ticks": listed_nets(ticks),
        "fee_growth_global0_x128": growth0,
        "fee_growth_global1_x128": growth1,
        "window": (int_of(low, "window", 24), int_of(high, "window", 24)),
    }


def _ticks(record: Mapping[str, Any]) -> Ticks:
    ticks = {}
    for where, item in _rows(record, "ticks", 5):
        tick = int_of(item[0], where, 24)
        if tick in ticks:
            raise PoolFileInvalid(where, tick, "a tick that was not listed before")
        ticks[tick] = TickInfo(
            liquidity_gross=uint_of(item[1], where, 128),
            liquidity_net=int_of(item[2], where, 128),
            fee_growth_outside0_x128=uint_of(item[3], where, 256),
            fee_growth_outside1_x128=uint_of(item[4], where, 256),
        )
    return ticks


def _rows(
    record: Mapping[str, Any], field: str, length: int
) -> list[tuple[str, list[Any]]]:
    """The rows of a table, each with its name."""
    rows = list_of(field_of(record, field, ""), field)
    return [
        (f"{field}[{i}]", list_of(row, f"{field}[{i}]", length))
        for i, row in enumerate(rows)
    ]


def _pair(record: Mapping[str, Any], field: str, bits: int) -> tuple[int, int]:
    first, second = list_of(field_of(record, field, ""), field, 2)
    return uint_of(first, f"{field}[0]", bits), uint_of(second, f"{field}[1]", bits)


def _range(item: list[Any], where: str) -> tuple[int, int]:
    return int_of(item[1], where, 24), int_of(item[2], where, 24)


def _salt(value: Any, where: str) -> bytes:
    text = text_of(value, where)
    try:
        salt = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        salt = b""
    if len(salt) != 32:
        raise PoolFileInvalid(where, value, "32 bytes as hex")
    return salt
