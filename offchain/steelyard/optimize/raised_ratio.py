# SPDX-License-Identifier: MIT
"""A ratio of gain to risk that no allowed weights are above, proved by prices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

DOUBLINGS = 20
ROUNDING = 1e-16  # of the ratio


def raised_ratio(
    ratio: float,
    risk: float,
    excess: Callable[[float], float],
    least: Callable[[], float],
) -> float:
    """At least the ratio of all weights allowed; `ratio`, above 0, is met at `risk`.

    `excess` of a ratio is at least gain - ratio x risk of any weights. The ratio is
    raised until there is none (Dinkelbach 1967). Where that proves nothing, as tangents
    of risk may fall, what is missing is at most missing / least times the risk: `least`
    is at most that of any weights with a gain, and asked for only here. Infinite where
    it is 0.
    """
    missing = max(excess(ratio), 0.0)
    if missing == 0:
        return ratio
    added = max(missing / risk, ROUNDING * ratio)
    for _ in range(DOUBLINGS):
        if excess(ratio + added) <= 0:
            return ratio + added
        added *= 2
    smallest = least()
    return ratio + missing / smallest if smallest > 0 else np.inf
