# SPDX-License-Identifier: MIT
"""Models that are recipes for weights, over a vault's amounts.

Risk budgeting and the hierarchical models have no cost in them: with costs they are no
optimisation. So the weights come first, of all that has risk, under the vault's rows
and with as much put to work as these allow; then the order that comes nearest to them
through the pools, and cheapest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.allocate import allocate
from steelyard.optimize.errors import ModelRefused, SolveFailed
from steelyard.optimize.outcome import Status
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.vault.charges import Charge
from steelyard.optimize.vault.curves import Indexes
from steelyard.optimize.vault_model import VaultModel

RISKLESS = 1e-12  # of the largest variance
ROOM = 1 - 1e-9  # of what can be put to work: a set of one point has no barrier


@dataclass(frozen=True, kw_only=True, eq=False)
class Recipe:
    """Weights of some columns of z, over NAV before."""

    columns: tuple[int, ...]
    weights: Floats


def recipe(problem: Problem, wanted: VaultModel, risk: Charge) -> Recipe:
    """The model's weights; `risk` is the volatility, whose matrix gives covariances.

    Raises `ModelRefused`, `SolveFailed` where the model has no answer.
    """
    covariance = risk.matrix.T @ risk.matrix
    variance = covariance.diagonal()
    columns: Indexes = np.flatnonzero(variance > RISKLESS * variance.max(initial=0.0))
    columns = columns[columns > 0]  # the asset itself is what the rest stays in
    if not len(columns):
        raise ModelRefused(type(wanted.model).__name__, "nothing here has any risk")
    polytope = _polytope(problem, columns)
    scenarios = None if wanted.scenarios is None else wanted.scenarios[:, columns]
    answer = allocate(
        Portfolio(
            polytope=polytope,
            covariance=covariance[columns[:, None], columns],
            scenarios=scenarios,
        ),
        wanted.model,
    )
    if answer.status is not Status.OPTIMAL:
        outcome = "infeasible" if answer.conflicts else "inaccurate"
        raise SolveFailed("weights", outcome)
    return Recipe(columns=tuple(int(c) for c in columns), weights=answer.weights)


def names_of(problem: Problem) -> list[str]:
    """(n_tokens + n_slots,) of the columns of z."""
    tokens = [f"token {i}" for i in range(len(problem.inventory))]
    return tokens + [slot.name for slot in problem.slots]


def _polytope(problem: Problem, columns: Indexes) -> Polytope:
    """The vault's rows over these columns; what they leave is the asset."""
    tokens, names = len(problem.inventory), names_of(problem)
    whole = float(problem.inventory.sum() + problem.values.sum())
    lowest = np.zeros(tokens + len(problem.slots))
    highest = np.full(len(lowest), whole)
    lowest[tokens:] = [slot.lowest for slot in problem.slots]
    highest[tokens:] = np.minimum([slot.highest for slot in problem.slots], whole)
    rows = np.array([row.coefficients for row in problem.rows])
    rows = rows.reshape(-1, len(lowest))
    bounds = np.array([row.bound for row in problem.rows]) - rows[:, 0] * whole
    matrix = rows[:, columns] - rows[:, :1]
    box = lowest[columns], highest[columns]
    return Polytope(
        assets=tuple(f"{names[c]} ({c})" for c in columns),
        lowest=box[0],
        highest=box[1],
        names=tuple(row.name for row in problem.rows),
        matrix=matrix,
        bounds=bounds,
        total=_most(matrix, bounds, *box, whole) * ROOM,
    )


def _most(
    matrix: Floats, bounds: Floats, lowest: Floats, highest: Floats, whole: float
) -> float:
    """Most that can stand in them together. Raises `SolveFailed`."""
    from scipy.optimize import linprog

    ones = np.ones((1, len(lowest)))
    found = linprog(
        -ones[0],
        A_ub=np.vstack([matrix, ones]),
        b_ub=np.append(bounds, whole),
        bounds=np.column_stack([lowest, highest]),
        method="highs",
    )
    if found.status != 0:
        raise SolveFailed("weights", "infeasible" if found.status == 2 else "failed")
    return float(-found.fun)
