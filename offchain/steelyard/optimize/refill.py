# SPDX-License-Identifier: MIT
"""The problem that is left after an order: what is held then, and pools half refilled.

Of the value that went through a leg a share `stays` is still there when the next order
comes; a leg that stands at E pays F(E + x) - F(E), which for a stretch of constant
product is a stretch again: of depth + g E, at the price that E has left.

SOURCE  Obizhaeva & Wang, "Optimal trading strategy and supply/demand dynamics" (2013);
        Alfonsi, Fruth & Schied (2010), for curves of any shape.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.optimize.problem import Floats, Leg, Piece, Problem
from steelyard.optimize.terms import Allocation, budget_use, leg_output, withdrawn


def problem_after(
    problem: Problem, here: Problem, order: Allocation, impact: Floats, years: float
) -> Problem:
    """What is left `years` after `order` was executed on `here`.

    `problem` is the one that was read, `impact` (n_legs,) value that went in since and
    has not refilled. Budgets refill as they do on chain, without their upper end.
    Prices are taken to stand still; lending markets know what they held when they were
    read, so they stay as they are.
    """
    gone = withdrawn(problem, order.values)
    return replace(
        problem,
        inventory=order.inventory,
        slots=tuple(
            replace(slot, value=float(value))
            for slot, value in zip(problem.slots, order.values, strict=True)
        ),
        legs=tuple(
            _leg_at(leg, float(stands), gone)
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


def tangents(problem: Problem, impact: Floats, gone: Floats) -> tuple[Floats, Floats]:
    """(slopes, levels), (n_legs,) each: level + slope x touches F of each leg at
    `impact`; `gone` (n_slots,) was withdrawn before."""
    slopes, levels = np.zeros(len(problem.legs)), np.zeros(len(problem.legs))
    for i, leg in enumerate(problem.legs):
        stands = float(impact[i])
        slopes[i] = _slope(leg, stands, gone)
        levels[i] = leg_output(leg, stands, gone) - slopes[i] * stands
    return slopes, levels


def _slope(leg: Leg, stands: float, gone: Floats) -> float:
    """What a little more pays where `stands` went in; of the last piece beyond it."""
    slope = 0.0
    for piece in leg.pieces:
        kept = max(1 - sum(share * gone[slot] for slot, share in piece.thinned), 1e-9)
        here = min(stands, piece.capacity * kept)
        left = 1 + (1 - piece.fee) * here / (piece.depth * kept)
        slope = piece.rate * (1 - piece.fee) / left**2
        stands -= here
        if stands <= 0:
            break
    return slope


def _leg_at(leg: Leg, stands: float, gone: Floats) -> Leg:
    pieces = []
    for piece in leg.pieces:
        kept = max(1 - sum(share * gone[slot] for slot, share in piece.thinned), 0.0)
        here = min(stands, piece.capacity * kept)
        stands -= here
        moved = _piece_at(piece, here, kept)
        if moved.capacity > 0 and moved.depth > 0:
            pieces.append(moved)
    return replace(leg, pieces=tuple(pieces))


def _piece_at(piece: Piece, stands: float, kept: float) -> Piece:
    depth = piece.depth * kept + (1 - piece.fee) * stands
    if depth <= 0:
        return replace(piece, depth=0.0, capacity=0.0)
    return Piece(
        depth=depth,
        rate=piece.rate * (piece.depth * kept / depth) ** 2,
        fee=piece.fee,
        capacity=piece.capacity * kept - stands,
        thinned=tuple((s, share * piece.depth / depth) for s, share in piece.thinned),
    )


def carried_on(impact: Floats, inputs: Floats, stays: float) -> Floats:
    """(n_legs,) impact that the next order finds."""
    return np.asarray(stays * (impact + inputs))
