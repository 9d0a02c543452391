# SPDX-License-Identifier: MIT
"""The prices at which no pool can make the trade better, by Newton's method.

With b the basket that is there and d the one that is wanted, the most sets t of d that
all pools together can make of b is the least of

    g(nu) = nu · b + sum of each pool's best trade at nu     over nu with nu · d = 1,

and the pools' best trades at the least are the trades to do. When what comes out is
counted at given prices c instead, the condition is nu >= c. g is convex and of first
degree in nu, so its Hessian by log prices is that of a network: pools are resistors
between the tokens' log prices, and a Newton step is one small linear system.

SOURCE  Diamandis et al. (2023), see response.py; Bertsekas: "Projected Newton Methods
        for Optimization Problems with Simple Constraints" (1982) for the bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from steelyard.route.intervals import Intervals
from steelyard.route.response import Bools, Floats
from steelyard.route.stable import StablePairs
from steelyard.route.stable_many import StableBlock
from steelyard.route.weighted import WeightedBlock

Pairs = Intervals | StablePairs  # markets of two tokens
Groups = WeightedBlock | StableBlock  # of two tokens and more

MOST_STEPS = 100
LONGEST_STEP = 2.0  # of a log price
NEARLY = 1e3  # times that: where no step is better, this is as good as it gets
TOLERANCE = 1e-12  # of all value that pools trade: rounding is not much less


@dataclass(frozen=True, kw_only=True)
class Network:
    """Everything that can be traded through, and how many tokens there are."""

    tokens: int
    edges: Sequence[Pairs]
    blocks: Sequence[Groups]

    def in_units(self, log_worth: Floats) -> "Network":
        """The same, tokens counted in units worth e^log_worth each."""
        return Network(
            tokens=self.tokens,
            edges=[edge.in_units(log_worth) for edge in self.edges],
            blocks=[block.in_units(log_worth) for block in self.blocks],
        )

    def only(self, kept: Bools) -> "Network":
        """Without the pools whose place in `kept` is False."""
        return Network(
            tokens=self.tokens,
            edges=[_rows(edge, kept[edge.pool]) for edge in self.edges],
            blocks=[_rows(block, kept[block.pool]) for block in self.blocks],
        )

    def between(self, useful: Bools) -> "Network":
        """Without the pools that have a token whose place in `useful` is False."""
        return Network(
            tokens=self.tokens,
            edges=[_rows(edge, _both(edge, useful)) for edge in self.edges],
            blocks=[
                _rows(
                    block, np.asarray(useful[block.tokens].all(axis=1), dtype=np.bool_)
                )
                for block in self.blocks
            ],
        )

    def worths(self, log_prices: Floats, pools: int) -> Floats:
        """What the best trade of each pool gains at these prices, (pools,)."""
        found = np.zeros(pools)
        for edge in self.edges:
            some = edge.respond(log_prices)
            found += np.bincount(edge.pool, some.values0 + some.values1, pools)
        for block in self.blocks:
            values = block.respond(log_prices).values.sum(axis=1)
            found += np.bincount(block.pool, values, pools)
        return found


Table = TypeVar("Table", bound=Intervals | StablePairs | WeightedBlock | StableBlock)


def _rows(table: Table, kept: Bools) -> Table:
    """Some rows of a table: every array of it begins with the rows."""
    rows = {field.name: getattr(table, field.name)[kept] for field in fields(table)}
    return replace(table, **rows)


def _both(edge: Pairs, useful: Bools) -> Bools:
    return np.asarray(useful[edge.token0] & useful[edge.token1], dtype=np.bool_)


@dataclass(frozen=True, kw_only=True)
class Dual:
    """Where Newton's method ended."""

    log_prices: Floats  # (n,)
    value: float  # g there: no route makes more
    error: float  # of the optimality conditions, as a share of the value
    steps: int


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """All pools at some prices."""

    received: Floats  # (n,) values received by the trader, all pools together
    weights: Floats  # (n, n) of the network: minus the Hessian off its diagonal
    turnover: float  # all values, without their signs


def best_prices(
    network: Network,
    have: Floats,
    want: Floats,
    *,
    at_prices: bool,
    start: Floats,
) -> Dual:
    """Minimises g from log prices `start`.

    `have`: raw units, (n,). `want`: the basket d, or with `at_prices` the prices c.
    """
    problem = _Problem(
        network.in_units(start),
        have * np.exp(start),
        want * np.exp(-start if at_prices else start),
        at_prices,
    )
    u = problem.projected(np.zeros(network.tokens))
    answer = problem.ask(u)
    damping, steps = 1e-10, 0
    error, direction = problem.step(u, answer, damping)
    while error > problem.reachable(u, answer) and steps < MOST_STEPS:
        steps += 1
        found = problem.search(u, answer, error, direction)
        if found is None:
            if damping > 1.0 or error <= NEARLY * problem.reachable(u, answer):
                break
            damping *= 1e3
        else:
            u, answer = found
            damping = max(damping / 10, 1e-13)
        error, direction = problem.step(u, answer, damping)
    value = problem.worth(u, answer)
    return Dual(
        log_prices=u + start, value=value, error=error / abs(value), steps=steps
    )


