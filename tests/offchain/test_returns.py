# SPDX-License-Identifier: MIT
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.estimate import errors
from steelyard.estimate.returns import (
    Returns,
    check_returns,
    decay_weights,
    effective_rows,
    log_returns,
    simple_returns,
)
from steelyard.market.history import PriceHistory

START = np.datetime64("2023-01-01")


def history_of(*columns, step="D"):
    return PriceHistory(
        times=START + np.arange(len(columns[0])).astype(f"timedelta64[{step}]"),
        assets=tuple("ABC"[: len(columns)]),
        prices=np.array(columns, dtype=float).T,
        source="test",
    )


def returns_of(values, **changes):
    values = np.array(values, dtype=float)
    fields = {
        "times": START + np.arange(1, len(values) + 1),
        "assets": tuple("ABC"[: values.shape[-1]]),
        "values": values,
        "kind": "simple",
        "periods_per_year": 365.0,
    }
    return Returns(**fields | changes)


def test_simple_returns__up_and_down__tenths():
    returns = simple_returns(history_of([100, 110, 99], [2, 1, 2]))

    assert returns.values == pytest.approx(np.array([[0.1, -0.5], [-0.1, 1.0]]))
    assert (returns.assets, returns.kind) == (("A", "B"), "simple")
    assert returns.times[0] == START + 1
    assert len(returns) == 2


def test_log_returns__times_e__one():
    returns = log_returns(history_of([1, np.e, 1]))

    assert returns.values[:, 0] == pytest.approx([1, -1])
    assert returns.kind == "log"


@pytest.mark.parametrize(("step", "periods"), [("D", 365), ("h", 8760)])
def test_simple_returns__step__periods_per_year(step, periods):
    assert simple_returns(history_of([1, 2], step=step)).periods_per_year == periods


@pytest.mark.parametrize("function", [simple_returns, log_returns])
def test_returns__one_price__refused(function):
    with pytest.raises(errors.TooFewReturns, match="0 rows"):
        function(history_of([1]))


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=20))
def test_returns__log_and_simple__agree(prices):
    history = history_of(prices)

    simple, log = simple_returns(history), log_returns(history)

    assert np.log1p(simple.values) == pytest.approx(log.values, abs=1e-6)
    total = float(log.values.sum())
    assert total == pytest.approx(np.log(prices[-1] / prices[0]), abs=1e-9)


def test_decay_weights__half_life_of_one_day__halves():
    weights = decay_weights(3, periods_per_day=1, half_life_days=1)

    assert weights == pytest.approx([1 / 7, 2 / 7, 4 / 7])


def test_decay_weights__hourly__half_life_counts_days():
    weights = decay_weights(25, periods_per_day=24, half_life_days=1)

    assert weights[-1] == pytest.approx(2 * weights[0])


def test_effective_rows__equal_weights__the_rows():
    weights = decay_weights(8, periods_per_day=1, half_life_days=None)

    assert effective_rows(weights) == pytest.approx(8)


@given(rows=st.integers(1, 50), half_life_days=st.floats(0.5, 1e4))
def test_effective_rows__any_decay__between_one_and_the_rows(rows, half_life_days):
    weights = decay_weights(rows, periods_per_day=1, half_life_days=half_life_days)

    assert weights.sum() == pytest.approx(1)
    assert 1 - 1e-9 <= effective_rows(weights) <= rows + 1e-9


@pytest.mark.parametrize("half_life_days", [0, -1, np.nan, np.inf])
def test_decay_weights__impossible_half_life__refused(half_life_days):
    with pytest.raises(errors.BadEstimateSetting, match="half_life_days"):
        decay_weights(3, periods_per_day=1, half_life_days=half_life_days)


@pytest.mark.parametrize(
    ("returns", "error", "words"),
    [
        (returns_of([[0.1, np.nan]]), errors.BadReturn, "return of B .* 2023-01-02 is"),
        (returns_of([[np.inf, 0]]), errors.BadReturn, "return of A"),
        (returns_of([[0.1, -1]]), errors.BadReturn, "is -1.0"),
        (returns_of([[0.1, 0]], assets=("A",)), errors.AssetsDiffer, "expected A"),
        (
            returns_of([[0.1]], periods_per_year=0.0),
            errors.BadEstimateSetting,
            "periods_per_year",
        ),
    ],
)
def test_check_returns__unusable__refused_by_name(returns, error, words):
    with pytest.raises(error, match=words):
        check_returns(returns, least_rows=1)


def test_check_returns__log_return_below_minus_one__allowed():
    check_returns(returns_of([[-2.0]], kind="log"), least_rows=1)

    with pytest.raises(errors.TooFewReturns, match="1 rows"):
        check_returns(returns_of([[-2.0]], kind="log"), least_rows=2)
