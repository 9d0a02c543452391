# SPDX-License-Identifier: MIT
"""Which limits cannot be met together, when no weights are allowed."""

from __future__ import annotations

import numpy as np

from steelyard.optimize.models import (
    Kelly,
    MeanRisk,
    Model,
    ReturnAtLeast,
    RiskAtMost,
)
from steelyard.optimize.polytope import Polytope, with_row
from steelyard.optimize.portfolio import Portfolio

PRICED = 1e-9  # a limit with a smaller multiplier is no part of the conflict
MISSED = 1e-9  # sums of excesses under this are none


def conflicts_of(portfolio: Portfolio, model: Model) -> tuple[str, ...]:
    """Names of limits that conflict, the model's goal and the turnover among them.

    Where the polytope alone, and with the least return, allows weights, limits of
    turnover, leverage, risk and drawdown are named, each with everything else. Empty
    when the model has none of them.
    """
    goal = model.goal if isinstance(model, MeanRisk) else None
    polytope, means = portfolio.polytope, portfolio.expected_returns
    if isinstance(goal, ReturnAtLeast) and means is not None:
        least = goal.expected_return
        name = f"expected return at least {least:g}"
        polytope = with_row(polytope, name, -means, -least)
    named = conflicts(polytope)
    if named:
        return named
    limits = []
    if isinstance(goal, RiskAtMost):
        limits.append(f"risk at most {goal.limit:g}")
    if isinstance(model, Kelly) and model.drawdown is not None:
        fall, chance = model.drawdown, model.probability
        limits.append(f"drawdown at most {fall:g} but for a chance of {chance:g}")
    if portfolio.turnover is not None:
        limits.append(f"turnover at most {portfolio.turnover:g}")
    if portfolio.leverage is not None:
        limits.append(f"leverage at most {portfolio.leverage:g}")
    is_doubted = isinstance(model, MeanRisk) and bool(model.doubts)
    if isinstance(goal, ReturnAtLeast) and (limits or is_doubted):
        limits.append(f"expected return at least {goal.expected_return:g}")
    return tuple(limits)


def conflicts(polytope: Polytope) -> tuple[str, ...]:
    """Names of limits that no weights meet together; empty when some do.

    The multipliers of the least sum of all excesses (Farkas): without any one of the
    limits named, the excess would be less.
    """
    from scipy.optimize import linprog

    p, n, m = polytope, len(polytope.assets), len(polytope.names)
    # weights free; excess of rows, of highest, of lowest, and of the sum on both sides
    cost = np.concatenate([np.zeros(n), np.ones(m + 2 * n + 2)])
    eye, none = np.eye(n), np.zeros
    rows = [
        np.hstack([p.matrix, -np.eye(m), none((m, 2 * n + 2))]),
        np.hstack([eye, none((n, m)), -eye, none((n, n + 2))]),
        np.hstack([-eye, none((n, m + n)), -eye, none((n, 2))]),
    ]
    total = np.hstack([np.ones((1, n)), none((1, m + 2 * n)), [[1.0, -1.0]]])
    found = linprog(
        cost,
        A_ub=np.vstack(rows),
        b_ub=np.concatenate([p.bounds, p.highest, -p.lowest]),
        A_eq=total,
        b_eq=[p.total],
        bounds=[(None, None)] * n + [(0, None)] * (m + 2 * n + 2),
        method="highs-ds",
    )
    if found.status != 0 or found.fun <= MISSED:
        return ()
    prices = -found.ineqlin.marginals
    names = [
        *p.names,
        *(f"highest weight of {name}" for name in p.assets),
        *(f"lowest weight of {name}" for name in p.assets),
    ]
    priced = [name for name, price in zip(names, prices, strict=True) if price > PRICED]
    if abs(found.eqlin.marginals[0]) > PRICED:
        priced.append(f"sum of weights {p.total:g}")
    return tuple(priced)
