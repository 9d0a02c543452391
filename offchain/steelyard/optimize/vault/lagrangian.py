# SPDX-License-Identifier: MIT
"""The Lagrangian of the vault's problem, in parts that need no solver.

Under prices of tokens, rows and budgets it falls apart into one supremum a slot and one
a leg, each in closed form or by a bracketed root, gas and kinks included. Risk and
charges are replaced by their tangents at a point, and so are fees that several slots
share: less of the former and more of the latter. The highest of some planes is at least
any mean of them. The output of a piece is homogeneous in its input and in what is kept
of its depth together, so the supremum over inputs is the profit at full depth times
what is kept: linear in what is withdrawn (arbitrage as in Angeris et al., "Optimal
routing for constant function market makers", 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.vault.arrays import VaultArrays
from steelyard.optimize.vault.curves import per_leg
from steelyard.optimize.vault.domain import DOWN, OFF, ON, STAY, UP, Domain, ranges
from steelyard.optimize.vault.interest import Stretch, peak
from steelyard.optimize.vault.prices import Prices, piece_prices

TINY = 1e-30  # keeps a quotient finite


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """Suprema over a domain; -inf where an action is not allowed.

    `bound` is at least what any allocation in the domain is worth, gas of its actions
    paid but for the order's own, for any prices and any tangent point (weak duality).
    """

    constant: float
    slots: Floats  # (3, n_slots) staying, going up, going down
    stretches: tuple[Floats, ...]  # the same of a market: (n_stretches, 3)
    legs: Floats  # (2, n_legs) unused, used
    spare: Floats  # (n_legs,) how far the bound of a used leg is above it, at the point

    @property
    def bound(self) -> float:
        best = self.slots.max(axis=0).sum() + self.legs.max(axis=0).sum()
        return float(self.constant + best)


def lagrangian(arrays: VaultArrays, domain: Domain, z: Floats, prices: Prices) -> Parts:
    """The parts under these prices; tangents at z, inventory and values."""
    tokens, fees = len(arrays.inventory), arrays.fees
    constant, slope = _risk(arrays, z)
    slope -= prices.rows @ arrays.matrix[tokens:]
    if arrays.planes.functions:
        slope -= prices.planes @ arrays.planes.slopes
        constant -= float(prices.planes @ arrays.planes.starts)
    for charge in arrays.charges:
        plane = charge.plane(z)
        slope -= plane.slopes
        constant -= plane.start
    now = arrays.inventory + arrays.compositions @ arrays.values
    constant += float(prices.tokens @ now + prices.rows @ arrays.bounds[tokens:])
    constant += float(prices.budgets @ arrays.budgets.bounds)
    # an inventory that gains more than its price would be as large as can be
    cheap = np.maximum(slope[:tokens] - prices.tokens, 0.0)
    constant += arrays.most_inventory * float(cheap.sum())

    per_value = slope[tokens:] - prices.tokens @ arrays.compositions
    own = fees.shares @ z[tokens:]
    tangent = np.where(fees.is_shared, fees.income / (1 + own) ** 2, 0.0)
    per_value += tangent @ fees.shares
    constant += float(tangent @ own**2)
    legs = _legs(arrays, domain, prices, z[tokens:])
    slots, stretches = _slots(arrays, domain, prices, per_value, legs.thinning)
    return Parts(
        constant=constant + legs.slack,
        slots=slots,
        stretches=stretches,
        legs=legs.parts,
        spare=legs.spare,
    )


def _risk(arrays: VaultArrays, z: Floats) -> tuple[float, Floats]:
    """(value at 0, slopes) of the quadratic's tangent at z."""
    quadratic = arrays.quadratic
    curved = quadratic.curvature @ z
    start = quadratic.constant + float(z @ curved) / 2 + quadratic.slack
    return start, quadratic.linear - curved


def arbitrage(arrays: VaultArrays, prices: Prices) -> Floats:
    """(n_pieces,) most of got * output - paid * input at full depth, at least 0."""
    curves = arrays.curves
    paid, got = piece_prices(arrays, prices)
    reach = curves.depth / curves.net
    start = got * curves.rate * curves.net  # marginal, at no input
    with np.errstate(divide="ignore", invalid="ignore"):
        best = (np.sqrt(np.maximum(start, 0.0) / paid) - 1) * reach
    best = np.where(paid > 0, np.clip(best, 0.0, curves.capacity), curves.capacity)
    profit = np.maximum(start / (1 + best / reach) - paid, 0.0) * best
    if start.min(initial=0.0) < 0:  # then convex: an end is the most
        full = curves.capacity
        profit = np.maximum(profit, (start / (1 + full / reach) - paid) * full)
    return profit


