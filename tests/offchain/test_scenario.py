# SPDX-License-Identifier: MIT
"""What the demo replays."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from steelyard.demo.days import STEPS_PER_DAY, day_path
from steelyard.demo.errors import InvalidScenario
from steelyard.demo.scenario import LEAD_DAYS, MOST_DAYS, Options, prepare

FIRST = date(2020, 1, 1)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[int, int | None], Path]:
    """A file of `rows` daily prices of 100, halved from row `crash` on."""

    def file(rows: int, crash: int | None = None) -> Path:
        lines = ["date,ETH,BTC,LINK"]
        for i in range(rows):
            price = 50 if crash is not None and i >= crash else 100
            lines.append(f"{FIRST + timedelta(days=i)},{price},{price},{price}")
        path = tmp_path / "prices.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return file


def test_prepare__no_file__simulates_and_says_so() -> None:
    scenario = prepare(Options(days=3, seed=5))

    assert scenario.is_simulated
    assert scenario.history.source == "simulated, seed 5"
    assert scenario.closes.shape == (4, 3)


def test_prepare__file_without_start__replays_around_the_worst_fall(write) -> None:
    path = write(LEAD_DAYS + 40, crash=LEAD_DAYS + 20)

    scenario = prepare(Options(prices=path, days=8))

    closes = scenario.closes[:, 0].tolist()
    assert len(scenario.lead) == LEAD_DAYS
    assert closes == [100.0] * closes.index(50.0) + [50.0] * (9 - closes.index(50.0))
    assert 0 < closes.index(50.0) < 8


def test_prepare__start__opens_at_the_end_of_that_day(write) -> None:
    start = FIRST + timedelta(days=LEAD_DAYS)

    scenario = prepare(Options(prices=write(LEAD_DAYS + 4), start=start, days=3))

    days_since_1970 = (start - date(1970, 1, 1)).days
    assert scenario.opening == (days_since_1970 + 1) * 86_400


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": MOST_DAYS + 1}, "days"),
        ({"seed": -1}, "seed"),
        ({"start": FIRST}, "start"),
    ],
)
def test_prepare__impossible_option__is_named(changes, field: str) -> None:
    with pytest.raises(InvalidScenario, match=f"demo {field} is"):
        prepare(Options(**changes))


def test_prepare__start_without_enough_history__is_named(write) -> None:
    options = Options(prices=write(LEAD_DAYS + 4), start=FIRST, days=3)

    with pytest.raises(InvalidScenario, match="start is '2020-01-01'"):
        prepare(options)


def test_day_path__ends_on_the_close_and_rises_in_time() -> None:
    scenario = prepare(Options(days=2))
    closes = (scenario.closes[0], scenario.closes[1])

    path = day_path(
        scenario.history, scenario.lead, closes, 1_000, np.random.default_rng(1)
    )

    assert [step.at for step in path] == [1_000 + 21_600 * i for i in range(1, 5)]
    assert len(path) == STEPS_PER_DAY
    assert path[-1].prices_e8["WETH"] == pytest.approx(closes[1][0] * 1e8, abs=1)
    assert path[-1].prices_e8["USDC"] == 10**8
