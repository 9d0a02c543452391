# SPDX-License-Identifier: MIT
"""The optimiser's answer: never None, doing nothing where nothing better is proved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import floor

from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.terms import (
    LEAST_CHANGE,
    Allocation,
    Terms,
    budget_use,
    evaluate,
    leg_outputs,
    nothing,
)

ROUGH = 1e-5  # of NAV: a limit missed by less is met


class Status(Enum):
    OPTIMAL = "optimal"
    FALLBACK = "fallback"  # doing nothing, for the reason that stands next to it


class Reason(Enum):
    """Why the answer is what it is."""

    BEST = "best"  # of all weights allowed, within the certificate's gap
    REBALANCE_PAYS = "rebalance pays"
    NOTHING_PAYS = "no rebalance pays for itself"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INACCURATE = "inaccurate"
    SOLVER_FAILED = "solver failed"


@dataclass(frozen=True, kw_only=True)
class PositionTarget:
    """What should stand in one position or range of it, uncollected fees apart."""

    position: int
    tick_lower: int  # both 0 without ranges
    tick_upper: int
    value: float  # over NAV before
    current_value: float


@dataclass(frozen=True, kw_only=True)
class SwapTarget:
    """One swap, after the withdrawals and before the supplies."""

    pool: int
    zero_for_one: bool
    amount_in: float  # raw token units
    value_in: float  # over NAV before
    value_out: float  # least expected, at the oracle's prices


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """What should stand, and what it brings over the horizon against doing nothing."""

    status: Status
    reason: Reason
    detail: str  # one line for people
    conflicts: tuple[str, ...]  # rows that no allocation can meet together
    allocation: Allocation
    positions: tuple[PositionTarget, ...]  # all that stand or should stand
    swaps: tuple[SwapTarget, ...]
    terms: Terms
    terms_nothing: Terms
    binding: tuple[BindingRow, ...]
    broken: tuple[str, ...]  # rows that doing nothing breaks
    gain_assets: int  # net of risk and all costs over the horizon, rounded down
    stats: SolveStats

    @property
    def inventory(self) -> Floats:
        """(n_tokens,) held by the vault itself afterwards, over NAV before."""
        return self.allocation.inventory

    @property
    def is_rebalance(self) -> bool:
        return self.reason is Reason.REBALANCE_PAYS


def as_solution(
    problem: Problem,
    allocation: Allocation,
    *,
    reason: Reason,
    detail: str,
    stats: SolveStats,
    binding: tuple[BindingRow, ...] = (),
    conflicts: tuple[str, ...] = (),
) -> Solution:
    """The allocation with its terms and in the words of the plan."""
    terms, before = evaluate(problem, allocation), evaluate(problem, nothing(problem))
    good = reason in (Reason.REBALANCE_PAYS, Reason.NOTHING_PAYS)
    return Solution(
        status=Status.OPTIMAL if good else Status.FALLBACK,
        reason=reason,
        detail=detail,
        conflicts=conflicts,
        allocation=allocation,
        positions=_position_targets(problem, allocation),
        swaps=_swap_targets(problem, allocation),
        terms=terms,
        terms_nothing=before,
        binding=binding,
        broken=broken_rows(problem, nothing(problem)),
        gain_assets=floor((terms.total - before.total) * problem.nav),
        stats=stats,
    )


def broken_rows(problem: Problem, allocation: Allocation) -> tuple[str, ...]:
    """Names of the rows that an allocation breaks by more than `ROUGH`."""
    return tuple(
        row.name
        for row in problem.rows
        if float(row.coefficients @ allocation.z) > row.bound + ROUGH
    )


def _position_targets(
    problem: Problem, allocation: Allocation
) -> tuple[PositionTarget, ...]:
    return tuple(
        PositionTarget(
            position=slot.position,
            tick_lower=slot.tick_lower,
            tick_upper=slot.tick_upper,
            value=float(value),
            current_value=slot.value,
        )
        for slot, value in zip(problem.slots, allocation.values, strict=True)
        if value > 0 or slot.value > 0
    )


def _swap_targets(problem: Problem, allocation: Allocation) -> tuple[SwapTarget, ...]:
    outputs = leg_outputs(problem, allocation)
    return tuple(
        SwapTarget(
            pool=leg.pool,
            zero_for_one=leg.zero_for_one,
            amount_in=float(paid / problem.unit_values[leg.token_in]),
            value_in=float(paid),
            value_out=float(got),
        )
        for leg, paid, got in zip(problem.legs, allocation.inputs, outputs, strict=True)
        if paid > 0
    )


def binding_rows(
    problem: Problem, allocation: Allocation, duals: Floats
) -> tuple[BindingRow, ...]:
    """Rows at their bound, the dearest first; `duals` per year, as the solver says."""
    slacks = [r.bound - float(r.coefficients @ allocation.z) for r in problem.rows]
    slacks += [b.bound - budget_use(problem, b, allocation) for b in problem.budgets]
    found = []
    for name, slack, dual in zip(problem.limit_names, slacks, duals, strict=True):
        price = max(float(dual), 0.0) * problem.horizon_years
        if slack < LEAST_CHANGE and price > 1e-9:
            found.append(BindingRow(name=name, shadow_price=price, slack=slack))
    return tuple(sorted(found, key=lambda b: (-b.shadow_price, b.name)))
