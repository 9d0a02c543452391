# SPDX-License-Identifier: MIT
"""The weights that are allowed: a box, linear rows and a sum.

Caps of tokens, protocols, issuers and groups, factor and net-delta limits, and floors
are all rows; they may cross each other and have any coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from steelyard.optimize.arrays import finite_array, largest, smallest, sum_of
from steelyard.optimize.errors import PortfolioInvalid
from steelyard.optimize.problem import Floats

MOST_TOTAL = 1e3


@dataclass(frozen=True, kw_only=True, eq=False)
class Polytope:
    """{w : lowest <= w <= highest, matrix @ w <= bounds, sum(w) = total}.

    Raises `PortfolioInvalid` for shapes that do not fit and bounds that are no numbers.
    """

    assets: tuple[str, ...]  # (n,) names of the weights
    lowest: Floats  # (n,)
    highest: Floats  # (n,)
    names: tuple[str, ...]  # (m,) of the rows
    matrix: Floats  # (m, n)
    bounds: Floats  # (m,)
    total: float = 1.0

    def __post_init__(self) -> None:
        n, m = len(self.assets), len(self.names)
        if n == 0:
            raise PortfolioInvalid("assets", "none", "at least one")
        shapes = (("lowest", (n,)), ("highest", (n,)), ("matrix", (m, n)))
        for field, shape in (*shapes, ("bounds", (m,))):
            array = finite_array(field, getattr(self, field), shape)
            object.__setattr__(self, field, array)
        if not abs(self.total) <= MOST_TOTAL:
            expected = f"a sum of shares, up to {MOST_TOTAL:g}"
            raise PortfolioInvalid("total", self.total, expected)
        if smallest(self.widths) < 0:
            i = int((self.widths < 0).argmax())
            raise PortfolioInvalid(
                f"highest weight of {self.assets[i]}",
                float(self.highest[i]),
                f"at least its lowest, {float(self.lowest[i]):g}",
            )

    @cached_property
    def widths(self) -> Floats:
        """(n,) of the box."""
        return self.highest - self.lowest


def violation(polytope: Polytope, weights: Floats) -> float:
    """Most by which a bound, a row or the sum is missed, at least 0; NaN of NaNs."""
    p = polytope
    off = abs(sum_of(weights) - p.total)  # first, as max keeps a NaN only there
    missed = (
        off,
        largest(p.lowest - weights),
        largest(weights - p.highest),
        largest(p.matrix.dot(weights) - p.bounds) if len(p.names) else 0.0,
    )
    return max(*missed, 0.0)


def with_row(
    polytope: Polytope, name: str, coefficients: Floats, bound: float
) -> Polytope:
    """The polytope with one more row, coefficients @ w <= bound, at the end."""
    return replace(
        polytope,
        names=(*polytope.names, name),
        matrix=np.vstack([polytope.matrix, coefficients]),
        bounds=np.append(polytope.bounds, bound),
    )
