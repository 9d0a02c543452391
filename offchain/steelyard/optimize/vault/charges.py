# SPDX-License-Identifier: MIT
"""Convex functions of z that are charged as they are: with slopes and bends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Sighted
from steelyard.optimize.vault.planes import Plane

STEEPEST = 1e5  # root of a second derivative: at a kink, more would be noise


@dataclass(frozen=True, kw_only=True, eq=False)
class Sum:
    """Several charges as one."""

    charges: tuple[Charge, ...]

    def plane(self, z: Floats) -> Plane:
        """Nowhere above the sum; its value at z."""
        planes = [charge.plane(z) for charge in self.charges]
        return Plane(
            value=sum(plane.value for plane in planes),
            start=sum(plane.start for plane in planes),
            slopes=np.sum([plane.slopes for plane in planes], axis=0),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Charge:
    """weight x function(matrix @ z + offset)."""

    function: Sighted
    matrix: Floats  # (k, n_tokens + n_slots)
    offset: Floats  # (k,)
    weight: float = 1.0

    def plane(self, z: Floats) -> Plane:
        """Nowhere above the charge; its value at z."""
        seen = self.function.see(self.matrix @ z + self.offset, None)
        return Plane(
            value=self.weight * seen.value,
            start=self.weight * (seen.constant + float(seen.slopes @ self.offset)),
            slopes=self.weight * (seen.slopes @ self.matrix),
        )

    def hessian(self, z: Floats) -> Floats | None:
        """The second derivative at z; None where there is none, or nearly none."""
        at = self.matrix @ z + self.offset
        root = self.function.bend(at, self.matrix, None)
        if root is None or np.abs(root).max(initial=0.0) > STEEPEST:
            return None
        return np.asarray(self.weight * (root.T @ root))
