# SPDX-License-Identifier: MIT
"""The entropic value at risk: published laws, programs, conditions of optimality."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_cases import CASES, factor_case, noise_case
from tail_cases import (
    RU_COVARIANCE,
    RU_FLOOR,
    RU_MEAN,
    RU_WEIGHTS,
    assert_proved,
    assert_stationary,
    goals_of,
    least_by_cvxpy,
    normal_scenarios,
    polytope_of,
    portfolio_of,
    solved,
)

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.models import (
    CVaR,
    EntropicVaR,
    LargestRatio,
    LeastRisk,
    ReturnAtLeast,
    RiskAtMost,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.tail.aims import Aimed, Prices, Task
from steelyard.optimize.tail.entropic_tail import (
    curvature_of,
    entropic_tail,
    smoothed,
)
from steelyard.optimize.tail.goals import found_for
from steelyard.optimize.tail.measures import entropic_var, relative_entropy

# --- published ---


def test_least_risk__normal_returns__weights_of_the_least_variance() -> None:
    # For normal returns it is -mean + deviation x sqrt(-2 log(1 - level)), Ahmadi-Javid
    # (2012): at the mean of Rockafellar & Uryasev (2000), their weights of table 3.
    # 8,192 points tell less of so far a tail than of CVaR
    portfolio = portfolio_of(normal_scenarios(4096), expected_returns=RU_MEAN)
    level = 0.8

    found = solved(
        portfolio, EntropicVaR(level=level), ReturnAtLeast(expected_return=RU_FLOOR)
    )

    deviation = np.sqrt(RU_WEIGHTS @ RU_COVARIANCE @ RU_WEIGHTS)
    expected = deviation * np.sqrt(-2 * np.log(1 - level)) - RU_FLOOR
    assert found.objective == pytest.approx(expected, rel=0.01)
    assert found.weights == pytest.approx(RU_WEIGHTS, abs=0.03)
    assert_proved(portfolio, found)


# --- by hand ---


def test_least_risk__two_assets_that_lose_apart__half_each() -> None:
    portfolio = portfolio_of([[0.1, -0.2], [-0.2, 0.1], [0.0, 0.0]])

    found = solved(portfolio, EntropicVaR(level=0.5), LeastRisk())

    # losses 0.05, 0.05 and 0, by symmetry; an entropy of log 2 allows p on the two
    # where log 3 + p log(p / 2) + (1 - p) log(1 - p) = log 2: all, up to log(3 / 2)
    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-9)
    assert found.objective == pytest.approx(0.05, abs=1e-12)


def test_least_risk__one_asset_and_cash__all_cash() -> None:
    portfolio = portfolio_of([[0.1, 0.0], [-0.2, 0.0]])

    found = solved(portfolio, EntropicVaR(level=0.9), LeastRisk())

    assert found.weights == pytest.approx([0.0, 1.0], abs=1e-12)
    assert found.objective == pytest.approx(0.0, abs=1e-15)


def test_level_0__least_risk__the_largest_mean() -> None:
    portfolio = factor_case(20)

    found = solved(portfolio, EntropicVaR(level=0.0), LeastRisk())
    plain = solved(portfolio, CVaR(level=0.0), LeastRisk())

    assert found.objective == pytest.approx(plain.objective, abs=1e-15)


def test_entropy_of_one_scenario__least_risk__the_least_largest_loss() -> None:
    portfolio = factor_case(20, t=100)

    found = solved(portfolio, EntropicVaR(level=0.99), LeastRisk())
    worst = solved(portfolio, WorstCase(), LeastRisk())

    assert found.objective == pytest.approx(worst.objective, abs=1e-15)
    assert_proved(portfolio, found)


# --- derivatives ---


@pytest.mark.parametrize("sharpest", [np.inf, 20.0])
def test_entropic_tail__derivatives__those_of_differences(sharpest: float) -> None:
    random = np.random.default_rng(0)
    returns = random.standard_t(4, (200, 3)) * 0.02
    at, step = np.array([0.2, 0.3, 0.5]), 1e-4

    tail = entropic_tail(returns, at, 0.9, sharpest)
    curvature = curvature_of(tail, returns, np.arange(3))

    def gradient(weights):
        return entropic_tail(returns, weights, 0.9, sharpest).gradient

    def value(weights):
        return smoothed(-(returns @ weights), 0.9, sharpest)

    moves = step * np.eye(3)
    slopes = [(value(at + m) - value(at - m)) / (2 * step) for m in moves]
    bends = [(gradient(at + m) - gradient(at - m)) / (2 * step) for m in moves]
    assert tail.is_smoothed == np.isfinite(sharpest)
    assert tail.gradient == pytest.approx(slopes, rel=1e-6)
    assert curvature == pytest.approx(np.array(bends), rel=1e-4, abs=1e-6)


def test_curvature_of__along_the_weights__none() -> None:
    returns = np.random.default_rng(0).standard_t(4, (200, 3)) * 0.02
    at = np.array([0.2, 0.3, 0.5])

    tail = entropic_tail(returns, at, 0.9, np.inf)

    assert curvature_of(tail, returns, np.arange(3)) @ at == pytest.approx(0, abs=1e-15)


def test_smoothed__little_sharpness__more_than_the_measure() -> None:
    losses = np.random.default_rng(0).standard_t(4, 200)

    assert smoothed(losses, 0.9, 0.1) > entropic_var(losses, 0.9) + 0.1
    assert smoothed(losses, 0.9, 1e6) == entropic_var(losses, 0.9)


# --- against another statement ---


def _by_cvxpy(portfolio: Portfolio, level: float):
    """The measure as `least_by_cvxpy` asks for it."""
    returns, count = portfolio.scenarios, len(portfolio.scenarios)

    def state(cp, weights):
        top, width, shares = cp.Variable(), cp.Variable(), cp.Variable(count)
        # width x exp((loss - top) / width) <= share, the shares count x width in sum
        losses, widths = -(returns @ weights), width * np.ones(count)
        limits = [
            cp.constraints.ExpCone(losses - top, widths, shares),
            cp.sum(shares) <= count * width,
        ]
        return top - width * np.log(1 - level), limits

    return state


@pytest.mark.parametrize("goal", range(5))
@pytest.mark.parametrize("level", [0.7, 0.95])
def test_every_goal__factor_returns__cvxpy(goal: int, level: float) -> None:
    portfolio, measure = factor_case(15, t=150), EntropicVaR(level=level)
    least = solved(portfolio, measure, LeastRisk()).objective
    wanted = goals_of(portfolio, least, risk_aversion=0.1, risk_free=-0.001)[goal]

    found = solved(portfolio, measure, wanted)

    expected = least_by_cvxpy(portfolio, wanted, _by_cvxpy(portfolio, level))
    assert found.objective == pytest.approx(expected, rel=2e-6)
    assert found.objective <= expected + 1e-9
    assert_proved(portfolio, found)


# --- conditions of optimality ---


@pytest.mark.parametrize("kind", ["factors", "dense", "twins"])
@pytest.mark.parametrize("n", [10, 100])
def test_least_risk__worst_probabilities__stationary(kind: str, n: int) -> None:
    portfolio = CASES[kind](n)
    p, returns = portfolio.polytope, portfolio.scenarios

    found = solved(portfolio, EntropicVaR(level=0.9), LeastRisk())

    shares = entropic_tail(returns, found.weights, 0.9, np.inf).shares
    assert relative_entropy(shares) == pytest.approx(np.log(10), rel=1e-10)
    assert found.objective == pytest.approx(
        entropic_var(-(returns @ found.weights), 0.9), abs=1e-15
    )
    assert_stationary(p, found.weights, -(shares @ returns), found.row_prices)


def test_limit__met_exactly__and_no_more() -> None:
    portfolio = factor_case(30)
    least = solved(portfolio, EntropicVaR(), LeastRisk()).objective

    found = solved(portfolio, EntropicVaR(), RiskAtMost(limit=1.3 * least))

    risk = entropic_var(-(portfolio.scenarios @ found.weights), 0.95)
    assert risk == pytest.approx(1.3 * least, rel=1e-9)
    assert risk <= 1.3 * least + 1e-12
    assert_proved(portfolio, found)


# --- hard inputs ---


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("goal", [LeastRisk(), LargestRatio(risk_free=-0.002)])
def test_every_case__least_risk_and_ratio__proved(kind: str, goal) -> None:
    portfolio = CASES[kind](60)

    found = solved(portfolio, EntropicVaR(), goal)

    assert_proved(portfolio, found)


@pytest.mark.parametrize("n", [40, 80, 110])
def test_noise__between_a_vertex_and_a_smooth_tail__proved(n: int) -> None:
    portfolio = noise_case(n)

    found = solved(portfolio, EntropicVaR(level=0.9), LeastRisk())

    assert_proved(portfolio, found)


@pytest.mark.parametrize("level", [0.001, 0.1, 0.5, 0.99, 0.999, 0.9999])
def test_every_level__least_risk__proved(level: float) -> None:
    portfolio = factor_case(30)

    found = solved(portfolio, EntropicVaR(level=level), LeastRisk())

    assert_proved(portfolio, found)


def test_cash_without_cap__kink_at_all_cash__exact() -> None:
    case = factor_case(20, t=300)
    returns = np.hstack([case.scenarios, np.zeros((300, 1))])
    portfolio = portfolio_of(returns)

    least = solved(portfolio, EntropicVaR(), LeastRisk())
    ratio = solved(portfolio, EntropicVaR(), LargestRatio())
    alone = solved(portfolio_of(case.scenarios), EntropicVaR(), LargestRatio())

    assert least.objective == 0.0
    assert least.bound == pytest.approx(0.0, abs=1e-12)
    assert ratio.objective == pytest.approx(alone.objective, rel=1e-9)
    assert_proved(portfolio, ratio)


def test_limit_above_the_risk_of_the_largest_mean__the_largest_mean() -> None:
    portfolio = portfolio_of([[0.1, 0.2], [-0.2, -0.3], [0.15, 0.3]])

    found = solved(portfolio, EntropicVaR(level=0.5), RiskAtMost(limit=1.0))

    assert found.weights == pytest.approx([0.0, 1.0], abs=1e-12)


# --- properties ---


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_measures_of_one_level__least_risk__in_their_order(seed: int) -> None:
    portfolio = factor_case(12, t=200, seed=seed)

    risks = [
        solved(portfolio, measure, LeastRisk()).objective
        for measure in (CVaR(level=0.9), EntropicVaR(level=0.9), WorstCase())
    ]

    assert (np.diff(risks) >= -1e-11).all()


@pytest.mark.parametrize(
    "measure",
    [
        EntropicVaR(level=0.9),
        CVaR(level=0.9),
        WassersteinCVaR(level=0.9, radius=1e-10),
    ],
)
def test_return_at_least__means_far_under_the_losses__mean_is_met(measure):
    returns = np.random.default_rng(1).normal(size=(100, 3)) * 1e-9 * [1, 2, 3]
    mean = np.array([1, 2, 5]) * 1e-13
    portfolio = portfolio_of(returns, expected_returns=mean)

    found = solved(portfolio, measure, ReturnAtLeast(expected_return=4e-13))

    assert_proved(portfolio, found)
    assert mean @ found.weights >= 4e-13 * (1 - 1e-9)


def test_found_for__floor_missed_by_little_but_by_much_of_the_mean__inaccurate():
    mean = np.array([1e-13, 5e-13])
    prices = Prices(risk=1.0, gradient=np.zeros(2), floor=0.0, rows=np.zeros(0))
    task = Task(
        polytope=polytope_of(2),
        mean=mean,
        risk=lambda _: 0.0,
        best=lambda _: Aimed(weights=np.array([1.0, 0.0]), prices=prices),
        method="none",
    )

    with pytest.raises(SolveFailed, match="inaccurate"):
        found_for(ReturnAtLeast(expected_return=4e-13), task)
