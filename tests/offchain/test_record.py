# SPDX-License-Identifier: MIT
"""Runs as JSON, swaps beside their predictions, exposures like the vault's."""

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from snapshots import (
    cap,
    make_pair,
    make_pool,
    make_position,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.keeper.config import (
    OrderConfig,
)
from steelyard.keeper.decide import decide
from steelyard.keeper.exposures import exposures
from steelyard.keeper.record import (
    SAFE_INTEGER,
    charge_results,
    json_text,
    swap_results,
    to_json,
)
from steelyard.lending import Erc4626
from steelyard.optimize.preferences import Floor, Preferences
from steelyard.state import UNLIMITED, Bucket, Snapshot, TagState

WAD = 10**18
DAY = 86_400
ORDER = OrderConfig()
KEY = "0x" + "31" * 32
PASSWORD = "a password"


def swapping_snapshot() -> Snapshot:
    """A million USDC beside a pair with WETH."""
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH")
    pair = make_pair(usdc, weth, 50_000_000)
    pool = make_pool("uniswap-v2 USDC/WETH", (0, 1), pair, market=2)
    return make_snapshot((usdc, weth), pools=[pool])


def test_exposures__tokens_positions_tags__are_counted_like_the_vault() -> None:
    usdc = make_token("USDC", 600_000, cap=cap(0.9))
    weth = make_token("WETH", 100, tags=frozenset({0}))
    savings = make_position(
        "savings",
        (0,),
        Erc4626(total_assets=10**12, total_supply=10**12),
        market=1,
        units=200_000 * 10**6,
        tags=frozenset({0}),
        cap=cap(0.5, assets=250_000 * 10**6),
    )
    tags = [TagState(name="risky", cap=cap(0.4))]

    found = exposures(make_snapshot((usdc, weth), [savings], tags=tags))

    assert [(e.kind, e.name, e.assets // 10**6) for e in found] == [
        ("token", "USDC", 800_000),
        ("token", "WETH", 200_000),
        ("position", "savings", 200_000),
        ("tag", "risky", 400_000),
    ]
    assert [e.weight_wad for e in found] == [8 * 10**17, 2 * 10**17] * 1 + [
        2 * 10**17,
        4 * 10**17,
    ]
    assert [round(e.fullness, 6) for e in found] == [0.888889, 0.2, 0.8, 1.0]


@dataclass(frozen=True)
class Event:
    name: str
    arguments: dict[str, Any]


def test_swap_results__events__stand_beside_the_prediction() -> None:
    snapshot = swapping_snapshot()
    floors = (Floor(kind="token", name="WETH", weight=0.2),)
    plan = decide(
        snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER
    ).plan
    events = [
        Event("Supplied", {}),
        Event("Swapped", {"amountOut": 7, "oracleAmountOut": 9}),
    ]

    (result,) = swap_results(snapshot, plan, events)  # type: ignore[arg-type]

    assert (result.pool, result.token_in, result.token_out) == (
        "uniswap-v2 USDC/WETH",
        "USDC",
        "WETH",
    )
    assert result.amount_in == plan.swaps[0].amount_in
    assert result.predicted_out == plan.predicted_swaps[0]
    assert (result.executed_out, result.oracle_out) == (7, 9)


def test_charge_results__events__stand_beside_the_prediction() -> None:
    loss = Bucket(budget_wad=WAD // 50, refill_wad=0, level_wad=WAD // 100)
    snapshot = replace(swapping_snapshot(), limits=replace(UNLIMITED, loss=loss))
    floors = (Floor(kind="token", name="WETH", weight=0.2),)
    plan = decide(
        snapshot, make_signals(snapshot), Preferences(floors=floors), ORDER
    ).plan
    done = {"lossWad": plan.loss_wad + 10**9, "turnoverWad": plan.turnover_wad + 10**10}
    events = [Event("HoldingCharged", {"holdWad": 5}), Event("Rebalanced", done)]

    results = charge_results(snapshot, plan, events)  # type: ignore[arg-type]

    assert [r.budget for r in results] == ["loss", "turnover", "hold"]
    assert [r.is_as_predicted for r in results] == [True, False, True]
    assert results[0].level_wad == WAD // 100 + plan.loss_wad + 10**9
    assert results[0].budget_wad == WAD // 50
    assert (results[2].predicted_wad, results[2].charged_wad) == (0, 5)


def test_to_json__every_kind__is_plain() -> None:
    value = {
        "small": SAFE_INTEGER,
        "large": SAFE_INTEGER + 1,
        "true": True,
        "array": np.array([1.5, np.nan]),
        "bytes": b"\x01\xff",
        "set": frozenset({2, 1}),
        "cap": cap(0.5, assets=3),
    }

    assert to_json(value) == {
        "small": SAFE_INTEGER,
        "large": str(SAFE_INTEGER + 1),
        "true": True,
        "array": [1.5, None],
        "bytes": "0x01ff",
        "set": [1, 2],
        "cap": {"assets": 3, "wad": str(5 * 10**17)},
    }
    assert json.loads(json_text(value))["set"] == [1, 2]
