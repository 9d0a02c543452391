# SPDX-License-Identifier: MIT
"""The most of up x F(x) - down x F(stays x) - price x, F what a leg pays in all.

One dimension, but neither concave nor convex. On an interval the second derivative lies
between bounds that have a closed form: never under -k, the function lies under the
parabola through both ends that bends by k (alpha-BB, Androulakis, Maranas & Floudas
1995); never over 0, also under its tangents there. Intervals are halved until that
leaves nothing to gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.problem import Floats, Leg

Indexes = NDArray[np.int64]
ENOUGH = 1e-14  # of NAV
HALVINGS = 40
MOST_INTERVALS = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """What a leg pays at full depth for what went in, stretch after stretch."""

    starts: Floats  # (n_pieces,) value that fills the stretches before
    end: float  # most that goes in
    paid: Floats  # (n_pieces,) by the stretches before
    steep: Floats  # (n_pieces,) out per value in where a stretch starts
    bend: Floats  # (n_pieces,) by which the slope falls: steep / (1 + bend u)^2


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """up F(x) - down F(stays x) - price x, n of them."""

    up: Floats
    down: Floats
    price: Floats
    stays: float


def as_curve(leg: Leg, capacities: Floats) -> Curve:
    """`capacities` (n_pieces,): most that each stretch takes."""
    net = np.array([1 - piece.fee for piece in leg.pieces])
    steep = net * [piece.rate for piece in leg.pieces]
    bend = net / [piece.depth for piece in leg.pieces]
    paid = steep * capacities / (1 + bend * capacities)
    return Curve(
        starts=np.cumsum(capacities) - capacities,
        end=float(capacities.sum()),
        paid=np.cumsum(paid) - paid,
        steep=steep,
        bend=bend,
    )


def paid_and_slope(curve: Curve, x: float) -> tuple[float, float]:
    """(F(x), its slope towards more); `x` beyond the end counts as the end."""
    i = int(_stretch(curve, np.array([x]))[0])
    paid, slope, _ = _at(curve, np.array([i]), np.array([min(x, curve.end)]))
    return float(paid[0]), float(slope[0])


def most(curve: Curve, sums: Sums) -> Floats:
    """(n,) at least the most over what the leg takes, by no more than `ENOUGH`.

    By more where intervals become too many.
    """
    count = len(sums.up)
    if not len(curve.starts) or curve.end <= 0:
        return np.zeros(count)
    cuts = _cuts(curve, sums.stays)
    owner = np.repeat(np.arange(count), len(cuts) - 1)
    low, high = np.tile(cuts[:-1], count), np.tile(cuts[1:], count)
    best, left = np.zeros(count), np.zeros(count)  # nothing in brings nothing
    for _ in range(HALVINGS):
        reached, above = _bounds(curve, sums, owner, low, high)
        np.maximum.at(best, owner, reached)
        is_open = above > best[owner] + ENOUGH
        owner, above = owner[is_open], above[is_open]
        low, high = low[is_open], high[is_open]
        if not len(owner) or len(owner) > MOST_INTERVALS:
            break
        middle = (low + high) / 2
        owner = np.tile(owner, 2)
        low, high = np.append(low, middle), np.append(middle, high)
        above = np.tile(above, 2)
    left[:] = best + ENOUGH
    np.maximum.at(left, owner, above)
    return left


def _cuts(curve: Curve, stays: float) -> Floats:
    """Where the formulas change; the ends included."""
    inner = curve.starts[1:]
    if stays > 0:
        inner = np.append(inner, inner / stays)
    inner = inner[(inner > 0) & (inner < curve.end)]
    return np.unique(np.concatenate([[0.0], inner, [curve.end]]))


def _stretch(curve: Curve, x: Floats) -> Indexes:
    found = np.searchsorted(curve.starts, x, side="right") - 1
    return np.asarray(found, dtype=np.int64)


def _at(curve: Curve, i: Indexes, x: Floats) -> tuple[Floats, Floats, Floats]:
    """F and its first two derivatives at x by the formula of stretch i."""
    u = x - curve.starts[i]
    fall = 1 + curve.bend[i] * u
    slope = curve.steep[i] / fall**2
    paid = curve.paid[i] + curve.steep[i] * u / fall
    return paid, slope, -2 * curve.bend[i] * slope / fall


def _bounds(
    curve: Curve, sums: Sums, owner: Indexes, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """(value at the better end, nothing in between is more) of each interval."""
    up, down, stays = sums.up[owner], sums.down[owner], sums.stays
    middle, price = (low + high) / 2, sums.price[owner]
    here, there = _stretch(curve, middle), _stretch(curve, stays * middle)
    ends = []
    for x in (low, high):
        paid, slope, second = _at(curve, here, x)
        paid2, slope2, second2 = _at(curve, there, stays * x)
        value = up * paid - down * paid2 - price * x
        first = up * slope - stays * down * slope2 - price
        ends.append((value, first, up * second, -down * stays**2 * second2))
    (value, first, *bends), (value2, first2, *bends2) = ends
    least = sum(np.minimum(a, b) for a, b in zip(bends, bends2, strict=True))
    width, reached = high - low, np.maximum(value, value2)
    above = _parabola(value, value2, np.maximum(-least, 0.0) * width**2)
    is_concave = sum(map(np.maximum, bends, bends2)) <= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        meet = (value2 - value - first2 * width) / (first - first2)
    tangents = value + first * np.clip(meet, 0.0, width)
    tangents = np.where((first <= 0) | (first2 >= 0), reached, tangents)
    return reached, np.where(is_concave, np.minimum(above, tangents), above)


def _parabola(first: Floats, last: Floats, bend: Floats) -> Floats:
    """Most of first + (last - first) s + bend s (1 - s) / 2 for s in [0, 1]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        at = 0.5 + (last - first) / bend
    at = np.clip(np.where(np.isfinite(at), at, 0.0), 0.0, 1.0)
    top = first + (last - first) * at + bend * at * (1 - at) / 2
    return np.asarray(np.maximum(top, np.maximum(first, last)))
