# SPDX-License-Identifier: MIT
"""The vault's problem by sequential quadratic programming, against the cone model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from random_cases import Kinds, random_case

from steelyard.bench.vault_cases import vault_case
from steelyard.optimize.concave import lines
from steelyard.optimize.cones.model import ConicModel
from steelyard.optimize.cones.solvers import RawSolution
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats, Leg, Piece, Problem, Row
from steelyard.optimize.terms import evaluate, lending_per_year
from steelyard.optimize.vault.arrays import VaultArrays, as_arrays
from steelyard.optimize.vault.best import best_by_branching
from steelyard.optimize.vault.curves import as_curves, per_leg
from steelyard.optimize.vault.domain import Domain, on_stretches, whole
from steelyard.optimize.vault.model import step_model
from steelyard.optimize.vault.prices import Prices, piece_prices
from steelyard.optimize.vault.sqp import Optimum, maximise
from steelyard.optimize.vault.standing import missed, room, stand

NEAR_BY = 1e-3  # of NAV: how far the cone model may move what is lent


def convex_parts(arrays: VaultArrays) -> Iterator[Domain]:
    """One domain for each choice of stretches."""
    counts = [range(len(market.stretches)) for market in arrays.markets]
    for picks in product(*counts):
        yield on_stretches(arrays, whole(arrays), picks)


def by_cones(problem: Problem, domain: Domain, around: Floats) -> RawSolution:
    """The cone model on the same stretches; interest drawn finely around a solution."""
    lowest, highest = domain.lowest.copy(), domain.highest.copy()
    drawn = []
    for market in problem.lending:
        j = market.slot
        lowest[j] = max(lowest[j], around[j] - NEAR_BY)
        highest[j] = min(highest[j], around[j] + NEAR_BY)
        interest = partial(lending_per_year, market)
        drawn.append(lines(interest, float(lowest[j]), float(highest[j])))
    open_legs = np.ones(len(problem.legs))
    return ConicModel(problem).solve(lowest, highest, open_legs, drawn)


def solved_or_none(arrays: VaultArrays, domain: Domain) -> Optimum | None:
    """None where it is proved that nothing is allowed."""
    try:
        return maximise(arrays, domain)
    except SolveFailed as failed:
        if failed.outcome != "infeasible":
            raise
        return None


def values_of(arrays: VaultArrays, optimum: Optimum) -> Floats:
    return optimum.standing.z[len(arrays.inventory) :]


@pytest.mark.parametrize("seed", range(3))
def test_maximise__vault_of_twelve_positions__agrees_with_the_cone_model(
    seed: int,
) -> None:
    problem = vault_case(seed)
    arrays = as_arrays(problem)

    for domain in convex_parts(arrays):
        optimum = maximise(arrays, domain)
        raw = by_cones(problem, domain, values_of(arrays, optimum))

        assert raw.outcome == "optimal"
        by_cone = raw.objective * problem.horizon_years
        assert optimum.standing.value == pytest.approx(by_cone, rel=1e-8)


@pytest.mark.parametrize(
    "kinds",
    [Kinds(budgets=False), Kinds(), Kinds(floors=True), Kinds(reduce_only=True)],
    ids=["plain", "budgets", "floors", "reduce-only"],
)
def test_maximise__random_problems__agree_with_the_cone_model(kinds: Kinds) -> None:
    compared = 0
    for seed in range(200, 260):
        problem = random_case(seed, kinds)
        arrays = as_arrays(problem)
        domain = next(convex_parts(arrays))
        optimum = solved_or_none(arrays, domain)
        if optimum is None:
            continue
        # cones may burn what is worth less than nothing; curves cannot
        dearest = max(_limit_prices(optimum.prices), default=0.0)
        if dearest > 10 or piece_prices(arrays, optimum.prices)[1].min(initial=1) < 0:
            continue
        if not all(each[0].is_concave for each in domain.stretches):
            continue
        raw = by_cones(problem, domain, values_of(arrays, optimum))
        if raw.outcome != "optimal":
            continue

        gain = raw.objective * problem.horizon_years - optimum.standing.value
        assert abs(gain) <= 3e-8 * max(1.0, dearest), seed
        compared += 1
        if compared == 8:
            break

    assert compared == 8


def _limit_prices(prices: Prices) -> list[float]:
    return [*prices.rows, *prices.budgets, *prices.ratios]


def test_maximise__random_problems__prove_their_gap_and_keep_every_limit() -> None:
    solved = 0
    for seed in range(300):
        arrays = as_arrays(random_case(seed))
        for domain in convex_parts(arrays):
            optimum = solved_or_none(arrays, domain)
            if optimum is None:
                continue
            if piece_prices(arrays, optimum.prices)[1].min(initial=1) >= 0:
                assert optimum.gap <= 1e-10, seed
            assert missed(arrays, optimum.standing) <= 1e-11
            assert (values_of(arrays, optimum) >= domain.lowest - 1e-12).all()
            solved += 1

    assert solved > 250


def test_maximise__start_from_a_solution_near_by__the_same_optimum() -> None:
    arrays = as_arrays(vault_case(3))
    first, second = convex_parts(arrays)

    cold = maximise(arrays, second)
    warm = maximise(arrays, second, maximise(arrays, first))

    assert warm.standing.value == pytest.approx(cold.standing.value, abs=1e-12)


def test_maximise__floor_over_a_cap__is_proved_infeasible() -> None:
    problem = vault_case(0)
    size = len(problem.inventory) + len(problem.slots)
    wanted = np.zeros(size)
    wanted[5] = -1.0  # of WETH alone, capped at 0.3
    row = Row(name="floor", kind="floor", coefficients=wanted, bound=-0.35)
    arrays = as_arrays(replace(problem, rows=(*problem.rows, row)))

    with pytest.raises(SolveFailed) as failed:
        maximise(arrays, next(convex_parts(arrays)))

    assert failed.value.outcome == "infeasible"


@pytest.mark.parametrize("seed", [1, 4, 11, 17, 29])
def test_step_model__second_derivatives__are_those_of_the_lagrangian(seed: int) -> None:
    arrays = as_arrays(random_case(seed, Kinds(most_slots=8, most_pools=8)))
    domain = next(convex_parts(arrays))
    generator = np.random.default_rng(seed)
    count, pieces = len(arrays.columns.slot), len(arrays.curves.leg)
    moves = generator.uniform(0.001, 0.02, count)
    inputs = generator.uniform(0.1, 0.5, pieces) * arrays.curves.capacity
    here = stand(arrays, domain, moves, inputs)
    prices = Prices(
        tokens=here.gradient[: len(arrays.inventory)],
        rows=np.zeros(len(arrays.bounds) - len(arrays.inventory)),
        budgets=np.zeros(len(arrays.budgets.bounds)),
        ratios=np.zeros(len(arrays.curves.uneven)),
        planes=np.zeros(0),
    )
    got = piece_prices(arrays, prices)[1]
    step = generator.normal(size=count + pieces) * 3e-5
    step[count:] *= 100 * arrays.curves.capacity

    model = step_model(arrays, here, got, np.arange(pieces))

    def value(share: float) -> float:
        change = share * step
        there = stand(arrays, domain, moves + change[:count], inputs + change[count:])
        return there.value

    slope = (value(1) - value(-1)) / 2
    bend = value(1) - 2 * value(0) + value(-1)
    assert -model.gradient @ step == pytest.approx(slope, rel=1e-5, abs=1e-13)
    assert -step @ model.hessian @ step == pytest.approx(bend, rel=2e-3, abs=1e-14)


@pytest.mark.parametrize("seed", [1, 4, 11, 17, 29])
def test_step_model__rows__are_the_slopes_of_what_the_limits_leave(seed: int) -> None:
    arrays = as_arrays(random_case(seed, Kinds(most_slots=8, most_pools=8)))
    domain = next(convex_parts(arrays))
    generator = np.random.default_rng(seed)
    count, pieces = len(arrays.columns.slot), len(arrays.curves.leg)
    moves = generator.uniform(0.001, 0.02, count)
    inputs = generator.uniform(0.1, 0.5, pieces) * arrays.curves.capacity
    here = stand(arrays, domain, moves, inputs)
    step = generator.normal(size=count + pieces) * 1e-5
    step[count:] *= 100 * arrays.curves.capacity
    there = stand(arrays, domain, moves + step[:count], inputs + step[count:])

    model = step_model(arrays, here, np.ones(pieces), np.arange(pieces))

    limits = len(room(arrays, here))
    taken = room(arrays, here) - room(arrays, there)
    assert model.rows[:limits] @ step == pytest.approx(taken, rel=1e-2, abs=2e-9)


def leg_of(depths: list[float], least_ratio: float) -> Leg:
    pieces = tuple(
        Piece(depth=d, rate=1 - 0.01 * i, fee=0.003, capacity=0.01 * d, thinned=())
        for i, d in enumerate(depths)
    )
    return Leg(
        pool=0,
        zero_for_one=True,
        token_in=0,
        token_out=1,
        pieces=pieces,
        least_ratio=least_ratio,
    )


def test_as_curves__least_ratio__is_met_exactly_by_pieces_that_are_full() -> None:
    # the second piece starts 1 % lower: all of the first, a part of the second
    leg = leg_of([1.0, 1.0], least_ratio=0.985)

    curves = as_curves([leg], 0)

    first, second = curves.capacity
    net = 0.997 * curves.capacity
    paid = net[0] / (1 + net[0]) + 0.99 * net[1] / (1 + net[1])
    assert first == pytest.approx(0.01)
    assert 0 < second < 0.01
    assert paid == pytest.approx(0.985 * (first + second), rel=1e-12)


def test_as_curves__fee_over_the_limit__takes_nothing() -> None:
    assert as_curves([leg_of([1.0], least_ratio=0.9975)], 0).capacity.tolist() == [0.0]


def test_best_by_branching__pool_without_depth__gets_no_trade() -> None:
    problem = vault_case(1)
    dust = [
        replace(
            leg,
            pieces=tuple(
                replace(p, depth=p.depth * 1e-14, capacity=p.capacity * 1e-14)
                for p in leg.pieces
            ),
        )
        for leg in problem.legs
    ]
    count = len(problem.legs)
    budgets = tuple(
        replace(
            budget,
            per_input=np.tile(budget.per_input, 2),
            per_output=np.tile(budget.per_output, 2),
        )
        for budget in problem.budgets
    )
    both = replace(problem, legs=(*problem.legs, *dust), budgets=budgets)

    without, beside = best_by_branching(problem), best_by_branching(both)

    assert (beside.allocation.inputs[count:] == 0).all()
    assert beside.worth == pytest.approx(without.worth, abs=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_best_by_branching__wider_cap__never_worth_less(seed: int) -> None:
    problem = vault_case(seed, gas=2e-6)
    generator = np.random.default_rng(seed)
    wider = tuple(
        replace(row, bound=row.bound + generator.uniform(0, 0.02))
        for row in problem.rows
    )

    narrow, wide = (
        best_by_branching(problem),
        best_by_branching(replace(problem, rows=wider)),
    )

    assert wide.worth >= narrow.worth - 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_best_by_branching__one_more_position__never_worth_less(seed: int) -> None:
    problem = vault_case(seed, gas=2e-6)
    arrays = as_arrays(problem)
    missing = seed + 3  # of the slots, empty at first where it is not held
    closed = replace(
        problem,
        slots=tuple(
            replace(slot, highest=slot.value) if j == missing else slot
            for j, slot in enumerate(problem.slots)
        ),
    )

    without, beside = best_by_branching(closed), best_by_branching(problem)

    assert arrays.values[missing] >= 0
    assert beside.worth >= without.worth - 1e-9


def test_best_by_branching__shadow_price__is_what_a_little_more_of_a_cap_earns() -> (
    None
):
    problem = vault_case(0)
    best = best_by_branching(problem)
    prices = best.duals[: len(problem.rows)] * problem.horizon_years
    dearest = int(prices.argmax())
    more = 1e-4
    rows = list(problem.rows)
    rows[dearest] = replace(rows[dearest], bound=rows[dearest].bound + more)

    wider = best_by_branching(replace(problem, rows=tuple(rows)))

    assert prices[dearest] > 1e-3
    assert wider.worth - best.worth == pytest.approx(prices[dearest] * more, rel=0.02)


def test_best_by_branching__value__is_that_of_the_true_formulas() -> None:
    for seed in range(4):
        problem = vault_case(seed)
        arrays = as_arrays(problem)
        best = best_by_branching(problem)
        optimum = maximise(arrays, next(convex_parts(arrays)))

        inputs = per_leg(arrays.curves, optimum.standing.inputs)
        assert best.worth == pytest.approx(optimum.standing.value, abs=1e-10)
        assert best.allocation.inputs == pytest.approx(inputs, abs=2e-6)
        assert best.worth == evaluate(problem, best.allocation).total
