# SPDX-License-Identifier: MIT
"""Planes under convex functions of z: of each function, the highest is charged.

A convex function is nowhere under its tangents, so what planes charge is never more
than the function itself: a bound of the problem with planes is one of the problem with
functions, whoever chose the planes (Kelley, "The cutting-plane method", 1960).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.problem import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Plane:
    """start + slopes . z: nowhere above the function, whose value at one z it has."""

    value: float
    start: float
    slopes: Floats  # (n_tokens + n_slots,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Planes:
    """What is taken off the objective: the highest plane of every function, summed."""

    starts: Floats  # (n_planes,)
    slopes: Floats  # (n_planes, n_tokens + n_slots)
    of: NDArray[np.int64]  # (n_planes,) index of the function
    functions: int

    def heights(self, z: Floats) -> Floats:
        """(n_planes,) at z."""
        return np.asarray(self.starts + self.slopes @ z)

    def highest(self, heights: Floats) -> Floats:
        """(functions,) what each charges."""
        top = np.full(self.functions, -np.inf)
        np.maximum.at(top, self.of, heights)
        return top

    def shares(self, multipliers: Floats) -> Floats:
        """(n_planes,) weights that sum to 1 for each function, in these proportions."""
        raised = np.maximum(multipliers, 0.0)
        total = np.bincount(self.of, raised, self.functions)
        count = np.bincount(self.of, minlength=self.functions)
        none = total <= 0
        shares = raised / np.where(none, 1.0, total)[self.of]
        return np.asarray(np.where(none[self.of], 1 / count[self.of], shares))


def no_planes(columns: int) -> Planes:
    """Nothing is taken off."""
    return Planes(
        starts=np.zeros(0),
        slopes=np.zeros((0, columns)),
        of=np.zeros(0, np.int64),
        functions=0,
    )


def as_planes(functions: list[list[Plane]], weights: Floats) -> Planes:
    """The planes of each function, times its weight (n_functions,), at least 0."""
    flat = [(i, plane) for i, planes in enumerate(functions) for plane in planes]
    of = np.array([i for i, _ in flat], dtype=np.int64)
    return Planes(
        starts=np.array([plane.start for _, plane in flat]) * weights[of],
        slopes=np.array([plane.slopes for _, plane in flat]) * weights[of][:, None],
        of=of,
        functions=len(functions),
    )
