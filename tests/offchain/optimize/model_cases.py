# SPDX-License-Identifier: MIT
"""What may be wanted of a random vault: every measure, goal and way of winding up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.measured import Measured, by_aim
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    CVaR,
    Doubt,
    EllipsoidalCovariance,
    EllipsoidalMean,
    EntropicVaR,
    Goal,
    LargestRatio,
    LeastRisk,
    MeanRisk,
    Measure,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    Variance,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.terms import nothing
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault.aim import aim_of
from steelyard.optimize.vault_model import VaultModel

Generator = np.random.Generator

MEASURES: dict[str, Measure] = {
    "variance": Variance(),
    "cvar": CVaR(level=0.9),
    "entropic": EntropicVaR(level=0.9),
    "worst": WorstCase(),
    "wasserstein": WassersteinCVaR(level=0.9, radius=0.002),
}
GOALS = ("utility", "least", "risk", "return", "ratio")
WINDINGS: dict[str, Unwinding | None] = {
    "none": None,
    "in net": Unwinding(depth=0.5),
    "in net, slowly": Unwinding(weight=0.5, slices=3, unsold_loss=0.1),
    "limit": Unwinding(weight=0.0, limit=0.02, unsold_loss=0.2),
}


def scenarios_of(problem: Problem, generator: Generator, count: int = 80) -> Floats:
    """(count, n_tokens + n_slots) fat tails around the means; tags fail now and then.

    Never under -100 %; the asset itself is worth what it is.
    """
    years, tokens = problem.horizon_years, len(problem.inventory)
    roots, vectors = np.linalg.eigh(problem.covariance * years)
    factor = vectors * np.sqrt(np.maximum(roots, 0.0))
    drawn = generator.standard_t(4, size=(count, tokens)) / np.sqrt(2)
    prices = problem.expected_returns * years + drawn @ factor.T
    prices[:, 0] = 0.0
    prices = np.maximum(prices, -1.0)
    failed = generator.random((count, len(problem.tag_variance))) < 0.02
    lost = 0.5 * np.minimum(failed @ (problem.tag_exposure > 0), 1.0)
    held = prices @ np.hstack([np.eye(tokens), problem.compositions])
    return np.asarray((1 + held) * (1 - lost) - 1)


def random_doubts(problem: Problem, generator: Generator) -> tuple[Doubt, ...]:
    """One of each kind."""
    tokens = len(problem.inventory)
    root = generator.normal(size=(tokens, tokens))
    width = 0.02 * generator.uniform(size=(tokens, tokens))
    return (
        EllipsoidalMean(radius=0.3, shape=0.1 * root @ root.T),
        BoxMean(half_widths=generator.uniform(0, 0.1, tokens)),
        BoxCovariance(half_widths=width + width.T),
        EllipsoidalCovariance(radius=0.02),
    )


def measured_nothing(problem: Problem, wanted: VaultModel) -> Measured:
    """Of doing nothing, by this model."""
    return by_aim(aim_of(problem, wanted), nothing(problem))


def goal_of(
    kind: str, problem: Problem, wanted: VaultModel, generator: Generator
) -> Goal:
    """A goal of this kind that doing nothing meets, or misses by a little."""
    before = measured_nothing(problem, wanted)
    if kind == "utility":
        return Utility(risk_aversion=float(generator.choice([0.0, 0.1, 1.0, 4.0])))
    if kind == "risk":
        return RiskAtMost(limit=before.risk * generator.choice([0.3, 0.9, 1.0, 1.5]))
    if kind == "return":
        asked = before.net + generator.choice([-1e-3, 0.0, 1e-4, 1e-3])
        return ReturnAtLeast(expected_return=float(asked))
    if kind == "ratio":
        rate = before.net - generator.choice([1e-2, 1e-3, -1e-4])
        return LargestRatio(risk_free=float(rate))
    return LeastRisk()


def random_model(
    problem: Problem,
    generator: Generator,
    goal: str,
    measure: str,
    winding: str = "none",
    *,
    is_doubted: bool = False,
) -> VaultModel:
    """The model over scenarios of its own."""
    doubts = random_doubts(problem, generator) if is_doubted else ()
    wanted = VaultModel(
        model=MeanRisk(measure=MEASURES[measure], doubts=doubts),
        scenarios=scenarios_of(problem, generator),
        unwinding=WINDINGS[winding],
    )
    return with_goal(wanted, goal_of(goal, problem, wanted, generator))


def with_goal(wanted: VaultModel, goal: Goal) -> VaultModel:
    """The same measure, scenarios and winding up."""
    assert isinstance(wanted.model, MeanRisk)
    return replace(wanted, model=replace(wanted.model, goal=goal))
