# SPDX-License-Identifier: MIT
"""Multipliers: what limits, tokens and pieces of curves are worth at the margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.vault.arrays import VaultArrays


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """Gain over the horizon per unit of a limit, at least 0; `tokens` may be anything.

    A token's price is what a unit of value of it in the inventory counts.
    """

    tokens: Floats  # (n_tokens,)
    rows: Floats  # (n_rows,)
    budgets: Floats  # (n_budgets,)
    ratios: Floats  # (n_uneven,) of legs whose least ratio is a row
    planes: Floats  # (n_planes,) shares of the planes, 1 for each function


def no_prices(arrays: VaultArrays, gradient: Floats) -> Prices:
    """Tokens at what they are worth at the margin, no limit in the way."""
    tokens = len(arrays.inventory)
    return Prices(
        tokens=gradient[:tokens],
        rows=np.zeros(len(arrays.bounds) - tokens),
        budgets=np.zeros(len(arrays.budgets.bounds)),
        ratios=np.zeros(len(arrays.curves.uneven)),
        planes=arrays.planes.shares(np.zeros(len(arrays.planes.of))),
    )


def as_prices(arrays: VaultArrays, gradient: Floats, multipliers: Floats) -> Prices:
    """From multipliers in the order of a step's rows; negative ones count as 0.

    Token prices are what makes the Lagrangian flat in every inventory at `gradient`,
    which is that of the objective without planes.
    """
    tokens, limits = len(arrays.inventory), len(arrays.bounds)
    budgets = limits + len(arrays.budgets.bounds)
    priced = np.maximum(multipliers, 0.0)
    worth = gradient[:tokens] - priced[:limits] @ arrays.matrix[:, :tokens]
    planes = arrays.planes
    shares = planes.shares(multipliers[len(multipliers) - len(planes.of) :])
    if planes.functions:
        worth -= shares @ planes.slopes[:, :tokens]
    return Prices(
        tokens=worth,
        rows=priced[tokens:limits],
        budgets=priced[limits:budgets],
        ratios=priced[budgets : budgets + len(arrays.curves.uneven)],
        planes=shares,
    )


def piece_prices(arrays: VaultArrays, prices: Prices) -> tuple[Floats, Floats]:
    """(n_pieces,) each: what value into a piece costs, and out of it brings, a unit."""
    curves, budgets = arrays.curves, arrays.budgets
    paid = prices.tokens[curves.token_in] + prices.budgets @ budgets.per_input
    got = prices.tokens[curves.token_out] - prices.budgets @ budgets.per_output
    if curves.uneven:
        ratios = np.zeros(len(curves.least_ratio))
        ratios[list(curves.uneven)] = prices.ratios
        paid += (ratios * curves.least_ratio)[curves.leg]
        got += ratios[curves.leg]
    return paid, got
