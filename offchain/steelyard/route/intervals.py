# SPDX-License-Identifier: MIT
"""Stretches of constant liquidity: all of a Uniswap v2 pair, one range of a v3 pool.

A v3 pool is the sum of its stretches, each a market of its own: at given prices each
moves towards them until it ends. So pairs and pools of any number of ticks are one
table, answered by one closed form.

UNITS   `liquidity` sqrt(raw token0 · raw token1); prices raw token1 per raw token0.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from steelyard.route.response import Bools, Edges, Floats, Ints, Spots


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """m stretches; every array is (m,)."""

    token0: Ints
    token1: Ints
    pool: Ints
    liquidity: Floats
    log_price: Floats  # now, inside of the stretch or at its end
    log_low: Floats  # where it ends; may be -inf
    log_high: Floats  # may be inf
    log_keep: Floats  # log of 1 - fee, at most 0

    def respond(self, log_prices: Floats) -> Edges:
        """Best trades at e^log_prices.

        With s the way the pool's log price goes and q its square root, the reserves
        change by L / q (e^(-s/2) - 1) and L q (e^(s/2) - 1); what comes in is divided
        by 1 - fee.
        """
        gap = log_prices[self.token0] - log_prices[self.token1] - self.log_price
        way = gap - np.clip(gap, self.log_keep, -self.log_keep)
        moved = np.clip(way, self._lowest, self._highest)
        prices = np.exp(log_prices)
        half = np.exp(moved / 2)
        falls, rises = moved < 0, moved > 0
        worth0 = prices[self.token0] * self._reserve0
        worth0 = np.where(falls, worth0 * self._in_factor, worth0)
        worth1 = prices[self.token1] * self._reserve1
        worth1 = np.where(rises, worth1 * self._in_factor, worth1)
        bends = (moved == way) & (falls | rises)
        return Edges(
            values0=-worth0 * np.expm1(-moved / 2),
            values1=-worth1 * np.expm1(moved / 2),
            bend=np.where(bends, worth0 / half / 2, 0.0),
        )

    def spots(self) -> Spots:
        """Prices of the stretches that are traded in now; of a pool that is between
        two, both."""
        inside = (self.log_low < self.log_price) & (self.log_price < self.log_high)
        inside |= ~np.isin(self.pool, self.pool[inside])
        return Spots(
            token0=self.token0[inside],
            token1=self.token1[inside],
            log_price=self.log_price[inside],
            depth=self._reserve1[inside],
        )

    def directed(self, order: Ints) -> Self:
        """Tokens may only be sold for tokens with a later place in `order`, (n,)."""
        forward = order[self.token0] < order[self.token1]
        return replace(
            self,
            log_low=np.where(forward, self.log_low, self.log_price),
            log_high=np.where(forward, self.log_price, self.log_high),
        )

    def allows(self) -> tuple[Bools, Bools]:
        """(whether token0 may come in, whether it may go out), each (m,)."""
        return self.log_low < self.log_price, self.log_price < self.log_high

    def in_units(self, log_worth: Floats) -> Self:
        """The same stretches, tokens counted in units worth e^log_worth each."""
        worth0, worth1 = log_worth[self.token0], log_worth[self.token1]
        return replace(
            self,
            liquidity=self.liquidity * np.exp((worth0 + worth1) / 2),
            log_price=self.log_price + worth1 - worth0,
            log_low=self.log_low + worth1 - worth0,
            log_high=self.log_high + worth1 - worth0,
        )

    @cached_property
    def _reserve0(self) -> Floats:
        return self.liquidity * np.exp(-self.log_price / 2)

    @cached_property
    def _reserve1(self) -> Floats:
        return self.liquidity * np.exp(self.log_price / 2)

    @cached_property
    def _in_factor(self) -> Floats:
        return np.exp(-self.log_keep)

    @cached_property
    def _lowest(self) -> Floats:
        return self.log_low - self.log_price

    @cached_property
    def _highest(self) -> Floats:
        return self.log_high - self.log_price
