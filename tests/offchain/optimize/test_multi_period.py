# SPDX-License-Identifier: MIT
"""Several orders with pools that refill: by hand, against one order, against a grid."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from path_cases import (
    SAVINGS,
    WIDE,
    YEAR,
    into_dai,
    lent,
    out_of_weth,
)
from random_cases import Kinds, random_case
from snapshots import (
    bytes32,
    cap,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.optimize import (
    Problem,
    Reason,
    Status,
    build_problem,
    optimize,
)
from steelyard.optimize.errors import ModelRefused, PreferenceInvalid
from steelyard.optimize.models import MaximumDiversification
from steelyard.optimize.periods import model as path_model
from steelyard.optimize.periods.path import after, at_start, path_net, settled
from steelyard.optimize.periods.plan import plan_periods
from steelyard.optimize.preferences import Floor
from steelyard.optimize.problem import NO_GAS, BudgetRow, GasCosts
from steelyard.optimize.terms import leg_output, worst_violation
from steelyard.optimize.vault_model import VaultModel

# those of the first line were worse with two orders than with one, or stood on the
# wrong side of a kink
SEEDS = [13, 35, 42, 43, 110, 117, 122, 4, 7]
SEEDS += [seed for seed in range(12) if seed not in SEEDS]


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
    assert often.value > twice.value > at_once.value + 1e-4
    assert 0 < twice.orders[0].inputs[0] < at_once.orders[0].inputs[0]


def test_plan_periods__pools_that_never_refill__nothing_waits():
    problem = into_dai()

    twice = plan_periods(problem, 2, stays=1.0)

    # the later half would pay the same price for less yield
    assert twice.orders[1].inputs == pytest.approx(0, abs=1e-4)
    assert twice.value == pytest.approx(
        plan_periods(problem, 1, stays=1.0).value, abs=1e-8
    )


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
    assert plan.value >= best - 1e-9
    assert plan.value == pytest.approx(
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
    [
        (0, 0.5, "periods is 0"),
        (25, 0.5, "1 to 24"),
        (2.0, 0.5, "periods is 2.0, expected a whole number"),
        (True, 0.5, "periods is True"),
        (float("nan"), 0.5, "periods is nan"),
        (2, 1.5, "stays is 1.5"),
        (2, float("nan"), "stays is nan"),
    ],
)
def test_plan_periods__outside_its_range__says_so(periods, stays, said):
    with pytest.raises(PreferenceInvalid, match=said):
        plan_periods(into_dai(), periods, stays=stays)


@pytest.mark.parametrize("seed", SEEDS)
def test_plan_periods__random_vaults__more_orders_are_never_worse(seed):
    problem = random_case(seed)

    one = plan_periods(problem, 1, stays=0.5)
    two = plan_periods(problem, 2, stays=0.5)

    assert one.value >= optimize(problem).terms.total - 1e-7
    assert two.value >= one.value - 1e-9
    assert two.status is Status.OPTIMAL


@pytest.mark.parametrize("seed", [1, 9, 13])
def test_plan_periods__random_vaults__every_order_is_within_its_limits(seed):
    problem = random_case(seed)

    plan = plan_periods(problem, 3, stays=0.5)

    standing, years = at_start(problem), problem.horizon_years / 3
    for order in plan.orders:
        assert worst_violation(standing.here, order) < 1e-6
        standing = after(problem, standing, order, 0.5, years)


def test_plan_periods__first_tangents_are_far_off__drawn_anew_until_they_fit():
    problem = random_case(13)

    plan = plan_periods(problem, 3, stays=0.6)

    assert plan.value > optimize(problem).terms.total + 4e-3


@pytest.mark.parametrize("stays", [0.0, 0.3, 0.7, 1.0])
def test_plan_periods__slippage_of_1_percent__no_grid_finds_better(stays):
    problem = into_dai(slippage_wad=10**16)

    plan = plan_periods(problem, 2, stays=stays)

    leg, none = problem.legs[0], np.zeros(1)

    def net(first: float, second: float) -> float:
        got, stood = leg_output(leg, first, none), stays * first
        more = leg_output(leg, stood + second, none) - leg_output(leg, stood, none)
        if got < 0.99 * first or more < 0.99 * second:
            return -np.inf
        return 0.4 * (got + more / 2) - (first - got) - (second - more)

    grid = np.linspace(0, 0.04, 161)
    assert plan.value >= max(net(a, b) for a, b in product(grid, grid)) - 1e-9
    assert plan.orders[0].inputs[0] > 0.015


def test_plan_periods__three_orders_and_a_cost_of_exit__no_grid_finds_better():
    problem = replace(into_dai(), exit_rates=np.array([0.0, 0.1]))

    plan = plan_periods(problem, 3, stays=0.5)

    leg, none = problem.legs[0], np.zeros(1)

    def net(*inputs: float) -> float:
        held, stands, total = 0.0, 0.0, 0.0
        for x in inputs:
            got = leg_output(leg, stands + x, none) - leg_output(leg, stands, none)
            held, stands = held + got, 0.5 * (stands + x)
            total += 0.4 * held / 3 - (x - got)
        return total - 0.1 * held

    grid = np.linspace(0, 0.6, 31)
    best = max(net(*x) for x in product(grid, grid, grid) if sum(x) <= 1)
    assert plan.value >= best - 1e-9
    assert plan.value == pytest.approx(
        net(*(order.inputs[0] for order in plan.orders)), abs=1e-6
    )


def _is_best_nearby(problem: Problem, plan, stays: float) -> bool:
    """No small move of one value or input of one order, settled again, is better."""
    wide = len(problem.slots) + len(problem.legs)
    for i, k, step in product(range(len(plan.orders)), range(wide), (1e-4, -1e-4)):
        wanted = list(plan.orders)
        z = np.append(wanted[i].values, wanted[i].inputs)
        z[k] = max(z[k] + step, 0.0)
        values, inputs = np.split(z, [len(problem.slots)])
        wanted[i] = replace(wanted[i], values=values, inputs=inputs)
        path = settled(problem, wanted, stays)
        net = None if path is None else path_net(problem, path, stays)
        if net is not None and net > plan.value + 1e-7:
            return False
    return True


@pytest.mark.parametrize(
    ("stays", "parts"), [(0.0, True), (0.3, True), (0.6, False), (0.9, False)]
)
def test_plan_periods__own_liquidity_in_the_traded_pool__no_step_aside_is_better(
    stays, parts
):
    problem = out_of_weth(WETH=-0.5)

    plan = plan_periods(problem, 3, stays=stays)

    assert plan.value >= optimize(problem).terms.total + 1e-3 * parts - 1e-12
    assert bool(plan.orders[0].values[0] > 0.1) is parts  # else withdrawn at once
    assert _is_best_nearby(problem, plan, stays)


def test_plan_periods__uncollected_fees__earn_and_cost_without_being_traded():
    problem = replace(into_dai(), claimable=np.array([0.0, 0.05]))
    problem = replace(
        problem,
        expected_returns=np.array([0.0, -0.1]),
        exit_rates=np.array([0.0, 0.01]),
    )

    plan = plan_periods(problem, 2, stays=0.5)

    assert plan.value_nothing == pytest.approx(-0.1 * 0.05 - 0.01 * 0.05)
    assert plan.gain > 1e-3
    assert _is_best_nearby(problem, plan, 0.5)


@pytest.mark.parametrize(
    ("available", "debt"), [(20_000, 180_000), (5_000, 195_000), (50_000, 450_000)]
)
def test_plan_periods__best_is_beyond_the_kink__crosses_it(available, debt):
    problem = lent(available, debt)

    plan = plan_periods(problem, 2, stays=0.0)

    assert plan.value >= optimize(problem).terms.total - 1e-12
    assert plan.gain > 1e-3


def _with_floor(weight: float, slippage_wad: int) -> Problem:
    floor = Floor(kind="token", name="DAI", weight=weight)
    preferences = replace(YEAR, floors=(floor,))
    return into_dai(yearly=0.0, slippage_wad=slippage_wad, preferences=preferences)


def test_plan_periods__floor_that_is_broken__is_met_at_once_at_any_price():
    problem = _with_floor(0.1, WIDE)

    plan = plan_periods(problem, 2, stays=0.5)

    assert plan.value_nothing == -np.inf
    assert plan.gain == np.inf
    assert plan.reason is Reason.REBALANCE_PAYS
    assert plan.detail == "meets the limits that doing nothing breaks"
    held = plan.orders[0].inventory[1] + plan.orders[0].values[0]
    assert held == pytest.approx(0.1, abs=1e-3)
    assert plan.value == pytest.approx(optimize(problem).terms.total, abs=1e-9)


def test_plan_periods__floor_that_cannot_be_met__says_which():
    plan = plan_periods(_with_floor(0.1, 10**16), 2, stays=0.5)

    assert plan.status is Status.FALLBACK
    assert plan.reason is Reason.INFEASIBLE
    assert "token DAI floor" in plan.detail
    assert plan.gap is None
    assert plan.gain == 0
    assert all(order.inputs.sum() == 0 for order in plan.orders)


def test_plan_periods__gains_less_than_asked__nothing_is_done():
    problem = replace(into_dai(), least_gain=0.2)

    plan = plan_periods(problem, 2, stays=0.0)

    assert plan.reason is Reason.NOTHING_PAYS
    assert plan.status is Status.OPTIMAL
    assert plan.gain == 0
    assert all(order.inputs.sum() == 0 for order in plan.orders)
    assert plan_periods(replace(problem, least_gain=0.02), 2, stays=0.0).gain > 0.02


@pytest.mark.parametrize(("yearly", "acts"), [(5e-10, False), (1e-8, True)])
def test_plan_periods__gains_next_to_nothing__doing_nothing_wins(yearly, acts):
    usdc = make_token("USDC", 1_000_000)
    position = make_position("savings", (0,), SAVINGS, market=2)
    snapshot = make_snapshot([usdc], [position], [])
    signals = make_signals(snapshot, vault_yield_per_year={bytes32(2): yearly})
    problem = build_problem(snapshot, signals, YEAR)

    plan = plan_periods(problem, 2, stays=0.5)

    assert (plan.gain > 0) is acts


@pytest.mark.parametrize("outcome", ["failed", "infeasible", "unbounded"])
def test_plan_periods__solvers_without_an_answer__one_order_and_says_so(
    outcome, monkeypatch
):
    problem = into_dai()
    monkeypatch.setattr(path_model, "attempts", lambda *_: iter([(outcome, "MINE")]))

    plan = plan_periods(problem, 2, stays=0.0)

    assert plan.value == pytest.approx(optimize(problem).terms.total, abs=1e-12)
    assert plan.reason is Reason.REBALANCE_PAYS
    assert f"later orders are left out (MINE on 2 orders: {outcome})" in plan.detail


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("failed", Reason.SOLVER_FAILED),
        ("infeasible", Reason.INFEASIBLE),
        ("unbounded", Reason.UNBOUNDED),
    ],
)
def test_plan_periods__nothing_pays_and_no_answer__fallback(
    outcome, reason, monkeypatch
):
    monkeypatch.setattr(path_model, "attempts", lambda *_: iter([(outcome, "MINE")]))

    plan = plan_periods(into_dai(yearly=0.0), 2, stays=0.0)

    assert plan.reason is reason
    assert plan.status is Status.FALLBACK
    assert plan.detail == f"MINE on 2 orders: {outcome}"


def test_plan_periods__says_what_it_gains_and_who_solved_it():
    plan = plan_periods(into_dai(), 2, stays=0.0)

    assert plan.reason is Reason.REBALANCE_PAYS
    assert plan.detail == f"gains {int(plan.gain * 10**12)} assets over the horizon"
    assert plan.solver == "CLARABEL"
    assert plan.rounds > 0


def _with_gas(each: float, base: float = 0.0) -> Problem:
    gas = GasCosts(base=base, withdraw=each, swap=each, supply=each)
    return replace(into_dai(), gas=gas)


@pytest.mark.parametrize("stays", [0.0, 0.3])
@pytest.mark.parametrize("each", [1e-4, 5e-3])
def test_plan_periods__gas__never_worse_than_one_order_and_counted(each, stays):
    problem = _with_gas(each, base=each)

    plan = plan_periods(problem, 3, stays=stays)

    single = optimize(problem)
    assert plan.value >= single.terms.total - 1e-9
    acting = [order.inputs[0] > 0 for order in plan.orders]
    assert sum(t.gas for t in plan.terms) == pytest.approx(3 * each * sum(acting))
    assert plan.value == pytest.approx(sum(t.total for t in plan.terms), abs=1e-12)


def test_plan_periods__gas__a_small_last_order_is_left_out():
    free = plan_periods(into_dai(), 4, stays=0.3)

    plan = plan_periods(_with_gas(1e-3, base=1e-3), 4, stays=0.3)

    # the fourth gains 6e-4 and would pay 3e-3
    assert free.orders[3].inputs[0] > 0.02
    assert plan.orders[3].inputs[0] == 0.0
    assert plan.terms[3].gas == 0.0
    assert plan.orders[2].inputs[0] > 0.1


@pytest.mark.parametrize(("each", "acting"), [(1e-4, 3), (1e-3, 2), (0.008, 1)])
def test_plan_periods__gas__no_choice_of_orders_and_grid_finds_better(each, acting):
    problem = _with_gas(each, base=each)

    plan = plan_periods(problem, 3, stays=0.3)

    leg, none = problem.legs[0], np.zeros(1)

    def net(*inputs: float) -> float:
        held, stands, total = 0.0, 0.0, 0.0
        for x in inputs:
            got = leg_output(leg, stands + x, none) - leg_output(leg, stands, none)
            held, stands = held + got, 0.3 * (stands + x)
            total += 0.4 * held / 3 - (x - got) - 3 * each * (x > 0)
        return total

    grid = np.linspace(0, 1, 26)
    best = max(net(*x) for x in product(grid, grid, grid) if sum(x) <= 1)
    assert plan.value >= best - 1e-9
    assert plan.value >= optimize(problem).terms.total - 1e-12
    assert sum(order.inputs[0] > 0 for order in plan.orders) == acting


def test_plan_periods__gas_above_all_gains__nothing_is_done():
    plan = plan_periods(_with_gas(0.1), 2, stays=0.0)

    assert plan.reason is Reason.NOTHING_PAYS
    assert plan.value == plan.value_nothing == 0.0


@pytest.mark.parametrize("seed", [3, 22, 29])
def test_plan_periods__gas_in_random_vaults__better_than_not_looking_at_it(seed):
    problem = random_case(seed, Kinds(gas=1e-4))
    blind = plan_periods(replace(problem, gas=NO_GAS), 2, stays=0.3)

    plan = plan_periods(problem, 2, stays=0.3)

    assert plan.value >= path_net(problem, blind.orders, 0.3) - 2e-6
    assert plan.value >= optimize(problem).terms.total - 1e-9
    assert plan.bound >= plan.value - 1e-9


def test_plan_periods__terms__are_those_of_each_order():
    problem = replace(into_dai(), exit_rates=np.array([0.0, 0.01]))

    plan = plan_periods(problem, 2, stays=0.0)

    first, last = plan.terms
    held = plan.orders[0].values[0]
    assert first.lending == pytest.approx(0.4 * held / 2)
    assert first.exit_cost == 0.0
    assert last.exit_cost == pytest.approx(0.01 * plan.orders[1].values[0])
    spent = plan.orders[0].inputs[0]
    assert first.swap_cost == pytest.approx(spent - held, abs=1e-9)


def test_plan_periods__problem_with_a_model__refused():
    problem = replace(into_dai(), model=VaultModel(model=MaximumDiversification()))

    with pytest.raises(ModelRefused, match="mean and variance"):
        plan_periods(problem, 2, stays=0.5)
