# SPDX-License-Identifier: MIT
"""The same limits in the sizes that solvers like: coefficients near 1, tight boxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

PLAIN = 10.0  # rows whose largest coefficient is within this of 1 stay as they are
WIDE = 1e3  # boxes up to this stay as they are


def row_scales(polytope: Polytope, plain: float = PLAIN) -> Floats:
    """(m,) what each row is divided by: its largest coefficient, or 1 where that is
    within `plain` of 1."""
    sizes = np.abs(polytope.matrix).max(axis=1, initial=0.0)
    if not len(sizes) or (sizes.min() >= 1 / plain and sizes.max() <= plain):
        return np.ones(len(sizes))
    stays = (sizes == 0) | ((sizes >= 1 / plain) & (sizes <= plain))
    return np.where(stays, 1.0, sizes)


def normalised(portfolio: Portfolio, scales: Floats) -> Portfolio:
    """The portfolio with rows divided by `scales` and wide boxes cut to what the sum
    leaves of them; itself where nothing changes."""
    polytope = portfolio.polytope
    lowest, highest = polytope.lowest, polytope.highest
    is_wide = max(-lowest.min(), highest.max()) > WIDE
    if (scales == 1).all() and not is_wide:
        return portfolio
    if is_wide:
        most = np.minimum(highest, polytope.total - (lowest.sum() - lowest))
        least = np.maximum(lowest, polytope.total - (highest.sum() - highest))
        if (least <= most).all():  # else nothing is allowed, as the limits say
            lowest, highest = least, most
    scaled = replace(
        polytope,
        lowest=lowest,
        highest=highest,
        matrix=polytope.matrix / scales[:, None],
        bounds=polytope.bounds / scales,
    )
    return replace(portfolio, polytope=scaled)
