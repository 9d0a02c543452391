# SPDX-License-Identifier: MIT
"""What each unit brings in a scenario: moments, impermanent loss, failures."""

from dataclasses import replace

import numpy as np
import pytest
from snapshots import (
    WAD,
    make_concentrated,
    make_pair,
    make_position,
    make_signals,
    make_snapshot,
    make_token,
    range_of,
)

from steelyard.lending import Erc4626
from steelyard.optimize import Preferences, build_problem
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.scenarios import (
    column_returns,
    failure_scenarios,
    price_scenarios,
)
from steelyard.state import Cap, TagState

USDC, WETH = make_token("USDC", 1_000_000), make_token("WETH", 100)
SAVINGS = Erc4626(total_assets=10**12, total_supply=10**12)


def test_price_scenarios__drawn__have_the_signals_moments_and_fat_tails():
    snapshot = make_snapshot([USDC, WETH])
    signals = make_signals(snapshot, volatility={"WETH": 0.6}, returns={"WETH": 0.2})

    drawn = price_scenarios(signals, 0.25, 20_000, seed=7)

    assert drawn[:, 0] == pytest.approx(0)  # the asset
    assert drawn[:, 1].mean() == pytest.approx(0.05, abs=2e-3)  # some are cut at -100 %
    assert drawn[:, 1].std() == pytest.approx(0.3, rel=0.03)
    kurtosis = ((drawn[:, 1] - drawn[:, 1].mean()) ** 4).mean() / drawn[:, 1].std() ** 4
    assert kurtosis > 4  # a normal law has 3
    assert (drawn == price_scenarios(signals, 0.25, 20_000, seed=7)).all()


def test_failure_scenarios__chance_of_a_year__as_many_scenarios_fail():
    snapshot = make_snapshot([USDC])
    signals = replace(
        make_signals(snapshot),
        failure_probability_per_year={"aave": 0.0975},
        loss_given_failure={"aave": 0.4},
    )

    lost = failure_scenarios(signals, ["aave", "safe"], 0.5, 1_000, seed=1)

    # half a year of 9.75 % a year is 5 %: 0.95^2 = 0.9025
    assert (lost[:, 0] > 0).sum() == 50
    assert set(lost[:, 0]) == {0.0, 0.4}
    assert not lost[:, 1].any()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("count", {"count": 6}),
        ("count", {"count": 9}),
        ("years", {"years": 0.0}),
        ("degrees_of_freedom", {"degrees_of_freedom": 2.0}),
        ("degrees_of_freedom", {"degrees_of_freedom": float("nan")}),
    ],
)
def test_price_scenarios__setting_out_of_range__named(field, changes):
    signals = make_signals(make_snapshot([USDC, WETH]))
    settings = {"years": 1.0, "count": 8, "seed": 1} | changes

    with pytest.raises(PreferenceInvalid, match=f"^{field} is"):
        price_scenarios(signals, **settings)


def returns_of(snapshot, prices, lost=None):
    problem = build_problem(snapshot, make_signals(snapshot), Preferences())
    lost = np.zeros((len(prices), len(snapshot.tags))) if lost is None else lost
    return problem, column_returns(snapshot, problem.slots, prices, lost)


def test_column_returns__pair__square_root_of_both_prices():
    pair = make_pair(USDC, WETH, 10_000_000)
    position = make_position("v2", (0, 1), pair, market=1, units=10**12)
    prices = np.array([[0.0, 0.0], [0.0, 3.0], [0.0, -0.75], [0.0, -1.0]])

    _, moved = returns_of(make_snapshot([USDC, WETH], [position]), prices)

    # WETH four times as dear: the pair is twice as dear, holding would be 2.5 times
    assert moved[:, 2] == pytest.approx([0.0, 1.0, -0.5, -1.0])
    assert moved[:, :2] == pytest.approx(prices)


def test_column_returns__range__bounded_above_and_all_weth_below():
    pool = make_concentrated(USDC, WETH, [(1200, 1200, 10**17)])
    held = range_of(pool, 1200, 1200, 10**16)
    position = make_position("v3", (0, 1), pool, market=1, ranges=(held,))
    prices = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 9.0], [0.0, -0.5]])

    problem, moved = returns_of(make_snapshot([USDC, WETH], [position]), prices)

    name = f"v3 {held.tick_lower}..{held.tick_upper}"
    column = 2 + [slot.name for slot in problem.slots].index(name)
    still, doubled, tenfold, halved = moved[:, column]
    assert still == pytest.approx(0, abs=1e-9)
    assert 0 < doubled < 0.1  # all sold within 13 % of today's price
    assert tenfold == pytest.approx(doubled)  # only USDC is left by then
    # all is WETH since the price fell under the range: bought at 6 % under on average
    assert halved == pytest.approx(-0.5 * (1 + doubled), abs=0.04)


def tagged(*names: str) -> list[TagState]:
    return [TagState(name=name, cap=Cap(assets=2**255, wad=WAD)) for name in names]


def test_column_returns__failures__take_their_share_of_what_is_left():
    savings = make_position(
        "savings", (1,), SAVINGS, market=1, units=10**11, tags=frozenset({0, 1})
    )
    snapshot = make_snapshot([USDC, WETH], [savings], tags=tagged("aave", "oracle"))
    prices = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, -0.5], [0.0, 0.0]])
    lost = np.array([[0.4, 0.0], [1.0, 0.0], [0.0, 0.4], [0.4, 0.5]])

    _, moved = returns_of(snapshot, prices, lost)

    # 60 % left; nothing, at any price; 60 % of half; 60 % of half
    assert moved[:, 2] == pytest.approx([-0.4, -1.0, -0.7, -0.7])
    assert moved[:, 1] == pytest.approx([0.0, 1.0, -0.5, 0.0])


def test_column_returns__token_of_a_pair_fails__the_pair_loses_as_to_a_price():
    pair = make_pair(USDC, WETH, 10_000_000)
    weth = make_token("WETH", 100, tags=frozenset({0}))
    position = make_position("v2", (0, 1), pair, market=1, units=10**12)
    snapshot = make_snapshot([USDC, weth], [position], tags=tagged("bridge"))

    _, moved = returns_of(snapshot, np.zeros((2, 2)), np.array([[0.75], [1.0]]))

    assert moved[:, 1] == pytest.approx([-0.75, -1.0])
    assert moved[:, 2] == pytest.approx([-0.5, -1.0])  # roots of 1/4 and of nothing


def test_column_returns__token_and_position_share_a_tag__it_counts_once():
    weth = make_token("WETH", 100, tags=frozenset({0}))
    savings = make_position(
        "savings", (1,), SAVINGS, market=1, units=10**11, tags=frozenset({0})
    )
    snapshot = make_snapshot([USDC, weth], [savings], tags=tagged("issuer"))

    _, moved = returns_of(snapshot, np.zeros((1, 2)), np.array([[0.4]]))

    assert moved[0] == pytest.approx([0.0, -0.4, -0.4])
