# SPDX-License-Identifier: MIT
"""Sequential quadratic programming with the exact Hessian; each step proves its gap.

The problem is convex on one stretch a market: a step's limits, linear, hold all that
is allowed, and its multipliers bound what is left to gain. Only pieces of curves that
nearly pay are in a step; the bound counts them all. No line search: limits and curves
bend little within what may be traded, and where steps do not settle, the caller is
told (Nocedal & Wright, "Numerical Optimization", 2006, chapter 18).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.errors import SolveFailed
from steelyard.optimize.problem import Floats
from steelyard.optimize.vault.arrays import METHOD, VaultArrays
from steelyard.optimize.vault.domain import ON, Domain, Flags
from steelyard.optimize.vault.lagrangian import lagrangian
from steelyard.optimize.vault.model import step_model
from steelyard.optimize.vault.prices import Prices, as_prices, no_prices, piece_prices
from steelyard.optimize.vault.standing import (
    Standing,
    missed,
    move_bounds,
    netted,
    stand,
)
from steelyard.optimize.vault.step import ENDLESS, take_step

MOST_STEPS = 60
NEAR = 3e-3  # of value: a piece that loses less is in the step
CLOSE = 1e-3  # of NAV: after a step this small the gap is computed
LEAST_GAP = 1e-11  # of NAV
MOST_MISSED = 1e-11  # of NAV
STILL = 1e-12  # of NAV: no step
SHORT = 1e-8  # of NAV: a step that misses its limits by more found no way
DEAR = 2.0  # a unit by which a limit is missed, against its price, where steps are cut
PARTS = (0.5, 0.25, 0.1, 0.03, 0.01)
ROUNDING = 1e-15  # of NAV
SETTLED = 3  # steps after which no piece leaves


@dataclass(frozen=True, kw_only=True, eq=False)
class Optimum:
    """The best of a convex domain, and the prices that prove it to within `gap`."""

    standing: Standing
    prices: Prices
    bound: float

    @property
    def gap(self) -> float:
        return self.bound - self.standing.value


class Unsettled(SolveFailed):
    """Steps do not come to rest, as where nothing lies strictly inside the limits."""

    def __init__(self, bound: float) -> None:
        super().__init__(METHOD, "failed")
        self.bound = bound  # nothing in the domain is worth more, gas apart


@dataclass(kw_only=True, eq=False)
class _Climb:
    """Where the steps have led."""

    arrays: VaultArrays
    domain: Domain
    lowest: Floats  # (n_moves,)
    highest: Floats  # (n_moves,)
    is_open: Flags  # (n_pieces,)
    standing: Standing
    prices: Prices
    used: Flags  # (n_pieces,) in the next step
    bend: Floats  # (n_pieces,) what a unit of output counts in the Hessian


def maximise(
    arrays: VaultArrays, domain: Domain, start: Optimum | None = None
) -> Optimum:
    """The best allocation of a domain with one stretch a market; gas is not counted.

    `gap` is more than rounding only where a token is worth less than nothing, so that
    its swaps are not concave. Raises `SolveFailed`, "infeasible", where that is proved,
    else `Unsettled`.
    """
    if start is not None:
        try:
            return _climbed(arrays, domain, start)
        except SolveFailed as failed:
            if failed.outcome == "infeasible":
                raise
    return _climbed(arrays, domain, None)


def _climbed(arrays: VaultArrays, domain: Domain, start: Optimum | None) -> Optimum:
    climb = _start(arrays, domain, start)
    for count in range(MOST_STEPS):
        size, short = _advance(climb, is_late=count >= SETTLED)
        is_whole = bool((climb.used == climb.is_open).all())
        if short > SHORT:
            _check_feasible(climb)
        elif size <= CLOSE and missed(arrays, climb.standing) <= MOST_MISSED:
            found = _proved(climb)
            if found.gap <= LEAST_GAP or (size <= STILL and is_whole):
                return found
        if short > SHORT or size <= STILL:
            climb.used = climb.is_open
        else:
            climb.used = _used(climb, climb.used if count >= SETTLED else None)
    raise Unsettled(_proved(climb).bound)


def _start(arrays: VaultArrays, domain: Domain, start: Optimum | None) -> _Climb:
    lowest, highest = move_bounds(arrays, domain)
    if (lowest > highest).any():
        raise SolveFailed(METHOD, "infeasible")
    curves = arrays.curves
    is_open = domain.legs[ON][curves.leg] & (curves.capacity > 0)
    moves = np.zeros(len(lowest)) if start is None else start.standing.moves
    inputs = np.zeros(len(is_open)) if start is None else start.standing.inputs
    standing = stand(
        arrays,
        domain,
        np.clip(moves, lowest, highest),
        np.where(is_open, inputs, 0.0),
    )
    prices = no_prices(arrays, standing.gradient) if start is None else start.prices
    climb = _Climb(
        arrays=arrays,
        domain=domain,
        lowest=lowest,
        highest=highest,
        is_open=is_open,
        standing=standing,
        prices=prices,
        used=is_open,
        bend=piece_prices(arrays, prices)[1],
    )
    first = is_open & curves.is_first if start is None else None
    climb.used = _used(climb, first)
    return climb


def _used(climb: _Climb, kept: Flags | None) -> Flags:
    """Pieces in use, those that nearly pay under the prices, and those `kept`."""
    curves = climb.arrays.curves
    paid, got = piece_prices(climb.arrays, climb.prices)
    used = (got * curves.rate * curves.net > paid - NEAR) | (climb.standing.inputs > 0)
    if kept is not None:
        used |= kept
    return np.asarray(used & climb.is_open)


def _advance(climb: _Climb, *, is_late: bool) -> tuple[float, float]:
    """One step: (its size, by how much it misses its limits)."""
    arrays, standing, pieces = climb.arrays, climb.standing, np.flatnonzero(climb.used)
    count = len(standing.moves)
    model = step_model(arrays, standing, climb.bend, pieces)
    here = np.concatenate([standing.moves, standing.inputs[pieces]])
    lowest = np.concatenate([climb.lowest, np.zeros(len(pieces))])
    highest = np.concatenate([climb.highest, arrays.curves.capacity[pieces]])
    free = np.full(arrays.planes.functions, ENDLESS)
    whole, multipliers = take_step(
        model, np.append(lowest - here, -free), np.append(highest - here, free)
    )
    step = whole[: len(here)]

    def gone(share: float) -> Standing:
        there = np.clip(here + share * step, lowest, highest)
        inputs = standing.inputs.copy()
        inputs[pieces] = there[count:]
        moves = netted(arrays, there[:count])
        return stand(arrays, climb.domain, moves, inputs)

    before = piece_prices(arrays, climb.prices)[1]
    climb.standing = gone(1.0)
    climb.prices = as_prices(arrays, climb.standing.gradient, multipliers)
    if arrays.charges:
        climb.standing = _not_too_far(climb, standing, gone)
        climb.prices = as_prices(arrays, climb.standing.gradient, multipliers)
    climb.bend = piece_prices(arrays, climb.prices)[1]
    if is_late:  # prices that swing make steps swing: take the stiffer of two
        climb.bend = np.maximum(climb.bend, before)
    short = (model.rows @ whole - model.room).max()
    return float(np.abs(step).max(initial=0.0)), float(short)


def _not_too_far(
    climb: _Climb, before: Standing, gone: Callable[[float], Standing]
) -> Standing:
    """The step taken, or a part of it: charges may bend a lot within it.

    Limits missed count more than their prices, so that a step may pay for meeting them
    (an exact penalty).
    """
    prices = climb.prices
    priced = prices.rows.sum() + prices.budgets.sum() + prices.ratios.sum()
    dear = DEAR * (1 + float(priced))

    def merit(standing: Standing) -> float:
        return standing.value - dear * missed(climb.arrays, standing)

    after, least = climb.standing, merit(before) - ROUNDING
    for share in PARTS:
        if merit(after) >= least:
            break
        after = gone(share)
    return after


def _proved(climb: _Climb) -> Optimum:
    standing, prices = climb.standing, climb.prices
    parts = lagrangian(climb.arrays, climb.domain, standing.z, prices)
    return Optimum(standing=standing, prices=prices, bound=parts.bound)


def _check_feasible(climb: _Climb) -> None:
    """Raises `SolveFailed` where a bound under every allocation's value proves that
    there is none (Farkas): prices of limits may be as high as one likes.

    With charges nothing is proved: how much they may be is not known.
    """
    if climb.arrays.charges:
        return
    arrays, prices, tokens = climb.arrays, climb.prices, len(climb.prices.tokens)
    quadratic, most = arrays.quadratic, arrays.most_inventory
    floor = quadratic.constant - most * np.abs(quadratic.linear).max(initial=0.0)
    floor -= most**2 / 2 * np.abs(quadratic.curvature).max(initial=0.0) + 1
    floor -= most * float(np.abs(arrays.planes.slopes).sum())
    floor -= float(np.abs(arrays.planes.starts).sum())
    base = climb.standing.gradient[:tokens]
    for times in (1.0, 1e2, 1e4):  # of prices up to 1e4: proves what misses 1e-8
        scaled = Prices(
            tokens=base + times * (prices.tokens - base),
            rows=times * prices.rows,
            budgets=times * prices.budgets,
            ratios=times * prices.ratios,
            planes=prices.planes,
        )
        parts = lagrangian(arrays, climb.domain, climb.standing.z, scaled)
        if parts.bound < floor:
            raise SolveFailed(METHOD, "infeasible")
