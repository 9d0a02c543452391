# SPDX-License-Identifier: MIT
"""Pools in files: what is written is read back, and what is wrong is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.weighted import WeightedPool
from steelyard.chain.pools.pool_json import (
    PoolFileInvalid,
    from_json,
    load_pools,
    save_pools,
    to_json,
)
from steelyard.chain.pools.reading import CURVE, STABLE, WEIGHTED, PoolReading
from steelyard.wad import WAD

TOKENS = ("0x" + "1" * 40, "0x" + "2" * 40)
CURVE_POOL = StableSwap(
    balances=(2**200, 1), rates=(WAD, WAD), amplification=100, fee_e10=1, supply=5
)
WEIGHTED_POOL = WeightedPool(
    balances=(10**30, 1),
    weights_wad=(WAD // 2, WAD // 2),
    scaling=(WAD, 10**30),
    swap_fee_wad=1,
)
STABLE_POOL = BalancerStable(
    balances=(1, 2), scaling=(WAD, 2 * WAD), amplification=1_000, swap_fee_wad=1
)


def reading(protocol: str, pool: Any, valued: Any = None) -> PoolReading:
    return PoolReading(
        protocol=protocol,
        market="0x" + "3" * 64,
        chain_id=1,
        block_number=2,
        timestamp=3,
        tokens=TOKENS,
        pool=pool,
        valued=valued or pool,
    )


READINGS = (
    reading(CURVE, CURVE_POOL),
    reading(WEIGHTED, WEIGHTED_POOL),
    reading(STABLE, STABLE_POOL, replace(STABLE_POOL, scaling=(WAD, WAD))),
)


def test_pools__saved_and_loaded__are_the_same(tmp_path: Path) -> None:
    save_pools(tmp_path / "pools.json", READINGS)

    assert load_pools(tmp_path / "pools.json") == READINGS
    assert (
        '"1606938044258990275541962092341162602522202993782792835301376"'
        in (tmp_path / "pools.json").read_text()
    )


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    record = to_json(READINGS[0])
    change(record)
    return record


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("protocol", lambda r: r.update(protocol="curve-v9")),
        ("protocol", lambda r: r.pop("protocol")),
        ("market", lambda r: r.update(market="")),
        ("chain_id", lambda r: r.update(chain_id="one")),
        ("tokens", lambda r: r.update(tokens=["0x1"])),
        (r"tokens\[1\]", lambda r: r.update(tokens=[TOKENS[0], "0x1"])),
        ("pool", lambda r: r.update(pool=None)),
        ("pool", lambda r: r["pool"].update(amplification="1")),
        ("pool", lambda r: r["pool"].update(rates=["1"])),
        ("pool.fee_e10", lambda r: r["pool"].pop("fee_e10")),
        ("pool.is_unrolled", lambda r: r["pool"].update(is_unrolled="true")),
        ("pool.supply", lambda r: r["pool"].update(supply=str(2**256))),
        ("pool.balances", lambda r: r["pool"].update(balances="1")),
        (r"pool.balances\[1\]", lambda r: r["pool"].update(balances=["1", 1.5])),
        ("valued", lambda r: r.update(valued=[])),
    ],
)
def test_pool__field_wrong_or_missing__named_in_the_error(field, change) -> None:
    with pytest.raises(PoolFileInvalid, match=rf"pool field pool\.{field} is"):
        from_json(changed(change))


def test_file__no_json_or_no_list__named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "pools.json"
    with pytest.raises(PoolFileInvalid, match="expected a JSON file"):
        load_pools(path)
    path.write_text("{")
    with pytest.raises(PoolFileInvalid, match="expected a JSON file"):
        load_pools(path)
    path.write_text("{}")
    with pytest.raises(PoolFileInvalid, match="expected a list of pools"):
        load_pools(path)
    path.write_text("[1]")
    with pytest.raises(PoolFileInvalid, match=r"\[0\] is 1, expected a JSON object"):
        load_pools(path)
