# SPDX-License-Identifier: MIT
"""Exponentially weighted covariance, shrunk towards constant correlation.

Source: O. Ledoit and M. Wolf, "Honey, I Shrunk the Sample Covariance Matrix",
Journal of Portfolio Management 30(4), 2004, with weights w[t] (sum 1) in place of 1/T:

    y    = r - sum_t w[t] r[t]                      returns less their weighted mean
    s_ij = sum_t w[t] y_i[t] y_j[t]                 sample covariance S
    f_ij = rbar sqrt(s_ii s_jj), f_ii = s_ii        target F, rbar the mean correlation
    pi   = sum_ij sum_t w[t] (y_i[t] y_j[t] - s_ij)^2
    th_ij = sum_t w[t] (y_i[t]^2 - s_ii) (y_i[t] y_j[t] - s_ij)
    rho  = sum_i pi_ii + sum_{i != j} rbar sqrt(s_jj / s_ii) th_ij
    gamma = sum_ij (f_ij - s_ij)^2
    delta = max(0, min(1, (pi - rho) / gamma / n))  n = 1 / sum w^2

n replaces T because the variance of a weighted mean is the variance of one row times
sum w^2. (1 - delta) S + delta F is scaled by n / (n - 1), which for equal weights turns
1/T into 1/(T - 1). Rows are taken as independent: a year has `periods_per_year` times
the variance of a period.
"""

from dataclasses import dataclass, field

import numpy as np

from steelyard.estimate.errors import BadEstimateSetting
from steelyard.estimate.returns import (
    DAYS_PER_YEAR,
    ReturnKind,
    Returns,
    check_returns,
    decay_weights,
    effective_rows,
)
from steelyard.market.history import FloatArray

DEFAULT_HALF_LIFE_DAYS = 60.0
LEAST_CORRELATION_EIGENVALUE = 1e-6  # of the correlation matrix
LEAST_EFFECTIVE_ROWS = 1.5  # with 1, there is no variance to speak of
LEAST_VOLATILITY_PER_YEAR = 1e-4  # 0.01%: a price that never moves


@dataclass(frozen=True, kw_only=True, eq=False)
class Covariance:
    """Per year, symmetric and positive definite; `volatility` is per year too."""

    assets: tuple[str, ...]
    matrix: FloatArray = field(repr=False)
    volatility: FloatArray
    kind: ReturnKind  # of the returns
    shrinkage: float  # 0 is the sample, 1 the target
    mean_correlation: float  # of the sample
    rows: int
    effective_rows: float
    half_life_days: float | None  # None: equal weights
    is_floored: bool  # an eigenvalue or a volatility was raised to its least value


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sample:
    """Weighted, demeaned rows and their covariance, per period."""

    deviations: FloatArray
    weights: FloatArray
    matrix: FloatArray


def estimate_covariance(
    returns: Returns,
    *,
    half_life_days: float | None = DEFAULT_HALF_LIFE_DAYS,
    shrinkage: float | None = None,
) -> Covariance:
    """Covariance per year; `shrinkage` None takes the formula of the module.

    Works with fewer rows than assets, from 2 rows on. The eigenvalues of the
    correlation matrix are at least 1e-6 before its diagonal is set back to 1, each
    volatility at least 0.01% a year. Raises `TooFewReturns`, `BadReturn` (as for a NaN)
    or `BadEstimateSetting`.
    """
    check_returns(returns, least_rows=2)
    if shrinkage is not None and not 0 <= shrinkage <= 1:
        raise BadEstimateSetting("shrinkage", shrinkage, "from 0 to 1, or None")

    sample = _sample(returns, half_life_days)
    count = effective_rows(sample.weights)
    target, mean_correlation = _constant_correlation(sample.matrix)
    if shrinkage is None:
        shrinkage = _shrinkage(sample, target, mean_correlation)
    shrunk = (1 - shrinkage) * sample.matrix + shrinkage * target
    per_year = shrunk * count / (count - 1) * returns.periods_per_year
    matrix, is_floored = _floored(per_year)
    return Covariance(
        assets=returns.assets,
        matrix=matrix,
        volatility=np.sqrt(matrix.diagonal()),
        kind=returns.kind,
        shrinkage=shrinkage,
        mean_correlation=mean_correlation,
        rows=len(returns),
        effective_rows=count,
        half_life_days=half_life_days,
        is_floored=is_floored,
    )


