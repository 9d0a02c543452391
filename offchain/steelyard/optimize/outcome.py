# SPDX-License-Identifier: MIT
"""How a search ended, for weights and for a vault's amounts alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    OPTIMAL = "optimal"
    FALLBACK = "fallback"  # doing nothing, for the reason that stands next to it


class Reason(Enum):
    """Why the answer is what it is."""

    BEST = "best"  # of all weights allowed, within the certificate's gap
    REBALANCE_PAYS = "rebalance pays"
    NEARER = "as near as can be to a limit out of reach"
    NOTHING_PAYS = "no rebalance pays for itself"
    REFUSED = "the model has no answer here"  # as the market stands
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INACCURATE = "inaccurate"
    SOLVER_FAILED = "solver failed"


@dataclass(frozen=True, kw_only=True)
class BindingRow:
    """A limit that the answer stands at."""

    name: str
    shadow_price: float  # gain over the horizon per unit of bound, both over NAV
    slack: float


@dataclass(frozen=True, kw_only=True)
class SolveStats:
    """How the answer was found."""

    solver: str
    outcome: str  # what the solver said of its last answer
    solves: int
    lending_error: float  # per year, most by which lines understate interest
    branch_gap: float  # per year, what open branches might still add; 0 when closed
    nodes: int = 0  # branches looked at, solved or not
    certified_gap: float | None = None  # of NAV, what any allocation may add; if proved
