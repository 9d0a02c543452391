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

from dataclasses import dataclass

import numpy as np

from steelyard.route.response import Floats
from steelyard.route.tables import Network

MOST_STEPS = 100
LONGEST_STEP = 2.0  # of a log price
LINE_STEPS = 30  # along one direction
ENOUGH = 0.5  # of the slope that may be left
NEARLY = 1e3  # times that: where steps help no more, this is as good as it gets
IDLE_STEPS = 2  # near the end, that do not halve the error
TOLERANCE = 1e-12  # of all value that pools trade: rounding is not much less


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
    damping, steps, idle = 1e-10, 0, 0
    error, direction = problem.step(u, answer, damping)
    while error > problem.reachable(u, answer) and steps < MOST_STEPS:
        steps += 1
        found = problem.search(u, answer, direction)
        near = error <= NEARLY * problem.reachable(u, answer)
        if found is None:
            if damping > 1.0 or near:
                break
            damping *= 1e3
        else:
            u, answer = found
            damping = max(damping / 10, 1e-13)
        before = error
        error, direction = problem.step(u, answer, damping)
        idle = idle + 1 if error > before / 2 else 0
        if near and idle >= IDLE_STEPS:
            break
    value = problem.worth(u, answer)
    share = error / max(abs(value), np.finfo(float).tiny)
    return Dual(log_prices=u + start, value=value, error=share, steps=steps)


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
        left = self.gradient(u, answer)
        error = float(np.abs(left).max())
        if self.at_prices:
            free = ~((u <= self.least) & (gradient > 0))
            direction = np.zeros_like(u)
            inner = hessian[np.ix_(free, free)]
            direction[free] = _solved(inner, -gradient[free])
            return error, direction
        wanted = prices * self.want
        size = len(u)
        system = np.zeros((size + 1, size + 1))
        system[:size, :size] = hessian
        system[:size, size] = system[size, :size] = wanted
        return error, _solved(system, np.append(-left, 0.0))[:size]

    def search(
        self, u: Floats, answer: _Answer, direction: Floats
    ) -> tuple[Floats, _Answer] | None:
        """A point along the direction about where g is least; None when none is lower.

        By the slope of g along the line, which rises and is known to more digits than
        g. Where it jumps (a pool of nearly constant price) the point before is taken.
        """
        slope = float(self.gradient(u, answer) @ direction)
        if slope >= 0:
            return None
        length = min(1.0, LONGEST_STEP / max(float(np.abs(direction).max()), 1e-300))
        low, slope_low, high = 0.0, slope, np.inf
        found: tuple[Floats, _Answer] | None = None
        for _ in range(LINE_STEPS):
            moved = self.projected(u + length * direction)
            after = self.ask(moved)
            here = float(self.gradient(moved, after) @ direction)
            if here <= 0:
                low, slope_low, found = length, here, (moved, after)
            else:
                high, slope_high = length, here
            if here <= -slope * ENOUGH and (here >= slope * ENOUGH or high == np.inf):
                return moved, after
            length = low - slope_low * (high - low) / (slope_high - slope_low)
            length = min(
                max(length, low + 0.1 * (high - low)), high - 0.1 * (high - low)
            )
            if not low < length < high:
                break
        return found

    def gradient(self, u: Floats, answer: _Answer) -> Floats:
        """Of g by log prices, less what the condition holds."""
        gradient = np.exp(u) * self.have + answer.received
        if self.at_prices:
            return np.where((u <= self.least) & (gradient > 0), 0.0, gradient)
        return gradient - float(gradient.sum()) * np.exp(u) * self.want


def _solved(matrix: Floats, right: Floats) -> Floats:
    """The solution; no direction where there is none."""
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        return np.zeros_like(right)
