# SPDX-License-Identifier: MIT
"""One step of the interior point method: Newton on conditions linear but for products.

What is diagonal is eliminated. So are the tail's rows where they are more than the
assets, but for those at its edge, whose slopes rounding would hide behind their weight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg.lapack import dgetrf, dgetrs, dpotrf, dpotrs

from steelyard.optimize.budgeting.cone import BarrierProblem, Indices
from steelyard.optimize.budgeting.points import (
    Point,
    Products,
    Residuals,
    along,
    residuals,
)
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats

METHOD = "interior point on the log barrier"
HEAVY = 1e4  # curvature by a row, over that of the weights: heavier ones are kept
NOTHING = Products(*(np.zeros(()) for _ in Products._fields))


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Which prices are put in for, and by how much they rise per unit of excess."""

    kept: Indices  # (k - f,) rows whose prices stay unknowns
    folded: Indices  # (f,) the others
    rows: Floats  # (f,)
    box: Floats  # (c,)
    give: Floats  # (k - f,) units of excess per price of those kept


@dataclass(frozen=True, kw_only=True, eq=False)
class Factors:
    """The conditions at a point, factorised; serves both halves of a step."""

    problem: BarrierProblem
    point: Point
    left: Residuals
    split: Split
    weights: Floats  # (n, n) Cholesky factor, or (n,) the diagonal
    columns: Floats  # (n, r) of what stays besides weights
    solved: Floats  # as `columns`: weights' inverse times them
    rest: tuple[Floats, Floats]  # of the r conditions left

    def of_weights(self, right: Floats) -> Floats:
        if self.weights.ndim == 1:
            return np.asarray(right / self.weights, np.float64)
        return np.asarray(dpotrs(self.weights, right, lower=1)[0], np.float64)

    def refined(self, step: Point) -> Point:
        """The step, less what rounding left of the linear conditions."""
        left = residuals(self.problem, along(self.point, step, 1.0))
        again = replace(self, left=left).step(NOTHING)
        return along(step, again, 1.0)

    def step(self, wanted: Products) -> Point:
        """The change that meets linear conditions, and products to first order."""
        p, at, left, split = self.problem, self.point, self.left, self.split
        boxed = -left.box - wanted.box / at.box_prices
        rows = -left.rows - wanted.rows / at.prices
        rows[: p.soft] += wanted.excesses / at.spares
        matrix, offsets = p.rows[split.folded], p.offsets[split.folded]
        pulled = split.rows * rows[split.folded]
        shared = -left.shared - pulled @ offsets
        shared[0] -= (p.box * split.box) @ boxed
        right = -left.slopes + wanted.sizes / at.sizes + pulled @ matrix
        right += p.unboxed(split.box * boxed)
        inner = self.of_weights(right)
        below = np.concatenate([rows[split.kept], shared, -left.equal])
        outer = dgetrs(*self.rest, below - inner @ self.columns)[0]
        sizes = inner - self.solved @ outer
        kept = len(split.kept)
        sharing = outer[kept : kept + len(shared)]
        prices = np.empty(len(rows))
        prices[split.kept] = outer[:kept]
        prices[split.folded] = split.rows * (matrix @ sizes - offsets @ sharing)
        prices[split.folded] -= pulled
        box = split.box * (p.boxed(sizes) - p.box * sharing[0] - boxed)
        equal = outer[kept + len(shared) :]
        return self._paired(wanted, sizes, prices, box, sharing, equal)

    def _paired(
        self,
        wanted: Products,
        sizes: Floats,
        prices: Floats,
        box: Floats,
        sharing: Floats,
        equal: Floats,
    ) -> Point:
        at, spared = self.point, prices[: self.problem.soft]
        return Point(
            sizes=sizes,
            slopes=(wanted.sizes - at.slopes * sizes) / at.sizes,
            prices=prices,
            slacks=(wanted.rows - at.slacks * prices) / at.prices,
            spares=-spared,
            excesses=(wanted.excesses + at.excesses * spared) / at.spares,
            box_prices=box,
            box_slacks=(wanted.box - at.box_slacks * box) / at.box_prices,
            shared=sharing,
            equal_prices=equal,
        )


