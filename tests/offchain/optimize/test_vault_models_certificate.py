# SPDX-License-Identifier: MIT
"""Any model over amounts: its bound holds for all that is allowed, and is met."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_cases import (
    GOALS,
    MEASURES,
    WINDINGS,
    random_doubts,
    random_model,
    scenarios_of,
    with_goal,
)
from random_cases import Kinds, random_allocations, random_case
from test_vault_certificate import random_prices

from steelyard.optimize import Solution, optimize
from steelyard.optimize.measured import Measured, by_aim
from steelyard.optimize.models import (
    Kelly,
    LargestRatio,
    MaximumDiversification,
    MeanRisk,
    Utility,
)
from steelyard.optimize.outcome import Reason
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.reference.entropic import Entropic
from steelyard.optimize.reference.smooth import Length, LogLoss, LogMoment
from steelyard.optimize.terms import Allocation, nothing, worst_violation
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault.aim import Aim, aim_of
from steelyard.optimize.vault.aim_terms import exposures
from steelyard.optimize.vault.arrays import VaultArrays, as_arrays
from steelyard.optimize.vault.charges import Charge
from steelyard.optimize.vault.domain import whole
from steelyard.optimize.vault.lagrangian import lagrangian
from steelyard.optimize.vault.planes import as_planes
from steelyard.optimize.vault.sqp import maximise
from steelyard.optimize.vault.winding_up import WindingUp
from steelyard.optimize.vault_model import VaultModel

FEW = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
EVERY = Kinds(gas=1e-4, floors=True, reduce_only=True)
ROUNDING = 1e-11
PRICE = 0.3  # of risk
NEAREST = 1e-4  # of NAV: for the nearest to a limit, net counts so much yet
SELLING = (3, 4, 5, 6, 13, 18, 21, 27, 30, 35, 39, 42)  # pools that are not used up


def allowed_orders(
    problem: Problem, generator: np.random.Generator, count: int = 12
) -> list[Allocation]:
    """Of doing nothing and random moves and swaps, those that keep every limit."""
    found = random_allocations(problem, generator, count)
    return [each for each in found if worst_violation(problem, each) <= 1e-15]


def answered(problem: Problem, model: VaultModel) -> Solution:
    """The answer; numpy's warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return optimize(replace(problem, model=model))


def measured(aim: Aim, orders: list[Allocation]) -> list[Measured]:
    """Those that meet the goal's own limits, by its terms."""
    found = [by_aim(aim, order) for order in orders]
    return [each for each in found if each.missed <= 0]


def check_bound(problem: Problem, model: VaultModel, draw: int) -> Solution:
    """The answer; nothing allowed is worth more than its bound."""
    answer = answered(problem, model)
    if answer.reason is Reason.REFUSED and "nothing allowed nets" not in answer.detail:
        return answer  # without risk, or without anything that has any
    aim = aim_of(problem, model)
    orders = allowed_orders(problem, np.random.default_rng(draw))
    others = measured(aim, orders)
    if answer.reason is Reason.REFUSED:
        assert isinstance(aim.goal, LargestRatio)
        rate = aim.goal.risk_free
        assert max([each.net - rate for each in others], default=0.0) <= ROUNDING
    if answer.reason in (Reason.INFEASIBLE, Reason.NEARER) and answer.conflicts:
        assert not others
    if answer.reason is Reason.NEARER:
        before = by_aim(aim, nothing(problem))
        assert 0 < answer.measured.missed < before.missed
        assert answer.measured.risk <= before.risk
        missed = min(by_aim(aim, order).missed for order in orders)
        assert answer.measured.missed <= missed + NEAREST
    gap = answer.stats.certified_gap
    if is_reached(answer) and gap is not None:
        assert gap >= 0
        bound = answer.measured.worth + gap
        for other in others:
            assert other.worth <= bound + ROUNDING * max(1.0, abs(other.worth))
    return answer


@FEW
@given(
    case=st.integers(0, 10_000),
    draw=st.integers(0, 2**32 - 1),
    goal=st.sampled_from(GOALS),
    measure=st.sampled_from(sorted(MEASURES)),
    winding=st.sampled_from(sorted(WINDINGS)),
)
def test_optimize__any_measure_and_goal__no_order_is_worth_more_than_the_bound(
    case: int, draw: int, goal: str, measure: str, winding: str
) -> None:
    problem = random_case(case, EVERY)
    generator = np.random.default_rng(draw)
    model = random_model(problem, generator, goal, measure, winding)

    check_bound(problem, model, draw)


@FEW
@given(
    case=st.integers(0, 10_000),
    draw=st.integers(0, 2**32 - 1),
    goal=st.sampled_from(GOALS),
)
def test_optimize__doubted_moments__no_order_is_worth_more_than_the_bound(
    case: int, draw: int, goal: str
) -> None:
    problem = random_case(case, Kinds(gas=5e-5))
    generator = np.random.default_rng(draw)
    model = random_model(problem, generator, goal, "variance", is_doubted=True)

    check_bound(problem, model, draw)


