# SPDX-License-Identifier: MIT
"""Weighted pools of k tokens at given prices, in closed form.

Along the invariant prod R_j^w_j the best reserves are l w_j / p_j, with p_j the price
for tokens that go out and the price over 1 - fee for those that come in; tokens
between the two stay. The one unknown l solves a piecewise linear equation in log l.

SOURCE  Martinelli, Mushegian: "Balancer" (2019) for the invariant; the first-order
        conditions are those of Angeris et al. (2022), section 3.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from steelyard.route.response import (
    Blocks,
    Bools,
    Floats,
    Ints,
    Spots,
    corners_of,
    star,
)


@dataclass(frozen=True, kw_only=True)
class WeightedBlock:
    """m pools of k tokens."""

    tokens: Ints  # (m, k)
    pool: Ints  # (m,)
    log_reserves: Floats  # (m, k), of raw units
    weights: Floats  # (m, k), rows sum to 1
    log_keep: Floats  # (m,), log of 1 - fee
    may_enter: Bools  # (m, k)
    may_leave: Bools  # (m, k)

    def respond(self, log_prices: Floats) -> Blocks:
        """Best trades at e^log_prices."""
        out = self._log_weights - log_prices[self.tokens] - self.log_reserves
        enter = np.where(self.may_enter, out + self.log_keep[:, None], -np.inf)
        out = np.where(self.may_leave, out, np.inf)
        level = self._level(out, enter)[:, None]
        leaves, comes = level + out < 0, level + enter > 0
        moved = np.where(leaves, level + out, np.where(comes, level + enter, 0.0))
        worth = np.exp(log_prices[self.tokens] + self.log_reserves)
        worth = np.where(comes, worth / np.exp(self.log_keep)[:, None], worth)
        values = -worth * np.expm1(moved)
        active = np.where(leaves | comes, np.exp(level) * self.weights, 0.0)
        total = np.maximum(active.sum(axis=1), np.finfo(float).tiny)
        bend = -active[:, :, None] * active[:, None, :] / total[:, None, None]
        diagonal = np.arange(self.tokens.shape[1])
        bend[:, diagonal, diagonal] += active
        return Blocks(values=values, bend=bend)

    def spots(self) -> Spots:
        """Prices of each pool's first token in its others: w_j / R_j of each."""
        logs = self._log_weights - self.log_reserves
        return star(self.tokens, logs, np.exp(self.log_reserves))

    def directed(self, may_enter: Bools, may_leave: Bools) -> Self:
        """Tokens may only come in and go out where the two (m, k) say so."""
        return replace(self, may_enter=may_enter, may_leave=may_leave)

    def in_units(self, log_worth: Floats) -> Self:
        """The same pools, tokens counted in units worth e^log_worth each."""
        return replace(self, log_reserves=self.log_reserves + log_worth[self.tokens])

    def _level(self, out: Floats, enter: Floats) -> Floats:
        """Root of sum w_j (min(0, l + out_j) + max(0, l + enter_j)), (m,)."""
        corners, terms = corners_of(out, enter)
        height = (terms * self.weights[:, None, :]).sum(axis=2)
        # the last corner with height <= 0, and the next: the root lies between
        after = np.clip((height <= 0).sum(axis=1), 1, corners.shape[1] - 1)
        rows = np.arange(len(corners))
        x0, x1 = corners[rows, after - 1], corners[rows, after]
        y0, y1 = height[rows, after - 1], height[rows, after]
        rise = np.where(y1 > y0, y1 - y0, 1.0)
        return np.asarray(x0 - y0 * (x1 - x0) / rise)

    @cached_property
    def _log_weights(self) -> Floats:
        return np.log(self.weights)
