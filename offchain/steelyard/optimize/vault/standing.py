# SPDX-License-Identifier: MIT
"""Where the solver stands: moves and swaps, and what follows by the curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.vault.arrays import VaultArrays
from steelyard.optimize.vault.curves import per_leg
from steelyard.optimize.vault.domain import Domain, hull

LEAST_KEPT = 1e-12  # of depth: a pool thinned further has nothing left


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """An allocation in the solver's variables; inventory follows from the curves."""

    moves: Floats  # (n_moves,)
    inputs: Floats  # (n_pieces,)
    kept: Floats  # (n_pieces,) share of depth that withdrawals leave
    spread: Floats  # (n_pieces,) kept + net x / depth
    outputs: Floats  # (n_pieces,)
    z: Floats  # (n_tokens + n_slots,)
    gradient: Floats  # (n_tokens + n_slots,) of the objective without planes
    bends: Floats  # (n_fee_pools + n_markets,) second derivatives
    curvature: Floats  # (n_tokens + n_slots, ...) of risk and charges
    heights: Floats  # (n_planes,)
    value: float  # of the objective, convex interest by its chord


def stand(
    arrays: VaultArrays, domain: Domain, moves: Floats, inputs: Floats
) -> Standing:
    """The objective and its derivatives at these moves and inputs of pieces.

    Each market stands on the first of its stretches in the domain.
    """
    curves, columns, quadratic = arrays.curves, arrays.columns, arrays.quadratic
    kept = np.maximum(1 - columns.thinning @ moves, LEAST_KEPT)
    net = curves.net * inputs
    spread = kept + net / curves.depth
    outputs = curves.rate * net * kept / spread
    z, tokens = _after(arrays, moves, inputs, outputs), len(arrays.inventory)
    curvature = quadratic.curvature
    curved = curvature @ z
    gradient = quadratic.linear - curved
    value = quadratic.constant + (quadratic.linear - curved / 2) @ z
    for charge in arrays.charges:
        plane, bend = charge.plane(z), charge.hessian(z)
        gradient -= plane.slopes
        value -= plane.value
        curvature = curvature if bend is None else curvature + bend
    earned, bends = _earned(arrays, domain, z[tokens:], gradient[tokens:])
    heights = arrays.planes.heights(z)
    if arrays.planes.functions:
        earned -= float(arrays.planes.highest(heights).sum())
    return Standing(
        moves=moves,
        inputs=inputs,
        kept=kept,
        spread=spread,
        outputs=outputs,
        z=z,
        gradient=gradient,
        bends=bends,
        curvature=curvature,
        heights=heights,
        value=float(value) + earned,
    )


def _after(
    arrays: VaultArrays, moves: Floats, inputs: Floats, outputs: Floats
) -> Floats:
    """(n_tokens + n_slots,) what moves and swaps leave."""
    curves, tokens = arrays.curves, len(arrays.inventory)
    z: Floats = arrays.columns.effect @ moves
    z[:tokens] += arrays.inventory
    z[tokens:] += arrays.values
    z[:tokens] += np.bincount(curves.token_out, outputs, tokens)
    z[:tokens] -= np.bincount(curves.token_in, inputs, tokens)
    return z


def _earned(
    arrays: VaultArrays, domain: Domain, values: Floats, gradient: Floats
) -> tuple[float, Floats]:
    """(fees and interest, their second derivatives); adds slopes to `gradient`."""
    fees = arrays.fees
    over = 1 + fees.shares @ values
    slopes = fees.income / over**2
    gradient += slopes @ fees.shares
    earned = float(fees.income @ (1 - 1 / over))
    bends = np.empty(len(over) + len(arrays.markets))
    bends[: len(over)] = -2 * slopes / over
    for i, (market, stretches) in enumerate(
        zip(arrays.markets, domain.stretches, strict=True), start=len(over)
    ):
        interest, slope, bends[i] = stretches[0].relaxed(float(values[market.slot]))
        gradient[market.slot] += slope
        earned += interest
    return earned, bends


def move_bounds(arrays: VaultArrays, domain: Domain) -> tuple[Floats, Floats]:
    """(lowest, highest) (n_moves,): of a split slot both columns are at least 0.

    Crossed where a slot has nowhere to go.
    """
    columns = arrays.columns
    lowest, highest = hull(arrays, domain)
    if (lowest > highest).any():
        return np.ones(len(columns.slot)), np.zeros(len(columns.slot))
    ends = np.stack([lowest - arrays.values, highest - arrays.values])
    moved = ends[:, columns.slot] * columns.sign
    floor = np.where(columns.is_split, 0.0, -np.inf)
    return (
        np.maximum(moved.min(axis=0), floor),
        np.maximum(moved.max(axis=0), floor),
    )


def netted(arrays: VaultArrays, moves: Floats) -> Floats:
    """The same values of slots without going up and down at once."""
    down = np.flatnonzero(arrays.columns.is_split & (arrays.columns.sign < 0))
    both = np.minimum(moves[down], moves[down - 1])  # up stands before down
    if both.max(initial=0.0) <= 0:
        return moves
    less = moves.copy()
    less[down] -= both
    less[down - 1] -= both
    return less


def room(arrays: VaultArrays, standing: Standing) -> Floats:
    """What each inventory, row, budget and least ratio of an uneven leg has left."""
    budgets, curves = arrays.budgets, arrays.curves
    left = [arrays.bounds - arrays.matrix @ standing.z]
    if len(budgets.bounds):
        use = budgets.per_input @ standing.inputs
        use += budgets.per_output @ standing.outputs
        left.append(budgets.bounds - use - arrays.columns.charges @ standing.moves)
    if curves.uneven:
        over = standing.outputs - curves.least_ratio[curves.leg] * standing.inputs
        left.append(per_leg(curves, over)[list(curves.uneven)])
    return np.concatenate(left)


def missed(arrays: VaultArrays, standing: Standing) -> float:
    """Most by which any limit is broken, those of thinned pieces too; at least 0."""
    full = standing.inputs - arrays.curves.capacity * standing.kept
    short = -room(arrays, standing)
    return float(max(full.max(initial=0.0), short.max(initial=0.0)))
