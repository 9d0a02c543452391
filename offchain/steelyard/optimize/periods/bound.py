# SPDX-License-Identifier: MIT
"""What no plan of so many orders can be worth: the certificate of several orders.

Tokens before order t have a price nu_t, rows and budgets one for each order. With these
the orders fall apart (weak duality), as each term knows one of them alone:

- Order t holds (c_t, v_t) for its part of the horizon and hands it on: what a token
  costs is nu_t - nu_{t+1}. That is `lagrangian` of one order without pools.
- A slot that moves by d = v_t - v_{t-1} is charged r d or -l d by the budgets, and its
  withdrawal thins pools, which costs -a d. For any eta between -(a + l) and r that is
  at least eta d: linear, so that it too falls apart.
- What stands in a pool joins orders; a leg is bounded over all of them: `path_legs`.

Any prices give a true bound; multipliers of a local optimum give a good one. It is as
wide as the problem is far from concave: pools that refill in part while own liquidity
in them comes and goes, and interest at its kink. Gas is counted as far as a slot or a
leg that is used at all pays for one action.

What is bounded is the value of `path_net`, where a pool that was pushed one way is no
better the other way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.periods.legs import LEAST_KEPT, LegPart, LegWay, leg_part
from steelyard.optimize.periods.parts import PathParts
from steelyard.optimize.periods.path import paid_out
from steelyard.optimize.periods.prices import (
    PathPrices,
    gradient,
    later_sums,
    leg_prices_at,
    no_path_prices,
    token_prices,
)
from steelyard.optimize.problem import Floats
from steelyard.optimize.terms import LEAST_CHANGE, Allocation, nothing
from steelyard.optimize.vault.arrays import VaultArrays
from steelyard.optimize.vault.domain import Domain, whole
from steelyard.optimize.vault.lagrangian import lagrangian
from steelyard.optimize.vault.prices import Prices, no_prices

SHORT = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class _Held:
    """Suprema over what orders hold, summed over the orders."""

    constant: float
    slots: Floats  # (n_slots,) whatever a slot does
    still: Floats  # (n_slots,) where it never moves by an amount that pays gas


@dataclass(frozen=True, kw_only=True, eq=False)
class Box:
    """What values orders may hold, (n_orders, n_slots) each."""

    lowest: Floats
    highest: Floats


def whole_box(parts: PathParts) -> Box:
    return Box(
        lowest=np.tile(parts.last.lowest, (parts.periods, 1)),
        highest=np.tile(parts.last.highest, (parts.periods, 1)),
    )


def path_bound(
    parts: PathParts,
    path: Sequence[Allocation],
    prices: PathPrices,
    box: Box | None = None,
) -> float:
    """At least what any plan of so many orders inside the box is worth, gas paid.

    `path` is where tangents are drawn; it need not be allowed.
    """
    box = box or whole_box(parts)
    gas = parts.problem.gas
    legs = _legs(parts, path, prices)
    thinning = sum((leg.thinning for leg in legs), np.zeros(_shape(parts)))
    held = _held(parts, path, prices, thinning, box)
    moved = np.maximum(held.still, held.slots - min(gas.supply, gas.withdraw))
    acting = held.constant + float((prices.budgets * parts.allowed).sum())
    acting += float(moved.sum()) + sum(leg.constant for leg in legs)
    if gas.base <= 0:
        return acting
    return max(acting - gas.base, _resting(parts))


def _shape(parts: PathParts) -> tuple[int, int]:
    return parts.periods, len(parts.problem.slots)


def _resting(parts: PathParts) -> float:
    """At least what it is worth to do nothing that pays gas."""
    still = [nothing(parts.problem)] * parts.periods
    none, box = no_path_prices(parts), whole_box(parts)
    held = _held(parts, still, none, np.zeros(_shape(parts)), box)
    return held.constant + float(held.still.sum())


def _legs(
    parts: PathParts, path: Sequence[Allocation], prices: PathPrices
) -> list[LegPart]:
    values = np.array([parts.problem.values, *(order.values for order in path)])
    change = np.minimum(values[:-1], values[1:]) - parts.problem.values
    tokens = token_prices(parts, path, prices)
    charged = later_sums(prices.budgets)
    inputs = np.array([order.inputs for order in path])
    ratios = np.array([leg.least_ratio for leg in parts.problem.legs])
    spare = paid_out(parts.problem, path, parts.stays) - ratios * inputs
    found = []
    for i, way in enumerate(parts.ways):
        if not len(way.capacities):
            continue
        filled = _filled(way, inputs[:, i], change, parts.stays)
        # next to nothing of what may be lost is left
        is_short = spare[:, i] < SHORT * (1 - way.leg.least_ratio) * inputs[:, i]
        at = leg_prices_at(parts, i, tokens, charged, filled, is_short)
        swap = parts.problem.gas.swap
        found.append(leg_part(way, at, parts.stays, swap, change))
    return found


def _filled(way: LegWay, inputs: Floats, change: Floats, stays: float) -> Floats:
    """(n_orders,) what stands after each order, at full depth."""
    kept = np.maximum(1 + change @ way.thinned[0], LEAST_KEPT)
    found, stands = np.zeros(len(inputs)), 0.0
    for t, paid_in in enumerate(inputs / kept):
        found[t] = stands + paid_in
        stands = stays * found[t]
    return found


def _held(
    parts: PathParts,
    path: Sequence[Allocation],
    prices: PathPrices,
    thinning: Floats,
    box: Box,
) -> _Held:
    """`thinning` (n_orders, n_slots): see `LegPart`."""
    now, count = parts.problem.values, len(parts.problem.inventory)
    tokens = token_prices(parts, path, prices)
    charged = later_sums(prices.budgets)
    raised, lowered = charged @ parts.per_raised, charged @ parts.per_lowered
    constant, slots, still = 0.0, np.zeros(len(now)), np.zeros(len(now))
    next_price, next_slope = np.zeros(count), np.zeros(len(now))
    for t in reversed(range(parts.periods)):
        arrays, order = parts.arrays(t), path[t]
        price = tokens[t] - next_price + parts.counted(t)
        given = replace(no_prices(arrays, price), rows=prices.rows[t])
        least = -(thinning[t] + lowered[t])
        slope = _slope(arrays, given, order) + next_slope
        # a slot pays at least this for each unit upwards
        moved = np.maximum(np.minimum(slope, raised[t]), least)
        spread = np.maximum(least - raised[t], 0.0)
        constant += float(spread @ (parts.highest - parts.lowest) - thinning[t] @ now)
        arrays = _tilted(arrays, next_slope - moved)
        domain = replace(whole(arrays), lowest=box.lowest[t], highest=box.highest[t])
        free = lagrangian(arrays, domain, order.z, given)
        near = lagrangian(arrays, _near(parts, domain), order.z, given)
        constant += free.constant
        slots += free.slots.max(axis=0)
        still += near.slots.max(axis=0)
        next_price, next_slope = tokens[t], thinning[t] + moved
    constant += float(next_slope @ now)
    return _Held(constant=constant, slots=slots, still=still)


def _slope(arrays: VaultArrays, prices: Prices, order: Allocation) -> Floats:
    """(n_slots,) what one more in a slot brings until the next order, at the margin."""
    count = len(arrays.inventory)
    slope = gradient(arrays, order.z)[count:] - prices.tokens @ arrays.compositions
    return np.asarray(slope - prices.rows @ arrays.matrix[count:, count:])


def _tilted(arrays: VaultArrays, slopes: Floats) -> VaultArrays:
    """Each unit of a slot is worth this much more."""
    linear = arrays.quadratic.linear.copy()
    linear[len(arrays.inventory) :] += slopes
    return replace(arrays, quadratic=replace(arrays.quadratic, linear=linear))


def _near(parts: PathParts, domain: Domain) -> Domain:
    """Where slots come to without a move that pays gas."""
    reach, now = parts.periods * LEAST_CHANGE / 2, parts.problem.values
    return replace(
        domain,
        lowest=np.maximum(domain.lowest, now - reach),
        highest=np.minimum(domain.highest, now + reach),
    )
