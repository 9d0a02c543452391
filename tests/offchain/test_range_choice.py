# SPDX-License-Identifier: MIT
"""The best range: against every range of a grid, and against simulated paths."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from steelyard.amm.errors import PoolError, PoolFieldInvalid
from steelyard.amm.expected import expected_loss, pair
from steelyard.amm.holding import RangeHolding, amounts, value
from steelyard.amm.lp_fees import range_liquidity
from steelyard.amm.range_choice import best_range, evaluate, evaluate_between
from steelyard.amm.range_yield import RangeProblem, yields

# 100,000 beside a liquidity of 1e6, which in full range would be worth 89 million
USUAL = RangeProblem(
    price=2000.0,
    sigma=0.7,
    years=30 / 365,
    worth=100_000.0,
    others=1e6,
    volume_per_year=365 * 10e6,
    fee=0.003,
    tick_spacing=60,
    gas=20.0,
    swap_rate=0.003,
)
CASES = {
    "usual": USUAL,
    "drift up": replace(USUAL, drift=1.5),
    "drift down": replace(USUAL, drift=-1.5),
    "calm": replace(USUAL, sigma=0.1, tick_spacing=10),
    "wild": replace(USUAL, sigma=2.0),
    "large": replace(USUAL, worth=50e6),
    "no fees": replace(USUAL, volume_per_year=0.0),
    "rebalancing": replace(USUAL, against="rebalancing", drift=0.5),
    "dear gas": replace(USUAL, gas=2000.0),
    "six decimals": replace(USUAL, price_scale=1e-12),
    "a week": replace(USUAL, years=7 / 365, volume_per_year=365 * 3e6),
}


def brute_force(problem: RangeProblem, most: int) -> float:
    """Highest net of all ranges up to `most` spacings on each side."""
    best = best_range(problem)
    spacing = problem.tick_spacing
    inside = np.floor(log(problem.price * problem.price_scale) / log(1.0001) / spacing)
    down, up = np.meshgrid(np.arange(most), np.arange(1, most), indexing="ij")
    ends = [
        np.exp(ticks.ravel() * spacing * log(1.0001)) / problem.price_scale
        for ticks in (inside - down, inside + up)
    ]
    assert best.lower <= problem.price < best.upper
    return float(yields(problem, *ends).net.max())


@pytest.mark.parametrize("name", CASES)
def test_best_range__every_range_of_a_grid__brings_no_more(name: str) -> None:
    problem = CASES[name]

    best = best_range(problem)

    assert best.net >= brute_force(problem, 250) - 1e-9
    assert best.tick_lower % problem.tick_spacing == 0
    assert best.tick_upper % problem.tick_spacing == 0
    assert best.net == pytest.approx(best.fees - best.loss - best.moving)


def test_best_range__without_fees__is_as_wide_as_can_be() -> None:
    best = best_range(CASES["no fees"])

    assert (best.tick_lower, best.tick_upper) == (-887220, 887220)
    assert best.net == pytest.approx(-(0.7**2) / 8, rel=0.01)


def test_best_range__more_volatile__is_wider() -> None:
    widths = []
    for sigma in (0.2, 0.5, 0.8, 1.2):
        best = best_range(replace(USUAL, sigma=sigma, gas=0.0, tick_spacing=1))
        widths.append(best.tick_upper - best.tick_lower)

    assert widths == sorted(widths)


def test_best_range__larger__is_wider_and_pays_less() -> None:
    # its own liquidity thins the fees most where it is narrow
    small, large = best_range(USUAL), best_range(CASES["large"])

    assert large.tick_upper - large.tick_lower > small.tick_upper - small.tick_lower
    assert large.net < small.net


def test_best_range__upward_drift__leans_up() -> None:
    # against rebalancing, so that where the price goes is no loss of the range's
    rich = replace(USUAL, worth=5e6, volume_per_year=365 * 30e6)
    lean = []
    for drift in (-3.0, 0.0, 3.0):
        best = best_range(replace(rich, against="rebalancing", drift=drift))
        lean.append(best.upper * best.lower)

    assert lean == sorted(lean)
    assert lean[0] < 2000**2 < lean[2]


def test_best_range__rising_price_against_holding__holds_what_does_not_rise() -> None:
    # token 1 alone, just under the price, loses nothing against itself
    best = best_range(CASES["drift up"])

    assert best.upper / 2000 < 2000 / best.lower


@pytest.mark.parametrize("name", ["usual", "drift up", "wild"])
def test_best_range__simulated_paths__bring_what_is_expected(name: str) -> None:
    problem = CASES[name]
    best = best_range(problem)
    rng = np.random.default_rng(3)
    paths, steps = 20_000, 300
    dt = problem.years / steps
    drift = (problem.drift - problem.sigma**2 / 2) * dt
    moves = drift + problem.sigma * dt**0.5 * rng.standard_normal((steps, paths))
    log_price = log(problem.price) + np.cumsum(moves, axis=0)
    inside = (log_price > log(best.lower)) & (log_price < log(best.upper))
    end = np.exp(log_price[-1])

    liquidity = float(
        range_liquidity(problem.worth, problem.price, best.lower, best.upper)
    )
    held = RangeHolding(liquidity=liquidity, lower=best.lower, upper=best.upper)
    share = liquidity / (liquidity + problem.others)
    fees = problem.volume_per_year * problem.fee * share * inside.mean(axis=0)
    loss = amounts(held, pair(problem.price)) @ pair(end).T - value(held, pair(end))
    out = ~inside[-1] * (problem.gas + problem.swap_rate * problem.worth / 2)

    # four deviations of the mean; time in steps adds half a step at the start
    for found, sample in (
        (best.fees * problem.worth, fees),
        (best.loss * problem.worth, loss / problem.years),
        (best.moving * problem.worth, out / problem.years),
    ):
        error = 4 * sample.std() / paths**0.5 + 0.02 * abs(found)
        assert found == pytest.approx(sample.mean(), abs=error)


def test_yields__without_drift__both_losses_are_one() -> None:
    lower, upper = np.array([1500.0, 1900.0, 1e-9]), np.array([2500.0, 2100.0, 1e15])

    hold = yields(USUAL, lower, upper).loss
    rebalance = yields(replace(USUAL, against="rebalancing"), lower, upper).loss

    assert rebalance == pytest.approx(hold, rel=1e-5)


def test_yields__one_range__is_expected_loss_of_its_position() -> None:
    lower, upper = np.array([1500.0]), np.array([2500.0])
    liquidity = float(range_liquidity(USUAL.worth, 2000.0, 1500.0, 2500.0))
    held = RangeHolding(liquidity=liquidity, lower=1500.0, upper=2500.0)
    drifting = replace(USUAL, drift=0.8)

    found = float(yields(drifting, lower, upper).loss[0])

    expected = expected_loss(held, 2000.0, sigma=0.7, years=USUAL.years, drift=0.8)
    assert found == pytest.approx(expected / USUAL.worth / USUAL.years)


def test_evaluate__the_best_ticks__say_the_same() -> None:
    best = best_range(USUAL)

    between = evaluate_between(USUAL, best.lower, best.upper)
    assert evaluate(USUAL, best.tick_lower, best.tick_upper) == best
    assert (between.tick_lower, between.tick_upper) == (
        best.tick_lower,
        best.tick_upper,
    )
    assert between.net == pytest.approx(best.net)


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((0.0, 2100.0), r"lower is 0\.0, expected more than 0"),
        ((1900.0, float("inf")), "upper is inf, expected more than 0 and finite"),
        ((1900.0, 1e39), "upper is 1e\\+39, expected inside"),
        ((1999.99, 2000.0), r"upper is 2000\.0, expected a tick or more"),
        ((2100.0, 1900.0), r"lower is 2100\.0, expected less than"),
    ],
)
def test_evaluate_between__impossible_ends__raise(
    ends: tuple[float, float], message: str
) -> None:
    with pytest.raises(PoolError, match=message):
        evaluate_between(USUAL, *ends)


@pytest.mark.parametrize(
    ("field", "value_given"),
    [
        ("price", 0.0),
        ("sigma", 0.0),
        ("years", -1.0),
        ("worth", float("inf")),
        ("others", -1.0),
        ("gas", float("nan")),
        ("tick_spacing", 0),
    ],
)
def test_problem__impossible_field__raises(field: str, value_given: float) -> None:
    with pytest.raises(PoolFieldInvalid, match=f"{field} is"):
        replace(USUAL, **{field: value_given})


def test_best_range__price_beyond_ticks__raises() -> None:
    with pytest.raises(PoolFieldInvalid, match="price is"):
        best_range(replace(USUAL, price=1e39))
