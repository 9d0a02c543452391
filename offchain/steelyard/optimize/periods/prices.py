# SPDX-License-Identifier: MIT
"""Prices of several orders: few are taken from a solver, the rest make a path flat.

Where a path is a local optimum, prices exist under which nothing that it does gains at
the margin. From the last order back each is a closed form of those before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.periods.curve import paid_and_slope
from steelyard.optimize.periods.legs import LegPrices
from steelyard.optimize.periods.parts import PathParts
from steelyard.optimize.problem import Floats
from steelyard.optimize.terms import LEAST_CHANGE, Allocation
from steelyard.optimize.vault.arrays import VaultArrays

NOISE = 1e-5  # what a solver may take a token that is held to be short by


@dataclass(frozen=True, kw_only=True, eq=False)
class PathPrices:
    """Gain over the horizon per unit, of each order; all at least 0."""

    spare: Floats  # (n_orders, n_tokens) of a token beyond what it earns if it is kept
    rows: Floats  # (n_orders, n_rows)
    budgets: Floats  # (n_orders, n_budgets)


def no_path_prices(parts: PathParts) -> PathPrices:
    """No limit is in the way, no token is short."""
    problem, periods = parts.problem, parts.periods
    return PathPrices(
        spare=np.zeros((periods, len(problem.inventory))),
        rows=np.zeros((periods, len(problem.rows))),
        budgets=np.zeros((periods, len(problem.budgets))),
    )


def path_prices(
    parts: PathParts,
    path: Sequence[Allocation],
    tokens: Floats,
    rows: Floats,
    budgets: Floats,
) -> PathPrices:
    """From multipliers of a solver; `tokens` (n_orders, n_tokens) is what one more
    before the order is worth. Negative ones count as 0, and so does what is next to
    nothing of a token that is held."""
    rows, budgets = np.maximum(rows, 0.0), np.maximum(budgets, 0.0)
    none = np.zeros_like(tokens)
    kept = tokens - np.append(tokens[1:], none[:1], axis=0)
    spare = np.maximum(kept - earned(parts, path, rows), 0.0)
    held = np.array([order.inventory for order in path])
    spare[(held > LEAST_CHANGE) & (spare < NOISE)] = 0.0
    return PathPrices(spare=spare, rows=rows, budgets=budgets)


def token_prices(
    parts: PathParts, path: Sequence[Allocation], prices: PathPrices
) -> Floats:
    """(n_orders, n_tokens) what one more before the order is worth."""
    return later_sums(prices.spare + earned(parts, path, prices.rows))


def earned(parts: PathParts, path: Sequence[Allocation], rows: Floats) -> Floats:
    """(n_orders, n_tokens) what one more of a token earns until the next order, at the
    margin of the path and less the prices of rows; at the end its own value too."""
    count = len(parts.problem.inventory)
    found = np.zeros((parts.periods, count))
    for t, order in enumerate(path):
        arrays = parts.arrays(t)
        found[t] = gradient(arrays, order.z)[:count] - parts.counted(t)
        found[t] -= rows[t] @ arrays.matrix[count:, :count]
    return found


def gradient(arrays: VaultArrays, z: Floats) -> Floats:
    """(n_tokens + n_slots,) of what it is worth to hold z, fees and interest too."""
    tokens, fees = len(arrays.inventory), arrays.fees
    found = arrays.quadratic.linear - arrays.quadratic.curvature @ z
    own = fees.shares @ z[tokens:]
    found[tokens:] += (fees.income / (1 + own) ** 2) @ fees.shares
    for market in arrays.markets:
        held = float(z[tokens + market.slot])
        stretch = next((s for s in market.stretches if held <= s.highest), None)
        stretch = stretch or market.stretches[-1]
        held = min(max(held, stretch.lowest), stretch.highest)
        found[tokens + market.slot] += stretch.earned(held)[1]
    return np.asarray(found)


def leg_prices_at(
    parts: PathParts,
    leg: int,
    tokens: Floats,
    charged: Floats,
    filled: Floats,
    is_short: NDArray[np.bool_],
) -> LegPrices:
    """With floors and ratios that make the leg flat where it stands.

    `tokens` (n_orders, n_tokens), `charged` (n_orders, n_budgets) what a unit charged
    in an order costs, `filled` (n_orders,) what stands after each order, at full depth;
    `is_short` (n_orders,) whether the leg pays its least ratio and no more.
    """
    stays, ratio = parts.stays, parts.problem.legs[leg].least_ratio
    floors, ratios = np.zeros(parts.periods), np.zeros(parts.periods)
    got = tokens @ parts.token_out[leg] - charged @ parts.per_output[:, leg]
    paid = tokens @ parts.token_in[leg] + charged @ parts.per_input[:, leg]
    curve = parts.ways[leg].curve
    for t in reversed(range(parts.periods)):
        _, slope = paid_and_slope(curve, filled[t])
        next_cost = 0.0  # what a unit that stands now costs the next order
        if t < parts.periods - 1:
            _, next_slope = paid_and_slope(curve, stays * filled[t])
            next_got = got[t + 1] + ratios[t + 1]
            next_paid = paid[t + 1] + ratios[t + 1] * ratio - floors[t + 1]
            next_cost = stays * (next_got * next_slope - next_paid)
        gain = float(got[t] * slope - paid[t] - next_cost)
        if gain < 0:
            floors[t] = -gain
        elif ratio > slope and is_short[t]:
            ratios[t] = gain / (ratio - slope)
    return LegPrices(got=got, paid=paid, floors=floors, ratios=ratios)


def later_sums(rows: Floats) -> Floats:
    """Of each row and all below it."""
    return np.asarray(np.cumsum(rows[::-1], axis=0)[::-1])
