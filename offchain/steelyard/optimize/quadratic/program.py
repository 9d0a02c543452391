# SPDX-License-Identifier: MIT
"""The quadratic program of the family, one for every point of the efficient frontier.

With m the multiplier (the tolerance of risk: 0 for the least variance, without end for
the largest gain):

    least of  w' covariance w / 2 - m gains . w   over a polytope.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from steelyard.optimize.arrays import largest, smallest, sum_of
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats

Sides = NDArray[np.int8]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """The polytope's arrays, with the sum of weights as row 0."""

    covariance: Floats  # (n, n) symmetric, positive semidefinite: taken on trust
    gains: Floats  # (n,)
    lowest: Floats  # (n,)
    highest: Floats  # (n,)
    rows: Floats  # (1 + m, n)
    bounds: Floats  # (1 + m,) rows[0] @ w = bounds[0], the others at most
    size: float  # mean variance, above 0: a scale
    doubt: float = 1.0  # more: prices and gradients may be off by so much more

    @cached_property
    def gain(self) -> float:
        """The largest of either sign, above 0: a scale."""
        return max(largest(self.gains), -smallest(self.gains)) or 1.0

    @cached_property
    def scales(self) -> Floats:
        """(1 + m,) largest coefficient of a row, or 1."""
        return np.asarray(np.abs(self.rows).max(axis=1, initial=1.0))


@dataclass(frozen=True, kw_only=True, eq=False)
class ActiveSet:
    """Which limits hold with equality; also where a solve may start from."""

    sides: Sides  # (n,) -1 at its lowest weight, 1 at its highest, 0 free
    rows: Flags  # (1 + m,) the first, the sum of weights, always
    near: Floats  # (n,) what weights that the covariance leaves open are near to


def program_of(polytope: Polytope, covariance: Floats, gains: Floats) -> Program:
    n, m = len(gains), len(polytope.bounds)
    rows, bounds = np.empty((1 + m, n)), np.empty(1 + m)
    rows[0], rows[1:] = 1.0, polytope.matrix
    bounds[0], bounds[1:] = polytope.total, polytope.bounds
    return Program(
        covariance=covariance,
        gains=gains,
        lowest=polytope.lowest,
        highest=polytope.highest,
        rows=rows,
        bounds=bounds,
        size=sum_of(covariance.diagonal()) / n or 1.0,
    )


def natural(program: Program) -> float:
    """A multiplier at which risk and gain matter alike."""
    return program.size / program.gain


def with_row(program: Program, coefficients: Floats, bound: float) -> Program:
    """The program with coefficients @ w <= bound as its last row."""
    return replace(
        program,
        rows=np.concatenate([program.rows, coefficients[None]]),
        bounds=np.append(program.bounds, bound),
    )


def at_lowest(program: Program) -> ActiveSet:
    """Every weight at its lowest, no row at its bound but the sum."""
    rows = np.zeros(len(program.bounds), np.bool_)
    rows[0] = True
    sides = np.full(len(program.gains), -1, np.int8)
    return ActiveSet(sides=sides, rows=rows, near=program.lowest)


def fixed(program: Program) -> ActiveSet:
    """Where the box fixes every weight: the first is set free, to carry the sum."""
    rest = at_lowest(program)
    rest.sides[0] = 0
    return rest


def inside_box(polytope: Polytope, weights: Floats) -> Floats:
    """The weights without what rounding put outside the box."""
    return np.minimum(np.maximum(weights, polytope.lowest), polytope.highest)


def movable(program: Program) -> Indices:
    """Assets whose weight is not fixed by their box."""
    return (program.lowest < program.highest).nonzero()[0]
