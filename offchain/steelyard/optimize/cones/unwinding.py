# SPDX-License-Identifier: MIT
"""Winding up in cvxpy: the flows that sell an exposure."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard.optimize.cones.solvers import cones
from steelyard.optimize.problem import Piece, Problem
from steelyard.optimize.unwinding import Unwinding, emptied_legs


class ConicUnwinding:
    """The flows that wind up an exposure, in cvxpy; convex."""

    def __init__(
        self, cp: Any, problem: Problem, unwinding: Unwinding, exposure: Any
    ) -> None:
        """`exposure` (n_tokens,), an affine expression or a parameter."""
        self._cp = cp
        pieces = [
            (leg, piece)
            for leg in emptied_legs(problem, unwinding)
            for piece in leg.pieces
            if piece.capacity > 0
        ]
        self.constraints: list[Any] = []
        tokens = len(problem.inventory)
        unsold = cp.Variable(tokens, nonneg=True)
        held: Any = exposure
        cost: Any = unwinding.unsold_loss * cp.sum(unsold)
        if pieces:
            paid, got = self._flows([p for _, p in pieces])
            pays, gets = (
                np.zeros((tokens, len(pieces))),
                np.zeros((tokens, len(pieces))),
            )
            for i, (leg, _) in enumerate(pieces):
                pays[leg.token_in, i] = gets[leg.token_out, i] = 1.0
            held = held + gets @ got - pays @ paid
            cost = cost + cp.sum(paid - got)
        self.constraints += [held[1:] == unsold[1:], unsold[0] == 0, held[0] >= 0]
        self.cost: Any = cost  # over NAV before

    def _flows(self, pieces: list[Piece]) -> tuple[Any, Any]:
        cp = self._cp
        net = np.array([1 - p.fee for p in pieces])
        depth = np.array([p.depth for p in pieces])
        rate = np.array([p.rate for p in pieces])
        capacity = np.array([p.capacity for p in pieces])
        filled, curved = cp.Variable(len(pieces), nonneg=True), cp.Variable(len(pieces))
        paid, got = cp.multiply(capacity, filled), cp.Variable(len(pieces))
        self.constraints += [
            filled <= 1,
            cones(
                cp,
                cp.multiply(net / np.sqrt(depth), paid),
                1 + cp.multiply(net / depth, paid),
                curved,
            ),
            got <= cp.multiply(rate, cp.multiply(net, paid) - curved),
        ]
        return paid, got
