# SPDX-License-Identifier: MIT
"""Models against numbers that others printed, at the precision they printed.

Each test names its source. Where a source works under another convention than the
model, the test says which, and compares what the two have in common.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from steelyard.optimize.allocate import allocate
from steelyard.optimize.answer import Answer
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    ConditionalDrawdown,
    CVaR,
    EllipsoidalMean,
    EntropicVaR,
    HierarchicalEqualRisk,
    MeanRisk,
    Measure,
    Model,
    ReturnAtLeast,
    RiskBudgeting,
    Utility,
    Variance,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.outcome import Reason
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats


def polytope_of(lowest, highest) -> Polytope:
    """No rows; the sum is 1."""
    n = len(lowest)
    return Polytope(
        assets=tuple(f"asset {i + 1}" for i in range(n)),
        lowest=np.array(lowest, float),
        highest=np.array(highest, float),
        names=(),
        matrix=np.zeros((0, n)),
        bounds=np.zeros(0),
    )


def long_only(n: int, highest: float = 1.0) -> Polytope:
    return polytope_of(np.zeros(n), np.full(n, highest))


def only(weights: Floats) -> Polytope:
    """Nothing else is allowed; their sum is what it is."""
    return replace(polytope_of(weights, weights), total=float(weights.sum()))


def of_returns(returns: Floats, polytope: Polytope) -> Portfolio:
    """Whose expected returns are the means."""
    means = returns.mean(axis=0)
    return Portfolio(polytope=polytope, expected_returns=means, scenarios=returns)


def best(portfolio: Portfolio, model: Model) -> Answer:
    answer = allocate(portfolio, model)
    assert answer.reason is Reason.BEST
    return answer


# --- minimax ---


# Papahristodoulou, "Optimal portfolios using linear programming models" (preliminary
# version of Papahristodoulou & Dotzauer 2004), model (b), maximin: returns of five
# shares in twelve months. The table and its solution are also in
# test/tests_allocation.js of github.com/lequant40/portfolio_allocation_js.
MONTHS = np.array(
    [
        [0.054, 0.032, 0.064, 0.038, 0.049],
        [0.045, 0.055, 0.056, 0.062, 0.067],
        [-0.030, -0.036, 0.048, -0.037, -0.039],
        [-0.018, 0.052, 0.007, 0.050, 0.051],
        [0.043, 0.047, 0.053, 0.065, 0.049],
        [0.047, 0.034, 0.036, -0.043, 0.037],
        [0.055, 0.063, 0.017, 0.062, 0.055],
        [0.036, 0.048, 0.047, 0.034, 0.025],
        [-0.039, 0.025, -0.059, 0.035, 0.052],
        [-0.043, 0.040, 0.047, 0.056, 0.020],
        [0.046, 0.036, 0.040, 0.057, 0.045],
        [0.052, -0.017, 0.032, 0.025, 0.040],
    ]
)


def test_worst_case__papahristodoulou__published_weights_and_least_return() -> None:
    portfolio = of_returns(MONTHS, long_only(5))

    answer = best(portfolio, MeanRisk(measure=WorstCase()))

    assert answer.weights == pytest.approx([0, 0, 0.459596, 0, 0.540404], abs=5e-7)
    assert -answer.objective == pytest.approx(0.000985, abs=5e-7)


# --- drawdowns and CVaR, by the authors' own software ---


# Portfolio Safeguard of Uryasev's American Optimal Decisions, help pages "Calculation
# of CDaR", "... of Drawdown Deviation Maximum" (aorda.com/html/PSG_Help_HTML): four
# periods of assets x1 to x4 and of a benchmark, at the point (1, 1, 1, 1). Gains are
# those of the assets less the benchmark's, a short position here; cumulated without
# compounding, as in Chekhlov, Uryasev & Zabarankin (2005).
PERIODS = np.array(
    [
        [1.0, 4.0, 8.0, 3.0, -2.0],
        [7.0, -5.0, 4.0, -6.0, 11.0],
        [-2.0, 8.0, -1.0, 0.0, 6.0],
        [0.0, -3.0, -4.0, 9.0, 10.0],
    ]
)
POINT = np.array([1.0, 1.0, 1.0, 1.0, -1.0])


@pytest.mark.parametrize(
    ("measure", "published"),
    [
        (ConditionalDrawdown(level=0.65), 17.7143),  # cdar_dev(0.65, matrix_1)
        (ConditionalDrawdown(level=0.75), 20.0),  # the worst of four periods:
        (ConditionalDrawdown(level=0.99), 20.0),  # drawdown_dev_max(matrix_31)
    ],
    ids=["CDaR 65 %", "worst of four", "maximum drawdown"],
)
def test_drawdown__portfolio_safeguard__published_value(
    measure: Measure, published: float
) -> None:
    portfolio = of_returns(PERIODS, only(POINT))

    answer = best(portfolio, MeanRisk(measure=measure))

    assert answer.objective == pytest.approx(published, abs=5e-5)


def test_cvar__portfolio_safeguard__published_deviation() -> None:
    # cvar_dev(0.65, matrix_3), the same periods with chances 0.2, 0.2, 0.3 and 0.3: the
    # CVaR of what a loss is above its mean, and a part of an outcome counts
    returns = np.repeat(PERIODS, [2, 2, 3, 3], axis=0)
    portfolio = of_returns(returns - returns.mean(axis=0), only(POINT))

    answer = best(portfolio, MeanRisk(measure=CVaR(level=0.65)))

    assert answer.objective == pytest.approx(8.4143, abs=5e-5)


# --- entropic VaR ---


def test_entropic__uniform_losses__published_value() -> None:
    # The bound at 50 % of a loss uniform on [0, 1], by its moment generating function:
    # 0.815172, mathematica.stackexchange.com/questions/214962; the law is one of the
    # examples of Ahmadi-Javid (2012). Midpoints of 4,000 cells stand for it.
    losses = (np.arange(4000) + 0.5) / 4000
    worse = losses + 0.01
    portfolio = of_returns(-np.column_stack([losses, worse]), long_only(2))

    answer = best(portfolio, MeanRisk(measure=EntropicVaR(level=0.5)))

    assert answer.weights == pytest.approx([1, 0], abs=1e-9)
    assert answer.objective == pytest.approx(0.815172, abs=1e-6)


# --- CVaR budgets ---


# Arnaiz Iglesias, Cetingoz & Frikha (2024), "Mirror descent algorithms for risk
# budgeting portfolios", arXiv:2411.12323; digits as printed in the notebook
# 00_1_numerical_example_SMD_DMD.ipynb of github.com/martinarnaiziglesias/
# mirror_descent_rb: three shares whose returns are a mixture of two Student's t, and
# their equal budgets of expected shortfall at 95 %, from its formula.
CHANCES, FREEDOMS = (7, 3), (3.4, 2.6)  # in tenths
LOCATIONS = np.array([[0.0001, 0.0002, -0.0003], [0.001, 0.0005, 0.0002]])
SCALES = 1e-5 * np.array(
    [
        [[9, 3, 5], [3, 9, 3], [5, 3, 10]],
        [[40, 10, 10], [10, 10, 6], [10, 6, 10]],
    ]
)


def student_mixture(count: int) -> Floats:
    """(20 count, 3) of the law: Sobol' points and their mirror images."""
    from scipy.stats import chi2, norm, qmc

    parts = []
    for chance, freedom, location, scale in zip(
        CHANCES, FREEDOMS, LOCATIONS, SCALES, strict=True
    ):
        for seed in range(chance):
            points = qmc.Sobol(4, rng=seed).random(count)
            sizes = np.sqrt(freedom / chi2.ppf(points[:, 3:], freedom))
            moves = sizes * norm.ppf(points[:, :3]) @ np.linalg.cholesky(scale).T
            parts += [location + moves, location - moves]
    return np.vstack(parts)


