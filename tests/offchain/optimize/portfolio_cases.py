# SPDX-License-Identifier: MIT
"""Portfolios as vaults meet them: returns of a few factors, caps of groups in groups.

Returns are simple, per day. Every case is feasible and the same for the same seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

DAYS = 1000
FREEDOM = 5  # of Student's t
BROAD = 4  # groups of groups, like protocols over issuers


def factor_case(n: int, t: int = DAYS, seed: int = 0) -> Portfolio:
    """10 % box (30 % up to 10 assets), caps on groups: few assets are held."""
    generator = np.random.default_rng([seed, n, t])
    return _portfolio(_returns(generator, n, t), _polytope(generator, n))


def dense_case(n: int, seed: int = 0) -> Portfolio:
    """Box 2 / n: at least half of the assets are held."""
    return with_highest(factor_case(n, seed=seed), min(2.0 / n, 1.0))


def tight_case(n: int, seed: int = 0) -> Portfolio:
    """2 % box, or 2 / n where that is more."""
    return with_highest(factor_case(n, seed=seed), min(max(0.02, 2.0 / n), 1.0))


def noise_case(n: int, seed: int = 0) -> Portfolio:
    """Independent normal returns: nothing to choose by but noise."""
    case = factor_case(n, seed=seed)
    generator = np.random.default_rng([seed, n, 1])
    return _portfolio(generator.normal(0.0, 0.03, (DAYS, n)), case.polytope)


def short_case(n: int, seed: int = 0) -> Portfolio:
    """Half as many days as assets: the covariance is singular."""
    return factor_case(n, t=max(2, n // 2), seed=seed)


def twin_case(n: int, seed: int = 0) -> Portfolio:
    """Each asset of the first half again in the second: equal rows of covariance."""
    case = factor_case(n, seed=seed)
    assert case.scenarios is not None
    half = case.scenarios[:, : (n + 1) // 2]
    return _portfolio(np.hstack([half, half])[:, :n], case.polytope)


def with_highest(case: Portfolio, highest: float) -> Portfolio:
    """The same returns under this cap for each asset; group caps stay reachable."""
    polytope, n = case.polytope, len(case.assets)
    box = np.full(n, highest)
    matrix = polytope.matrix
    bounds = np.minimum(polytope.bounds, 0.9 * matrix @ box)
    capped = replace(polytope, highest=box, bounds=_widened(matrix, bounds, box))
    return replace(case, polytope=capped)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Factors:
    """Loadings and sizes of what moves returns."""

    loadings: Floats  # (n, k)
    sizes: Floats  # (k,) volatility
    own: Floats  # (n,) volatility of what is left


def _factors(generator: np.random.Generator, n: int) -> _Factors:
    count = max(2, min(15, n // 5))
    loadings = generator.normal(0.0, 0.5, (n, count))
    loadings[:, 0] = generator.uniform(0.6, 1.4, n)  # the market
    sizes = generator.uniform(0.005, 0.015, count)
    sizes[0] = 0.03
    return _Factors(
        loadings=loadings, sizes=sizes, own=generator.uniform(0.01, 0.05, n)
    )


def _returns(generator: np.random.Generator, n: int, t: int) -> Floats:
    f = _factors(generator, n)
    unit = np.sqrt((FREEDOM - 2) / FREEDOM)  # to variance 1
    moves = generator.standard_t(FREEDOM, (t, len(f.sizes))) * unit * f.sizes
    own = generator.standard_t(FREEDOM, (t, n)) * unit * f.own
    means = 4e-4 + 6e-4 * f.loadings[:, 0] + generator.normal(0.0, 4e-4, n)
    return np.asarray(means + moves @ f.loadings.T + own, np.float64)


def _polytope(generator: np.random.Generator, n: int) -> Polytope:
    """Box and laminar caps: each asset in one narrow group, each of those in a broad
    one; groups of one asset have no row."""
    narrow = max(BROAD, min(20, n // 4))
    of_asset = np.sort(generator.integers(0, narrow, n))
    of_group = np.arange(narrow) * BROAD // narrow
    matrix = np.zeros((narrow + BROAD, n))
    matrix[of_asset, np.arange(n)] = 1.0
    matrix[narrow + of_group[of_asset], np.arange(n)] = 1.0
    few = n <= 10
    caps = [0.35 if few else 0.22] * narrow + [0.45 if few else 0.34] * BROAD
    highest = np.full(n, min(1.0, max(0.3 if few else 0.1, 3.0 / n)))
    kept = (matrix.sum(axis=1) > 1) & (n >= BROAD)
    bounds = np.array(caps)[kept]
    matrix = matrix[kept]
    return Polytope(
        assets=tuple(f"asset {i}" for i in range(n)),
        lowest=np.zeros(n),
        highest=highest,
        names=tuple(f"group {i}" for i in np.flatnonzero(kept)),
        matrix=matrix,
        bounds=_widened(matrix, bounds, highest),
    )


def _widened(matrix: Floats, bounds: Floats, highest: Floats) -> Floats:
    """Caps raised by tenths, all alike, until a tenth more than the whole fits."""
    from scipy.optimize import linprog

    box = [(0.0, most) for most in highest]
    while len(bounds):
        placed = linprog(-np.ones(len(box)), A_ub=matrix, b_ub=bounds, bounds=box)
        if -placed.fun >= 1.1:
            break
        bounds = 1.1 * bounds
    return bounds


def _portfolio(returns: Floats, polytope: Polytope) -> Portfolio:
    covariance = np.atleast_2d(np.cov(returns, rowvar=False))
    return Portfolio(
        polytope=polytope,
        expected_returns=returns.mean(axis=0),
        covariance=covariance,
        scenarios=returns,
    )


CASES = {  # of n assets
    "factors": factor_case,
    "dense": dense_case,
    "tight": tight_case,
    "noise": noise_case,
    "fewer days than assets": short_case,
    "twins": twin_case,
}
