# SPDX-License-Identifier: MIT
"""The program of tail risk without a norm, on the dual simplex method of HiGHS.

Weights are measured from where they rest. Each solve starts from the basis of the last.
"""

from __future__ import annotations

import numpy as np
from highspy import Highs, HighsModelStatus, kHighsInf

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.aims import Aim
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
from steelyard.optimize.tail.settle import summed

OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "solver": "simplex",
    "presolve": "off",
    "small_matrix_value": 1e-12,
    "simplex_iteration_limit": 5_000,  # a few hundred are usual
}
TOLERANCES = (1e-10, 1e-8, 1e-7)  # the next where the last one makes no end
METHOD = "dual simplex"
RISK, TAIL = 0, 1  # columns
SUM, MEASURE, MEAN, FIRST = 0, 1, 2, 3  # rows, and the first row of the polytope


class LinearProgram:
    """Holds the solver."""

    def __init__(self, frame: Frame) -> None:
        self.chosen: Chosen = nothing_chosen(frame)
        self._frame = frame
        self._rest = resting(frame.polytope)
        self._columns = np.empty(0, np.int64)  # of the chosen assets
        self._excess = np.full(frame.losses.periods, -1)  # columns of the periods
        self._gain = 0.0
        self._highs = Highs()  # type: ignore[no-untyped-call]
        for option, setting in OPTIONS.items():
            self._highs.setOptionValue(option, setting)
        self._add_frame()

    def pursue(self, aim: Aim) -> None:
        self._gain = aim.gain
        highs, unit, columns = self._highs, self._frame.unit, self._columns
        costs = self._costs(self.chosen.assets)
        highs.changeColsCost(len(columns), columns.astype(np.int32), costs)
        highs.changeColCost(RISK, aim.price)
        highs.changeColBounds(RISK, -kHighsInf, aim.limit / unit)
        size = self._frame.mean_size
        floor = float(aim.floor - self._frame.mean @ self._rest) / size
        highs.changeRowBounds(MEAN, floor, kHighsInf)

    def add_assets(self, assets: Indices) -> None:
        p, unit, count = self._frame.polytope, self._frame.unit, len(assets)
        block = np.vstack(
            [
                np.ones(count),
                np.zeros(count),
                self._frame.mean[assets] / self._frame.mean_size,
                p.matrix[:, assets],
                self.chosen.vectors[:, assets] / unit,
            ]
        )
        columns, rows = np.nonzero(block.T)
        first = self._highs.getNumCol()
        self._highs.addCols(
            count,
            self._costs(assets),
            (p.lowest - self._rest)[assets],
            (p.highest - self._rest)[assets],
            len(rows),
            np.searchsorted(columns, np.arange(count)).astype(np.int32),
            rows.astype(np.int32),
            block[rows, columns],
        )
        self._columns = np.append(self._columns, first + np.arange(count))
        self.chosen = with_assets(self.chosen, assets)

    def add_losses(self, keys: Indices) -> None:
        losses, unit, count = self._frame.losses, self._frame.unit, len(keys)
        vectors, periods = losses.vectors(keys), losses.period_of(keys)
        columns = np.tile(np.append(self._columns, TAIL), (count, 1))
        values = np.hstack(
            [vectors[:, self.chosen.assets] / unit, np.full((count, 1), -1.0)]
        )
        if losses.mass > 1:
            self._add_excess(np.unique(periods[self._excess[periods] < 0]))
            columns = np.hstack([columns, self._excess[periods][:, None]])
            values = np.hstack([values, np.full((count, 1), -1.0)])
        self._highs.addRows(
            count,
            np.full(count, -kHighsInf),
            -(vectors @ self._rest) / unit,
            values.size,
            (np.arange(count) * values.shape[1]).astype(np.int32),
            columns.ravel().astype(np.int32),
            values.ravel(),
        )
        self.chosen = with_losses(self.chosen, keys, vectors)

    def solve(self) -> Point | None:
        status = self._run()
        if status == HighsModelStatus.kInfeasible:
            return None
        if status != HighsModelStatus.kOptimal:
            raise SolveFailed(METHOD, "failed")
        solution = self._highs.getSolution()
        return self._point(np.array(solution.col_value), -np.array(solution.row_dual))

    def _run(self) -> HighsModelStatus:
        status = HighsModelStatus.kNotset
        for tolerance in TOLERANCES:
            self._highs.setOptionValue("primal_feasibility_tolerance", tolerance)
            self._highs.setOptionValue("dual_feasibility_tolerance", tolerance)
            self._highs.run()
            status = self._highs.getModelStatus()
            if status in (HighsModelStatus.kOptimal, HighsModelStatus.kInfeasible):
                break
        return status

    def _point(self, values: Floats, prices: Floats) -> Point:
        p, unit = self._frame.polytope, self._frame.unit
        weights = self._rest.copy()
        weights[self.chosen.assets] += values[self._columns]
        excess = np.where(self._excess < 0, 0.0, values[self._excess])
        above = np.maximum(prices, 0.0)
        first_loss = FIRST + len(p.names)
        return Point(
            weights=summed(p, np.clip(weights, p.lowest, p.highest)),
            allowed=unit * (values[TAIL] + excess),
            shares=above[first_loss:],
            towards=np.zeros(len(weights)),
            risk=float(above[MEASURE]),
            floor=float(max(-prices[MEAN], 0.0)) * unit / self._frame.mean_size,
            total=float(-prices[SUM]) * unit,
            rows=unit * above[FIRST:first_loss],
        )

    def _costs(self, assets: Indices) -> Floats:
        mean = self._frame.mean[assets]
        return np.asarray(-self._gain / self._frame.unit * mean, np.float64)

    def _add_frame(self) -> None:
        p, none = self._frame.polytope, np.empty(0, np.int32)
        most = np.full(FIRST, kHighsInf)
        most[SUM], most[MEASURE] = p.total - self._rest.sum(), 0.0
        most = np.append(most, p.bounds - p.matrix @ self._rest)
        least = np.full(len(most), -kHighsInf)
        least[SUM] = most[SUM]
        self._highs.addRows(len(most), least, most, 0, none, none, np.empty(0))
        free, rows = np.full(2, kHighsInf), np.array([MEASURE, MEASURE], np.int32)
        starts, signs = np.array([0, 1], np.int32), np.array([-1.0, 1.0])
        self._highs.addCols(2, np.zeros(2), -free, free, 2, starts, rows, signs)

    def _add_excess(self, periods: Indices) -> None:
        count, first = len(periods), self._highs.getNumCol()
        self._highs.addCols(
            count,
            np.zeros(count),
            np.zeros(count),
            np.full(count, kHighsInf),
            count,
            np.arange(count, dtype=np.int32),
            np.full(count, MEASURE, np.int32),
            np.full(count, 1 / self._frame.losses.mass),
        )
        self._excess[periods] = first + np.arange(count)