@FEW
@given(
    case=st.integers(0, 10_000),
    draw=st.integers(0, 2**32 - 1),
    model=st.sampled_from([MaximumDiversification(), Kelly(), Kelly(drawdown=0.3)]),
)
def test_optimize__growth_and_diversification__no_order_is_worth_more_than_the_bound(
    case: int, draw: int, model: Kelly | MaximumDiversification
) -> None:
    problem = random_case(case, Kinds(gas=5e-5))
    scenarios = scenarios_of(problem, np.random.default_rng(draw))

    check_bound(problem, VaultModel(model=model, scenarios=scenarios), draw)


@pytest.mark.parametrize("measure", sorted(MEASURES))
@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("seed", range(6))
def test_optimize__no_gas__meets_limits_within_a_billionth_of_the_bound(
    seed: int, goal: str, measure: str
) -> None:
    problem = safe_asset(random_case(seed))
    model = random_model(problem, np.random.default_rng(seed), goal, measure)

    answer = check_bound(problem, model, seed)

    if not is_reached(answer):
        return
    assert worst_violation(problem, answer.allocation) <= 1e-9
    assert answer.measured.missed <= 1e-9
    assert answer.stats.certified_gap is not None
    assert counted_in_net(answer, model) <= 1e-9


@pytest.mark.parametrize("winding", ["none", "in net"])
@pytest.mark.parametrize("measure", sorted(MEASURES))
@pytest.mark.parametrize("seed", range(5))
def test_optimize__gas_and_one_price_of_risk__branching_closes_the_gap(
    seed: int, measure: str, winding: str
) -> None:
    problem = safe_asset(random_case(seed, Kinds(gas=1e-4)))
    wanted = random_model(
        problem, np.random.default_rng(seed), "utility", measure, winding
    )
    model = with_goal(wanted, Utility(risk_aversion=0.2))

    answer = check_bound(problem, model, seed)

    assert is_reached(answer)
    assert answer.stats.certified_gap is not None
    assert answer.stats.certified_gap <= 2e-9


def is_reached(answer: Solution) -> bool:
    """Whether the goal is met, and nothing given up."""
    return answer.reason in (Reason.REBALANCE_PAYS, Reason.NOTHING_PAYS)


def safe_asset(problem: Problem) -> Problem:
    """No tag of a token fails: where all that can be held may, less is safer, and
    what burns value in swaps is wanted, which is not concave."""
    exposure = problem.tag_exposure.copy()
    exposure[:, : len(problem.inventory)] = 0.0
    return replace(problem, tag_exposure=exposure)


def counted_in_net(answer: Solution, model: VaultModel) -> float:
    """The certified gap as a share of NAV: that of a ratio is one of its net."""
    assert isinstance(model.model, MeanRisk)
    assert answer.stats.certified_gap is not None
    is_ratio = isinstance(model.model.goal, LargestRatio)
    return answer.stats.certified_gap * (answer.measured.risk if is_ratio else 1.0)


@FEW
@given(
    case=st.integers(0, 10_000),
    draw=st.integers(0, 2**32 - 1),
    measure=st.sampled_from(sorted(MEASURES)),
    winding=st.sampled_from(sorted(WINDINGS)),
)
def test_aim__planes_of_any_charge__are_nowhere_above_it(
    case: int, draw: int, measure: str, winding: str
) -> None:
    problem, generator = random_case(case), np.random.default_rng(draw)
    doubts = random_doubts(problem, generator) if measure == "variance" else ()
    model = VaultModel(
        model=MeanRisk(measure=MEASURES[measure], doubts=doubts),
        scenarios=scenarios_of(problem, generator),
        unwinding=WINDINGS[winding],
    )
    aim = aim_of(problem, model)

    for charge in (*aim.costs, *aim.risk, *(each.charge for each in aim.limits)):
        check_planes(charge, problem, generator)


@FEW
@given(case=st.integers(0, 10_000), draw=st.integers(0, 2**32 - 1))
def test_aim__planes_of_growth_and_rare_drawdowns__are_nowhere_above_them(
    case: int, draw: int
) -> None:
    problem, generator = random_case(case), np.random.default_rng(draw)
    scenarios = 0.999 * scenarios_of(problem, generator)
    aim = aim_of(problem, VaultModel(model=Kelly(drawdown=0.3), scenarios=scenarios))

    for charge in (*aim.risk, *(each.charge for each in aim.limits)):
        check_planes(charge, problem, generator)


