# SPDX-License-Identifier: MIT
"""Branch and bound over gas and kinks: exact, or the best found and its certified gap.

A branch is a domain: some slots may only stay, go up or go down, some legs are unused,
markets stand on some of their stretches. One convex solve, gas apart, gives a solution
and prices; under these prices the Lagrangian with gas bounds the branch, its parts and
each action in it, so that most are never solved.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import NO_GAS, Floats
from steelyard.optimize.vault.arrays import METHOD, VaultArrays
from steelyard.optimize.vault.domain import (
    Domain,
    Flags,
    on_stretches,
    whole,
    with_stretches,
)
from steelyard.optimize.vault.lagrangian import Parts, lagrangian
from steelyard.optimize.vault.solved import Solved, as_solved, lies_in, place
from steelyard.optimize.vault.splits import split, without_waste
from steelyard.optimize.vault.sqp import Optimum, Unsettled, maximise

TOLERANCE = 5e-10  # of NAV: a branch that may add less is left
MOST_DIVES = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """The best solution, and what none can exceed, gas of the order itself apart."""

    best: Solved
    bound: float
    solves: int
    nodes: int  # branches looked at, solved or not

    @property
    def gap(self) -> float:
        return max(self.bound - self.best.value, 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Branch:
    domain: Domain
    bound: float
    solved: Solved | None  # whose prices bound it
    parts: Parts | None  # under these prices
    is_solved: bool  # the solution lies in it


@dataclass(eq=False)
class _Tree:
    arrays: VaultArrays
    left: int  # solves
    floor: float  # what is worth less need not be found
    best: Solved | None = None
    closed: float = -np.inf  # the largest bound of what was left
    is_failed: bool = False
    solves: int = 0
    nodes: int = 0
    heap: list[tuple[float, int, _Branch]] = field(default_factory=list)

    @property
    def least(self) -> float:
        """A branch bounded by this is left."""
        best = self.best.value if self.best else -np.inf
        return max(best, self.floor) + TOLERANCE

    def close(self, bound: float) -> None:
        self.closed = max(self.closed, bound)


def search(arrays: VaultArrays, most_solves: int, floor: float = -np.inf) -> Found:
    """The best solution of all, gas of its actions paid.

    Exact to `TOLERANCE` but where `most_solves` convex solves do not do or one fails:
    then the bound says how much may be missing. Solutions worth less than `floor` are
    not told apart. Raises `SolveFailed`.
    """
    tree = _Tree(arrays=arrays, left=most_solves, floor=floor)
    _push(tree, whole(arrays), np.inf, None)
    while tree.heap and tree.left > 0:
        branch = heappop(tree.heap)[2]
        if branch.bound <= tree.least:
            tree.close(branch.bound)
            break
        _visit(tree, branch)
    if tree.best is None:
        raise SolveFailed(METHOD, "failed" if tree.is_failed else "infeasible")
    is_open = (branch.bound for *_, branch in tree.heap)
    return Found(
        best=tree.best,
        bound=max(tree.best.value, tree.closed, *is_open),
        solves=tree.solves,
        nodes=tree.nodes,
    )


def _push(
    tree: _Tree,
    domain: Domain,
    bound: float,
    solved: Solved | None,
    *,
    is_solved: bool = False,
) -> None:
    """Keeps a branch, if it may hold more than what was found."""
    tree.nodes += 1
    parts = None
    if solved is not None:
        parts = _parts(tree.arrays, domain, solved.optimum)
        bound = min(bound, parts.bound)
    if bound <= tree.least:
        tree.close(bound)
        return
    branch = _Branch(
        domain=domain, bound=bound, solved=solved, parts=parts, is_solved=is_solved
    )
    heappush(tree.heap, (-bound, tree.nodes, branch))


def _parts(arrays: VaultArrays, domain: Domain, optimum: Optimum) -> Parts:
    return lagrangian(arrays, domain, optimum.standing.z, optimum.prices)


def _visit(tree: _Tree, branch: _Branch) -> None:
    if branch.solved is None or branch.parts is None or not branch.is_solved:
        _enter(tree, branch)
        return
    solved, parts = branch.solved, branch.parts
    domain = _narrowed(tree, branch.domain, parts)
    if not lies_in(domain, solved):
        _push(tree, domain, branch.bound, solved)
        return
    if domain.stretches != branch.domain.stretches:
        parts = _parts(tree.arrays, domain, solved.optimum)
    pieces = split(tree.arrays, domain, solved, parts)
    if not pieces:
        tree.close(min(branch.bound, parts.bound))
    for piece, is_solved in pieces:
        _push(tree, piece, branch.bound, solved, is_solved=is_solved)


def _enter(tree: _Tree, branch: _Branch) -> None:
    """Solves a branch on one stretch a market."""
    is_first = not tree.solves
    start = branch.solved.optimum if branch.solved else None
    try:
        solved = _solve(tree, branch.domain, _picks(tree.arrays, branch), start)
    except SolveFailed as failed:
        _give_up(tree, branch, failed)
        return
    if is_first and branch.domain.gas != NO_GAS:
        _dive(tree, branch.domain, solved)
    _push(tree, branch.domain, branch.bound, solved, is_solved=True)


def _solve(
    tree: _Tree, domain: Domain, picks: tuple[int, ...], start: Optimum | None
) -> Solved:
    convex = on_stretches(tree.arrays, domain, picks)
    tree.solves, tree.left = tree.solves + 1, tree.left - 1
    solved = as_solved(tree.arrays, convex, maximise(tree.arrays, convex, start))
    if tree.best is None or solved.value > tree.best.value:
        tree.best = solved
    return solved


def _picks(arrays: VaultArrays, branch: _Branch) -> tuple[int, ...]:
    """The stretch of each market: the one stood on, or what promises most; at first
    the one that its value now is on."""
    solved, parts = branch.solved, branch.parts
    found = []
    for i, (market, stretches) in enumerate(
        zip(arrays.markets, branch.domain.stretches, strict=True)
    ):
        now = float(arrays.values[market.slot])
        if solved is None or parts is None:
            away = [max(s.lowest - now, now - s.highest) for s in stretches]
            found.append(int(np.argmin(away)))
            continue
        pick = place(stretches, solved.stretches[i])
        best = int(parts.stretches[i].max(axis=1).argmax())
        found.append(pick if pick >= 0 else best)
    return tuple(found)


def _give_up(tree: _Tree, branch: _Branch, failed: SolveFailed) -> None:
    """Other stretches may do where these did not; else nothing may be there."""
    for i, stretches in enumerate(branch.domain.stretches):
        if len(stretches) > 1:
            for stretch in stretches:
                domain = with_stretches(branch.domain, i, (stretch,))
                _push(tree, domain, branch.bound, branch.solved)
            return
    if failed.outcome != "infeasible":
        tree.is_failed = True
        bound = failed.bound if isinstance(failed, Unsettled) else np.inf
        tree.close(min(branch.bound, bound))


def _dive(tree: _Tree, domain: Domain, solved: Solved) -> None:
    """Leaves out what does not pay for its gas, again and again: a first good one."""
    for _ in range(MOST_DIVES):
        parts = _parts(tree.arrays, domain, solved.optimum)
        narrowed = without_waste(domain, solved, parts)
        if narrowed is None or tree.left <= 0:
            return
        domain = narrowed
        picks = tuple(
            place(stretches, stretch)
            for stretches, stretch in zip(
                domain.stretches, solved.stretches, strict=True
            )
        )
        try:
            solved = _solve(tree, domain, picks, solved.optimum)
        except SolveFailed:
            return


def _narrowed(tree: _Tree, domain: Domain, parts: Parts) -> Domain:
    """Without the actions and stretches that cannot beat what was found."""
    stretches = []
    for market, allowed, each in zip(
        tree.arrays.markets, domain.stretches, parts.stretches, strict=True
    ):
        best = parts.slots[:, market.slot].max()
        is_kept = _may_beat(tree, parts.bound - best + each.max(axis=1))
        stretches.append(tuple(allowed[i] for i in np.flatnonzero(is_kept)))
    by_slot = parts.bound - parts.slots.max(axis=0) + parts.slots
    by_leg = parts.bound - parts.legs.max(axis=0) + parts.legs
    return replace(
        domain,
        slots=domain.slots & _may_beat(tree, by_slot),
        legs=domain.legs & _may_beat(tree, by_leg),
        stretches=tuple(stretches),
    )


def _may_beat(tree: _Tree, bounds: Floats) -> Flags:
    """Which of the bounds are over what was found; the others are left."""
    is_kept = bounds > tree.least
    tree.close(float(bounds[~is_kept].max(initial=-np.inf)))
    return np.asarray(is_kept)
