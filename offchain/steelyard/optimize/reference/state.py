# SPDX-License-Identifier: MIT
"""A program in cvxpy: exactly, as a ratio, or by squares around weights.

By squares: smooth functions are replaced by their slope and bend at the weights
(sequential quadratic programming), as quadratic programs are solved more exactly than
cones. Functions that are not smooth stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Stated
from steelyard.optimize.reference.program import (
    Affine,
    Multipliers,
    Program,
    Term,
    affine_at,
)
from steelyard.optimize.reference.tails import duals


@dataclass(frozen=True, kw_only=True, eq=False)
class Around:
    """Where squares are drawn, and what limits weigh in them."""

    weights: Floats  # (n,)
    multipliers: Multipliers


@dataclass(frozen=True, kw_only=True, eq=False)
class Gain:
    """What a ratio is of: minus the sum of its terms, somewhere at least `least`."""

    terms: tuple[Term, ...]
    least: float


class Model:
    """Holds the compiled problem and reads what the solver found."""

    def __init__(
        self,
        cp: Any,
        program: Program,
        *,
        around: Around | None = None,
        gain: Gain | None = None,
    ) -> None:
        """With `gain`, the least of objective over gain, all on a free scale.

        The scale makes the gain `least` or more (Charnes & Cooper 1962, Schaible 1974);
        all functions must then be positively homogeneous.
        """
        self._cp, self._program, self._around = cp, program, around
        self._constraints: list[Any] = []
        self._stated: list[Stated] = []
        self._bends: Any = 0.0
        self._scale: Any = 1.0 if gain is None else cp.Variable(nonneg=True)
        gains = gain.terms if gain else ()
        limited = [term for limit in program.limits for term in limit.terms]
        self._vectors((*program.objective, *gains, *limited))
        objective = self._sum(program.objective, 1.0)
        if gain:
            self._constraints.append(self._sum(gain.terms, 1.0) <= -gain.least)
        self._limits = [self._limit(i) for i in range(len(program.limits))]
        whole = cp.Minimize(objective + self._bends)
        self.problem: Any = cp.Problem(whole, self._constraints)

    def weights(self) -> Floats:
        """(n,) as the solver left them, on their own scale."""
        scale = self._scale if isinstance(self._scale, float) else self._scale.value
        return np.asarray(self._weights.value / scale, np.float64)

    def multipliers(self, factor: float = 1.0) -> Multipliers:
        """Of rows and limits, times `factor`, and of the functions."""
        m = len(self._program.polytope.names)
        return Multipliers(
            rows=factor * duals(self._rows) if m else np.zeros(0),
            limits=tuple(factor * float(duals(limit)[0]) for limit in self._limits),
            terms=tuple(s.prices() if s.prices else None for s in self._stated),
        )

    def _vectors(self, terms: tuple[Term, ...]) -> None:
        cp, p, scale = self._cp, self._program.polytope, self._scale
        self._weights = cp.Variable(len(p.assets))
        self._constraints += [
            self._weights >= p.lowest * scale,
            self._weights <= p.highest * scale,
            cp.sum(self._weights) == p.total * scale,
        ]
        if len(p.names):
            self._rows = p.matrix @ self._weights <= p.bounds * scale
            self._constraints.append(self._rows)
        self._moves: Any = None
        self._sizes: Any = None
        if any(term.of.by_move is not None for term in terms):
            self._moves = self._absolute(self._weights - self._program.current * scale)
        if any(term.of.by_size is not None for term in terms):
            self._sizes = self._absolute(self._weights)

    def _absolute(self, x: Any) -> Any:
        """A variable of at least |x|."""
        size = self._cp.Variable(x.shape[0])
        self._constraints += [size >= x, size >= -x]
        return size

    def _limit(self, index: int) -> Any:
        limit = self._program.limits[index]
        weight = self._around.multipliers.limits[index] if self._around else 0.0
        constraint = self._sum(limit.terms, weight) <= limit.bound * self._scale
        self._constraints.append(constraint)
        return constraint

    def _sum(self, terms: tuple[Term, ...], weight: float) -> Any:
        """Their sum; what bends goes to the objective, `weight` times."""
        total: Any = 0.0
        for term in terms:
            stated = self._state(term, weight)
            self._stated.append(stated)
            self._constraints += stated.constraints
            total = total + term.factor * stated.value
        return total

    def _state(self, term: Term, weight: float) -> Stated:
        if self._around is not None:
            square = self._square(term, self._around, weight)
            if square is not None:
                return square
        return term.function.state(self._cp, self._affine(term.of))

    def _affine(self, of: Affine) -> Any:
        x = of.offset * self._scale + of.by_weight @ self._weights
        if of.by_move is not None:
            x = x + of.by_move @ self._moves
        if of.by_size is not None:
            x = x + of.by_size @ self._sizes
        return x

    def _square(self, term: Term, around: Around, weight: float) -> Stated | None:
        """The function's slope at the weights; its bend goes to the objective."""
        of, weights, current = term.of, around.weights, self._program.current
        prices = around.multipliers.terms[len(self._stated)]
        at = affine_at(of, weights, current)
        root = term.function.bend(at, _directions(of), prices)
        if root is None:
            return None
        if len(root) > root.shape[1]:
            root = np.asarray(np.linalg.qr(root, mode="r"), np.float64)
        bend = self._cp.sum_squares(root @ self._way(of, weights)) / 2
        self._bends = self._bends + term.factor * max(weight, 0.0) * bend
        seen = term.function.see(at, prices)
        value = seen.value + seen.slopes @ (self._affine(of) - at)
        return Stated(value=value, prices=None if prices is None else lambda: prices)

    def _way(self, of: Affine, weights: Floats) -> Any:
        """From the weights, their moves and sizes, as far as the map has them."""
        current = self._program.current
        parts, values = [self._weights], [weights]
        if of.by_move is not None:
            parts, values = [*parts, self._moves], [*values, abs(weights - current)]
        if of.by_size is not None:
            parts, values = [*parts, self._sizes], [*values, abs(weights)]
        return self._cp.hstack(parts) - np.concatenate(values)


def _directions(of: Affine) -> Floats:
    parts = (of.by_weight, of.by_move, of.by_size)
    return np.hstack([part for part in parts if part is not None])
