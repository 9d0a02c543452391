# SPDX-License-Identifier: MIT
"""Small portfolios for the reference, and what an answer of it must keep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.optimize.found import Found
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.families import ways_of

MOST_VIOLATION, MOST_GAP = 1e-10, 1e-9
Rows = Sequence[tuple[str, Sequence[float], float]]


def portfolio_of(
    lowest: Sequence[float], highest: Sequence[float], rows: Rows = (), **known
) -> Portfolio:
    """Whose weights sum to 1; `known` are the other fields of `Portfolio`."""
    n = len(lowest)
    matrix = [coefficients for _, coefficients, _ in rows]
    polytope = Polytope(
        assets=tuple("ABCDEFGH"[:n]),
        lowest=np.array(lowest, float),
        highest=np.array(highest, float),
        names=tuple(name for name, _, _ in rows),
        matrix=np.array(matrix, float).reshape(len(rows), n),
        bounds=np.array([bound for _, _, bound in rows], float),
    )
    arrays = {
        name: value if np.isscalar(value) else np.array(value, float)
        for name, value in known.items()
    }
    return Portfolio(polytope=polytope, **arrays)


def by_reference(portfolio: Portfolio, model) -> Found:
    """The last way's answer, checked for what every answer must keep."""
    found = ways_of(portfolio, model)[-1](portfolio, model)
    assert_certified(portfolio, found)
    return found


def assert_certified(portfolio: Portfolio, found: Found) -> None:
    size = max(abs(found.objective), 1e-6)
    assert violation(portfolio.polytope, found.weights) <= MOST_VIOLATION
    assert found.bound is not None
    assert abs(found.objective - found.bound) <= MOST_GAP * size
    assert found.row_prices.min(initial=0.0) >= 0


def grid(portfolio: Portfolio, steps: int = 50) -> Floats:
    """(k, 3) all weights of three assets in steps that the polytope allows."""
    points = [
        np.array([i, j, steps - i - j]) / steps
        for i in range(-steps, 2 * steps + 1)
        for j in range(-steps, 2 * steps + 1)
    ]
    allowed = [w for w in points if violation(portfolio.polytope, w) <= 1e-12]
    return np.array(allowed)
