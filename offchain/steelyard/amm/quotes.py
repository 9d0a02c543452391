# SPDX-License-Identifier: MIT
"""Many quotes of a concentrated pool at once, as floats.

Within one step of a swap the pool is a constant product of virtual reserves; whole
steps are summed exactly before they become floats, so an array of quotes is a search,
one formula and a sum. Good to float rounding of the sums and to the raw unit or two by
which the pool rounds a part of a step. For search, never for orders.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.amm.ladder import NEVER, AnyCurve, ladder_of
from steelyard.amm.sqrt_price import PIPS
from steelyard.amm.tick_math import Q96

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """The steps of a ladder with something to trade, as arrays; raw units."""

    start_in: Floats  # fees included, sums before each piece
    start_out: Floats
    reserve_in: Floats  # virtual, at the start of the piece
    reserve_out: Floats
    capacity_in: Floats  # of the piece, fees included
    capacity_out: Floats
    fee_pips: int


def pieces_of(pool: AnyCurve, zero_for_one: bool) -> Pieces:
    """The pool from its price to the end of its window."""
    ladder = ladder_of(pool, zero_for_one)
    rows = [
        (
            rung.amount_in,
            rung.amount_out,
            rung.liquidity * Q96 / rung.sqrt_price_x96,
            rung.liquidity * rung.sqrt_price_x96 / Q96,
            end_in - rung.amount_in,
            end_out - rung.amount_out,
        )
        for rung, end_in, end_out in zip(
            ladder.rungs, ladder.amounts_in, ladder.amounts_out, strict=False
        )
        if rung.liquidity and rung.amount_in < end_in < NEVER
    ]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 6).T
    start_in, start_out, reserve0, reserve1, capacity_in, capacity_out = table
    return Pieces(
        start_in=start_in,
        start_out=start_out,
        reserve_in=reserve0 if zero_for_one else reserve1,
        reserve_out=reserve1 if zero_for_one else reserve0,
        capacity_in=capacity_in,
        capacity_out=capacity_out,
        fee_pips=ladder.exact_in.fee_pips,
    )


def quote_out(pool: AnyCurve, amounts_in: Floats, zero_for_one: bool) -> Floats:
    """What each amount in buys; all that the window holds where it is more."""
    pieces = pieces_of(pool, zero_for_one)
    amounts = np.asarray(amounts_in, dtype=np.float64)
    if pieces.start_in.size == 0:
        return np.zeros_like(amounts)
    at = np.maximum(np.searchsorted(pieces.start_in, amounts, side="right") - 1, 0)
    left = np.minimum(amounts - pieces.start_in[at], pieces.capacity_in[at])
    # Trades are in whole units, which few of a costly token feel.
    net = np.floor(np.maximum(left, 0.0) * (PIPS - pieces.fee_pips) / PIPS)
    part = pieces.reserve_out[at] * net / (pieces.reserve_in[at] + net)
    return np.asarray(pieces.start_out[at] + np.minimum(part, pieces.capacity_out[at]))


def quote_in(pool: AnyCurve, amounts_out: Floats, zero_for_one: bool) -> Floats:
    """What each amount out costs, fee included; infinite where the window lacks it."""
    pieces = pieces_of(pool, zero_for_one)
    amounts = np.asarray(amounts_out, dtype=np.float64)
    if pieces.start_in.size == 0:
        return np.where(amounts > 0, np.inf, 0.0)
    at = np.maximum(np.searchsorted(pieces.start_out, amounts, side="right") - 1, 0)
    left = np.maximum(amounts - pieces.start_out[at], 0.0)
    fits = left <= pieces.capacity_out[at] * (1 + 1e-15)
    left = np.minimum(left, pieces.capacity_out[at])
    net = pieces.reserve_in[at] * left / (pieces.reserve_out[at] - left)
    gross = net / (1 - pieces.fee_pips / PIPS)
    cost = pieces.start_in[at] + np.minimum(gross, pieces.capacity_in[at])
    return np.where(fits, cost, np.inf)
