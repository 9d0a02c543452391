# SPDX-License-Identifier: MIT
"""Fair worth of weighted and stable pools; that the twins equal the Solidity to the wei
is in tests/onchain/test_pool_models.py."""

from dataclasses import replace

import pytest

from steelyard import fair_pools
from steelyard.amm import weighted
from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.stable_swap import StableSwap, swap_exact_in
from steelyard.amm.weighted import WeightedPool
from steelyard.log_exp import LogExpUndefined
from steelyard.wad import E36, WAD, DivisionByZero

# 400 of a token at 2,000 dollars and 200,000 dollars, by 80 to 20
WEIGHTED = WeightedPool(
    balances=(400 * WAD, 200_000 * 10**6),
    weights_wad=(8 * WAD // 10, 2 * WAD // 10),
    scaling=(WAD, 10**30),
    swap_fee_wad=0,
    supply=100 * WAD,
)
PRICES = (2_000 * 10**24, E36)
CURVE = StableSwap(
    balances=(10**12, 10**24),
    rates=(10**30, WAD),
    amplification=10_000,
    fee_e10=0,
    supply=2 * 10**24,
)
DOLLARS = (E36, 10**24)


def test_weighted__balanced__worth_its_part_of_the_balances() -> None:
    amounts = fair_pools.weighted_amounts(WEIGHTED, 50 * WAD, PRICES)

    assert amounts[0] == pytest.approx(200 * WAD, rel=1e-15)
    assert amounts[1] == 100_000 * 10**6 - 1
    worth = fair_pools.weighted_worth(WEIGHTED, 50 * WAD, PRICES)
    assert worth == 500_000 * 10**6 - 1
    assert fair_pools.weighted_deviation_wad_up(WEIGHTED, PRICES) <= 1


def test_weighted__skewed_by_a_swap__is_worth_the_same() -> None:
    before = fair_pools.weighted_worth(WEIGHTED, 50 * WAD, PRICES)

    skewed, _ = weighted.swap_exact_in(WEIGHTED, 50_000 * 10**6, 1, 0)

    after = fair_pools.weighted_worth(skewed, 50 * WAD, PRICES)
    assert after == pytest.approx(before, abs=1)
    # 250,000 / 0.2 against 400 · (200 / 250)^(1/4) / 0.8 of 2,000 dollars
    ratio = 1.25 / 0.8**0.25 - 1
    deviation = fair_pools.weighted_deviation_wad_up(skewed, PRICES)
    assert deviation / WAD == pytest.approx(ratio, rel=1e-9)


def test_stable__balanced__worth_its_part_at_the_lowest_price() -> None:
    # a quarter of two million scaled units, at 0.99 dollars each
    prices = (E36, 99 * 10**22)

    amounts = fair_pools.curve_amounts(CURVE, 5 * 10**23, prices)

    worth = fair_pools.stable_worth(5 * 10**23, CURVE.rates, prices)
    assert worth == 495_000 * 10**6
    assert amounts == (247_500 * 10**6, 250_000 * WAD)
    deviation = fair_pools.stable_deviation_wad_up(CURVE, prices)
    assert deviation == -(-WAD * 100 // 99) - WAD


def test_stable__skewed_by_a_swap__is_worth_the_same() -> None:
    before = fair_pools.curve_amounts(CURVE, 5 * 10**23, DOLLARS)

    skewed, _ = swap_exact_in(CURVE, 9 * 10**11, 0, 1)

    assert fair_pools.curve_amounts(skewed, 5 * 10**23, DOLLARS) == pytest.approx(
        before, rel=1e-12
    )
    assert fair_pools.stable_deviation_wad_up(skewed, DOLLARS) > WAD // 100
    assert fair_pools.stable_deviation_wad_up(CURVE, DOLLARS) == 0


def test_balancer_stable__as_curves__worth_the_same() -> None:
    pool = BalancerStable(
        balances=CURVE.balances,
        scaling=CURVE.rates,
        amplification=100_000,
        swap_fee_wad=0,
        supply=CURVE.supply,
    )

    amounts = fair_pools.balancer_stable_amounts(pool, 5 * 10**23, DOLLARS)

    assert amounts == fair_pools.curve_amounts(CURVE, 5 * 10**23, DOLLARS)
    assert fair_pools.stable_deviation_wad_up(pool, DOLLARS) == 0
    assert fair_pools.balancer_stable_amounts(pool, 0, DOLLARS) == (0, 0)


def test_amounts__nothing_held__nothing() -> None:
    assert fair_pools.weighted_amounts(WEIGHTED, 0, PRICES) == (0, 0)
    assert fair_pools.curve_amounts(CURVE, 0, DOLLARS) == (0, 0)


def test_amounts__pool_or_price_of_nothing__raise() -> None:
    with pytest.raises(LogExpUndefined):
        fair_pools.weighted_amounts(replace(WEIGHTED, balances=(0, 1)), 1, PRICES)
    with pytest.raises(DivisionByZero):
        fair_pools.curve_amounts(CURVE, 1, (0, 10**24))
    with pytest.raises(DivisionByZero):
        fair_pools.curve_amounts(replace(CURVE, supply=0), 1, DOLLARS)
