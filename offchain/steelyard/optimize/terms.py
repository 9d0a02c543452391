# SPDX-License-Identifier: MIT
"""What an allocation is worth over the horizon: the true formulas, in numpy.

No solver is trusted for these numbers: swaps are recomputed from the curves, interest
from the rate model, fees from the shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.lending import supply_rate
from steelyard.optimize.problem import BudgetRow, Floats, Leg, LendingMarket, Problem

TIE = 1e-9  # of NAV: gains this small are no reason to act
LEAST_CHANGE = 1e-6  # of NAV: smaller changes and weights are none


@dataclass(frozen=True, kw_only=True, eq=False)
class Allocation:
    """What stands after the order, and the swaps that lead there; over NAV before."""

    inventory: Floats  # (n_tokens,)
    values: Floats  # (n_slots,)
    inputs: Floats  # (n_legs,) value that goes into each leg

    @property
    def z(self) -> Floats:
        return np.append(self.inventory, self.values)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Over the horizon, as a share of NAV before; costs count as positive numbers."""

    expected_return: float
    lp_fees: float
    lending: float  # interest and vault yield
    lvr: float
    risk: float  # risk_aversion / 2 * variance
    exit_cost: float
    swap_cost: float
    gas: float

    @property
    def income(self) -> float:
        return self.expected_return + self.lp_fees + self.lending

    @property
    def cost(self) -> float:
        carried = self.lvr + self.risk + self.exit_cost
        return carried + self.swap_cost + self.gas

    @property
    def total(self) -> float:
        return self.income - self.cost


def nothing(problem: Problem) -> Allocation:
    """All stays as it is."""
    return Allocation(
        inventory=problem.inventory.copy(),
        values=problem.values.copy(),
        inputs=np.zeros(len(problem.legs)),
    )


def evaluate(problem: Problem, allocation: Allocation) -> Terms:
    """Every term of the objective at `allocation`."""
    years = problem.horizon_years
    exposure, z = token_exposure(problem, allocation), allocation.z
    yields = np.array([s.yield_per_year for s in problem.slots])
    lvr = np.array([s.lvr_per_year for s in problem.slots])
    interest = sum(
        lending_per_year(market, float(allocation.values[market.slot]))
        for market in problem.lending
    )
    fees = sum(fees_per_year(problem, allocation.values))
    return Terms(
        expected_return=float(problem.expected_returns @ exposure) * years,
        lp_fees=fees * years,
        lending=(float(yields @ allocation.values) + interest) * years,
        lvr=float(lvr @ allocation.values) * years,
        risk=problem.risk_aversion / 2 * _variance(problem, exposure, z) * years,
        exit_cost=float(problem.exit_rates @ exposure),
        swap_cost=float(sum(leg_costs(problem, allocation))),
        gas=gas_cost(problem, allocation),
    )


def token_exposure(problem: Problem, allocation: Allocation) -> Floats:
    """(n_tokens,) inventory, positions and uncollected fees together."""
    held = allocation.inventory + problem.compositions @ allocation.values
    return np.asarray(held + problem.claimable)


def _variance(problem: Problem, exposure: Floats, z: Floats) -> float:
    """Of return per year: prices, and the failure of each tag on its own."""
    tags = problem.tag_exposure @ z + problem.tag_claimable
    prices = float(exposure @ problem.covariance @ exposure)
    return prices + float(problem.tag_variance @ tags**2)


def fees_per_year(problem: Problem, values: Floats) -> list[float]:
    """Own fee income per pool: F s / (1 + s)."""
    income = []
    for pool in problem.fee_pools:
        own = sum(share * float(values[slot]) for slot, share in pool.shares)
        income.append(pool.fees_per_year * own / (1 + own))
    return income


def lending_per_year(market: LendingMarket, value: float) -> float:
    """Interest on `value` supplied, at the rate that it leaves."""
    extra = (value - market.value) / market.unit_value
    # what rounding takes beyond the market's liquidity is nothing
    extra = max(extra, -float(market.reserve.available_liquidity))
    return value * float(supply_rate(market.reserve, extra))


def withdrawn(problem: Problem, values: Floats) -> Floats:
    """(n_slots,) taken out before the swaps."""
    return np.maximum(problem.values - values, 0.0)


