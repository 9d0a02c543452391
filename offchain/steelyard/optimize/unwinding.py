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

from dataclasses import dataclass, replace
from math import inf

from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.problem import Leg, Piece, Problem

MOST_WEIGHT = 100  # more of a cost known to 1e-11 of NAV would blur the certificate


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
            ("weight", self.weight, 0 <= self.weight <= MOST_WEIGHT, "0 to 100"),
        )
        for name, value, fits, expected in checks:
            if not fits:
                raise PreferenceInvalid(name, value, expected)
        if self.limit is not None and not self.limit >= 0:
            raise PreferenceInvalid("limit", self.limit, "0 or more")


def emptied_legs(problem: Problem, unwinding: Unwinding) -> tuple[Leg, ...]:
    """The pools' curves without own liquidity, under stress, all slices together."""
    return tuple(
        replace(
            leg,
            pieces=tuple(_emptied(problem, piece, unwinding) for piece in leg.pieces),
            least_ratio=0.0,
        )
        for leg in unwinding.legs or problem.legs
    )


def _emptied(problem: Problem, piece: Piece, unwinding: Unwinding) -> Piece:
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
