# SPDX-License-Identifier: MIT
"""One quadratic program by DAQP: as it is, else with limits that give way at a price.

A dual active-set method may take what has no interior for infeasible; where breaking
limits only costs more than any gain, there is always an interior.
"""

from __future__ import annotations

import daqp
import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats
from steelyard.optimize.vault.arrays import METHOD
from steelyard.optimize.vault.model import StepModel

PROXIMALS = (1e-7, 1e-5, 1e-3)  # added to the Hessian; they vanish with the step
RIDGES = (0.0, 1e-8, 1e-6)  # more of it, relative, where a step does not work out
PENALTY = 1e4  # of a unit by which limits are broken; the dearest limit costs less
ENDLESS = 1e30
FOUND = 1  # DAQP's exit flag
NARROW = 1e-13  # of NAV: bounds this near leave no room


def take_step(
    model: StepModel, lowest: Floats, highest: Floats
) -> tuple[Floats, Floats]:
    """(step, multipliers of the rows).

    Where limits cannot be met, the step breaks them by as little as it can. Raises
    `SolveFailed`.
    """
    free = np.flatnonzero(highest - lowest > NARROW)
    for proximal in PROXIMALS:
        hessian = model.hessian[free[:, None], free]
        hessian[range(len(free)), range(len(free))] += proximal
        reduced = StepModel(
            hessian=hessian,
            gradient=model.gradient[free],
            rows=model.rows[:, free],
            room=model.room,
        )
        found = _solved(reduced, lowest[free], highest[free])
        if found is None:
            found = _scaled(reduced, lowest[free], highest[free])
        if found is not None:
            step = np.zeros(len(lowest))
            step[free] = found[0]
            return step, found[1]
    raise SolveFailed(METHOD, "failed")


def _scaled(
    model: StepModel, lowest: Floats, highest: Floats
) -> tuple[Floats, Floats] | None:
    """The same with each variable in units of its own curvature, then elastic."""
    scale = 1 / np.sqrt(model.hessian.diagonal())
    scaled = StepModel(
        hessian=model.hessian * scale * scale[:, None],
        gradient=model.gradient * scale,
        rows=model.rows * scale,
        room=model.room,
    )
    box = lowest / scale, highest / scale
    found = _solved(scaled, *box)
    for ridge in RIDGES:
        if found is None:
            found = _elastic(scaled, *box, ridge)
    return None if found is None else (found[0] * scale, found[1])


def _solved(
    model: StepModel, lowest: Floats, highest: Floats
) -> tuple[Floats, Floats] | None:
    count = len(lowest)
    above = np.concatenate([highest, model.room])
    below = np.full(len(above), -ENDLESS)
    below[:count] = lowest
    step, _, flag, info = daqp.solve(
        model.hessian,
        model.gradient,
        np.ascontiguousarray(model.rows),
        above,
        below,
        np.zeros(len(above), np.int32),
        primal_tol=1e-12,
        eps_prox=0.0,
        sing_tol=1e-14,
    )
    if flag != FOUND or not np.isfinite(step).all():
        return None
    return step, info["lam"][count:]


def _elastic(
    model: StepModel, lowest: Floats, highest: Floats, ridge: float
) -> tuple[Floats, Floats] | None:
    """With one more variable: by how much every row may be broken, at a penalty."""
    count = len(lowest)
    hessian = np.eye(count + 1)
    hessian[:count, :count] = model.hessian
    hessian[range(count), range(count)] += ridge
    found = _solved(
        StepModel(
            hessian=hessian,
            gradient=np.append(model.gradient, PENALTY),
            rows=np.hstack([model.rows, np.full((len(model.rows), 1), -1.0)]),
            room=model.room,
        ),
        np.append(lowest, 0.0),
        np.append(highest, ENDLESS),
    )
    return None if found is None else (found[0][:count], found[1])
