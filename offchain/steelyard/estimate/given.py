# SPDX-License-Identifier: MIT
"""A covariance that comes from elsewhere, as the estimates are."""

from collections.abc import Sequence

import numpy as np

from steelyard.estimate.covariance import Covariance
from steelyard.estimate.errors import BadEstimateSetting
from steelyard.market.history import FloatArray

SYMMETRY = 1e-9  # of the largest entry
LEAST_EIGENVALUE = -1e-9  # of the largest entry: below it is no covariance


def given_covariance(
    assets: Sequence[str], matrix: FloatArray, *, rows: int = 0
) -> Covariance:
    """The matrix (n, n), per year, of simple returns; `rows` it was estimated from.

    Raises `BadEstimateSetting` for what is no covariance. It may be singular.
    """
    c = _checked(np.array(matrix, dtype=np.float64), assets)
    volatility = np.sqrt(c.diagonal())
    return Covariance(
        assets=tuple(assets),
        matrix=c,
        volatility=volatility,
        kind="simple",
        shrinkage=0.0,
        mean_correlation=_mean_correlation(c, volatility),
        rows=rows,
        effective_rows=float(rows),
        half_life_days=None,
        is_floored=False,
    )


def _checked(c: FloatArray, assets: Sequence[str]) -> FloatArray:
    """The matrix, its rounding made symmetric. Raises `BadEstimateSetting`."""
    n = len(assets)
    if c.shape != (n, n) or not np.isfinite(c).all():
        expected = f"{n} rows of {n} finite numbers"
        raise BadEstimateSetting("covariance", f"of shape {c.shape}", expected)
    largest = float(np.abs(c).max(initial=0.0))
    skew = np.abs(c - c.T)
    if skew.max(initial=0.0) > SYMMETRY * largest:
        i, j = (int(k) for k in np.unravel_index(int(skew.argmax()), c.shape))
        pair = f"{assets[i]}, {assets[j]}"
        value = f"{c[i, j]:g} for {pair} and {c[j, i]:g} the other way"
        raise BadEstimateSetting("covariance", value, "a symmetric matrix")
    c = (c + c.T) / 2
    least = float(np.linalg.eigvalsh(c)[0])
    if least < LEAST_EIGENVALUE * largest or c.diagonal().min() < 0:
        raise BadEstimateSetting("least eigenvalue of covariance", least, "0 or more")
    return c


def _mean_correlation(c: FloatArray, volatility: FloatArray) -> float:
    moving = volatility > 0
    count = int(moving.sum())
    if count < 2:
        return 0.0
    products = np.outer(volatility[moving], volatility[moving])
    correlation = c[np.ix_(moving, moving)] / products
    off_diagonal = correlation.sum() - count
    return float(off_diagonal / (count * (count - 1)))
