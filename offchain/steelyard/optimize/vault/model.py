# SPDX-License-Identifier: MIT
"""The quadratic model of a step: exact Hessian of the Lagrangian, linear limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.optimize.problem import Floats
from steelyard.optimize.vault.arrays import VaultArrays
from steelyard.optimize.vault.curves import Indexes
from steelyard.optimize.vault.standing import Standing, room

STEADY = 1e-3  # bends what planes charge, or it would be free to fall; vanishes


@dataclass(frozen=True, kw_only=True, eq=False)
class StepModel:
    """min p' hessian p / 2 + gradient . p with rows p <= room.

    p: moves, inputs, then by how much what each function of `planes` charges changes.
    """

    hessian: Floats  # (n_moves + n_used + n_functions, ...)
    gradient: Floats
    rows: Floats  # limits, budgets, ratios of uneven legs, thinned capacities, planes
    room: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class _Slopes:
    """First derivatives of the outputs of the pieces used."""

    by_input: Floats  # (n_used,)
    by_move: Floats  # (n_used, n_moves)
    z: Floats  # (n_tokens + n_slots, n_moves + n_used) of z by moves and inputs


def step_model(
    arrays: VaultArrays, standing: Standing, got: Floats, used: Indexes
) -> StepModel:
    """The model at `standing` in all moves and in the inputs of the pieces `used`.

    `got` (n_pieces,): what a unit of output is worth.
    """
    slopes = _slopes(arrays, standing, used)
    rows, room = _limits(arrays, standing, used, slopes)
    model = StepModel(
        hessian=_hessian(arrays, standing, got, used, slopes.z),
        gradient=-(standing.gradient @ slopes.z),
        rows=rows,
        room=room,
    )
    if not arrays.planes.functions:
        return model
    return _with_planes(arrays, standing, model, slopes.z)


def _with_planes(
    arrays: VaultArrays, standing: Standing, model: StepModel, by_step: Floats
) -> StepModel:
    """With a variable for each function, above all of its planes."""
    planes = arrays.planes
    before, more = len(model.gradient), planes.functions
    hessian = np.zeros((before + more, before + more))
    hessian[:before, :before] = model.hessian
    hessian[range(before, before + more), range(before, before + more)] = STEADY
    rows = np.zeros((len(model.rows) + len(planes.of), before + more))
    rows[: len(model.rows), :before] = model.rows
    rows[len(model.rows) :, :before] = planes.slopes @ by_step
    rows[range(len(model.rows), len(rows)), before + planes.of] = -1.0
    top = planes.highest(standing.heights)
    return StepModel(
        hessian=hessian,
        gradient=np.append(model.gradient, np.ones(more)),
        rows=rows,
        room=np.append(model.room, top[planes.of] - standing.heights),
    )


def _slopes(arrays: VaultArrays, standing: Standing, used: Indexes) -> _Slopes:
    curves, columns = arrays.curves, arrays.columns
    moves = len(standing.moves)
    of_piece = np.arange(moves, moves + len(used))
    kept, inputs, net = standing.kept[used], standing.inputs[used], curves.net[used]
    scale = curves.rate[used] * net / standing.spread[used] ** 2
    by_input = scale * kept * kept
    by_kept = scale * net / curves.depth[used] * inputs * inputs
    by_move = -by_kept[:, None] * columns.thinning[used]
    z = np.zeros((len(standing.z), moves + len(used)))
    z[:, :moves] = columns.effect
    z[curves.token_in[used], of_piece] = -1.0
    z[curves.token_out[used], of_piece] += by_input
    np.add.at(z[:, :moves], curves.token_out[used], by_move)
    return _Slopes(by_input=by_input, by_move=by_move, z=z)


def _hessian(
    arrays: VaultArrays, standing: Standing, got: Floats, used: Indexes, slopes: Floats
) -> Floats:
    """Risk, fees, interest, and the bend of each piece along (kept, -input)."""
    curves, columns = arrays.curves, arrays.columns
    moves, count = len(standing.moves), slopes.shape[1]
    hessian = slopes.T @ (standing.curvature @ slopes)
    bent = columns.bending.T * -standing.bends
    hessian[:moves, :moves] += bent @ columns.bending
    kept, net = standing.kept[used], curves.net[used]
    bend = 2 * np.maximum(got[used], 0.0) * curves.rate[used] * net * net
    bend /= curves.depth[used] * standing.spread[used] ** 3
    of_piece = np.arange(moves, count)
    hessian[of_piece, of_piece] += bend * kept * kept
    thinning = standing.inputs[used][:, None] * columns.thinning[used]
    if thinning.any():
        hessian[:moves, :moves] += (thinning.T * bend) @ thinning
        cross = (bend * kept)[:, None] * thinning
        hessian[moves:, :moves] += cross
        hessian[:moves, moves:] += cross.T
    return hessian


def _limits(
    arrays: VaultArrays, standing: Standing, used: Indexes, slopes: _Slopes
) -> tuple[Floats, Floats]:
    curves, columns, budgets = arrays.curves, arrays.columns, arrays.budgets
    rows, left = [arrays.matrix @ slopes.z], [room(arrays, standing)]
    if len(budgets.bounds):
        got = budgets.per_output[:, used]
        per_move = columns.charges + got @ slopes.by_move
        per_input = budgets.per_input[:, used] + got * slopes.by_input
        rows.append(np.hstack([per_move, per_input]))
    for leg in curves.uneven:
        inside = curves.leg[used] == leg
        fall = np.where(inside, curves.least_ratio[leg] - slopes.by_input, 0.0)
        rows.append(np.append(-slopes.by_move[inside].sum(axis=0), fall)[None])
    thin = np.flatnonzero(columns.thinning[used].any(axis=1))
    if len(thin):
        at = used[thin]
        capacity = curves.capacity[at]
        per_move = capacity[:, None] * columns.thinning[at]
        rows.append(np.hstack([per_move, np.eye(len(used))[thin]]))
        left.append(capacity * standing.kept[at] - standing.inputs[at])
    return np.vstack(rows), np.concatenate(left)
