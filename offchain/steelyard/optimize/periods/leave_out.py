# SPDX-License-Identifier: MIT
"""Gas is a fixed cost an action, met by taking few.

From what pays without gas, orders and actions are left out: first whole orders, then
halves of the smallest actions, then one by one, as long as what is left is worth no
less by the true formulas. From the one order that is best alone, its actions are done
again in one more order, as long as that gains.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from steelyard.optimize.periods.freedom import (
    Action,
    PathFreedom,
    actions,
    as_first,
    freedom_of,
    only,
    without,
)
from steelyard.optimize.periods.search import Path, PathSearch
from steelyard.optimize.terms import TIE


def best_with_gas(search: PathSearch, single: Path, many: Path) -> Path:
    """The best path found, gas paid, never worse than `single`."""
    grown = _grow(search, single)
    fewer = search.within(many, freedom_of(search.problem, many.orders))
    if fewer is None:
        return grown
    return max(grown, _leave_out(search, fewer), key=lambda path: path.net)


def _grow(search: PathSearch, single: Path) -> Path:
    """The same actions in more orders, as long as one more gains."""
    again = as_first(search.problem, single.orders[0], len(single.orders))
    best, acting = single, {0}
    while search.left > 0:
        more = [
            (path, order)
            for order in set(range(len(single.orders))) - acting
            if (path := search.within(best, only(again, acting | {order})))
        ]
        if not more:
            return best
        path, order = max(more, key=lambda pair: pair[0].net)
        if path.net <= best.net + TIE:
            return best
        best, acting = path, acting | {order}
    return best


def _leave_out(search: PathSearch, path: Path) -> Path:
    """As long as something may be left out and solves are left."""
    while search.left > 0:
        trials = (_tried(search, path, trial) for trial in _trials(search, path))
        better = next((trial for trial in trials if trial is not None), None)
        if better is None:
            return path
        path = better
    return path


def _trials(search: PathSearch, path: Path) -> Iterator[PathFreedom]:
    """What may be left out, the most first."""
    done, free = actions(search.problem, path.orders), _free(search, path)
    for order in reversed(_orders(done)):
        yield without(free, order)
    count = len(done) // 2
    while count > 1:
        yield without(free, done[:count])
        count //= 2
    for action in done:
        yield without(free, [action])


def _orders(done: list[Action]) -> list[list[Action]]:
    """The actions of each order that has some."""
    by_order = sorted(done, key=lambda action: action.order)
    return [list(own) for _, own in groupby(by_order, key=lambda a: a.order)]


def _free(search: PathSearch, path: Path) -> PathFreedom:
    return freedom_of(search.problem, path.orders)


def _tried(search: PathSearch, path: Path, freedom: PathFreedom) -> Path | None:
    """The path without it, where that is no worse."""
    if search.left <= 0:
        return None
    found = search.within(path, freedom)
    return found if found is not None and found.net >= path.net - TIE else None
