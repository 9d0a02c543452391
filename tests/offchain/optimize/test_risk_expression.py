# SPDX-License-Identifier: MIT
"""Measures in cvxpy on any affine losses, and the weights that prove bounds of them."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    Variance,
    WassersteinCVaR,
    WorstCase,
)
from steelyard.optimize.reference.measures import (
    function_of,
    loss_weights,
    risk_expression,
)
from steelyard.optimize.tail.measures import (
    conditional_drawdown,
    cvar,
    entropic_var,
    worst,
)

LEVEL = 0.75
VALUES = {
    CVaR(level=LEVEL): lambda x: cvar(x, LEVEL),
    EntropicVaR(level=LEVEL): lambda x: entropic_var(x, LEVEL),
    ConditionalDrawdown(level=LEVEL): lambda x: conditional_drawdown(-x, LEVEL),
    WorstCase(): worst,
    Variance(): lambda x: float(np.linalg.norm(x)),
}


def solved(measure, losses, exposures=None):
    """The stated risk of fixed losses, and its multipliers."""
    stated = risk_expression(
        cp, measure, losses=losses, exposures=cp.Constant(exposures or 0.0)
    )
    problem = cp.Problem(cp.Minimize(stated.value), list(stated.constraints))
    problem.solve(solver="CLARABEL")
    return float(problem.value), stated.prices() if stated.prices else None


@pytest.mark.parametrize("measure", VALUES, ids=lambda m: type(m).__name__)
def test_risk_expression__fixed_losses__their_measure(measure):
    losses = np.random.default_rng(3).normal(0.01, 0.05, 30)

    value, _ = solved(measure, cp.Constant(losses))

    assert value == pytest.approx(VALUES[measure](losses), rel=1e-6)


def test_risk_expression__ball_of_laws__slope_by_exposure():
    # radius 0.1 over a tail of a quarter, |(3, 4)| = 5: 0.1 / 0.25 x 5 = 2 more
    losses = np.array([1.0, 2.0, 3.0, 4.0])
    measure = WassersteinCVaR(level=LEVEL, radius=0.1)

    value, _ = solved(measure, cp.Constant(losses), exposures=[3.0, 4.0])

    assert value == pytest.approx(4.0 + 2.0, rel=1e-6)


@pytest.mark.parametrize("measure", VALUES, ids=lambda m: type(m).__name__)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_loss_weights__any_prices__never_above_the_risk_of_other_losses(measure, seed):
    random = np.random.default_rng(seed)
    here, there = random.normal(size=(2, 12))
    prices = random.exponential(size=24) * random.integers(0, 2, 24)
    if not isinstance(measure, ConditionalDrawdown):
        prices = prices[:12]

    weights = loss_weights(measure, here, prices)

    assert weights @ there <= VALUES[measure](there) + 1e-12


@pytest.mark.parametrize("measure", VALUES, ids=lambda m: type(m).__name__)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_loss_weights__no_prices__exactly_the_risk_here(measure, seed):
    losses = np.random.default_rng(seed).normal(size=12)

    seen = function_of(measure).see(losses, None)

    assert seen.value == pytest.approx(VALUES[measure](losses), rel=1e-12)
    assert seen.slopes @ losses == pytest.approx(seen.value, rel=1e-9)


@pytest.mark.parametrize("measure", VALUES, ids=lambda m: type(m).__name__)
def test_loss_weights__solved_with_ties__still_exact(measure):
    # two equal worst losses: the solver decides how to share them
    losses = np.array([3.0, 3.0, 1.0, 0.0, -1.0, 3.0])

    value, prices = solved(measure, cp.Constant(losses))
    weights = loss_weights(measure, losses, prices)

    assert weights @ losses == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    "measure", [EntropicVaR(level=LEVEL), Variance()], ids=lambda m: type(m).__name__
)
def test_bend__smooth_measures__the_second_difference(measure):
    random = np.random.default_rng(5)
    losses, way = random.normal(size=(2, 12))
    step = 1e-4

    root = function_of(measure).bend(losses, way[:, None], None)

    value = VALUES[measure]
    ends = value(losses + step * way) + value(losses - step * way)
    assert float(root[:, 0] @ root[:, 0]) == pytest.approx(
        (ends - 2 * value(losses)) / step**2, rel=1e-4
    )
