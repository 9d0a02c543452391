# SPDX-License-Identifier: MIT
"""The problem as arrays, built once: a quadratic in z, and what bends on top of it.

z = (inventory per token, value per slot), over NAV before. What a slot moves by is one
column, or two, up and down, where withdrawals thin a pool or moves are charged to a
budget. Over the horizon the objective is

    constant + linear . z - z' curvature z / 2 + fees + interest - planes - charges,

with 1 per unit of value in `linear`: what swaps cost is missing from z itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats, GasCosts, Problem
from steelyard.optimize.vault.charges import Charge
from steelyard.optimize.vault.curves import Curves, Indexes, as_curves
from steelyard.optimize.vault.interest import Market, as_market
from steelyard.optimize.vault.planes import Planes, no_planes

METHOD = "SQP"
ENDLESS = 1e6  # of NAV: a budget that stops nothing


@dataclass(frozen=True, kw_only=True, eq=False)
class Quadratic:
    """constant + linear . z - z' curvature z / 2."""

    constant: float
    linear: Floats  # (n_tokens + n_slots,)
    curvature: Floats  # (n_tokens + n_slots, n_tokens + n_slots)
    slack: float  # how far a tangent may lie under it: a covariance's rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class Fees:
    """Fee income over the horizon: sum of income * own / (1 + own), own = shares @ v.

    Of slots that are alone in one pool, income and share again by slot.
    """

    income: Floats  # (n_fee_pools,)
    shares: Floats  # (n_fee_pools, n_slots) own liquidity over others' per value
    is_shared: NDArray[np.bool_]  # (n_fee_pools,) by slots, or with interest
    alone_income: Floats  # (n_slots,) 0 where it is not alone in a pool
    alone_share: Floats  # (n_slots,) 1 where it is not


@dataclass(frozen=True, kw_only=True, eq=False)
class Budgets:
    """What is charged, per unit; n_budgets rows each."""

    per_input: Floats  # (n_budgets, n_pieces)
    per_output: Floats  # (n_budgets, n_pieces)
    per_raised: Floats  # (n_budgets, n_slots)
    per_lowered: Floats  # (n_budgets, n_slots)
    bounds: Floats  # (n_budgets,)


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """What moves of slots do: the value of `slot` changes by `sign` times the move."""

    slot: Indexes  # (n_moves,)
    sign: Floats  # (n_moves,)
    is_split: NDArray[np.bool_]  # (n_moves,) one of two columns of its slot
    effect: Floats  # (n_tokens + n_slots, n_moves) on z, swaps apart
    thinning: Floats  # (n_pieces, n_moves) share of depth taken
    charges: Floats  # (n_budgets, n_moves)
    bending: Floats  # (n_fee_pools + n_markets, n_moves) on shares and supplies


@dataclass(frozen=True, kw_only=True, eq=False)
class VaultArrays:
    """All that the solver and the certificate need."""

    inventory: Floats  # (n_tokens,) now
    values: Floats  # (n_slots,) now
    lowest: Floats  # (n_slots,)
    highest: Floats  # (n_slots,)
    compositions: Floats  # (n_tokens, n_slots)
    quadratic: Quadratic
    fees: Fees
    markets: tuple[Market, ...]
    matrix: Floats  # (n_tokens + n_rows, n_tokens + n_slots), the first -1 a token
    bounds: Floats  # (n_tokens + n_rows,) no inventory is negative, then the rows
    budgets: Budgets
    curves: Curves
    columns: Columns
    most_inventory: float  # no inventory can be worth more
    gas: GasCosts
    planes: Planes
    charges: tuple[Charge, ...] = ()


def as_arrays(problem: Problem) -> VaultArrays:
    """The problem's numbers. Raises `SolveFailed` for what they cannot state."""
    curves = as_curves(problem.legs, len(problem.slots))
    budgets = _budgets(problem, curves)
    markets = _markets(problem)
    fees = _fees(problem, markets)
    tokens = len(problem.inventory)
    matrix = np.zeros((tokens + len(problem.rows), tokens + len(problem.slots)))
    matrix[range(tokens), range(tokens)] = -1.0
    for i, row in enumerate(problem.rows):
        matrix[tokens + i] = row.coefficients
    gain = np.maximum(curves.rate - 1, 0.0) @ curves.capacity
    return VaultArrays(
        inventory=problem.inventory,
        values=problem.values,
        lowest=np.array([s.lowest for s in problem.slots], dtype=np.float64),
        highest=np.array([s.highest for s in problem.slots], dtype=np.float64),
        compositions=problem.compositions,
        quadratic=_quadratic(problem),
        fees=fees,
        markets=markets,
        matrix=matrix,
        bounds=np.append(np.zeros(tokens), [row.bound for row in problem.rows]),
        budgets=budgets,
        curves=curves,
        columns=_columns(problem, curves, budgets, fees, markets),
        most_inventory=_whole(problem) + float(gain),
        gas=problem.gas,
        planes=no_planes(matrix.shape[1]),
    )


def _per_horizon(problem: Problem, rates: list[float]) -> Floats:
    return np.array(rates, dtype=np.float64) * problem.horizon_years


