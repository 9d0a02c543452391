# SPDX-License-Identifier: MIT
"""Tail models stated a second time: whole programs, and what proves an answer."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from steelyard.optimize.found import Found
from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    Goal,
    LargestRatio,
    LeastRisk,
    MeanRisk,
    Measure,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    WorstCase,
)
from steelyard.optimize.polytope import Polytope, violation
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.families import ways_of

# Rockafellar & Uryasev (2000), tables 1 to 3: S&P 500, government bonds, small caps;
# monthly returns, and the least of all three measures at a mean of 0.011.
RU_MEAN = np.array([0.0101110, 0.0043532, 0.0137058])
RU_COVARIANCE = np.array(
    [
        [0.00324625, 0.00022983, 0.00420395],
        [0.00022983, 0.00049937, 0.00019247],
        [0.00420395, 0.00019247, 0.00764097],
    ]
)
RU_FLOOR = 0.011
RU_WEIGHTS = np.array([0.452013, 0.115573, 0.432414])


def polytope_of(n: int, highest: float = 1.0, **changed) -> Polytope:
    """Long only, the sum 1, no rows; `changed` are other fields of `Polytope`."""
    fields = {
        "assets": tuple(f"asset {i}" for i in range(n)),
        "lowest": np.zeros(n),
        "highest": np.full(n, highest),
        "names": (),
        "matrix": np.zeros((0, n)),
        "bounds": np.zeros(0),
    }
    return Polytope(**(fields | changed))


def portfolio_of(scenarios, polytope: Polytope | None = None, **known) -> Portfolio:
    """With the scenarios' own means; `known` are other fields of `Portfolio`."""
    returns = np.array(scenarios, float)
    fields = {
        "polytope": polytope or polytope_of(returns.shape[1]),
        "expected_returns": returns.mean(axis=0),
        "scenarios": returns,
    }
    return Portfolio(**(fields | known))


def normal_scenarios(count: int) -> Floats:
    """(2 count, 3) of the example's law: Sobol' points with exactly its two moments,
    and their mirror images."""
    from scipy.stats import norm, qmc

    points = qmc.Sobol(3, seed=1).random(count)
    normal = np.vstack([norm.ppf(points), -norm.ppf(points)])
    whitened = normal @ np.linalg.inv(np.linalg.cholesky(np.cov(normal.T))).T
    return RU_MEAN + whitened @ np.linalg.cholesky(RU_COVARIANCE).T


def solved(portfolio: Portfolio, measure: Measure, goal: Goal, *doubts) -> Found:
    """By the family's way."""
    model = MeanRisk(measure=measure, goal=goal, doubts=doubts)
    (way,) = ways_of(portfolio, model)
    return way(portfolio, model)


def goals_of(
    portfolio: Portfolio, least: float, *, risk_aversion: float, risk_free: float
) -> list[Goal]:
    """All five, where `least` is the least of the measure."""
    floor = float(np.quantile(portfolio.expected_returns, 0.6))
    return [
        LeastRisk(),
        Utility(risk_aversion=risk_aversion),
        ReturnAtLeast(expected_return=floor),
        RiskAtMost(limit=1.2 * least),
        LargestRatio(risk_free=risk_free),
    ]


def least_by_cvxpy(portfolio: Portfolio, goal: Goal, state) -> float:
    """The objective by cvxpy and Clarabel.

    `state(cp, weights)` gives the measure of weights on any scale, and its limits; the
    scale is 1, or free where the goal is a ratio (Charnes & Cooper 1962).
    """
    import cvxpy as cp

    p, mean = portfolio.polytope, portfolio.expected_returns
    ratio = isinstance(goal, LargestRatio)
    weights, scale = cp.Variable(len(p.assets)), cp.Variable() if ratio else 1.0
    risk, limits = state(cp, weights)
    limits = [
        *limits,
        weights >= p.lowest * scale,
        weights <= p.highest * scale,
        p.matrix @ weights <= p.bounds * scale,
        cp.sum(weights) == p.total * scale,
    ]
    aim = risk
    if isinstance(goal, Utility):
        aim = goal.risk_aversion * risk - mean @ weights
    elif isinstance(goal, ReturnAtLeast):
        limits.append(mean @ weights >= goal.expected_return)
    elif isinstance(goal, RiskAtMost):
        aim = -(mean @ weights)
        limits.append(risk <= goal.limit)
    elif ratio:
        limits += [mean @ weights - goal.risk_free * scale == 1, scale >= 0]
    least = cp.Problem(cp.Minimize(aim), limits).solve(solver=cp.CLARABEL)
    return -1 / least if ratio else least


