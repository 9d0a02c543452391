# SPDX-License-Identifier: MIT
"""Kinks of lending, solvers that give up, and a problem of full size."""

import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from optimize_cases import YEAR, savings, solved
from snapshots import (
    WAD,
    bytes32,
    cap,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_snapshot,
    make_token,
)

from steelyard.optimize import Preferences, Problem, Reason, Status, solve
from steelyard.optimize.cones.model import ConicModel
from steelyard.optimize.cones.solvers import Outcome
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.terms import lending_per_year, worst_violation
from steelyard.state import Snapshot


def test_optimize__kink_inside_the_bounds__finds_the_better_piece() -> None:
    # utilisation stands at 97 %: little own supply earns much, at a falling rate
    reserve = make_reserve(30_000, 970_000)
    snapshot = make_snapshot(positions=[make_position("aave", (0,), reserve, market=1)])

    problem, solution = solved(snapshot)

    (market,) = problem.lending
    grid = np.linspace(0, 1, 20_001)
    best = max(lending_per_year(market, float(x)) for x in grid)
    assert solution.terms.lending == pytest.approx(best, abs=1e-7)
    assert solution.stats.branch_gap <= 1e-8


def test_optimize__cap_past_the_kink__turns_back_to_the_peak_before_it() -> None:
    # interest peaks near 37,000, falls until the kink at 63,750, and only passes the
    # peak again beyond the cap: straight lines alone would go for the cap
    reserve = make_reserve(9_000, 291_000, slope2_ray=20 * 10**25)
    aave = make_position("aave", (0,), reserve, market=1, cap=cap(0.1))
    snapshot = make_snapshot(positions=[aave])

    problem, solution = solved(snapshot)

    (market,) = problem.lending
    interest = [lending_per_year(market, float(x)) for x in np.linspace(0, 0.1, 20_001)]
    assert lending_per_year(market, 0.3) > max(interest) > 1.1 * interest[-1]
    assert solution.terms.lending == pytest.approx(max(interest), abs=1e-8)
    assert solution.stats.branch_gap <= 1e-8


def test_optimize__kink_and_constant_yield__beats_every_point_of_a_grid() -> None:
    reserve = make_reserve(100_000, 900_000, slope2_ray=20 * 10**25)
    positions = [make_position("aave", (0,), reserve, market=1), savings(2)]
    snapshot = make_snapshot(positions=positions)
    rate = 0.02

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(2): rate})

    (market,) = problem.lending
    best = max(
        lending_per_year(market, float(x)) + rate * (1 - x)
        for x in np.linspace(0, 1, 20_001)
    )
    assert solution.terms.lending >= best - 1e-7


def test_optimize__more_than_the_market_holds__stays_supplied() -> None:
    reserve = make_reserve(100_000, 10**6)
    aave = make_position("aave", (0,), reserve, market=1, units=400_000 * 10**6)
    snapshot = make_snapshot([make_token("USDC", 600_000)], [aave, savings(2)])

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(2): 3.0})

    assert solution.positions[0].value == pytest.approx(0.3, abs=1e-6)


def give_up(_: Problem) -> Any:
    raise SolveFailed("SQP", "failed")


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("unbounded", Reason.UNBOUNDED),
        ("failed", Reason.SOLVER_FAILED),
        ("inaccurate", Reason.INACCURATE),
    ],
)
def test_optimize__solvers_give_up__typed_reason_and_nothing_done(
    outcome: Outcome, reason: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "best_by_branching", give_up)
    run = ConicModel._run

    def bad(model: ConicModel) -> Any:
        raw = run(model)
        return replace(raw, outcome=outcome, values=raw.values + 7.0)

    monkeypatch.setattr(ConicModel, "_run", bad)
    snapshot = make_snapshot(positions=[savings(1, cap=cap(0.5))])

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.status is Status.FALLBACK
    assert solution.reason is reason
    assert np.array_equal(solution.inventory, problem.inventory)
    assert solution.gain_assets == 0


def test_optimize__one_solve_allowed__still_optimal() -> None:
    snapshot = make_snapshot(positions=[savings(1, cap=cap(0.5))])
    once = replace(YEAR, max_solves=1)

    _, solution = solved(snapshot, once, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.stats.solves == 1
    assert solution.positions[0].value == pytest.approx(0.5, abs=1e-7)


def test_optimize__first_solver_breaks__the_next_one_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import cvxpy

    by_cvxpy = cvxpy.Problem.solve

    def broken(problem: Any, *, solver: str, **options: Any) -> Any:
        if solver == "CLARABEL":
            raise cvxpy.error.SolverError("broken")
        return by_cvxpy(problem, solver=solver, **options)

    monkeypatch.setattr(solve, "best_by_branching", give_up)
    monkeypatch.setattr(cvxpy.Problem, "solve", broken)
    snapshot = make_snapshot(positions=[savings(1, cap=cap(0.5))])

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.stats.solver == "SCS"
    assert solution.positions[0].value == pytest.approx(0.5, abs=1e-5)


def test_import__optimize__leaves_cvxpy_alone() -> None:
    code = "import sys, steelyard.optimize; sys.exit('cvxpy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0


def large() -> Snapshot:
    symbols = ("USDC", "WETH", "WBTC", "DAI", "LINK")
    tokens = [make_token(s, 200_000 if s == "USDC" else 0) for s in symbols]
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    pools, positions = [], []
    for k in range(20):
        first, second = pairs[k % 10]
        if k < 10:
            curve = make_pair(tokens[first], tokens[second], 10**6 * (1 + k))
        else:
            pair = make_pair(tokens[first], tokens[second], 10**6)
            deep = pair.total_supply
            curve = make_concentrated(
                tokens[first],
                tokens[second],
                [(60, 60, 3 * deep), (120, 240, deep), (6000, 6000, deep)],
            )
        pools.append(make_pool(f"pool {k}", pairs[k % 10], curve, market=100 + k))
        if k % 5 < 2:
            lp = make_position(
                f"lp {k}", pairs[k % 10], curve, market=100 + k, cap=cap(0.2)
            )
            positions.append(lp)
    for k in range(2):
        reserve = make_reserve(2e6, 8e6 - k * 1e6)
        positions.append(
            make_position(f"aave {k}", (0,), reserve, market=k + 1, cap=cap(0.4))
        )
    positions += [savings(10, token=3, cap=cap(0.3)), savings(11, token=1)]
    return make_snapshot(tokens, positions, pools, idle_wad=WAD // 20)


def test_optimize__twelve_positions_twenty_pools__about_a_second() -> None:
    snapshot = large()
    signals = {
        "volatility": {"WETH": 0.6, "WBTC": 0.5, "LINK": 0.8},
        "pool_fees_per_year": {p.pool: 0.3 * 2e12 for p in snapshot.pools},
        "vault_yield_per_year": {bytes32(10): 0.06, bytes32(11): 0.03},
        "gas_price_wei": 10**9,
    }
    solved(make_snapshot(positions=[savings(1)]))  # loads cvxpy

    started = time.perf_counter()
    problem, solution = solved(snapshot, Preferences(), **signals)
    seconds = time.perf_counter() - started

    assert (len(snapshot.positions), len(snapshot.pools)) == (12, 20)
    assert solution.is_rebalance
    assert worst_violation(problem, solution.allocation) <= 1e-7
    assert seconds < 5  # about 1 on an idle machine
