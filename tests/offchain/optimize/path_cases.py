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
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.lending import Erc4626
from steelyard.optimize import Allocation, Preferences, Problem, build_problem
from steelyard.optimize.path import after, at_start
from steelyard.optimize.path_model import PathModel, sides_of
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
