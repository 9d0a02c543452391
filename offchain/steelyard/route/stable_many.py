# SPDX-License-Identifier: MIT
"""StableSwap pools of three coins and more at given prices.

In units of the invariant D, with x_j the balances, a = A n^n, K = 1 / (n^n prod x_j):

    a (sum x_j - 1) + 1 = K,     and the best trade has  a + K / x_j = m p_j

with p_j the price of coins that go out and the price over 1 - fee of those that come
in; coins between the two stay. Given m, log K solves a piecewise linear equation; m
is then the root of a function that falls, found by bisection and Newton's method.

SOURCE  Egorov: "StableSwap" (2019).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from steelyard.route.response import (
    Blocks,
    Bools,
    Floats,
    Ints,
    Spots,
    corners_of,
    star,
)

MOST_STEPS = 80
TINY = float(np.finfo(float).tiny)
ROUNDING = 4e-16  # of the equation's two sides


@dataclass(frozen=True, kw_only=True)
class StableBlock:
    """m pools of k coins."""

    tokens: Ints  # (m, k)
    pool: Ints  # (m,)
    invariant: Floats  # (m,) D, in units that count all coins alike
    amplification: Floats  # (m,) a = A n^n
    balances: Floats  # (m, k) in units of D
    log_units: Floats  # (m, k) log of such units per raw unit of the token
    log_keep: Floats  # (m,) log of 1 - fee
    fee_on_out: Bools  # (m,) taken from what goes out (Curve), or what enters
    may_enter: Bools  # (m, k)
    may_leave: Bools  # (m, k)

    def respond(self, log_prices: Floats) -> Blocks:
        """Best trades at e^log_prices."""
        logs = log_prices[self.tokens] - self.log_units
        top = logs.max(axis=1)
        price = logs - top[:, None]
        level, log_k = self._solve(price)
        moved, active = self._moved(level, log_k, price)

        both = self.invariant * np.exp(top)
        both = both * np.where(self.fee_on_out, np.exp(self.log_keep), 1.0)
        paid = np.where(moved > 0, price - self.log_keep[:, None], price)
        worth = both[:, None] * np.exp(paid)
        balances = np.where(active, self.balances * np.exp(moved), 0.0)
        inner = _inverse_hessian(balances, np.exp(log_k) * self._k)
        along = np.einsum("mij,mj->mi", inner, worth)
        total = np.einsum("mi,mi->m", along, worth)
        total = np.maximum(total, TINY)
        inner -= along[:, :, None] * along[:, None, :] / total[:, None, None]
        bend = inner * worth[:, :, None] * worth[:, None, :]
        return Blocks(
            values=-worth * self.balances * np.expm1(moved),
            bend=bend * (self.amplification * np.exp(level) / both)[:, None, None],
        )

    def spots(self) -> Spots:
        """Prices of each pool's first coin in its others: a + K / x_j of each."""
        slope = self.amplification[:, None] + self._k[:, None] / self.balances
        held = self.invariant[:, None] * self.balances / np.exp(self.log_units)
        return star(self.tokens, np.log(slope) + self.log_units, held)

    def directed(self, may_enter: Bools, may_leave: Bools) -> Self:
        """Tokens may only come in and go out where the two (m, k) say so."""
        return replace(self, may_enter=may_enter, may_leave=may_leave)

    def in_units(self, log_worth: Floats) -> Self:
        """The same pools, tokens counted in units worth e^log_worth each."""
        return replace(self, log_units=self.log_units - log_worth[self.tokens])

    def _solve(self, price: Floats) -> tuple[Floats, Floats]:
        """(log of m / a, log of K over K now) of the best trade; `price`: logs.

        At log m / a = `floor` a coin would come in without end; the unknown is the
        logarithm t of what lies between.
        """
        entering = np.where(self.may_enter, price, np.inf)
        floor = self.log_keep - entering.min(axis=1)
        low, high = np.full_like(floor, -30.0), np.full_like(floor, 60.0)
        t = np.full_like(floor, -3.0)
        before = np.full_like(floor, np.inf)
        for _ in range(MOST_STEPS):
            level = floor + np.exp(t)
            height, slope, _, size = self._height(level, price)
            low, high = np.where(height > 0, t, low), np.where(height > 0, high, t)
            exact = np.abs(height) <= ROUNDING * size  # also where no coin moves
            step = height / np.minimum(slope * np.exp(t), -TINY)
            newton = np.where(exact, t, t - step)
            near = np.abs(newton - t) <= 1e-9
            inside = (low <= newton) & (newton <= high)
            good = near | (inside & (np.abs(height) < before / 2))
            before = np.abs(height)
            t = np.where(good, newton, (low + high) / 2)
            if np.all(near):
                break
        level = floor + np.exp(t)
        _, _, log_k, _ = self._height(level, price)
        return level, log_k

    def _height(
        self, level: Floats, price: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """(log of (a sum x + 1) / (a + K), its derivative by log m, log of K over
        K now, the size of the terms).

        Counted from where the pool is, so that small trades lose no digits.
        """
        out, enter = self._targets(level, price)
        corners, terms = corners_of(out, enter)
        rise = corners + terms.sum(axis=2)
        after = np.clip((rise <= 0).sum(axis=1), 1, corners.shape[1] - 1)
        rows = np.arange(len(corners))
        x0, x1 = corners[rows, after - 1], corners[rows, after]
        y0, y1 = rise[rows, after - 1], rise[rows, after]
        log_k = x0 - y0 * (x1 - x0) / np.where(y1 > y0, y1 - y0, 1.0)
        # before the first corner all leave that may, after the last all come
        first = corners[:, 0] - rise[:, 0] / (1 + self.may_leave.sum(axis=1))
        last = corners[:, -1] - rise[:, -1] / (1 + self.may_enter.sum(axis=1))
        log_k = np.where(rise[:, 0] > 0, first, np.where(rise[:, -1] < 0, last, log_k))

        moved, active = self._moved(level, log_k, price)
        x = self.balances * np.exp(moved)
        paid = np.where(moved > 0, price - self.log_keep[:, None], price)
        over = np.maximum(np.where(active, level[:, None] + paid, 1.0), 1e-16)
        pull = np.where(active, -1 / np.expm1(-over), 0.0)
        fall = pull.sum(axis=1) / (1 + active.sum(axis=1))  # of log K by log m
        held = np.where(active, x * (fall[:, None] - pull), 0.0).sum(axis=1)
        a, big_k = self.amplification, np.exp(log_k) * self._k
        sums = a * (self.balances * np.expm1(moved)).sum(axis=1)
        grown = self._k * np.expm1(log_k)
        both = a * x.sum(axis=1) + 1
        height = np.log1p((sums - grown) / (a + big_k))
        slope = a * held / both - big_k * fall / (a + big_k)
        return height, slope, log_k, (np.abs(sums) + np.abs(grown)) / (a + big_k)

    def _moved(
        self, level: Floats, log_k: Floats, price: Floats
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """(log of each balance afterwards over now, whether it moves)."""
        out, enter = self._targets(level, price)
        leaves, comes = log_k[:, None] + out, log_k[:, None] + enter
        moved = np.where(leaves < 0, leaves, np.where(comes > 0, comes, 0.0))
        return moved, (leaves < 0) | (comes > 0)

    def _targets(self, level: Floats, price: Floats) -> tuple[Floats, Floats]:
        """Log of the balance wanted, over K / K now and what is there, out and in."""
        over = level[:, None] + price
        held = self._log_balances + np.log(self.amplification / self._k)[:, None]
        out = -np.log(np.maximum(np.expm1(over), TINY)) - held
        over = over - self.log_keep[:, None]
        enter = -np.log(np.maximum(np.expm1(over), TINY)) - held
        enter = np.where(self.may_enter, enter, -np.inf)
        return np.where(self.may_leave, out, np.inf), enter

    @cached_property
    def _log_balances(self) -> Floats:
        return np.log(self.balances)

    @cached_property
    def _k(self) -> Floats:
        """K now: 1 / (n^n prod x_j)."""
        count = self.tokens.shape[1]
        logs = self._log_balances.sum(axis=1)
        return np.asarray(np.exp(-count * np.log(count) - logs))


def _inverse_hessian(balances: Floats, k: Floats) -> Floats:
    """Of K (1 + [i = j]) / (x_i x_j) on coins with balances > 0, (m, k, k)."""
    count = (balances > 0).sum(axis=1)
    inner = -balances[:, :, None] * balances[:, None, :] / (1 + count)[:, None, None]
    diagonal = np.arange(balances.shape[1])
    inner[:, diagonal, diagonal] += balances * balances
    return np.asarray(inner / k[:, None, None])