def factorised(problem: BarrierProblem, at: Point, left: Residuals) -> Factors:
    """Raises `SolveFailed` where rounding leaves no positive curvature."""
    p = problem
    box = at.box_prices / at.box_slacks
    capped = len(p.capped)
    signed = np.concatenate([box[:capped], -box[capped:]])
    diagonal = at.slopes / at.sizes + p.unboxed(signed)
    split = _split(p, at, box, diagonal)
    columns = _columns(p, split)
    weights, solved = _weights(p, diagonal, split, columns)
    return Factors(
        problem=p,
        point=at,
        left=left,
        split=split,
        weights=weights,
        columns=columns,
        solved=solved,
        rest=_rest(p, split, columns.T @ solved),
    )


def _split(problem: BarrierProblem, at: Point, box: Floats, diagonal: Floats) -> Split:
    p = problem
    give = at.slacks / at.prices
    give[: p.soft] += at.excesses / at.spares
    everything = np.arange(len(give))
    folds = np.zeros(len(give), np.bool_)
    if p.soft > len(diagonal):
        heft = p.rows[: p.soft] ** 2 @ (1 / diagonal)
        folds[: p.soft] = heft < HEAVY * give[: p.soft]
    return Split(
        kept=everything[~folds],
        folded=everything[folds],
        rows=1 / give[folds],
        box=box,
        give=give[~folds],
    )


def _columns(problem: BarrierProblem, split: Split) -> Floats:
    """Of the rows kept, the shared variables and the equalities."""
    p, kept = problem, len(split.kept)
    count = kept + p.offsets.shape[1]
    columns = np.empty((len(p.budgets), count + len(p.sizes)))
    columns[:, :kept] = p.rows[split.kept].T
    weighed = split.rows[:, None] * p.offsets[split.folded]
    columns[:, kept:count] = -(p.rows[split.folded].T @ weighed)
    columns[:, kept] -= p.unboxed(split.box * p.box)
    columns[:, count:] = p.equal.T
    return columns


def _weights(
    problem: BarrierProblem, diagonal: Floats, split: Split, columns: Floats
) -> tuple[Floats, Floats]:
    """Factor of what curves the weights, and its inverse times the columns."""
    p = problem
    if p.curvature is None and not len(split.folded):
        return diagonal, columns / diagonal[:, None]
    if p.curvature is None:
        rows = p.rows[split.folded]
        system = np.asfortranarray(rows.T @ (split.rows[:, None] * rows))
    else:
        system = np.array(p.curvature, order="F")
    system.ravel(order="K")[:: len(diagonal) + 1] += diagonal
    factor, failed = dpotrf(system, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise SolveFailed(METHOD, "failed")
    return factor, dpotrs(factor, columns, lower=1)[0]


def _rest(
    problem: BarrierProblem, split: Split, eliminated: Floats
) -> tuple[Floats, Floats]:
    """Factors of the conditions on prices of rows, shared variables, equalities."""
    p, kept = problem, len(split.kept)
    shared = slice(kept, kept + p.offsets.shape[1])
    out, stay = p.offsets[split.folded], p.offsets[split.kept]
    system = -eliminated
    system.ravel()[: kept * len(system) : len(system) + 1] -= split.give
    system[:kept, shared] -= stay
    system[shared, :kept] -= stay.T
    system[shared, shared] += out.T @ (split.rows[:, None] * out)
    system[kept, kept] += p.box**2 @ split.box
    system[kept, shared.stop :] -= p.sizes
    system[shared.stop :, kept] -= p.sizes
    factor, pivots, failed = dgetrf(system)
    if failed:
        raise SolveFailed(METHOD, "failed")
    return factor, pivots
