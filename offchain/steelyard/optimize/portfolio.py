# SPDX-License-Identifier: MIT
"""The allocation problem as data: what may be held, and what is known of returns.

UNITS  Weights are shares of what is invested. Returns, covariances and scenarios are
       simple returns per period, the same period in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.linalg import lapack

from steelyard.optimize.arrays import finite_array, largest, smallest
from steelyard.optimize.errors import PortfolioInvalid
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

SYMMETRY = 1e-9  # of the largest variance
FEW = 60  # assets that double precision takes no longer for
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
        for field, shape in _shapes(len(self.polytope.assets)).items():
            value = getattr(self, field)
            if value is not None:
                object.__setattr__(self, field, finite_array(field, value, shape))
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


@cache
def _shapes(assets: int) -> dict[str, tuple[int | None, ...]]:
    n = assets
    return {
        "expected_returns": (n,),
        "covariance": (n, n),
        "scenarios": (None, n),
        "current": (n,),
        "cost_rates": (n,),
    }


def _check_covariance(covariance: Floats) -> None:
    """Symmetric, as two products with one vector tell, and positive semidefinite."""
    variances = covariance.diagonal()
    if smallest(variances) < 0:
        raise PortfolioInvalid("covariance", "negative", "variances >= 0")
    probe = _probe(len(covariance))
    skew = largest(np.abs(covariance.dot(probe) - probe.dot(covariance)))
    size = largest(variances) or float(np.abs(covariance).max())
    if skew > SYMMETRY * size:
        raise PortfolioInvalid("covariance", f"off by {skew:g}", "symmetric")
    if not _is_semidefinite(covariance, size):
        lowest = float(np.linalg.eigvalsh(covariance)[0])
        expected = "positive semidefinite: its lowest eigenvalue 0 or more"
        raise PortfolioInvalid("covariance", f"of {lowest:g}", expected)


@cache
def _probe(assets: int) -> Floats:
    """(n,) no two alike."""
    return 1 + np.arange(assets) / assets


def _is_semidefinite(covariance: Floats, size: float) -> bool:
    """By Cholesky: of many in single precision; where it fails with a little ridge."""
    lower, clean, overwrite = 1, 0, 1
    # transposed, which is the same, arrays are in the order of LAPACK
    if len(covariance) <= FEW:
        is_definite = lapack.dpotrf(covariance.T, lower, clean)[1] == 0
    else:
        single = (covariance / (size or 1.0)).astype(np.float32)
        is_definite = lapack.spotrf(single.T, lower, clean, overwrite)[1] == 0
    if is_definite or size == 0:
        return True
    scaled = covariance / size
    ridge = RIDGE * float(scaled.diagonal().mean()) * np.eye(len(scaled))
    return bool(lapack.dpotrf(scaled + ridge, lower)[1] == 0)
