# SPDX-License-Identifier: MIT
"""Concentrated pools for the tests: from ranges, at random, and from real chains."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st

from data_files import data_file
from steelyard.amm.concentrated import Concentrated, checked_pool
from steelyard.amm.tick_math import (
    MAX_TICK,
    MIN_TICK,
    get_sqrt_ratio_at_tick,
    get_tick_at_sqrt_ratio,
)
from steelyard.amm.v3_snapshot import load_v3_snapshots

Range = tuple[int, int, int]  # lower tick, upper tick, liquidity


def pool_of(
    *ranges: Range,
    tick: int = 0,
    above: int = 0,
    fee_pips: int = 3000,
    tick_spacing: int = 60,
    fee_protocol: int = 0,
    window: tuple[int, int] = (MIN_TICK, MAX_TICK),
) -> Concentrated:
    """A pool at the square root of `tick` plus `above`, holding the ranges."""
    sqrt_price_x96 = get_sqrt_ratio_at_tick(tick) + above
    tick = get_tick_at_sqrt_ratio(sqrt_price_x96)
    net: Counter[int] = Counter()
    for lower, upper, liquidity in ranges:
        net[lower] += liquidity
        net[upper] -= liquidity
    return checked_pool(
        Concentrated(
            sqrt_price_x96=sqrt_price_x96,
            tick=tick,
            liquidity=sum(x for low, high, x in ranges if low <= tick < high),
            fee_pips=fee_pips,
            tick_spacing=tick_spacing,
            ticks=tuple(sorted(net.items())),
            fee_protocol=fee_protocol,
            window=window,
        )
    )


@st.composite
def pools(draw: Any) -> Concentrated:
    """Up to eight overlapping ranges, gaps included, around a random price."""
    spacing = draw(st.sampled_from([1, 10, 60, 200]))
    ranges = []
    for _ in range(draw(st.integers(1, 8))):
        lower = draw(st.integers(-400, 399))
        upper = draw(st.integers(lower + 1, 400))
        liquidity = draw(st.integers(1, 10 ** draw(st.integers(3, 26))))
        ranges.append((lower * spacing, upper * spacing, liquidity))
    return pool_of(
        *ranges,
        tick=draw(st.integers(-300 * spacing, 300 * spacing)),
        above=draw(st.integers(0, 10**20)),
        fee_pips=draw(st.sampled_from([100, 500, 3000, 10000])),
        tick_spacing=spacing,
        fee_protocol=draw(st.sampled_from([0, 4 | 7 << 4])),
    )


def real_pools() -> list[Concentrated]:
    """The measured pools of STEELYARD_DATA; skips the test where they are missing."""
    path = data_file("univ3_pool_snapshots.json")
    return [pool.curve for pool in load_v3_snapshots(path)]
