# SPDX-License-Identifier: MIT
"""Convex programs over weights as data, and what proves how good an answer is.

Every model here is a sum of convex functions of affine maps, under limits of the same
kind. Its value is recomputed from the weights, and its lower bound from tangents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from steelyard.optimize.lower_bound import Kink, Tangent, lowest_value
from steelyard.optimize.polytope import Polytope
from steelyard.optimize.problem import Floats
from steelyard.optimize.reference.convex import Convex, Seen


@dataclass(frozen=True, kw_only=True, eq=False)
class Affine:
    """offset + by_weight w + by_move |w - current| + by_size |w|: (k,) numbers.

    Functions of it must not fall where the last two grow.
    """

    offset: Floats  # (k,)
    by_weight: Floats  # (k, n)
    by_move: Floats | None = None  # (k, n)
    by_size: Floats | None = None  # (k, n)


@dataclass(frozen=True, kw_only=True, eq=False)
class Term:
    """factor x function(of w), factor at least 0."""

    factor: float
    function: Convex
    of: Affine


@dataclass(frozen=True, kw_only=True, eq=False)
class Limit:
    """Sum of terms <= bound."""

    terms: tuple[Term, ...]
    bound: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """Least sum of terms over the polytope under the limits."""

    polytope: Polytope
    current: Floats  # (n,)
    objective: tuple[Term, ...]
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Multipliers:
    """What the solver says that limits and rows are worth, before anybody believes it.

    `terms` are those of the functions themselves, in order: objective, then limits.
    """

    rows: Floats  # (m,)
    limits: tuple[float, ...]
    terms: tuple[Floats | None, ...]


def times(terms: tuple[Term, ...], factor: float) -> tuple[Term, ...]:
    """Each of them, `factor` at least 0."""
    return tuple(
        Term(factor=factor * term.factor, function=term.function, of=term.of)
        for term in terms
    )


def affine_at(affine: Affine, weights: Floats, current: Floats) -> Floats:
    """(k,) the numbers at these weights."""
    x = affine.offset + affine.by_weight @ weights
    if affine.by_move is not None:
        x = x + affine.by_move @ np.abs(weights - current)
    if affine.by_size is not None:
        x = x + affine.by_size @ np.abs(weights)
    return np.asarray(x, np.float64)


def values_at(
    program: Program, weights: Floats, multipliers: Multipliers
) -> tuple[float, float]:
    """The objective, and the most by which a limit is passed; recomputed.

    The polytope apart. Multipliers matter only to functions that are themselves least
    values: any of them give at least the true one.
    """
    given = iter(multipliers.terms)
    objective = _value(program, program.objective, weights, given)
    over = [
        _value(program, limit.terms, weights, given) - limit.bound
        for limit in program.limits
    ]
    return objective, max([0.0, *over])


def bound_at(
    program: Program, weights: Floats, multipliers: Multipliers, factor: float = 1.0
) -> float:
    """At most the least of factor x the objective, from tangents at the weights.

    Weak duality: any weights and any multipliers give a true bound.
    """
    return lowest_value(
        program.polytope,
        tangent_at(program, weights, multipliers, factor),
        multipliers.rows,
    )


def tangent_at(
    program: Program, weights: Floats, multipliers: Multipliers, factor: float = 1.0
) -> Tangent:
    """Nowhere above the objective x factor plus the priced excess of the limits."""
    given = iter(multipliers.terms)
    total = _sum(program, program.objective, weights, given).times(factor)
    for limit, price in zip(program.limits, multipliers.limits, strict=True):
        over = _sum(program, limit.terms, weights, given)
        nothing = Tangent(constant=-limit.bound, gradient=np.zeros_like(weights))
        total = total + (over + nothing).times(max(price, 0.0))
    return total


def _value(
    program: Program,
    terms: tuple[Term, ...],
    weights: Floats,
    given: Iterator[Floats | None],
) -> float:
    seen = [_see(term, weights, program.current, next(given)) for term in terms]
    return sum(t.factor * s.value for t, s in zip(terms, seen, strict=True))


def _sum(
    program: Program,
    terms: tuple[Term, ...],
    weights: Floats,
    given: Iterator[Floats | None],
) -> Tangent:
    total = Tangent(constant=0.0, gradient=np.zeros_like(weights))
    for term in terms:
        seen = _see(term, weights, program.current, next(given))
        total = total + _through(term.of, seen, program.current).times(term.factor)
    return total


def _see(term: Term, weights: Floats, current: Floats, prices: Floats | None) -> Seen:
    return term.function.see(affine_at(term.of, weights, current), prices)


def _through(affine: Affine, seen: Seen, current: Floats) -> Tangent:
    """constant + slopes . affine(v), by v."""
    kinks = []
    if affine.by_move is not None:
        kinks.append(_kink(seen.slopes @ affine.by_move, current))
    if affine.by_size is not None:
        kinks.append(_kink(seen.slopes @ affine.by_size, np.zeros_like(current)))
    return Tangent(
        constant=seen.constant + float(seen.slopes @ affine.offset),
        gradient=seen.slopes @ affine.by_weight,
        kinks=tuple(kinks),
    )


def _kink(slopes: Floats, centres: Floats) -> Kink:
    return Kink(centres=centres, slopes=np.maximum(slopes, 0.0))  # rounding apart
