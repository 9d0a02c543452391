# SPDX-License-Identifier: MIT
"""The allocation problem as data: what may be held, and what is known of returns.

UNITS  Weights are shares of what is invested. Returns, covariances and scenarios are
       simple returns per period, the same period in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from steelyard.optimize.errors import PortfolioInvalid
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

SYMMETRY = 1e-9  # of the largest variance
RIDGE = 1e-9  # of the mean variance: what rounding may take an eigenvalue under 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Portfolio:
    """What every model needs of it; a model says which field it misses.

    Raises `PortfolioInvalid`.
    """

    polytope: Polytope
    expected_returns: Floats | None = None  # (n,)
    covariance: Floats | None = None  # (n, n)
    scenarios: Floats | None = None  # (t, n) equally likely, in their order of time
    current: Floats | None = None  # (n,) held now; None: nothing is
    cost_rates: Floats | None = None  # (n,) share of the value traded that is lost
    turnover: float | None = None  # most of sum |w - current|
    leverage: float | None = None  # most of sum |w|

    def __post_init__(self) -> None:
        n = len(self.polytope.assets)
        shapes: dict[str, tuple[int | None, ...]] = {
            "expected_returns": (n,),
            "covariance": (n, n),
            "scenarios": (None, n),
            "current": (n,),
            "cost_rates": (n,),
        }
        for field, shape in shapes.items():
            if getattr(self, field) is None:
                continue
            array = np.ascontiguousarray(getattr(self, field), dtype=np.float64)
            expected = tuple(
                has if want is None else want
                for want, has in zip(shape, array.shape, strict=False)
            )
            if array.shape != expected or array.ndim != len(shape):
                raise PortfolioInvalid(field, array.shape, f"the shape {shape}")
            # the sum alone is quicker to look at, and finite only where all are
            if not np.isfinite(array.sum()) and not np.isfinite(array).all():
                raise PortfolioInvalid(field, "not finite", "finite numbers")
            object.__setattr__(self, field, array)
        self._check_values()

    def _check_values(self) -> None:
        if self.covariance is not None:
            _check_covariance(self.covariance)
        if self.scenarios is not None and len(self.scenarios) == 0:
            raise PortfolioInvalid("scenarios", "none", "at least one")
        if self.cost_rates is not None and (
            self.cost_rates.min(initial=0.0) < 0 or self.cost_rates.max(initial=0.0) > 1
        ):
            raise PortfolioInvalid("cost_rates", "outside 0 to 1", "shares of value")
        for field in ("turnover", "leverage"):
            value = getattr(self, field)
            if value is not None and not 0 <= value < np.inf:
                raise PortfolioInvalid(field, value, "0 or more, finite")

    @property
    def assets(self) -> tuple[str, ...]:
        return self.polytope.assets

    @property
    def is_frictionless(self) -> bool:
        """Nothing but the polytope limits weights, and trading costs nothing."""
        limited = self.turnover is not None or self.leverage is not None
        return not limited and (self.cost_rates is None or not self.cost_rates.any())


def _check_covariance(covariance: Floats) -> None:
    """Symmetric, as two products with one vector tell, and no variance negative."""
    variances = np.diag(covariance)
    if variances.min(initial=0.0) < 0:
        raise PortfolioInvalid("covariance", "negative", "variances >= 0")
    probe = 1 + np.arange(len(covariance)) / len(covariance)
    skew = float(np.abs(covariance @ probe - probe @ covariance).max(initial=0.0))
    largest = float(variances.max(initial=0.0)) or float(np.abs(covariance).max())
    if skew > SYMMETRY * largest:
        raise PortfolioInvalid("covariance", f"off by {skew:g}", "symmetric")
    if not _is_semidefinite(covariance, float(variances.mean())):
        lowest = float(np.linalg.eigvalsh(covariance)[0])
        expected = "positive semidefinite: its lowest eigenvalue 0 or more"
        raise PortfolioInvalid("covariance", f"of {lowest:g}", expected)


def _is_semidefinite(covariance: Floats, scale: float) -> bool:
    """By Cholesky: in single precision, and where that fails with a little ridge."""
    if scale == 0:
        return not covariance.any()
    scaled = covariance / scale
    if lapack.spotrf(scaled.astype(np.float32), lower=1)[1] == 0:
        return True
    return bool(lapack.dpotrf(scaled + RIDGE * np.eye(len(scaled)), lower=1)[1] == 0)
