# SPDX-License-Identifier: MIT
"""The answer to a question about weights, with all that explains it."""

from dataclasses import dataclass

import numpy as np

from steelyard.allocation.ask import Ask
from steelyard.allocation.figures import (
    Figures,
    contributions,
    figures_of,
    measure_of,
    shares_of,
)
from steelyard.allocation.inputs import Prepared, prepare
from steelyard.allocation.prices import Limit, limits_of
from steelyard.market.history import FloatArray
from steelyard.optimize.allocate import allocate
from steelyard.optimize.answer import Answer
from steelyard.optimize.errors import OptimizeError
from steelyard.optimize.quadratic.frontier import Frontier, efficient_frontier


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """Weights, their figures beside others', and the frontier that they stand at."""

    prepared: Prepared
    answer: Answer
    figures: Figures
    others: tuple[tuple[str, Figures], ...]  # what is held now, equal weights
    risk_shares: FloatArray | None  # (n,) of the model's measure; None: no risk
    limits: tuple[Limit, ...]
    frontier: Frontier | None
    no_frontier: str  # why there is none

    @property
    def assets(self) -> tuple[str, ...]:
        return self.prepared.portfolio.assets


def analyse(ask: Ask) -> Analysis:
    """Raises `AllocationError`, `EstimateError`, `MarketDataError` or `OptimizeError`;
    what solvers say stands in the answer."""
    prepared = prepare(ask)
    answer = allocate(prepared.portfolio, prepared.model)
    terms = contributions(
        measure_of(prepared.model), prepared.portfolio, answer.weights
    )
    frontier, why = _frontier(prepared)
    return Analysis(
        prepared=prepared,
        answer=answer,
        figures=figures_of(prepared, answer.weights),
        others=_others(prepared),
        risk_shares=shares_of(terms),
        limits=limits_of(prepared, answer),
        frontier=frontier,
        no_frontier=why,
    )


def _others(prepared: Prepared) -> tuple[tuple[str, Figures], ...]:
    portfolio = prepared.portfolio
    count = len(portfolio.assets)
    found = [("equal weights", np.full(count, 1 / count))]
    if portfolio.current is not None and portfolio.current.any():
        found.insert(0, ("held now", portfolio.current))
    return tuple((name, figures_of(prepared, weights)) for name, weights in found)


def _frontier(prepared: Prepared) -> tuple[Frontier | None, str]:
    """The corners of the mean-variance frontier under the same limits."""
    portfolio = prepared.portfolio
    if portfolio.expected_returns is None:
        return None, "expected returns are not given"
    if not portfolio.is_frictionless:
        return None, "with costs or a limit of turnover or leverage it has no corners"
    try:
        return efficient_frontier(portfolio), ""
    except OptimizeError as error:
        return None, str(error)
