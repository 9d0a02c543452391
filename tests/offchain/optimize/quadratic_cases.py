# SPDX-License-Identifier: MIT
"""Published examples of the efficient frontier, and small hostile polytopes at random.

`published_case`: the ten assets of Bailey & Lopez de Prado (2013), "An Open-Source
Implementation of the Critical-Line Algorithm for Portfolio Optimization", Algorithms 6
(their CLA_Data.csv), long only, and its corner portfolios.

`capped_case`: the three assets of Kwan (2007), "A Simple Spreadsheet-Based Exposition
of the Markowitz Critical Line Method for Portfolio Selection", Spreadsheets in
Education 2, under a cap of 70 %.
"""

from __future__ import annotations

import clarabel
import numpy as np
from scipy.sparse import csc_matrix

from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

MEANS = (1.175, 1.19, 0.396, 1.12, 0.346, 0.679, 0.089, 0.73, 0.481, 1.08)
# the lower triangle, row by row
COVARIANCES = """
0.40755159
0.03175842 0.9063047
0.05183923 0.03136385 0.19490901
0.05663904 0.02687256 0.04408485 0.19528471
0.0330226  0.01917172 0.03006772 0.02777345 0.34059105
0.00827775 0.00934384 0.01322738 0.00526665 0.00777055 0.15983874
0.02165938 0.02495043 0.03525971 0.01375808 0.02067844 0.02105575 0.68056711
0.01332419 0.00761036 0.0115493  0.00780878 0.00736409 0.00518686 0.01377882 0.95526918
0.0343476  0.02874874 0.0427563  0.02914176 0.02542657 0.01723737 0.04627027 0.0106553
0.31681584
0.02249903 0.01336866 0.02057303 0.01640377 0.01284075 0.00723779 0.01926088 0.00760955
0.01854318 0.11079287
"""
# multiplier, then (asset, weight in percent), the largest expected return first
CORNERS = (
    (58.30308533, {1: 100}),
    (4.17427285, {0: 64.9369407, 1: 35.0630593}),
    (1.94556614, {0: 43.3984134, 1: 23.1247501, 3: 33.4768365}),
    (0.16458117, {0: 12.6887854, 1: 7.2343347, 3: 28.1253749, 9: 51.951505}),
    (
        0.14738875,
        {0: 12.3201004, 1: 7.0444071, 3: 27.8993567, 7: 0.6435564, 9: 52.0925793},
    ),
    (
        0.0561722,
        {
            **{0: 8.6921549, 1: 5.0451042, 3: 22.3594017, 5: 17.3831615},
            **{7: 3.0173016, 9: 43.502876},
        },
    ),
    (
        0.05204819,
        {
            **{0: 8.4670941, 1: 4.9253859, 3: 21.9633903, 5: 18.0039235},
            **{7: 3.1029802, 8: 0.6485702, 9: 42.8886558},
        },
    ),
    (
        0.03652161,
        {
            **{0: 7.3789253, 1: 4.3828661, 3: 19.8975608, 4: 2.615816},
            **{5: 19.8151872, 7: 3.3419586, 8: 2.7902966, 9: 39.7773894},
        },
    ),
    (
        0.03097117,
        {
            **{0: 6.8344005, 1: 4.1387027, 2: 1.521526, 3: 18.8134431, 4: 3.4162486},
            **{5: 20.2319432, 7: 3.3929324, 8: 3.363265, 9: 38.2875386},
        },
    ),
    (
        0.0,
        {
            **{0: 3.6968581, 1: 2.6900838, 2: 9.4942431, 3: 12.5775952, 4: 7.6746081},
            **{5: 21.9355671, 6: 2.9987097, 7: 3.5963285, 8: 6.1349838, 9: 29.2010226},
        },
    ),
)


