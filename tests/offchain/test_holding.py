# SPDX-License-Identifier: MIT
"""Positions in every curve: closed forms, derivatives, symmetry, loss, limits."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.amm.errors import PoolFieldInvalid, RangeInvalid
from steelyard.amm.holding import (
    Holding,
    RangeHolding,
    StableHolding,
    WeightedHolding,
    along_first,
    amounts,
    bends,
    loss_against_holding,
    scaled_to,
    tokens_of,
    value,
)
from steelyard.amm.position import impermanent_loss
from steelyard.amm.stable_value import stable_amounts, stable_invariant, stable_value
from steelyard.amm.weighted_value import weighted_invariant

FULL = RangeHolding(liquidity=2000.0)
RANGE = RangeHolding(liquidity=1000.0, lower=0.25, upper=4.0)
EVEN = WeightedHolding(invariant=1000.0, weights=(0.5, 0.5))
THREE = WeightedHolding(invariant=1000.0, weights=(0.5, 0.3, 0.2))
STABLE = StableHolding(invariant=1000.0, amplification=50.0)
FOUR = StableHolding(invariant=1000.0, amplification=200.0, coins=4)
ALL = (FULL, RANGE, EVEN, THREE, STABLE, FOUR)
IDS = ("full", "range", "even", "three", "stable", "four")

PRICE = st.floats(0.3, 3.0)
PRICES = st.lists(PRICE, min_size=4, max_size=4)


def of(holding: Holding, prices: list[float]) -> np.ndarray:
    return np.array(prices[: tokens_of(holding)])


def test_amounts__full_range_at_four__are_a_thousand_and_four_thousand() -> None:
    # L = 2000 at price 4: 2000 / sqrt(4) and 2000 · sqrt(4)
    assert amounts(FULL, [4.0, 1.0]).tolist() == [1000.0, 4000.0]
    assert amounts(FULL, [8.0, 2.0]).tolist() == [1000.0, 4000.0]
    assert value(FULL, [8.0, 2.0]) == 16000.0


def test_amounts__weighted__are_worth_their_weights() -> None:
    held = amounts(THREE, [2.0, 3.0, 5.0])
    worth = held * [2.0, 3.0, 5.0]

    assert worth / worth.sum() == pytest.approx([0.5, 0.3, 0.2])
    assert weighted_invariant(held, THREE.weights) == pytest.approx(1000.0)


def test_amounts__balanced_stable_pool__are_equal_parts() -> None:
    assert amounts(FOUR, [1.0] * 4) == pytest.approx([250.0] * 4)
    assert value(FOUR, [1.0] * 4) == pytest.approx(1000.0)
    assert value(FOUR, [2.0] * 4) == pytest.approx(2000.0)


@pytest.mark.parametrize("amplification", [0.0, 0.1, 1.0, 85.0, 2000.0, 1e6])
@pytest.mark.parametrize(
    "prices", [(1, 1), (1, 1.01), (0.2, 1), (1, 1e-6), (1, 1, 0.97, 1.5), (1,) * 8]
)
def test_stable_amounts__any_price_vector__stand_on_the_invariant(
    prices: tuple[float, ...], amplification: float
) -> None:
    held = stable_amounts(prices, 1000.0, amplification)

    assert (held > 0).all()
    assert stable_invariant(held, amplification) == pytest.approx(1000.0, rel=1e-11)


@pytest.mark.parametrize("amplification", [0.0, 1.0, 85.0, 2000.0])
def test_stable_amounts__marginal_price__is_the_price_asked_for(
    amplification: float,
) -> None:
    held = stable_amounts([1.0, 1.02, 0.99], 1000.0, amplification)

    # slope of the invariant by x_i is a + c / x_i, up to one factor
    c = (1000.0 / 3) ** 3 / held.prod() * 1000.0
    slopes = amplification * 3 + c / held
    assert slopes / slopes[0] == pytest.approx([1.0, 1.02, 0.99], rel=1e-9)


@settings(deadline=None)
@given(prices=PRICES, other=st.floats(0.5, 2.0), coin=st.integers(0, 3))
def test_stable_value__no_other_point_of_the_curve__is_worth_less(
    prices: list[float], other: float, coin: int
) -> None:
    at = np.array(prices)
    moved = at.copy()
    moved[coin] *= other

    elsewhere = stable_amounts(moved, 1000.0, 200.0)

    assert elsewhere @ at >= float(stable_value(at, 1000.0, 200.0)) * (1 - 1e-12)


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@settings(deadline=None)
@given(prices=PRICES)
def test_amounts__any__are_the_slopes_of_value(
    holding: Holding, prices: list[float]
) -> None:
    p = of(holding, prices)
    steps = 1e-5 * np.diag(p)

    slopes = (value(holding, p + steps) - value(holding, p - steps)) / (2e-5 * p)

    assert slopes == pytest.approx(amounts(holding, p), rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@settings(deadline=None)
@given(prices=PRICES)
def test_bends__any__are_the_slopes_of_amounts(
    holding: Holding, prices: list[float]
) -> None:
    p = of(holding, prices)
    if isinstance(holding, RangeHolding) and holding.lower > 0:
        # away from the ends, where the bend jumps
        p[0] = np.clip(p[0] / p[1], 0.26, 3.9) * p[1]
    steps = 1e-6 * np.diag(p)

    slopes = (amounts(holding, p + steps) - amounts(holding, p - steps)).T / (2e-6 * p)

    bent = bends(holding, p)
    assert slopes == pytest.approx(bent, rel=1e-4, abs=1e-5 * np.abs(bent).max() + 1e-6)


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@settings(deadline=None)
@given(prices=PRICES, factor=st.floats(0.01, 100.0))
def test_value__all_prices_scaled__scales_and_amounts_stay(
    holding: Holding, prices: list[float], factor: float
) -> None:
    p = of(holding, prices)

    assert value(holding, factor * p) == pytest.approx(
        factor * value(holding, p), rel=1e-9
    )
    assert amounts(holding, factor * p) == pytest.approx(amounts(holding, p), rel=1e-7)


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@settings(deadline=None)
@given(prices=PRICES)
def test_bends__any__are_symmetric_concave_and_flat_along_prices(
    holding: Holding, prices: list[float]
) -> None:
    p = of(holding, prices)

    bent = bends(holding, p)

    size = np.abs(bent).max() + 1e-12
    assert bent == pytest.approx(bent.T, rel=1e-9, abs=1e-9 * size)
    assert np.abs(bent @ p).max() <= 1e-7 * size * p.max()
    assert np.linalg.eigvalsh((bent + bent.T) / 2).max() <= 1e-7 * size


@pytest.mark.parametrize(
    "holding", [EVEN, STABLE, FOUR], ids=["even", "stable", "four"]
)
@settings(deadline=None)
@given(prices=PRICES)
def test_amounts__symmetric_pool__swap_with_the_prices(
    holding: Holding, prices: list[float]
) -> None:
    p = of(holding, prices)

    assert amounts(holding, p[::-1]) == pytest.approx(
        amounts(holding, p)[::-1], rel=1e-7
    )


@settings(deadline=None)
@given(price=st.floats(0.01, 100.0))
def test_range__turned_around__is_the_same_position(price: float) -> None:
    turned = RangeHolding(liquidity=1000.0, lower=1 / 4.0, upper=1 / 0.25)

    assert amounts(turned, [1 / price, 1.0])[::-1] == pytest.approx(
        amounts(RANGE, [price, 1.0]), rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize("holding", ALL, ids=IDS)
@settings(deadline=None)
@given(before=PRICES, now=PRICES)
def test_loss_against_holding__any_prices__is_no_gain(
    holding: Holding, before: list[float], now: list[float]
) -> None:
    first, second = of(holding, before), of(holding, now)

    loss = float(loss_against_holding(holding, first, second))

    assert -1 <= loss <= 1e-12
    assert abs(float(loss_against_holding(holding, first, first))) <= 1e-12


def test_loss_against_holding__weighted_price_quadruples__by_hand() -> None:
    # 80 / 20: 4^0.8 / (0.8 · 4 + 0.2) - 1
    lean = WeightedHolding(invariant=1.0, weights=(0.8, 0.2))

    loss = loss_against_holding(lean, [1.0, 1.0], [4.0, 1.0])

    assert loss == pytest.approx(4**0.8 / 3.4 - 1)


@settings(deadline=None)
@given(now=st.floats(0.01, 100.0))
def test_loss_against_holding__range__is_that_of_the_position_module(
    now: float,
) -> None:
    loss = loss_against_holding(RANGE, [1.0, 1.0], [now, 1.0])

    assert loss == pytest.approx(
        float(impermanent_loss(1.0, now, 0.25, 4.0)), rel=1e-12, abs=1e-12
    )


@settings(deadline=None)
@given(price=st.floats(0.01, 100.0))
def test_limit__range_without_ends__is_the_constant_product(price: float) -> None:
    wide = RangeHolding(liquidity=1000.0, lower=1e-30, upper=1e30)
    at = [price, 1.0]

    for other in (
        RangeHolding(liquidity=1000.0, lower=0.0, upper=inf),
        WeightedHolding(invariant=1000.0, weights=(0.5, 0.5)),
        StableHolding(invariant=2000.0, amplification=0.0),
    ):
        assert amounts(wide, at) == pytest.approx(amounts(other, at), rel=1e-9)
        assert bends(wide, at) == pytest.approx(bends(other, at), rel=1e-6)


@pytest.mark.parametrize("coins", [2, 3, 8])
def test_limit__stable_without_amplification__is_evenly_weighted(coins: int) -> None:
    prices = np.linspace(0.5, 2.0, coins)
    stable = StableHolding(invariant=1000.0, amplification=0.0, coins=coins)
    even = WeightedHolding(invariant=1000.0 / coins, weights=(1 / coins,) * coins)

    assert amounts(stable, prices) == pytest.approx(amounts(even, prices), rel=1e-12)
    assert bends(stable, prices) == pytest.approx(bends(even, prices), rel=1e-9)


def test_limit__amplification_without_end__is_the_constant_sum() -> None:
    # all in the cheaper coin, so D times its price; the gap falls like 1 / sqrt(A)
    gaps = []
    for amplification in (1e2, 1e4, 1e6):
        pool = StableHolding(invariant=1000.0, amplification=amplification)
        gaps.append(float(value(pool, [0.98, 1.0])) / 980.0 - 1)

    assert gaps == sorted(gaps, reverse=True)
    assert gaps[1] / gaps[2] == pytest.approx(10, rel=0.05)
    assert 0 < gaps[2] < 2e-4


def test_scaled_to__any_curve__is_worth_that_and_keeps_its_shape() -> None:
    for holding in ALL:
        p = np.linspace(0.9, 1.1, tokens_of(holding))
        scaled = scaled_to(holding, p, 500.0)

        assert value(scaled, p) == pytest.approx(500.0)
        ratio = amounts(scaled, p) / amounts(holding, p)
        assert ratio == pytest.approx(ratio[0])


def test_along_first__three_tokens__moves_the_first_alone() -> None:
    rows = along_first(THREE, [1.0, 2.0, 3.0], [5.0, 7.0])

    assert rows.tolist() == [[5.0, 2.0, 3.0], [7.0, 2.0, 3.0]]


def test_value__rows_of_prices__are_as_one_by_one() -> None:
    rows = np.array([[0.5, 1.0], [1.0, 1.0], [3.0, 2.0]])

    for holding in (FULL, RANGE, EVEN, STABLE):
        single = [float(value(holding, row)) for row in rows]
        assert value(holding, rows) == pytest.approx(single, rel=1e-12)
        assert bends(holding, rows).shape == (3, 2, 2)


def test_weighted__sqrt_of_prices__is_twice_the_root() -> None:
    assert value(EVEN, [4.0, 9.0]) == pytest.approx(2 * 1000.0 * sqrt(36.0))


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ([1.0], "count of prices is 1, expected 2"),
        (3.0, "count of prices is 1, expected 2"),
        ([1.0, 0.0], "price is 0.0, expected more than 0"),
        ([1.0, inf], "expected more than 0 and finite"),
    ],
)
def test_value__impossible_prices__raise(prices: object, message: str) -> None:
    with pytest.raises(PoolFieldInvalid, match=message):
        value(RANGE, prices)  # type: ignore[arg-type]


def test_holding__impossible_shapes__raise() -> None:
    with pytest.raises(RangeInvalid):
        RangeHolding(liquidity=1.0, lower=2.0, upper=2.0)
    with pytest.raises(PoolFieldInvalid, match=r"lower is -1\.0"):
        RangeHolding(liquidity=1.0, lower=-1.0, upper=2.0)
    with pytest.raises(PoolFieldInvalid, match=r"weights is 0\.5, 0\.6"):
        WeightedHolding(invariant=1.0, weights=(0.5, 0.6))
    with pytest.raises(PoolFieldInvalid, match="amplification is -1"):
        StableHolding(invariant=1.0, amplification=-1.0)
    with pytest.raises(PoolFieldInvalid, match="coins is 1"):
        StableHolding(invariant=1.0, amplification=1.0, coins=1)
