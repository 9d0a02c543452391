# SPDX-License-Identifier: MIT
"""Measures of the tail: by hand, by definition, and in their order."""

from __future__ import annotations

import numpy as np
import pytest
from budget_cases import worst_mean
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from steelyard.optimize.problem import Floats
from steelyard.optimize.tail.measures import (
    conditional_drawdown,
    cvar,
    cvar_of_each,
    drawdowns,
    entropic_sharpness,
    entropic_var,
    relative_entropy,
    tail_weights,
    tilted,
    worst,
)

SEEDS = st.integers(0, 10**6)
LEVELS = st.sampled_from([0.0, 0.1, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999])
TENTHS = np.arange(1, 11) / 10  # losses of 10 % to 100 %


def _losses(seed: int) -> Floats:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 60))
    return np.round(random.standard_t(3, count), int(random.integers(0, 8)))


def test_cvar__tail_of_two_scenarios__their_mean() -> None:
    assert cvar(TENTHS, 0.8) == pytest.approx((1.0 + 0.9) / 2, abs=1e-15)


def test_cvar__tail_of_one_and_a_half_scenarios__the_second_counts_half() -> None:
    assert cvar(TENTHS, 0.85) == pytest.approx((1.0 + 0.9 / 2) / 1.5, abs=1e-15)


def test_cvar__less_than_one_scenario_in_the_tail__the_worst() -> None:
    assert cvar(TENTHS, 0.95) == 1.0


def test_cvar__level_0__the_mean() -> None:
    assert cvar(TENTHS, 0.0) == pytest.approx(0.55, abs=1e-15)


def test_cvar__level_times_count_whole_but_for_rounding__whole() -> None:
    losses = np.arange(1.0, 1001.0)

    # 0.05 x 1000 is a little over 50 in floats
    assert cvar(losses, 0.95) == pytest.approx((1000 + 951) / 2, rel=1e-14)


@given(seed=SEEDS, level=LEVELS)
@settings(max_examples=60, deadline=None)
def test_cvar__any_losses__by_definition(seed: int, level: float) -> None:
    losses = _losses(seed)

    assert cvar(losses, level) == pytest.approx(worst_mean(losses, level), abs=1e-12)


@given(seed=SEEDS, level=LEVELS)
@settings(max_examples=20, deadline=None)
def test_cvar_of_each__columns__as_one_by_one(seed: int, level: float) -> None:
    losses = np.random.default_rng(seed).normal(size=(30, 3))

    each = cvar_of_each(losses, level)

    assert each == pytest.approx([cvar(column, level) for column in losses.T])


@given(seed=SEEDS, level=LEVELS)
@settings(max_examples=100, deadline=None)
def test_tail_weights__any_losses__probabilities_under_their_cap(
    seed: int, level: float
) -> None:
    losses = _losses(seed)

    weights = tail_weights(losses, level)

    assert weights.min() >= 0
    assert weights.max() <= (1 + 1e-15) / ((1 - level) * len(losses))
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights @ losses == pytest.approx(cvar(losses, level), rel=1e-9)


def test_tail_weights__ties_at_the_edge__share_what_is_left_alike() -> None:
    # of 2.5 of 5 scenarios the largest takes 1, the four that tie the other 1.5
    weights = tail_weights(np.array([2.0, 5.0, 2.0, 2.0, 2.0]), 0.5)

    assert weights == pytest.approx([0.15, 0.4, 0.15, 0.15, 0.15])


def test_worst__losses__the_largest() -> None:
    assert worst(np.array([-0.2, 0.1, -0.3])) == 0.1


def test_drawdowns__path_of_five_returns__under_the_highest_so_far() -> None:
    path = np.array([0.1, -0.2, 0.05, 0.3, -0.1])

    # sums 0.1, -0.1, -0.05, 0.25, 0.15; highest 0.1, 0.1, 0.1, 0.25, 0.25
    assert drawdowns(path) == pytest.approx([0, 0.2, 0.15, 0, 0.1], abs=1e-15)


def test_drawdowns__loss_at_first__counts_from_0() -> None:
    assert drawdowns(np.array([-0.2, 0.1])) == pytest.approx([0.2, 0.1], abs=1e-15)


def test_conditional_drawdown__worst_two_of_five__their_mean() -> None:
    path = np.array([0.1, -0.2, 0.05, 0.3, -0.1])

    assert conditional_drawdown(path, 0.6) == pytest.approx(0.175, abs=1e-15)


def test_conditional_drawdown__level_near_1__the_maximum_drawdown() -> None:
    path = np.array([0.1, -0.2, 0.05, 0.3, -0.1])

    assert conditional_drawdown(path, 0.99) == pytest.approx(0.2, abs=1e-15)