def _markets(problem: Problem) -> tuple[Market, ...]:
    found = (
        as_market(
            market,
            problem.slots[market.slot].lowest,
            problem.slots[market.slot].highest,
            problem.horizon_years,
        )
        for market in problem.lending
    )
    markets = tuple(market for market in found if market is not None)
    if len({market.slot for market in markets}) < len(markets):
        raise SolveFailed(METHOD, "failed")  # a slot in two markets
    return markets


def _quadratic(problem: Problem) -> Quadratic:
    """Expected returns, constant yields, LVR, exit cost and risk over the horizon."""
    years, risk = problem.horizon_years, problem.risk_aversion
    tokens = len(problem.inventory)
    exposure = np.hstack([np.eye(tokens), problem.compositions])
    carried = problem.expected_returns * years - problem.exit_rates
    earned = [s.yield_per_year - s.lvr_per_year for s in problem.slots]
    linear = carried @ exposure + 1.0
    linear[tokens:] += _per_horizon(problem, earned)
    shocks = exposure.T @ problem.covariance
    tags = problem.tag_exposure.T * problem.tag_variance
    scale = risk * years
    claimed, in_tags = problem.claimable, problem.tag_claimable
    linear -= scale * (shocks @ claimed + tags @ in_tags)
    constant = carried @ claimed - _whole(problem)
    constant -= scale / 2 * (claimed @ problem.covariance @ claimed)
    constant -= scale / 2 * (problem.tag_variance @ in_tags**2)
    return Quadratic(
        constant=float(constant),
        linear=linear,
        curvature=scale * (shocks @ exposure + tags @ problem.tag_exposure),
        slack=scale / 2 * _lowest_root(problem) * (2 * _whole(problem)) ** 2,
    )


def _whole(problem: Problem) -> float:
    return float(problem.inventory.sum() + problem.values.sum())


def _lowest_root(problem: Problem) -> float:
    """By how much the lowest eigenvalue of the covariance is under 0."""
    return max(-float(np.linalg.eigvalsh(problem.covariance)[0]), 0.0)


def _fees(problem: Problem, markets: tuple[Market, ...]) -> Fees:
    pools, slots = problem.fee_pools, len(problem.slots)
    shares = np.zeros((len(pools), slots))
    for row, pool in enumerate(pools):
        for slot, share in pool.shares:
            shares[row, slot] += share
    income = _per_horizon(problem, [pool.fees_per_year for pool in pools])
    users = (shares > 0).sum(axis=0)
    users[[market.slot for market in markets]] += 1
    is_shared = ((shares > 0) & (users != 1)).any(axis=1)
    is_shared |= (shares > 0).sum(axis=1) != 1
    alone = np.where(is_shared[:, None], 0.0, shares)
    return Fees(
        income=income,
        shares=shares,
        is_shared=is_shared,
        alone_income=(alone > 0).T @ income,
        alone_share=np.where(alone.any(axis=0), alone.sum(axis=0), 1.0),
    )


def _budgets(problem: Problem, curves: Curves) -> Budgets:
    legs, slots = len(problem.legs), len(problem.slots)

    def stacked(rows: list[Floats], width: int) -> Floats:
        return np.array(rows, dtype=np.float64).reshape(len(rows), width)

    budgets = problem.budgets
    return Budgets(
        per_input=stacked([b.per_input for b in budgets], legs)[:, curves.leg],
        per_output=stacked([b.per_output for b in budgets], legs)[:, curves.leg],
        per_raised=stacked([b.per_raised for b in budgets], slots),
        per_lowered=stacked([b.per_lowered for b in budgets], slots),
        bounds=np.minimum([b.bound for b in budgets], ENDLESS).astype(np.float64),
    )


def _columns(
    problem: Problem,
    curves: Curves,
    budgets: Budgets,
    fees: Fees,
    markets: tuple[Market, ...],
) -> Columns:
    values = problem.values
    raised, lowered = budgets.per_raised, budgets.per_lowered
    matters = np.abs(np.vstack([curves.thinned, raised, lowered])).sum(axis=0) > 0
    moved = [
        (slot, sign)
        for slot in range(len(values))
        for sign in ((1.0, -1.0) if matters[slot] and values[slot] > 0 else (1.0,))
    ]
    slot = np.array([s for s, _ in moved], dtype=np.int64)
    sign = np.array([s for _, s in moved], dtype=np.float64)
    change = np.zeros((len(values), len(moved)))
    change[slot, range(len(moved))] = sign
    supplied = np.zeros((len(markets), len(values)))
    supplied[range(len(markets)), [market.slot for market in markets]] = 1.0
    return Columns(
        slot=slot,
        sign=sign,
        is_split=np.bincount(slot, minlength=len(values))[slot] > 1,
        effect=np.vstack([-problem.compositions @ change, change]),
        thinning=np.where(sign < 0, curves.thinned[:, slot], 0.0),
        charges=np.where(sign < 0, lowered[:, slot], raised[:, slot]),
        bending=np.vstack([fees.shares, supplied]) @ change,
    )
