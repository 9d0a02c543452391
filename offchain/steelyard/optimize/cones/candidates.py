# SPDX-License-Identifier: MIT
"""One convex solve after another: branches of the lending kinks, actions left out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from steelyard.optimize.concave import Lines, kink, lines, value_at
from steelyard.optimize.cones.model import ConicModel
from steelyard.optimize.cones.solvers import RawSolution
from steelyard.optimize.measured import by_aim
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.settle import followed
from steelyard.optimize.terms import (
    LEAST_CHANGE,
    Allocation,
    evaluate,
    lending_per_year,
)
from steelyard.optimize.vault.aim import Aim
from steelyard.optimize.vault.worth import worth_of

MISSED = 1e-6  # of NAV: by what a goal's own limit may be missed
BRANCH_TOLERANCE = 1e-8  # of NAV, per year


@dataclass(frozen=True, kw_only=True)
class Freedom:
    """Which actions are open; slots and legs by index."""

    kept: frozenset[int] = frozenset()  # slots that stay as they are
    closed: frozenset[int] = frozenset()  # slots that are emptied
    unused: frozenset[int] = frozenset()  # legs


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A feasible allocation, with its net value by the true formulas."""

    allocation: Allocation
    net: float  # over the horizon, gas included
    freedom: Freedom
    raw: RawSolution
    drawn: list[Lines]
    gap: float  # per year, what unopened branches might add


@dataclass(frozen=True, kw_only=True, eq=False)
class _Leaf:
    lowest: Floats  # per lending market
    highest: Floats
    bound: float  # per year


class Worth(Protocol):
    """What an allocation is worth over the horizon, by the true formulas."""

    def total(self, allocation: Allocation) -> float:
        """Gas included; minus infinity where a goal's limit is missed."""
        ...

    def without_gas(self, allocation: Allocation) -> float:
        """What the convex model maximises, times the horizon."""
        ...


@dataclass(frozen=True, eq=False)
class MeanVariance:
    """Income less all costs and risk."""

    problem: Problem

    def total(self, allocation: Allocation) -> float:
        return evaluate(self.problem, allocation).total

    def without_gas(self, allocation: Allocation) -> float:
        terms = evaluate(self.problem, allocation)
        return terms.total + terms.gas


@dataclass(frozen=True, eq=False)
class ByAim:
    """By a model's terms and goal."""

    aim: Aim

    def total(self, allocation: Allocation) -> float:
        measured = by_aim(self.aim, allocation)
        return measured.worth if measured.missed <= MISSED else float("-inf")

    def without_gas(self, allocation: Allocation) -> float:
        measured = by_aim(self.aim, allocation)
        if measured.missed > MISSED:
            return float("-inf")
        net = measured.net + measured.terms.gas
        return worth_of(self.aim.goal, net, self.aim.risk_of(allocation))


