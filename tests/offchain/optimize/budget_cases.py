# SPDX-License-Identifier: MIT
"""Portfolios whose risk is to be shared, and shares of it written again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats


def limits(
    n: int,
    *,
    lowest: float | list[float] = 0.0,
    highest: float | list[float] = 1.0,
    rows: list[tuple[list[float], float]] | None = None,
    total: float = 1.0,
) -> Polytope:
    """Named A, B, ...; rows named by their number."""
    rows = rows or []
    return Polytope(
        assets=tuple(chr(ord("A") + i) for i in range(n)),
        lowest=np.broadcast_to(lowest, n).astype(float),
        highest=np.broadcast_to(highest, n).astype(float),
        names=tuple(f"row {i}" for i in range(len(rows))),
        matrix=np.array([row for row, _ in rows]).reshape(len(rows), n),
        bounds=np.array([bound for _, bound in rows]).reshape(len(rows)),
        total=total,
    )


def boxed(portfolio: Portfolio, times: float) -> Portfolio:
    """Each asset at most that many equal shares, groups at least 1.02 of theirs."""
    p, n = portfolio.polytope, len(portfolio.assets)
    polytope = replace(
        p,
        highest=np.full(n, min(times / n, 1.0)),
        bounds=np.maximum(p.bounds, 1.02 * p.matrix.sum(axis=1) / n),
    )
    return replace(portfolio, polytope=polytope)


def of_volatilities(
    volatilities: list[float],
    correlation: list[list[float]],
    polytope: Polytope | None = None,
) -> Portfolio:
    n = len(volatilities)
    return Portfolio(
        polytope=polytope or limits(n),
        covariance=np.outer(volatilities, volatilities) * np.array(correlation),
    )


def of_losses(losses: list[list[float]], polytope: Polytope | None = None) -> Portfolio:
    scenarios = -np.array(losses)
    return Portfolio(
        polytope=polytope or limits(scenarios.shape[1]), scenarios=scenarios
    )


def hedged_case(n: int, t: int, seed: int) -> Portfolio:
    """Half of the assets move against the market: little is left of their risk."""
    generator = np.random.default_rng(seed)
    market = generator.normal(0, 0.03, (t, 1)) * generator.uniform(-1.5, 1.5, n)
    own = generator.normal(0, 1, (t, n)) * generator.uniform(0.001, 0.03, n)
    return of_losses((-market - own).tolist())


def shares(weights: Floats, covariance: Floats) -> Floats:
    """Of the variance."""
    return weights * (covariance @ weights) / (weights @ covariance @ weights)


def worst_mean(losses: Floats, level: float) -> float:
    """CVaR by definition: the least of a + mean excess over a / (1 - level)."""
    excess = np.maximum(losses[None] - losses[:, None], 0).mean(axis=1)
    return float((losses + excess / (1 - level)).min())


def cornered_case(seed: int) -> Portfolio:
    """Hedged and noisy returns under limits that a few weights, or one, just meet."""
    generator = np.random.default_rng(seed)
    n, t = int(generator.integers(2, 25)), int(generator.choice([30, 250]))
    market = generator.normal(0, 0.03, (t, 1)) * generator.uniform(-1.5, 1.5, n)
    own = generator.normal(0, 1, (t, n)) * 10 ** generator.uniform(-4, -1, n)
    returns = market + own
    met = generator.dirichlet(np.full(n, 2.0))
    matrix = generator.choice([0.0, 0.0, 1.0, 0.5, -1.0], (3, n))
    slack = generator.choice([0.0, 0.01])
    pinned = generator.random(n) < 0.05
    lowest = np.where(pinned, met, met * generator.choice([0.0, 0.5], n))
    highest = np.where(pinned, met, met * generator.uniform(1, 3, n))
    return Portfolio(
        polytope=Polytope(
            assets=tuple(f"asset {i}" for i in range(n)),
            lowest=lowest,
            highest=highest,
            names=tuple(f"row {i}" for i in range(3)),
            matrix=matrix,
            bounds=matrix @ met + slack,
        ),
        covariance=np.cov(returns, rowvar=False),
        scenarios=returns,
    )
