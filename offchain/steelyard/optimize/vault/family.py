# SPDX-License-Identifier: MIT
"""The most of net - price x risk over a vault's amounts, for one price after another.

Smooth risks are met with their own slopes and bends. The others, tail means and what
winding up costs, by planes: each round solves the problem with the planes so far, adds
those at its answer, and stops once the bound and the best of the answers meet (Kelley,
"The cutting-plane method", 1960). Planes hold at every price, so they are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.outcome import SolveStats
from steelyard.optimize.problem import NO_GAS, Floats, Problem
from steelyard.optimize.terms import Allocation, gas_cost, nothing
from steelyard.optimize.vault.aim import Aim
from steelyard.optimize.vault.arrays import METHOD, VaultArrays, as_arrays
from steelyard.optimize.vault.branch import search
from steelyard.optimize.vault.charges import Charge, Sum
from steelyard.optimize.vault.planes import as_planes
from steelyard.optimize.vault.scale import scaled
from steelyard.optimize.vault.settled import DRAWN_BACK, drawn_back, settled_order
from steelyard.optimize.vault.solved import Solved
from steelyard.optimize.vault.term import MOST_FAILED, Term
from steelyard.optimize.vault.worth import RISK_LIMIT

MOST_ROUNDS = 150
ENOUGH = 1e-10  # of NAV: bound and best have met
DOUBTFUL = 1e-9  # of NAV: with a larger gap, some steps did not settle
SAME = 1e-12  # of NAV: a plane this near is there already
WITHIN = 1e-10  # of NAV: by what a limit may be missed


@dataclass(frozen=True, kw_only=True, eq=False)
class Point:
    """The best order at one price of risk, by the true formulas."""

    price: float
    allocation: Allocation
    net: float  # before gas
    risk: float
    gas: float
    bound: float  # no order's net - price x risk - gas is more
    rows: Floats  # (n_rows + n_budgets,) gain over the horizon per unit of bound
    limits: tuple[tuple[str, float], ...] = ()  # the model's own, the same

    @property
    def paid(self) -> float:
        """Net, gas paid."""
        return self.net - self.gas

    @property
    def value(self) -> float:
        """Of what was maximised."""
        return self.paid - self.price * self.risk


class _Best(NamedTuple):
    value: float
    solved: Solved
    arrays: VaultArrays
    planes: tuple[int, ...]  # of each limit, when it was solved


@dataclass(eq=False)
class Family:
    """The problem, and the planes found so far. `left` counts solves."""

    problem: Problem
    aim: Aim
    left: int
    solves: int = 0
    nodes: int = 0
    _net: VaultArrays = field(init=False)
    _terms: list[Term] = field(init=False)
    _seen: list[Floats] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._net = as_arrays(self.aim.plain)
        aim = self.aim
        self._terms = [Term(charge=charge) for charge in aim.costs]
        self._terms += [Term(charge=charge, is_risk=True) for charge in aim.risk]
        self._terms += [
            Term(charge=limit.charge, most=limit.most, name=limit.name)
            for limit in aim.limits
        ]
        here = nothing(self.problem).z
        for term in self._terms:
            if not term.is_smooth:
                term.planes.append(term.charge.plane(here))

    @property
    def least_net(self) -> float:
        """No order nets less: all lost, the worst mean of what is held, and as much as
        doubts and winding up may cost, which are convex: most at one column of z."""
        quadratic, most = self._net.quadratic, self._net.most_inventory
        corners = most * np.eye(len(quadratic.linear))
        costs = sum(
            max(charge.plane(z).value for z in (0 * corners[0], *corners))
            for charge in self.aim.costs
        )
        return quadratic.constant - most * float(np.abs(quadratic.linear).max()) - costs

    def at(self, price: float) -> Point:
        """The best at this price of risk. Raises `SolveFailed`."""
        gas = self._net.gas
        if gas != NO_GAS and any(not term.is_smooth for term in self._terms):
            self._net = replace(self._net, gas=NO_GAS)
            try:
                self._climb(price)  # cheap rounds find most planes
            finally:
                self._net = replace(self._net, gas=gas)
        best, bound = self._climb(price)
        scale = _scale(price)
        allocation, prices = settled_order(self.problem, best.arrays, best.solved)
        allocation = self._drawn_back(allocation)
        self._seen.append(allocation.z)
        count = len(self.problem.rows)
        return Point(
            price=price,
            allocation=allocation,
            net=self.aim.net(allocation),
            risk=self.aim.risk_of(allocation),
            gas=gas_cost(self.problem, allocation),
            bound=bound / scale - self.problem.gas.base,
            rows=np.concatenate([prices.rows[:count], prices.budgets]) / scale,
            limits=self._limit_prices(best.planes, prices.rows[count:] / scale),
        )

    def within(self, limit: float) -> Point:
        """The best net at this risk or less. Raises `SolveFailed`.

        Exact with gas too, where a price of risk may leave a gap: the limit is met by
        planes, first at all that was found so far.
        """
        risk = Term(charge=Sum(charges=self.aim.risk), most=limit, name=RISK_LIMIT)
        risk.planes = [risk.charge.plane(z) for z in self._seen]
        self._terms.append(risk)
        try:
            return self.at(0.0)
        finally:
            self._terms.remove(risk)

    def stats(self) -> SolveStats:
        """How much work it was."""
        return SolveStats(
            solver=METHOD,
            outcome="optimal",
            solves=self.solves,
            lending_error=0.0,
            branch_gap=0.0,
            nodes=self.nodes,
        )

    def _drawn_back(self, order: Allocation) -> Allocation:
        """Towards doing nothing, where settling an order let it miss a limit and that
        meets them all: what is allowed is convex."""
        if self._missed(order.z) <= WITHIN:
            return order
        for share in DRAWN_BACK:
            nearer = drawn_back(self.problem, order, share)
            if nearer is not None and self._missed(nearer.z) <= WITHIN:
                return nearer
        return order

    def _limit_prices(
        self, planes: tuple[int, ...], prices: Floats
    ) -> tuple[tuple[str, float], ...]:
        """Of the rows that so many planes of each limit are, in sum."""
        names = [term.name for term in self._terms if term.most is not None]
        found = np.split(prices, np.cumsum(planes)[:-1]) if planes else []
        return tuple(
            (name, float(each.sum())) for name, each in zip(names, found, strict=True)
        )

    def _climb(self, price: float) -> tuple[_Best, float]:
        """(the best answer, what none exceeds), scaled. Raises `SolveFailed`."""
        for term in self._terms:
            term.is_smooth = term.may_be_smooth and term.failed < MOST_FAILED
        best: _Best | None = None
        bound, scale = np.inf, _scale(price)
        for _ in range(MOST_ROUNDS):
            if self.left <= 0:
                break
            arrays, planes = self._arrays(price), self._planes_of_limits()
            try:
                found = search(arrays, self.left)
            except SolveFailed:
                if not self._give_up_smoothness():
                    if best is not None:
                        break
                    raise
                continue
            self.left -= found.solves
            self.solves += found.solves
            self.nodes += found.nodes
            bound = min(bound, found.bound)
            z = found.best.optimum.standing.z
            value = found.best.value + self._overcharged(price, z)
            is_new = self._add_planes(z)
            if self._missed(z) <= WITHIN and (best is None or value > best.value):
                best = _Best(value, found.best, arrays, planes)
            if found.gap > DOUBTFUL and self._give_up_smoothness():
                continue
            if not is_new or (best and bound - best.value <= ENOUGH * scale):
                break
        if best is None:
            raise SolveFailed(METHOD, "inaccurate")
        return best, bound

    def _planes_of_limits(self) -> tuple[int, ...]:
        return tuple(len(each.planes) for each in self._terms if each.most is not None)

    def _arrays(self, price: float) -> VaultArrays:
        scale = _scale(price)
        arrays = scaled(self._net, scale)
        charges, functions, weights = [], [], []
        rows, bounds = [arrays.matrix], [arrays.bounds]
        for term in self._terms:
            weight = scale * (price if term.is_risk else 1.0)
            if term.most is not None:
                rows += [plane.slopes[None] for plane in term.planes]
                bounds += [np.array([term.most - p.start]) for p in term.planes]
            elif weight and term.is_smooth and isinstance(term.charge, Charge):
                charge = term.charge
                charges.append(replace(charge, weight=weight * charge.weight))
            elif weight:
                functions.append(term.planes)
                weights.append(weight)
        arrays = replace(
            arrays,
            charges=tuple(charges),
            matrix=np.vstack(rows),
            bounds=np.concatenate(bounds),
        )
        if not functions:
            return arrays
        return replace(arrays, planes=as_planes(functions, np.array(weights)))

    def _overcharged(self, price: float, z: Floats) -> float:
        """How much more planes allow than what they stand for, at most 0; scaled."""
        missing = 0.0
        for term in self._terms:
            if term.is_smooth or term.most is not None:
                continue
            weight = price if term.is_risk else 1.0
            missing += weight * (term.height(z) - term.charge.plane(z).value)
        return _scale(price) * missing

    def _add_planes(self, z: Floats) -> bool:
        """Whether any was missing."""
        is_new = False
        for term in self._terms:
            if term.is_smooth:
                continue
            plane = term.charge.plane(z)
            if plane.value > term.height(z) + SAME:
                term.planes.append(plane)
                is_new = True
        return is_new

    def _missed(self, z: Floats) -> float:
        """Most by which a limit is, at least 0."""
        limits = [term for term in self._terms if term.most is not None]
        over = [t.charge.plane(z).value - (t.most or 0.0) for t in limits]
        return max([0.0, *over])

    def _give_up_smoothness(self) -> bool:
        """Planes from now on, for what winding up costs first, which has kinks where
        pools are used up; then for all. False where they are already."""
        smooth = [term for term in self._terms if term.is_smooth]
        kinked = [term for term in smooth if term.is_winding_up]
        for term in kinked or smooth:
            term.is_smooth = False
            term.failed += 1
            term.planes.append(term.charge.plane(nothing(self.problem).z))
        return bool(smooth)


def _scale(price: float) -> float:
    """So that neither net nor risk counts more than 1."""
    return 1 / max(1.0, price)