class _Problem:
    """The trade, in units near their prices: log prices are small."""

    def __init__(
        self, network: Network, have: Floats, want: Floats, at_prices: bool
    ) -> None:
        self.network, self.have, self.want = network, have, want
        self.at_prices = at_prices
        with np.errstate(divide="ignore"):
            self.least = np.log(want) if at_prices else np.full(len(want), -np.inf)

    def projected(self, u: Floats) -> Floats:
        """The nearest log prices that the condition allows."""
        if not self.at_prices:
            return np.asarray(u - np.log(np.exp(u) @ self.want))
        wanted = self.want > 0
        if np.all(u[wanted] < self.least[wanted]):
            u = u + np.min(self.least[wanted] - u[wanted])
        return np.maximum(u, self.least)

    def worth(self, u: Floats, answer: _Answer) -> float:
        """g, in value."""
        return float(np.exp(u) @ self.have + answer.received.sum())

    def reachable(self, u: Floats, answer: _Answer) -> float:
        """The error that rounding alone may leave, in value."""
        return TOLERANCE * (abs(self.worth(u, answer)) + answer.turnover)

    def ask(self, u: Floats) -> _Answer:
        count = self.network.tokens
        received, weights, turnover = np.zeros(count), np.zeros(count * count), 0.0
        for edge in self.network.edges:
            some = edge.respond(u)
            received += np.bincount(edge.token0, some.values0, count)
            received += np.bincount(edge.token1, some.values1, count)
            between = edge.token0 * count + edge.token1
            weights += np.bincount(between, some.bend, count * count)
            turnover += float(np.abs(some.values0).sum())
        matrix = weights.reshape(count, count)
        matrix = matrix + matrix.T
        for block in self.network.blocks:
            many = block.respond(u)
            np.add.at(received, block.tokens, many.values)
            rows, columns = block.tokens[:, :, None], block.tokens[:, None, :]
            np.add.at(matrix, (rows, columns), -many.bend)
            turnover += float(np.abs(many.values).sum())
        np.fill_diagonal(matrix, 0.0)
        return _Answer(received=received, weights=matrix, turnover=turnover)

    def step(self, u: Floats, answer: _Answer, damping: float) -> tuple[float, Floats]:
        """(error of the optimality conditions in value, Newton's direction)."""
        prices = np.exp(u)
        gradient = prices * self.have + answer.received
        hessian = np.diag(answer.weights.sum(axis=1)) - answer.weights
        worth = float(gradient.sum())
        # prices between which nothing trades bend nothing: they are held a little
        hold = damping * max(float(np.trace(hessian)) / len(u), abs(worth))
        hessian[np.diag_indices_from(hessian)] += hold + np.abs(gradient) * 1e-3
        if self.at_prices:
            free = ~((u <= self.least) & (gradient > 0))
            direction = np.zeros_like(u)
            inner = hessian[np.ix_(free, free)]
            direction[free] = np.linalg.solve(inner, -gradient[free])
            return float(np.abs(gradient[free]).max(initial=0.0)), direction
        wanted = prices * self.want
        left = gradient - worth * wanted
        size = len(u)
        system = np.zeros((size + 1, size + 1))
        system[:size, :size] = hessian
        system[:size, size] = system[size, :size] = wanted
        found = np.linalg.solve(system, np.append(-left, 0.0))
        return float(np.abs(left).max()), found[:size]

    def search(
        self, u: Floats, answer: _Answer, error: float, direction: Floats
    ) -> tuple[Floats, _Answer] | None:
        """The first halving of the step that is better; None when none is.

        Better: g falls as it should, or, where that is less than its rounding, the
        optimality conditions hold more closely.
        """
        length = min(1.0, LONGEST_STEP / max(float(np.abs(direction).max()), 1e-300))
        before = self.worth(u, answer)
        gradient = np.exp(u) * self.have + answer.received
        rounding = self.reachable(u, answer) / 1000
        hopeless = 1e-2 if -float(gradient @ direction) < 10 * rounding else 1e-9
        while length > hopeless:
            moved = self.projected(u + length * direction)
            after = self.ask(moved)
            change = self.worth(moved, after) - before
            if change <= 1e-4 * float(gradient @ (moved - u)) - rounding:
                return moved, after
            if abs(change) <= rounding and self.step(moved, after, 1.0)[0] < error:
                return moved, after
            length /= 2
        return None
