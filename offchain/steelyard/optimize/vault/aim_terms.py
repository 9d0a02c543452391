# SPDX-License-Identifier: MIT
"""The terms that a model's aim is made of, as functions of z.

UNITS   Over the horizon, as shares of NAV before.
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np

from steelyard.optimize.checks import INDEFINITE
from steelyard.optimize.errors import ModelRefused
from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    EllipsoidalCovariance,
    EllipsoidalMean,
    MeanRisk,
)
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.reference.measures import ball_slope, function_of
from steelyard.optimize.reference.smooth import Length
from steelyard.optimize.vault.charges import Charge


def charged(charges: tuple[Charge, ...], z: Floats) -> float:
    """Their sum at z."""
    return sum(charge.plane(z).value for charge in charges)


def exposures(problem: Problem) -> Floats:
    """(n_tokens, n_tokens + n_slots): tokens held, uncollected fees apart, by z."""
    return np.hstack([np.eye(len(problem.inventory)), problem.compositions])


def volatility(problem: Problem) -> Charge:
    """Of prices and of the failure of each tag on its own, over the horizon."""
    factor, tags = _root(problem.covariance), np.sqrt(problem.tag_variance)
    prices, failures = factor @ exposures(problem), tags[:, None] * problem.tag_exposure
    claimed = np.append(factor @ problem.claimable, tags * problem.tag_claimable)
    years = sqrt(problem.horizon_years)
    return Charge(
        function=Length(),
        matrix=years * np.vstack([prices, failures]),
        offset=years * claimed,
    )


def _root(matrix: Floats) -> Floats:
    """F with F'F = matrix."""
    roots, vectors = np.linalg.eigh(matrix)
    return np.asarray(np.sqrt(np.maximum(roots, 0.0))[:, None] * vectors.T)


def doubted(problem: Problem, model: MeanRisk) -> Problem:
    """Moments at their worst for what is held, which is never short: boxes and balls
    of covariances (Tutuncu & Koenig 2004). Raises `ModelRefused`."""
    means, covariance = problem.expected_returns, problem.covariance
    for doubt in model.doubts:
        match doubt:
            case BoxMean(half_widths=widths):
                means = means - widths
            case BoxCovariance(half_widths=widths):
                covariance = covariance + widths
            case EllipsoidalCovariance(radius=radius):
                covariance = covariance + radius * np.eye(len(means))
    roots = np.linalg.eigvalsh(covariance)
    if roots[0] < -INDEFINITE * max(roots[-1], 0.0):
        why = "the covariance at its worst is indefinite: risk is not convex"
        raise ModelRefused("BoxCovariance", why)
    return replace(problem, expected_returns=means, covariance=covariance)


def doubts(problem: Problem, model: MeanRisk) -> tuple[Charge, ...]:
    """radius x sqrt(w' shape w), w what is held of each token."""
    charges = []
    for doubt in model.doubts:
        if isinstance(doubt, EllipsoidalMean) and doubt.radius:
            factor = _root(doubt.shape)
            charges.append(
                Charge(
                    function=Length(),
                    matrix=factor @ exposures(problem),
                    offset=factor @ problem.claimable,
                    weight=doubt.radius * problem.horizon_years,
                )
            )
    return tuple(charges)


def with_means(problem: Problem, scenarios: Floats) -> tuple[Problem, Floats]:
    """(the problem that expects the scenarios' means, what slots' yields have of them).

    Impermanent loss and failures are in them.
    """
    tokens, years = len(problem.inventory), problem.horizon_years
    means = scenarios.mean(axis=0)
    apart = means[tokens:] - means[:tokens] @ problem.compositions
    slots = tuple(
        replace(
            slot,
            yield_per_year=slot.yield_per_year + float(more) / years,
            lvr_per_year=0.0,
        )
        for slot, more in zip(problem.slots, apart, strict=True)
    )
    told = replace(problem, expected_returns=means[:tokens] / years, slots=slots)
    return told, np.asarray(apart)


def of_losses(
    problem: Problem, model: MeanRisk, scenarios: Floats
) -> tuple[Charge, ...]:
    """The measure of what scenarios take, and what a distance of laws adds."""
    tokens = len(problem.inventory)
    measured = Charge(
        function=function_of(model.measure),
        matrix=-scenarios,
        offset=-(scenarios[:, :tokens] @ problem.claimable),
    )
    slope = ball_slope(model.measure)
    if not slope:
        return (measured,)
    columns = scenarios.shape[1]
    ball = Charge(
        function=Length(),
        matrix=np.eye(columns)[1:],  # the asset itself has no law
        offset=np.zeros(columns - 1),
        weight=slope,
    )
    return (measured, ball)
