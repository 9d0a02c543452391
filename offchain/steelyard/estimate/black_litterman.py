# SPDX-License-Identifier: MIT
"""Equilibrium returns changed by views, as far as the views are trusted.

Sources: F. Black and R. Litterman, "Global Portfolio Optimization", Financial Analysts
Journal 48(5), 1992; G. He and R. Litterman, "The Intuition Behind Black-Litterman Model
Portfolios", Goldman Sachs, 1999; T. Idzorek, "A Step-by-Step Guide to the
Black-Litterman Model", 2005; J. Walters, "The Black-Litterman Model in Detail", 2014.

    prior      mean ~ N(pi, tau C)                  pi by `equilibrium_returns`
    views      P mean = q + e,  e ~ N(0, Omega)
    posterior  mu = pi + tau C P' A^-1 (q - P pi)   A = P tau C P' + Omega
               M  = tau C - tau C P' A^-1 P tau C   of the mean; returns have C + M

UNITS  Returns are simple and per year; covariances and Omega are per year.
"""

from dataclasses import dataclass

import numpy as np

from steelyard.estimate.covariance import Covariance
from steelyard.estimate.errors import AssetsDiffer, BadEstimateSetting, ViewsInvalid
from steelyard.estimate.expected import ExpectedReturns
from steelyard.market.history import FloatArray

