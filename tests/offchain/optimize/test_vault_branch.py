# SPDX-License-Identifier: MIT
"""Branch and bound over gas and kinks, against every pattern and against cones."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from random_cases import Kinds, random_case
from snapshots import (
    bytes32,
    cap,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.bench.vault_cases import vault_case
from steelyard.optimize import (
    Floor,
    Preferences,
    Reason,
    as_data,
    build_problem,
    optimize,
)
from steelyard.optimize import solve as solve_module
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import lending_per_year, nothing, worst_violation
from steelyard.optimize.vault.arrays import VaultArrays, as_arrays
from steelyard.optimize.vault.best import best_by_branching
from steelyard.optimize.vault.branch import TOLERANCE, search
from steelyard.optimize.vault.domain import DOWN, ON, UP, on_stretches, whole
from steelyard.optimize.vault.solved import as_solved
from steelyard.optimize.vault.sqp import maximise

SMALL = Kinds(gas=1e-4, most_slots=3, most_pools=2)
MOST_PATTERNS = 600


def best_of_all_patterns(arrays: VaultArrays) -> float:
    """The best over every set of slots that move, legs that are used and stretches."""
    slots, legs = len(arrays.values), len(arrays.curves.least_ratio)
    everything, best = whole(arrays), -np.inf
    choices = [range(len(market.stretches)) for market in arrays.markets]
    for picks in product(*choices):
        for pattern in product((False, True), repeat=slots + legs):
            domain = on_stretches(arrays, everything, picks)
            moves, uses = domain.slots.copy(), domain.legs.copy()
            moves[UP] = moves[DOWN] = pattern[:slots]
            uses[ON] = pattern[slots:]
            domain = replace(domain, slots=moves, legs=uses)
            try:
                optimum = maximise(arrays, domain)
            except SolveFailed:
                continue
            best = max(best, as_solved(arrays, domain, optimum).value)
    return best


def pattern_count(arrays: VaultArrays) -> int:
    stretches = [len(market.stretches) for market in arrays.markets]
    items = len(arrays.values) + len(arrays.curves.least_ratio)
    return int(2**items * np.prod(stretches))


def test_search__small_problems__best_of_all_patterns() -> None:
    compared = 0
    for seed in range(80):
        arrays = as_arrays(random_case(seed, SMALL))
        if not 8 <= pattern_count(arrays) <= MOST_PATTERNS:
            continue

        found = search(arrays, 400)

        best = best_of_all_patterns(arrays)
        assert found.best.value == pytest.approx(best, abs=2 * TOLERANCE), seed
        assert found.bound >= best - 1e-11
        compared += 1

    assert compared >= 25


@pytest.mark.parametrize("gas", [0.0, 1e-6, 1e-5])
def test_search__twelve_positions_forty_legs__closed_within_the_limit(
    gas: float,
) -> None:
    for seed in range(6):
        found = search(as_arrays(vault_case(seed, gas=gas)), 400)

        assert found.gap <= 1e-9
        assert found.solves <= (1 if gas == 0 else 100)


def test_search__few_solves_allowed__says_how_much_may_be_missing() -> None:
    for seed in range(6):
        arrays = as_arrays(vault_case(seed, gas=1e-5))
        best = search(arrays, 400).best.value

        hasty = search(arrays, 3)

        assert hasty.solves == 3
        assert hasty.best.value <= best + 1e-12
        assert hasty.bound >= best - 1e-12
        assert 0 < hasty.gap < 1e-4


def test_search__gas_on_everything__fewer_actions_than_without() -> None:
    free = search(as_arrays(vault_case(0)), 400).best
    paid = search(as_arrays(vault_case(0, gas=5e-5)), 400).best

    assert paid.used.sum() < free.used.sum()
    assert paid.value < free.value


@pytest.mark.parametrize("usage", [0.905, 0.93, 0.97])
def test_search__market_above_its_kink__best_of_a_grid(usage: float) -> None:
    debt = usage * 1_000_000
    reserve = make_reserve(1_000_000 - debt, debt, slope2_ray=20 * 10**25)
    aave = make_position("aave", (0,), reserve, market=1, cap=cap(0.4))
    snapshot = make_snapshot(positions=[aave])
    problem = build_problem(
        snapshot, make_signals(snapshot), Preferences(risk_aversion=0)
    )
    (market,) = problem.lending
    grid = np.linspace(0, 0.398, 20_001)  # the cap less its margin

    found = search(as_arrays(problem), 400)

    interest = max(lending_per_year(market, float(x)) for x in grid)
    assert found.best.value == pytest.approx(interest * problem.horizon_years, abs=1e-9)
    assert found.gap <= 1e-9


def test_search__side_of_a_kink_where_it_stands_is_barred__looks_on_the_other() -> None:
    reserve = make_reserve(100_000, 900_000)  # the kink is at 125,000 more
    aave = make_position("aave", (0,), reserve, market=1)
    snapshot = make_snapshot(positions=[aave])
    floor = Floor(kind="position", name="aave", weight=0.3)
    preferences = Preferences(risk_aversion=0, floors=(floor,))
    problem = build_problem(snapshot, make_signals(snapshot), preferences)

    found = search(as_arrays(problem), 400)

    (stretch,) = found.best.stretches
    assert stretch.lowest == pytest.approx(0.125)
    assert found.best.optimum.standing.z[1] >= 0.3
    assert found.gap <= 1e-9


def mixed(decimals: int = 18, **changes: Any) -> Problem:
    """A v2 pair, a v3 pool with an own range, a lender and a saver, with gas."""
    usdc, dai = make_token("USDC", 600_000), make_token("DAI", 200_000)
    weth = make_token("WETH", 100, cap=cap(0.5), decimals=decimals)
    pair = make_pair(usdc, weth, 2_000_000)
    stable = make_concentrated(
        usdc, dai, [(60, 60, 10**20), (600, 600, 10**19)], fee_pips=500, spacing=10
    )
    own = range_of(stable, 60, 60, 10**18)
    units = pair.total_supply // 20
    positions = [
        make_position("v2", (0, 1), pair, market=1, cap=cap(0.3), units=units),
        make_position("v3", (0, 2), stable, market=2, ranges=(own,)),
        make_position("aave", (0,), make_reserve(3e6, 7e6), market=3),
    ]
    pools = [
        make_pool("v2", (0, 1), pair, market=1),
        make_pool("v3", (0, 2), stable, market=2),
    ]
    snapshot = make_snapshot([usdc, weth, dai], positions, pools, idle_wad=5 * 10**16)
    signals = make_signals(
        snapshot,
        volatility={"WETH": 0.6},
        returns={"WETH": 0.1},
        pool_fees_per_year={bytes32(1): 0.5 * snapshot.nav, bytes32(2): 3e10},
        gas_price_wei=10**9,
    )
    return build_problem(snapshot, signals, Preferences(**changes))


def test_optimize__vault_as_read__the_cones_find_nothing_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = mixed()
    quick = optimize(problem)

    monkeypatch.setattr(solve_module, "best_by_branching", give_up)
    slow = optimize(problem)

    assert (quick.stats.solver, slow.stats.solver) == ("SQP", "CLARABEL")
    assert quick.terms.total >= slow.terms.total - 1e-9
    assert quick.terms.total == pytest.approx(slow.terms.total, abs=1e-6)
    assert worst_violation(problem, quick.allocation) <= 1e-10
    assert quick.stats.certified_gap is not None
    assert quick.stats.certified_gap <= 1e-9
    assert slow.stats.certified_gap is None


def give_up(_: Problem) -> Any:
    raise SolveFailed("SQP", "failed")


def test_optimize__redenominated_token__weights_stay() -> None:
    plain, other = optimize(mixed()), optimize(mixed(decimals=8))

    assert other.inventory == pytest.approx(plain.inventory, abs=1e-6)
    assert other.allocation.values == pytest.approx(plain.allocation.values, abs=1e-6)
    assert other.terms.total == pytest.approx(plain.terms.total, abs=1e-9)


def test_optimize__gas_above_every_gain__does_nothing_and_proves_it() -> None:
    problem = vault_case(2, gas=0.01)

    solution = optimize(problem)

    assert solution.reason is Reason.NOTHING_PAYS
    assert np.array_equal(solution.allocation.z, nothing(problem).z)
    assert solution.stats.certified_gap is not None
    assert solution.stats.certified_gap <= 1e-9


def test_optimize__least_gain_wanted__gap_is_at_most_that_gain() -> None:
    problem = replace(vault_case(2), least_gain=0.02)

    solution = optimize(problem)

    assert solution.reason is Reason.NOTHING_PAYS
    assert solution.stats.certified_gap is not None
    assert 0 < solution.stats.certified_gap <= 0.02


def test_optimize__same_problem_twice__same_answer_to_the_last_bit() -> None:
    first, second = (optimize(vault_case(3, gas=1e-5)) for _ in range(2))

    assert np.array_equal(first.allocation.z, second.allocation.z)
    assert first.stats == second.stats


def test_best_by_branching__dust__is_none() -> None:
    for seed in range(8):
        problem = vault_case(seed)

        best = best_by_branching(problem)

        values, inputs = best.allocation.values, best.allocation.inputs
        change = np.abs(values - problem.values)
        assert not ((values > 0) & (values < 1e-6)).any()
        assert not ((change > 0) & (change < 1e-6)).any()
        assert not ((inputs > 0) & (inputs < 1e-6)).any()
        assert worst_violation(problem, best.allocation) <= 1e-10


def test_as_data__solution_by_branching__shows_nodes_and_gap() -> None:
    problem = vault_case(1, gas=1e-6)

    data = json.loads(json.dumps(as_data(problem, optimize(problem))))

    assert data["stats"]["solver"] == "SQP"
    assert data["stats"]["nodes"] >= data["stats"]["solves"] > 1
    assert data["stats"]["certified_gap"] <= 1e-9


def test_optimize__problem_solved__without_loading_cvxpy() -> None:
    code = (
        "import sys; from steelyard.bench.vault_cases import vault_case; "
        "from steelyard.optimize import optimize; "
        "solved = optimize(vault_case(0, gas=1e-6)).is_rebalance; "
        "sys.exit(not solved or 'cvxpy' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0