def test_entropic_var__two_scenarios__the_worst_within_the_entropy() -> None:
    # of probabilities p of loss 1 and 1 - p of loss 0, entropy relative to a half each
    # is log 2 + p log p + (1 - p) log(1 - p); at this level 0.9 is the largest p
    entropy = np.log(2) + 0.9 * np.log(0.9) + 0.1 * np.log(0.1)

    found = entropic_var(np.array([1.0, 0.0]), 1 - np.exp(-entropy))

    assert found == pytest.approx(0.9, abs=1e-14)


def test_entropic_var__uniform_losses__published_value() -> None:
    # For the uniform law on 0 to 1 at level 1/2: 0.815172 with s = 5.26208
    # (Mathematica Stack Exchange 214962, for the definition of Ahmadi-Javid 2012)
    losses = (np.arange(20_000) + 0.5) / 20_000

    assert entropic_var(losses, 0.5) == pytest.approx(0.815172, abs=1e-6)


def test_entropic_var__normal_losses__sigma_times_root() -> None:
    from scipy.stats import norm

    # mean + sigma sqrt(-2 log(1 - level)) (Ahmadi-Javid 2012)
    losses = norm.ppf((np.arange(200_000) + 0.5) / 200_000)

    assert entropic_var(losses, 0.9) == pytest.approx(np.sqrt(2 * np.log(10)), rel=2e-3)


def test_entropic_var__exponential_losses__branch_of_lambert() -> None:
    from scipy.special import lambertw

    # of mean 1: -W(-(1 - level) / e) on the branch -1 (Mishura et al. 2024); the
    # quantiles stop short of the tail
    losses = -np.log1p(-(np.arange(200_000) + 0.5) / 200_000)

    expected = -lambertw(-0.5 / np.e, -1).real

    assert entropic_var(losses, 0.5) == pytest.approx(expected, rel=5e-3)


def test_entropic_var__level_0__the_mean() -> None:
    assert entropic_var(TENTHS, 0.0) == pytest.approx(0.55, abs=1e-15)


def test_entropic_var__entropy_of_all_on_the_worst__the_worst() -> None:
    assert entropic_var(TENTHS, 0.9) == 1.0
    assert entropic_var(TENTHS, 0.95) == 1.0


def test_entropic_var__all_losses_the_same__that_loss() -> None:
    assert entropic_var(np.full(7, 0.3), 0.5) == pytest.approx(0.3, abs=1e-16)


def test_entropic_var__very_small_and_very_large_losses__proportional() -> None:
    losses = np.random.default_rng(1).standard_t(3, 300)

    found = entropic_var(losses, 0.95)

    assert entropic_var(1e-9 * losses, 0.95) == pytest.approx(1e-9 * found, rel=1e-12)
    assert entropic_var(1e9 * losses, 0.95) == pytest.approx(1e9 * found, rel=1e-12)


@given(seed=SEEDS, level=LEVELS)
@settings(max_examples=150, deadline=None)
def test_entropic_var__any_losses__primal_equals_dual(seed: int, level: float) -> None:
    losses = _losses(seed)

    weights = tilted(losses, entropic_sharpness(losses, level))

    assert relative_entropy(weights) <= -np.log1p(-level) + 1e-11
    assert weights @ losses == pytest.approx(entropic_var(losses, level), abs=1e-11)


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_entropic_var__any_losses__no_other_s_is_lower(seed: int) -> None:
    losses = _losses(seed)

    def bound(logarithm: float) -> float:
        s = np.exp(logarithm)
        top = losses.max()
        return top + (np.log(np.mean(np.exp(s * (losses - top)))) + np.log(10)) / s

    searched = minimize_scalar(bound, bounds=(-15, 15), method="bounded")

    assert entropic_var(losses, 0.9) <= searched.fun + 1e-12


@given(seed=SEEDS, level=LEVELS)
@settings(max_examples=150, deadline=None)
def test_measures__any_losses__in_their_order(seed: int, level: float) -> None:
    losses = _losses(seed)

    measures = [
        float(losses.mean()),
        cvar(losses, level),
        entropic_var(losses, level),
        worst(losses),
    ]

    assert (np.diff(measures) >= -1e-11).all()


@given(seed=SEEDS, level=LEVELS)
@settings(max_examples=60, deadline=None)
def test_measures__two_laws__a_sum_is_no_worse(seed: int, level: float) -> None:
    one = _losses(seed)
    two = np.random.default_rng(seed + 1).permutation(one) ** 2

    for measure in (cvar, entropic_var, conditional_drawdown):
        apart = measure(one, level) + measure(two, level)
        assert measure(one + two, level) <= apart + 1e-9 * (1 + abs(apart))
