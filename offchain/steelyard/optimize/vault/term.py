# SPDX-License-Identifier: MIT
"""One convex term of a family: as it is, or by the planes found so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.entropic import Entropic
from steelyard.optimize.reference.smooth import Length, LogLoss, SquaredLength
from steelyard.optimize.vault.charges import Charge, Sum
from steelyard.optimize.vault.planes import Plane
from steelyard.optimize.vault.winding_up import WindingUp

SMOOTH = (Length, SquaredLength, Entropic, LogLoss, WindingUp)
MOST_FAILED = 2  # after so many, only planes are tried: a failure takes long


@dataclass(eq=False)
class Term:
    """Taken off net, counted as risk, or held under `most`."""

    charge: Charge | Sum
    is_risk: bool = False
    most: float | None = None  # of a limit
    name: str = ""  # of a limit
    planes: list[Plane] = field(default_factory=list)
    may_be_smooth: bool = field(init=False)
    is_smooth: bool = field(init=False)  # met as it is, not by planes
    failed: int = 0  # times that it was smooth and no answer came

    def __post_init__(self) -> None:
        one = self.charge
        self.may_be_smooth = (
            self.most is None
            and isinstance(one, Charge)
            and isinstance(one.function, SMOOTH)
        )
        self.is_smooth = self.may_be_smooth

    @property
    def is_winding_up(self) -> bool:
        one = self.charge
        return isinstance(one, Charge) and isinstance(one.function, WindingUp)

    def height(self, z: Floats) -> float:
        """Of the highest plane."""
        return max(plane.start + float(plane.slopes @ z) for plane in self.planes)
