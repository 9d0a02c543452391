# SPDX-License-Identifier: MIT

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_files import data_file
from steelyard.market import errors
from steelyard.market.clean import (
    Cells,
    align,
    cut_window,
    fill_gaps,
    find_spikes,
    with_spikes,
    worst_window,
)
from steelyard.market.history import PriceHistory
from steelyard.market.prices import load_prices

NAN = np.nan
START = np.datetime64("2023-01-01")


def cells_of(*columns, times=None):
    rows = len(columns[0])
    return Cells(
        source="test",
        times=START + np.arange(rows) if times is None else np.array(times),
        assets=tuple("ABC"[: len(columns)]),
        prices=np.array(columns, dtype=float).T,
    )


def history_of(*columns, start=START, assets="ABC", source="test"):
    return PriceHistory(
        times=start + np.arange(len(columns[0])),
        assets=tuple(assets[: len(columns)]),
        prices=np.array(columns, dtype=float).T,
        source=source,
    )


def test_fill_gaps__complete__nothing_said():
    history = fill_gaps(cells_of([1, 2, 3]), max_gap_days=0)

    assert history.prices[:, 0].tolist() == [1, 2, 3]
    assert history.repairs == ()


def test_fill_gaps__two_days__carried_and_reported():
    history = fill_gaps(cells_of([1, NAN, NAN, 4]), max_gap_days=2)

    (repair,) = history.repairs
    assert history.prices[:, 0].tolist() == [1, 1, 1, 4]
    assert (repair.kind, repair.assets, repair.rows) == ("carried", ("A",), 2)
    assert str(repair).startswith("A, 2023-01-02 to 2023-01-03 (2 rows): no price")


def test_fill_gaps__longer_than_allowed__refused():
    with pytest.raises(
        errors.PriceGap, match="A: no price from 2023-01-02 to 2023-01-04"
    ):
        fill_gaps(cells_of([1, NAN, NAN, NAN, 5]), max_gap_days=2)


def test_fill_gaps__nothing_before_the_gap__refused():
    with pytest.raises(errors.PriceGap, match="no price on 2023-01-01"):
        fill_gaps(cells_of([NAN, 2, 3]), max_gap_days=9)


def test_fill_gaps__row_missing_for_all__one_repair():
    days = START + np.array([0, 1, 3, 4])

    history = fill_gaps(
        cells_of([1, 2, 4, 5], [6, 7, 9, 10], times=days), max_gap_days=1
    )

    (repair,) = history.repairs
    assert history.prices.tolist() == [[1, 6], [2, 7], [2, 7], [4, 9], [5, 10]]
    assert (repair.assets, repair.first) == (("A", "B"), START + 2)


def test_find_spikes__jump_that_stays__not_flagged():
    prices = [100, 101, 100, 101, 50, 51, 50, 51]

    assert find_spikes(history_of(prices)) == ()


@pytest.mark.parametrize("tick", [1000, 10])
def test_find_spikes__jump_that_reverts__flagged_and_kept(tick):
    history = history_of([100, 101, 100, 101, tick, 101, 100, 101])

    flagged = with_spikes(history)

    (repair,) = flagged.repairs
    assert (repair.kind, repair.first) == ("spike", START + 4)
    assert flagged.prices.tolist() == history.prices.tolist()
    assert "kept as it is" in str(repair)


def test_find_spikes__small_wiggle_of_a_calm_asset__not_flagged():
    prices = [1.0, 1.0, 1.0, 1.05, 1.0, 1.0]

    assert find_spikes(history_of(prices)) == ()


def test_align__shared_days__kept_and_the_rest_said():
    first = history_of([1, 2, 3], assets="A")
    second = history_of([7, 8, 9], assets="B", start=START + 1, source="other")

    both = align(first, second)

    assert both.assets == ("A", "B")
    assert both.prices.tolist() == [[2, 7], [3, 8]]
    assert both.source == "test, other"
    assert [(r.kind, r.assets, r.rows) for r in both.repairs] == [
        ("dropped", ("A",), 1),
        ("dropped", ("B",), 1),
    ]


def test_align__no_shared_day__refused():
    with pytest.raises(errors.TooFewRows, match="0 rows"):
        align(history_of([1, 2]), history_of([1, 2], start=START + 9, assets="B"))


def test_worst_window__fall_in_the_middle__centred():
    history = history_of([10] * 10 + [5] * 10)  # the fall is in row 10

    assert worst_window(history, 4, 2) == START + 8


def test_worst_window__fall_inside_the_lead__next_worst():
    history = history_of([10, 5, 5, 5, 5, 5, 4, 4, 4, 4])  # falls in rows 1 and 6

    assert worst_window(history, 2, 3) == START + 5


def test_worst_window__fall_near_the_end__clipped():
    history = history_of([10] * 9 + [5])

    assert worst_window(history, 4, 2) == START + 6


def test_worst_window__equal_weight__mean_of_the_returns():
    history = history_of([10, 10, 6, 6, 6], [10, 10, 10, 1, 1])

    assert worst_window(history, 1, 1) == START + 3
    assert worst_window(history, 1, 1, assets=("A",)) == START + 2


@pytest.mark.parametrize(
    ("days", "lead_days", "error"),
    [
        (0, 1, errors.BadSetting),
        (1, -1, errors.BadSetting),
        (5, 6, errors.TooFewRows),
        (1, 9, errors.TooFewRows),
    ],
)
def test_worst_window__impossible__refused(days, lead_days, error):
    with pytest.raises(error, match="expected"):
        worst_window(history_of([10] * 10), days, lead_days)


@given(
    prices=st.lists(st.integers(1, 100), min_size=6, max_size=30),
    days=st.integers(1, 3),
    lead_days=st.integers(0, 3),
)
def test_worst_window__any_prices__window_and_lead_fit(prices, days, lead_days):
    history = history_of(prices)

    start = worst_window(history, days, lead_days)
    cut = cut_window(history, start, days=days, lead_days=lead_days)

    falls = np.array(prices[1:]) / np.array(prices[:-1]) - 1
    window = int((start - history.times[0]) / np.timedelta64(1, "D"))
    inside = falls[max(window - 1, 0) : window + days - 1]
    assert len(cut) == days + lead_days
    assert cut.times[lead_days] == start
    assert falls[lead_days:].min() in inside


@pytest.mark.parametrize(
    ("start", "days", "lead_days", "error"),
    [
        (START + 99, 1, 0, errors.WindowOutside),
        (START + 1, 1, 2, errors.WindowOutside),
        (START + 1, 9, 0, errors.WindowOutside),
        (START + 1, 0, 0, errors.BadHistory),
    ],
)
def test_cut_window__beyond_the_history__refused(start, days, lead_days, error):
    with pytest.raises(error, match="expected"):
        cut_window(history_of([1] * 5), start, days=days, lead_days=lead_days)


def test_worst_window__real_prices__the_crash_of_march_2020():
    path = data_file("prices_daily_wide.csv")
    history = load_prices(path, columns=["ETH", "BTC", "LINK"])

    start = worst_window(history, 20, 180)

    assert start == np.datetime64("2020-03-02")
    assert start + np.timedelta64(10, "D") == np.datetime64("2020-03-12")


def test_find_spikes__real_wrapped_ether__its_bad_ticks_alone():
    path = data_file("prices_daily_wide.csv")
    history = load_prices(path, columns=["ETH", "WETH", "BTC", "LINK"])

    flagged = {(r.assets[0], str(r.first)[:10]) for r in history.repairs}

    assert ("WETH", "2019-06-24") in flagged
    assert {asset for asset, _ in flagged} == {"WETH"}
