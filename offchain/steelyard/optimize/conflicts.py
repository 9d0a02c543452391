# SPDX-License-Identifier: MIT
"""Which limits cannot be met together, when no weights are allowed.

Limits are deleted one by one as long as the others still allow nothing (Chinneck &
Dravnieks 1991): what is left is a conflict in which each has its part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.models import (
    Kelly,
    MeanRisk,
    Model,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
)
from steelyard.optimize.normal import row_scales
from steelyard.optimize.polytope import Polytope, with_row
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats

MISSED = 1e-9  # sums of excesses under this are none, coefficients being near 1
PRICED = 1e-9  # a limit with a smaller multiplier is no part of the conflict
POSITIVE = 1e-6  # a weight that is to be above 0
Indexes = NDArray[np.int_]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Limits:
    """matrix @ w <= bounds and sum(w) = total, weights free."""

    names: tuple[str, ...]
    matrix: Floats  # (k, n)
    bounds: Floats  # (k,)
    total: float


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
    if isinstance(model, RiskBudgeting):
        return _above_nothing(polytope)
    return (*_of_risk(model), *_of_sizes(portfolio), *_of_return(portfolio, model))


def _of_risk(model: Model) -> tuple[str, ...]:
    goal = model.goal if isinstance(model, MeanRisk) else None
    if isinstance(goal, RiskAtMost):
        return (f"risk at most {goal.limit:g}",)
    if isinstance(model, Kelly) and model.drawdown is not None:
        fall, chance = model.drawdown, model.probability
        return (f"drawdown at most {fall:g} but for a chance of {chance:g}",)
    return ()


def _of_sizes(portfolio: Portfolio) -> tuple[str, ...]:
    limits = (("turnover", portfolio.turnover), ("leverage", portfolio.leverage))
    return tuple(
        f"{name} at most {most:g}" for name, most in limits if most is not None
    )


def _of_return(portfolio: Portfolio, model: Model) -> tuple[str, ...]:
    """Where doubts or costs take of it, which the row of means does not know."""
    if not (isinstance(model, MeanRisk) and isinstance(model.goal, ReturnAtLeast)):
        return ()
    if not model.doubts and portfolio.is_frictionless:
        return ()
    return (f"expected return at least {model.goal.expected_return:g}",)


def conflicts(polytope: Polytope) -> tuple[str, ...]:
    """Names of limits that no weights meet together; empty when some do.

    Without any one of them some weights would meet the others.
    """
    return _conflicts(_limits_of(polytope, "lowest weight of "))


def _above_nothing(polytope: Polytope) -> tuple[str, ...]:
    """The conflict where each weight is to be above 0, as shares of risk need it."""
    lifted = np.maximum(polytope.lowest, POSITIVE * abs(polytope.total))
    limits = _limits_of(polytope, "weight above 0 of ", lifted)
    return _conflicts(limits)


def _limits_of(
    polytope: Polytope, lowest_name: str, lowest: Floats | None = None
) -> _Limits:
    p, eye = polytope, np.eye(len(polytope.assets))
    floors = p.lowest if lowest is None else lowest
    scales = row_scales(p, plain=1.0)
    return _Limits(
        names=(
            *p.names,
            *(f"highest weight of {name}" for name in p.assets),
            *(f"{lowest_name}{name}" for name in p.assets),
        ),
        matrix=np.vstack([p.matrix / scales[:, None], eye, -eye]),
        bounds=np.concatenate([p.bounds / scales, p.highest, -floors]),
        total=p.total,
    )


def _conflicts(limits: _Limits) -> tuple[str, ...]:
    kept = _priced(limits, np.arange(len(limits.names)), has_sum=True)
    if kept is None:
        return ()
    has_sum = True
    if (fewer := _priced(limits, kept, has_sum=False)) is not None:
        kept, has_sum = fewer, False
    for limit in kept:
        rest = kept[kept != limit]
        fewer = _priced(limits, rest, has_sum=has_sum)
        if fewer is not None:
            kept = fewer
    named = [limits.names[i] for i in sorted(kept)]
    return (*named, *([f"sum of weights {limits.total:g}"] if has_sum else []))


def _priced(limits: _Limits, kept: Indexes, *, has_sum: bool) -> Indexes | None:
    """Of the limits `kept`, those with a multiplier where the sum of all excesses is
    least (Farkas); None where these limits allow some weights."""
    from scipy.optimize import linprog

    matrix, n = limits.matrix[kept], limits.matrix.shape[1]
    k = len(kept)
    # weights free, then the excess of each limit, then of the sum on both sides
    total = np.concatenate([np.ones(n), np.zeros(k), [1.0, -1.0]])[None]
    found = linprog(
        np.concatenate([np.zeros(n), np.ones(k + 2)]),
        A_ub=np.hstack([matrix, -np.eye(k), np.zeros((k, 2))]),
        b_ub=limits.bounds[kept],
        A_eq=total if has_sum else None,
        b_eq=[limits.total] if has_sum else None,
        bounds=[(None, None)] * n + [(0, None)] * (k + 2),
        method="highs-ds",
    )
    if found.status != 0 or found.fun <= MISSED:
        return None
    return np.asarray(kept[-found.ineqlin.marginals > PRICED])
