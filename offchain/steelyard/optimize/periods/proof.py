# SPDX-License-Identifier: MIT
"""The bound of a path that was found, from what solvers say of the limits there.

Interest at its kink is not concave. Where that leaves a gap each order's supply is
bounded on either side of the kink on its own (branch and bound); a side is closed when
nothing there is worth more than the path. The bound is that of the worst open side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.concave import kink
from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.periods.bound import Box, path_bound, whole_box
from steelyard.optimize.periods.freedom import PathFreedom, freedom_of
from steelyard.optimize.periods.model import (
    ABOVE,
    BELOW,
    BOTH,
    Multipliers,
    PathModel,
    Sides,
    sides_of,
)
from steelyard.optimize.periods.parts import PathParts, path_parts
from steelyard.optimize.periods.prices import PathPrices, no_path_prices, path_prices
from steelyard.optimize.periods.search import REACHES
from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import Allocation

CLOSED = 1e-8  # of NAV: a side that may add less is closed
MOST_BRANCHES = 12
MOST_ANSWERS = 2  # of solvers that are not sure


@dataclass(frozen=True, kw_only=True, eq=False)
class _Branch:
    """Plans on these sides of the kinks, and what bounds them."""

    sides: Sides
    bound: float
    around: Sequence[Allocation]  # where tangents were drawn
    prices: PathPrices


@dataclass(eq=False)
class _Models:
    """What is asked for prices; the elastic one where a side has no allowed plan."""

    parts: PathParts
    strict: PathModel
    _elastic: PathModel | None = None

    def elastic(self) -> PathModel:
        if self._elastic is None:
            parts = self.parts
            self._elastic = PathModel(
                parts.problem, parts.periods, parts.stays, is_elastic=True
            )
        return self._elastic


def proved_bound(
    problem: Problem,
    model: PathModel | None,
    path: Sequence[Allocation],
    stays: float,
    value: float,
) -> float | None:
    """No plan of so many orders that keeps its limits is worth more; `value` is what
    `path` is worth.

    None where that cannot be stated. Without a `model`, or an answer of it, limits are
    taken to be worth nothing, which is true and may say little.
    """
    try:
        parts = path_parts(problem, len(path), stays)
    except SolveFailed:
        return None
    root = _root(parts, model, path)
    if model is None:
        return root.bound
    models, leaves = _Models(parts=parts, strict=model), [root]
    for _ in range(MOST_BRANCHES):
        worst = max(leaves, key=lambda leaf: leaf.bound)
        cut = _cut(parts, worst)
        if worst.bound <= value + CLOSED or cut is None:
            break
        leaves.remove(worst)
        leaves += [_child(models, worst, *cut, side) for side in (BELOW, ABOVE)]
    return max(leaf.bound for leaf in leaves)


def _root(
    parts: PathParts, model: PathModel | None, path: Sequence[Allocation]
) -> _Branch:
    """All plans; the lowest of the bounds around the path."""
    sides = np.full((parts.periods, len(parts.problem.lending)), BOTH)
    none = no_path_prices(parts)
    found = [_branch(parts, sides, path, none)]
    gas, freedoms = parts.problem.gas, list[PathFreedom | None]([None])
    if max(gas.supply, gas.withdraw, gas.swap) > 0:
        freedoms.append(freedom_of(parts.problem, path))
    for freedom in freedoms if model is not None else ():
        here = sides_of(parts.problem, path)
        for answer in _answers(model, path, here, REACHES[-1], freedom):
            found += _branches(parts, sides, path, answer)
    return min(found, key=lambda branch: branch.bound)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Answer:
    """The path that a model wants, and what it says that limits are worth there."""

    wanted: list[Allocation]
    said: Multipliers


def _answers(
    model: PathModel | None,
    path: Sequence[Allocation],
    sides: Sides,
    reach: float,
    freedom: PathFreedom | None = None,
) -> list[_Answer]:
    """Of one solver after another, until one is sure or there are enough."""
    found: list[_Answer] = []
    if model is None:
        return found
    for outcome, _, wanted in model.solve(path, sides, reach, freedom, True):
        if outcome in ("infeasible", "unbounded"):
            break
        if wanted:
            found.append(_Answer(wanted=wanted, said=model.multipliers()))
        if outcome == "optimal" or len(found) == MOST_ANSWERS:
            break
    return found


def _branches(
    parts: PathParts, sides: Sides, path: Sequence[Allocation], answer: _Answer
) -> list[_Branch]:
    """Around the path, and around what the model wants."""
    said, found = answer.said, []
    for around in (path, answer.wanted):
        prices = path_prices(parts, around, said.tokens, said.rows, said.budgets)
        found.append(_branch(parts, sides, around, prices))
    return found


def _branch(
    parts: PathParts, sides: Sides, around: Sequence[Allocation], prices: PathPrices
) -> _Branch:
    bound = path_bound(parts, around, prices, _box(parts, sides))
    return _Branch(sides=sides, bound=bound, around=around, prices=prices)


def _child(models: _Models, parent: _Branch, order: int, k: int, side: int) -> _Branch:
    """One side of the parent, with the parent's prices or better ones."""
    parts, sides, around = models.parts, parent.sides.copy(), parent.around
    sides[order, k] = side
    found = [_branch(parts, sides, around, parent.prices)]
    model = models.strict
    for reach in (REACHES[0], REACHES[-1]):
        answers = _answers(model, around, sides, reach)[:1]
        if not answers and model is models.strict:
            model = models.elastic()
            answers = _answers(model, around, sides, reach)[:1]
        for answer in answers:
            found += _branches(parts, sides, around, answer)
            around = answer.wanted
    return min(found, key=lambda branch: branch.bound)


def _cut(parts: PathParts, branch: _Branch) -> tuple[int, int] | None:
    """(order, market) of a kink on both sides of which the branch still stands."""
    for k, market in enumerate(parts.problem.lending):
        at, slot = kink(market), parts.problem.slots[market.slot]
        if at is None or not slot.lowest < at < slot.highest:
            continue
        for order in np.flatnonzero(branch.sides[:, k] == BOTH):
            return int(order), k
    return None


def _box(parts: PathParts, sides: Sides) -> Box:
    """The values on these sides."""
    box = whole_box(parts)
    for k, market in enumerate(parts.problem.lending):
        at, slot = kink(market), market.slot
        if at is not None:
            above, below = sides[:, k] == ABOVE, sides[:, k] == BELOW
            box.lowest[above, slot] = np.maximum(box.lowest[above, slot], at)
            box.highest[below, slot] = np.minimum(box.highest[below, slot], at)
    return box
