# SPDX-License-Identifier: MIT
"""Swap pieces as arrays, their limits narrowed to what a leg may take.

The pieces of a leg are filled in turn, so the least ratio of a leg is a limit to what
goes into its pieces; only where withdrawals thin them unevenly it stays a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.problem import Floats, Leg, Piece

Indexes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """(n_pieces,) each: x in pays rate * net x * kept / (kept + net x / depth)."""

    leg: Indexes  # index of the leg
    is_first: NDArray[np.bool_]  # whether the leg starts with it
    token_in: Indexes
    token_out: Indexes
    net: Floats  # 1 - fee
    rate: Floats
    depth: Floats
    capacity: Floats  # at kept 1
    thinned: Floats  # (n_pieces, n_slots) share of depth per value withdrawn
    uneven: tuple[int, ...]  # legs whose least ratio is a row
    least_ratio: Floats  # (n_legs,)


def per_leg(curves: Curves, amounts: Floats) -> Floats:
    """(n_legs,) sums of what its pieces have."""
    summed = np.bincount(curves.leg, amounts, len(curves.least_ratio))
    return np.asarray(summed, dtype=np.float64)


def as_curves(legs: Sequence[Leg], slots: int) -> Curves:
    """The pieces of all legs, one after another."""
    pieces = [(i, piece) for i, leg in enumerate(legs) for piece in leg.pieces]
    leg = np.array([i for i, _ in pieces], dtype=np.int64)
    thinned = np.zeros((len(pieces), slots))
    for row, (_, piece) in enumerate(pieces):
        for slot, share in piece.thinned:
            thinned[row, slot] += share
    uneven = [i for i, each in enumerate(legs) if _is_uneven(each)]
    capacities = [
        [p.capacity for p in each.pieces] if i in uneven else _within_ratio(each)
        for i, each in enumerate(legs)
    ]
    table = np.array([(1 - p.fee, p.rate, p.depth) for _, p in pieces]).reshape(-1, 3)
    return Curves(
        leg=leg,
        is_first=np.diff(leg, prepend=-1) > 0,
        token_in=np.array([each.token_in for each in legs], dtype=np.int64)[leg],
        token_out=np.array([each.token_out for each in legs], dtype=np.int64)[leg],
        net=table[:, 0].copy(),
        rate=table[:, 1].copy(),
        depth=table[:, 2].copy(),
        capacity=np.array([c for each in capacities for c in each], dtype=np.float64),
        thinned=thinned,
        uneven=tuple(uneven),
        least_ratio=np.array([each.least_ratio for each in legs], dtype=np.float64),
    )


def _is_uneven(leg: Leg) -> bool:
    first = leg.pieces[0].thinned if leg.pieces else ()
    return any(piece.thinned != first for piece in leg.pieces)


def _within_ratio(leg: Leg) -> list[float]:
    """Most input of each piece so that the leg as a whole pays its least ratio."""
    found, spare = [], 0.0  # value paid beyond the least ratio so far
    for piece in leg.pieces:
        capacity = _most_input(piece, leg.least_ratio, spare)
        spare += _paid(piece, capacity) - leg.least_ratio * capacity
        found.append(capacity)
    return found


def _paid(piece: Piece, paid_in: float) -> float:
    net = (1 - piece.fee) * paid_in
    return piece.rate * net / (1 + net / piece.depth)


def _most_input(piece: Piece, ratio: float, spare: float) -> float:
    """Largest x up to the capacity with paid(x) - ratio x + spare >= 0."""
    if _paid(piece, piece.capacity) - ratio * piece.capacity + spare >= 0:
        return piece.capacity
    net = 1 - piece.fee
    # 0 = rate net x - (ratio x - spare) (1 + net x / depth): a quadratic in x
    square = ratio * net / piece.depth
    linear = piece.rate * net - ratio + spare * net / piece.depth
    if square <= 0:
        return 0.0
    root = np.sqrt(linear * linear + 4 * square * max(spare, 0.0))
    return float(min(max((linear + root) / (2 * square), 0.0), piece.capacity))
