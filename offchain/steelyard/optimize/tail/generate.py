# SPDX-License-Identifier: MIT
"""The exact optimum by adding loss functions and assets until none is missing.

Few of the scenarios reach the tail and few of the assets are held, so the program that
decides is small; what was left out is priced by numpy after each solve.

SOURCE  Rows: Kuenzi-Bay & Mayer (2006); columns: Dantzig & Wolfe (1960).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import Aim, Aimed, Prices, slopes_of
from steelyard.optimize.tail.losses import Indices, Losses
from steelyard.optimize.tail.program import Frame, Point, Program, resting

MISSED = 1e-12  # of a typical loss: what is left out breaks its limit by more
MOST_LOSSES = 60  # added at a time
MOST_ASSETS = 40
MOST_ROUNDS = 500
WHOLE = 60  # up to so many assets, all of them from the start
FIRST_LOSSES = 2.2  # at first, over what the tail has
FIRST_ASSETS, SHARE = 20, 12  # of each kind at first, or one in so many
METHOD = "row and column generation"


class Generator:
    """Solves aim after aim, each from the program that the last one left."""

    def __init__(self, frame: Frame, program: Program, norm: float = 0.0) -> None:
        self._frame, self._program = frame, program
        self._norm = norm  # price of the length of the weights within the risk
        self._rest = resting(frame.polytope)
        self.shares: Floats = np.zeros(frame.losses.periods)  # (t,) of the last aim

    @property
    def unit(self) -> float:
        return self._frame.unit

    @property
    def assets(self) -> Indices:
        """(k,) those that the program has come to hold."""
        return self._program.chosen.assets

    def best(self, aim: Aim) -> Aimed:
        """Raises `SolveFailed`."""
        self._program.pursue(aim)
        for _ in range(MOST_ROUNDS):
            point = self._program.solve()
            if point is None:
                self._add_all_assets()
                continue
            prices = self._prices(aim, point)
            losses = self._missing_losses(aim, point)
            assets = self._missing_assets(aim, prices, point)
            if not len(losses) and not len(assets):
                return Aimed(weights=point.weights, prices=prices)
            if len(assets):
                self._program.add_assets(assets)
            if len(losses):
                self._program.add_losses(losses)
        raise SolveFailed(METHOD, "inaccurate")

    def _add_all_assets(self) -> None:
        n = len(self._frame.polytope.assets)
        left = np.setdiff1d(np.arange(n), self._program.chosen.assets)
        if not len(left):
            raise SolveFailed(METHOD, "infeasible")
        self._program.add_assets(left)

    def _prices(self, aim: Aim, point: Point) -> Prices:
        risk = aim.price
        if np.isfinite(aim.limit):
            risk = max(point.risk, aim.price)
        chosen, losses = self._program.chosen, self._frame.losses
        periods = losses.period_of(chosen.keys)
        shares = shares_within(point.shares, periods, losses.mass)
        self.shares = np.bincount(periods, shares, losses.periods).astype(np.float64)
        return Prices(
            risk=risk,
            gradient=shares @ chosen.vectors + self._norm * point.towards,
            floor=point.floor if np.isfinite(aim.floor) else 0.0,
            rows=point.rows,
        )

    def _missing_losses(self, aim: Aim, point: Point) -> Indices:
        if aim.price == 0 and np.isinf(aim.limit):
            return np.empty(0, np.int64)
        sizes, keys = self._frame.losses.at(point.weights)
        missing = _largest(
            sizes - point.allowed, MISSED * self._frame.unit, MOST_LOSSES
        )
        return np.setdiff1d(keys[missing], self._program.chosen.keys)

    def _missing_assets(self, aim: Aim, prices: Prices, point: Point) -> Indices:
        p, chosen = self._frame.polytope, self._program.chosen
        if len(chosen.assets) == len(p.assets):
            return np.empty(0, np.int64)
        slopes = slopes_of(aim, self._frame.mean, prices) - point.total
        slopes += prices.rows @ p.matrix
        up = np.where(self._rest < p.highest, -slopes, 0.0)
        down = np.where(self._rest > p.lowest, slopes, 0.0)
        gains = np.maximum(up, down)
        gains[chosen.assets] = 0.0
        most = MOST_ASSETS if self._norm == 0 else len(gains)
        return _largest(gains, MISSED * self._frame.unit, most)


def generator_of(
    polytope: Polytope,
    mean: Floats,
    losses: Losses,
    start: Floats,
    program_of: Callable[[Frame], Program],
    norm: float = 0.0,
) -> Generator:
    """With the losses and assets that matter near the weights `start`, or likely do."""
    sizes, keys = losses.at(start)
    count = min(int(FIRST_LOSSES * losses.mass) + 1, losses.periods)
    keys = keys[np.argpartition(-sizes, count - 1)[:count]]
    vectors = losses.vectors(keys)
    unit = float(np.abs(vectors).mean()) or 1.0
    frame = Frame(polytope=polytope, mean=mean, losses=losses, unit=unit)
    program = program_of(frame)
    program.add_losses(keys)
    program.add_assets(_likely(frame, start, vectors.mean(axis=0)))
    return Generator(frame, program, norm)


def shares_within(shares: Floats, periods: Indices, mass: float) -> Floats:
    """(r,) probabilities near `shares`: 1 in sum, at most 1 / mass in each period.

    What is too much or missing, a solver's noise, moves between the periods that have a
    share; all 0 where no share is above 0.
    """
    total = shares.sum()
    if total <= 0:
        return np.zeros(len(shares))
    of_period = np.bincount(periods, shares / total)
    kept = np.minimum(of_period, 1 / mass)
    room = np.where(kept > 0, 1 / mass - kept, 0.0)
    if room.sum() > 0:
        kept = kept + (1 - kept.sum()) * room / room.sum()
    scale = np.divide(kept, of_period, out=np.zeros_like(kept), where=of_period > 0)
    return np.asarray(shares / total * scale[periods], np.float64)


def _likely(frame: Frame, start: Floats, tail: Floats) -> Indices:
    """Assets held at the start, with a small loss in its tail, or with a high mean."""
    n = len(start)
    if n <= WHOLE:
        return np.arange(n)
    few = max(FIRST_ASSETS, n // SHARE)
    sets = [
        np.flatnonzero(start != resting(frame.polytope)),
        np.argpartition(tail, few)[:few],
    ]
    if frame.mean.any():
        sets.append(np.argpartition(-frame.mean, few)[:few])
    return np.unique(np.concatenate(sets))


def _largest(sizes: Floats, least: float, most: int) -> Indices:
    """Places of sizes above `least`, the `most` largest at most."""
    places = np.flatnonzero(sizes > least)
    if len(places) > most:
        places = places[np.argpartition(-sizes[places], most)[:most]]
    return places