@dataclass(frozen=True, kw_only=True, eq=False)
class _Legs:
    parts: Floats  # (2, n_legs)
    thinning: Floats  # (n_slots,) lost per value withdrawn
    slack: float  # where a pool could be thinned to less than nothing
    spare: Floats  # (n_legs,)


def _legs(arrays: VaultArrays, domain: Domain, prices: Prices, values: Floats) -> _Legs:
    curves = arrays.curves
    may, need_not = domain.legs[ON], domain.legs[OFF]
    profit = np.where(may[curves.leg], arbitrage(arrays, prices), 0.0)
    gained = per_leg(curves, profit) - domain.gas.swap
    most = curves.thinned @ np.maximum(arrays.values - domain.lowest, 0.0)
    lost = per_leg(curves, profit * most)
    # max(0, profit - gas - lost) is convex in what is withdrawn: at most its chord
    part = np.where(need_not, np.clip(gained / np.maximum(lost, TINY), 0.0, 1.0), 1.0)
    now = curves.thinned @ np.maximum(arrays.values - values, 0.0)
    return _Legs(
        parts=np.stack(
            [np.where(need_not, 0.0, -np.inf), np.where(may, gained, -np.inf)]
        ),
        thinning=(part[curves.leg] * profit) @ curves.thinned,
        slack=float(profit @ np.maximum(most - 1, 0.0)),
        spare=(1 - part) * per_leg(curves, profit * now),
    )


def _slots(
    arrays: VaultArrays,
    domain: Domain,
    prices: Prices,
    per_value: Floats,
    thinning: Floats,
) -> tuple[Floats, tuple[Floats, ...]]:
    """((3, n_slots) parts, (n_stretches, 3) parts of each market)."""
    budgets = arrays.budgets
    slopes = np.stack([per_value, per_value, per_value + thinning])
    slopes[UP] -= prices.budgets @ budgets.per_raised
    slopes[DOWN] += prices.budgets @ budgets.per_lowered
    # each line meets the others at the value now, gas apart
    starts = (per_value - slopes) * arrays.values
    starts[UP] -= domain.gas.supply
    starts[DOWN] -= domain.gas.withdraw
    lowest, highest = ranges(arrays, domain)
    parts = _with_fees(arrays, slopes, lowest, highest) + starts
    found = []
    for market, stretches in zip(arrays.markets, domain.stretches, strict=True):
        j = market.slot
        most = _of_market(stretches, slopes[:, j], lowest[:, j], highest[:, j])
        found.append(most + starts[:, j])
        parts[:, j] = found[-1].max(axis=0)
    return parts, tuple(found)


def _with_fees(
    arrays: VaultArrays, slopes: Floats, lowest: Floats, highest: Floats
) -> Floats:
    """(3, n_slots) most of own fees + slope * x; -inf where bounds are crossed."""
    income, share = arrays.fees.alone_income, arrays.fees.alone_share
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (np.sqrt(income * share / -slopes) - 1) / share
    at = np.where(slopes < 0, at, np.inf)
    empty = lowest > highest
    at = np.clip(at, lowest, np.maximum(lowest, highest))
    at[empty] = 0.0
    most = income * (1 - 1 / (1 + share * at)) + slopes * at
    most[empty] = -np.inf
    return np.asarray(most)


def _of_market(
    stretches: tuple[Stretch, ...], slopes: Floats, lowest: Floats, highest: Floats
) -> Floats:
    """(n_stretches, 3) most of interest + slope * x by each action on each stretch."""
    found = np.full((len(stretches), 3), -np.inf)
    for i, stretch in enumerate(stretches):
        for action in (STAY, UP, DOWN):
            low = max(float(lowest[action]), stretch.lowest)
            high = min(float(highest[action]), stretch.highest)
            if low <= high:
                found[i, action] = peak(stretch, float(slopes[action]), low, high)
    return found
