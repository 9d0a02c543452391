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
)
from random_cases import Kinds, random_case

from steelyard.optimize import Solution, optimize
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.measured import Measured, by_aim
from steelyard.optimize.models import (
    Kelly,
    LargestRatio,
    MaximumDiversification,
    MeanRisk,
)
from steelyard.optimize.outcome import Reason
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.reference.entropic import Entropic
from steelyard.optimize.reference.smooth import Length, LogLoss, LogMoment
from steelyard.optimize.settle import settle
from steelyard.optimize.terms import Allocation, nothing, worst_violation
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault.aim import Aim, aim_of, exposures
from steelyard.optimize.vault.charges import Charge
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
SELLING = (3, 4, 5, 6, 13, 18, 21, 27, 30, 35, 39, 42)  # pools that are not used up


def allowed_orders(
    problem: Problem, generator: np.random.Generator, count: int = 12
) -> list[Allocation]:
    """Of doing nothing and random moves and swaps, those that keep every limit."""
    found = [nothing(problem)]
    lowest = np.array([s.lowest for s in problem.slots])
    highest = np.array([s.highest for s in problem.slots])
    for _ in range(count):
        size = 10 ** generator.uniform(-4, -0.5)
        moved = generator.normal(size=len(problem.slots)) * size
        moved *= generator.random(len(problem.slots)) < 0.5
        inputs = generator.uniform(0, size, len(problem.legs))
        inputs *= generator.random(len(problem.legs)) < 0.3
        values = np.clip(problem.values + moved, lowest, highest)
        made = settle(problem, values, inputs, lowest, highest)
        found += [made] if made is not None else []
    return [each for each in found if worst_violation(problem, each) <= 1e-15]


def answered(problem: Problem, model: VaultModel) -> Solution | None:
    """None where theory refuses; numpy's warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return optimize(replace(problem, model=model))
        except ModelRefused:
            return None


def measured(aim: Aim, orders: list[Allocation]) -> list[Measured]:
    """Those that meet the goal's own limits, by its terms."""
    found = [by_aim(aim, order) for order in orders]
    return [each for each in found if each.missed <= 0]


def check_bound(problem: Problem, model: VaultModel, draw: int) -> Solution | None:
    """The answer; nothing allowed is worth more than its bound."""
    answer = answered(problem, model)
    aim = aim_of(problem, model)
    orders = allowed_orders(problem, np.random.default_rng(draw))
    others = measured(aim, orders)
    if answer is None:
        goal = aim.goal
        assert isinstance(goal, LargestRatio)
        nets = [each.net - goal.risk_free for each in others]
        is_riskless = "without risk" in refusal(problem, model)
        assert is_riskless or max(nets, default=0.0) <= ROUNDING
        return None
    if answer.reason in (Reason.INFEASIBLE, Reason.NEARER) and answer.conflicts:
        assert not others
    if answer.reason is Reason.NEARER:
        before = by_aim(aim, nothing(problem))
        assert 0 < answer.measured.missed < before.missed
        assert answer.measured.risk <= before.risk
    gap = answer.stats.certified_gap
    if is_reached(answer) and gap is not None:
        assert gap >= 0
        bound = answer.measured.worth + gap
        for other in others:
            assert other.worth <= bound + ROUNDING * max(1.0, abs(other.worth))
    return answer


def refusal(problem: Problem, model: VaultModel) -> str:
    """What is said of it."""
    with pytest.raises(ModelRefused) as refused:
        optimize(replace(problem, model=model))
    return str(refused.value)


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

    if answer is None or not is_reached(answer):
        return
    assert worst_violation(problem, answer.allocation) <= 1e-9
    assert answer.measured.missed <= 1e-9
    assert answer.stats.certified_gap is not None
    assert counted_in_net(answer, model) <= 1e-9


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

    for charge in (*aim.costs, *aim.risk, *(each for each, _ in aim.limits)):
        check_planes(charge, problem, generator)


@FEW
@given(case=st.integers(0, 10_000), draw=st.integers(0, 2**32 - 1))
def test_aim__planes_of_growth_and_rare_drawdowns__are_nowhere_above_them(
    case: int, draw: int
) -> None:
    problem, generator = random_case(case), np.random.default_rng(draw)
    scenarios = 0.999 * scenarios_of(problem, generator)
    aim = aim_of(problem, VaultModel(model=Kelly(drawdown=0.3), scenarios=scenarios))

    for charge in (*aim.risk, *(each for each, _ in aim.limits)):
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
