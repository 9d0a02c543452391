# SPDX-License-Identifier: MIT
"""Conditional drawdown: paths by hand, whole programs, conditions of optimality."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_cases import CASES, factor_case
from tail_cases import (
    assert_proved,
    assert_stationary,
    goals_of,
    least_by_whole_program,
    polytope_of,
    portfolio_of,
    solved,
)

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.models import (
    ConditionalDrawdown,
    LargestRatio,
    LeastRisk,
)
from steelyard.optimize.tail.aims import LEAST_RISK
from steelyard.optimize.tail.generate import generator_of
from steelyard.optimize.tail.linear_program import LinearProgram
from steelyard.optimize.tail.losses import DrawdownLosses, losses_of
from steelyard.optimize.tail.measures import conditional_drawdown, drawdowns
from steelyard.optimize.tail.start import spread

WORST = ConditionalDrawdown(level=0.99)  # of up to 100 days: the maximum drawdown


# --- by hand ---


def test_least_risk__one_falls_while_the_other_rises__flat() -> None:
    portfolio = portfolio_of([[0.1, -0.1], [-0.2, 0.2], [0.1, -0.1]])

    found = solved(portfolio, WORST, LeastRisk())

    assert found.weights == pytest.approx([0.5, 0.5], abs=1e-12)
    assert found.objective == pytest.approx(0.0, abs=1e-15)


def test_least_risk__fall_in_two_steps__counts_as_one() -> None:
    # the first falls by 0.1 twice in a row, the second by 0.15 once, while the other
    # stays: 0.2 x and 0.15 (1 - x) are equal at 3 / 7; in between both are at their top
    portfolio = portfolio_of([[-0.1, 0.0], [-0.1, 0.0], [0.5, 0.5], [0.0, -0.15]])

    found = solved(portfolio, WORST, LeastRisk())

    assert found.weights == pytest.approx([3 / 7, 4 / 7], abs=1e-12)
    assert found.objective == pytest.approx(0.6 / 7, abs=1e-15)
    assert found.bound == pytest.approx(0.6 / 7, abs=1e-15)


def test_least_risk__falls_in_a_row__deeper_than_apart() -> None:
    apart, in_a_row = [[-0.1], [0.1], [-0.1]], [[-0.1], [-0.1], [0.1]]

    one = solved(portfolio_of(apart), WORST, LeastRisk())
    two = solved(portfolio_of(in_a_row), WORST, LeastRisk())

    assert one.objective == pytest.approx(0.1, abs=1e-15)
    assert two.objective == pytest.approx(0.2, abs=1e-15)


def test_losses_of__path__functions_are_its_drawdowns() -> None:
    random = np.random.default_rng(3)
    returns, weights = random.normal(size=(50, 4)), random.dirichlet(np.ones(4))

    losses = losses_of(returns, ConditionalDrawdown(level=0.9))
    sizes, keys = losses.at(weights)

    assert isinstance(losses, DrawdownLosses)
    assert sizes == pytest.approx(drawdowns(returns @ weights), abs=1e-14)
    assert losses.vectors(keys) @ weights == pytest.approx(sizes, abs=1e-14)
    assert losses.period_of(keys).tolist() == list(range(50))


# --- against the whole program ---


@pytest.mark.parametrize("level", [0.9, 0.873])
@pytest.mark.parametrize("goal", range(5))
@pytest.mark.parametrize("seed", range(2))
def test_every_goal__factor_returns__whole_program(level, goal, seed) -> None:
    portfolio, measure = (
        factor_case(20, t=120, seed=seed),
        ConditionalDrawdown(level=level),
    )
    least = solved(portfolio, measure, LeastRisk()).objective
    wanted = goals_of(portfolio, least, risk_aversion=0.05, risk_free=-0.001)[goal]

    found = solved(portfolio, measure, wanted)

    expected = least_by_whole_program(portfolio, measure, wanted)
    assert found.objective == pytest.approx(expected, rel=1e-8)
    assert_proved(portfolio, found)


@pytest.mark.parametrize("kind", CASES)
def test_least_risk__every_case__whole_program(kind: str) -> None:
    portfolio = CASES[kind](70)
    portfolio = replace(portfolio, scenarios=portfolio.scenarios[:150])
    measure = ConditionalDrawdown(level=0.95)

    found = solved(portfolio, measure, LeastRisk())

    expected = least_by_whole_program(portfolio, measure, LeastRisk())
    assert found.objective == pytest.approx(expected, rel=1e-8, abs=1e-12)
    assert_proved(portfolio, found)


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 6),
    t=st.sampled_from([1, 2, 5, 20, 60]),
    level=st.sampled_from([0.0, 0.5, 0.8, 0.95, 0.99]),
)
@settings(max_examples=40, deadline=None)
def test_least_risk__any_path__whole_program(
    seed: int, n: int, t: int, level: float
) -> None:
    random = np.random.default_rng(seed)
    polytope = polytope_of(
        n, lowest=-random.uniform(0, 1, n) * random.integers(0, 2, n)
    )
    portfolio = portfolio_of(random.standard_t(4, (t, n)) * 0.02, polytope)
    measure = ConditionalDrawdown(level=level)

    found = solved(portfolio, measure, LeastRisk())

    expected = least_by_whole_program(portfolio, measure, LeastRisk())
    assert found.objective == pytest.approx(expected, abs=1e-8)
    assert found.objective - found.bound == pytest.approx(0, abs=1e-11)


# --- conditions of optimality ---


@pytest.mark.parametrize("n", [10, 120])
def test_multipliers__of_drawdowns__feasible_and_stationary(n: int) -> None:
    portfolio = factor_case(n, t=400)
    p, returns = portfolio.polytope, portfolio.scenarios
    losses = losses_of(returns, ConditionalDrawdown(level=0.95))
    generator = generator_of(p, np.zeros(n), losses, spread(p, returns), LinearProgram)

    aimed = generator.best(LEAST_RISK)

    shares, sizes = generator.shares, drawdowns(returns @ aimed.weights)
    assert shares.min() >= 0
    assert shares.max() <= (1 + 1e-12) / 20
    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert shares @ sizes == pytest.approx(
        conditional_drawdown(returns @ aimed.weights, 0.95), rel=1e-10
    )
    assert_stationary(p, aimed.weights, aimed.prices.gradient, aimed.prices.rows)


# --- hard inputs ---


def test_path_that_never_falls__ratio__unbounded() -> None:
    portfolio = portfolio_of([[0.1, -0.1], [0.0, 0.3]])

    with pytest.raises(SolveFailed, match="unbounded"):
        solved(portfolio, ConditionalDrawdown(level=0.5), LargestRatio())


# --- properties ---
