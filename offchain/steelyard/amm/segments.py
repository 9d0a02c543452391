# SPDX-License-Identifier: MIT
"""Any supported pool as a row of constant-product pieces, for the optimiser.

Within one piece `amount` raw tokens in, fee included, pay
`reserve_out · g a / (reserve_in + g a)`, g = 1 - fee. Pieces come best price first and
together are concave, so filling them in any order never pays more than the pool.
Floats: for search, never for orders.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import PIPS, ConstantProduct
from steelyard.amm.errors import InsufficientAmount
from steelyard.amm.tick_curve import TickCurve
from steelyard.amm.tick_math import (
    MAX_SQRT_RATIO,
    MIN_SQRT_RATIO,
    Q96,
    get_sqrt_ratio_at_tick,
)
from steelyard.amm.uniswap_v4 import ConcentratedV4, swap_fee_pips


@dataclass(frozen=True, kw_only=True)
class Segment:
    reserve_in: float  # virtual, raw units
    reserve_out: float  # virtual, raw units
    capacity_in: float  # most that this piece takes, fee included; may be infinite
    fee: float  # share of what comes in


def constant_product_segments(
    pool: ConstantProduct, zero_for_one: bool
) -> tuple[Segment, ...]:
    """The whole pair: one piece without end; none when it is empty."""
    reserve_in, reserve_out = pool.reserve0, pool.reserve1
    if not zero_for_one:
        reserve_in, reserve_out = reserve_out, reserve_in
    if reserve_in == 0 or reserve_out == 0:
        return ()
    return (
        Segment(
            reserve_in=float(reserve_in),
            reserve_out=float(reserve_out),
            capacity_in=inf,
            fee=pool.fee_pips / PIPS,
        ),
    )


def concentrated_segments(
    pool: Concentrated | ConcentratedV4, zero_for_one: bool, *, max_segments: int
) -> tuple[Segment, ...]:
    """One piece per stretch of equal liquidity, from the price outwards.

    At most `max_segments`; ends at the window. Ranges without liquidity hold nothing
    and are left out. Capacities are exact up to float rounding.
    """
    if max_segments <= 0:
        raise InsufficientAmount("max_segments", max_segments)
    if isinstance(pool, ConcentratedV4):
        fee_pips = swap_fee_pips(pool, zero_for_one)
    else:
        fee_pips = pool.fee_pips
    if fee_pips == PIPS:  # v4 allows it: nothing is ever paid
        return ()
    pieces: list[Segment] = []
    for start, end, liquidity in _stretches(pool, zero_for_one):
        if liquidity and start != end:
            pieces.append(_segment(start, end, liquidity, fee_pips))
        if len(pieces) == max_segments:
            break
    return tuple(pieces)


def _stretches(pool: TickCurve, zero_for_one: bool) -> Iterator[tuple[int, int, int]]:
    """(square-root price from, to, liquidity between), outwards."""
    price, liquidity = pool.sqrt_price_x96, pool.liquidity
    if zero_for_one:
        ahead = [entry for entry in reversed(pool.ticks) if entry[0] <= pool.tick]
        last = max(get_sqrt_ratio_at_tick(pool.window[0]), MIN_SQRT_RATIO)
    else:
        ahead = [entry for entry in pool.ticks if entry[0] > pool.tick]
        last = min(get_sqrt_ratio_at_tick(pool.window[1]), MAX_SQRT_RATIO)
    for tick, net in ahead:
        if net == 0:
            continue
        edge = get_sqrt_ratio_at_tick(tick)
        yield price, edge, liquidity
        price, liquidity = edge, liquidity + (-net if zero_for_one else net)
    yield price, last, liquidity


def _segment(start_x96: int, end_x96: int, liquidity: int, fee_pips: int) -> Segment:
    fee = fee_pips / PIPS
    reserve0, reserve1 = liquidity * Q96 / start_x96, liquidity * start_x96 / Q96
    # Differences in integers: floats would cancel within narrow ticks.
    if end_x96 < start_x96:
        net_in = liquidity * Q96 * (start_x96 - end_x96) / (start_x96 * end_x96)
        reserve_in, reserve_out = reserve0, reserve1
    else:
        net_in = liquidity * (end_x96 - start_x96) / Q96
        reserve_in, reserve_out = reserve1, reserve0
    return Segment(
        reserve_in=reserve_in,
        reserve_out=reserve_out,
        capacity_in=net_in / (1 - fee),
        fee=fee,
    )


def segments_out(
    segments: tuple[Segment, ...], amounts_in: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each amount pays, pieces filled in turn; what does not fit pays nothing."""
    left = np.array(amounts_in, dtype=np.float64)
    total = np.zeros_like(left)
    for piece in segments:
        taken = np.minimum(left, piece.capacity_in)
        net = taken * (1 - piece.fee)
        total += piece.reserve_out * net / (piece.reserve_in + net)
        left -= taken
    return total
