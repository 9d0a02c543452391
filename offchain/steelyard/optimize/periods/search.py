# SPDX-License-Identifier: MIT
"""From a path to a better one: round after round, then across the lending kinks.

A round solves the model around the path and goes as far toward its answer as the true
formulas gain by it: what misses a limit is pulled back. No round makes it worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.concave import kink
from steelyard.optimize.cones.solvers import Outcome
from steelyard.optimize.periods.freedom import PathFreedom, snapped
from steelyard.optimize.periods.model import ABOVE, BELOW, PathModel, Sides, sides_of
from steelyard.optimize.periods.path import distance, path_net, settled, toward
from steelyard.optimize.problem import Problem
from steelyard.optimize.terms import LEAST_CHANGE, Allocation

MOST_SOLVES = 60
ROUNDS = 20  # of one climb
PATIENCE = 4  # rounds in a row that gain nothing, while the model still moves
ENOUGH = 1e-8  # of NAV: to gain less is to gain nothing
SHARES = (1.0, 0.5, 0.2, 0.05, 0.01)  # of the way to what the model wants
REACHES = (1.0, 0.05, 0.0025)  # of a supply; a shorter one draws interest finer


@dataclass(frozen=True, kw_only=True, eq=False)
class Path:
    """Orders that meet their limits, and what they are worth."""

    orders: list[Allocation]
    net: float
    solver: str


@dataclass(eq=False)
class PathSearch:
    """The compiled model and what was heard of its solvers."""

    problem: Problem
    model: PathModel
    stays: float
    freedom: PathFreedom | None = None  # all is free
    is_dear: bool = False  # see `PathModel.solve`
    patience: int = PATIENCE
    left: int = MOST_SOLVES
    used: int = 0
    answered: bool = False
    outcome: str = "failed"  # the last one
    solver: str = "none"

    def climb(self, path: Path) -> Path:
        """The best path around this one, on its side of every kink."""
        for reach in REACHES if self.problem.lending else REACHES[:1]:
            path = self._settle_down(path, sides_of(self.problem, path.orders), reach)
        self.is_dear = True
        path = self._settle_down(path, sides_of(self.problem, path.orders), reach)
        self.is_dear = False
        return path

    def within(self, path: Path, freedom: PathFreedom) -> Path | None:
        """The best path near this one that leaves alone what is not free, or None."""
        self.freedom, self.is_dear, self.patience = freedom, True, 1
        found: Path | None = None
        sides = sides_of(self.problem, path.orders)
        for reach in REACHES if self.problem.lending else REACHES[:1]:
            if found is None:
                found = self._first(path, sides, reach)
            if found is not None:
                found = self._settle_down(found, sides, reach)
        self.freedom, self.is_dear, self.patience = None, False, PATIENCE
        return found

    def _first(self, path: Path, sides: Sides, reach: float) -> Path | None:
        """What the model wants, or else the path itself, where it is allowed."""
        found = self._as_path(path.orders)
        if self.left <= 0:
            return found
        self.left, self.used = self.left - 1, self.used + 1
        for outcome, solver, wanted in self._solved(path.orders, sides, reach):
            if not wanted:
                if outcome == "failed":
                    continue
                break
            self.solver = solver
            first = self._as_path(wanted)
            if first and (found is None or first.net > found.net):
                found = first
            break
        return found

    def across_kinks(self, path: Path) -> Path:
        """The same from the other side of each kink, as long as one of them pays."""
        for sides in self._other_sides(path.orders):
            crossed = self._settle_down(path, sides, 1.0)
            if crossed.net > path.net + ENOUGH:
                return self.across_kinks(self.climb(crossed))
        return path

    def _other_sides(self, orders: Sequence[Allocation]) -> Iterator[Sides]:
        """One market on its other side, from one of the orders on."""
        here = sides_of(self.problem, orders)
        for first in range(len(orders)):
            for k, market in enumerate(self.problem.lending):
                slot, at = self.problem.slots[market.slot], kink(market)
                if at is None or not slot.lowest < at < slot.highest:
                    continue
                sides = here.copy()
                is_below = sides[first:, k] == BELOW
                sides[first:, k] = np.where(is_below, ABOVE, BELOW)
                yield sides

    def _settle_down(self, path: Path, sides: Sides, reach: float) -> Path:
        """Rounds until they gain no more; each is drawn around what the last wanted."""
        around, in_vain = path.orders, 0
        for _ in range(ROUNDS):
            better, wanted = self._round(path, around, sides, reach)
            in_vain = 0 if better.net > path.net + ENOUGH else in_vain + 1
            path = better
            stands = not wanted or distance(around, wanted) < LEAST_CHANGE
            if in_vain and (stands or in_vain == self.patience):
                break
            around = wanted
        return path

    def _round(
        self, path: Path, around: Sequence[Allocation], sides: Sides, reach: float
    ) -> tuple[Path, list[Allocation]]:
        """(a better path or the same, what the model wants; empty without answer)."""
        if self.left <= 0:
            return path, []
        self.left, self.used = self.left - 1, self.used + 1
        doubtful: list[Allocation] = []
        for outcome, solver, wanted in self._solved(around, sides, reach):
            self.outcome, self.solver = outcome, solver
            if outcome in ("infeasible", "unbounded"):
                break
            if outcome == "failed":
                continue
            self.answered = True
            better = self._pulled(path, wanted)
            if better is not path or outcome == "optimal" or doubtful:
                return better, wanted
            doubtful = wanted  # twice in doubt and no better: the next is no help
        return path, doubtful

    def _pulled(self, path: Path, wanted: Sequence[Allocation]) -> Path:
        """As far toward what is wanted as it can be followed and gains."""
        for share in SHARES:
            part = toward(path.orders, wanted, share)
            better = self._as_path(part)
            if better is not None and better.net > path.net:
                return better
        return path

    def _as_path(self, wanted: Sequence[Allocation]) -> Path | None:
        if self.freedom:
            wanted = snapped(self.problem, wanted, self.freedom)
        orders = settled(self.problem, wanted, self.stays)
        if orders is None:
            return None
        net = path_net(self.problem, orders, self.stays)
        if net is None:
            return None
        return Path(orders=orders, net=net, solver=self.solver)

    def _solved(
        self, around: Sequence[Allocation], sides: Sides, reach: float
    ) -> Iterator[tuple[Outcome, str, list[Allocation]]]:
        return self.model.solve(around, sides, reach, self.freedom, self.is_dear)
