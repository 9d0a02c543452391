# SPDX-License-Identifier: MIT
"""Every mint and burn of USDC/WETH 0.3 % in its first two months, through the model."""

from collections import Counter
from typing import Any

import pandas as pd
import pytest

from data_files import data_file
from steelyard.amm import uniswap_v3 as v3
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.tick_math import Q96, get_sqrt_ratio_at_tick
from steelyard.amm.uniswap_v3 import V3Pool
from steelyard.amm.v3_snapshot import load_v3_snapshots
from steelyard.amm.walk import INT256_MAX

OWNER = "everybody"
START_TICK = 195_000
# the file's snapshots of this pool, and the events that had happened by then
SNAPSHOTS = {0: 1844, 1: 3408}
Amounts = tuple[int, int]


@pytest.fixture(scope="module")
def events() -> list[Any]:
    path = data_file("univ3_usdc_weth_3000_liquidity_events.parquet")
    return list(pd.read_parquet(path).itertuples())


def empty_pool() -> V3Pool:
    curve = Concentrated(
        sqrt_price_x96=get_sqrt_ratio_at_tick(START_TICK),
        tick=START_TICK,
        liquidity=0,
        fee_pips=3000,
        tick_spacing=60,
        ticks=(),
    )
    return v3.checked_v3(V3Pool(curve=curve, ticks={}))


def implied_root(pool: V3Pool, event: Any) -> int:
    """A square-root price at which the pool would move the event's amounts."""
    liquidity, amount0, amount1 = amounts_of(event)
    low = get_sqrt_ratio_at_tick(event.tick_lower)
    high = get_sqrt_ratio_at_tick(event.tick_upper)
    root = pool.curve.sqrt_price_x96
    if liquidity == 0 or amount0 == amount1 == 0:
        return root
    if amount1 == 0:
        return min(root, low - 1)
    if amount0 == 0:
        return max(root, high)
    if event.type == "mint":  # the amounts were rounded up, else down
        return low + amount1 * Q96 // liquidity
    return low - (-amount1 * Q96 // liquidity)


def amounts_of(event: Any) -> tuple[int, int, int]:
    return int(event.liquidity), int(event.amount0), int(event.amount1)


def moved_to(pool: V3Pool, root: int) -> V3Pool:
    if root == pool.curve.sqrt_price_x96:
        return pool
    down = root < pool.curve.sqrt_price_x96
    return v3.swap(pool, INT256_MAX, down, root)[0]


def after(pool: V3Pool, event: Any) -> tuple[V3Pool, Amounts]:
    """The pool after an event, and the amounts that the model says it moved."""
    pool = moved_to(pool, implied_root(pool, event))
    change = v3.mint if event.type == "mint" else v3.burn
    liquidity = int(event.liquidity)
    done = change(pool, OWNER, event.tick_lower, event.tick_upper, liquidity)
    return done.pool, done.amounts


@pytest.fixture(scope="module")
def replay(events) -> tuple[V3Pool, list[Amounts], dict[int, V3Pool]]:
    """The pool at the end, the amounts of every event, the pool at the snapshots."""
    pool, amounts, then = empty_pool(), [], {}
    for count, event in enumerate(events, 1):
        pool, moved = after(pool, event)
        amounts.append(moved)
        then |= {k: pool for k, at in SNAPSHOTS.items() if at == count}
    return pool, amounts, then


def test_replay__positions_off_the_price__move_what_the_chain_moved(events, replay):
    _, amounts, _ = replay
    off = [i for i, e in enumerate(events) if "0" in (e.amount0, e.amount1)]

    wrong = [i for i in off if amounts[i] != amounts_of(events[i])[1:]]

    assert len(events) == 35_963
    assert len(off) > 14_000
    assert wrong == []


def test_replay__positions_at_the_price__both_amounts_fit_one_price(events, replay):
    _, amounts, _ = replay
    at = [i for i, e in enumerate(events) if "0" not in (e.amount0, e.amount1)]
    pairs = [(amounts[i], amounts_of(events[i])[1:]) for i in at]

    differences = Counter(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairs)

    assert len(at) > 21_000
    assert set(differences) <= {0, 1}  # the price is known to a part of a unit only
    assert differences[1] < 10


@pytest.mark.parametrize("index", SNAPSHOTS)
def test_replay__tick_map__is_the_snapshot_of_that_block(replay, index):
    path = data_file("univ3_pool_snapshots.json")
    snapshot = load_v3_snapshots(path)[index]
    pool = replay[2][index]

    liquidity = {t: (i.liquidity_gross, i.liquidity_net) for t, i in pool.ticks.items()}
    assert liquidity == {
        t: (i.liquidity_gross, i.liquidity_net) for t, i in snapshot.ticks.items()
    }
    there = moved_to(pool, snapshot.curve.sqrt_price_x96)
    assert there.curve.liquidity == snapshot.curve.liquidity
    assert there.curve.tick == snapshot.curve.tick


def test_replay__at_the_end__ticks_are_the_sum_of_live_positions(replay):
    pool, _, _ = replay
    net: Counter[int] = Counter()
    gross: Counter[int] = Counter()
    for (_, lower, upper), position in pool.positions.items():
        net[lower] += position.liquidity
        net[upper] -= position.liquidity
        for tick in (lower, upper):
            gross[tick] += position.liquidity

    live = {tick for tick, liquidity in gross.items() if liquidity}
    assert set(pool.ticks) == live
    assert all(pool.ticks[t].liquidity_gross == gross[t] for t in live)
    assert all(pool.ticks[t].liquidity_net == net[t] for t in live)
    assert sum(info.liquidity_net for info in pool.ticks.values()) == 0
    v3.checked_v3(pool)


def test_replay__active_liquidity__is_that_of_the_positions_around(replay):
    pool, _, _ = replay
    positions = [
        (lower, upper, position.liquidity)
        for (_, lower, upper), position in pool.positions.items()
        if position.liquidity
    ]
    for tick in (pool.curve.tick, 180_000, 195_000, 196_800, 210_000):
        below = (net for at, net in pool.curve.ticks if at <= tick)
        covering = sum(x for low, high, x in positions if low <= tick < high)
        there = moved_to(pool, get_sqrt_ratio_at_tick(tick) + 1)

        assert sum(below) == covering == there.curve.liquidity
