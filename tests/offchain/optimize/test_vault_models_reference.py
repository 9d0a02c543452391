# SPDX-License-Identifier: MIT
"""Any measure and goal over amounts, and winding up, beside the same in cvxpy."""

from __future__ import annotations

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from model_cases import MEASURES, WINDINGS, measured_nothing, scenarios_of
from random_cases import Kinds, random_case

from steelyard.bench.vault_cases import vault_case
from steelyard.optimize import optimize
from steelyard.optimize.cones.candidates import Freedom
from steelyard.optimize.cones.goal import states
from steelyard.optimize.cones.leave_out import conic_search_by
from steelyard.optimize.cones.unwinding import ConicUnwinding
from steelyard.optimize.measured import Measured
from steelyard.optimize.models import (
    BoxMean,
    Goal,
    Kelly,
    LargestRatio,
    LeastRisk,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
)
from steelyard.optimize.outcome import Status
from steelyard.optimize.problem import Problem
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault.aim import aim_of
from steelyard.optimize.vault.winding_up import WindingUp
from steelyard.optimize.vault_model import VaultModel

KINDS = ("utility", "least", "risk", "return")
TIGHT = {"tol_gap_abs": 1e-9, "tol_gap_rel": 1e-9, "tol_feas": 1e-9}
ALIKE = 1e-6  # of NAV: what cvxpy's solvers and its lines for interest leave open


def goal_for(kind: str, measure: str, before: Measured) -> Goal:
    """What doing nothing is near to."""
    goals: dict[str, Goal] = {
        "utility": Utility(risk_aversion=4.0 if measure == "variance" else 0.05),
        "least": LeastRisk(),
        "risk": RiskAtMost(limit=0.6 * before.risk),
        "return": ReturnAtLeast(expected_return=before.net + 2e-4),
    }
    return goals[kind]


def case_of(kind: str, measure: str, winding: str, problem: Problem) -> Problem:
    """With the model in it."""
    plain = MeanRisk(measure=MEASURES[measure])
    wanted = VaultModel(
        model=plain,
        scenarios=scenarios_of(problem, np.random.default_rng(1), 60),
        unwinding=WINDINGS[winding],
    )
    goal = goal_for(kind, measure, measured_nothing(problem, wanted))
    return replace(problem, model=replace(wanted, model=replace(plain, goal=goal)))


def by_cvxpy(problem: Problem) -> float:
    """What the reference's best order is worth, by the true formulas."""
    assert problem.model is not None
    search = conic_search_by(problem, aim_of(problem, problem.model))
    assert search is not None
    found = search.best(Freedom())
    assert found is not None
    return found.net


WOUND = [
    ("utility", "variance", "in net"),
    ("utility", "cvar", "limit"),
    ("least", "worst", "in net, slowly"),
    ("risk", "entropic", "in net"),
    ("risk", "cvar", "limit"),
    ("return", "wasserstein", "in net, slowly"),
    ("return", "variance", "in net, slowly"),
]


@pytest.mark.parametrize(
    ("kind", "measure", "winding"),
    [*((kind, each, "none") for kind in KINDS for each in sorted(MEASURES)), *WOUND],
)
def test_optimize__each_measure_and_goal__is_worth_what_cvxpy_finds(
    kind: str, measure: str, winding: str
) -> None:
    unlent = replace(vault_case(3), lending=())  # lines would not be exact interest
    problem = case_of(kind, measure, winding, unlent)

    answer = optimize(problem)

    assert answer.status is Status.OPTIMAL
    assert answer.stats.solver == "SQP"
    assert answer.measured.worth == pytest.approx(by_cvxpy(problem), abs=ALIKE)


def test_optimize__lending_kinks__is_worth_no_less_than_what_cvxpy_finds() -> None:
    problem = case_of("utility", "cvar", "none", vault_case(3))

    answer = optimize(problem)

    assert answer.measured.worth >= by_cvxpy(problem) - ALIKE


def test_states__ratios_and_doubts__are_left_to_others() -> None:
    doubted = MeanRisk(doubts=(BoxMean(half_widths=np.zeros(5)),))

    assert states(VaultModel(model=MeanRisk()))
    assert not states(VaultModel(model=MeanRisk(goal=LargestRatio())))
    assert not states(VaultModel(model=doubted))
    assert not states(VaultModel(model=Kelly()))


SELLERS = (
    Unwinding(),
    Unwinding(depth=0.2, slices=4),
    Unwinding(unsold_loss=0.003),
    Unwinding(unsold_loss=0.0),
)


@pytest.mark.parametrize("unwinding", SELLERS)
@pytest.mark.parametrize("seed", range(3))
def test_winding_up__random_exposures__cost_what_cvxpy_finds(
    seed: int, unwinding: Unwinding
) -> None:
    problem = vault_case(seed)
    generator = np.random.default_rng(seed)
    winding, held = WindingUp(problem, unwinding), cp.Parameter(5, nonneg=True)
    stated = ConicUnwinding(cp, problem, unwinding, held)
    program = cp.Problem(cp.Minimize(stated.cost), stated.constraints)
    for size in (1e-4, 0.03, 1.0):
        held.value = size * generator.dirichlet(np.ones(5))

        seen = winding.see(held.value, None)

        program.solve(solver="CLARABEL", **TIGHT)
        assert seen.value == pytest.approx(program.value, abs=1e-8)


@pytest.mark.parametrize("seed", range(12))
def test_winding_up__pools_of_all_kinds__cost_what_cvxpy_finds(seed: int) -> None:
    problem = random_case(seed, Kinds(most_pools=6))
    generator = np.random.default_rng(seed)
    tokens = len(problem.inventory)
    unwinding = Unwinding(
        depth=float(generator.uniform(0.1, 1)),
        slices=float(generator.uniform(1, 9)),
        unsold_loss=float(generator.uniform(0, 1)),
    )
    held = cp.Parameter(tokens, nonneg=True)
    held.value = generator.dirichlet(np.ones(tokens)) * generator.choice([0.01, 0.3])

    seen = WindingUp(problem, unwinding).see(held.value, None)

    stated = ConicUnwinding(cp, problem, unwinding, held)
    program = cp.Problem(cp.Minimize(stated.cost), stated.constraints)
    program.solve(solver="CLARABEL", **TIGHT)
    assert seen.value == pytest.approx(program.value, abs=1e-8)
