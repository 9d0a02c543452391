# SPDX-License-Identifier: MIT
"""What a model answers for a portfolio: weights with their proof, or why not."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.optimize.outcome import BindingRow, Reason, Status
from steelyard.optimize.problem import Floats


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """How far from the best the weights can be, whoever found them.

    In units of `objective`, which is what was minimised: a largest thing is minimised
    with its sign turned.
    """

    objective: float  # recomputed from the weights
    bound: float  # nothing allowed is lower; from multipliers, no solver is trusted

    @property
    def gap(self) -> float:
        return max(self.objective - self.bound, 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """Weights that keep every limit, or the safe fallback and the reason for it."""

    status: Status
    reason: Reason
    detail: str  # one line for people
    weights: Floats  # (n,)
    objective: float | None  # None for a fallback
    certificate: Certificate | None  # None where the model has no bound
    violation: float  # most by which a limit is missed
    binding: tuple[BindingRow, ...]  # rows at their bound, the dearest first
    conflicts: tuple[str, ...]  # limits that nothing can meet together
    method: str  # what found it
    tried: tuple[str, ...]  # what was tried before, and how it failed
