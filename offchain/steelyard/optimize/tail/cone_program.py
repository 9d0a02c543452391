# SPDX-License-Identifier: MIT
"""The program of tail risk with a price on the length of the weights, on Clarabel.

    risk >= tail + sum of excess / mass + norm x |w|_2

An interior point, built again for each solve, its weights put on the limits that they
are next to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import LEAST_RISK, Aim
from steelyard.optimize.tail.losses import Indices
from steelyard.optimize.tail.program import (
    Chosen,
    Frame,
    Point,
    nothing_chosen,
    resting,
    with_assets,
    with_losses,
)
from steelyard.optimize.tail.settle import settled

if TYPE_CHECKING:
    import clarabel

METHOD = "interior point for cones"
CLOSE = (1e-10, 1e-9, 1e-8)  # relative; the next where the last one stalls
ROUGH = 1e-7  # what a solve that stalls must have reached
SOLVED = ("Solved", "AlmostSolved", "InsufficientProgress")
INFEASIBLE = ("PrimalInfeasible", "AlmostPrimalInfeasible")
RISK, TAIL, LENGTH, FIRST = 0, 1, 2, 3  # columns: weights from FIRST, then excesses
SUM, MEASURE, LIMIT, MEAN, ROWS = 0, 1, 2, 3, 4  # rows: the polytope's from ROWS

_Rows = tuple[Floats, Floats]  # rows @ x + slack = sides, the slack in a cone


class ConeProgram:
    """Holds what has been chosen."""

    def __init__(self, frame: Frame, norm: float) -> None:
        self.chosen: Chosen = nothing_chosen(frame)
        self._frame, self._norm = frame, norm
        self._rest = resting(frame.polytope)
        self._aim = LEAST_RISK

    def pursue(self, aim: Aim) -> None:
        self._aim = aim

    def add_assets(self, assets: Indices) -> None:
        self.chosen = with_assets(self.chosen, assets)

    def add_losses(self, keys: Indices) -> None:
        vectors = self._frame.losses.vectors(keys)
        self.chosen = with_losses(self.chosen, keys, vectors)

    def solve(self) -> Point | None:
        failed = SolveFailed(METHOD, "failed")
        for close in CLOSE:
            try:
                return self._solve(close)
            except SolveFailed as error:
                failed = error
        raise failed

    def _solve(self, close: float) -> Point | None:
        import clarabel  # here: its matrices take long to import
        from scipy import sparse

        blocks = [self._limits(), self._bounds(), self._cone()]
        matrix = np.vstack([rows for rows, _ in blocks])
        sides = np.concatenate([ends for _, ends in blocks])
        n, length = matrix.shape[1], len(blocks[-1][1])
        solver = clarabel.DefaultSolver(
            sparse.csc_matrix((n, n)),
            self._costs(),
            sparse.csc_matrix(matrix),
            sides,
            [
                clarabel.ZeroConeT(1),
                clarabel.NonnegativeConeT(len(sides) - 1 - length),
                clarabel.SecondOrderConeT(length),
            ],
            _settings(close),
        )
        found = solver.solve()
        if str(found.status) in INFEASIBLE:
            return None
        if str(found.status) not in SOLVED:
            raise SolveFailed(METHOD, "failed")
        return self._point(np.array(found.x), np.array(found.z))

    @property
    def _still(self) -> Floats:
        """(n,) weights that are not chosen; 0 for those that are."""
        still = self._rest.copy()
        still[self.chosen.assets] = 0.0
        return still

    def _periods(self) -> tuple[Indices, Indices]:
        """Periods with an excess, and the place of each function's among them."""
        losses = self._frame.losses
        if losses.mass <= 1:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return np.unique(losses.period_of(self.chosen.keys), return_inverse=True)

    def _empty(self, count: int) -> tuple[Floats, slice, slice]:
        """Rows of zeros, the columns of weights, and those of excesses."""
        k, e = len(self.chosen.assets), len(self._periods()[0])
        rows = np.zeros((count, FIRST + k + e))
        return rows, slice(FIRST, FIRST + k), slice(FIRST + k, FIRST + k + e)

    def _costs(self) -> Floats:
        rows, weights, _ = self._empty(1)
        costs: Floats = rows[0]
        costs[RISK] = self._aim.price
        mean = self._frame.mean[self.chosen.assets]
        costs[weights] = -self._aim.gain / self._frame.unit * mean
        return costs

    def _limits(self) -> _Rows:
        """Rows whose multipliers are wanted; without a limit or floor, 0 <= 1."""
        p, unit, aim = self._frame.polytope, self._frame.unit, self._aim
        still, assets, mean = self._still, self.chosen.assets, self._frame.mean
        rows, weights, excess = self._empty(ROWS + len(p.names))
        first = [p.total - still.sum(), 0.0, 1.0, 1.0]
        sides = np.concatenate([first, p.bounds - p.matrix @ still])
        rows[SUM, weights] = 1.0
        rows[MEASURE, [RISK, TAIL, LENGTH]] = -1.0, 1.0, self._norm / unit
        rows[MEASURE, excess] = 1 / self._frame.losses.mass
        rows[ROWS:, weights] = p.matrix[:, assets]
        if np.isfinite(aim.limit):
            rows[LIMIT, RISK], sides[LIMIT] = 1.0, aim.limit / unit
        if np.isfinite(aim.floor):
            size = self._frame.mean_size
            rows[MEAN, weights] = -mean[assets] / size
            sides[MEAN] = (mean @ still - aim.floor) / size
        return rows, sides

    def _bounds(self) -> _Rows:
        """Losses at most the tail and their excess; the box; excesses from 0."""
        p, unit, chosen = self._frame.polytope, self._frame.unit, self.chosen
        (periods, places), assets = self._periods(), chosen.assets
        k, r, e = len(assets), len(chosen.keys), len(periods)
        rows, weights, excess = self._empty(r + 2 * k + e)
        rows[:r, TAIL] = -1.0
        rows[:r, weights] = chosen.vectors[:, assets] / unit
        if e:
            rows[np.arange(r), FIRST + k + places] = -1.0
        rows[r : r + k, weights] = -np.eye(k)
        rows[r + k : r + 2 * k, weights] = np.eye(k)
        rows[r + 2 * k :, excess] = -np.eye(e)
        losses = -(chosen.vectors @ self._still) / unit
        ends = [losses, -p.lowest[assets], p.highest[assets], np.zeros(e)]
        return rows, np.concatenate(ends)

    def _cone(self) -> _Rows:
        """The length of the weights, of those that are still as one."""
        k = len(self.chosen.assets)
        rows, weights, _ = self._empty(k + 2)
        rows[0, LENGTH] = -1.0
        rows[1 : k + 1, weights] = -np.eye(k)
        return rows, np.append(np.zeros(k + 1), np.linalg.norm(self._still))

    def _point(self, values: Floats, prices: Floats) -> Point:
        p, unit, chosen = self._frame.polytope, self._frame.unit, self.chosen
        (periods, _), k = self._periods(), len(chosen.assets)
        weights = self._rest.copy()
        weights[chosen.assets] = values[FIRST : FIRST + k]
        allowed = np.full(self._frame.losses.periods, values[TAIL])
        allowed[periods] += values[FIRST + k :]
        losses, above = ROWS + len(p.names), np.maximum(prices, 0.0)
        return Point(
            weights=settled(p, weights),
            allowed=unit * allowed,
            shares=above[losses : losses + len(chosen.keys)],
            towards=self._towards(prices[-k - 2 :]),
            risk=float(above[MEASURE]),
            floor=float(above[MEAN]) * unit / self._frame.mean_size,
            total=float(-prices[SUM]) * unit,
            rows=unit * above[ROWS:losses],
        )

    def _towards(self, prices: Floats) -> Floats:
        """Of length 1 at most, from the multipliers of the cone."""
        still = self._still
        length = max(float(prices[0]), float(np.linalg.norm(prices[1:])))
        if length == 0:
            return np.zeros(len(still))
        rest = float(np.linalg.norm(still)) or 1.0
        towards = still * (-float(prices[-1]) / (length * rest))
        towards[self.chosen.assets] = -prices[1:-1] / length
        return towards


def _settings(close: float) -> clarabel.DefaultSettings:
    import clarabel

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = close
    settings.reduced_tol_gap_abs = settings.reduced_tol_gap_rel = ROUGH
    settings.reduced_tol_feas = ROUGH
    return settings
