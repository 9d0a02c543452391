# SPDX-License-Identifier: MIT
"""The largest variance over a box of covariances: a semidefinite program.

The largest w'Sw over S within `width` of `centre`, S positive semidefinite, is the
least of <centre, L> + <width, |L|> over L with L - ww' positive semidefinite (Lobo &
Boyd 2000). Any such L proves an upper bound of it, any such S a lower one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Seen, Stated
from steelyard.optimize.reference.smooth import Length

HALVINGS = 50
SINGULAR = 1e-7  # lowest over largest eigenvalue
ROUNDING = 1e-15  # of the largest eigenvalue: what is less under 0 is 0


@dataclass(frozen=True, kw_only=True, eq=False)
class CovarianceBox:
    """Every covariance within width of the centre."""

    centre: Floats  # (n, n)
    width: Floats  # (n, n) at least 0


@dataclass(frozen=True, kw_only=True, eq=False)
class WorstVariance:
    """The largest variance of weights (n,) over the box."""

    box: CovarianceBox

    def state(self, cp: Any, x: Any) -> Stated:
        cost, constraints, prices = _lifted(cp, self.box, x, np.ones((1, 1)))
        return Stated(value=cost, constraints=constraints, prices=prices)

    def see(self, x: Floats, prices: Floats | None) -> Seen:
        worst = _worst_covariance(self.box, prices, len(x))
        return Seen(
            value=_upper_bound(self.box, x, prices),
            constant=-float(x @ worst @ x),
            slopes=2 * worst @ x,
        )

    def bend(
        self, x: Floats, directions: Floats, prices: Floats | None
    ) -> Floats | None:
        """Of the variance under the worst covariance, which stays where it is."""
        root = _worst_root(self.box, prices, len(x))
        return None if root is None else np.asarray(np.sqrt(2) * root @ directions)


@dataclass(frozen=True, kw_only=True, eq=False)
class WorstVolatility:
    """The root of the largest variance of weights (n,) over the box."""

    box: CovarianceBox

    def state(self, cp: Any, x: Any) -> Stated:
        """The least over s > 0 of half of (variance / s + s)."""
        side = cp.Variable((1, 1))
        cost, constraints, prices = _lifted(cp, self.box, x, side)
        value = (cost + side[0, 0]) / 2
        return Stated(value=value, constraints=constraints, prices=prices)

    def see(self, x: Floats, prices: Floats | None) -> Seen:
        slopes = _worst_covariance(self.box, prices, len(x)) @ x
        lower = np.sqrt(max(float(x @ slopes), 0.0))
        return Seen(
            value=float(np.sqrt(_upper_bound(self.box, x, prices))),
            constant=0.0,
            slopes=slopes / lower if lower else np.zeros_like(x),
        )

    def bend(
        self, x: Floats, directions: Floats, prices: Floats | None
    ) -> Floats | None:
        """Of the volatility under the worst covariance, which stays where it is."""
        root = _worst_root(self.box, prices, len(x))
        if root is None:
            return None
        return Length().bend(root @ x, root @ directions, None)


def _lifted(cp: Any, box: CovarianceBox, x: Any, side: Any) -> tuple[Any, Any, Any]:
    """The cost of L with L side - xx' semidefinite, its constraints, and as prices
    (L side, the worst covariance, x), one after the other."""
    n = len(box.centre)
    lift, cost = cp.Variable((n, n), symmetric=True), cp.Variable()
    column = cp.reshape(x, (n, 1), order="C")
    inside = cp.bmat([[lift, column], [column.T, side]]) >> 0
    least = cp.sum(cp.multiply(box.centre, lift))
    paid = cost >= least + cp.sum(cp.multiply(box.width, cp.abs(lift)))

    def prices() -> Floats:
        weight = max(float(paid.dual_value), np.finfo(float).tiny)
        scale = side.value if hasattr(side, "value") else side
        worst = inside.dual_value[:n, :n] / weight
        parts = (lift.value * scale[0, 0], worst, x.value)
        return np.concatenate([np.ravel(part) for part in parts])

    return cost, (inside, paid), prices


def _upper_bound(box: CovarianceBox, x: Floats, prices: Floats | None) -> float:
    """Of the largest variance, from the best of three lifts.

    They are xx', xx' with what the solver's lift has over its own, and the solver's
    with as much of the diagonal as it needs.
    """
    lifts = [np.outer(x, x)]
    if prices is not None:
        n = len(x)
        lift, solved = prices[: n * n].reshape(n, n), prices[2 * n * n :]
        scale = float(x @ solved) / max(float(solved @ solved), 1e-300)
        root = root_of(lift - np.outer(solved, solved))
        lifts.append(lifts[0] + scale**2 * root.T @ root)
        low = np.linalg.eigvalsh(scale**2 * lift - lifts[0])[0]
        lifts.append(scale**2 * lift + max(-low, 0.0) * np.eye(n))
    costs = [np.sum(box.centre * one) + np.sum(box.width * abs(one)) for one in lifts]
    return float(min(costs))


def _worst_covariance(box: CovarianceBox, prices: Floats | None, n: int) -> Floats:
    """(n, n) the solver's, moved to the centre until it is semidefinite in the box."""
    if prices is None:
        return box.centre
    found = prices[n * n : 2 * n * n].reshape(n, n)
    inside = np.clip(
        (found + found.T) / 2, box.centre - box.width, box.centre + box.width
    )
    if is_semidefinite(inside):
        return inside
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        share = (low + high) / 2
        good = is_semidefinite(inside + share * (box.centre - inside))
        low, high = (low, share) if good else (share, high)
    return np.asarray(inside + high * (box.centre - inside), np.float64)


def _worst_root(box: CovarianceBox, prices: Floats | None, n: int) -> Floats | None:
    """(n, n) None of a singular one: weights along its null space are all alike to it,
    but not to the others."""
    if prices is None:
        return None
    worst = _worst_covariance(box, prices, n)
    values = np.linalg.eigvalsh(worst)
    return root_of(worst) if values[0] > SINGULAR * values[-1] else None


def root_of(matrix: Floats) -> Floats:
    """(n, n) R with R'R the matrix; eigenvalues under 0 are rounding and become 0."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T)


def is_semidefinite(matrix: Floats, rounding: float = ROUNDING) -> bool:
    """But for `rounding` of its largest eigenvalue."""
    values = np.linalg.eigvalsh(matrix)
    return bool(values[0] >= -rounding * max(values[-1], 0.0))
