# SPDX-License-Identifier: MIT
"""Several orders with pools that refill: by hand, against one order, against a grid."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from snapshots import (
    bytes32,
    cap,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.lending import Erc4626
from steelyard.optimize import Preferences, Problem, build_problem, optimize
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.multi_period import path_net, plan_periods
from steelyard.optimize.problem import BudgetRow
from steelyard.optimize.refill import carried_on, problem_after, tangents
from steelyard.optimize.terms import evaluate, leg_output

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


def into_dai(depth: float = 4_000_000, yearly: float = 0.4, **changes: Any) -> Problem:
    """All in USDC; savings of DAI pay 40 % a year, behind a pair of this depth."""
    usdc = make_token("USDC", 1_000_000, slippage_wad=WIDE, deviation_wad=WIDE)
    dai = make_token("DAI", slippage_wad=WIDE, deviation_wad=WIDE)
    snapshot = make_snapshot(
        [usdc, dai],
        [make_position("savings", (1,), SAVINGS, market=2, **changes)],
        [make_pool("v2", (0, 1), make_pair(usdc, dai, depth), market=3)],
    )
    signals = make_signals(snapshot, vault_yield_per_year={bytes32(2): yearly})
    return build_problem(snapshot, signals, YEAR)


def test_plan_periods__one_period__is_the_order_that_optimize_finds():
    problem = into_dai()

    plan = plan_periods(problem, 1, stays=0.5)

    best = optimize(problem)
    assert plan.gain == pytest.approx(best.terms.total, abs=1e-8)
    assert plan.orders[0].values == pytest.approx(best.allocation.values, abs=1e-4)


def test_plan_periods__pools_that_refill__pay_more_than_one_order():
    problem = into_dai()
    at_once = plan_periods(problem, 1, stays=0.0)

    twice = plan_periods(problem, 2, stays=0.0)
    often = plan_periods(problem, 4, stays=0.0)

    # waiting half a year costs half the yield, so only what the curve makes dear waits
    assert often.net > twice.net > at_once.net + 1e-4
    assert 0 < twice.orders[0].inputs[0] < at_once.orders[0].inputs[0]


def test_plan_periods__pools_that_never_refill__nothing_waits():
    problem = into_dai()

    twice = plan_periods(problem, 2, stays=1.0)

    # the later half would pay the same price for less yield
    assert twice.orders[1].inputs == pytest.approx(0, abs=1e-4)
    assert twice.net == pytest.approx(plan_periods(problem, 1, stays=1.0).net, abs=1e-8)


@pytest.mark.parametrize("stays", [0.0, 0.3, 0.7])
def test_plan_periods__two_orders__no_grid_finds_better(stays):
    problem = into_dai()

    plan = plan_periods(problem, 2, stays=stays)

    leg = problem.legs[0]
    none = np.zeros(1)

    def net(first: float, second: float) -> float:
        got = leg_output(leg, first, none)
        more = leg_output(leg, stays * first + second, none)
        more -= leg_output(leg, stays * first, none)
        return 0.4 * (got + more / 2) - (first - got) - (second - more)

    grid = np.linspace(0, 0.6, 121)
    best = max(net(a, b) for a in grid for b in grid if a + b <= 1)
    assert plan.net >= best - 1e-9
    assert plan.net == pytest.approx(
        net(plan.orders[0].inputs[0], plan.orders[1].inputs[0]), abs=1e-6
    )  # what the solver's tolerance left idle


def test_plan_periods__turnover_budget__first_order_within_it_and_next_as_it_refills():
    budget = BudgetRow(
        name="turnover budget",
        per_input=np.full(2, 0.5),
        per_output=np.full(2, 0.5),
        per_raised=np.zeros(1),
        per_lowered=np.zeros(1),
        bound=0.1,
        refill_per_year=0.1,
    )
    problem = replace(into_dai(), budgets=(budget,))

    plan = plan_periods(problem, 2, stays=0.0)

    first, second = (order.inputs[0] for order in plan.orders)
    assert first == pytest.approx(0.1, abs=3e-3)  # a little less comes out than went in
    assert second == pytest.approx(0.05, abs=2e-3)  # half a year's refill


def test_plan_periods__cap__kept_by_every_order():
    problem = into_dai(cap=cap(0.3))

    plan = plan_periods(problem, 3, stays=0.2)

    for order in plan.orders:
        nav = order.inventory.sum() + order.values.sum()
        assert order.values[0] <= 0.3 * nav + 1e-7


def test_plan_periods__lending_above_its_kink__found_on_its_side():
    usdc = make_token("USDC", 1_000_000)
    reserve = make_reserve(20_000, 180_000)  # 90 % used: at 50,000 more it is 72 %
    snapshot = make_snapshot(
        [usdc], [make_position("aave", (0,), reserve, market=1)], []
    )
    problem = build_problem(snapshot, make_signals(snapshot), YEAR)

    plan = plan_periods(problem, 2, stays=0.0)

    assert plan.gain >= optimize(problem).terms.total - 1e-7


def test_plan_periods__nothing_pays__nothing_is_done():
    plan = plan_periods(into_dai(yearly=0.0), 3, stays=0.5)

    assert plan.gain == pytest.approx(0, abs=1e-12)
    assert all(order.inputs.sum() < 1e-9 for order in plan.orders)


@pytest.mark.parametrize(
    ("periods", "stays", "said"),
    [(0, 0.5, "periods is 0"), (25, 0.5, "1 to 24"), (2, 1.5, "stays is 1.5")],
)
def test_plan_periods__outside_its_range__says_so(periods, stays, said):
    with pytest.raises(PreferenceInvalid, match=said):
        plan_periods(into_dai(), periods, stays=stays)


def test_path_net__spends_what_is_not_there__none():
    problem = into_dai()
    plan = plan_periods(problem, 1, stays=0.0)
    greedy = replace(plan.orders[0], values=plan.orders[0].values + 0.5)

    assert path_net(problem, [greedy], 0.0) is None


def test_problem_after__leg_that_stands_somewhere__pays_the_difference_of_the_curve():
    problem = into_dai()
    order = plan_periods(problem, 1, stays=0.0).orders[0]
    impact = carried_on(np.zeros(2), order.inputs, 0.6)

    later = problem_after(problem, problem, order, impact, 0.5)

    for more in (0.01, 0.1, 0.2):
        whole = leg_output(problem.legs[0], impact[0] + more, np.zeros(1))
        before = leg_output(problem.legs[0], impact[0], np.zeros(1))
        paid = leg_output(later.legs[0], more, np.zeros(1))
        assert paid == pytest.approx(whole - before, rel=1e-12)


def test_tangents__of_a_concave_curve__touch_it_and_lie_above():
    problem = into_dai()
    impact = np.array([0.2, 0.0])

    slopes, levels = tangents(problem, impact, np.zeros(1))

    for x in np.linspace(0, 0.9, 10):
        curve = leg_output(problem.legs[0], x, np.zeros(1))
        assert levels[0] + slopes[0] * x >= curve - 1e-12
    touched = leg_output(problem.legs[0], 0.2, np.zeros(1))
    assert levels[0] + slopes[0] * 0.2 == pytest.approx(touched, rel=1e-12)


def test_path_net__one_order__counts_what_evaluate_counts():
    problem = into_dai()
    order = plan_periods(problem, 1, stays=0.0).orders[0]

    assert path_net(problem, [order], 0.0) == pytest.approx(
        evaluate(problem, order).total, abs=1e-12
    )
