# SPDX-License-Identifier: MIT
"""The worst CVaR within a Wasserstein distance: formula, limits, programs, proofs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_cases import CASES, factor_case
from tail_cases import (
    assert_proved,
    goals_of,
    least_by_cvxpy,
    polytope_of,
    portfolio_of,
    solved,
)

from steelyard.optimize.models import (
    CVaR,
    LeastRisk,
    WassersteinCVaR,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.tail.measures import cvar
from steelyard.optimize.tail.settle import settled
from steelyard.optimize.tail.wasserstein import wasserstein_cvar

NEAR = WassersteinCVaR(level=0.9, radius=1e-3)


# --- the formula ---


def test_wasserstein_cvar__adversary_at_the_radius__reaches_it() -> None:
    random = np.random.default_rng(5)
    returns, weights = random.normal(size=(40, 3)), np.array([0.2, 0.3, 0.5])
    level, radius = 0.9, 0.05
    worst_four = np.argsort(returns @ weights)[:4]

    # each of the 4 scenarios of the tail, a tenth of all, moves against the weights by
    # radius / 0.1: the distance moved is the radius in the mean
    moved = returns.copy()
    moved[worst_four] -= radius / (1 - level) * weights / np.linalg.norm(weights)

    distance = np.linalg.norm(moved - returns, axis=1).mean()
    assert distance == pytest.approx(radius, abs=1e-15)
    assert cvar(-(moved @ weights), level) == pytest.approx(
        wasserstein_cvar(returns, weights, level, radius), abs=1e-14
    )


@given(seed=st.integers(0, 10**6), level=st.sampled_from([0.0, 0.5, 0.9, 0.99]))
@settings(max_examples=100, deadline=None)
def test_wasserstein_cvar__any_law_within_the_radius__no_worse(
    seed: int, level: float
) -> None:
    random = np.random.default_rng(seed)
    returns = random.standard_t(4, (30, 3))
    weights = random.normal(size=3)
    moves = random.standard_t(2, (30, 3)) * random.integers(0, 2, (30, 1))

    radius = float(np.linalg.norm(moves, axis=1).mean())

    moved = cvar(-((returns + moves) @ weights), level)
    assert moved <= wasserstein_cvar(returns, weights, level, radius) + 1e-12


# --- its two ends ---


def test_least_risk__large_radius__equal_weights() -> None:
    # Mohajerin Esfahani & Kuhn (2018), section 7.1: with their ten assets, returns
    # psi + zeta_i of psi normal (0, 2 %) and zeta_i normal (3 % i, 2.5 % i), mean-CVaR
    # portfolios go to equal weights as the radius grows
    random = np.random.default_rng(0)
    i = np.arange(1, 11)
    returns = random.normal(0, 0.02, (300, 1)) + random.normal(
        0.03 * i, 0.025 * i, (300, 10)
    )

    found = solved(
        portfolio_of(returns), WassersteinCVaR(level=0.8, radius=1e4), LeastRisk()
    )

    assert found.weights == pytest.approx(np.full(10, 0.1), abs=1e-4)


def test_least_risk__no_radius__that_of_cvar() -> None:
    portfolio = factor_case(30)

    robust = solved(portfolio, WassersteinCVaR(radius=0.0), LeastRisk())
    plain = solved(portfolio, CVaR(), LeastRisk())

    assert robust.objective == pytest.approx(plain.objective, abs=1e-15)


def test_least_risk__two_assets_alike__half_each() -> None:
    # CVaR is the same for all weights; the shortest weights have length 1 / sqrt 2
    portfolio = portfolio_of([[0.1, 0.1], [-0.2, -0.2]])

    found = solved(portfolio, WassersteinCVaR(level=0.5, radius=0.1), LeastRisk())

    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-6)
    assert found.objective == pytest.approx(0.2 + 0.2 / np.sqrt(2), abs=1e-11)


# --- against another statement ---


def _by_cvxpy(portfolio: Portfolio, measure: WassersteinCVaR):
    """The measure as `least_by_cvxpy` asks for it."""
    returns, share = portfolio.scenarios, 1 / (1 - measure.level)

    def state(cp, weights):
        level = cp.Variable()
        over = cp.sum(cp.pos(-(returns @ weights) - level)) / len(returns)
        ball = measure.radius * cp.norm(weights, 2)
        return level + share * (over + ball), []

    return state


@pytest.mark.parametrize("goal", range(5))
@pytest.mark.parametrize("radius", [1e-4, 1e-2])
def test_every_goal__factor_returns__cvxpy(goal: int, radius: float) -> None:
    portfolio = factor_case(20, t=150)
    measure = WassersteinCVaR(level=0.9, radius=radius)
    least = solved(portfolio, measure, LeastRisk()).objective
    wanted = goals_of(portfolio, least, risk_aversion=0.1, risk_free=-0.001)[goal]

    found = solved(portfolio, measure, wanted)

    expected = least_by_cvxpy(portfolio, wanted, _by_cvxpy(portfolio, measure))
    assert found.objective == pytest.approx(expected, rel=1e-6)
    assert_proved(portfolio, found, gap=5e-9)


# --- conditions of optimality ---


@pytest.mark.parametrize("radius", [1e-4, 1e-3, 1e-2])
def test_least_risk__small_moves_inside_the_polytope__none_is_better(radius) -> None:
    portfolio = factor_case(12, t=300)
    measure = WassersteinCVaR(level=0.95, radius=radius)
    random = np.random.default_rng(0)

    found = solved(portfolio, measure, LeastRisk())

    p = portfolio.polytope
    for _ in range(300):
        other = random.dirichlet(np.ones(12))
        step = 10 ** random.uniform(-6, 0)
        moved = found.weights + step * (other - found.weights)
        if (p.matrix @ moved > p.bounds).any() or (moved > p.highest).any():
            continue
        risk = wasserstein_cvar(portfolio.scenarios, moved, 0.95, radius)
        assert risk >= found.objective - 1e-12


# --- hard inputs ---


@pytest.mark.parametrize("kind", CASES)
def test_every_case__least_risk__proved(kind: str) -> None:
    portfolio = CASES[kind](40 if kind == "noise" else 70)

    found = solved(portfolio, WassersteinCVaR(radius=1e-3), LeastRisk())

    assert_proved(portfolio, found)


def test_shorts__least_risk__proved() -> None:
    case = factor_case(70, t=200)
    lowest = np.linspace(-0.05, 0.005, 70)
    portfolio = replace(case, polytope=replace(case.polytope, lowest=lowest))

    found = solved(portfolio, NEAR, LeastRisk())

    assert_proved(portfolio, found)


def test_settled__dust_at_the_ends__put_there() -> None:
    polytope = polytope_of(4, highest=0.5)
    dusty = np.array([1e-12, 0.5 - 1e-12, 0.3, 0.2 + 1e-13])

    weights = settled(polytope, dusty)

    assert weights[:2].tolist() == [0.0, 0.5]
    assert weights.sum() == pytest.approx(1.0, abs=1e-15)
    assert weights[2:] == pytest.approx([0.3, 0.2], abs=1e-11)


# --- properties ---
