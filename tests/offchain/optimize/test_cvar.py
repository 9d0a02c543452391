# SPDX-License-Identifier: MIT
"""CVaR and the largest loss: published weights, whole programs, proofs, hard inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portfolio_cases import CASES, factor_case
from tail_cases import (
    RU_COVARIANCE,
    RU_FLOOR,
    RU_MEAN,
    RU_WEIGHTS,
    assert_proved,
    assert_stationary,
    goals_of,
    least_by_whole_program,
    normal_scenarios,
    polytope_of,
    portfolio_of,
    solved,
)

from steelyard.optimize.errors import (
    PortfolioInvalid,
    SolveFailed,
)
from steelyard.optimize.models import (
    BoxMean,
    CVaR,
    EllipsoidalMean,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    ReturnAtLeast,
    Utility,
    WorstCase,
)
from steelyard.optimize.tail.aims import LEAST_RISK
from steelyard.optimize.tail.families import ways_of
from steelyard.optimize.tail.generate import generator_of, shares_within
from steelyard.optimize.tail.linear_program import LinearProgram
from steelyard.optimize.tail.losses import losses_of
from steelyard.optimize.tail.measures import cvar
from steelyard.optimize.tail.start import cheapest, spread

# --- published ---


def test_least_risk__normal_returns__published_weights() -> None:
    # Rockafellar & Uryasev (2000), table 3: for normal returns, the least CVaR at a
    # mean of 0.011 has the weights of the least variance
    portfolio = portfolio_of(normal_scenarios(4096), expected_returns=RU_MEAN)

    found = solved(portfolio, CVaR(level=0.95), ReturnAtLeast(expected_return=RU_FLOOR))

    assert found.weights == pytest.approx(RU_WEIGHTS, abs=0.005)
    assert_proved(portfolio, found)


@pytest.mark.parametrize(
    ("level", "var", "published"),
    [
        (0.90, 0.067847, 0.096975),
        (0.95, 0.090200, 0.115908),
        (0.99, 0.132128, 0.152977),
    ],
)
def test_least_risk__normal_returns__published_risk(
    level: float, var: float, published: float
) -> None:
    # the same, tables 4 and 5: VaR and CVaR; within what 8,192 points can tell
    portfolio = portfolio_of(normal_scenarios(4096), expected_returns=RU_MEAN)

    found = solved(
        portfolio, CVaR(level=level), ReturnAtLeast(expected_return=RU_FLOOR)
    )

    losses = -(portfolio.scenarios @ found.weights)
    assert found.objective == pytest.approx(published, rel=0.003)
    at_risk = np.quantile(losses, level, method="inverted_cdf")
    assert at_risk == pytest.approx(var, rel=0.02)


def test_published_weights__their_mean_and_variance__as_in_the_paper() -> None:
    deviation = np.sqrt(RU_WEIGHTS @ RU_COVARIANCE @ RU_WEIGHTS)
    mean = RU_WEIGHTS @ RU_MEAN

    # CVaR of a normal loss: deviation x density at the quantile / 0.1 - mean
    assert mean == pytest.approx(RU_FLOOR, abs=1e-8)
    assert 1.754983 * deviation - RU_FLOOR == pytest.approx(0.096975, abs=1e-6)


# --- by hand ---


def test_one_scenario__least_risk__the_asset_that_gains_most() -> None:
    portfolio = portfolio_of([[0.1, 0.3, -0.2]])

    found = solved(portfolio, CVaR(), LeastRisk())

    assert found.weights == pytest.approx([0.0, 1.0, 0.0], abs=1e-12)
    assert found.objective == pytest.approx(-0.3, abs=1e-15)


# --- against the whole program ---


@pytest.mark.parametrize("measure", [CVaR(level=0.9), CVaR(level=0.873), WorstCase()])
@pytest.mark.parametrize("goal", range(5))
@pytest.mark.parametrize("seed", range(2))
def test_every_goal__factor_returns__whole_program(measure, goal, seed) -> None:
    portfolio = factor_case(30, t=150, seed=seed)
    least = solved(portfolio, measure, LeastRisk()).objective
    wanted = goals_of(portfolio, least, risk_aversion=0.5, risk_free=0.0)[goal]

    found = solved(portfolio, measure, wanted)

    expected = least_by_whole_program(portfolio, measure, wanted)
    assert found.objective == pytest.approx(expected, rel=1e-8)
    assert_proved(portfolio, found)


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("n", [10, 70])
def test_least_risk__every_case__whole_program(kind: str, n: int) -> None:
    portfolio = CASES[kind](n)
    portfolio = replace(portfolio, scenarios=portfolio.scenarios[:300])

    found = solved(portfolio, CVaR(level=0.95), LeastRisk())

    expected = least_by_whole_program(portfolio, CVaR(level=0.95), LeastRisk())
    assert found.objective == pytest.approx(expected, rel=1e-8)
    assert_proved(portfolio, found)


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 8),
    t=st.sampled_from([1, 2, 5, 20, 60]),
    level=st.sampled_from([0.0, 0.5, 0.8, 0.95, 0.99]),
)
@settings(max_examples=60, deadline=None)
def test_least_risk__any_rows_and_box__whole_program(
    seed: int, n: int, t: int, level: float
) -> None:
    random = np.random.default_rng(seed)
    inside = random.dirichlet(np.ones(n))
    m = int(random.integers(0, 4))
    matrix = random.normal(size=(m, n)) * random.integers(0, 2, (m, n))
    polytope = polytope_of(
        n,
        lowest=inside - random.uniform(0, 1, n) * random.integers(0, 2, n),
        highest=inside + random.uniform(0, 1, n) * random.integers(0, 2, n),
        names=tuple(map(str, range(m))),
        matrix=matrix,
        bounds=matrix @ inside + random.uniform(0, 0.1, m) * random.integers(0, 2, m),
    )
    portfolio = portfolio_of(random.standard_t(4, (t, n)) * 0.02, polytope)

    found = solved(portfolio, CVaR(level=level), LeastRisk())

    expected = least_by_whole_program(portfolio, CVaR(level=level), LeastRisk())
    assert found.objective == pytest.approx(expected, abs=1e-8)
    assert found.objective - found.bound == pytest.approx(0, abs=1e-11)


# --- conditions of optimality ---


@pytest.mark.parametrize("n", [10, 200])
@pytest.mark.parametrize("kind", ["factors", "dense", "noise"])
def test_multipliers__of_scenarios__feasible_and_stationary(kind: str, n: int) -> None:
    portfolio = CASES[kind](min(n, 60) if kind == "noise" else n)
    p, returns = portfolio.polytope, portfolio.scenarios
    losses = losses_of(returns, CVaR(level=0.95))
    generator = generator_of(
        p, np.zeros(len(p.assets)), losses, spread(p, returns), LinearProgram
    )

    aimed = generator.best(LEAST_RISK)

    shares, sizes = generator.shares, -(returns @ aimed.weights)
    assert shares.min() >= 0
    assert shares.max() <= (1 + 1e-12) / 50
    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert shares @ sizes == pytest.approx(cvar(sizes, 0.95), rel=1e-10)
    assert_stationary(p, aimed.weights, -(shares @ returns), aimed.prices.rows)


def test_shares_within__noise_of_a_solver__probabilities_under_their_cap() -> None:
    noisy = np.array([0.5 + 1e-9, 0.4, 0.1, 1e-12])

    shares = shares_within(noisy, np.arange(4), 2.0)

    assert shares.sum() == pytest.approx(1, abs=1e-15)
    assert shares.max() <= 0.5
    assert shares.min() >= 0


def test_shares_within__two_functions_of_one_period__capped_together() -> None:
    shares = shares_within(np.array([0.5, 0.3, 0.2]), np.array([0, 0, 1]), 1.6)

    # 0.625 at most for the first period, the rest to the second
    assert shares[:2].sum() == pytest.approx(0.625, abs=1e-15)
    assert shares[2] == pytest.approx(0.375, abs=1e-15)


# --- hard inputs ---


@pytest.mark.parametrize("kind", CASES)
def test_every_case__ratio_of_200_assets__proved(kind: str) -> None:
    portfolio = CASES[kind](60 if kind == "noise" else 200)

    found = solved(portfolio, CVaR(), LargestRatio())

    assert_proved(portfolio, found)


def test_means_all_negative__ratio_over_a_lower_return__proved() -> None:
    portfolio = factor_case(10)
    portfolio = replace(portfolio, expected_returns=np.linspace(-0.02, -0.01, 10))

    found = solved(portfolio, CVaR(), LargestRatio(risk_free=-0.015))

    assert found.objective < 0
    assert_proved(portfolio, found)


def test_gain_without_risk__ratio__unbounded() -> None:
    portfolio = portfolio_of([[0.01, -0.1], [0.01, 0.2]])

    with pytest.raises(SolveFailed, match="unbounded"):
        solved(portfolio, CVaR(level=0.5), LargestRatio())


def test_rows_that_exclude_each_other__infeasible() -> None:
    polytope = polytope_of(
        2, names=("cap",), matrix=np.array([[1.0, 1.0]]), bounds=np.array([0.5])
    )

    with pytest.raises(SolveFailed, match="infeasible"):
        solved(portfolio_of([[0.1, 0.2]], polytope), CVaR(), LeastRisk())


def test_inputs_missing__named() -> None:
    bare = replace(factor_case(5), scenarios=None)
    unknown = replace(factor_case(5), expected_returns=None)

    with pytest.raises(PortfolioInvalid, match="scenarios is missing"):
        solved(bare, CVaR(), LeastRisk())
    with pytest.raises(PortfolioInvalid, match="expected_returns is missing"):
        solved(unknown, CVaR(), LargestRatio())
    assert solved(unknown, CVaR(), LeastRisk()).objective > 0


# --- what the family takes ---


def test_ways_of__costs_turnover_and_other_doubts__left_to_others() -> None:
    portfolio = factor_case(5)
    model = MeanRisk(measure=CVaR(), goal=LargestRatio())
    doubted = replace(model, doubts=(EllipsoidalMean(radius=1.0, shape=np.eye(5)),))
    costly = replace(portfolio, cost_rates=np.full(5, 0.001))

    assert len(ways_of(portfolio, model)) == 1
    assert ways_of(costly, model) == ()
    assert ways_of(replace(portfolio, turnover=0.1), model) == ()
    assert ways_of(portfolio, doubted) == ()
    assert ways_of(portfolio, MeanRisk()) == ()
    assert ways_of(portfolio, MaximumDiversification()) == ()


def test_box_of_means__long_only__at_its_lower_end() -> None:
    portfolio = factor_case(20)
    width = np.linspace(0, 1e-3, 20)
    lower = replace(portfolio, expected_returns=portfolio.expected_returns - width)

    doubted = solved(
        portfolio, CVaR(), Utility(risk_aversion=0.1), BoxMean(half_widths=width)
    )
    plain = solved(lower, CVaR(), Utility(risk_aversion=0.1))

    assert doubted.objective == pytest.approx(plain.objective, abs=1e-15)


def test_box_of_means__with_shorts__left_to_others() -> None:
    short = replace(
        factor_case(5), polytope=replace(factor_case(5).polytope, lowest=np.full(5, -1))
    )
    doubts = (BoxMean(half_widths=np.full(5, 0.1)),)

    mean = MeanRisk(measure=CVaR(), goal=LargestRatio(), doubts=doubts)
    least = MeanRisk(measure=CVaR(), goal=LeastRisk(), doubts=doubts)

    assert ways_of(short, mean) == ()
    assert len(ways_of(short, least)) == 1


# --- properties ---


@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_levels__least_risk__rises_up_to_the_largest_loss(seed: int) -> None:
    portfolio = factor_case(12, t=100, seed=seed)

    risks = [
        solved(portfolio, measure, LeastRisk()).objective
        for measure in (CVaR(level=0.5), CVaR(level=0.9), CVaR(level=0.99), WorstCase())
    ]

    assert (np.diff(risks) >= -1e-12).all()


def test_cheapest__box_and_sum__cheapest_first() -> None:
    polytope = polytope_of(3, lowest=np.array([0.0, 0.1, 0.0]), highest=np.full(3, 0.6))

    weights = cheapest(polytope, np.array([2.0, 3.0, 1.0]))

    assert weights == pytest.approx([0.3, 0.1, 0.6], abs=1e-15)
