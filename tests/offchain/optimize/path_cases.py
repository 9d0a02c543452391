# SPDX-License-Identifier: MIT
"""Small vaults whose orders follow one another, and what the model says of a path."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cvxpy as cp
import numpy as np
from snapshots import (
    bytes32,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.lending import Erc4626
from steelyard.optimize import Allocation, Preferences, Problem, build_problem
from steelyard.optimize.periods.model import PathModel, sides_of
from steelyard.optimize.periods.path import after, at_start, path_net
from steelyard.optimize.periods.plan import plan_periods
from steelyard.optimize.terms import flows

YEAR = Preferences(
    risk_aversion=0,
    horizon_days=365,
    margin_wad=0,
    swap_margin_wad=0,
    exit_cost_share=0,
    gas_base=0,
    gas_withdraw=0,
    gas_swap=0,
    gas_supply=0,
)
SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)
WIDE = 10**18  # of slippage and deviation: the curve alone is what a swap costs


def into_dai(
    depth: float = 4_000_000,
    yearly: float = 0.4,
    slippage_wad: int = WIDE,
    preferences: Preferences = YEAR,
    **changes: Any,
) -> Problem:
    """All in USDC; savings of DAI pay 40 % a year, behind a pair of this depth."""
    usdc = make_token("USDC", 1_000_000, slippage_wad=slippage_wad, deviation_wad=WIDE)
    dai = make_token("DAI", slippage_wad=slippage_wad, deviation_wad=WIDE)
    snapshot = make_snapshot(
        [usdc, dai],
        [make_position("savings", (1,), SAVINGS, market=2, **changes)],
        [make_pool("v2", (0, 1), make_pair(usdc, dai, depth), market=3)],
    )
    signals = make_signals(snapshot, vault_yield_per_year={bytes32(2): yearly})
    return build_problem(snapshot, signals, preferences)


def out_of_weth(
    own: float = 0.1, depth: float = 2_000_000, **returns: float
) -> Problem:
    """USDC, WETH and a share of the pair between them, which pays no fees."""
    usdc = make_token("USDC", 500_000, slippage_wad=WIDE, deviation_wad=WIDE)
    weth = make_token("WETH", 100, slippage_wad=WIDE, deviation_wad=WIDE)
    pair = make_pair(usdc, weth, depth)
    units = int(pair.total_supply * own)
    snapshot = make_snapshot(
        [usdc, weth],
        [make_position("lp", (0, 1), pair, market=1, units=units)],
        [make_pool("v2", (0, 1), pair, market=1)],
    )
    signals = make_signals(snapshot, returns=returns or {"WETH": -0.1})
    return build_problem(snapshot, signals, YEAR)


def lent(available: float, debt: float) -> Problem:
    """All in USDC, and a market that lends it out, above its kink."""
    usdc = make_token("USDC", 1_000_000)
    reserve = make_reserve(available, debt, slope2_ray=3 * 10**26)
    position = make_position("aave", (0,), reserve, market=1)
    snapshot = make_snapshot([usdc], [position], [])
    return build_problem(snapshot, make_signals(snapshot), YEAR)


def feasible_paths(
    problem: Problem,
    periods: int,
    stays: float,
    generator: np.random.Generator,
    count: int,
) -> list[list[Allocation]]:
    """Random paths that keep every limit: of moves as large as that allows."""
    found: list[list[Allocation]] = []
    slots, legs = len(problem.slots), len(problem.legs)
    lowest = np.array([slot.lowest for slot in problem.slots])
    for _ in range(count):
        moves = generator.normal(0, 0.2, (periods, slots))
        moves *= generator.random((periods, slots)) < 0.6
        inputs = generator.exponential(0.1, (periods, legs))
        inputs *= generator.random((periods, legs)) < 0.3
        for size in (*np.geomspace(1, 1e-6, 13), 0.0):
            values = problem.values + np.cumsum(size * moves, axis=0)
            wanted = zip(np.maximum(values, lowest), size * inputs, strict=True)
            path = path_of(problem, list(wanted), stays)
            if path_net(problem, path, stays, 1e-12) is not None:
                found.append(path)
                break
    return found


def rival_paths(
    problem: Problem,
    periods: int,
    stays: float,
    generator: np.random.Generator,
    count: int,
) -> list[list[Allocation]]:
    """Paths that keep every limit: the best ones of other aims, and parts of these."""
    found = list[list[Allocation]]()
    for _ in range(count):
        yields = generator.normal(0, 0.3, len(problem.slots))
        slots = tuple(
            replace(slot, yield_per_year=float(more))
            for slot, more in zip(problem.slots, yields, strict=True)
        )
        returns = generator.normal(0, 0.5, len(problem.inventory))
        rival = replace(problem, slots=slots, expected_returns=returns)
        orders = plan_periods(rival, periods, stays=stays).orders
        for share in (1.0, 0.9, 0.5):
            values = [order.values - problem.values for order in orders]
            wanted = [
                (problem.values + share * change, share * order.inputs)
                for change, order in zip(values, orders, strict=True)
            ]
            path = path_of(problem, wanted, stays)
            if path_net(problem, path, stays, 1e-10) is not None:
                found.append(path)
    return found


def path_of(
    problem: Problem,
    wanted: Sequence[tuple[Sequence[float], Sequence[float]]],
    stays: float,
) -> list[Allocation]:
    """Orders of these (values, inputs), each with the inventory that they leave."""
    standing, orders = at_start(problem), list[Allocation]()
    years = problem.horizon_years / len(wanted)
    for values, inputs in wanted:
        if orders:
            standing = after(problem, standing, orders[-1], stays, years)
        order = Allocation(
            inventory=standing.here.inventory,
            values=np.array(values, dtype=float),
            inputs=np.array(inputs, dtype=float),
        )
        orders.append(replace(order, inventory=flows(standing.here, order)))
    return orders


def modelled_net(
    problem: Problem,
    path: Sequence[Allocation],
    stays: float,
    around: Sequence[Allocation] | None = None,
) -> float:
    """What the model says that a path is worth, drawn around it or another one.

    Minus infinity where it does not allow it.
    """
    model = PathModel(problem, len(path), stays)
    model._move_to(around or path, sides_of(problem, path), 1.0)
    held = []
    for conic, order in zip(model._orders, path, strict=True):
        if len(problem.legs):
            held.append(conic._in == order.inputs)
        if len(problem.slots):
            held.append(conic._values == order.values)
    compiled = model._compiled
    fixed = cp.Problem(compiled.objective, compiled.constraints + held)
    fixed.solve(solver="CLARABEL")
    return float(fixed.value) * problem.horizon_years
