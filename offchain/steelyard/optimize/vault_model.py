# SPDX-License-Identifier: MIT
"""What is wanted of a vault beyond mean and variance, and what an allocation is worth
by it: the true formulas, in numpy (winding up apart, which is a program).

UNITS   Everything over the horizon, as a share of NAV before. Net is what is expected,
        less all costs but risk: prices, fees and interest, less swaps, exit or winding
        up, and gas. Risk is the measure of what prices and failures take; fees and
        interest are taken to be certain.
Impermanent loss is counted once: as carry under the variance, which knows no paths;
scenario by scenario under every other measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from steelyard.optimize.errors import ModelRefused, PreferenceInvalid
from steelyard.optimize.models import (
    LEVEL,
    VARIANCE,
    ConditionalDrawdown,
    Goal,
    LargestRatio,
    Measure,
    RiskAtMost,
    Utility,
    Variance,
)
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.reference.measures import ball_slope, function_of
from steelyard.optimize.tail.measures import checked_level
from steelyard.optimize.terms import Allocation, evaluate, variance_per_year
from steelyard.optimize.unwinding import Unwinding

TIE_BREAK = 3e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class VaultModel:
    """A measure, a goal, the scenarios that the measure needs, and how to wind up.

    Scenarios: (count, n_tokens + n_slots) as `scenarios.column_returns` makes them.
    With `unwinding`, its cost stands in place of the exit at the pools' fees alone.
    """

    goal: Goal
    measure: Measure = VARIANCE
    scenarios: Floats | None = None
    unwinding: Unwinding | None = None


def check_vault_model(problem: Problem, model: VaultModel) -> None:
    """Raises `ModelRefused`, `PreferenceInvalid`."""
    for name, value in vars(model.goal).items():
        if not np.isfinite(value):
            raise PreferenceInvalid(name, value, "a finite number")
    if isinstance(model.goal, Utility) and model.goal.risk_aversion < 0:
        raise PreferenceInvalid("risk_aversion", model.goal.risk_aversion, "0 or more")
    if isinstance(model.measure, Variance):
        return
    name = type(model.measure).__name__
    if isinstance(model.measure, ConditionalDrawdown):
        raise ModelRefused(name, "scenarios of one horizon have no order in time")
    radius = getattr(model.measure, "radius", 0.0)
    if not 0 <= radius < np.inf:
        raise PreferenceInvalid("radius", radius, "0 or more, finite")
    checked_level(getattr(model.measure, "level", LEVEL))
    if model.scenarios is None:
        raise ModelRefused(name, "needs scenarios")
    columns = len(problem.inventory) + len(problem.slots)
    shape = model.scenarios.shape
    if len(shape) != 2 or shape[0] == 0 or shape[1] != columns:
        expected = f"a column for each of {columns} amounts"
        raise PreferenceInvalid("scenarios", shape, expected)
    if not np.isfinite(model.scenarios).all():
        raise PreferenceInvalid("scenarios", "not finite", "finite numbers")


def losses(problem: Problem, model: VaultModel, allocation: Allocation) -> Floats:
    """(count,) what prices and failures take in each scenario."""
    assert model.scenarios is not None
    uncollected = model.scenarios[:, : len(problem.claimable)] @ problem.claimable
    return np.asarray(-(model.scenarios @ allocation.z) - uncollected)


def risk_of(problem: Problem, model: VaultModel, allocation: Allocation) -> float:
    """The measure; for the variance its root, the volatility."""
    if isinstance(model.measure, Variance):
        variance = variance_per_year(problem, allocation)
        return sqrt(max(variance, 0.0) * problem.horizon_years)
    lost = losses(problem, model, allocation)
    inside = function_of(model.measure).see(lost, None).value
    size = float(np.linalg.norm(allocation.z[1:]))  # the asset itself has no law
    return inside + ball_slope(model.measure) * size


def net_of(
    problem: Problem, model: VaultModel, allocation: Allocation, winding_up: float
) -> float:
    """What is expected less all costs but risk; `winding_up` is what that costs."""
    terms = evaluate(problem, allocation)
    net = terms.lp_fees + terms.lending - terms.swap_cost - terms.gas
    if isinstance(model.measure, Variance):
        net += terms.expected_return - terms.lvr
    else:
        net -= float(losses(problem, model, allocation).mean())
    if model.unwinding is None:
        return net - terms.exit_cost
    return net - model.unwinding.weight * winding_up


def worth_of(model: VaultModel, net: float, risk: float) -> float:
    """What the goal makes of both: more is better; limits apart.

    Where risk alone is wanted, `TIE_BREAK` of net is worth as much: the cheapest way to
    the least risk.
    """
    goal = model.goal
    if isinstance(goal, Utility):
        if isinstance(model.measure, Variance):
            return net - goal.risk_aversion / 2 * risk**2
        return net - goal.risk_aversion * risk
    if isinstance(goal, LargestRatio):
        return (net - goal.risk_free) / max(risk, 1e-12)
    return net if isinstance(goal, RiskAtMost) else TIE_BREAK * net - risk