def published_case() -> Portfolio:
    """Ten assets, any weights of 0 to 1."""
    covariance = np.zeros((10, 10))
    rows, columns = np.tril_indices(10)
    covariance[rows, columns] = [float(word) for word in COVARIANCES.split()]
    covariance[columns, rows] = covariance[rows, columns]
    return long_only(np.array(MEANS), covariance)


def capped_case() -> Portfolio:
    """Three assets, at most 70 % of each."""
    means = np.array([0.05, 0.08, 0.12])
    covariance = np.array(
        [[0.0004, 0.0004, 0.0002], [0.0004, 0.0025, 0.001], [0.0002, 0.001, 0.01]]
    )
    return long_only(means, covariance, highest=0.7)


def long_only(means: Floats, covariance: Floats, highest: float = 1.0) -> Portfolio:
    """Any weights from 0 to `highest` that sum to 1."""
    n = len(means)
    polytope = Polytope(
        assets=tuple(f"asset {i}" for i in range(n)),
        lowest=np.zeros(n),
        highest=np.full(n, highest),
        names=(),
        matrix=np.zeros((0, n)),
        bounds=np.zeros(0),
    )
    return Portfolio(
        polytope=polytope, expected_returns=means, covariance=np.atleast_2d(covariance)
    )


def hostile_case(seed: int) -> Portfolio:
    """Up to eight assets under rows that cross, with fractions and negative numbers.

    Some boxes are points, some sums 0, some covariances of rank 1, some means the same,
    some polytopes a point or empty.
    """
    generator = np.random.default_rng(seed)
    polytope = _hostile_polytope(generator)
    n = len(polytope.assets)
    days = int(generator.integers(2, n + 3))
    returns = generator.normal(0.0, 0.03, (days, n))
    if n > 2 and generator.random() < 0.3:
        returns[:, 1] = returns[:, 0]
    means = generator.choice([0.01, -0.01, 0.005, 0.0, 0.02], n)
    if generator.random() < 0.5:
        means = generator.normal(0.0, 0.01, n)
    return Portfolio(
        polytope=polytope,
        expected_returns=means,
        covariance=np.atleast_2d(np.cov(returns, rowvar=False)),
    )


def _hostile_polytope(generator: np.random.Generator) -> Polytope:
    n, m = int(generator.integers(1, 9)), int(generator.integers(0, 6))
    lowest = np.zeros(n)
    if generator.random() < 0.5:
        lowest = generator.choice([-0.5, -0.1, 0.0, 0.05], n)
    highest = lowest + generator.choice([0.0, 0.1, 0.3, 0.5, 1.0, 1.5], n)
    matrix = generator.choice([0.0, 0.5, 1.0, -1.0, 0.25, 1 / 3], (m, n))
    inside = generator.uniform(lowest, highest)
    return Polytope(
        assets=tuple(f"asset {i}" for i in range(n)),
        lowest=lowest,
        highest=highest,
        names=tuple(f"row {i}" for i in range(m)),
        matrix=matrix,
        bounds=matrix @ inside + generator.choice([0, 0, 0.05, 0.2, -0.05], m),
        total=float(generator.choice([inside.sum(), 1.0, 0.0])),
    )


def reference(
    polytope: Polytope, covariance: Floats, gains: Floats, curvature: float
) -> float | None:
    """Least of curvature / 2 w' C w - gains . w, by Clarabel; None: nothing allowed."""
    p, n = polytope, len(gains)
    scale = max(curvature * float(np.trace(covariance)) / n, np.abs(gains).max(), 1e-9)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    rows = np.vstack([np.ones(n), p.matrix, np.eye(n), -np.eye(n)])
    bounds = np.concatenate([[p.total], p.bounds, p.highest, -p.lowest])
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(len(bounds) - 1)]
    found = clarabel.DefaultSolver(
        csc_matrix(np.triu(curvature / scale * covariance)),
        -gains / scale,
        csc_matrix(rows),
        bounds,
        cones,
        settings,
    ).solve()
    if str(found.status) == "PrimalInfeasible":
        return None
    return float(found.obj_val) * scale
