# SPDX-License-Identifier: MIT
"""The bound from prices alone: over everything allowed, and tight at the best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_cases import Kinds, random_allocations, random_case

from steelyard.bench.vault_cases import vault_case
from steelyard.bench.vault_parts import NAV, reserve_of
from steelyard.optimize.problem import Floats, LendingMarket, Problem
from steelyard.optimize.terms import Allocation, evaluate, lending_per_year, nothing
from steelyard.optimize.vault.arrays import VaultArrays, as_arrays
from steelyard.optimize.vault.best import best_by_branching
from steelyard.optimize.vault.branch import search
from steelyard.optimize.vault.domain import whole
from steelyard.optimize.vault.interest import Market, as_market, peak
from steelyard.optimize.vault.lagrangian import arbitrage, lagrangian
from steelyard.optimize.vault.prices import Prices, piece_prices

MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
GAS = Kinds(gas=1e-4)


def bound_by(problem: Problem, point: Allocation, prices: Prices) -> float:
    """Of the whole problem, gas and doing nothing included, without branches."""
    arrays = as_arrays(problem)
    bound = lagrangian(arrays, whole(arrays), point.z, prices).bound
    still = evaluate(problem, nothing(problem)).total  # pays no gas at all
    return max(bound - problem.gas.base, still)


def random_prices(arrays: VaultArrays, generator: np.random.Generator) -> Prices:
    """Around what they should be, or far from it."""
    far = 10 ** generator.uniform(-4, 1)
    tokens = len(arrays.inventory)

    def dear(count: int) -> Floats:
        return generator.exponential(far, count) * (generator.random(count) < 0.5)

    return Prices(
        tokens=np.maximum(1 + generator.normal(size=tokens) * far, 0.0),
        rows=dear(len(arrays.bounds) - tokens),
        budgets=dear(len(arrays.budgets.bounds)),
        ratios=dear(len(arrays.curves.uneven)),
        planes=arrays.planes.shares(dear(len(arrays.planes.of))),
    )


@MANY
@given(case=st.integers(0, 10_000), draw=st.integers(0, 2**32 - 1))
def test_lagrangian__any_prices_at_any_point__no_allocation_is_worth_more(
    case: int, draw: int
) -> None:
    problem = random_case(case, GAS)
    arrays = as_arrays(problem)
    generator = np.random.default_rng(draw)
    allowed = random_allocations(problem, generator, 12)
    point = allowed[int(generator.integers(len(allowed)))]

    bound = bound_by(problem, point, random_prices(arrays, generator))

    for allocation in allowed:
        worth = evaluate(problem, allocation).total
        assert worth <= bound + 1e-12


@MANY
@given(case=st.integers(0, 10_000), draw=st.integers(0, 2**32 - 1))
def test_search__bound_of_all_branches__no_allocation_is_worth_more(
    case: int, draw: int
) -> None:
    problem = random_case(case, GAS)
    allowed = random_allocations(problem, np.random.default_rng(draw), 12)

    found = search(as_arrays(problem), 60)

    worth = max(evaluate(problem, allocation).total for allocation in allowed)
    assert worth <= found.bound + 1e-11


@pytest.mark.parametrize("seed", range(8))
def test_lagrangian__prices_of_the_best__gap_within_a_billionth(
    seed: int,
) -> None:
    problem = vault_case(seed)
    solved = search(as_arrays(problem), 400).best
    best = best_by_branching(problem)

    bound = bound_by(problem, best.allocation, solved.optimum.prices)

    # one bound for the whole problem, the market above its kink included
    assert bound - best.worth <= 1e-9
    assert evaluate(problem, best.allocation).total == best.worth


def test_lagrangian__prices_a_little_off__gap_of_that_order() -> None:
    problem = vault_case(0)
    solved = search(as_arrays(problem), 400).best
    best = best_by_branching(problem)
    off = 1 + 1e-4 * np.arange(5)
    prices = replace(solved.optimum.prices, tokens=solved.optimum.prices.tokens * off)

    bound = bound_by(problem, best.allocation, prices)

    assert 1e-9 < bound - best.worth < 1e-3


def test_lagrangian__gas__counts_for_actions_that_are_taken() -> None:
    arrays = as_arrays(vault_case(0, gas=1e-5))
    solved = search(arrays, 400).best

    parts = lagrangian(
        arrays, whole(arrays), solved.optimum.standing.z, solved.optimum.prices
    )
    free = lagrangian(
        arrays,
        replace(whole(arrays), gas=vault_case(0).gas),
        solved.optimum.standing.z,
        solved.optimum.prices,
    )

    assert parts.slots[1:] == pytest.approx(free.slots[1:] - 1e-5, abs=1e-15)
    assert parts.legs[1] == pytest.approx(free.legs[1] - 1e-5, abs=1e-15)
    assert (parts.slots[0] == free.slots[0]).all()


@pytest.mark.parametrize("seed", range(5))
def test_arbitrage__any_prices__at_least_every_point_of_a_grid(seed: int) -> None:
    arrays = as_arrays(random_case(seed + 40, Kinds(most_pools=6)))
    generator = np.random.default_rng(seed)
    prices = random_prices(arrays, generator)
    prices = replace(prices, tokens=generator.normal(1, 0.5, len(arrays.inventory)))
    curves = arrays.curves
    paid, got = piece_prices(arrays, prices)

    found = arbitrage(arrays, prices)

    x = np.linspace(0, 1, 2001)[:, None] * curves.capacity
    net = curves.net * x
    profit = got * curves.rate * net / (1 + net / curves.depth) - paid * x
    best = profit.max(axis=0)
    assert (found >= best - 1e-15).all()
    assert found == pytest.approx(best, rel=1e-5, abs=1e-9)


def market_of(
    usage: float, supplied: float = 2.0, value: float = 0.02
) -> LendingMarket:
    reserve = reserve_of(supplied, usage, 0.9, (0.05, 0.8))
    return LendingMarket(slot=0, reserve=reserve, unit_value=1 / NAV, value=value)


def stretches_of(market: LendingMarket, unbacked: float = 0.0) -> Market:
    reserve = replace(market.reserve, unbacked=int(unbacked * NAV))
    found = as_market(replace(market, reserve=reserve), 0.0, 1.0, years=1.0)
    assert found is not None
    return found


@pytest.mark.parametrize("usage", [0.5, 0.88, 0.93, 0.99])
@pytest.mark.parametrize("unbacked", [0.0, 0.3])
def test_as_market__every_stretch__earns_what_the_rate_model_pays(
    usage: float, unbacked: float
) -> None:
    market = market_of(usage)
    whole_market = replace(
        market, reserve=replace(market.reserve, unbacked=int(unbacked * NAV))
    )

    found = stretches_of(market, unbacked)

    ends = [0.0]
    for stretch in found.stretches:
        assert stretch.lowest == ends[-1]
        ends.append(stretch.highest)
        for x in np.linspace(stretch.lowest, stretch.highest, 7):
            paid = lending_per_year(whole_market, float(x))
            assert stretch.earned(float(x))[0] == pytest.approx(paid, abs=1e-12)
    assert ends[-1] == 1.0
    assert len(found.stretches) == (2 if usage > 0.9 else 1)


@pytest.mark.parametrize("unbacked", [0.0, 0.3])
def test_stretch__derivatives__are_those_of_what_it_earns(unbacked: float) -> None:
    for stretch in stretches_of(market_of(0.95), unbacked).stretches:
        x, h = (stretch.lowest + stretch.highest) / 2, 1e-4
        below, here, above = (stretch.earned(x + d) for d in (-h, 0.0, h))

        assert here[1] == pytest.approx((above[0] - below[0]) / (2 * h), rel=1e-5)
        bend = (above[0] - 2 * here[0] + below[0]) / h**2
        assert here[2] == pytest.approx(bend, rel=1e-3)


def test_as_market__own_supply_over_twice_the_others__is_convex_there() -> None:
    # S others: x / (S + x)^2 bends upwards from x = 2 S
    stretches = stretches_of(market_of(0.5, supplied=0.3, value=0.0)).stretches

    assert [s.is_concave for s in stretches] == [True, False]
    assert stretches[0].highest == pytest.approx(0.6, abs=1e-9)


@MANY
@given(
    usage=st.floats(0.3, 0.99),
    supplied=st.floats(0.2, 5.0),
    unbacked=st.floats(0.0, 1.0),
    slope=st.floats(-0.5, 0.1),
)
def test_peak__any_slope__just_above_every_point_of_a_grid(
    usage: float, supplied: float, unbacked: float, slope: float
) -> None:
    found = stretches_of(market_of(usage, supplied), unbacked)

    for stretch in found.stretches:
        low, high = stretch.lowest, stretch.highest
        most = peak(stretch, slope, low, high)
        grid = np.linspace(low, high, 400)
        best = max(stretch.earned(float(x))[0] + slope * x for x in grid)
        assert best - 1e-15 <= most <= best + 1e-4 * (high - low)
