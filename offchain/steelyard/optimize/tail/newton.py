# SPDX-License-Identifier: MIT
"""Entropic risk by Newton's method: exact quadratic programs over assets that matter.

Steps go towards the least of the quadratic model and are shortened until the aim falls
(Armijo 1966). The certified gap over all assets ends the search.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats
from steelyard.optimize.quadratic.conditions import prices_at, weights_at
from steelyard.optimize.quadratic.line import Line
from steelyard.optimize.quadratic.minimise import minimise
from steelyard.optimize.quadratic.program import (
    ActiveSet,
    Program,
    inside_box,
    program_of,
    with_row,
)
from steelyard.optimize.tail.aims import (
    Aim,
    Aimed,
    Prices,
    bound_of,
    slopes_of,
    value_of,
)
from steelyard.optimize.tail.entropic_tail import (
    EntropicTail,
    curvature_of,
    entropic_tail,
    smoothed,
)
from steelyard.optimize.tail.losses import Indices
from steelyard.optimize.tail.measures import entropic_var

METHOD = "Newton's method"

# Of a typical loss:
TIGHT = 1e-12  # a certified gap this small ends the search
ENOUGH = 1e-9  # the same where steps no longer gain
FLAT = 1e-12  # a promise this small is lost in rounding
MISSED = 1e-12  # an asset left out gains more

# Over a typical loss, the sharpness of the smoothed measure:
SHARP, SHARPER, SHARPEST = 100.0, 10.0, 1e10  # at first, by times, at last
CENTRED = 0.1  # of what smoothing may cost: near enough to its least

MOST_STEPS = 100
RIDGES = (1e-10, 1e-8, 1e-6)  # of the mean second derivative: what makes it definite
LEAST_STEP = 1e-6
DECREASE = 1e-4  # of what the slope promises


@dataclass(frozen=True, kw_only=True, eq=False)
class _Target:
    """The least of the quadratic model, and its prices."""

    weights: Floats  # (n,)
    total: float  # of the sum of weights, of any sign
    rows: Floats  # (m,)
    floor: float


@dataclass(frozen=True, kw_only=True, eq=False)
class _Place:
    tail: EntropicTail
    target: _Target  # that it was reached from
    prices: Prices
    gap: float  # of the aim
    is_centred: bool  # the rest of the gap is what smoothing may cost


class NewtonSolver:
    """Solves aim after aim, each from where the last one ended."""

    def __init__(
        self,
        polytope: Polytope,
        mean: Floats,
        returns: Floats,
        level: float,
        start: Floats,
        unit: float,
    ) -> None:
        self._polytope, self._mean, self._returns = polytope, mean, returns
        self._level, self._unit = level, unit  # typical size of a loss
        self._mean_size = float(np.abs(mean).max()) or 1.0
        self._weights = start
        self._assets = np.empty(0, np.int64)
        self._active: ActiveSet | None = None
        self._sharpest = SHARP / self._unit

    def best(self, aim: Aim, assets: Indices) -> Aimed:
        """At first over these assets alone. Raises `SolveFailed`."""
        self._admit(assets)
        self._sharpest = SHARP / self._unit
        start = self._tail(self._weights)
        target = self._target(aim, start)
        place = self._place(aim, self._tail(target.weights), target)
        for _ in range(MOST_STEPS):
            if place.gap <= TIGHT * self._unit:
                break
            self._admit(self._missing(aim, place))
            place, is_stuck = self._moved(aim, place)
            if place.tail.is_smoothed and (is_stuck or place.is_centred):
                place, is_stuck = self._sharpened(aim, place)
            if is_stuck:
                break
        if not place.gap <= ENOUGH * self._unit:
            raise SolveFailed(METHOD, "inaccurate")
        self._weights = place.tail.weights
        return Aimed(weights=place.tail.weights, prices=place.prices)

    def _tail(self, weights: Floats) -> EntropicTail:
        return entropic_tail(self._returns, weights, self._level, self._sharpest)

    def _moved(self, aim: Aim, place: _Place) -> tuple[_Place, bool]:
        """One step on; whether there is none to make."""
        target = self._target(aim, place.tail)
        step, is_flat = self._step(aim, place.tail, target)
        weights = (1 - step) * place.tail.weights + step * target.weights
        reached = self._place(aim, self._tail(weights), target)
        if (is_flat or step == 0.0) and reached.gap >= place.gap:
            return place, True
        return reached, False

    def _sharpened(self, aim: Aim, place: _Place) -> tuple[_Place, bool]:
        """The same weights, smoothed less; whether that has come to its end."""
        if self._sharpest * self._unit >= SHARPEST:
            return place, True
        self._sharpest *= SHARPER
        tail = self._tail(place.tail.weights)
        return self._place(aim, tail, place.target), False

    def _admit(self, assets: Indices) -> None:
        admitted = np.union1d(self._assets, assets)
        if len(admitted) > len(self._assets):
            self._assets, self._active = admitted, None

    def _place(self, aim: Aim, tail: EntropicTail, target: _Target) -> _Place:
        prices = Prices(
            risk=aim.price,
            gradient=tail.gradient,
            floor=target.floor,
            rows=target.rows,
        )
        mean = float(self._mean @ tail.weights)
        bound = bound_of(self._polytope, self._mean, aim, prices)
        value = value_of(aim, mean, entropic_var(tail.losses, self._level))
        missed = value_of(aim, mean, tail.value - tail.slack) - bound
        return _Place(
            tail=tail,
            target=target,
            prices=prices,
            gap=value - bound,
            is_centred=missed <= CENTRED * aim.price * tail.slack,
        )

    def _missing(self, aim: Aim, place: _Place) -> Indices:
        """Assets that pay at these prices."""
        p, weights = self._polytope, place.tail.weights
        slopes = slopes_of(aim, self._mean, place.prices) - place.target.total
        slopes = slopes + place.prices.rows @ p.matrix
        pays = np.abs(slopes) > MISSED * self._unit
        moves = np.where(slopes < 0, weights < p.highest, weights > p.lowest)
        return np.flatnonzero(pays & moves)

    def _target(self, aim: Aim, tail: EntropicTail) -> _Target:
        line = self._line(aim, tail)
        self._active = line.active
        weights, prices = tail.weights.copy(), prices_at(line, 1.0)
        weights[self._assets] = weights_at(line, 1.0)
        last_row = len(self._polytope.names) + 1
        floor = prices[last_row:].sum() / self._mean_size  # of one price, or of none
        return _Target(
            weights=inside_box(self._polytope, weights),
            total=-float(prices[0]),
            rows=np.maximum(prices[1:last_row], 0.0),
            floor=max(float(floor), 0.0),
        )

    def _line(self, aim: Aim, tail: EntropicTail) -> Line:
        """Of the least of the model, with the first ridge that one is found with."""
        for ridge in RIDGES:
            program, start = self._model(aim, tail, ridge), self._active
            if start is not None and len(start.rows) != len(program.bounds):
                start = None
            with suppress(SolveFailed):
                return minimise(program, 1.0, start)
        raise SolveFailed(METHOD, "inaccurate")

    def _model(self, aim: Aim, tail: EntropicTail, ridge: float) -> Program:
        """Around the tail's weights, over the assets admitted; the others are still."""
        p, assets = self._polytope, self._assets
        still = tail.weights.copy()
        still[assets] = 0.0
        part = replace(
            p,
            assets=tuple(p.assets[i] for i in assets),
            lowest=p.lowest[assets],
            highest=p.highest[assets],
            matrix=p.matrix[:, assets],
            bounds=p.bounds - p.matrix @ still,
            total=p.total - still.sum(),
        )
        curvature = aim.price * curvature_of(tail, self._returns, assets)
        curvature += ridge * curvature.trace() / len(assets) * np.eye(len(assets))
        gains = aim.gain * self._mean - aim.price * tail.gradient
        gains = gains[assets] + curvature @ tail.weights[assets]
        program = program_of(part, curvature, gains)
        if np.isinf(aim.floor):
            return program
        size = self._mean_size
        least = aim.floor - float(self._mean @ still)
        return with_row(program, -self._mean[assets] / size, -least / size)

    def _step(
        self, aim: Aim, tail: EntropicTail, target: _Target
    ) -> tuple[float, bool]:
        """Length of the step, 0 where none gains; whether rounding hides the gain."""
        change = -(self._returns @ target.weights) - tail.losses
        gain = aim.gain * float(self._mean @ (target.weights - tail.weights))
        slope = aim.price * float(tail.shares @ change) - gain
        if slope >= -FLAT * self._unit:
            return 1.0, True
        step = 1.0
        while step >= LEAST_STEP:
            losses = tail.losses + step * change
            value = smoothed(losses, self._level, self._sharpest)
            fall = aim.price * (tail.value - value) + step * gain
            if fall >= -DECREASE * step * slope:
                return step, False
            step /= 2
        return 0.0, False
