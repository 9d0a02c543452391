# SPDX-License-Identifier: MIT
"""The optimiser on cases that a reader can check by hand, and its invariants."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snapshots import (
    WAD,
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

from steelyard.amm.constant_product import amount_out
from steelyard.lending import Erc4626
from steelyard.optimize import (
    Band,
    Floor,
    Preferences,
    Problem,
    Reason,
    Solution,
    Status,
    as_data,
    build_problem,
    optimize,
    solve,
)
from steelyard.optimize.conic import ConicModel
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.solvers import Outcome
from steelyard.optimize.terms import (
    lending_per_year,
    nothing,
    token_exposure,
    worst_violation,
)
from steelyard.state import (
    UNLIMITED,
    Bucket,
    OrderLimits,
    PositionState,
    Snapshot,
    TagState,
)

YEAR = Preferences(
    risk_aversion=0,
    horizon_days=365,
    margin_wad=0,
    swap_margin_wad=0,
    exit_cost_share=0,
)
SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def solved(
    snapshot: Snapshot, preferences: Preferences = YEAR, **signals: Any
) -> tuple[Problem, Solution]:
    problem = build_problem(snapshot, make_signals(snapshot, **signals), preferences)
    return problem, optimize(problem)


def savings(market: int, token: int = 0, **changes: Any) -> PositionState:
    name = f"savings {market}"
    return make_position(name, (token,), SAVINGS, market=market, **changes)


def test_optimize__falling_rate__supplies_as_much_as_the_others() -> None:
    # below the kink interest is x / (S + x)^2 times a constant: best at x = S = 300,000
    reserve = make_reserve(200_000, 100_000)
    snapshot = make_snapshot(positions=[make_position("aave", (0,), reserve, market=1)])

    problem, solution = solved(snapshot)

    assert solution.status is Status.OPTIMAL
    assert solution.positions[0].value == pytest.approx(0.3, abs=1e-3)
    # 600,000 in all, 100,000 borrowed: 16.7 % used, 0.83 % paid
    rate = (1 / 6) * (0.04 / 6 / 0.8) * 0.9
    assert solution.terms.lending == pytest.approx(0.3 * rate, rel=1e-6)
    assert solution.gain_assets == int(solution.terms.total * problem.nav)


def test_optimize__cap_in_the_way__binds_at_the_cap_with_a_shadow_price() -> None:
    snapshot = make_snapshot(positions=[savings(1, cap=cap(0.4))])

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.positions[0].value == pytest.approx(0.4, abs=1e-7)
    assert solution.gain_assets == pytest.approx(20_000 * 10**6, rel=1e-6)
    (row,) = solution.binding
    assert row.name == "position savings 1 cap"
    assert row.shadow_price == pytest.approx(0.05, rel=1e-4)


def test_optimize__idle_buffer__is_kept_with_its_margin() -> None:
    snapshot = make_snapshot(positions=[savings(1)], idle_wad=WAD // 10)
    preferences = replace(YEAR, margin_wad=WAD // 100)

    _, solution = solved(snapshot, preferences, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.inventory[0] == pytest.approx(0.101, abs=1e-7)


@pytest.mark.parametrize(("yield_dai", "moves"), [(0.052, False), (0.20, True)])
def test_optimize__swap_costs__stop_a_small_improvement(
    yield_dai: float, moves: bool
) -> None:
    usdc, dai = make_token("USDC", 0), make_token("DAI")
    pair = make_pair(usdc, dai, 20_000_000)
    snapshot = make_snapshot(
        [usdc, dai],
        [savings(1, units=10**12), savings(2, token=1)],
        [make_pool("v2", (0, 1), pair, market=3)],
    )
    yields = {bytes32(1): 0.05, bytes32(2): yield_dai}

    _, solution = solved(snapshot, vault_yield_per_year=yields)

    assert solution.is_rebalance is moves
    assert (len(solution.swaps) == 1) is moves
    assert (solution.reason is Reason.NOTHING_PAYS) is not moves


def test_optimize__swap__loses_what_the_pair_takes() -> None:
    usdc, dai = make_token("USDC", 1_000_000), make_token("DAI")
    pair = make_pair(usdc, dai, 20_000_000)
    snapshot = make_snapshot(
        [usdc, dai], [savings(2, token=1)], [make_pool("v2", (0, 1), pair, market=3)]
    )

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(2): 0.2})

    (swap,) = solution.swaps
    got = amount_out(pair, int(swap.amount_in), True)
    assert swap.value_out == pytest.approx(got * problem.unit_values[1], rel=1e-6)
    assert solution.terms.swap_cost == pytest.approx(swap.value_in - swap.value_out)
    assert solution.positions[0].value == pytest.approx(swap.value_out, abs=1e-7)


def test_optimize__fees_diluted__liquidity_where_marginal_fee_equals_the_yield() -> (
    None
):
    # F x / (L + x) + c (1 - x): best at x = sqrt(F L / c) - L
    usdc, dai = make_token("USDC", 500_000), make_token("DAI", 500_000)
    pair = make_pair(usdc, dai, 200_000)  # L = 0.4 of NAV
    snapshot = make_snapshot(
        [usdc, dai],
        [
            make_position("lp", (0, 1), pair, market=3),
            savings(1),
            savings(2, token=1),
        ],
    )
    fees, rate = 0.05, 0.05

    _, solution = solved(
        snapshot,
        pool_fees_per_year={bytes32(3): fees * snapshot.nav},
        vault_yield_per_year={bytes32(1): rate, bytes32(2): rate},
    )

    lp = next(p for p in solution.positions if p.position == 0)
    best = (fees * 0.4 / rate) ** 0.5 - 0.4
    assert lp.value == pytest.approx(best, abs=1e-4)
    assert solution.terms.lp_fees == pytest.approx(fees * best / (0.4 + best), rel=1e-3)


def test_optimize__volatile_pair__carry_is_sigma_squared_over_eight() -> None:
    usdc, weth = make_token("USDC", 500_000), make_token("WETH", 250)
    pair = make_pair(usdc, weth, 200_000)
    snapshot = make_snapshot(
        [usdc, weth], [make_position("lp", (0, 1), pair, market=3, cap=cap(0.2))]
    )

    _, solution = solved(
        snapshot,
        volatility={"WETH": 0.8},
        pool_fees_per_year={bytes32(3): 1.0 * snapshot.nav},
    )

    assert solution.terms.lvr == pytest.approx(0.2 * 0.08, rel=1e-6)


def test_optimize__gas_above_the_gain__does_nothing() -> None:
    snapshot = make_snapshot(positions=[savings(1)])
    signals = {"vault_yield_per_year": {bytes32(1): 0.05}}
    dear = 10**17  # 450,000 gas cost 45e21 wei: 90,000,000 USDC

    _, cheap = solved(snapshot, **signals, gas_price_wei=10**9)
    _, solution = solved(snapshot, **signals, gas_price_wei=dear)

    assert cheap.is_rebalance
    assert cheap.terms.gas * snapshot.nav == pytest.approx(0.9 * 10**6)
    assert solution.reason is Reason.NOTHING_PAYS
    assert solution.status is Status.OPTIMAL
    assert solution.gain_assets == 0
    assert solution.terms == solution.terms_nothing


def test_optimize__one_action_not_worth_its_gas__is_left_out() -> None:
    positions = [savings(1, cap=cap(0.5)), savings(2, cap=cap(0.0001))]
    snapshot = make_snapshot(positions=positions)
    yields = {bytes32(1): 0.05, bytes32(2): 0.05}

    _, both = solved(snapshot, vault_yield_per_year=yields)
    # an action costs 60 USDC; 100 USDC at 5 % bring 5 a year
    _, solution = solved(snapshot, vault_yield_per_year=yields, gas_price_wei=10**11)

    assert [p.position for p in both.positions] == [0, 1]
    assert [p.position for p in solution.positions] == [0]


def test_optimize__gain_under_the_least_wanted__does_nothing() -> None:
    snapshot = make_snapshot(positions=[savings(1)])
    yields = {bytes32(1): 0.05}

    _, solution = solved(
        snapshot,
        replace(YEAR, min_gain_assets=51_000 * 10**6),
        vault_yield_per_year=yields,
    )

    assert solution.reason is Reason.NOTHING_PAYS
    assert "gains 49999" in solution.detail or "gains 50000" in solution.detail


def test_optimize__nothing_to_gain__doing_nothing_wins_the_tie() -> None:
    snapshot = make_snapshot(positions=[savings(1), savings(2, units=10**11)])

    problem, solution = solved(snapshot)

    assert solution.reason is Reason.NOTHING_PAYS
    assert np.array_equal(solution.inventory, problem.inventory)
    assert solution.swaps == ()


def test_optimize__above_its_cap__falls_or_stays_but_never_rises() -> None:
    over = savings(1, units=600_000 * 10**6, cap=cap(0.3))
    snapshot = make_snapshot([make_token("USDC", 400_000)], [over, savings(2)])

    unhealed = replace(YEAR, heal_above=inf)

    _, stays = solved(snapshot, unhealed, vault_yield_per_year={bytes32(1): 0.05})
    _, falls = solved(snapshot, unhealed, vault_yield_per_year={bytes32(2): 0.05})

    assert stays.reason is Reason.NOTHING_PAYS
    assert stays.positions[0].value == pytest.approx(0.6)
    assert [p.value for p in falls.positions] == pytest.approx([0.0, 1.0], abs=1e-6)


def test_optimize__clearly_above_its_cap__is_brought_back_at_a_cost() -> None:
    over = savings(1, units=600_000 * 10**6, cap=cap(0.3))
    snapshot = make_snapshot([make_token("USDC", 400_000)], [over])

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    assert solution.is_rebalance
    assert solution.positions[0].value == pytest.approx(0.3, abs=1e-6)
    assert solution.gain_assets < 0


def buying(limits: OrderLimits, **changes: Any) -> Snapshot:
    """A million USDC, a deep pair, and WETH that pays more."""
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH", **changes)
    pool = make_pool("v2", (0, 1), make_pair(usdc, weth, 50_000_000), market=3)
    earner = savings(2, token=1)
    return make_snapshot([usdc, weth], [earner], [pool], limits=limits)


def test_optimize__turnover_budget__stops_the_swap_and_has_a_price() -> None:
    turnover = Bucket(budget_wad=WAD // 5, refill_wad=0, level_wad=WAD // 10)
    snapshot = buying(replace(UNLIMITED, turnover=turnover))

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(2): 0.5})

    (swap,) = solution.swaps
    # a tenth is left, a tenth of that is kept
    assert (swap.value_in + swap.value_out) / 2 == pytest.approx(0.09, rel=1e-5)
    (row,) = solution.binding
    assert row.name == "turnover budget"
    # half a unit out of 0.5 a year, for what goes in and comes out
    assert row.shadow_price == pytest.approx(0.5, rel=0.05)
    assert worst_violation(problem, solution.allocation) <= 1e-7


def test_optimize__loss_budget__counts_the_doubt_about_both_tokens() -> None:
    loss = Bucket(budget_wad=WAD // 200, refill_wad=0, level_wad=0)
    snapshot = buying(replace(UNLIMITED, loss=loss), uncertainty_wad=WAD // 100)

    _, solution = solved(snapshot, vault_yield_per_year={bytes32(2): 0.5})

    (swap,) = solution.swaps
    lost = swap.value_in - swap.value_out + 0.01 * swap.value_out
    assert lost == pytest.approx(0.0045, rel=1e-4)
    assert 0.2 < swap.value_in < 0.35  # 0.3 % of fee, 0.5 % of impact, 1 % of doubt
    assert [row.name for row in solution.binding] == ["loss budget"]


def test_optimize__reduce_only__sells_and_lends_but_buys_nothing() -> None:
    limits = replace(UNLIMITED, brake_until=1_700_000_001)
    snapshot = buying(limits, inventory=100)
    lent = make_position("savings 1", (0,), SAVINGS, market=1)
    snapshot = replace(snapshot, positions=(*snapshot.positions, lent))

    _, buy = solved(snapshot, vault_yield_per_year={bytes32(2): 0.5})
    _, sell = solved(snapshot, vault_yield_per_year={bytes32(1): 0.5})

    assert buy.swaps == ()
    # what is there may still be put to work: its exposure does not rise
    assert [(p.position, round(p.value, 6)) for p in buy.positions] == [(0, 0.166667)]
    assert [(s.pool, s.zero_for_one) for s in sell.swaps] == [(0, False)]


def test_optimize__floor_out_of_the_budgets_reach__names_both() -> None:
    turnover = Bucket(budget_wad=WAD // 10, refill_wad=0, level_wad=0)
    snapshot = buying(replace(UNLIMITED, turnover=turnover))
    floors = (Floor(kind="token", name="WETH", weight=0.3),)

    _, solution = solved(snapshot, replace(YEAR, floors=floors))

    assert solution.reason is Reason.INFEASIBLE
    assert set(solution.conflicts) == {"token WETH floor", "turnover budget"}


@pytest.mark.parametrize("target", [0.05, 0.1])
def test_optimize__net_delta_target__met_by_pair_and_tokens_together(
    target: float,
) -> None:
    usdc, weth = make_token("USDC", 1_000_000), make_token("WETH")
    pair = make_pair(usdc, weth, 50_000_000)
    snapshot = make_snapshot(
        [usdc, weth],
        [make_position("lp", (0, 1), pair, market=3)],
        [make_pool("v2", (0, 1), pair, market=3)],
    )
    delta = Band(name="delta", of={"token WETH": 1.0}, lowest=target, highest=target)

    problem, solution = solved(
        snapshot,
        replace(YEAR, bands=(delta,)),
        pool_fees_per_year={bytes32(3): 10_000_000 * 10**6},
    )

    # half of each unit in the pair is WETH, and the pair earns
    nav = solution.allocation.z.sum()
    held = token_exposure(problem, solution.allocation)
    assert held[1] == pytest.approx(target * nav, abs=1e-6)
    assert solution.allocation.values[0] == pytest.approx(2 * target * nav, abs=1e-4)


def test_optimize__bands_that_cannot_both_be__named() -> None:
    snapshot = make_snapshot(positions=[savings(1), savings(2)])
    both = {"position savings 1": 1.0, "position savings 2": 1.0}
    much = Band(name="much", of=both, lowest=0.8)
    little = Band(name="little", of=both, highest=0.5)

    _, solution = solved(snapshot, replace(YEAR, bands=(much, little)))

    assert solution.reason is Reason.INFEASIBLE
    assert set(solution.conflicts) == {"band much lowest", "band little highest"}


def test_optimize__floor_against_cap__names_both() -> None:
    usdc, dai = make_token("USDC", 1_000_000), make_token("DAI", cap=cap(0.2))
    pair = make_pair(usdc, dai, 50_000_000)
    snapshot = make_snapshot([usdc, dai], [], [make_pool("v2", (0, 1), pair, market=3)])
    floor = Floor(kind="token", name="DAI", weight=0.3)

    problem, solution = solved(snapshot, replace(YEAR, floors=(floor,)))

    assert solution.status is Status.FALLBACK
    assert solution.reason is Reason.INFEASIBLE
    assert solution.conflicts == ("token DAI cap", "token DAI floor")
    assert "token DAI cap, token DAI floor" in solution.detail
    assert np.array_equal(solution.inventory, problem.inventory)


def test_optimize__floor_within_reach__is_met_at_a_cost() -> None:
    usdc, dai = make_token("USDC", 1_000_000), make_token("DAI")
    pair = make_pair(usdc, dai, 50_000_000)
    snapshot = make_snapshot([usdc, dai], [], [make_pool("v2", (0, 1), pair, market=3)])
    floor = Floor(kind="token", name="DAI", weight=0.3)

    _, solution = solved(snapshot, replace(YEAR, floors=(floor,)))

    assert solution.is_rebalance
    assert solution.gain_assets < 0
    nav_after = solution.inventory.sum()
    assert solution.inventory[1] / nav_after == pytest.approx(0.3, abs=1e-6)


def test_optimize__two_protocols_alike__failure_risk_splits_them() -> None:
    tags = (TagState(name="a", cap=cap()), TagState(name="b", cap=cap()))
    positions = [
        savings(1, tags=frozenset({0})),
        savings(2, tags=frozenset({1})),
    ]
    snapshot = make_snapshot(positions=positions, tags=tags)

    _, solution = solved(
        snapshot,
        replace(YEAR, risk_aversion=4.0),
        vault_yield_per_year={bytes32(1): 0.05, bytes32(2): 0.05},
        failure_probability_per_year={"a": 0.05, "b": 0.05},
    )

    # 0.05 = 4 * 0.05 * 0.95 * x
    best = 0.05 / (4 * 0.05 * 0.95)
    assert [p.value for p in solution.positions] == pytest.approx([best] * 2, abs=1e-5)


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


def test_optimize__narrow_and_wide_range__pool_of_both_is_diluted_once() -> None:
    usdc, weth = make_token("USDC", 500_000), make_token("WETH", 250)
    pool = make_concentrated(usdc, weth, [(6000, 6000, 10**17)])
    lp = make_position("lp", (0, 1), pool, market=3)
    snapshot = make_snapshot([usdc, weth], [lp])

    problem, solution = solved(
        snapshot,
        replace(YEAR, range_widths=(0.05, 0.5)),
        pool_fees_per_year={bytes32(3): 0.5 * snapshot.nav},
        volatility={"WETH": 0.3},
    )

    (fee_pool,) = problem.fee_pools
    own = sum(s * solution.allocation.values[slot] for slot, s in fee_pool.shares)
    assert solution.terms.lp_fees == pytest.approx(0.5 * own / (1 + own))
    assert 0 < solution.terms.lp_fees < 0.5


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


def test_as_data__solution__is_json() -> None:
    snapshot = make_snapshot(positions=[savings(1)])

    problem, solution = solved(snapshot, vault_yield_per_year={bytes32(1): 0.05})

    data = json.loads(json.dumps(as_data(problem, solution)))
    assert data["status"] == "optimal"
    assert data["terms"]["lending"] == pytest.approx(0.05, rel=1e-6)
    assert data["terms_nothing"]["total"] == 0


def test_import__optimize__leaves_cvxpy_alone() -> None:
    code = "import sys, steelyard.optimize; sys.exit('cvxpy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0


# A mixed vault for the invariants: a v2 pair, a v3 pool, two lenders, three tokens.


def mixed(
    *,
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2),
    lp_cap: float = 0.3,
    weth_cap: float = 0.5,
    weth_decimals: int = 18,
    lp_units: float = 0.05,
) -> Snapshot:
    tags = (TagState(name="uniswap", cap=cap(0.35)), TagState(name="aave", cap=cap()))
    usdc = make_token("USDC", 10**6 * shares[0])
    weth = make_token(
        "WETH", 500 * shares[1], cap=cap(weth_cap), decimals=weth_decimals
    )
    dai = make_token("DAI", 10**6 * shares[2])
    pair = make_pair(usdc, weth, 2_000_000)
    stable = make_concentrated(
        usdc, dai, [(60, 60, 10**20), (600, 600, 10**19)], fee_pips=500, spacing=10
    )
    uniswap, aave = frozenset({0}), frozenset({1})
    own = range_of(stable, 60, 60, 10**18)
    positions = [
        make_position(
            "v2",
            (0, 1),
            pair,
            market=1,
            cap=cap(lp_cap),
            tags=uniswap,
            units=int(pair.total_supply * lp_units),
        ),
        make_position("v3", (0, 2), stable, market=2, tags=uniswap, ranges=(own,)),
        make_position("aave", (0,), make_reserve(3e6, 7e6), market=3, tags=aave),
        savings(4, token=2, cap=cap(0.3)),
    ]
    pools = [
        make_pool("v2", (0, 1), pair, market=1),
        make_pool("v3", (0, 2), stable, market=2),
    ]
    return make_snapshot(
        [usdc, weth, dai], positions, pools, tags, idle_wad=5 * WAD // 100
    )


def mixed_signals(snapshot: Snapshot, **changes: Any) -> dict[str, Any]:
    signals = {
        "volatility": {"WETH": 0.6},
        "returns": {"WETH": 0.1},
        "pool_fees_per_year": {bytes32(1): 0.5 * snapshot.nav, bytes32(2): 3e10},
        "vault_yield_per_year": {bytes32(4): 0.06},
        "default_failure_probability_per_year": 0.01,
        "gas_price_wei": 10**9,
    }
    return signals | changes


@SLOW
@given(
    first=st.floats(0.05, 0.9),
    second=st.floats(0.05, 0.9),
    lp_cap=st.floats(0.02, 0.5),
    lp_units=st.floats(0, 0.5),
    fees=st.floats(0, 1),
    mean=st.floats(-0.3, 0.3),
)
def test_invariant__any_solution_meets_every_row(
    first: float,
    second: float,
    lp_cap: float,
    lp_units: float,
    fees: float,
    mean: float,
) -> None:
    total = first + second + 0.1
    shares = (first / total, second / total, 0.1 / total)
    snapshot = mixed(shares=shares, lp_cap=lp_cap, lp_units=lp_units)

    problem, solution = solved(
        snapshot,
        Preferences(heal_above=inf),
        **mixed_signals(
            snapshot,
            pool_fees_per_year={bytes32(1): fees * snapshot.nav},
            returns={"WETH": mean},
        ),
    )

    assert solution.status is Status.OPTIMAL
    assert worst_violation(problem, solution.allocation) <= 1e-7
    assert worst_violation(problem, nothing(problem)) <= 1e-9
    assert solution.terms.total >= solution.terms_nothing.total


@SLOW
@given(low=st.floats(0.01, 0.4), wider=st.floats(0.0, 0.3))
def test_invariant__a_wider_cap_never_lowers_the_optimum(
    low: float, wider: float
) -> None:
    totals = []
    for share in (low, low + wider):
        snapshot = mixed(lp_cap=share, lp_units=0.0)
        signals = mixed_signals(snapshot, gas_price_wei=0)
        totals.append(solved(snapshot, Preferences(), **signals)[1].terms.total)

    assert totals[1] >= totals[0] - 1e-7


@pytest.mark.parametrize("decimals", [6, 8, 12])
def test_invariant__redenominated_token__weights_stay(decimals: int) -> None:
    plain, other = mixed(), mixed(weth_decimals=decimals)

    _, first = solved(plain, Preferences(), **mixed_signals(plain))
    _, second = solved(other, Preferences(), **mixed_signals(other))

    assert second.inventory == pytest.approx(first.inventory, abs=1e-4)
    assert second.allocation.values == pytest.approx(first.allocation.values, abs=1e-4)
    assert second.terms.total == pytest.approx(first.terms.total, abs=1e-7)


def test_optimize__small_weights__are_exactly_none() -> None:
    snapshot = mixed()

    problem, solution = solved(snapshot, Preferences(), **mixed_signals(snapshot))

    values = solution.allocation.values
    assert not ((values > 0) & (values < 1e-6)).any()
    change = np.abs(values - problem.values)
    assert not ((change > 0) & (change < 1e-6)).any()


def test_optimize__same_problem_twice__same_answer() -> None:
    snapshot = mixed()

    _, first = solved(snapshot, Preferences(), **mixed_signals(snapshot))
    _, second = solved(snapshot, Preferences(), **mixed_signals(snapshot))

    assert np.array_equal(first.allocation.z, second.allocation.z)


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
