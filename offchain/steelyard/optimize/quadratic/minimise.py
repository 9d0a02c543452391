# SPDX-License-Identifier: MIT
"""The exact optimum of a program: one method by rule, others where that fails.

Few held: a growing support. Many held: an interior point, then the exact line. None is
tried for ever, and each is checked by the conditions of optimality over all assets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.quadratic.interior import interior
from steelyard.optimize.quadratic.line import Line
from steelyard.optimize.quadratic.program import (
    ActiveSet,
    Indices,
    Program,
    at_lowest,
    fixed,
    movable,
)
from steelyard.optimize.quadratic.support import WHOLE, grown, settled

METHOD = "active set"
DUAL_METHOD = "dual active set"  # all at once
FEW = 4  # the least held is under 1 / 4 of the assets: a support is grown
FIRST = 40  # assets in the first support, at least
DOUBT = 1e3  # of prices, where no method is exact: the gap stays under 1e-9


def minimise(
    program: Program, multiplier: float, start: ActiveSet | None = None
) -> Line:
    """The line of the optimal active set, from one near it where `start` gives that.

    Raises `SolveFailed`.
    """
    for line in _attempts(program, multiplier, start):
        if line is not None:
            return line
    raise SolveFailed(METHOD, _outcome(program))


def _attempts(
    program: Program, multiplier: float, start: ActiveSet | None
) -> Iterator[Line | None]:
    p = program
    if start is not None:
        yield settled(p, multiplier, start)
    assets, needed, rest = movable(p), _fewest(p), at_lowest(p)
    if not len(assets):
        yield settled(p, multiplier, fixed(p))
    elif len(assets) <= WHOLE:
        yield grown(p, multiplier, rest, assets, WHOLE)
    elif needed * FEW <= len(assets):
        count = max(FIRST, 2 * needed)
        inside = _likely(p, multiplier, assets, count)
        yield grown(p, multiplier, rest, inside, len(assets) // 2)
    yield interior(p, multiplier)
    if len(assets) > WHOLE:
        yield grown(p, multiplier, rest, assets, len(assets))
    yield grown(replace(p, doubt=DOUBT), multiplier, rest, assets, len(assets))


def _fewest(program: Program) -> int:
    """Assets that it takes to place the sum, if all were as wide as the widest."""
    p = program
    width = float((p.highest - p.lowest).max())
    left = float(p.bounds[0] - p.lowest.sum())
    return int(np.ceil(left / width)) if left > 0 and width > 0 else 0


def _likely(
    program: Program, multiplier: float, assets: Indices, count: int
) -> Indices:
    """About `count` assets, of least gradient beside a core of the calmest ones."""
    p = program
    variances = p.covariance.diagonal()
    score = (variances - 2 * multiplier * p.gains)[assets]
    core = assets[np.argpartition(score, count // 2)[: count // 2]]
    calm = 1.0 / (variances[core] + 1e-6 * p.size)
    gradient = (calm / calm.sum()) @ p.covariance[core] - multiplier * p.gains
    near = assets[np.argpartition(gradient[assets], count)[:count]]
    return np.union1d(core[: count // 3], near)


def _outcome(program: Program) -> str:
    """Why nothing was found: "infeasible" where a linear program says so."""
    from scipy.optimize import linprog

    p = program
    told = linprog(
        np.zeros(len(p.gains)),
        A_ub=p.rows[1:],
        b_ub=p.bounds[1:],
        A_eq=p.rows[:1],
        b_eq=p.bounds[:1],
        bounds=np.column_stack([p.lowest, p.highest]),
        method="highs",
    )
    return "infeasible" if told.status == 2 else "inaccurate"
