# SPDX-License-Identifier: MIT
"""What doubts about means and covariances add, worst case over all of them.

UNITS  `unit` is what returns are divided by; covariances by its square.
"""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import PortfolioInvalid, PreferenceInvalid
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
)

ABOUT_COVARIANCES = (BoxCovariance, EllipsoidalCovariance)
NO_NEGATIVE = 1e-12  # of the largest eigenvalue: less is rounding
INDEFINITE = 1e-9  # likewise, of matrices that others computed


def mean_doubts(
    doubts: tuple[Doubt, ...], unit: float, count: int
) -> tuple[Floats, tuple[Term, ...]]:
    """(n,) loss per unit of |w|, and the terms that are no such thing.

    Raises `PreferenceInvalid`, `PortfolioInvalid`.
    """
    per_size, terms = np.zeros(count), []
    for doubt in doubts:
        if isinstance(doubt, BoxMean):
            per_size += checked(doubt.half_widths, "half_widths", (count,), 0.0) / unit
        elif isinstance(doubt, EllipsoidalMean):
            shape = checked(doubt.shape, "shape", (count, count), -np.inf)
            length = Affine(
                offset=np.zeros(count), by_weight=root_of(shape, "shape") / unit
            )
            factor = _radius(doubt.radius)
            terms.append(Term(factor=factor, function=Length(), of=length))
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
    centre of the box. Raises `PreferenceInvalid`, `PortfolioInvalid`.
    """
    n, name = len(covariance), "covariance"
    centre, width = _boxed(covariance / unit**2, doubts, unit)
    function = SquaredLength() if squared else Length()
    root = root_of(centre, name)
    if not width.any():
        return _length(function, root, None)
    if polytope.lowest.min() >= 0 and _is_semidefinite(centre + width):
        return _length(function, root_of(centre + width, name), None)
    if _is_semidefinite(width):
        return _length(function, root, root_of(width, name))
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
            centre = centre + _radius(doubt.radius) / unit**2 * np.eye(len(centre))
        elif isinstance(doubt, BoxCovariance):
            half = checked(doubt.half_widths, "half_widths", width.shape, 0.0)
            width = width + half / unit**2
    return centre, width


def root_of(matrix: Floats, name: str) -> Floats:
    """(n, n) R with R'R the matrix; eigenvalues just under 0 become 0.

    Raises `PortfolioInvalid` where they are more than rounding.
    """
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -INDEFINITE * max(values[-1], 0.0):
        lowest = float(values[0] / max(values[-1], np.finfo(float).tiny))
        expected = "positive semidefinite"
        raise PortfolioInvalid(name, f"off by an eigenvalue of {lowest:g}", expected)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T)


def checked(array: Floats, name: str, shape: tuple[int, ...], least: float) -> Floats:
    """The array, symmetric if square. Raises `PortfolioInvalid`."""
    found = np.asarray(array, np.float64)
    if found.shape != shape:
        raise PortfolioInvalid(name, found.shape, f"the shape {shape}")
    if not (np.isfinite(found).all() and found.min() >= least):
        raise PortfolioInvalid(name, float(found.min()), f"finite, {least:g} or more")
    if len(shape) == 2 and not np.allclose(found, found.T, rtol=1e-9, atol=0.0):
        raise PortfolioInvalid(name, "skew", "symmetric")
    return found


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


def _is_semidefinite(matrix: Floats) -> bool:
    values = np.linalg.eigvalsh(matrix)
    return bool(values[0] >= -NO_NEGATIVE * max(values[-1], 0.0))


def _radius(radius: float) -> float:
    if not radius >= 0:
        raise PreferenceInvalid("radius", radius, "0 or more")
    return radius
