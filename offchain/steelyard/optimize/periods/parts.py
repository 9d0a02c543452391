# SPDX-License-Identifier: MIT
"""The numbers of several orders, apart from one another: what the certificate needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.periods.legs import LegWay, leg_way
from steelyard.optimize.problem import NO_GAS, Floats, Problem
from steelyard.optimize.vault.arrays import ENDLESS, VaultArrays, as_arrays
from steelyard.optimize.vault.curves import as_curves


@dataclass(frozen=True, kw_only=True, eq=False)
class PathParts:
    """One order's holdings for its part of the horizon; legs; budgets of each order."""

    problem: Problem
    periods: int
    stays: float
    held: VaultArrays  # of an order that is followed by another, without pools
    last: VaultArrays  # the same with the cost of exit
    ways: tuple[LegWay, ...]  # (n_legs,)
    token_in: Floats  # (n_legs, n_tokens) 1 at the token that goes in
    token_out: Floats  # (n_legs, n_tokens)
    allowed: Floats  # (n_orders, n_budgets) to be charged by all orders up to each
    per_input: Floats  # (n_budgets, n_legs)
    per_output: Floats  # (n_budgets, n_legs)
    per_raised: Floats  # (n_budgets, n_slots)
    per_lowered: Floats  # (n_budgets, n_slots)
    lowest: Floats  # (n_slots,) that a value may have, the one now included
    highest: Floats  # (n_slots,)

    def arrays(self, order: int) -> VaultArrays:
        return self.last if order == self.periods - 1 else self.held

    def counted(self, order: int) -> float:
        """How much too often a unit of value is counted: it is, at the end alone."""
        return 0.0 if order == self.periods - 1 else 1.0


def path_parts(problem: Problem, periods: int, stays: float) -> PathParts:
    """Raises `SolveFailed` for what cannot be stated."""
    values = problem.values
    lowest = np.array([slot.lowest for slot in problem.slots], dtype=np.float64)
    highest = np.array([slot.highest for slot in problem.slots], dtype=np.float64)
    lowest, highest = np.minimum(lowest, values), np.maximum(highest, values)
    ways = _ways(problem, values - lowest, highest - values)
    held, last = _holdings(problem, periods)
    most = _most_inventory(problem, ways, periods)
    return PathParts(
        problem=problem,
        periods=periods,
        stays=stays,
        held=replace(held, most_inventory=most),
        last=replace(last, most_inventory=most),
        ways=ways,
        token_in=_picked(problem, [leg.token_in for leg in problem.legs]),
        token_out=_picked(problem, [leg.token_out for leg in problem.legs]),
        allowed=_allowed(problem, periods),
        per_input=_stacked([b.per_input for b in problem.budgets], len(ways)),
        per_output=_stacked([b.per_output for b in problem.budgets], len(ways)),
        per_raised=_stacked([b.per_raised for b in problem.budgets], len(values)),
        per_lowered=_stacked([b.per_lowered for b in problem.budgets], len(values)),
        lowest=lowest,
        highest=highest,
    )


def _ways(problem: Problem, falls: Floats, rises: Floats) -> tuple[LegWay, ...]:
    curves = as_curves(problem.legs, len(problem.slots))
    found = []
    for i, leg in enumerate(problem.legs):
        own = curves.leg == i
        found.append(
            leg_way(leg, curves.capacity[own], curves.thinned[own], falls, rises)
        )
    return tuple(found)


def _holdings(problem: Problem, periods: int) -> tuple[VaultArrays, VaultArrays]:
    """(while others follow, at the end)."""
    alone = replace(
        problem,
        legs=(),
        budgets=(),
        gas=NO_GAS,
        horizon_years=problem.horizon_years / periods,
    )
    free = replace(alone, exit_rates=np.zeros_like(problem.exit_rates))
    return as_arrays(free), as_arrays(alone)


def _most_inventory(problem: Problem, ways: tuple[LegWay, ...], periods: int) -> float:
    """All that there is, and all that pools could pay on top of what goes in."""
    gained = 0.0
    for way in ways:
        over = np.maximum(way.curve.steep - 1, 0.0) * way.capacities
        gained += float(over @ np.maximum(way.largest, 0.0))
    whole = float(problem.inventory.sum() + problem.values.sum())
    return whole + periods * gained


def _picked(problem: Problem, tokens: list[int]) -> Floats:
    count = len(problem.inventory)
    return np.eye(count)[np.array(tokens, dtype=np.int64)].reshape(-1, count)


def _allowed(problem: Problem, periods: int) -> Floats:
    years = problem.horizon_years / periods
    bounds = np.array([b.bound for b in problem.budgets], dtype=np.float64)
    refill = np.array([b.refill_per_year for b in problem.budgets]) * years
    sums = np.minimum(bounds, ENDLESS) + np.arange(periods)[:, None] * refill
    return np.asarray(sums)


def _stacked(rows: list[Floats], width: int) -> Floats:
    return np.array(rows, dtype=np.float64).reshape(len(rows), width)