def check_planes(
    charge: Charge, problem: Problem, generator: np.random.Generator
) -> None:
    """Each touches the charge where it was drawn, and lies under it elsewhere."""
    columns = len(problem.inventory) + len(problem.slots)
    points = generator.dirichlet(np.full(columns, 0.5), 6)
    planes = [charge.plane(z) for z in points]
    values = np.array([plane.value for plane in planes])
    heights = np.array([p.start + points @ p.slopes for p in planes])  # by plane, at z
    assert np.isfinite(heights).all()
    assert (heights <= values + 1e-9).all()
    assert heights.diagonal() == pytest.approx(values, abs=1e-9)


@FEW
@given(
    case=st.integers(0, 10_000),
    draw=st.integers(0, 2**32 - 1),
    measure=st.sampled_from(sorted(MEASURES)),
    winding=st.sampled_from(sorted(WINDINGS)),
)
def test_lagrangian__charges_and_planes_at_any_prices__no_order_is_worth_more(
    case: int, draw: int, measure: str, winding: str
) -> None:
    problem, generator = random_case(case), np.random.default_rng(draw)
    model = random_model(problem, generator, "least", measure, winding)
    aim = aim_of(problem, model)
    orders = allowed_orders(problem, generator)
    z = orders[-1].z
    arrays = charged_arrays(aim, [order.z for order in orders[:2]])

    bounds = [
        lagrangian(arrays, whole(arrays), z, random_prices(arrays, generator)).bound
        for _ in range(5)
    ]

    for order in orders:
        worth = aim.net(order) - PRICE * aim.risk_of(order)
        assert worth <= min(bounds) + ROUNDING


@pytest.mark.parametrize("measure", ["variance", "entropic", "wasserstein"])
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 6, 7, 8, 9])
def test_lagrangian__charges_at_the_best_prices__bound_is_the_best(
    seed: int, measure: str
) -> None:
    problem = safe_asset(replace(random_case(seed), lending=()))
    generator = np.random.default_rng(seed)
    model = random_model(problem, generator, "least", measure)
    here = [nothing(problem).z]
    arrays = charged_arrays(aim_of(problem, model), here)

    found = maximise(arrays, whole(arrays))

    z, prices = found.standing.z, found.prices
    bound = lagrangian(arrays, whole(arrays), z, prices).bound
    assert bound == pytest.approx(found.standing.value, abs=1e-10)


def charged_arrays(aim: Aim, points: list[Floats]) -> VaultArrays:
    """Risk at its price, and all other costs; tails as planes at these points."""
    charges = [*aim.costs]
    charges += [replace(risk, weight=PRICE * risk.weight) for risk in aim.risk]
    smooth = [each for each in charges if isinstance(each.function, Length | Entropic)]
    planes = [
        [charge.plane(z) for z in points] for charge in charges if charge not in smooth
    ]
    arrays = replace(as_arrays(aim.plain), charges=tuple(smooth))
    if not planes:
        return arrays
    return replace(arrays, planes=as_planes(planes, np.ones(len(planes))))


SMOOTH = {
    "length": Length(),
    "entropic": Entropic(level=0.9),
    "log loss": LogLoss(),
    "log moment": LogMoment(power=3.0),
}


@pytest.mark.parametrize("name", sorted(SMOOTH))
@pytest.mark.parametrize("seed", range(4))
def test_charge__hessian__is_the_difference_of_slopes(seed: int, name: str) -> None:
    generator = np.random.default_rng(seed)
    charge = Charge(
        function=SMOOTH[name],
        matrix=0.2 * generator.normal(size=(40, 5)),
        offset=0.02 * generator.normal(size=40),
        weight=0.7,
    )
    z = generator.uniform(0.1, 0.6, 5)

    hessian = charge.hessian(z)

    assert hessian is not None
    assert hessian == pytest.approx(differences(charge, z, 1e-5), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("seed", SELLING)
def test_charge__hessian_of_winding_up__is_the_difference_of_slopes(seed: int) -> None:
    problem = random_case(seed)
    generator = np.random.default_rng(seed)
    tokens = len(problem.inventory)
    charge = Charge(
        function=WindingUp(problem, Unwinding(unsold_loss=0.2, slices=20)),
        matrix=0.3 * exposures(problem),
        offset=np.full(tokens, 1e-3),
    )
    z = generator.uniform(0.1, 0.6, tokens + len(problem.slots))
    expected = differences(charge, z, 1e-5)

    hessian = charge.hessian(z)

    assert hessian is not None
    assert np.abs(expected).max() > 1e-3
    assert hessian == pytest.approx(expected, rel=1e-3, abs=1e-5)


def differences(charge: Charge, z: Floats, step: float) -> Floats:
    """Of its slopes, both sides of z."""
    steps = step * np.eye(len(z))
    rows = [charge.plane(z + e).slopes - charge.plane(z - e).slopes for e in steps]
    return np.array(rows) / (2 * step)