def leg_output(leg: Leg, value_in: float, taken: Floats) -> float:
    """Value that comes out, pieces filled in turn; what does not fit pays nothing."""
    left, total = value_in, 0.0
    for piece in leg.pieces if value_in > 0 else ():
        kept = max(1 - sum(share * taken[slot] for slot, share in piece.thinned), 0.0)
        used = min(left, piece.capacity * kept)
        if used > 0:
            net = (1 - piece.fee) * used
            total += piece.rate * net * kept / (kept + net / piece.depth)
        left -= used
    return total


def leg_outputs(problem: Problem, allocation: Allocation) -> Floats:
    """(n_legs,) value that comes out of each leg."""
    taken = withdrawn(problem, allocation.values)
    return np.array(
        [
            leg_output(leg, float(value), taken)
            for leg, value in zip(problem.legs, allocation.inputs, strict=True)
        ]
    )


def leg_costs(problem: Problem, allocation: Allocation) -> Floats:
    """(n_legs,) value lost in each swap: fee, price impact, adverse basis."""
    return np.asarray(allocation.inputs - leg_outputs(problem, allocation))


def gas_cost(problem: Problem, allocation: Allocation) -> float:
    """Fixed cost of the order; 0 when nothing is done."""
    change = allocation.values - problem.values
    lowered = int((change < -LEAST_CHANGE / 2).sum())
    raised = int((change > LEAST_CHANGE / 2).sum())
    swaps = int((allocation.inputs > 0).sum())
    if not lowered + raised + swaps:
        return 0.0
    gas = problem.gas
    actions = lowered * gas.withdraw + raised * gas.supply + swaps * gas.swap
    return gas.base + actions


def flows(
    problem: Problem, allocation: Allocation, outputs: Floats | None = None
) -> Floats:
    """(n_tokens,) inventory that withdrawals, swaps and supplies leave; `outputs` of
    the legs where they are known."""
    if outputs is None:
        outputs = leg_outputs(problem, allocation)
    moved = problem.compositions @ (problem.values - allocation.values)
    held: Floats = problem.inventory + moved
    for leg, paid, got in zip(problem.legs, allocation.inputs, outputs, strict=True):
        held[leg.token_in] -= paid
        held[leg.token_out] += got
    return held


def budget_use(
    problem: Problem,
    budget: BudgetRow,
    allocation: Allocation,
    outputs: Floats | None = None,
) -> float:
    """What the allocation is charged to a budget, by the curves themselves; `outputs`
    of the legs where they are known."""
    if outputs is None:
        outputs = leg_outputs(problem, allocation)
    change = allocation.values - problem.values
    swapped = budget.per_input @ allocation.inputs
    swapped += budget.per_output @ outputs
    moved = budget.per_raised @ np.maximum(change, 0.0)
    moved += budget.per_lowered @ np.maximum(-change, 0.0)
    return float(swapped + moved)


def worst_violation(problem: Problem, allocation: Allocation) -> float:
    """Most by which a row, a bound, conservation or a swap limit is broken, at least 0.

    In value over NAV before.
    """
    z, outputs = allocation.z, leg_outputs(problem, allocation)
    broken = [0.0, float(-z.min(initial=0.0))]
    broken += [float(row.coefficients @ z) - row.bound for row in problem.rows]
    for budget in problem.budgets:
        broken.append(budget_use(problem, budget, allocation, outputs) - budget.bound)
    for slot, value in zip(problem.slots, allocation.values.tolist(), strict=True):
        broken += [slot.lowest - value, value - slot.highest]
    held = flows(problem, allocation, outputs)
    broken += np.abs(allocation.inventory - held).tolist()
    taken = withdrawn(problem, allocation.values)
    for leg, paid, got in zip(problem.legs, allocation.inputs, outputs, strict=True):
        broken += [leg.least_ratio * paid - got, paid - leg_capacity(leg, taken)]
    return float(max(broken))


def leg_capacity(leg: Leg, taken: Floats) -> float:
    """Most value that may go in."""
    return float(
        sum(
            piece.capacity
            * max(1 - sum(share * taken[slot] for slot, share in piece.thinned), 0.0)
            for piece in leg.pieces
        )
    )
