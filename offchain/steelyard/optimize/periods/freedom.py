# SPDX-License-Identifier: MIT
"""Which actions of which orders may be taken: the others cost no gas."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import LEAST_CHANGE, Allocation

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class PathFreedom:
    """What each order leaves as it finds it."""

    kept: Flags  # (n_orders, n_slots) whose value does not change
    unused: Flags  # (n_orders, n_legs)


@dataclass(frozen=True, kw_only=True, order=True)
class Action:
    """A slot or a leg that an order changes or uses; `size` over NAV before."""

    size: float
    order: int
    is_slot: bool
    index: int


def all_free(problem: Problem, periods: int) -> PathFreedom:
    return PathFreedom(
        kept=np.zeros((periods, len(problem.slots)), dtype=bool),
        unused=np.zeros((periods, len(problem.legs)), dtype=bool),
    )


def freedom_of(problem: Problem, path: Sequence[Allocation]) -> PathFreedom:
    """What a path does, but for what is too small to count."""
    values = np.array([problem.values, *(order.values for order in path)])
    inputs = np.array([order.inputs for order in path])
    return PathFreedom(
        kept=np.abs(np.diff(values, axis=0)) < LEAST_CHANGE,
        unused=inputs < LEAST_CHANGE,
    )


def as_first(problem: Problem, order: Allocation, periods: int) -> PathFreedom:
    """What this order does, in each of so many orders."""
    once = freedom_of(problem, [order])
    return PathFreedom(
        kept=np.repeat(once.kept, periods, axis=0),
        unused=np.repeat(once.unused, periods, axis=0),
    )


def actions(problem: Problem, path: Sequence[Allocation]) -> list[Action]:
    """What a path does, the smallest first."""
    values = np.array([problem.values, *(order.values for order in path)])
    moved = np.abs(np.diff(values, axis=0))
    inputs = np.array([order.inputs for order in path])
    found = [
        Action(size=float(sizes[t, i]), order=int(t), is_slot=is_slot, index=int(i))
        for sizes, is_slot in ((moved, True), (inputs, False))
        for t, i in np.argwhere(sizes >= LEAST_CHANGE)
    ]
    return sorted(found)


def without(freedom: PathFreedom, dropped: Sequence[Action]) -> PathFreedom:
    """The same without these actions."""
    kept, unused = freedom.kept.copy(), freedom.unused.copy()
    for action in dropped:
        flags = kept if action.is_slot else unused
        flags[action.order, action.index] = True
    return PathFreedom(kept=kept, unused=unused)


def only(freedom: PathFreedom, acting: Collection[int]) -> PathFreedom:
    """The same in these orders, nothing in the others."""
    rests = ~np.isin(np.arange(len(freedom.kept)), list(acting))[:, None]
    return PathFreedom(kept=freedom.kept | rests, unused=freedom.unused | rests)


def snapped(
    problem: Problem, path: Sequence[Allocation], freedom: PathFreedom
) -> list[Allocation]:
    """The path without what is not free, to be settled."""
    found, before = [], problem.values
    for order, kept, unused in zip(path, freedom.kept, freedom.unused, strict=True):
        before = np.where(kept, before, order.values)
        inputs = np.where(unused, 0.0, order.inputs)
        found.append(replace(order, values=before, inputs=inputs))
    return found