def test_cvar_budgets__student_mixture__published_weights_and_risks() -> None:
    # VaR 0.0193, expected shortfall 0.0329, and 0.01096 of it from each; within what
    # 327,680 points can tell of tails as heavy
    returns = student_mixture(16384)
    model = RiskBudgeting(measure=CVaR(level=0.95))

    answer = best(of_returns(returns, long_only(3)), model)

    losses = -(returns @ answer.weights)
    tail = np.argsort(losses)[-len(losses) // 20 :]
    parts = -answer.weights * returns[tail].mean(axis=0)
    assert answer.weights == pytest.approx([0.2535, 0.3866, 0.3599], abs=7e-4)
    assert losses[tail].min() == pytest.approx(0.0193, abs=5e-5)
    assert losses[tail].mean() == pytest.approx(0.0329, rel=5e-3)
    assert parts == pytest.approx([0.01096] * 3, rel=5e-3)


# --- doubted means ---


# Ben-Tal, El Ghaoui & Nemirovski, "Robust optimization" (2009), chapter 2, the single-
# period portfolio: 199 assets with returns of mean 1.05 + 0.3 (200 - i) / 199 within
# 0.05 + 0.6 (200 - i) / 199 of it, and a bank at 1.05. At a risk of 0.5 % the box of
# all returns guarantees a profit of 5.0 %, the ball 12.0 %.
BELOW = np.arange(199, -1, -1) / 199  # (200 - i) / 199
MEANS = 1.05 + 0.3 * BELOW
WIDTHS = np.where(BELOW > 0, 0.05 + 0.6 * BELOW, 0.0)
RADIUS = np.sqrt(2 * np.log(1 / 0.005))  # 3.255


@pytest.mark.parametrize(
    ("doubt", "profit"),
    [
        (BoxMean(half_widths=WIDTHS), 0.05),
        (EllipsoidalMean(radius=RADIUS, shape=np.diag(WIDTHS**2)), 0.12),
    ],
    ids=["box", "ball"],
)
def test_doubted_means__ben_tal_200_assets__guaranteed_profit(doubt, profit) -> None:
    covariance = np.diag(WIDTHS**2)
    portfolio = Portfolio(
        polytope=long_only(200), expected_returns=MEANS, covariance=covariance
    )
    model = MeanRisk(goal=Utility(risk_aversion=0.0), doubts=(doubt,))

    answer = best(portfolio, model)

    assert -answer.objective - 1 == pytest.approx(profit, abs=5e-4)


# --- doubted covariances ---


def worst_case_example() -> Portfolio:
    """cvxgrp/cvx_short_course, book/docs/applications/notebooks/
    worst_case_analysis.ipynb: five assets, shorts, and |w|_1 of at most 2."""
    generator = np.random.RandomState(2)
    means = np.abs(generator.randn(5, 1)).ravel() / 15
    root = generator.uniform(-0.15, 0.8, size=(5, 5))
    return Portfolio(
        polytope=polytope_of(np.full(5, -1.0), np.full(5, 2.0)),
        expected_returns=means,
        covariance=root.T @ root,
        leverage=2.0,
    )


def test_leverage__worst_case_risk_analysis__published_weights() -> None:
    portfolio = worst_case_example()

    answer = best(portfolio, MeanRisk(goal=ReturnAtLeast(expected_return=0.1)))

    published = [-0.01, 0.13, 0.18, 0.88, -0.18]
    assert answer.weights == pytest.approx(published, abs=5e-3)
    assert np.sqrt(answer.objective) == pytest.approx(0.168895, abs=5e-7)


def test_box_covariance__worst_case_risk_analysis__published_risk() -> None:
    # covariances within 0.2, variances sure; the semidefinite cone binds
    portfolio = worst_case_example()
    goal = ReturnAtLeast(expected_return=0.1)
    weights = best(portfolio, MeanRisk(goal=goal)).weights
    pinned = Portfolio(polytope=only(weights), covariance=portfolio.covariance)
    half_widths = 0.2 * (1 - np.eye(5))

    answer = best(pinned, MeanRisk(doubts=(BoxCovariance(half_widths=half_widths),)))

    assert np.sqrt(answer.objective) == pytest.approx(0.42202, abs=1e-5)


# --- Wasserstein ---


# Mohajerin Esfahani & Kuhn (2018), section 7.1, as solved in RSOME's documentation
# (XiongPengNUS/rsome, "Mean-risk portfolio optimization with a Wasserstein ambiguity
# set"): 30 years of 10 assets, mean loss + 10 x CVaR at 80 %, radius 0.01.
RSOME = -1.1362073575769465
AVERSION, BALL = 10.0, 0.01


def rsome_returns() -> Floats:
    generator = np.random.RandomState(1)
    i = np.arange(1, 11)
    shared = 0.02 * generator.normal(size=(30, 10))
    return np.maximum(
        shared + 0.03 * i + 0.025 * i * generator.normal(size=(30, 10)), -1
    )


def test_wasserstein__rsome_in_the_1_norm__published_objective_by_caps() -> None:
    # Distances in the 1-norm price the largest weight: for each cap on weights, CVaR
    # alone, and the best cap. The published support, returns of -1 or more, is slack.
    returns = rsome_returns()
    model = MeanRisk(measure=CVaR(level=0.8), goal=Utility(risk_aversion=AVERSION))
    price = BALL * (1 + AVERSION / 0.2)

    def at(cap: float) -> float:
        answer = best(of_returns(returns, long_only(10, cap)), model)
        return float(answer.objective) + price * cap

    found = minimize_scalar(at, bounds=(0.1, 1), method="bounded")

    assert found.fun == pytest.approx(RSOME, abs=1e-6)


def test_wasserstein__rsome_radius__published_objective_between_two_norms() -> None:
    # Here distances are Euclidean. |w|_2 is at least |w|_inf, the published price, and
    # at most sqrt(10) of it; the mean loss adds a part 0.2 / 10 to the radius.
    returns = rsome_returns()
    radius = BALL * (1 + 0.2 / AVERSION)

    def at(ball: float) -> float:
        model = MeanRisk(
            measure=WassersteinCVaR(level=0.8, radius=ball),
            goal=Utility(risk_aversion=AVERSION),
        )
        return float(best(of_returns(returns, long_only(10)), model).objective)

    assert at(radius / np.sqrt(10)) <= RSOME <= at(radius)


# --- hierarchies ---


# Lopez de Prado's ten series of 2016 (exhibit 6). No paper prints their equal-risk
# weights: these are, in percent, what Riskfolio-Lib 7.4.0 and skfolio 1.12.2 both give
# for Ward's linkage.
@pytest.mark.parametrize(
    ("clusters", "measure", "printed"),
    [
        (
            5,
            Variance(),
            [
                [7.7781, 27.7826, 1.7272, 0.8413, 0.4297],
                [1.6240, 7.3553, 0.4021, 26.0690, 25.9907],
            ],
        ),
        (
            5,
            CVaR(level=0.95),
            [
                [7.5690, 27.3387, 1.6809, 0.8196, 0.4151],
                [1.6299, 7.3863, 0.4020, 26.1690, 26.5894],
            ],
        ),
        (
            3,
            Variance(),
            [
                [5.8289, 19.9575, 6.4476, 6.3768, 6.4149],
                [6.0625, 5.5120, 6.0031, 18.7265, 18.6703],
            ],
        ),
    ],
    ids=["5 by variance", "5 by CVaR", "3 by variance"],
)
def test_herc__ten_series__two_other_implementations(
    clusters: int, measure: Variance | CVaR, printed: list[list[float]]
) -> None:
    generator = np.random.RandomState(12345)
    series = generator.normal(0, 1, (10_000, 5))
    copies = series[:, [2, 0, 4, 1, 1]] + generator.normal(0, 0.25, (10_000, 5))
    returns = np.hstack([series, copies]) / 100
    covariance = np.cov(returns, rowvar=False)
    portfolio = replace(of_returns(returns, long_only(10)), covariance=covariance)

    answer = best(portfolio, HierarchicalEqualRisk(clusters=clusters, measure=measure))

    assert 100 * answer.weights == pytest.approx(np.ravel(printed), abs=6e-5)
