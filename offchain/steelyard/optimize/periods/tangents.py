# SPDX-License-Identifier: MIT
"""What impact does to the next order, to first order around where a path stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.periods.refill import leg_at, most_input, moved
from steelyard.optimize.problem import Floats, Leg, Problem
from steelyard.optimize.terms import leg_output

STEP = 1e-7  # of NAV: slopes are differences over it


@dataclass(frozen=True, kw_only=True, eq=False)
class Tangents:
    """Three rows: what stands in each leg, what was paid for it, the most it takes yet.

    level + by_impact x impact + by_before x before + by_gone x gone, the last two
    summed over the slots that thin a leg: see `thinned_legs`.
    """

    levels: Floats  # (3, n_legs)
    by_impact: Floats  # (3, n_legs)
    by_before: Floats  # (3, n_pairs)
    by_gone: Floats  # (3, n_pairs)


def thinned_legs(problem: Problem) -> list[tuple[int, int]]:
    """(leg, slot) of each slot whose liquidity stands in a leg."""
    pairs = {
        (i, slot)
        for i, leg in enumerate(problem.legs)
        for piece in leg.pieces
        for slot, _ in piece.thinned
    }
    return sorted(pairs)


def tangents(
    problem: Problem, impact: Floats, before: Floats, gone: Floats
) -> Tangents:
    """Around `impact` (n_legs,), which stands in pools that have lost `before`
    (n_slots,), when they come to have lost `gone`."""
    pairs = thinned_legs(problem)
    levels = np.zeros((3, len(problem.legs)))
    by_impact = np.zeros_like(levels)
    by_before, by_gone = np.zeros((3, len(pairs))), np.zeros((3, len(pairs)))
    for i, leg in enumerate(problem.legs):
        stands = float(impact[i])
        here = _terms(leg, stands, before, gone)
        step = STEP if stands < STEP else -STEP
        by_impact[:, i] = (_terms(leg, stands + step, before, gone) - here) / step
        levels[:, i] = here - by_impact[:, i] * stands
        for k, (_, slot) in ((k, pair) for k, pair in enumerate(pairs) if pair[0] == i):
            less = STEP * (np.arange(len(gone)) == slot)
            by_before[:, k] = here - _terms(leg, stands, before - less, gone)
            by_gone[:, k] = here - _terms(leg, stands, before, gone - less)
            by_before[:, k] /= STEP
            by_gone[:, k] /= STEP
            levels[:, i] -= by_before[:, k] * before[slot] + by_gone[:, k] * gone[slot]
    return Tangents(
        levels=levels, by_impact=by_impact, by_before=by_before, by_gone=by_gone
    )


def _terms(leg: Leg, impact: float, before: Floats, gone: Floats) -> Floats:
    stands = moved(leg, impact, before, gone)
    most = most_input(leg_at(leg, stands, gone))
    return np.array([stands, leg_output(leg, stands, gone), most])
