# SPDX-License-Identifier: MIT
"""Solvers that fail or say what is not so, and inputs of sizes that mislead them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cvxpy
import numpy as np
import pytest
from reference_cases import assert_certified, by_reference, portfolio_of

from steelyard.optimize.budgeting import nearest
from steelyard.optimize.cones.solvers import attempts
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.models import (
    CVaR,
    EntropicVaR,
    MeanRisk,
    RiskAtMost,
    Utility,
    WorstCase,
)
from steelyard.optimize.reference import solve
from steelyard.optimize.reference.families import ways_of

RETURNS = np.random.default_rng(0).normal(0.002, 0.02, (60, 4))


def traded(returns, **known):
    """Weights of a quarter each are held; trading costs 0.1 %."""
    return portfolio_of(
        np.zeros(4),
        np.ones(4),
        scenarios=returns,
        expected_returns=returns.mean(axis=0),
        current=np.full(4, 0.25),
        cost_rates=np.full(4, 0.001),
        **known,
    )


def saying(outcome: str):
    """Solvers that all say this, and leave nothing to read."""

    def said(*_: Any, **__: Any):
        yield from ((outcome, "ONE"), (outcome, "OTHER"))

    return said


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("optimal", "inaccurate"),
        ("inaccurate", "inaccurate"),
        ("infeasible", "inaccurate"),  # 25 % of each is allowed
        ("unbounded", "inaccurate"),  # no box is
        ("failed", "failed"),
    ],
)
def test_solved__solvers_wrong_about_it__outcome_is_what_is_known(
    said, outcome, monkeypatch
):
    def nothing(*_: Any) -> None:
        raise SolveFailed("none", "inaccurate")

    monkeypatch.setattr(solve, "attempts", saying(said))
    monkeypatch.setattr(solve, "candidate", nothing)
    monkeypatch.setattr(solve.Model, "weights", lambda _: np.full(4, 0.25))
    monkeypatch.setattr(solve.Model, "multipliers", lambda _: None)
    portfolio = traded(RETURNS)

    with pytest.raises(SolveFailed) as failed:
        by_reference(portfolio, MeanRisk(measure=WorstCase()))

    assert failed.value.outcome == outcome


def test_solved__limit_under_the_least_risk__infeasible_by_proof():
    model = MeanRisk(measure=CVaR(level=0.9), goal=RiskAtMost(limit=0.001))

    with pytest.raises(SolveFailed, match="infeasible"):
        by_reference(traded(RETURNS), model)


def test_solved__rows_that_exclude_each_other__infeasible_by_proof():
    rows = [("A", [1, 0], 0.3), ("B", [0, 1], 0.3)]
    portfolio = portfolio_of([0, 0], [1, 1], rows, scenarios=RETURNS[:, :2])

    with pytest.raises(SolveFailed, match="infeasible"):
        by_reference(portfolio, MeanRisk(measure=CVaR()))


@pytest.mark.parametrize("size", [1e-36, 1.0, 1e12])
def test_mean_risk__tail__covariance_plays_no_part(size):
    model = MeanRisk(measure=CVaR(level=0.9))
    portfolio = traded(RETURNS, turnover=0.7)

    found = by_reference(replace(portfolio, covariance=size * np.eye(4)), model)

    expected = by_reference(portfolio, model)
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)


def test_mean_risk__certain_returns_and_no_covariance__the_best_asset():
    certain = np.tile([0.001, 0.002, -0.001], (60, 1))
    portfolio = portfolio_of(
        np.zeros(3), np.ones(3), scenarios=certain, covariance=1e-34 * np.eye(3)
    )

    found = by_reference(portfolio, MeanRisk(measure=EntropicVaR()))

    assert found.weights == pytest.approx([0, 1, 0], abs=1e-7)
    assert found.objective == pytest.approx(-0.002, rel=1e-9)


def test_mean_risk__scenarios_without_size__largest_mean():
    """Means of 1 % and 2 % beside scenarios of nothing."""
    portfolio = portfolio_of(
        [0, 0],
        [1, 1],
        scenarios=np.zeros((5, 2)),
        expected_returns=[0.01, 0.02],
        turnover=2.0,
    )
    model = MeanRisk(measure=CVaR(), goal=Utility(risk_aversion=1.0))

    found = by_reference(portfolio, model)

    assert found.weights == pytest.approx([0, 1], abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_mean_risk__entropic_of_level_0__is_the_mean_loss(seed):
    returns = np.random.default_rng(seed).normal(0.002, 0.02, (60, 4))
    portfolio, goal = traded(returns), Utility(risk_aversion=1.0)

    found = by_reference(portfolio, MeanRisk(measure=EntropicVaR(level=0.0), goal=goal))

    mean = MeanRisk(measure=CVaR(level=0.0), goal=goal)
    assert_certified(portfolio, found)
    assert found.objective == pytest.approx(by_reference(portfolio, mean).objective)


def test_attempts__cvxpy_refuses_the_problem__failed():
    x = cvxpy.Variable()
    not_convex = cvxpy.Problem(cvxpy.Minimize(-cvxpy.square(x)), [x <= 1])
    no_number = cvxpy.Problem(cvxpy.Minimize(x), [x >= np.nan])

    for problem in (not_convex, no_number):
        assert {said for said, _ in attempts(cvxpy, problem)} == {"failed"}


def test_reference__solvers__none_that_prints(monkeypatch):
    used = []
    by_cvxpy = cvxpy.Problem.solve

    def failing(problem: Any, *, solver: str, **options: Any) -> Any:
        used.append(solver)
        if solver != "SCS":
            raise cvxpy.error.SolverError("broken")
        return by_cvxpy(problem, solver=solver, **options)

    monkeypatch.setattr(cvxpy.Problem, "solve", failing)
    portfolio, model = traded(RETURNS), MeanRisk(measure=EntropicVaR())
    (*_, way) = ways_of(portfolio, model)

    with pytest.raises(SolveFailed, match="failed"):
        way(portfolio, model)

    assert "CLARABEL" in used
    assert "SCS" not in used


def test_nearest__projection_moves_nothing__rows_have_no_price(monkeypatch):
    """Where all that is missing is rounding; NumPy would warn of a division by 0."""
    portfolio = portfolio_of([0, 0], [1, 1], [("A", [1, 0], 0.5)])
    wanted = np.array([0.5 + 2e-11, 0.5])
    stays = (np.zeros(2), np.zeros(1))
    monkeypatch.setattr(nearest, "_projection", lambda *_: stays)

    with np.errstate(all="raise"):
        found = nearest.nearest(portfolio.polytope, wanted, "none")

    assert found.row_prices == pytest.approx([0.0])
