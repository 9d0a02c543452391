# SPDX-License-Identifier: MIT
"""The problem that is left after an order: what is held then, and pools half refilled.

Of the value that went through a leg a share `stays` is still there when the next order
comes; a leg that stands at E pays F(E + x) - F(E), which for a stretch of constant
product is a stretch again: of depth + g E, at the price that E has left. Own liquidity
that comes or goes leaves the price alone, so it scales the depth and E alike.

`gone` (n_slots,) is the value that was withdrawn since the pools were read; negative
where more was supplied, which makes them deeper.

SOURCE  Obizhaeva & Wang, "Optimal trading strategy and supply/demand dynamics" (2013);
        Alfonsi, Fruth & Schied (2010), for curves of any shape.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.problem import Floats, Leg, Piece, Problem
from steelyard.optimize.terms import Allocation, budget_use, withdrawn
from steelyard.optimize.vault.curves import as_curves


def problem_after(
    problem: Problem, here: Problem, order: Allocation, impact: Floats, years: float
) -> Problem:
    """What is left `years` after `order` was executed on `here`.

    `problem` is the one that was read, `impact` (n_legs,) value that went in since and
    has not refilled. Budgets refill as they do on chain, without their upper end.
    Prices are taken to stand still; lending markets know what they held when they were
    read, so they stay as they are, and so do the rows: what may only fall is held to
    the bound that was read, not to what the order has left.
    """
    gone = problem.values - order.values
    return replace(
        problem,
        inventory=order.inventory,
        slots=tuple(
            replace(slot, value=float(value))
            for slot, value in zip(problem.slots, order.values, strict=True)
        ),
        legs=tuple(
            leg_at(leg, float(stands), gone)
            for leg, stands in zip(problem.legs, impact, strict=True)
        ),
        budgets=tuple(
            replace(
                budget,
                bound=budget.bound
                - budget_use(here, budget, order)
                + budget.refill_per_year * years,
            )
            for budget in here.budgets
        ),
    )


def at_swaps(
    problem: Problem, here: Problem, order: Allocation, impact: Floats
) -> tuple[Floats, Floats]:
    """(impact, gone) when the swaps of `order` are done and its supplies are not.

    `impact` (n_legs,) is what it finds.
    """
    before = problem.values - here.values
    gone = before + withdrawn(here, order.values)
    return _all_moved(problem, impact, before, gone) + order.inputs, gone


def carried_on(
    problem: Problem, here: Problem, order: Allocation, impact: Floats, stays: float
) -> Floats:
    """(n_legs,) impact that the order after `order` finds."""
    stands, gone = at_swaps(problem, here, order, impact)
    return _all_moved(problem, stays * stands, gone, problem.values - order.values)


def _all_moved(
    problem: Problem, impact: Floats, before: Floats, after: Floats
) -> Floats:
    return np.array(
        [
            moved(leg, float(stands), before, after)
            for leg, stands in zip(problem.legs, impact, strict=True)
        ]
    )


def moved(leg: Leg, impact: float, before: Floats, after: Floats) -> float:
    """The same impact when own liquidity changes: every piece scales what it holds."""
    total = 0.0
    for piece in leg.pieces:
        kept = _kept(piece, before)
        here = min(impact, piece.capacity * kept)
        if kept > 0:
            total += here * _kept(piece, after) / kept
        impact -= here
    return total


def leg_at(leg: Leg, stands: float, gone: Floats) -> Leg:
    """What is left of a leg in which `stands` went in."""
    pieces = []
    for piece in leg.pieces:
        kept = _kept(piece, gone)
        here = min(stands, piece.capacity * kept)
        stands -= here
        if piece.capacity * kept > here:
            pieces.append(_piece_at(piece, here, kept))
    return replace(leg, pieces=tuple(pieces))


def _kept(piece: Piece, gone: Floats) -> float:
    """Its depth over what it was when it was read."""
    return max(1 - float(sum(share * gone[slot] for slot, share in piece.thinned)), 0.0)


def _piece_at(piece: Piece, stands: float, kept: float) -> Piece:
    depth = piece.depth * kept + (1 - piece.fee) * stands
    return Piece(
        depth=depth,
        rate=piece.rate * (piece.depth * kept / depth) ** 2,
        fee=piece.fee,
        capacity=piece.capacity * kept - stands,
        thinned=tuple((slot, share / kept) for slot, share in piece.thinned),
    )


def most_input(leg: Leg) -> float:
    """Largest input for which the whole leg pays its least ratio."""
    rested = tuple(replace(piece, thinned=()) for piece in leg.pieces)
    return float(as_curves([replace(leg, pieces=rested)], 0).capacity.sum())
