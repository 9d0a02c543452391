# SPDX-License-Identifier: MIT
"""StableSwap pools of two coins at given prices.

In units of the invariant D, with x and y the coins' balances and a = A n^n,

    a (x + y) + 1 = a + 1 / (4 x y)        so y is the root of a quadratic in x,
    -dy/dx = (a + 1/(4 x^2 y)) / (a + 1/(4 x y^2)).

The best trade moves the pool to where this slope is the price. The logarithm of the
slope falls in log x and is convex for x < y, so Newton's method from the steep side
never overshoots; for x > y the coins change places.

SOURCE  Egorov: "StableSwap" (2019).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from steelyard.route.response import Bools, Edges, Floats, Ints, Spots

MOST_STEPS = 60
ROUNDING = 1e-16  # of a log slope over its distance from 0


@dataclass(frozen=True, kw_only=True)
class StablePairs:
    """m pools of two coins; every array is (m,)."""

    token0: Ints
    token1: Ints
    pool: Ints
    invariant: Floats  # D, in units that count both coins alike
    amplification: Floats  # a = A n^n, as in the formula above
    balance0: Floats  # in units of D
    balance1: Floats
    log_unit0: Floats  # log of such units per raw unit of token0 (decimals, rates)
    log_unit1: Floats
    log_keep: Floats  # log of 1 - fee
    fee_on_out: Bools  # taken from what goes out (Curve), or from what enters
    lowest: Floats  # the way that prices may go: 0 where token0 may not come in
    highest: Floats  # 0 where token0 may not go out

    def respond(self, log_prices: Floats) -> Edges:
        """Best trades at e^log_prices."""
        log0 = log_prices[self.token0] - self.log_unit0
        log1 = log_prices[self.token1] - self.log_unit1
        gap = log0 - log1 - self._log_slope
        way = gap - np.clip(gap, self.log_keep, -self.log_keep)
        way = np.clip(way, self.lowest, self.highest)
        moves = way != 0
        x, y, bends = self._at(self._log_slope[moves] + way[moves], moves)
        change0, change1, bend = np.zeros((3, len(way)))
        change0[moves] = x - self.balance0[moves]
        change1[moves] = y - self.balance1[moves]
        bend[moves] = -bends

        kept = np.where(self.fee_on_out, np.exp(self.log_keep), 1.0)
        both = self.invariant * kept
        worth0, worth1 = np.exp(log0) * both, np.exp(log1) * both
        factor0 = np.where(way < 0, np.exp(-self.log_keep), 1.0)
        factor1 = np.where(way > 0, np.exp(-self.log_keep), 1.0)
        return Edges(
            values0=-worth0 * factor0 * change0,
            values1=-worth1 * factor1 * change1,
            bend=worth0 * factor0 * bend,
        )

    def spots(self) -> Spots:
        """Prices now; the depth is what there is of token1."""
        return Spots(
            token0=self.token0,
            token1=self.token1,
            log_price=self._log_slope + self.log_unit0 - self.log_unit1,
            depth=self.balance1 * self.invariant / np.exp(self.log_unit1),
        )

    def directed(self, order: Ints) -> Self:
        """Tokens may only be sold for tokens with a later place in `order`, (n,)."""
        forward = order[self.token0] < order[self.token1]
        return replace(
            self,
            lowest=np.where(forward, self.lowest, 0.0),
            highest=np.where(forward, 0.0, self.highest),
        )

    def allows(self) -> tuple[Bools, Bools]:
        """(whether token0 may come in, whether it may go out), each (m,)."""
        return self.lowest < 0, self.highest > 0

    def in_units(self, log_worth: Floats) -> Self:
        """The same pools, tokens counted in units worth e^log_worth each."""
        return replace(
            self,
            log_unit0=self.log_unit0 - log_worth[self.token0],
            log_unit1=self.log_unit1 - log_worth[self.token1],
        )

    def _at(self, log_slope: Floats, which: Ints) -> tuple[Floats, Floats, Floats]:
        """(balance0, balance1, derivative of balance0 by the log slope) at a slope."""
        a = self.amplification[which]
        target = np.abs(log_slope)  # of the scarcer coin, x
        turned = log_slope < 0
        here = np.where(turned, self.balance1[which], self.balance0[which])
        steep = -np.log(2 * np.sqrt((a + 1) * np.exp(target)))
        log_x = np.where(turned == (self._log_slope[which] < 0), np.log(here), steep)
        for _ in range(MOST_STEPS):
            _, log_s, steep = _curve(np.exp(log_x), a)
            left = target - log_s
            step = np.maximum(left / steep, -1.0)
            log_x = log_x + step
            # the next step would be its square
            if np.all((np.abs(step) <= 1e-9) | (np.abs(left) <= ROUNDING * target)):
                break
        x = np.exp(log_x)
        y, log_s, steep = _curve(x, a)
        change = np.where(turned, x * np.exp(log_s), x) / steep
        return np.where(turned, y, x), np.where(turned, x, y), change

    @cached_property
    def _log_slope(self) -> Floats:
        _, log_s, _ = _curve(self.balance0, self.amplification)
        return log_s


def _curve(x: Floats, a: Floats) -> tuple[Floats, Floats, Floats]:
    """(y, log of the slope -dy/dx, its derivative by log x) on the invariant."""
    b = x + 1 / a - 1
    c = 1 / (4 * a * x)
    root = np.sqrt(b * b + 4 * c)
    y = np.where(b > 0, 2 * c / (b + root), (root - b) / 2)
    at_x, at_y = 1 / (4 * x * x * y), 1 / (4 * x * y * y)
    log_s = np.log1p((y - x) * at_x / y / (a + at_y))
    s = np.exp(log_s)
    by_x = at_x * (s / y - 2 / x) / (a + at_x) - at_y * (2 * s / y - 1 / x) / (a + at_y)
    return y, log_s, x * by_x
