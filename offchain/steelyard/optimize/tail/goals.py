# SPDX-License-Identifier: MIT
"""From a goal to its aim, and from the best weights for it to an answer and bound."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.found import Found
from steelyard.optimize.models import (
    Goal,
    LargestRatio,
    LeastRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)
from steelyard.optimize.tail.aims import (
    LEAST_RISK,
    Aim,
    Task,
    bound_of,
    value_of,
)
from steelyard.optimize.tail.ratio import largest_ratio

MISSED = 1e-9  # a floor missed by less is met: of the largest mean, and ...
# ... a limit: of itself, or of the risk's largest slope where that is more.


def found_for(goal: Goal, task: Task) -> Found:
    """Raises `SolveFailed`, `ModelRefused`."""
    if isinstance(goal, LargestRatio):
        return largest_ratio(task, goal.risk_free)
    aim = aim_of(goal)
    aimed = task.best(aim)
    mean, risk = float(task.mean @ aimed.weights), task.risk(aimed.weights)
    slope = float(np.abs(aimed.prices.gradient).max())
    short = MISSED * float(np.abs(task.mean).max())
    over = MISSED * max(slope, abs(aim.limit) if np.isfinite(aim.limit) else 0.0)
    if mean < aim.floor - short or risk > aim.limit + over:
        raise SolveFailed(task.method, "inaccurate")
    return Found(
        weights=aimed.weights,
        objective=value_of(aim, mean, risk),
        bound=bound_of(task.polytope, task.mean, aim, aimed.prices),
        row_prices=aimed.prices.rows,
        method=task.method,
    )


def aim_of(goal: LeastRisk | Utility | ReturnAtLeast | RiskAtMost) -> Aim:
    if isinstance(goal, Utility):
        return Aim(gain=1.0, price=goal.risk_aversion)
    if isinstance(goal, ReturnAtLeast):
        return Aim(gain=0.0, price=1.0, floor=goal.expected_return)
    if isinstance(goal, RiskAtMost):
        return Aim(gain=1.0, price=0.0, limit=goal.limit)
    return LEAST_RISK
