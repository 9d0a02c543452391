# SPDX-License-Identifier: MIT
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from data_files import data_file
from steelyard.market import errors
from steelyard.market.prices import load_prices
from steelyard.market.simulate import MEASURED_MARKET, measure_market, simulate_prices


def test_simulate_prices__label__says_simulated_and_the_seed():
    history = simulate_prices(seed=7, days=3, start=date(2024, 2, 28))

    assert history.source == "simulated, seed 7"
    assert [str(t)[:10] for t in history.times] == [
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
    ]
    assert history.assets == ("ETH", "BTC", "LINK")
    assert history.prices[0].tolist() == list(MEASURED_MARKET.start_prices)


def test_simulate_prices__seed__decides_everything():
    one = simulate_prices(seed=7, days=50)
    same = simulate_prices(seed=7, days=50)
    other = simulate_prices(seed=8, days=50)

    assert one.prices.tolist() == same.prices.tolist()
    assert not np.isclose(one.prices[1:], other.prices[1:]).any()


def test_simulate_prices__more_days_or_fewer_assets__same_path():
    whole = simulate_prices(seed=1, days=40)
    short = simulate_prices(seed=1, days=20, assets=["link", "ETH"])

    assert short.assets == ("LINK", "ETH")
    assert short.prices == pytest.approx(whole.prices[:20, [2, 0]], rel=1e-12)


def test_simulate_prices__many_days__as_the_model_says():
    measured = measure_market(simulate_prices(seed=3, days=20_000))

    volatility = measured.volatility_per_day
    assert volatility == pytest.approx(MEASURED_MARKET.volatility_per_day, rel=0.05)
    assert np.array(measured.correlation) == pytest.approx(
        np.array(MEASURED_MARKET.correlation), abs=0.04
    )
    assert measured.degrees_of_freedom == pytest.approx(4, abs=0.6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"days": 1}, "days is 1"),
        ({"seed": -1}, "seed is -1"),
        ({"model": {"degrees_of_freedom": 2}}, "degrees_of_freedom is 2"),
        ({"model": {"volatility_per_day": (0.1, 0.1)}}, "volatility_per_day"),
        ({"model": {"start_prices": (1, 0, 1)}}, "start_prices"),
        ({"model": {"correlation": ((1.0,),)}}, "correlation"),
        (
            {
                "model": {
                    "correlation": ((1, -0.9, -0.9), (-0.9, 1, -0.9), (-0.9, -0.9, 1))
                }
            },
            "definite",
        ),
    ],
)
def test_simulate_prices__impossible_setting__refused(arguments, words):
    model = replace(MEASURED_MARKET, **arguments.pop("model", {}))

    with pytest.raises(errors.BadSetting, match=words):
        simulate_prices(**{"seed": 1, "days": 5, "model": model} | arguments)


def test_simulate_prices__unknown_asset__refused():
    with pytest.raises(errors.UnknownAsset, match=r"simulated, seed 1: .*DOGE"):
        simulate_prices(seed=1, days=5, assets=["DOGE"])


def test_measure_market__too_short_or_still__refused():
    short = simulate_prices(seed=1, days=29)
    still = replace(simulate_prices(seed=1, days=60), prices=np.ones((60, 3)))

    with pytest.raises(errors.TooFewRows, match="29 rows"):
        measure_market(short)
    with pytest.raises(errors.BadSetting, match="never moves"):
        measure_market(still)


def test_measured_market__real_prices__give_the_constants():
    path = data_file("prices_daily_wide.csv")
    history = load_prices(
        path, columns=MEASURED_MARKET.assets, start="2021-01-01", end="2023-12-31"
    )

    found = measure_market(history)

    assert len(history) == 1095
    rounded = tuple(round(v, 4) for v in found.volatility_per_day)
    assert rounded == MEASURED_MARKET.volatility_per_day
    assert np.round(found.correlation, 2).tolist() == [
        list(row) for row in MEASURED_MARKET.correlation
    ]
    assert round(found.degrees_of_freedom) == MEASURED_MARKET.degrees_of_freedom
    assert found.start_prices == pytest.approx(MEASURED_MARKET.start_prices, rel=1e-3)