@dataclass(eq=False)
class Search:
    """The compiled model, its budget of solves, and the last thing that went wrong."""

    problem: Problem
    model: ConicModel
    worth: Worth
    left: int
    used: int = 0
    failure: RawSolution | None = None
    lines_of: dict[tuple[int, float, float], Lines] = field(default_factory=dict)

    def best(self, freedom: Freedom) -> Candidate | None:
        """The best allocation under `freedom`: branch and bound over lending kinks."""
        lowest, highest = self._bounds(freedom)
        markets = [market.slot for market in self.problem.lending]
        leaves = [_Leaf(lowest=lowest[markets], highest=highest[markets], bound=np.inf)]
        best: Candidate | None = None
        while leaves and self.left > 0:
            leaves.sort(key=lambda leaf: leaf.bound)
            leaf = leaves.pop()
            if best and leaf.bound <= self._per_year(best) + BRANCH_TOLERANCE:
                leaves.append(leaf)
                break
            found = self._solve(freedom, leaf)
            if found is None:
                continue
            if best is None or found.net > best.net:
                best = found
            leaves += self._branches(leaf, found)
        if best is None:
            return None
        bound = max((leaf.bound for leaf in leaves), default=-np.inf)
        return replace(best, gap=max(bound - self._per_year(best), 0.0))

    def polish(self, candidate: Candidate) -> Candidate:
        """The same again with the lines drawn finer around where it stands."""
        if not candidate.drawn or self.left <= 0:
            return candidate
        values = candidate.allocation.values
        lowest, highest = [], []
        for market, drawn in zip(self.problem.lending, candidate.drawn, strict=True):
            reach = 2 * (drawn.highest - drawn.lowest) / len(drawn.slopes)
            value = float(values[market.slot])
            lowest.append(max(drawn.lowest, value - reach))
            highest.append(min(drawn.highest, value + reach))
        leaf = _Leaf(
            lowest=np.minimum(lowest, highest), highest=np.array(highest), bound=np.inf
        )
        found = self._solve(candidate.freedom, leaf)
        if found is None or found.net < candidate.net - 1e-12:
            return candidate
        return replace(found, gap=candidate.gap)

    def relaxed(self) -> RawSolution:
        """What the model says without branches, whether or not it can be followed."""
        lowest, highest = self._bounds(Freedom())
        markets = [market.slot for market in self.problem.lending]
        drawn = self._drawn(lowest[markets], highest[markets])
        return self._raw(Freedom(), lowest, highest, drawn)

    def _raw(
        self, freedom: Freedom, lowest: Floats, highest: Floats, drawn: list[Lines]
    ) -> RawSolution:
        is_open = np.ones(len(self.problem.legs))
        is_open[list(freedom.unused)] = 0.0
        self.left, self.used = self.left - 1, self.used + 1
        return self.model.solve(lowest, highest, is_open, drawn)

    def _bounds(self, freedom: Freedom) -> tuple[Floats, Floats]:
        lowest = np.array([slot.lowest for slot in self.problem.slots])
        highest = np.array([slot.highest for slot in self.problem.slots])
        for slot in freedom.kept:
            lowest[slot] = highest[slot] = self.problem.values[slot]
        for slot in freedom.closed:
            lowest[slot] = highest[slot] = 0.0
        return lowest, highest

    def _solve(self, freedom: Freedom, leaf: _Leaf) -> Candidate | None:
        problem = self.problem
        lowest, highest = self._bounds(freedom)
        markets = [market.slot for market in problem.lending]
        lowest[markets], highest[markets] = leaf.lowest, leaf.highest
        drawn = self._drawn(leaf.lowest, leaf.highest)
        raw = self._raw(freedom, lowest, highest, drawn)
        if raw.outcome not in ("optimal", "inaccurate"):
            self.failure = raw
            return None
        allocation = followed(problem, raw, lowest, highest)
        net = -np.inf if allocation is None else self.worth.total(allocation)
        if allocation is None or not np.isfinite(net):
            self.failure = replace(raw, outcome="inaccurate")
            return None
        return Candidate(
            allocation=allocation,
            net=net,
            freedom=freedom,
            raw=raw,
            drawn=drawn,
            gap=0.0,
        )

    def _drawn(self, lowest: Floats, highest: Floats) -> list[Lines]:
        """Lines per lending market between its bounds."""
        ends = zip(lowest.tolist(), highest.tolist(), strict=True)
        return [self._lines(i, low, high) for i, (low, high) in enumerate(ends)]

    def _lines(self, index: int, lowest: float, highest: float) -> Lines:
        key = (index, lowest, highest)
        if key not in self.lines_of:
            market = self.problem.lending[index]
            self.lines_of[key] = lines(
                lambda x: lending_per_year(market, x), lowest, highest
            )
        return self.lines_of[key]

    def _per_year(self, candidate: Candidate) -> float:
        """The convex objective at the candidate by the true formulas, gas apart."""
        worth = self.worth.without_gas(candidate.allocation)
        return worth / self.problem.horizon_years

    def _branches(self, leaf: _Leaf, found: Candidate) -> list[_Leaf]:
        """The two halves at the market whose line lies furthest over the truth."""
        excess = []
        for market, drawn in zip(self.problem.lending, found.drawn, strict=True):
            value = float(found.allocation.values[market.slot])
            excess.append(value_at(drawn, value) - lending_per_year(market, value))
        if not excess or max(excess) <= BRANCH_TOLERANCE:
            return []
        i = int(np.argmax(excess))
        market = self.problem.lending[i]
        at = kink(market)
        if at is None or not leaf.lowest[i] < at < leaf.highest[i]:
            at = (leaf.lowest[i] + leaf.highest[i]) / 2
        if min(at - leaf.lowest[i], leaf.highest[i] - at) < LEAST_CHANGE:
            return []
        below, above = leaf.highest.copy(), leaf.lowest.copy()
        below[i] = above[i] = at
        bound = found.raw.objective
        return [
            _Leaf(lowest=leaf.lowest, highest=below, bound=bound),
            _Leaf(lowest=above, highest=leaf.highest, bound=bound),
        ]