DEFAULT_TAU = 0.05  # He and Litterman (1999)
LEAST_INDEPENDENCE = 1e-12  # least eigenvalue of A, its diagonal scaled to 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Views:
    """What is expected of some portfolios, and how sure that is.

    Without `uncertainty` and `confidences`, Omega is diag(P tau C P') (He and Litterman
    1999). Raises `ViewsInvalid`.
    """

    portfolios: FloatArray  # (k, n) P; a row that sums to 0 is a relative view
    expected_returns: FloatArray  # (k,) q
    confidences: FloatArray | None = None  # (k,) 0 to 1, as Idzorek (2005)
    uncertainty: FloatArray | None = None  # (k, k) Omega itself

    def __post_init__(self) -> None:
        for field in ("portfolios", "expected_returns", "confidences", "uncertainty"):
            if getattr(self, field) is not None:
                array = _numbers(field, getattr(self, field))
                object.__setattr__(self, field, array)
        _check_views(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """Returns after the views, per year."""

    assets: tuple[str, ...]
    per_year: FloatArray  # (n,) expected returns
    prior_per_year: FloatArray  # (n,)
    matrix: FloatArray  # (n, n) covariance of returns, C + M
    uncertainty: FloatArray  # (k, k) Omega; infinite for a view of no confidence
    tau: float


def black_litterman(
    covariance: Covariance,
    prior: ExpectedReturns,
    views: Views,
    *,
    tau: float = DEFAULT_TAU,
) -> Posterior:
    """The posterior of the module's formulas; nothing is inverted but A, of k views.

    A view of confidence 1 is met exactly, one of confidence 0 changes nothing. Raises
    `AssetsDiffer`, `BadEstimateSetting` or `ViewsInvalid`, as for views of which none
    may be doubted and that depend on each other.
    """
    if prior.assets != covariance.assets:
        raise AssetsDiffer("prior", prior.assets, covariance.assets)
    omega = view_uncertainty(covariance, views, tau=tau)

    heard = np.isfinite(omega.diagonal())
    p, q = views.portfolios[heard], views.expected_returns[heard]
    spread = tau * covariance.matrix @ p.T
    gain = _gain(p @ spread + omega[np.ix_(heard, heard)], spread)
    mean_covariance = tau * covariance.matrix - gain @ spread.T
    matrix = covariance.matrix + (mean_covariance + mean_covariance.T) / 2
    return Posterior(
        assets=covariance.assets,
        per_year=prior.per_year + gain @ (q - p @ prior.per_year),
        prior_per_year=prior.per_year,
        matrix=matrix,
        uncertainty=omega,
        tau=tau,
    )


def view_uncertainty(
    covariance: Covariance, views: Views, *, tau: float = DEFAULT_TAU
) -> FloatArray:
    """(k, k) Omega: as given, else diagonal.

    omega = (1 - c) / c p tau C p' is the exact solution of Idzorek's (2005) search: the
    view alone then tilts the weights by c of what certainty would (Walters 2014). The
    proportional form is c = 1/2. Infinite for c = 0.
    """
    if not 0 < tau < np.inf:
        raise BadEstimateSetting("tau", tau, "a number above 0")
    if views.portfolios.shape[1] != len(covariance.assets):
        expected = f"{len(covariance.assets)} columns, one an asset"
        raise ViewsInvalid("shape of portfolios", views.portfolios.shape, expected)
    if views.uncertainty is not None:
        return views.uncertainty

    p = views.portfolios
    variances = tau * np.einsum("ki,ij,kj->k", p, covariance.matrix, p)
    if views.confidences is None:
        return np.diag(variances)
    c = views.confidences
    odds = np.divide(1 - c, c, out=np.full_like(c, np.inf), where=c > 0)
    omega: FloatArray = np.zeros((len(c), len(c)))
    np.fill_diagonal(omega, variances * odds)
    return omega


def _gain(a: FloatArray, spread: FloatArray) -> FloatArray:
    """(n, k) spread A^-1; raises `ViewsInvalid` where A is singular."""
    if not len(a):
        return spread
    scale = np.sqrt(a.diagonal())
    if not (scale > 0).all():
        expected = "views of what is uncertain: this portfolio's return is known"
        raise ViewsInvalid("view", int(np.argmin(scale)) + 1, expected)
    scaled = a / np.outer(scale, scale)
    if float(np.linalg.eigvalsh(scaled)[0]) < LEAST_INDEPENDENCE:
        expected = "views of which one may be doubted: they depend on each other"
        raise ViewsInvalid("views", "certain", expected)
    gain: FloatArray = np.linalg.solve(scaled, (spread / scale).T).T / scale
    return gain


def _numbers(field: str, given: object) -> FloatArray:
    try:
        return np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ViewsInvalid(field, given, "numbers in rows of one length") from None


def _check_views(views: Views) -> None:
    p, q = views.portfolios, views.expected_returns
    if p.ndim != 2 or 0 in p.shape:
        raise ViewsInvalid("shape of portfolios", p.shape, "a row for each view")
    k = len(p)
    shapes = {"expected_returns": (k,), "confidences": (k,), "uncertainty": (k, k)}
    for field, shape in shapes.items():
        array = getattr(views, field)
        if array is not None and array.shape != shape:
            raise ViewsInvalid(f"shape of {field}", array.shape, str(shape))
    if not (np.isfinite(p).all() and np.isfinite(q).all()):
        raise ViewsInvalid("portfolios or expected_returns", "nan", "finite numbers")
    empty = np.flatnonzero(~p.any(axis=1))
    if len(empty):
        raise ViewsInvalid("view", int(empty[0]) + 1, "one of some asset at least")
    c, omega = views.confidences, views.uncertainty
    if c is not None and not ((c >= 0) & (c <= 1)).all():
        raise ViewsInvalid("confidences", c.tolist(), "from 0 to 1")
    if omega is not None:
        _check_uncertainty(omega)


def _check_uncertainty(omega: FloatArray) -> None:
    if not np.isfinite(omega).all() or not np.allclose(omega, omega.T, atol=0.0):
        raise ViewsInvalid("uncertainty", omega.tolist(), "finite and symmetric")
    least = float(np.linalg.eigvalsh(omega)[0])
    if least < -LEAST_INDEPENDENCE * float(np.abs(omega).max()):
        raise ViewsInvalid("least eigenvalue of uncertainty", least, "0 or more")