def correlation_of(covariance: Covariance) -> FloatArray:
    """Correlation matrix, ones on the diagonal."""
    correlation = _correlation(covariance.matrix)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _sample(returns: Returns, half_life_days: float | None) -> _Sample:
    weights = decay_weights(
        len(returns),
        periods_per_day=returns.periods_per_year / DAYS_PER_YEAR,
        half_life_days=half_life_days,
    )
    count = effective_rows(weights)
    if count < LEAST_EFFECTIVE_ROWS:
        expected = f"longer: only {count:.2f} rows count, {LEAST_EFFECTIVE_ROWS} must"
        raise BadEstimateSetting("half_life_days", half_life_days, expected)
    deviations = returns.values - weights @ returns.values
    matrix = (deviations * weights[:, None]).T @ deviations
    return _Sample(
        deviations=deviations, weights=weights, matrix=(matrix + matrix.T) / 2
    )


def _constant_correlation(matrix: FloatArray) -> tuple[FloatArray, float]:
    """The target F and the mean correlation of assets that move at all."""
    deviation = np.sqrt(matrix.diagonal())
    is_moving = deviation > 0
    count = int(is_moving.sum())
    if count < 2:
        return matrix.copy(), 0.0
    correlation = _correlation(matrix)
    off_diagonal = correlation.sum() - correlation.trace()
    mean = float(off_diagonal / (count * (count - 1)))
    target = mean * np.outer(deviation, deviation)
    np.fill_diagonal(target, matrix.diagonal())
    return target, mean


def _shrinkage(sample: _Sample, target: FloatArray, mean_correlation: float) -> float:
    """delta of Ledoit and Wolf (2004); 0 where the target is the sample."""
    s, y, w = sample.matrix, sample.deviations, sample.weights
    gamma = float(((target - s) ** 2).sum())
    if gamma <= 1e-24 * float((s**2).sum()):
        return 0.0

    squares = y**2
    weighted = squares * w[:, None]
    pi = weighted.T @ squares - s**2  # sum_t w (y_i y_j - s_ij)^2, expanded
    th = (weighted * y).T @ y - s.diagonal()[:, None] * s
    deviation = np.sqrt(s.diagonal())
    ratio = np.divide(
        deviation[None, :],
        deviation[:, None],
        out=np.zeros_like(s),
        where=deviation[:, None] > 0,
    )
    crossed = ratio * th
    rho = pi.trace() + mean_correlation * (crossed.sum() - crossed.trace())
    delta = float(pi.sum() - rho) / gamma / effective_rows(w)
    return max(0.0, min(1.0, delta))


def _correlation(matrix: FloatArray) -> FloatArray:
    """Correlations; 0 with an asset that never moves."""
    deviation = np.sqrt(matrix.diagonal())
    inverse = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    correlation: FloatArray = matrix * inverse[:, None] * inverse[None, :]
    return correlation


def _floored(matrix: FloatArray) -> tuple[FloatArray, bool]:
    """The matrix made positive definite, and whether anything had to be raised."""
    volatility = np.sqrt(matrix.diagonal())
    is_floored = bool((volatility < LEAST_VOLATILITY_PER_YEAR).any())
    volatility = np.maximum(volatility, LEAST_VOLATILITY_PER_YEAR)
    correlation = _correlation(matrix)
    np.fill_diagonal(correlation, 1.0)

    values, vectors = np.linalg.eigh(correlation)
    if values[0] < LEAST_CORRELATION_EIGENVALUE:
        is_floored = True
        raised = np.maximum(values, LEAST_CORRELATION_EIGENVALUE)
        correlation = _correlation((vectors * raised) @ vectors.T)
        np.fill_diagonal(correlation, 1.0)
    correlation = (correlation + correlation.T) / 2
    return correlation * np.outer(volatility, volatility), is_floored
