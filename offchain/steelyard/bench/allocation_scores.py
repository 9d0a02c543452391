# SPDX-License-Identifier: MIT
"""How good weights are, whoever found them: the same few lines of numpy for all.

Every objective is one to minimise.
"""

from __future__ import annotations

import numpy as np

from steelyard.bench.allocation_cases import LEVEL, Case, DataSet, limits_of
from steelyard.optimize.problem import Floats

WORDS = {  # what the figure is
    "minimum-variance": "variance a day",
    "maximum-sharpe": "minus Sharpe's ratio a day",
    "risk-parity": "spread of shares of risk",
    "cvar": "CVaR of a day's loss",
}
MOST_MISSED = 1e-10  # weights that miss a limit by more are no candidates for the best


def objective(task: str, weights: Floats, data: DataSet) -> float:
    """Of one data set."""
    if task == "cvar":
        return cvar(-data.returns @ weights, LEVEL)
    variance = float(weights @ data.covariance @ weights)
    if task == "minimum-variance":
        return variance
    if task == "maximum-sharpe":
        return float(-(data.mean @ weights) / np.sqrt(variance))
    shares = weights * (data.covariance @ weights) / variance
    return float(shares.max() - shares.min())


def cvar(losses: Floats, level: float) -> float:
    """Mean of the worst 1 - level of them, the last one in part."""
    worst = np.sort(losses)[::-1]
    count = (1 - level) * len(worst)
    whole = int(count + 1e-9)
    part = max(count - whole, 0.0)
    rest = part * worst[whole] if whole < len(worst) else 0.0
    return float((worst[:whole].sum() + rest) / count)


def violation(case: Case, weights: Floats) -> float:
    """Most by which a weight, a group or the sum misses its limit, at least 0."""
    matrix, bounds = limits_of(case)
    missed = [
        -weights.min(),
        weights.max() - case.highest,
        (matrix @ weights - bounds).max(initial=0.0),
        abs(weights.sum() - 1.0),
    ]
    return float(max(0.0, *missed))


def above(task: str, objectives: Floats, best: Floats) -> float | None:
    """Most by which objectives are above the best; None where nothing is known.

    Relative, or of shares of risk, whose best is 0, absolute. Below 0 only for weights
    that miss limits.
    """
    apart = objectives - best
    if task != "risk-parity":
        apart = apart / np.abs(best)
    return None if np.isnan(apart).all() else float(np.nanmax(apart))


def best_of(objectives: list[Floats], violations: list[Floats]) -> Floats:
    """(sets,) the least objective of weights that keep the limits; NaN without any."""
    kept = [
        np.where(missed <= MOST_MISSED, value, np.nan)
        for value, missed in zip(objectives, violations, strict=True)
    ]
    table = np.vstack(kept)
    none = np.isnan(table).all(axis=0)
    return np.where(none, np.nan, np.nanmin(np.where(none, np.inf, table), axis=0))