def assert_proved(portfolio: Portfolio, found: Found, gap: float = 1e-9) -> None:
    """Allowed to 1e-11, and at most `gap` of its size above what is possible."""
    size = max(abs(found.objective), abs(found.bound))
    assert violation(portfolio.polytope, found.weights) <= 1e-11
    assert abs(found.objective - found.bound) <= gap * size
    assert found.row_prices.min(initial=0.0) >= 0


def assert_stationary(
    polytope: Polytope, weights: Floats, slopes: Floats, row_prices: Floats
) -> None:
    """Karush, Kuhn and Tucker: at one price of weight, no asset and no row pays.

    `slopes` (n,) are those of what is minimised.
    """
    p = polytope
    total = slopes + row_prices @ p.matrix
    low, high = weights <= p.lowest + 1e-9, weights >= p.highest - 1e-9
    free = ~low & ~high
    noise = 1e-7 * np.abs(slopes).max()
    price = np.median(total[free]) if free.any() else total[high].max()
    slack = p.bounds - p.matrix @ weights
    assert np.abs(total[free] - price).max(initial=0.0) <= noise
    assert (total[low] >= price - noise).all()
    assert (total[high] <= price + noise).all()
    assert np.abs(row_prices * slack).max(initial=0.0) <= noise


def least_by_whole_program(
    portfolio: Portfolio, measure: CVaR | WorstCase | ConditionalDrawdown, goal: Goal
) -> float:
    """The objective by scipy, with all scenarios and assets in one linear program.

    Columns: weights, level of the tail, excess and loss of each period, and a scale
    that is 1, or free where the goal is a ratio (Charnes & Cooper 1962).
    """
    p, returns, mean = (
        portfolio.polytope,
        portfolio.scenarios,
        portfolio.expected_returns,
    )
    (t, n), eye = returns.shape, np.eye(len(returns))
    is_path = isinstance(measure, ConditionalDrawdown)
    tail = 1.0 if isinstance(measure, WorstCase) else (1 - measure.level) * t
    before = np.eye(t, k=-1) if is_path else np.zeros((t, t))

    def block(weights, level=0.0, excess=0.0, losses=0.0, scale=0.0) -> Floats:
        rows = len(weights)
        parts = [(weights, n), (level, 1), (excess, t), (losses, t), (scale, 1)]
        return np.hstack([np.broadcast_to(part, (rows, k)) for part, k in parts])

    none = np.zeros((t, n))
    risk = block(np.zeros((1, n)), level=1.0, excess=1 / tail)
    gain = block(mean[None])
    above = [
        (block(none, level=-1.0, excess=-eye, losses=eye), np.zeros(t)),
        (block(-returns, losses=before - eye), np.zeros(t)),
        (block(p.matrix, scale=-p.bounds[:, None]), np.zeros(len(p.names))),
        (block(np.eye(n), scale=-p.highest[:, None]), np.zeros(n)),
        (block(-np.eye(n), scale=p.lowest[:, None]), np.zeros(n)),
    ]
    equal = [(block(np.ones((1, n)), scale=-p.total), [0.0])]
    costs, scales = risk, (1, 1)
    if isinstance(goal, Utility):
        costs = goal.risk_aversion * risk - gain
    elif isinstance(goal, ReturnAtLeast):
        above.append((-gain, [-goal.expected_return]))
    elif isinstance(goal, RiskAtMost):
        above.append((risk, [goal.limit]))
        costs = -gain
    elif isinstance(goal, LargestRatio):
        equal.append((block(mean[None], scale=-goal.risk_free), [1.0]))
        scales = (0, None)
    least = 0 if is_path else None
    found = linprog(
        costs[0],
        A_ub=np.vstack([rows for rows, _ in above]),
        b_ub=np.concatenate([sides for _, sides in above]),
        A_eq=np.vstack([rows for rows, _ in equal]),
        b_eq=np.concatenate([sides for _, sides in equal]),
        bounds=[(None, None)] * (n + 1)
        + [(0, None)] * t
        + [(least, None)] * t
        + [scales],
        method="highs",
    )
    assert found.status == 0
    return -1 / found.fun if isinstance(goal, LargestRatio) else found.fun
