# SPDX-License-Identifier: MIT
"""The optimiser's answer: never None, doing nothing where nothing better is proved."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.money import assets_down
from steelyard.optimize.measured import Measured, Weighed
from steelyard.optimize.outcome import BindingRow, Reason, SolveStats, Status
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.terms import (
    LEAST_CHANGE,
    Allocation,
    Terms,
    budget_use,
    leg_outputs,
    nothing,
)

ROUGH = 1e-5  # of NAV: a limit missed by less is met


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
    measured: Measured
    measured_nothing: Measured
    binding: tuple[BindingRow, ...]
    broken: tuple[str, ...]  # rows that doing nothing breaks
    gain_assets: int  # over doing nothing, of net or of risk, as the model wants; down
    stats: SolveStats

    @property
    def inventory(self) -> Floats:
        """(n_tokens,) held by the vault itself afterwards, over NAV before."""
        return self.allocation.inventory

    @property
    def terms(self) -> Terms:
        """What is net, term by term."""
        return self.measured.terms

    @property
    def terms_nothing(self) -> Terms:
        """The same of doing nothing."""
        return self.measured_nothing.terms

    @property
    def is_rebalance(self) -> bool:
        return self.reason in (Reason.REBALANCE_PAYS, Reason.NEARER)


def as_solution(
    problem: Problem,
    allocation: Allocation,
    *,
    weighed: Weighed,
    reason: Reason,
    detail: str,
    stats: SolveStats,
    binding: tuple[BindingRow, ...] = (),
    conflicts: tuple[str, ...] = (),
) -> Solution:
    """The allocation with its worth and in the words of the plan."""
    good = reason in (Reason.REBALANCE_PAYS, Reason.NEARER, Reason.NOTHING_PAYS)
    return Solution(
        status=Status.OPTIMAL if good else Status.FALLBACK,
        reason=reason,
        detail=detail,
        conflicts=conflicts,
        allocation=allocation,
        positions=_position_targets(problem, allocation),
        swaps=_swap_targets(problem, allocation),
        measured=weighed.after,
        measured_nothing=weighed.before,
        binding=binding,
        broken=broken_rows(problem, nothing(problem)),
        gain_assets=assets_down(weighed.gain, problem.nav),
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
    outputs = leg_outputs(problem, allocation)
    slacks = [r.bound - float(r.coefficients @ allocation.z) for r in problem.rows]
    slacks += [
        b.bound - budget_use(problem, b, allocation, outputs) for b in problem.budgets
    ]
    found = []
    for name, slack, dual in zip(problem.limit_names, slacks, duals, strict=True):
        price = max(float(dual), 0.0) * problem.horizon_years
        if slack < LEAST_CHANGE and price > 1e-9:
            found.append(BindingRow(name=name, shadow_price=price, slack=slack))
    return tuple(sorted(found, key=lambda b: (-b.shadow_price, b.name)))
