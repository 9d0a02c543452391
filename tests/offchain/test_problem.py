# SPDX-License-Identifier: MIT
"""The problem as data: slots and curves from a snapshot."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problem_cases import PLAIN, USDC, WETH, leg_of, pair_snapshot, problem_of
from snapshots import (
    WAD,
    bytes32,
    make_concentrated,
    make_pair,
    make_pool,
    make_position,
    make_reserve,
    make_signals,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.amm.concentrated import swap_exact_in
from steelyard.amm.constant_product import amount_out
from steelyard.estimate.signals import SignalsInvalid, failure_variance
from steelyard.optimize import Band, Floor, Preferences
from steelyard.optimize.errors import NothingToManage, PreferenceInvalid, PriceMissing
from steelyard.optimize.terms import leg_capacity, leg_output, lending_per_year


def test_build_problem__idle_vault__is_all_asset() -> None:
    problem = problem_of(make_snapshot())

    assert problem.inventory.tolist() == [1.0]
    assert problem.slots == ()
    assert problem.rows == ()


def test_build_problem__pair_at_oracle__pays_what_the_pair_pays() -> None:
    snapshot = pair_snapshot()
    problem = problem_of(snapshot)
    leg = leg_of(problem, zero_for_one=True)

    value_out = leg_output(leg, 0.02, np.zeros(0))

    exact = amount_out(snapshot.pools[0].state, 20_000 * 10**6, True)
    assert value_out == pytest.approx(exact * 2000 / 10**18 / 10**6, rel=1e-12)


def test_build_problem__concentrated_pool__pays_what_the_pool_pays() -> None:
    pool = make_concentrated(
        USDC, WETH, [(90, 90, 10**16), (3000, 3000, 2 * 10**16)], fee_pips=500
    )
    snapshot = make_snapshot(
        [USDC, WETH], pools=[make_pool("v3", (0, 1), pool, market=3)]
    )
    leg = leg_of(problem_of(snapshot), zero_for_one=True)

    value_out = leg_output(leg, 0.009, np.zeros(0))

    exact = swap_exact_in(pool, 9_000 * 10**6, True)
    assert len(leg.pieces) == 2
    assert exact.ticks_crossed == 1
    assert value_out == pytest.approx(exact.amount_out * 2000 / 10**24, rel=1e-9)


def test_build_problem__pool_pays_more_than_oracle__basis_is_no_income() -> None:
    problem = problem_of(pair_snapshot(basis=1.01))

    value_out = leg_output(leg_of(problem, zero_for_one=True), 1e-3, np.zeros(0))

    assert 0.9965 * 1e-3 < value_out <= 0.997 * 1e-3


def test_build_problem__pool_pays_less_than_oracle__basis_is_a_cost() -> None:
    problem = problem_of(pair_snapshot(basis=0.995))

    value_out = leg_output(leg_of(problem, zero_for_one=True), 1e-6, np.zeros(0))

    assert value_out == pytest.approx(0.997 * 0.995 * 1e-6, rel=1e-4)


@given(basis=st.floats(0.985, 1.015), value=st.floats(1e-6, 0.03))
def test_leg_output__any_basis__never_above_value_less_fee(
    basis: float, value: float
) -> None:
    problem = problem_of(pair_snapshot(basis=basis))

    for leg in problem.legs:
        paid = min(value, leg_capacity(leg, np.zeros(0)))

        assert leg_output(leg, paid, np.zeros(0)) <= 0.997 * paid * (1 + 1e-12)


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_build_problem__capacity_used_up__pool_within_its_deviation(
    zero_for_one: bool,
) -> None:
    snapshot = pair_snapshot(basis=1.005)
    problem = problem_of(snapshot)
    leg = leg_of(problem, zero_for_one)
    pair = snapshot.pools[0].state
    paid = leg_capacity(leg, np.zeros(0)) / problem.unit_values[leg.token_in]

    got = amount_out(pair, int(paid), zero_for_one)

    change = (int(paid), -got) if zero_for_one else (-got, int(paid))
    rate = (pair.reserve1 + change[1]) / (pair.reserve0 + change[0])
    ratio = rate * 2000 / 10**12
    assert 1 / 1.02 <= ratio <= 1.02
    assert max(ratio, 1 / ratio) > 1.0195


def test_build_problem__pool_far_from_oracle__has_no_legs_and_stands_still() -> None:
    pair = make_pair(USDC, WETH, 5_000_000, 1.05)
    position = make_position("lp", (0, 1), pair, market=2, units=10**15)
    snapshot = make_snapshot(
        [USDC, WETH], [position], [make_pool("v2", (0, 1), pair, market=2)]
    )
    problem = problem_of(snapshot)

    assert problem.legs == ()
    slot = problem.slots[0]
    assert slot.lowest == slot.highest == slot.value > 0


def test_leg_output__own_liquidity_withdrawn__pool_is_thinner() -> None:
    pair = make_pair(USDC, WETH, 1_000_000)
    half = pair.total_supply // 2
    snapshot = make_snapshot(
        [USDC, WETH],
        [make_position("lp", (0, 1), pair, market=2, units=half)],
        [make_pool("v2", (0, 1), pair, market=2)],
    )
    problem = problem_of(snapshot)
    leg = leg_of(problem, zero_for_one=True)
    value = 0.001

    thin = leg_output(leg, value, problem.values)

    left = replace(pair, reserve0=pair.reserve0 // 2, reserve1=pair.reserve1 // 2)
    exact = amount_out(left, int(value * snapshot.nav), True)
    assert thin == pytest.approx(exact * 2000 / 10**12 / snapshot.nav, rel=1e-6)
    assert thin < leg_output(leg, value, np.zeros(1))


def test_build_problem__current_range__keeps_its_ticks_and_others_are_offered() -> None:
    pool = make_concentrated(USDC, WETH, [(600, 600, 10**16), (6000, 6000, 10**17)])
    own = range_of(pool, 600, 600, 10**16)
    position = make_position("lp", (0, 1), pool, market=3, ranges=(own,))
    snapshot = make_snapshot([USDC, WETH], [position])
    problem = problem_of(snapshot, Preferences(range_widths=(0.05, 0.2)))

    ranges = [(slot.tick_lower, slot.tick_upper) for slot in problem.slots]
    assert ranges[0] == (own.tick_lower, own.tick_upper)
    assert len(set(ranges)) == 3
    assert all(tick % 60 == 0 for ends in ranges for tick in ends)
    assert problem.slots[0].value == pytest.approx(
        1 - problem.inventory.sum(), abs=1e-9
    )
    first, second = snapshot.positions[0].amounts
    share = first / (first + second * 2000 / 10**12)
    assert problem.slots[0].composition[0] == pytest.approx(share, rel=1e-6)


def test_build_problem__prices_uncertain__ranges_at_least_4u_wide() -> None:
    doubtful = replace(WETH, uncertainty_wad=2 * WAD // 100)
    pool = make_concentrated(USDC, doubtful, [(6000, 6000, 10**17)])
    snapshot = make_snapshot(
        [USDC, doubtful], [make_position("lp", (0, 1), pool, market=3)]
    )
    problem = problem_of(snapshot, Preferences(range_widths=(0.01,)))

    (slot,) = problem.slots
    assert 1.0001 ** (slot.tick_upper - pool.tick) >= 1.08
    assert 1.0001 ** (pool.tick - slot.tick_lower) >= 1.08


def test_build_problem__own_ranges_in_a_pool__share_one_dilution() -> None:
    pool = make_concentrated(USDC, WETH, [(600, 600, 10**16), (6000, 6000, 10**17)])
    own = range_of(pool, 600, 600, 10**16)
    position = make_position("lp", (0, 1), pool, market=3, ranges=(own,))
    snapshot = make_snapshot([USDC, WETH], [position])
    fees = {bytes32(3): 1e9}
    problem = problem_of(
        snapshot, Preferences(range_widths=(0.2,)), pool_fees_per_year=fees
    )

    (fee_pool,) = problem.fee_pools
    assert [slot for slot, _ in fee_pool.shares] == [0, 1]
    own_share = fee_pool.shares[0][1] * problem.slots[0].value
    assert own_share == pytest.approx(0.1, rel=1e-6)  # 1e16 against the others' 1e17


def test_build_problem__reserve_without_liquidity__holds_what_is_there() -> None:
    reserve = make_reserve(100_000, 10**6)
    position = make_position("aave", (0,), reserve, market=1, units=400_000 * 10**6)
    snapshot = make_snapshot([make_token("USDC", 600_000)], [position])

    assert problem_of(snapshot).slots[0].lowest == pytest.approx(0.3)


def test_lending_per_year__known_rate__value_times_rate() -> None:
    reserve = make_reserve(500_000, 400_000)
    snapshot = make_snapshot(positions=[make_position("aave", (0,), reserve, market=1)])
    (market,) = problem_of(snapshot).lending

    # 1,000,000 supplied in all: utilisation 40 %, borrowers pay 2 %, 90 % of it arrives
    assert lending_per_year(market, 0.1) == pytest.approx(0.1 * 0.4 * 0.02 * 0.9)


def test_failure_variance__named_and_default__p_one_minus_p_lgd_squared() -> None:
    signals = make_signals(
        make_snapshot(),
        failure_probability_per_year={"aave": 0.02},
        loss_given_failure={"aave": 0.5},
        default_failure_probability_per_year=0.01,
    )

    assert failure_variance(signals, "aave") == pytest.approx(0.02 * 0.98 * 0.25)
    assert failure_variance(signals, "other") == pytest.approx(0.01 * 0.99)


def test_build_problem__empty_vault__raises() -> None:
    snapshot = make_snapshot([make_token("USDC", 0)])

    with pytest.raises(NothingToManage, match="nav is 0"):
        problem_of(snapshot)


def test_build_problem__token_without_price__raises() -> None:
    snapshot = make_snapshot([USDC, make_token("WETH", price_wad=0)])

    with pytest.raises(PriceMissing, match="price_wad of WETH is 0"):
        problem_of(snapshot)


@pytest.mark.parametrize(
    "changes",
    [
        {"risk_aversion": -1},
        {"horizon_days": 0},
        {"margin_wad": WAD},
        {"swap_margin_wad": -1},
        {"min_gain_assets": -1},
        {"exit_cost_share": 2},
        {"max_segments": 0},
        {"max_solves": 0},
        {"gas_swap": -1},
        {"range_widths": (1.5,)},
        {"floors": (Floor(kind="token", name="USDC", weight=1.5),)},
        {"floors": (Floor(kind="token", name="BTC", weight=0.5),)},
        {"bands": (Band(name="delta", of={"token USDC": 1.0}),)},
        {"bands": (Band(name="delta", of={}, highest=0.1),)},
        {"bands": (Band(name="delta", of={"token BTC": 1.0}, highest=0.1),)},
        {"bands": (Band(name="x", of={"token USDC": 1.0}, lowest=1, highest=0),)},
        {"bands": (Band(name="x", of={"token USDC": np.nan}, lowest=0),)},
        {"bands": (Band(name="x", of={"token USDC": 1.0}, highest=np.inf),)},
    ],
)
def test_build_problem__preference_out_of_range__raises(changes: Any) -> None:
    with pytest.raises(PreferenceInvalid, match=r"expected"):
        problem_of(make_snapshot(), Preferences(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"expected_returns": np.zeros(3)},
        {"expected_returns": np.array([0.1, 0.0])},
        {"expected_returns": np.array([0.0, np.nan])},
        {"covariance": np.zeros((3, 3))},
        {"covariance": np.array([[0.0, 0.0], [0.0, -1.0]])},
        {"covariance": np.array([[0.0, 0.0], [1.0, 1.0]])},
        {"pool_fees_per_year": {"0x1": -1.0}},
        {"vault_yield_per_year": {"0x1": np.nan}},
        {"failure_probability_per_year": {"aave": 1.5}},
        {"loss_given_failure": {"aave": -0.5}},
        {"gas_price_wei": -1},
    ],
)
def test_build_problem__signal_invalid__raises(changes: Any) -> None:
    with pytest.raises(SignalsInvalid, match=r"expected"):
        problem_of(make_snapshot([USDC, WETH]), **changes)


def test_build_problem__narrow_width_wished__none_below_four_uncertainties() -> None:
    weth = replace(WETH, uncertainty_wad=WAD // 100)
    pool = make_concentrated(USDC, weth, [(6000, 6000, 10**16)])
    position = make_position("lp", (0, 1), pool, market=3)
    snapshot = make_snapshot([USDC, weth], [position])
    problem = problem_of(snapshot, replace(PLAIN, range_widths=(0.001, 0.2)))

    widths = [1.0001 ** ((s.tick_upper - s.tick_lower) / 2) - 1 for s in problem.slots]

    assert min(widths) > 4 * (1 / 0.99 - 1)
    assert len(widths) == 2


def test_build_problem__own_range_too_narrow_by_now__may_only_fall() -> None:
    weth = replace(WETH, uncertainty_wad=WAD // 100)
    pool = make_concentrated(USDC, weth, [(6000, 6000, 10**16), (180, 180, 10**16)])
    held = range_of(pool, 180, 180, 10**15)
    position = make_position("lp", (0, 1), pool, market=3, ranges=(held,))
    problem = problem_of(
        make_snapshot([USDC, weth], [position]), replace(PLAIN, range_widths=())
    )

    (slot,) = problem.slots
    assert slot.highest == slot.value > 0


def test_build_problem__impaired_position__has_no_slot() -> None:
    reserve = make_reserve(10**6, 10**6)
    broken = make_position("aave", (0,), reserve, market=1, is_impaired=True)

    problem = problem_of(make_snapshot(positions=[broken]))

    assert problem.slots == ()
    assert problem.lending == ()
