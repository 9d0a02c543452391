# SPDX-License-Identifier: MIT
"""What doubts about means and covariances add, worst case over all of them.

UNITS  `unit` is what returns are divided by; covariances by its square.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    Doubt,
    EllipsoidalCovariance,
    EllipsoidalMean,
)
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.program import Affine, Term
from steelyard.optimize.reference.smooth import Length, SquaredLength
from steelyard.optimize.reference.worst_covariance import (
    CovarianceBox,
    WorstVariance,
    WorstVolatility,
    is_semidefinite,
    root_of,
)

ABOUT_COVARIANCES = (BoxCovariance, EllipsoidalCovariance)
CONVEX = 1e-12  # of the largest eigenvalue: what is less under 0 is rounding


def mean_doubts(
    doubts: tuple[Doubt, ...], unit: float, count: int
) -> tuple[Floats, tuple[Term, ...]]:
    """(n,) loss per unit of |w|, and the terms that are no such thing."""
    per_size, terms = np.zeros(count), []
    for doubt in doubts:
        if isinstance(doubt, BoxMean):
            per_size += np.asarray(doubt.half_widths) / unit
        elif isinstance(doubt, EllipsoidalMean):
            root = root_of(np.asarray(doubt.shape, np.float64)) / unit
            length = Affine(offset=np.zeros(count), by_weight=root)
            terms.append(Term(factor=doubt.radius, function=Length(), of=length))
    return per_size, tuple(terms)


def variance_term(
    covariance: Floats,
    doubts: tuple[Doubt, ...],
    polytope: Polytope,
    *,
    unit: float,
    squared: bool,
) -> Term:
    """Variance or volatility, the largest over all doubts about covariances.

    A box of semidefinite half-widths adds |w|' half_widths |w|, at most; so does one
    with a semidefinite top, where no weight may be negative. Any other takes the
    semidefinite program of Lobo & Boyd (2000), for some 30 assets. Balls are in the
    centre of the box.
    """
    n = len(covariance)
    centre, width = _boxed(covariance / unit**2, doubts, unit)
    function = SquaredLength() if squared else Length()
    root = root_of(centre)
    if not width.any():
        return _length(function, root, None)
    if polytope.lowest.min() >= 0 and is_semidefinite(centre + width, CONVEX):
        return _length(function, root_of(centre + width), None)
    if is_semidefinite(width, CONVEX):
        return _length(function, root, root_of(width))
    worst = WorstVariance if squared else WorstVolatility
    whole = Affine(offset=np.zeros(n), by_weight=np.eye(n))
    box = CovarianceBox(centre=centre, width=width)
    return Term(factor=1.0, function=worst(box=box), of=whole)


def _boxed(
    covariance: Floats, doubts: tuple[Doubt, ...], unit: float
) -> tuple[Floats, Floats]:
    """Centre and half-widths of all that a covariance may be, balls in the centre."""
    centre, width = covariance, np.zeros_like(covariance)
    for doubt in doubts:
        if isinstance(doubt, EllipsoidalCovariance):
            centre = centre + doubt.radius / unit**2 * np.eye(len(centre))
        elif isinstance(doubt, BoxCovariance):
            width = width + np.asarray(doubt.half_widths) / unit**2
    return centre, width


def _length(
    function: Length | SquaredLength, root: Floats, by_size: Floats | None
) -> Term:
    if by_size is None:
        of = Affine(offset=np.zeros(len(root)), by_weight=root)
        return Term(factor=1.0, function=function, of=of)
    none = np.zeros_like(root)
    of = Affine(
        offset=np.zeros(2 * len(root)),
        by_weight=np.vstack([root, none]),
        by_size=np.vstack([none, by_size]),
    )
    return Term(factor=1.0, function=function, of=of)
