# SPDX-License-Identifier: MIT
"""A position as options: strips that pay like it, and how far they are off."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.expected import expected_loss, expected_value, pair
from steelyard.amm.holding import (
    RangeHolding,
    StableHolding,
    WeightedHolding,
    bends,
    value,
)
from steelyard.amm.option_strip import (
    OptionStrip,
    option_strip,
    payoff,
    premiums,
    residual,
    residual_bound,
    short_put,
    short_put_payoff,
)

RANGE = RangeHolding(liquidity=1000.0, lower=0.64, upper=1.44)
FULL = RangeHolding(liquidity=1000.0)


def strip_of(spot: float, pieces: int) -> OptionStrip:
    return option_strip(RANGE, spot, lower=0.64, upper=1.44, pieces=pieces)


@settings(deadline=None)
@given(spot=st.floats(0.3, 3.0), pieces=st.integers(2, 60))
def test_option_strip__range__pays_like_it_at_every_strike_and_outside(
    spot: float, pieces: int
) -> None:
    strip = strip_of(spot, pieces)
    prices = np.array([0.01, 0.5, *strip.put_strikes, *strip.call_strikes, 2.0, 50.0])

    assert payoff(strip, prices) == pytest.approx(
        value(RANGE, pair(prices)), rel=1e-9, abs=1e-6
    )


@settings(deadline=None)
@given(spot=st.floats(0.3, 3.0), pieces=st.integers(2, 60))
def test_option_strip__every_weight__is_sold(spot: float, pieces: int) -> None:
    strip = strip_of(spot, pieces)

    assert max(strip.put_weights + strip.call_weights) < 0
    assert len(strip.put_strikes) + len(strip.call_strikes) == pieces + 1
    assert all(strike <= spot for strike in strip.put_strikes)
    assert all(strike > spot for strike in strip.call_strikes)


@pytest.mark.parametrize("pieces", [2, 5, 20, 100])
def test_residual__range__falls_with_the_square_of_strikes(pieces: int) -> None:
    strip = strip_of(1.0, pieces)

    found = residual(strip, RANGE)

    assert 0.5 * residual_bound(RANGE, strip) < found <= residual_bound(RANGE, strip)
    # L ((b^(1/4) - a^(1/4)) / n)^2 = 1000 (0.2011 / n)^2
    assert found == pytest.approx(1000 * (0.20102 / pieces) ** 2, rel=0.35)


def test_residual__between_strikes__is_below_the_payoff() -> None:
    strip = strip_of(1.0, 10)
    prices = np.linspace(0.5, 2.0, 1001)

    gap = value(RANGE, pair(prices)) - payoff(strip, prices)

    assert gap.min() > -1e-9


def test_option_strip__weights__are_the_bend_per_strike() -> None:
    # Carr-Madan: V''(K) dK of options at K
    strip = strip_of(1.0, 400)
    strikes = np.array(strip.put_strikes + strip.call_strikes)
    weights = np.array(strip.put_weights + strip.call_weights)[1:-1]
    width = (strikes[2:] - strikes[:-2]) / 2

    density = bends(RANGE, pair(strikes[1:-1]))[:, 0, 0]

    assert weights / width == pytest.approx(density, rel=1e-4)


def test_option_strip__full_range__is_exact_between_its_ends_as_strikes_grow() -> None:
    found = []
    for pieces in (20, 80):
        strip = option_strip(FULL, 1.0, lower=0.01, upper=100.0, pieces=pieces)
        ends = np.array([0.01, 100.0])
        assert payoff(strip, ends) == pytest.approx(value(FULL, pair(ends)), rel=1e-9)
        found.append(residual(strip, FULL))

    # 1000 (2.846 / 80)^2 = 1.27 of a value of 2000
    assert found[1] == pytest.approx(found[0] / 16, rel=0.3)
    assert found[1] < 1.4


def test_option_strip__full_range_beyond_the_ends__follows_the_tangent() -> None:
    strip = option_strip(FULL, 1.0, lower=0.25, upper=4.0, pieces=40)

    # 2 L sqrt(4) + (9 - 4) L / sqrt(4)
    assert float(payoff(strip, 9.0)) == pytest.approx(4000 + 2500, rel=1e-9)


@pytest.mark.parametrize(
    "holding",
    [
        WeightedHolding(invariant=1000.0, weights=(0.8, 0.2)),
        StableHolding(invariant=2000.0, amplification=20.0),
    ],
    ids=["weighted", "stable"],
)
def test_option_strip__other_curves__are_strips_too(
    holding: WeightedHolding | StableHolding,
) -> None:
    strip = option_strip(holding, 1.0, lower=0.5, upper=2.0, pieces=200)

    worth = float(value(holding, pair(1.0)))
    assert residual(strip, holding) < 2e-4 * worth
    assert max(strip.put_weights + strip.call_weights) < 0


def test_option_strip__priced_as_options__is_the_expected_value() -> None:
    # puts and calls at their lognormal prices, against the closed form of the range
    strip = strip_of(1.0, 300)

    for drift in (0.0, 0.5):
        law = {"sigma": 0.7, "years": 0.4, "drift": drift}
        expected = expected_value(RANGE, 1.0, **law)
        assert premiums(strip, **law).total == pytest.approx(expected, rel=1e-6)


def test_premiums__sold_options__come_to_the_expected_loss() -> None:
    # the rest of the strip is today's tokens, so what is sold is what is lost
    law = {"sigma": 0.7, "years": 0.4}
    sold = premiums(strip_of(1.0, 300), **law)

    loss = expected_loss(RANGE, 1.0, **law)

    assert sum(sold.puts) + sum(sold.calls) == pytest.approx(-loss, rel=1e-3)


def test_premiums__at_the_money_put__is_black_and_scholes() -> None:
    # spot = strike: S (2 Phi(s / 2) - 1), s = 0.2: 2 · 0.5398 - 1 = 0.0797
    sold = premiums(
        OptionStrip(
            spot=100.0,
            cash=1.0,
            token=2.0,
            put_strikes=(100.0,),
            put_weights=(-1.0,),
            call_strikes=(100.0,),
            call_weights=(-3.0,),
            lower=50.0,
            upper=150.0,
        ),
        sigma=0.2,
        years=1.0,
    )

    assert (sold.cash, sold.token) == (1.0, 200.0)
    assert sold.puts[0] == pytest.approx(-7.9656, abs=1e-4)
    assert sold.calls[0] == pytest.approx(3 * sold.puts[0])


def test_short_put__range__pays_alike_outside_and_more_inside() -> None:
    # a = 0.64, b = 1.44: strike 0.96, 1000 (1 / 0.8 - 1 / 1.2) contracts
    put = short_put(RANGE)

    assert put.strike == pytest.approx(0.96)
    assert put.contracts == pytest.approx(1000 * (1.25 - 1 / 1.2))
    outside = np.array([0.1, 0.64, 1.44, 5.0])
    inside = np.linspace(0.65, 1.43, 50)
    assert short_put_payoff(put, outside) == pytest.approx(
        value(RANGE, pair(outside)), rel=1e-12
    )
    assert (short_put_payoff(put, inside) > value(RANGE, pair(inside))).all()
    assert put.cash == pytest.approx(float(short_put_payoff(put, 100.0)))


def test_short_put__one_tick__is_the_range_itself() -> None:
    tick = RangeHolding(liquidity=1000.0, lower=1.0, upper=1.0001)
    prices = np.linspace(0.5, 1.5, 1001)

    gap = short_put_payoff(short_put(tick), prices) - value(tick, pair(prices))

    assert np.abs(gap).max() < 3e-5 * float(value(tick, pair(1.0)))


def test_option_strip__impossible_ends__raise() -> None:
    with pytest.raises(PoolFieldInvalid, match=r"lower is 0\.0"):
        option_strip(FULL, 1.0, lower=0.0, upper=2.0, pieces=5)
    with pytest.raises(PoolFieldInvalid, match="pieces is 1"):
        option_strip(FULL, 1.0, lower=0.5, upper=2.0, pieces=1)
    with pytest.raises(PoolFieldInvalid, match="a range with two ends"):
        short_put(FULL)
