# SPDX-License-Identifier: MIT
"""Pools to JSON and back, and what is said of a description that is none."""

import copy
import json
from dataclasses import replace

import pytest

from steelyard.amm import uniswap_v3 as v3
from steelyard.amm import uniswap_v4_pool as v4
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.concentrated_json import pool_from_json, pool_to_json
from steelyard.amm.errors import PoolFileInvalid
from steelyard.amm.tick_math import Q96
from steelyard.amm.uniswap_v3 import V3Pool
from steelyard.amm.uniswap_v4 import ConcentratedV4
from steelyard.amm.uniswap_v4_pool import V4Pool
from steelyard.amm.v3_snapshot import load_v3_snapshots, v3_from_snapshots

CURVE = {
    "sqrt_price_x96": Q96,
    "tick": 0,
    "liquidity": 0,
    "tick_spacing": 60,
    "ticks": (),
}


def v3_pool() -> V3Pool:
    """With a history: every field differs from its default."""
    pool = V3Pool(curve=Concentrated(**CURVE, fee_pips=3000), ticks={})
    pool = v3.set_fee_protocol(pool, 4, 7)
    pool = v3.mint(pool, "0xa", -600, 600, 10**21).pool
    pool = v3.mint(pool, "0xb", -60, 1200, 10**20).pool
    for amount, down in ((10**19, True), (10**19, False), (10**17, True)):
        pool, _ = v3.swap(pool, amount, down)
    return v3.burn(pool, "0xa", -600, 600, 10**20).pool


def v4_pool() -> V4Pool:
    pool = V4Pool(curve=ConcentratedV4(**CURVE, lp_fee_pips=3000), ticks={})
    pool = v4.set_protocol_fee(pool, 100, 200)
    pool = v4.modify_liquidity(pool, "0xa", -600, 600, 10**21, b"\x07" * 32).pool
    for amount, down in ((10**19, True), (10**19, False)):
        pool, _ = v4.swap(pool, amount, down)
    return pool


@pytest.mark.parametrize("pool", [v3_pool(), v4_pool()], ids=["v3", "v4"])
def test_pool__to_json_and_back__is_the_same(pool) -> None:
    text = json.dumps(pool_to_json(pool))

    assert pool_from_json(json.loads(text)) == pool


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("protocol", "uniswap-v2", "protocol"),
        ("sqrt_price_x96", "0x10", "sqrt_price_x96"),
        ("sqrt_price_x96", str(2**160), "sqrt_price_x96"),
        ("sqrt_price_x96", "1", "sqrt_price_x96 is 1"),
        ("tick", 1.5, "tick"),
        ("tick", True, "tick"),
        ("tick", 5, "tick is 5"),
        ("liquidity", -1, "liquidity"),
        ("liquidity", "1", "liquidity is 1"),
        ("liquidity", "9" * 5000, "liquidity"),
        ("fee_pips", 10**6, "fee_pips"),
        ("window", [0], "window"),
        ("window", [600, 1200], "window"),
        ("ticks", {}, "ticks"),
        ("ticks", [[0, 1, 1]], r"ticks\[0\]"),
        ("ticks", [[0, 2, 0, 0, 0]] * 2, r"ticks\[1\]"),
        ("ticks", [[7, 2, 0, 0, 0]], "ticks is 7"),
        ("positions", [["", 0, 60, 1, 0, 0, 0, 0]], r"positions\[0\]"),
        ("protocol_fees", ["1", None], r"protocol_fees\[1\]"),
    ],
)
def test_pool_from_json__malformed_field__is_named(field, value, named) -> None:
    document = {**pool_to_json(v3_pool()), field: value}

    with pytest.raises(PoolFileInvalid, match=named):
        pool_from_json(document)


@pytest.mark.parametrize("document", [None, [], "pool", 3])
def test_pool_from_json__no_object__is_refused(document) -> None:
    with pytest.raises(PoolFileInvalid, match="a JSON object"):
        pool_from_json(document)


@pytest.mark.parametrize("field", sorted(pool_to_json(v3_pool())))
def test_pool_from_json__missing_field__is_named(field) -> None:
    document = pool_to_json(v3_pool())
    del document[field]

    with pytest.raises(PoolFileInvalid, match=field):
        pool_from_json(document)


def test_pool_from_json__salt_of_another_length__is_refused() -> None:
    document = pool_to_json(v4_pool())
    document["positions"][0][3] = "0x07"

    with pytest.raises(PoolFileInvalid, match="32 bytes"):
        pool_from_json(document)


def snapshot() -> list[dict[str, object]]:
    ticks = [
        {
            "key": tick,
            "value": {
                "liquidityGross": "5",
                "liquidityNet": net,
                "feeGrowthOutside0X128": "0",
                "feeGrowthOutside1X128": "0",
            },
        }
        for tick, net in ((-60, "5"), (60, "-5"))
    ]
    return [
        {
            "fee": 3000,
            "tick_spacing": 60,
            "sqrtPriceX96": str(Q96),
            "tick": 0,
            "liquidity": "5",
            "feeGrowthGlobal0X128": "1",
            "feeGrowthGlobal1X128": "2",
            "tickManager": {"ticks_json": ticks},
        }
    ]


def test_snapshot__well_formed__is_the_pool() -> None:
    (pool,) = v3_from_snapshots(snapshot())

    assert pool.curve.ticks == ((-60, 5), (60, -5))
    assert pool.curve.liquidity == pool.ticks[60].liquidity_gross == 5
    assert pool == replace(pool, positions={}, protocol_fees=(0, 0))


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ((0, "fee"), "x", "pool 0: fee"),
        ((0, "liquidity"), "6", "liquidity is 6"),
        ((0, "tick"), 70, "pool 0"),
        ((0, "tickManager"), [], "pool 0: tickManager"),
        ((0, "tickManager", "ticks_json", 1, "key"), -60, r"ticks_json\[1\].key"),
        (
            (0, "tickManager", "ticks_json", 1, "value", "liquidityNet"),
            None,
            r"ticks_json\[1\].liquidityNet",
        ),
        (
            (0, "tickManager", "ticks_json", 0, "value", "liquidityGross"),
            "4",
            "gross of tick -60",
        ),
    ],
)
def test_snapshot__malformed__names_pool_and_field(path, value, named) -> None:
    document = copy.deepcopy(snapshot())
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    with pytest.raises(PoolFileInvalid, match=named):
        v3_from_snapshots(document)


def test_snapshot__file__is_read_or_refused(tmp_path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(snapshot()))
    bad.write_text("[{")

    assert load_v3_snapshots(good) == v3_from_snapshots(snapshot())
    with pytest.raises(PoolFileInvalid, match="JSON"):
        load_v3_snapshots(bad)
    with pytest.raises(PoolFileInvalid, match="a file to read"):
        load_v3_snapshots(tmp_path / "none.json")
