# SPDX-License-Identifier: MIT
"""Inputs at the edge of what there is: an optimal answer or a typed reason, soon."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from model_cases import GOALS, MEASURES, WINDINGS, goal_of, scenarios_of, with_goal
from random_cases import Kinds, random_case

from steelyard.bench.vault_cases import vault_case
from steelyard.optimize import Solution, optimize
from steelyard.optimize.errors import OptimizeError
from steelyard.optimize.models import (
    CVaR,
    EntropicVaR,
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
    Kelly,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    Measure,
    Model,
    RiskBudgeting,
    Utility,
    WassersteinCVaR,
)
from steelyard.optimize.outcome import Reason, Status
from steelyard.optimize.problem import Floats, Problem, Row
from steelyard.optimize.solution import broken_rows
from steelyard.optimize.terms import LEAST_CHANGE, nothing, worst_violation
from steelyard.optimize.vault_model import VaultModel

MOST_SECONDS = 2.0
OTHERS: tuple[Model, ...] = (
    Kelly(),
    Kelly(drawdown=0.2),
    MaximumDiversification(),
    RiskBudgeting(),
    RiskBudgeting(measure=CVaR(level=0.9)),
    HierarchicalRiskParity(),
    HierarchicalEqualRisk(),
    HierarchicalEqualRisk(measure=CVaR(level=0.9), clusters=2),
)


def answered(problem: Problem) -> Solution | None:
    """None where it is refused with a word of ours; soon, and without a warning."""
    start, answer = process_time(), None
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        with suppress(OptimizeError):
            answer = optimize(problem)
    assert process_time() - start < MOST_SECONDS
    if answer is not None:
        check_numbers(problem, answer)
    return answer


def check_numbers(problem: Problem, answer: Solution) -> None:
    """No NaN; an order keeps all limits."""
    measured, allocation = answer.measured, answer.allocation
    assert np.isfinite(allocation.z).all()
    assert np.isfinite(allocation.inputs).all()
    assert not np.isnan([measured.net, measured.risk, measured.worth]).any()
    assert answer.detail
    if answer.is_rebalance:
        # the reference, where all else fails, meets limits less exactly
        within = 1e-9 if answer.stats.solver == "SQP" else LEAST_CHANGE
        assert worst_violation(problem, allocation) <= within
    if answer.status is Status.OPTIMAL and answer.stats.certified_gap is not None:
        assert answer.stats.certified_gap >= 0


def with_scenarios(problem: Problem, scenarios: Floats, model: Model) -> Problem:
    """The model over these scenarios."""
    return replace(problem, model=VaultModel(model=model, scenarios=scenarios))


def try_all(problem: Problem, scenarios: Floats) -> list[Solution | None]:
    """Every goal under every measure, then every other model."""
    generator = np.random.default_rng(0)
    found = []
    for measure in MEASURES.values():
        wanted = VaultModel(model=MeanRisk(measure=measure), scenarios=scenarios)
        for kind in GOALS:
            goal = goal_of(kind, problem, wanted, generator)
            model = with_goal(wanted, goal)
            found.append(answered(replace(problem, model=model)))
    found += [answered(with_scenarios(problem, scenarios, each)) for each in OTHERS]
    return found


def small_case() -> Problem:
    """Three tokens, six slots of every kind, three pools."""
    return random_case(9)


def drawn(problem: Problem, count: int = 40) -> Floats:
    """Scenarios as usual."""
    return scenarios_of(problem, np.random.default_rng(4), count)


def without_slots(problem: Problem, keep: tuple[int, ...]) -> Problem:
    """Only these, none of which lends, earns fees or thins a pool."""
    tokens = len(problem.inventory)
    columns = [*range(tokens), *(tokens + j for j in keep)]
    return replace(
        problem,
        slots=tuple(problem.slots[j] for j in keep),
        fee_pools=(),
        lending=(),
        legs=tuple(
            replace(leg, pieces=tuple(replace(each, thinned=()) for each in leg.pieces))
            for leg in problem.legs
        ),
        rows=tuple(
            replace(row, coefficients=row.coefficients[columns]) for row in problem.rows
        ),
        budgets=tuple(
            replace(
                each,
                per_raised=each.per_raised[list(keep)],
                per_lowered=each.per_lowered[list(keep)],
            )
            for each in problem.budgets
        ),
        tag_exposure=problem.tag_exposure[:, columns],
    )


def without_legs(problem: Problem) -> Problem:
    """No pool at all."""
    none = np.zeros(0)
    budgets = [replace(e, per_input=none, per_output=none) for e in problem.budgets]
    return replace(problem, legs=(), budgets=tuple(budgets))


def twins(problem: Problem) -> Problem:
    """Each slot again as the next to it, empty."""
    problem = without_slots(problem, tuple(range(len(problem.slots))))
    tokens, count = len(problem.inventory), len(problem.slots)
    columns = [*range(tokens + count), *range(tokens, tokens + count)]
    empty = tuple(replace(e, value=0.0, lowest=0.0) for e in problem.slots)
    return replace(
        problem,
        slots=problem.slots + empty,
        rows=tuple(
            replace(row, coefficients=row.coefficients[columns]) for row in problem.rows
        ),
        budgets=tuple(
            replace(
                each,
                per_raised=np.tile(each.per_raised, 2),
                per_lowered=np.tile(each.per_lowered, 2),
            )
            for each in problem.budgets
        ),
        tag_exposure=problem.tag_exposure[:, columns],
    )


def over_caps(problem: Problem) -> Problem:
    """Every token but the asset is to be halved, and each slot with it."""
    tokens, size = len(problem.inventory), len(nothing(problem).z)
    rows = []
    for column in range(1, size):
        held = float(nothing(problem).z[column])
        over = np.eye(size)[column]
        name, half = f"half {column}", held / 2 if column >= tokens else held
        rows.append(Row(name=name, kind="position", coefficients=over, bound=half))
    return replace(problem, rows=tuple(rows))


def used_up(problem: Problem) -> Problem:
    """No budget is left."""
    budgets = tuple(replace(each, bound=0.0) for each in problem.budgets)
    return replace(problem, budgets=budgets)


PROBLEMS: dict[str, Callable[[Problem], Problem]] = {
    "one position": lambda problem: without_slots(problem, (0,)),
    "no positions": lambda problem: without_slots(problem, ()),
    "no pools": without_legs,
    "neither": lambda problem: without_legs(without_slots(problem, ())),
    "positions twice": twins,
    "covariance of rank 1": lambda problem: replace(
        problem, covariance=0.04 * np.outer(*2 * [np.arange(len(problem.inventory))])
    ),
    "no covariance": lambda problem: replace(
        problem,
        covariance=0 * problem.covariance,
        tag_variance=0 * problem.tag_variance,
    ),
    "means below 0": lambda problem: replace(
        problem, expected_returns=-0.5 - np.abs(problem.expected_returns)
    ),
    "held above all caps": over_caps,
    "budgets used up": used_up,
    "an hour ahead": lambda problem: replace(problem, horizon_years=1 / 8760),
    "ten years ahead": lambda problem: replace(problem, horizon_years=10.0),
    "nav of one unit": lambda problem: replace(problem, nav=1),
    "nav of 1e30": lambda problem: replace(problem, nav=10**30),
    "one solve": lambda problem: replace(problem, max_solves=1),
}


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_optimize__problem_at_the_edge__an_answer_or_a_typed_reason(name: str) -> None:
    problem = PROBLEMS[name](small_case())

    found = try_all(problem, drawn(problem))

    assert any(found)


SCENARIOS: dict[str, Callable[[Floats], Floats]] = {
    "two": lambda drawn: drawn[:2],
    "one": lambda drawn: drawn[:1],
    "all the same": lambda drawn: np.tile(drawn[3], (40, 1)),
    "zeros": np.zeros_like,
    "losses alone": lambda drawn: -np.abs(drawn),
    "gains alone": np.abs,
    "all is lost in one": lambda drawn: np.vstack([drawn, np.full(drawn.shape[1], -1)]),
    "a token is lost in one": lambda drawn: np.where(
        np.arange(drawn.size).reshape(drawn.shape) == 1, -1.0, drawn
    ),
    "tiny": lambda drawn: 1e-12 * drawn,
    "huge": lambda drawn: np.maximum(100 * drawn, -1.0),
}


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_optimize__scenarios_at_the_edge__an_answer_or_a_typed_reason(
    name: str,
) -> None:
    problem = small_case()
    scenarios = SCENARIOS[name](drawn(problem))

    found = try_all(problem, scenarios)

    assert any(found)


@pytest.mark.parametrize("level", [0.0, 0.9999])
@pytest.mark.parametrize("kind", GOALS)
def test_optimize__level_at_its_ends__an_answer_or_a_typed_reason(
    kind: str, level: float
) -> None:
    problem = small_case()
    measures: tuple[Measure, ...] = (
        CVaR(level=level),
        EntropicVaR(level=level),
        WassersteinCVaR(level=level, radius=1e-4),
    )
    for measure in measures:
        for winding in WINDINGS.values():
            wanted = VaultModel(
                model=MeanRisk(measure=measure),
                scenarios=drawn(problem),
                unwinding=winding,
            )
            generator = np.random.default_rng(1)
            goal = goal_of(kind, problem, wanted, generator)

            answered(replace(problem, model=with_goal(wanted, goal)))


@pytest.mark.parametrize("model", OTHERS)
def test_optimize__all_is_lost_in_a_scenario__growth_and_recipes_end(
    model: Model,
) -> None:
    problem = vault_case(0)
    scenarios = drawn(problem)
    scenarios[7, 1:] = -1.0

    answer = answered(with_scenarios(problem, scenarios, model))

    assert answer is None or answer.status is Status.OPTIMAL


@pytest.mark.parametrize("model", [Kelly(), Kelly(drawdown=0.2)])
def test_optimize__all_that_stands_is_lost_in_a_scenario__growth_refused(
    model: Model,
) -> None:
    problem = small_case()
    scenarios = drawn(problem)
    scenarios[7] = -1.0

    answer = answered(with_scenarios(problem, scenarios, model))

    assert answer is not None
    assert answer.reason is Reason.REFUSED
    assert "all that stands now is lost" in answer.detail


def test_optimize__held_above_a_cap__forced_to_act_though_it_costs() -> None:
    problem = over_caps(vault_case(0))
    model = MeanRisk(goal=Utility(risk_aversion=0.0))

    answer = answered(with_scenarios(problem, drawn(problem), model))

    assert broken_rows(problem, nothing(problem))
    assert answer is not None
    assert answer.reason is Reason.REBALANCE_PAYS
    assert worst_violation(problem, answer.allocation) <= 1e-9


def test_optimize__budgets_used_up__least_risk_moves_what_costs_nothing() -> None:
    problem = used_up(vault_case(0))

    answer = answered(with_scenarios(problem, drawn(problem), MeanRisk()))

    assert answer is not None
    assert not answer.swaps


@pytest.mark.parametrize("seed", range(6))
def test_optimize__impossible_floor__infeasible_under_every_model(seed: int) -> None:
    problem = random_case(seed, Kinds(floors=False))
    size = len(nothing(problem).z)
    floor = Row(name="floor", kind="floor", coefficients=-np.ones(size), bound=-2.0)
    problem = replace(problem, rows=(*problem.rows, floor))
    scenarios = drawn(problem)

    for model in (MeanRisk(), MeanRisk(measure=CVaR(), goal=LeastRisk()), *OTHERS):
        answer = answered(with_scenarios(problem, scenarios, model))
        if answer is not None:
            assert answer.reason is Reason.INFEASIBLE
            assert "floor" in answer.conflicts
