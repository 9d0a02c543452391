# SPDX-License-Identifier: MIT
"""What a goal makes of net and risk, and by how much its own limit is missed."""

from __future__ import annotations

from steelyard.optimize.models import (
    Goal,
    LargestRatio,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)

RISK_LIMIT, RETURN = "risk limit", "expected return"  # names of limits
WINDING_UP, DRAWDOWN = "winding-up limit", "drawdown limit"
TIE_BREAK = 0.01  # what a unit of net counts where risk alone is wanted
NO_RISK = 1e-9  # of NAV
LEAST_RISK = 1e-12  # keeps a ratio finite


def worth_of(goal: Goal, net: float, risk: float) -> float:
    """What the goal makes of net, gas paid, and risk: more is better; limits apart.

    Where risk alone is wanted, `TIE_BREAK` of net is worth as much: the cheapest way to
    the least risk.
    """
    match goal:
        case Utility(risk_aversion=aversion):
            return net - aversion * risk
        case LargestRatio(risk_free=rate):
            return (net - rate) / max(risk, LEAST_RISK)
        case RiskAtMost():
            return net
        case _:
            return TIE_BREAK * net - risk


def missed_by(goal: Goal, net: float, risk: float) -> float:
    """By how much the goal's own limit is missed, at least 0."""
    match goal:
        case ReturnAtLeast(expected_return=least):
            return max(least - net, 0.0)
        case RiskAtMost(limit=limit):
            return max(risk - limit, 0.0)
        case _:
            return 0.0
