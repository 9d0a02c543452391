# SPDX-License-Identifier: MIT
"""How far estimates may be off: the sets that robust models are worst over.

Errors are those of a sample of independent normal rows: the mean has covariance C / T,
and an entry c_ij of the covariance has variance (c_ii c_jj + c_ij^2) / T.
"""

from typing import Literal, get_args

import numpy as np

from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.market.history import FloatArray
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    Doubt,
    EllipsoidalCovariance,
    EllipsoidalMean,
)

DoubtName = Literal["mean", "mean-box", "covariance", "covariance-box"]
DOUBTS = get_args(DoubtName)


def doubt_of(
    name: str,
    *,
    covariance: FloatArray,
    observations: float,
    level: float,
    radius: float | None,
) -> Doubt:
    """The set that holds the truth with probability `level`, all per period.

    A `radius` takes the place of the level: of the ellipsoid, in standard errors of the
    boxes, of the Frobenius ball in root mean square errors. Raises
    `AllocationInputInvalid`.
    """
    _check(name, observations, radius)
    variances = covariance.diagonal()
    errors = np.sqrt((np.outer(variances, variances) + covariance**2) / observations)
    if name == "mean":
        size = _ellipsoid(level, len(covariance)) if radius is None else radius
        return EllipsoidalMean(radius=size, shape=covariance / observations)
    if name == "covariance":
        norm = float(np.sqrt((errors**2).sum()))
        return EllipsoidalCovariance(radius=norm if radius is None else radius * norm)
    size = _two_sided(level) if radius is None else radius
    if name == "mean-box":
        return BoxMean(half_widths=size * np.sqrt(variances / observations))
    return BoxCovariance(half_widths=size * errors)


def _check(name: str, observations: float, radius: float | None) -> None:
    if name not in DOUBTS:
        raise AllocationInputInvalid("doubt", name, f"one of {', '.join(DOUBTS)}")
    if not observations > 0:
        expected = "how many rows the moments were estimated from (--observations)"
        raise AllocationInputInvalid("observations", "missing", expected)
    if radius is not None and not radius >= 0:
        raise AllocationInputInvalid("radius", radius, "0 or more")


def _ellipsoid(level: float, dimensions: int) -> float:
    """Root of the chi-squared quantile."""
    from scipy.special import gammaincinv

    return float(np.sqrt(2 * gammaincinv(dimensions / 2, level)))


def _two_sided(level: float) -> float:
    """How many standard errors hold a normal variable with probability `level`."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))
