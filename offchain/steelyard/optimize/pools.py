# SPDX-License-Identifier: MIT
"""Swaps as the optimiser sees them: pieces of curves, in values over NAV.

The basis between pool and oracle is never income: where a pool pays more than the
oracle, its curve is scaled down until its price is the oracle's; where it pays less,
the difference is a cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, sqrt

import numpy as np

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.segments import (
    Segment,
    concentrated_segments,
    constant_product_segments,
)
from steelyard.amm.tick_math import Q96
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.problem import Floats, Leg, Piece
from steelyard.state import PoolCurve, PoolState, Snapshot
from steelyard.wad import WAD

LEAST_CAPACITY = 1e-6  # of NAV: pieces that take less are left out
MOST_CAPACITY = 4.0  # of NAV: no trade is larger
WHOLE_SEGMENTS = 16  # pieces of a concentrated pool, per direction, where all count
# (slot, first and last square-root price where its liquidity stands, share per value)
Owned = Sequence[tuple[int, float, float, float]]


def pool_rate(curve: PoolCurve) -> float:
    """Raw token 1 per raw token 0 at the pool's price; 0 for an empty pair."""
    if isinstance(curve, Concentrated):
        return (curve.sqrt_price_x96 / Q96) ** 2
    return curve.reserve1 / curve.reserve0 if curve.reserve0 else 0.0


def deviation(curve: PoolCurve, value0: float, value1: float) -> float:
    """Pool against oracle: the larger price over the smaller, less 1."""
    ratio = pool_rate(curve) * value1 / value0
    return max(ratio, 1 / ratio) - 1 if ratio > 0 else inf


def pair_limits(
    snapshot: Snapshot, tokens: Sequence[int], preferences: Preferences
) -> tuple[float, float]:
    """(slippage, deviation) allowed between these tokens, less the margin."""
    kept = 1 - preferences.swap_margin_wad / WAD
    slippage = max(snapshot.tokens[t].slippage_wad for t in tokens) / WAD
    allowed = max(snapshot.tokens[t].deviation_wad for t in tokens) / WAD
    return slippage * kept, allowed * kept


def _signable(slippage: float, allowed: float, tolerance: float) -> tuple[float, float]:
    """The limits that are left where the least output that is signed must keep them,
    and the pool stays as far inside."""
    return max(1 - (1 - slippage) / (1 - tolerance), 0.0), max(allowed - tolerance, 0.0)


def build_legs(
    snapshot: Snapshot,
    preferences: Preferences,
    unit_values: Floats,
    owned: Mapping[str, Owned],
    *,
    tolerance: float = 0.0,
    whole: bool = False,
) -> tuple[Leg, ...]:
    """Both directions of each pool that stands near enough to the oracle.

    `tolerance`: by what share less than predicted may come out of a signed swap.

    `whole`: of every pool, and as far as its curve goes, not only as far as the vault's
    limits of deviation and slippage.
    """
    legs = []
    for index, pool in enumerate(snapshot.pools):
        value0, value1 = (float(unit_values[t]) for t in pool.tokens)
        slippage, allowed = _signable(
            *pair_limits(snapshot, pool.tokens, preferences), tolerance
        )
        segments = preferences.max_segments
        if whole:
            slippage, allowed, segments = 1.0, inf, max(segments, WHOLE_SEGMENTS)
        away = deviation(pool.state, value0, value1)
        if away > allowed or away == inf:  # inf: an empty pair
            continue
        for zero_for_one in (True, False):
            pieces = _pieces(
                pool,
                zero_for_one,
                (value0, value1) if zero_for_one else (value1, value0),
                allowed,
                owned.get(pool.pool.lower(), ()),
                segments,
            )
            token_in, token_out = pool.tokens if zero_for_one else pool.tokens[::-1]
            if pieces:
                legs.append(
                    Leg(
                        pool=index,
                        zero_for_one=zero_for_one,
                        token_in=token_in,
                        token_out=token_out,
                        pieces=pieces,
                        least_ratio=1 - slippage,
                    )
                )
    return tuple(legs)


def _pieces(
    pool: PoolState,
    zero_for_one: bool,
    values: tuple[float, float],
    allowed: float,
    owned: Owned,
    max_segments: int,
) -> tuple[Piece, ...]:
    concentrated = isinstance(pool.state, Concentrated)
    segments = (
        concentrated_segments(pool.state, zero_for_one, max_segments=max_segments)
        if isinstance(pool.state, Concentrated)
        else constant_product_segments(pool.state, zero_for_one)
    )
    value_in, value_out = values
    pieces: list[Piece] = []
    scale = 0.0
    for segment in segments:
        depth = segment.reserve_in * value_in
        rate = segment.reserve_out * value_out / depth
        scale = scale or min(1.0, 1 / rate)
        capacity = min(
            segment.capacity_in * value_in,
            _room(depth, rate, segment.fee if concentrated else 0.0, allowed),
            MOST_CAPACITY,
        )
        if capacity <= 0:
            break
        if capacity >= LEAST_CAPACITY:
            piece = Piece(
                depth=depth,
                rate=rate * scale,
                fee=segment.fee,
                capacity=capacity,
                thinned=_thinned(segment, zero_for_one, owned),
            )
            pieces.append(piece)
    return tuple(pieces)


def _room(depth: float, rate: float, fee: float, allowed: float) -> float:
    """Most value in before the pool stands `allowed` under the oracle's price.

    A v2 pair keeps the fee in its reserves, so `fee` is 0 there: the reserve after is
    the one before plus all that came in, which leaves a little room unused.
    """
    return depth * (sqrt(rate * (1 + allowed)) - 1) / (1 - fee)


def _thinned(
    segment: Segment, zero_for_one: bool, owned: Owned
) -> tuple[tuple[int, float], ...]:
    root = sqrt(segment.reserve_out / segment.reserve_in)
    if not zero_for_one:
        root = 1 / root
    inside = root * (1 - 1e-9) if zero_for_one else root * (1 + 1e-9)
    liquidity = sqrt(segment.reserve_in * segment.reserve_out)
    return tuple(
        (slot, per_value / liquidity)
        for slot, lower, upper, per_value in owned
        if lower <= inside < upper and per_value > 0
    )


def cheapest_exit(snapshot: Snapshot, preferences: Preferences) -> Floats:
    """Cost to turn one unit of each token into the asset, at the lowest pool fees.

    Shortest path over the pools' fees, price impact apart; a token that no pool
    reaches pays its slippage limit.
    """
    count = len(snapshot.tokens)
    cost = np.full((count, count), inf)
    np.fill_diagonal(cost, 0.0)
    for pool in snapshot.pools:
        first, second = pool.tokens
        fee = pool.state.fee_pips / 1e6
        cost[first, second] = min(cost[first, second], fee)
        cost[second, first] = min(cost[second, first], fee)
    for via in range(count):
        cost = np.minimum(cost, cost[:, [via]] + cost[[via], :])
    limits = np.array([token.slippage_wad / WAD for token in snapshot.tokens])
    rates = np.where(np.isfinite(cost[:, 0]), cost[:, 0], limits)
    return np.asarray(rates * preferences.exit_cost_share)
