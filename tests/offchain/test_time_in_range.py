# SPDX-License-Identifier: MIT
"""Expected time inside a range: the closed form against sums and simulated paths."""

from math import inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from steelyard.amm.lognormal import moment, moment_below, moment_between
from steelyard.amm.time_in_range import time_below, time_in_range

STEPS = 20_000


def summed(level: float, sigma: float, years: float, drift: float) -> float:
    """The mean of P(S_t < level) by the midpoint rule in sqrt(t)."""
    u = (np.arange(STEPS) + 0.5) / STEPS
    times = years * u**2
    ahead = log(level) - (drift - sigma**2 / 2) * times
    return float(np.mean(2 * u * ndtr(ahead / (sigma * np.sqrt(times)))))


@settings(max_examples=200, deadline=None)
@given(
    level=st.floats(0.2, 5.0),
    sigma=st.floats(0.02, 3.0),
    years=st.floats(1 / 365, 3.0),
    drift=st.floats(-2.0, 2.0),
)
def test_time_below__any_law__is_the_sum_over_time(
    level: float, sigma: float, years: float, drift: float
) -> None:
    found = time_below(1.0, level, sigma=sigma, years=years, drift=drift)

    # the sum itself is good to about 1e-7
    assert float(found) == pytest.approx(summed(level, sigma, years, drift), abs=2e-6)


@pytest.mark.parametrize("tilt", [0.0, 1e-9, 1e-5, 9.9e-5, 1.1e-4, 1e-3])
def test_time_below__drift_nearly_cancels__is_smooth(tilt: float) -> None:
    # drift - sigma^2 / 2 = tilt: both branches of the formula meet
    sigma, years = 0.5, 0.25
    drift = sigma**2 / 2 + tilt * sigma / years**0.5

    found = time_below(1.0, 1.1, sigma=sigma, years=years, drift=drift)

    assert float(found) == pytest.approx(summed(1.1, sigma, years, drift), abs=1e-7)


def test_time_in_range__price_in_the_middle_of_everything__is_all_of_it() -> None:
    assert time_in_range(1.0, 0.0, inf, sigma=1.0, years=1.0) == 1.0
    assert time_in_range(1.0, 1e-9, 1e9, sigma=1.0, years=1 / 365) == 1.0
    assert time_in_range(1.0, 2.0, inf, sigma=0.01, years=1 / 365) == 0.0


def test_time_in_range__no_noise__is_the_straight_line() -> None:
    # the log price runs from 0 to 1 in a year and is inside from 0.2 to 0.7
    lower, upper = float(np.exp(0.2)), float(np.exp(0.7))

    up = time_in_range(1.0, lower, upper, sigma=0.0, years=1.0, drift=1.0)
    still = time_in_range(1.0, 0.9, 1.1, sigma=0.0, years=1.0)
    down = time_in_range(1.0, 1 / upper, 1 / lower, sigma=0.0, years=1.0, drift=-1.0)

    assert (float(up), float(still), float(down)) == pytest.approx((0.5, 1.0, 0.5))


def test_time_in_range__simulated_paths__agree() -> None:
    # 20,000 paths of 400 steps: the mean's deviation is 0.0025, the steps' bias less
    rng = np.random.default_rng(7)
    sigma, years, drift, steps = 0.8, 0.25, 0.5, 400
    dt = years / steps
    moves = rng.normal((drift - sigma**2 / 2) * dt, sigma * dt**0.5, (20_000, steps))
    paths = np.cumsum(moves, axis=1)
    inside = ((paths > log(0.85)) & (paths < log(1.2))).mean()

    found = time_in_range(1.0, 0.85, 1.2, sigma=sigma, years=years, drift=drift)

    assert float(found) == pytest.approx(inside, abs=4 * 0.0025)


def test_moment__parts__sum_to_the_whole() -> None:
    law = 0.3, 0.7, 0.5
    for power in (0.0, 0.5, 1.0):
        parts = [
            moment_below(power, 2.0, 1.5, *law),
            moment_between(power, 2.0, 1.5, 3.0, *law),
            moment_between(power, 2.0, 3.0, inf, *law),
        ]
        assert sum(map(float, parts)) == pytest.approx(float(moment(power, 2.0, *law)))


def test_moment_below__no_noise__is_all_or_nothing() -> None:
    # 2 e^0.1 = 2.21
    levels = np.array([2.2, 2.22])

    assert moment_below(1.0, 2.0, levels, 0.1, 0.0, 1.0).tolist() == pytest.approx(
        [0.0, 2 * np.exp(0.1)]
    )
