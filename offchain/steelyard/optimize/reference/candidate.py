# SPDX-License-Identifier: MIT
"""Weights that a solver found, cleaned, recomputed and certified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.clean import cleaned
from steelyard.optimize.reference.program import (
    Multipliers,
    Program,
    bound_at,
    values_at,
)

MOST = 1e-6  # of both: an answer that misses by more is none
LEAST_SIZE = 1e-6  # of an objective, in its scaled units: smaller ones count as this


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """Allowed weights, and all that is known of them."""

    weights: Floats  # (n,)
    multipliers: Multipliers
    objective: float
    bound: float
    excess: float  # most by which a limit is passed
    method: str

    @property
    def miss(self) -> float:
        """Relative gap, or the excess where that is more."""
        size = max(abs(self.objective), abs(self.bound), LEAST_SIZE)
        if not np.isfinite(size):
            return np.inf
        return max(abs(self.objective - self.bound) / size, self.excess)


Certify = Callable[[Floats, Multipliers, str], Candidate]


def candidate(
    program: Program, weights: Floats, multipliers: Multipliers, method: str
) -> Candidate:
    """Cleaned and certified. Raises `SolveFailed`."""
    allowed = cleaned(program.polytope, weights)
    objective, excess = values_at(program, allowed, multipliers)
    return Candidate(
        weights=allowed,
        multipliers=multipliers,
        objective=objective,
        bound=bound_at(program, allowed, multipliers),
        excess=excess,
        method=method,
    )


def readable(read: Callable[[str], Candidate], method: str) -> Candidate | None:
    """None for weights that nothing allowed is near to. Raises `SolveFailed` else."""
    try:
        return read(method)
    except SolveFailed as failed:
        if failed.outcome == "unbounded":
            raise
        return None
