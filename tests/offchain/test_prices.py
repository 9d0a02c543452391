# SPDX-License-Identifier: MIT
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from data_files import data_file
from steelyard.errors import SteelyardError
from steelyard.market import errors
from steelyard.market.history import (
    PriceHistory,
    column_of,
    cut_rows,
    select_assets,
    step_seconds,
)
from steelyard.market.prices import load_prices

GOOD = """date,ETH,BTC
2023-01-01,100,1000
2023-01-02,110,1100
2023-01-03,121,1210
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="prices.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to_file


@pytest.fixture
def real():
    return data_file


def kinds(history):
    return [repair.kind for repair in history.repairs]


def test_load_prices__good_csv__every_cell(write):
    path = write(GOOD)

    history = load_prices(path)

    assert history.assets == ("ETH", "BTC")
    assert history.prices.tolist() == [[100, 1000], [110, 1100], [121, 1210]]
    assert history.times[0] == np.datetime64("2023-01-01")
    assert step_seconds(history) == 86_400
    assert (history.source, history.repairs) == (str(path), ())


def test_load_prices__columns__case_and_order_of_the_caller(write):
    history = load_prices(write(GOOD), columns=["btc", "Eth"])

    assert history.assets == ("btc", "Eth")
    assert history.prices[0].tolist() == [1000, 100]


def test_load_prices__wrapped_tokens__fall_back_and_say_so(write):
    history = load_prices(write(GOOD), columns=["WETH", "wbtc"])

    assert history.prices[0].tolist() == [100, 1000]
    assert kinds(history) == ["aliased", "aliased"]
    assert "column ETH" in str(history.repairs[0])


def test_load_prices__own_column_of_wrapped__wins(write):
    history = load_prices(
        write("date,ETH,WETH\n2023-01-01,1,2\n2023-01-02,1,2\n"), columns=["WETH"]
    )

    assert history.prices.tolist() == [[2], [2]]
    assert history.repairs == ()


@pytest.mark.parametrize(
    "first",
    [
        "2023-01-01",
        "20230101",
        "2023-01-01T00:00:00Z",
        "2023-01-01 01:00:00+01:00",
        "2023-01-01 00:00:00 UTC",
        "1672531200",
        "1672531200000",
    ],
)
def test_load_prices__ways_to_write_a_date__one_time(write, first):
    history = load_prices(write(f"timestamp,ETH\n{first},1\n2023-01-02,2\n"))

    assert history.times[0] == np.datetime64("2023-01-01")


def test_load_prices__date_column_without_a_name__first_column(write):
    history = load_prices(write(",ETH\n2023-01-01,1\n2023-01-02,2\n"))

    assert history.assets == ("ETH",)


def test_load_prices__date_column_not_first__found_by_name(write):
    history = load_prices(write("ETH,Date\n1,2023-01-01\n2,2023-01-02\n"))

    assert history.prices.tolist() == [[1], [2]]


def test_load_prices__byte_order_mark_and_blank_lines__ignored(write):
    path = write(b"\xef\xbb\xbfdate,ETH\r\n2023-01-01,1\r\n\r\n2023-01-02,2\r\n\r\n")

    history = load_prices(path)

    assert history.prices.tolist() == [[1], [2]]


@pytest.mark.parametrize("named_index", [True, False])
def test_load_prices__parquet__as_csv(tmp_path, named_index):
    times = pd.date_range("2023-01-01", periods=3, freq="h", tz="UTC")
    frame = pd.DataFrame({"ETH": [1.0, 2.0, 3.0], "BTC": [4, 5, 6]}, index=times)
    frame.index.name = "open_time_utc" if named_index else None
    frame.to_parquet(tmp_path / "prices.parquet")

    history = load_prices(tmp_path / "prices.parquet")

    assert history.prices.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert step_seconds(history) == 3600
    assert history.times[2] == np.datetime64("2023-01-01T02:00:00")


def test_load_prices__parquet_of_dates_and_text__read(tmp_path):
    days = [date(2023, 1, 1), date(2023, 1, 2)]
    pd.DataFrame({"date": days, "ETH": ["1.5", "2"]}).to_parquet(tmp_path / "p.pq")

    history = load_prices(tmp_path / "p.pq")

    assert history.prices.tolist() == [[1.5], [2]]


def test_load_prices__unsorted__sorted_and_said(write):
    history = load_prices(write("date,ETH\n2023-01-02,2\n2023-01-01,1\n"))

    assert history.prices.tolist() == [[1], [2]]
    assert kinds(history) == ["sorted"]
    assert "sorted" in str(history.repairs[0])


def test_load_prices__late_listing__trimmed_and_said(write):
    text = "date,ETH,UNI\n2023-01-01,1,\n2023-01-02,2,5\n2023-01-03,3,6\n"

    history = load_prices(write(text))

    assert history.prices.tolist() == [[2, 5], [3, 6]]
    assert kinds(history) == ["trimmed"]
    assert history.repairs[0].assets == ("UNI",)
    assert history.repairs[0].rows == 1


def test_load_prices__short_gap_allowed__carried_and_said(write):
    text = "date,ETH\n2023-01-01,1\n2023-01-03,3\n2023-01-04,4\n2023-01-05,5\n"

    history = load_prices(write(text), max_gap_days=1)

    assert history.prices[:, 0].tolist() == [1, 1, 3, 4, 5]
    assert kinds(history) == ["carried"]


def test_load_prices__bad_tick__kept_and_said(write):
    prices = [100, 101, 100, 99, 1000, 100, 101, 100]
    rows = "".join(f"2023-01-0{i + 1},{p}\n" for i, p in enumerate(prices))

    history = load_prices(write("date,ETH\n" + rows))

    assert history.prices[:, 0].tolist() == prices
    assert kinds(history) == ["spike"]
    assert history.repairs[0].first == np.datetime64("2023-01-05")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2023-01-02", "2023-01-03"),
        (date(2023, 1, 2), date(2023, 1, 3)),
        (np.datetime64("2023-01-02"), np.datetime64("2023-01-03", "D")),
        (datetime(2023, 1, 2, tzinfo=UTC), None),
    ],
)
def test_load_prices__window__both_ends_included(write, start, end):
    history = load_prices(write(GOOD), start=start, end=end)

    assert history.prices[:, 0].tolist() == [110, 121]


def test_load_prices__end_is_a_day__its_last_hour_included(write):
    text = "time,ETH\n" + "".join(
        f"2023-01-0{1 + h // 24}T{h % 24:02}:00:00,{h + 1}\n" for h in range(30)
    )

    history = load_prices(write(text), end="2023-01-01")

    assert len(history) == 24


def test_load_prices__fault_outside_the_window__not_judged(write):
    history = load_prices(
        write("date,ETH\n2023-01-01,-1\n2023-01-02,2\n2023-01-03,3\n"),
        start="2023-01-02",
    )

    assert history.prices.tolist() == [[2], [3]]


DAYS = ("2023-01-01", "2023-01-02", "2023-01-03")
HEAD = "date,ETH,LINK\n2023-01-01,1,1\n"


@pytest.mark.parametrize(
    ("text", "arguments", "error", "words"),
    [
        (GOOD, {"columns": ["LNK"]}, errors.MissingColumn, "no column LNK"),
        (GOOD, {"columns": ["ETHH"]}, errors.MissingColumn, "expected ETH"),
        (GOOD, {"columns": []}, errors.MissingColumn, "prices"),
        (GOOD, {"columns": ["ETH", "eth"]}, errors.DuplicateColumn, "ETH and eth"),
        ("date,eth,ETH\n2023-01-01,1,1\n", {}, errors.DuplicateColumn, "eth and ETH"),
        ("ETH,BTC\n1,2\n3,4\n", {}, errors.NoDateColumn, "among ETH, BTC"),
        ("", {}, errors.NoDateColumn, "no columns"),
        ("date,ETH\n", {}, errors.TooFewRows, "0 rows"),
        ("date,ETH\n2023-01-01,1\n", {}, errors.TooFewRows, "1 rows"),
        (GOOD, {"min_rows": 9}, errors.TooFewRows, "at least 9"),
        (HEAD + "03/12/2020,1,1\n", {}, errors.BadDate, "line 3: date '03/12/2020'"),
        (HEAD + "2023-01-01,2,2\n", {}, errors.DuplicateDate, "lines 2 and 3"),
        (HEAD + "2023-01-02,2\n", {}, errors.RowLength, "line 3 has 2 cells"),
        (HEAD + "2023-01-02,2,-3\n", {}, errors.BadPrice, "LINK, row 2023-01-02"),
        (HEAD + "2023-01-02,2,0\n", {}, errors.BadPrice, "price 0"),
        (HEAD + "2023-01-02,2,inf\n", {}, errors.BadPrice, "price inf"),
        (HEAD + "2023-01-02,2,abc\n", {}, errors.NotANumber, "'abc' is not a number"),
        (HEAD + "2023-01-02,2,1_0\n", {}, errors.NotANumber, "LINK, row 2023-01-02"),
        (HEAD + "2023-01-02,2,\n", {}, errors.PriceGap, "column LINK: no price on"),
        (HEAD + "2023-01-02,2,NaN\n", {}, errors.PriceGap, "2023-01-02"),
        (
            HEAD + "2023-01-02,2,2\n2023-01-04,3,3\n2023-01-05,3,3\n",
            {},
            errors.PriceGap,
            "no price on 2023-01-03",
        ),
        ("date,ETH\n2023-01-01,\n2023-01-02,\n", {}, errors.PriceGap, "to 2023-01-02"),
        (
            HEAD + "2023-01-02,2,2\n2023-01-02T12:00:00,2,2\n2023-01-03T12:00:00,2,2\n",
            {"max_gap_days": 9},
            errors.UnevenTimes,
            "T12:00:00 is off the grid",
        ),
        (GOOD, {"start": "2022-01-01"}, errors.WindowOutside, "start is 2022-01-01"),
        (GOOD, {"end": "2024-01-01"}, errors.WindowOutside, "2023-01-01 to 2023-01-03"),
        (
            "date,ETH,UNI\n2023-01-01,1,\n2023-01-02,2,5\n",
            {"start": "2023-01-01"},
            errors.WindowOutside,
            "its first is 2023-01-02",
        ),
        (GOOD, {"start": "March"}, errors.BadSetting, "start is 'March'"),
        (
            GOOD,
            {"start": "2023-01-03", "end": "2023-01-02"},
            errors.BadSetting,
            "not after the end",
        ),
        (GOOD, {"max_gap_days": -1}, errors.BadSetting, "max_gap_days is -1"),
    ],
)
def test_load_prices__bad_file__one_clear_line(write, text, arguments, error, words):
    path = write(text)

    with pytest.raises(error) as caught:
        load_prices(path, **arguments)

    line = str(caught.value)
    assert words in line
    assert "\n" not in line
    assert "expected" in line
    assert isinstance(caught.value, SteelyardError)
    if error is not errors.BadSetting:
        assert line.startswith(f"{path}: ")


def test_load_prices__no_file__says_so(tmp_path):
    with pytest.raises(errors.FileMissing, match="no such file"):
        load_prices(tmp_path / "none.csv")


def test_load_prices__unknown_suffix__lists_the_known(write):
    with pytest.raises(errors.FileTypeUnknown, match=r"\.xlsx.*expected \.csv"):
        load_prices(write("", "prices.xlsx"))


@pytest.mark.parametrize("name", ["prices.csv", "prices.parquet"])
def test_load_prices__not_what_the_suffix_says__unreadable(write, name):
    with pytest.raises(errors.FileUnreadable, match="cannot be read") as caught:
        load_prices(write(b"\xff\xfe\x00\x80" * 10, name))

    assert "\n" not in str(caught.value)


def history_of(prices, assets=("ETH", "BTC"), times=DAYS):
    return PriceHistory(
        times=np.array(times, dtype="datetime64[s]"),
        assets=assets,
        prices=np.array(prices, dtype=float),
        source="test",
    )


def test_price_history__arrays__cannot_be_written_and_are_its_own():
    prices = np.ones((3, 2))
    history = history_of(prices)

    prices[0, 0] = 5

    assert history.prices[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        history.prices[0, 0] = 2


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"prices": [[1, 1]] * 2}, errors.BadHistory),
        ({"prices": [[1, 1]] * 3, "assets": ("ETH", "eth")}, errors.BadHistory),
        ({"prices": [[1, 1]] * 3, "times": DAYS[::-1]}, errors.BadHistory),
        ({"prices": [[1, 1], [1, 0], [1, 1]]}, errors.BadPrice),
        ({"prices": [[1, 1], [1, np.nan], [1, 1]]}, errors.BadPrice),
        (
            {
                "prices": [[1, 1]] * 3,
                "times": ("2023-01-01", "2023-01-02", "2023-01-04"),
            },
            errors.UnevenTimes,
        ),
    ],
)
def test_price_history__parts_that_do_not_fit__refused(arguments, error):
    with pytest.raises(error, match="test"):
        history_of(**arguments)


def test_select_assets__two_of_three__in_the_order_asked():
    history = history_of([[1, 2, 3]] * 3, assets=("A", "B", "C"))

    selected = select_assets(history, ["c", "A"])

    assert selected.assets == ("C", "A")
    assert selected.prices[0].tolist() == [3, 1]


def test_column_of__unknown_asset__names_near_ones():
    with pytest.raises(errors.UnknownAsset, match=r"unknown asset ETC, expected .*ETH"):
        column_of(history_of([[1, 1]] * 3), "ETC")


def test_cut_rows__middle__and_outside__refused():
    history = history_of([[1, 1], [2, 2], [3, 3]])

    assert cut_rows(history, 1, 2).prices[:, 0].tolist() == [2, 3]
    with pytest.raises(errors.BadHistory, match="rows is 2 to 3"):
        cut_rows(history, 2, 2)


def test_load_prices__real_daily__known_closes(real):
    history = load_prices(
        real("prices_daily_wide.csv"),
        columns=["ETH", "BTC", "LINK"],
        start="2020-03-01",
        end="2020-03-31",
    )

    crash = list(history.times).index(np.datetime64("2020-03-12"))
    assert len(history) == 31
    assert history.prices[crash, 0] == pytest.approx(107.8, abs=0.1)
    assert history.prices[crash, 1] == pytest.approx(4800, abs=1)
    assert history.repairs == ()


def test_load_prices__real_ended_and_holed_series__refused_by_name(real):
    path = real("prices_daily_wide.csv")

    with pytest.raises(errors.PriceGap, match="LUNA_CLASSIC: no price from 2022-05-13"):
        load_prices(path, columns=["ETH", "LUNA_CLASSIC"])
    with pytest.raises(errors.PriceGap, match="FTT: no price from 2022-11-15"):
        load_prices(path, columns=["FTT"], max_gap_days=7)


def test_load_prices__real_hourly_parquet__missing_hours_carried(real):
    history = load_prices(
        real("prices_hourly.parquet"), columns=["WETH", "BTC"], max_gap_days=1
    )

    carried = [repair for repair in history.repairs if repair.kind == "carried"]
    assert len(history) == 3 * 365 * 24
    assert sum(repair.rows for repair in carried) == 14
    assert step_seconds(history) == 3600
