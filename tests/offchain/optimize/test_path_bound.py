# SPDX-License-Identifier: MIT
"""The certificate of several orders: above every plan, by any prices, and close."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from path_cases import (
    SAVINGS,
    YEAR,
    feasible_paths,
    into_dai,
    lent,
    out_of_weth,
    rival_paths,
)
from random_cases import Kinds, random_case
from snapshots import make_position, make_signals, make_snapshot, make_token

from steelyard.optimize import build_problem, optimize
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.periods.bound import path_bound
from steelyard.optimize.periods.curve import Sums, as_curve, most, paid_and_slope
from steelyard.optimize.periods.parts import path_parts
from steelyard.optimize.periods.path import after, at_start, path_net
from steelyard.optimize.periods.plan import plan_periods
from steelyard.optimize.periods.prices import PathPrices, no_path_prices
from steelyard.optimize.periods.proof import proved_bound
from steelyard.optimize.periods.repair import path_missed, repaired
from steelyard.optimize.problem import GasCosts, Leg, Piece
from steelyard.optimize.terms import leg_output

ROUNDING = 1e-12


def _gas(each: float, base: float = 0.0) -> GasCosts:
    return GasCosts(base=base, withdraw=each, swap=each, supply=each)


def _prices(parts, generator, size: float) -> PathPrices:
    none = no_path_prices(parts)
    return PathPrices(
        spare=generator.uniform(0, size, none.spare.shape),
        rows=generator.uniform(0, size, none.rows.shape),
        budgets=generator.uniform(0, size, none.budgets.shape),
    )


def _leg(generator) -> Leg:
    rates = np.sort(generator.uniform(0.9, 1, 3))[::-1]
    pieces = tuple(
        Piece(
            depth=float(generator.uniform(0.2, 2)),
            rate=float(rate),
            fee=0.003,
            capacity=float(generator.uniform(0.1, 0.5)),
            thinned=(),
        )
        for rate in rates
    )
    return Leg(
        pool=0,
        zero_for_one=True,
        token_in=0,
        token_out=1,
        pieces=pieces,
        least_ratio=0.0,
    )


@pytest.mark.parametrize("stays", [0.0, 0.4, 0.97, 1.0])
def test_most__prices_of_any_sign__no_grid_finds_more_and_one_finds_as_much(stays):
    generator = np.random.default_rng(1)
    leg = _leg(generator)
    capacities = np.array([piece.capacity for piece in leg.pieces])
    curve = as_curve(leg, capacities)
    grid = np.linspace(0, capacities.sum(), 20_001)
    paid = np.array([leg_output(leg, float(x), np.zeros(0)) for x in grid])
    tired = np.array([leg_output(leg, stays * float(x), np.zeros(0)) for x in grid])
    up, down, price = generator.uniform(-0.5, 1.5, (3, 20))

    found = most(curve, Sums(up=up, down=down, price=price, stays=stays))

    best = (np.outer(up, paid) - np.outer(down, tired) - np.outer(price, grid)).max(1)
    assert (found >= best - ROUNDING).all()
    assert found == pytest.approx(best, abs=1e-7)


def test_most__a_sum_that_is_flat__is_nothing():
    leg = _leg(np.random.default_rng(2))
    curve = as_curve(leg, np.array([piece.capacity for piece in leg.pieces]))
    one = np.ones(1)

    found = most(curve, Sums(up=one, down=one, price=0 * one, stays=1.0))

    assert found == pytest.approx([0.0], abs=1e-12)


def test_paid_and_slope__in_the_second_stretch__pays_what_the_leg_pays():
    leg = _leg(np.random.default_rng(3))
    curve = as_curve(leg, np.array([piece.capacity for piece in leg.pieces]))
    x = leg.pieces[0].capacity + 0.05

    paid, slope = paid_and_slope(curve, x)

    none = np.zeros(0)
    assert paid == pytest.approx(leg_output(leg, x, none), rel=1e-12)
    rise = leg_output(leg, x + 1e-6, none) - leg_output(leg, x - 1e-6, none)
    assert slope == pytest.approx(rise / 2e-6, rel=1e-6)


@pytest.mark.parametrize("stays", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", [3, 8, 12, 32])
def test_path_bound__any_prices__above_plans_with_other_aims(seed, stays):
    generator = np.random.default_rng(seed)
    problem = random_case(seed, Kinds(gas=1e-4 * (seed % 2)))
    problem = replace(problem, gas=replace(problem.gas, base=2e-5 * (seed % 2)))
    parts = path_parts(problem, 2, stays)
    paths = rival_paths(problem, 2, stays, generator, count=1)
    plan = plan_periods(problem, 2, stays=stays)

    bounds = [
        path_bound(parts, paths[i % len(paths)], _prices(parts, generator, size))
        for i, size in enumerate((0.0, 0.01, 0.1, 1.0))
    ]

    # what a limit may be missed by, at what it is worth at most
    noise = 1e-10 * 300
    best = max(path_net(problem, path, stays, 1e-9) for path in paths)
    assert paths
    assert min([*bounds, plan.bound]) >= best - noise
    assert plan.value >= best - 1e-6


@pytest.mark.parametrize(("own", "stays"), [(0.05, 0.8), (0.4, 0.3), (0.9, 1.0)])
def test_path_bound__own_liquidity_in_a_tired_pool__above_random_plans(own, stays):
    generator = np.random.default_rng(5)
    problem = out_of_weth(own=own, WETH=-0.5)
    parts = path_parts(problem, 3, stays)
    paths = feasible_paths(problem, 3, stays, generator, count=60)
    plan = plan_periods(problem, 3, stays=stays)

    bounds = [
        path_bound(parts, path, _prices(parts, generator, size))
        for path, size in zip(paths, np.geomspace(1e-6, 1, 60), strict=True)
    ]

    best = max(path_net(problem, path, stays, ROUNDING) for path in paths)
    assert min(bounds) >= max(best, plan.value) - ROUNDING
    assert plan.bound >= best - ROUNDING


@pytest.mark.parametrize("stays", [0.0, 0.3, 0.7, 0.95, 1.0])
def test_path_bound__two_orders__above_the_best_of_a_grid_and_close(stays):
    problem = into_dai()
    leg, none = problem.legs[0], np.zeros(1)

    plan = plan_periods(problem, 2, stays=stays)

    def net(first: float, second: float) -> float:
        got = leg_output(leg, first, none)
        more = leg_output(leg, stays * first + second, none)
        more -= leg_output(leg, stays * first, none)
        return 0.4 * (got + more / 2) - (first - got) - (second - more)

    grid = np.linspace(0, 1, 201)
    best = max(net(a, b) for a, b in product(grid, grid) if a + b <= 1)
    assert plan.bound >= best
    assert plan.gap <= 3e-7
    assert plan.missed <= 1e-9


@pytest.mark.parametrize("periods", [2, 4, 7])
def test_plan_periods__pools_at_rest_again__gap_is_rounding(periods):
    assert plan_periods(into_dai(), periods, stays=0.0).gap <= 1e-9
    assert plan_periods(out_of_weth(WETH=-0.5), periods, stays=0.0).gap <= 1e-9


@pytest.mark.parametrize("seed", [2, 3, 13, 17])
def test_plan_periods__one_order__gap_is_that_of_optimize(seed):
    problem = random_case(seed, Kinds(gas=1e-5))

    plan = plan_periods(problem, 1, stays=0.5)

    single = optimize(problem)
    assert plan.gap == pytest.approx(single.stats.certified_gap, abs=1e-12)
    assert plan.gap <= 1e-9


# each side of a kink is bounded on its own; on some no plan is allowed
@pytest.mark.parametrize("seed", [7, 8, 16, 17, 18, 23, 34])
def test_plan_periods__lending_kinks__branched_on(seed):
    plan = plan_periods(random_case(seed), 2, stays=0.0)

    assert plan.gap <= 1e-8


@pytest.mark.parametrize("seed", [1, 13, 32, 39])
def test_plan_periods__dear_limits__are_met_and_the_bound_is_close(seed):
    problem = random_case(seed)

    plan = plan_periods(problem, 2, stays=0.0)

    assert plan.missed <= 1e-7
    assert -1e-9 <= plan.bound - plan.value <= 1e-5


@pytest.mark.parametrize(("available", "debt"), [(20_000, 180_000), (50_000, 450_000)])
def test_plan_periods__best_is_beyond_the_kink__is_proved(available, debt):
    plan = plan_periods(lent(available, debt), 2, stays=0.0)

    assert plan.gap <= 1e-8


def test_path_bound__gas_of_every_action__is_in_it():
    problem = replace(into_dai(), gas=_gas(1e-3, base=1e-3))
    free = plan_periods(into_dai(), 2, stays=0.0)

    plan = plan_periods(problem, 2, stays=0.0)

    # two orders pay three times; the bound knows of one order, one supply, two swaps
    assert sum(terms.gas for terms in plan.terms) == pytest.approx(6e-3)
    assert plan.value == pytest.approx(free.value - 6e-3, abs=1e-8)
    assert plan.value <= plan.bound <= free.bound - 3e-3 + 1e-9


def test_path_bound__gas_eats_all_gains__is_what_nothing_is_worth():
    usdc = make_token("USDC", 1_000_000)
    position = make_position("savings", (0,), SAVINGS, market=2)
    snapshot = make_snapshot([usdc], [position], [])
    problem = build_problem(snapshot, make_signals(snapshot), YEAR)
    problem = replace(problem, gas=_gas(0.0, base=0.5))
    slot = replace(problem.slots[0], yield_per_year=0.1)
    problem = replace(problem, slots=(slot,))

    plan = plan_periods(problem, 3, stays=0.0)

    assert plan.value == 0.0
    assert plan.gap <= 1e-6  # what moves too small for gas could earn


def test_proved_bound__no_model__is_true_and_says_less():
    problem = into_dai()
    plan = plan_periods(problem, 2, stays=0.0)

    bound = proved_bound(problem, None, plan.orders, 0.0, plan.value)

    assert plan.bound < bound < 1.0


def test_proved_bound__cannot_be_stated__none(monkeypatch):
    def failing(*_):
        raise SolveFailed("arrays", "failed")

    problem = into_dai()
    plan = plan_periods(problem, 2, stays=0.0)
    monkeypatch.setattr("steelyard.optimize.periods.proof.path_parts", failing)

    assert proved_bound(problem, None, plan.orders, 0.0, plan.value) is None


def test_repaired__a_swap_beyond_its_limit__is_drawn_back_by_as_little_as_does():
    problem = into_dai(slippage_wad=10**16)
    plan = plan_periods(problem, 2, stays=0.5)
    first = replace(plan.orders[0], inputs=plan.orders[0].inputs * (1 + 1e-3))
    path = [first, *plan.orders[1:]]

    found = repaired(problem, path, 0.5)

    assert path_missed(problem, path, 0.5) > 1e-8
    assert path_missed(problem, found, 0.5) <= 1e-11
    moved = np.abs(found[0].inputs - path[0].inputs).max()
    assert moved <= 1e-4
    standing = after(problem, at_start(problem), found[0], 0.5, 0.5)
    assert standing.here.inventory == pytest.approx(found[0].inventory)
