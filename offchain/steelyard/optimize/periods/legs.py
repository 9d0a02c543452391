# SPDX-License-Identifier: MIT
"""The most that one leg can bring over all orders, under prices.

A unit out of the leg brings got_t in order t, a unit in costs paid_t. Two bounds hold;
the one that is lower where the plan stands is taken.

Rested. What stands in a leg makes it no better: F(E + x) - F(E) <= F(x), as F is
concave. So each order brings at most what a pool at rest would (closed form), times the
depth that is kept.

Tired. With p_t what stands after order t over the depth k_t that is kept, and s what
stays of it, order t brings k_t (got_t (f(p_t) - f(s p_{t-1})) - paid_t (p_t -
s p_{t-1})). Sorted by p_t that is a sum of functions of one variable each,

    k_t phi_t(p) - k_{t+1} psi_{t+1}(p),  phi_t(p) = got_t f(p) - paid_t p,
                                         psi_t(p) = phi_t(s p),

whose most is convex in (k_t, k_{t+1}) and of degree 1: over a range of depths it lies
under a plane through three of its corners. `floors` price p_t >= s p_{t-1}, `ratios`
the least ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.periods.curve import Curve, Sums, as_curve, most
from steelyard.optimize.problem import Floats, Leg

LEAST_KEPT = 1e-6  # where a pool may be emptied what stands in it is forgotten


@dataclass(frozen=True, kw_only=True, eq=False)
class LegWay:
    """A leg's curve, and how much of its depth may be left."""

    leg: Leg
    capacities: Floats  # (n_pieces,) narrowed to what the leg may take
    curve: Curve
    thinned: Floats  # (n_pieces, n_slots) share of depth per value withdrawn
    least: Floats  # (n_pieces,) of the depth that may be kept; under 0 counts as 0
    largest: Floats  # (n_pieces,)

    @property
    def is_even(self) -> bool:
        """Whether withdrawals leave the same share of every stretch."""
        return bool((self.thinned == self.thinned[:1]).all())


@dataclass(frozen=True, kw_only=True, eq=False)
class LegPrices:
    """(n_orders,) each; `got` and `paid` of any sign, the others at least 0."""

    got: Floats
    paid: Floats
    floors: Floats
    ratios: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class LegPart:
    """constant + sum of thinning x (least of the values before and after an order,
    less the value now): nothing that the leg brings is more."""

    constant: float
    thinning: Floats  # (n_orders, n_slots)

    def at(self, change: Floats) -> float:
        """Where the lesser of both values differs from now by this, (n_orders,
        n_slots)."""
        return self.constant + float((self.thinning * change).sum())


def leg_way(
    leg: Leg, capacities: Floats, thinned: Floats, falls: Floats, rises: Floats
) -> LegWay:
    """`falls` and `rises` (n_slots,): most by which a value may change from now."""
    return LegWay(
        leg=leg,
        capacities=capacities,
        curve=as_curve(leg, capacities),
        thinned=thinned,
        least=1 - thinned @ falls,
        largest=1 + thinned @ rises,
    )


def leg_part(
    way: LegWay, prices: LegPrices, stays: float, gas: float, change: Floats
) -> LegPart:
    """The better bound at `change` (n_orders, n_slots); `gas` is that of one swap."""
    part = _rested(way, prices, gas)
    if part.at(change) <= 0 or not stays:
        return part
    if not way.is_even or way.least.min() < LEAST_KEPT:
        return part
    tired = _tired(way, prices, stays, gas, change)
    return tired if tired.at(change) < part.at(change) else part


def rested_profit(way: LegWay, got: Floats, paid: Floats) -> Floats:
    """(n_orders, n_pieces) most that a pool at rest brings at full depth, at least 0.

    What comes out is taken for as much as the curve pays, so it counts at least 0.
    """
    curve, full = way.curve, way.capacities
    start = np.maximum(got, 0.0)[:, None] * curve.steep
    cost = np.broadcast_to(paid[:, None], start.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        best = (np.sqrt(start / cost) - 1) / curve.bend
    best = np.where(cost > 0, np.clip(best, 0.0, full), full)
    return np.asarray(np.maximum(start / (1 + curve.bend * best) - cost, 0.0) * best)


def _rested(way: LegWay, prices: LegPrices, gas: float) -> LegPart:
    got = prices.got + prices.ratios
    paid = prices.paid + prices.ratios * way.leg.least_ratio
    if way.is_even:  # the capacities keep the ratio
        got, paid = prices.got, prices.paid
    profit = rested_profit(way, got, paid)
    whole = profit @ np.maximum(way.largest, 0.0)
    # max(0, profit - gas) is convex in what is kept: at most its chord from nothing
    profit *= _after_gas(whole, gas)[:, None]
    emptied = profit @ np.maximum(-way.least, 0.0)
    return LegPart(
        constant=float(profit.sum() + emptied.sum()), thinning=profit @ way.thinned
    )


def _after_gas(whole: Floats, gas: float) -> Floats:
    """Share of what is brought that is left after `gas`, where `whole` is the most."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > gas, 1 - gas / whole, 0.0)


def _tired(
    way: LegWay, prices: LegPrices, stays: float, gas: float, change: Floats
) -> LegPart:
    share = way.thinned[0]
    planes = _planes(way, prices, stays, 1 + change @ share)
    per_kept = planes[:, 0].copy()
    per_kept[1:] += planes[:-1, 1]
    constant = float(per_kept.sum() + planes[:, 2].sum())
    largest, least = float(way.largest[0]) - 1, float(way.least[0]) - 1
    reach = np.maximum(per_kept * largest, per_kept * least).sum()
    left = float(_after_gas(np.array([constant + reach]), gas)[0])
    return LegPart(
        constant=left * constant, thinning=left * per_kept[:, None] * share[None, :]
    )


def _planes(way: LegWay, prices: LegPrices, stays: float, kept: Floats) -> Floats:
    """(n_orders, 3) a, b and c: a k_t + b k_{t+1} + c is at least the most of order t.

    The lowest of such planes at `kept` (n_orders,).
    """
    low, high = float(way.least[0]), float(way.largest[0])
    same = _most_kept(way, prices, stays, 1.0, 1.0)
    after = np.append(kept[1:], 0.0)
    if high <= low:
        return np.column_stack([same, 0 * same, 0 * same])
    falls = _most_kept(way, prices, stays, high, low)
    rises = _most_kept(way, prices, stays, low, high)
    under = kept + after <= low + high
    corner = np.where(under, low, high) * same
    # towards the other corner of each side
    first = np.where(under, falls - corner, corner - rises) / (high - low)
    second = np.where(under, rises - corner, corner - falls) / (high - low)
    level = corner - (first + second) * np.where(under, low, high)
    planes = np.column_stack([first, second, level])
    planes[-1] = same[-1], 0.0, 0.0  # no order follows the last
    return planes


def _most_kept(
    way: LegWay, prices: LegPrices, stays: float, here: float, there: float
) -> Floats:
    """(n_orders,) most of here x phi_t - there x psi_{t+1}."""
    got = prices.got + prices.ratios
    paid = prices.paid + prices.ratios * way.leg.least_ratio - prices.floors
    next_got, next_paid = np.append(got[1:], 0.0), np.append(paid[1:], 0.0)
    return most(
        way.curve,
        Sums(
            up=here * got,
            down=there * next_got,
            price=here * paid - there * stays * next_paid,
            stays=stays,
        ),
    )
