# SPDX-License-Identifier: MIT
"""What a way of solving brings back, before anybody believes it."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.optimize.problem import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """Weights, and what proves how good they are.

    `objective` is what was minimised (a largest thing is minimised with its sign
    turned), recomputed from the weights; `bound` is a lower bound of it over the whole
    polytope, from the multipliers alone, that no solver is trusted for; None where the
    model has none.
    """

    weights: Floats  # (n,)
    objective: float
    bound: float | None
    row_prices: Floats  # (m,) at least 0: fall of the objective per unit of bound
    method: str  # what found it, for people
