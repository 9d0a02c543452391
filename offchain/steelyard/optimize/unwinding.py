# SPDX-License-Identifier: MIT
"""What it costs to wind everything up through the pools that are there.

All that is held, what stands in positions too, is sold for the asset within a horizon
in which the pools refill `slices` times; equal parts in each are best while a pool is
at rest again before the next (its curve is concave), so the pools are so many times as
deep. Own liquidity has left them by then. What is not sold counts as lost in part,
whether no pool takes it or selling would cost more.

SOURCE  Bangia et al., "Modeling liquidity risk" (1999): VaR plus the cost of winding
        up; Acerbi & Scandolo, "Liquidity risk theory and coherent measures of risk"
        (2008): the worth of a portfolio is what a liquidity policy makes of it, which
        keeps the measure convex.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.problem import Leg, Piece, Problem
from steelyard.optimize.solvers import attempts, cones
from steelyard.optimize.terms import Allocation, token_exposure


@dataclass(frozen=True, kw_only=True)
class Unwinding:
    """How winding up is imagined. Raises `PreferenceInvalid`.

    `legs`: the pools' whole curves (`build.whole_legs`); without them, the problem's
    own, which end where the vault's limits of deviation do.
    """

    slices: float = 1.0  # times that the pools refill within the horizon, 1 or more
    depth: float = 1.0  # share of today's depth that is left then: stress
    unsold_loss: float = 1.0  # share lost of what no pool takes
    weight: float = 1.0  # of the cost in what is expected; 0: it is a limit alone
    limit: float | None = None  # most of it, as a share of NAV before
    legs: tuple[Leg, ...] = ()

    def __post_init__(self) -> None:
        checks = (
            ("slices", self.slices, 1 <= self.slices < inf, "1 or more, finite"),
            ("depth", self.depth, 0 < self.depth <= 1, "above 0, up to 1"),
            ("unsold_loss", self.unsold_loss, 0 <= self.unsold_loss <= 1, "0 to 1"),
            ("weight", self.weight, 0 <= self.weight < inf, "0 or more, finite"),
        )
        for name, value, fits, expected in checks:
            if not fits:
                raise PreferenceInvalid(name, value, expected)
        if self.limit is not None and not self.limit >= 0:
            raise PreferenceInvalid("limit", self.limit, "0 or more")


class ConicUnwinding:
    """The flows that wind up an exposure, in cvxpy; convex."""

    def __init__(
        self, cp: Any, problem: Problem, unwinding: Unwinding, exposure: Any
    ) -> None:
        """`exposure` (n_tokens,), an affine expression or a parameter."""
        self._cp = cp
        pieces = [
            (leg, _emptied(problem, piece, unwinding))
            for leg in unwinding.legs or problem.legs
            for piece in leg.pieces
        ]
        pieces = [(leg, piece) for leg, piece in pieces if piece.capacity > 0]
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


def _emptied(problem: Problem, piece: Piece, unwinding: Unwinding) -> Piece:
    """The piece without own liquidity, under stress, as deep as all slices together."""
    own = sum(share * float(problem.values[slot]) for slot, share in piece.thinned)
    scale = max(1 - own, 0.0) * unwinding.depth * unwinding.slices
    if scale < 1e-9:
        scale = 0.0
    return Piece(
        depth=piece.depth * scale or 1.0,
        rate=piece.rate,
        fee=piece.fee,
        capacity=piece.capacity * scale,
        thinned=(),
    )


class UnwindingCost:
    """The cost of winding up any allocation, solved anew for each; compiled once."""

    def __init__(self, cp: Any, problem: Problem, unwinding: Unwinding) -> None:
        self._cp, self._problem, self._unwinding = cp, problem, unwinding
        self._exposure = cp.Parameter(len(problem.inventory))
        flows = ConicUnwinding(cp, problem, unwinding, self._exposure)
        self._compiled = cp.Problem(cp.Minimize(flows.cost), flows.constraints)

    def of(self, allocation: Allocation) -> float:
        """Over NAV before; where no solver answers, all but the asset is unsold."""
        exposure = token_exposure(self._problem, allocation)
        self._exposure.value = exposure
        for outcome, _ in attempts(self._cp, self._compiled):
            if outcome in ("optimal", "inaccurate"):
                return max(float(self._compiled.value), 0.0)
        return float(exposure[1:].sum()) * self._unwinding.unsold_loss
