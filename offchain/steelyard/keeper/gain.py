# SPDX-License-Identifier: MIT
"""What a plan brings: the optimiser's terms at the whole amounts that will be moved."""

import numpy as np

from steelyard.optimize.measured import Weighed, weigh
from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import Allocation, nothing
from steelyard.order import Supply, Withdraw
from steelyard.plan import Plan
from steelyard.state import Snapshot


def plan_weighed(snapshot: Snapshot, problem: Problem, plan: Plan) -> Weighed:
    """The plan and doing nothing, by what the problem wants, over the horizon.

    It gains less than the solution where it had to be cut. Raises `OptimizeError`.
    """
    return weigh(problem, planned_allocation(snapshot, problem, plan))


def plan_breaches(
    snapshot: Snapshot, problem: Problem, plan: Plan
) -> tuple[float, float]:
    """By how much the problem's limits and its model's own are broken before and after
    the plan, in sum.

    In value over NAV before.
    """
    after = planned_allocation(snapshot, problem, plan)
    weighed = weigh(problem, after)
    return (
        _breach(problem, nothing(problem)) + weighed.before.missed,
        _breach(problem, after) + weighed.after.missed,
    )


def _breach(problem: Problem, allocation: Allocation) -> float:
    z = allocation.z
    return sum(max(float(r.coefficients @ z) - r.bound, 0.0) for r in problem.rows)


def planned_allocation(snapshot: Snapshot, problem: Problem, plan: Plan) -> Allocation:
    """What stands after the plan as it predicts itself, over NAV before.

    Fees that a withdrawal collects count as taken from its range, at most all of it.
    """
    index_of = {token.address.lower(): i for i, token in enumerate(snapshot.tokens)}
    market_of = {p.market.lower(): i for i, p in enumerate(snapshot.positions)}
    slot_of = {
        (slot.position, slot.tick_lower, slot.tick_upper): i
        for i, slot in enumerate(problem.slots)
    }
    leg_of = {
        (snapshot.pools[leg.pool].pool.lower(), leg.token_in): i
        for i, leg in enumerate(problem.legs)
    }
    units, values = problem.unit_values, problem.values.copy()
    supplied = [outcome.amounts for outcome in plan.predicted_supplies]
    actions: list[Withdraw | Supply] = [*plan.withdraws, *plan.supplies]
    signs = [-1] * len(plan.withdraws) + [1] * len(plan.supplies)
    for action, sign, amounts in zip(
        actions, signs, [*plan.predicted_withdraws, *supplied], strict=True
    ):
        position = market_of[action.market.lower()]
        slot = slot_of[position, action.tick_lower, action.tick_upper]
        tokens = snapshot.positions[position].tokens
        worth = sum(a * units[t] for a, t in zip(amounts, tokens, strict=True))
        values[slot] = max(0.0, values[slot] + sign * worth)

    inputs = np.zeros(len(problem.legs))
    for swap in plan.swaps:
        token = index_of[swap.token_in.lower()]
        inputs[leg_of[swap.pool.lower(), token]] += swap.amount_in * units[token]
    inventory = np.array(plan.after.inventory, dtype=np.float64) * units
    return Allocation(inventory=inventory, values=values, inputs=inputs)
