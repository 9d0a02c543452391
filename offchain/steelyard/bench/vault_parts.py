# SPDX-License-Identifier: MIT
"""Parts of a vault's problem made by hand; values are over NAV before."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from steelyard.lending import RAY, AaveReserve
from steelyard.optimize.problem import Floats, Piece, Slot

NAV = 2 * 10**12  # raw USDC: two millions


def member(count: int, indexes: Sequence[int], after: int = 0) -> Floats:
    """(count,) 1 at the indexes, counted from `after`."""
    has = np.zeros(count)
    has[[after + i for i in indexes]] = 1.0
    return has


def slot_of(name: str, index: int, composition: Floats, value: float) -> Slot:
    """A slot without income, free to move."""
    return Slot(
        name=name,
        position=index,
        tick_lower=0,
        tick_upper=0,
        composition=composition,
        value=value,
        lowest=0.0,
        highest=1.0,
        yield_per_year=0.0,
        lvr_per_year=0.0,
        time_in_range=1.0,
    )


def pieces_of(
    liquidity: Sequence[float],
    price: float,
    fee: float,
    thinned: tuple[tuple[int, float], ...] = (),
    width: float = 0.01,
) -> tuple[Piece, ...]:
    """Stretches of `width` of the price each, the first liquidity first; `price` is
    value out per value in, above 1 scaled down to 1."""
    scale, found = min(1.0, 1 / price), []
    for each in liquidity:
        after = price * (1 - width)
        found.append(
            Piece(
                depth=each / sqrt(price),
                rate=price * scale,
                fee=fee,
                capacity=each * (1 / sqrt(after) - 1 / sqrt(price)) / (1 - fee),
                thinned=thinned,
            )
        )
        price = after
    return tuple(found)


def reserve_of(
    supplied: float, usage: float, optimal: float, slopes: tuple[float, float]
) -> AaveReserve:
    """A reserve in raw USDC; `supplied` by all, over NAV."""
    whole = supplied * NAV
    return AaveReserve(
        index_ray=RAY,
        available_liquidity=round(whole * (1 - usage)),
        total_variable_debt=round(whole * usage),
        reserve_factor_bps=1000,
        optimal_usage_ray=round(optimal * 10**9) * 10**18,
        base_rate_ray=0,
        slope1_ray=round(slopes[0] * 10**9) * 10**18,
        slope2_ray=round(slopes[1] * 10**9) * 10**18,
    )
