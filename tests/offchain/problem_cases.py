# SPDX-License-Identifier: MIT
"""Problems of small vaults, and their parts by name."""

from typing import Any

from snapshots import make_pair, make_pool, make_signals, make_snapshot, make_token

from steelyard.optimize import Preferences, build_problem
from steelyard.optimize.problem import Leg, Problem
from steelyard.state import Snapshot

USDC, WETH = make_token("USDC", 1_000_000), make_token("WETH")
PLAIN = Preferences(margin_wad=0, swap_margin_wad=0)


def problem_of(
    snapshot: Snapshot, preferences: Preferences = PLAIN, **signals: Any
) -> Problem:
    return build_problem(snapshot, make_signals(snapshot, **signals), preferences)


def leg_of(problem: Problem, zero_for_one: bool) -> Leg:
    return next(leg for leg in problem.legs if leg.zero_for_one is zero_for_one)


def pair_snapshot(depth: float = 5_000_000, basis: float = 1.0) -> Snapshot:
    pair = make_pair(USDC, WETH, depth, basis)
    return make_snapshot([USDC, WETH], pools=[make_pool("v2", (0, 1), pair, market=2)])


def budgets_named(problem: Problem) -> dict[str, Any]:
    return {budget.name: budget for budget in problem.budgets}


def rows_named(problem: Problem) -> dict[str, Any]:
    return {row.name: row for row in problem.rows}
