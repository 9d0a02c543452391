# SPDX-License-Identifier: MIT
"""The same limits in the sizes that solvers like: coefficients near 1, tight boxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.arrays import largest, ones, smallest
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

PLAIN = 10.0  # rows whose largest coefficient is within this of 1 stay as they are
WIDE = 1e3  # boxes up to this stay as they are


def row_scales(polytope: Polytope, plain: float = PLAIN) -> Floats:
    """(m,) what each row is divided by: its largest coefficient, or 1 where that is
    within `plain` of 1."""
    if not polytope.names:
        return ones(0)
    sizes = np.abs(polytope.matrix).max(axis=1)
    if smallest(sizes) >= 1 / plain and largest(sizes) <= plain:
        return ones(len(sizes))
    stays = (sizes == 0) | ((sizes >= 1 / plain) & (sizes <= plain))
    return np.where(stays, 1.0, sizes)


def normalised(portfolio: Portfolio, scales: Floats) -> Portfolio:
    """The portfolio with rows divided by `scales` and wide boxes cut to what the sum
    leaves of them; itself where neither is to be done."""
    polytope = portfolio.polytope
    lowest, highest = polytope.lowest, polytope.highest
    is_wide = largest(highest) > WIDE or smallest(lowest) < -WIDE
    if not is_wide and scales is ones(len(scales)):  # as `row_scales` has it
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
