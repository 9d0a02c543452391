# SPDX-License-Identifier: MIT
"""Texts and files as a portfolio and a model, and what is refused of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from allocation_cases import (
    MEANS,
    ROWS,
    prices_file,
    returns_file,
    write_matrix,
    write_pairs,
    write_table,
)

from steelyard.allocation.ask import Ask, BeliefAsk, DataAsk, LimitAsk, ModelAsk
from steelyard.allocation.errors import (
    AllocationInputInvalid,
    HistoryIncomplete,
)
from steelyard.allocation.history import load_history
from steelyard.allocation.inputs import prepare
from steelyard.allocation.limits import polytope_of
from steelyard.allocation.words import (
    linear_of,
    named_values,
    share_of,
    shares_by_asset,
)
from steelyard.errors import SteelyardError
from steelyard.market.errors import BadPrice, DuplicateDate, MissingColumn, TooFewRows
from steelyard.optimize import models
from steelyard.optimize.models import (
    MeanRisk,
)

ASSETS = ("BTC", "ETH", "1INCH", "A-B")


@pytest.mark.parametrize(
    ("text", "share"), [("0.3", 0.3), ("30%", 0.3), (" 1e-1 ", 0.1), ("-5%", -0.05)]
)
def test_share_of__number_or_percent__is_a_fraction(text: str, share: float) -> None:
    assert share_of(text, "cap") == pytest.approx(share, rel=1e-15)


@pytest.mark.parametrize("text", ["", "much", "inf", "nan%", "3%%"])
def test_share_of__no_finite_number__is_named(text: str) -> None:
    with pytest.raises(AllocationInputInvalid) as caught:
        share_of(text, "cap")

    assert str(caught.value) == f"cap is {text!r}, expected a share such as 0.3 or 30%"


@pytest.mark.parametrize(
    ("text", "coefficients"),
    [
        ("BTC", [1, 0, 0, 0]),
        ("0.5*BTC + ETH", [0.5, 1, 0, 0]),
        ("-btc+2*1inch", [-1, 0, 2, 0]),
        ("ETH - 50%*A-B", [0, 1, 0, -0.5]),
        ("A-B-ETH", [0, -1, 0, 1]),
        ("BTC+BTC", [2, 0, 0, 0]),
        ("1e-1*ETH", [0, 0.1, 0, 0]),
    ],
)
def test_linear_of__terms__are_coefficients(
    text: str, coefficients: list[float]
) -> None:
    assert linear_of(text, "row", ASSETS).tolist() == coefficients


@pytest.mark.parametrize(
    ("text", "rest"),
    [("", ""), ("BTC ETH", "ETH"), ("BTC+", "+"), ("2*", "2*"), ("ETH+BTX", "+BTX")],
)
def test_linear_of__what_is_no_term__is_shown(text: str, rest: str) -> None:
    with pytest.raises(AllocationInputInvalid) as caught:
        linear_of(text, "row", ASSETS)

    assert f"is not understood from {rest!r} on" in str(caught.value)
    assert "expected terms such as 0.5*BTC joined by + or -" in str(caught.value)


def test_shares_by_asset__one_and_all__one_wins_whatever_the_order() -> None:
    found = shares_by_asset(["eth=30%", "20%"], "cap", ASSETS, 1.0)

    assert found.tolist() == [0.2, 0.3, 0.2, 0.2]


def test_named_values__text_or_file__are_the_same(tmp_path: Path) -> None:
    path = write_pairs(tmp_path / "w.csv", {"eth": "40%", "BTC": 0.6})

    assert named_values(str(path), "current", ASSETS).tolist() == [0.6, 0.4, 0, 0]
    assert named_values("BTC=60%,ETH=0.4", "current", ASSETS).tolist() == [
        0.6,
        0.4,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BTX=1", "current is 'BTX', expected BTC"),
        ("BTC=1,btc=2", "current is btc, expected each asset once"),
        ("BTC", "current of BTC is '', expected a share"),
    ],
)
def test_named_values__wrong_pair__is_named(text: str, said: str) -> None:
    with pytest.raises(AllocationInputInvalid) as caught:
        named_values(text, "current", ASSETS)

    assert said in str(caught.value)


def test_named_values__file_without_names_on_top__is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text("BTC,0.5\nETH,0.5\n", encoding="utf-8")

    with pytest.raises(AllocationInputInvalid, match="a first line of names"):
        named_values(str(path), "current", ASSETS)


def test_polytope__all_kinds_of_limits__are_box_and_rows() -> None:
    ask = LimitAsk(
        caps=("50%", "BTC=30%"),
        floors=("BTC=5%",),
        groups=("big=BTC,ETH:10%..60%",),
        rows=("BTC-ETH<=20%", "1INCH = 0.1", "2*ETH >= 10%"),
    )

    found = polytope_of(ask, ASSETS)

    assert found.lowest.tolist() == [0.05, 0, 0, 0]
    assert found.highest.tolist() == [0.3, 0.5, 0.5, 0.5]
    assert found.names == (
        "group big at most 0.6",
        "group big at least 0.1",
        "row BTC-ETH<=20%",
        "row 1INCH = 0.1",
        "row 1INCH = 0.1",
        "row 2*ETH >= 10%",
    )
    assert found.matrix.tolist() == [
        [1, 1, 0, 0],
        [-1, -1, 0, 0],
        [1, -1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, -1, 0],
        [0, -2, 0, 0],
    ]
    assert found.bounds.tolist() == [0.6, -0.1, 0.2, 0.1, -0.1, -0.1]


def test_polytope__long_short__goes_to_minus_everything() -> None:
    found = polytope_of(LimitAsk(is_long_short=True, floors=("ETH=-20%",)), ASSETS)

    assert found.lowest.tolist() == [-1, -0.2, -1, -1]
    assert found.highest.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (LimitAsk(caps=("30",)), "cap of BTC is 30, expected at most 1, or 100%"),
        (LimitAsk(floors=("-1%",)), "floor of BTC is -0.01, expected 0 or more"),
        (LimitAsk(groups=("BTC:40%",)), "group is 'BTC:40%', expected a name"),
        (LimitAsk(groups=("x=BTC,DOGE:1%",)), "group x is 'DOGE', expected"),
        (
            LimitAsk(groups=("x=BTC:2%..1%",)),
            "floor of group x is 2%, expected at",
        ),
        (LimitAsk(rows=("BTC+ETH",)), "row is 'BTC+ETH', expected terms and a bound"),
        (LimitAsk(rows=("BTC<=x",)), "bound of row 'BTC<=x' is 'x', expected a share"),
        (
            LimitAsk(caps=("10%",), floors=("BTC=20%",)),
            "highest weight of BTC is 0.1, expected at least its lowest, 0.2",
        ),
    ],
)
def test_polytope__impossible_limit__is_named(ask: LimitAsk, said: str) -> None:
    with pytest.raises(SteelyardError) as caught:
        polytope_of(ask, ASSETS)

    assert said in str(caught.value)


def test_history__prices_and_returns__are_the_same_returns(tmp_path: Path) -> None:
    prices = load_history(DataAsk(source=prices_file(tmp_path)))
    returns = load_history(DataAsk(source=returns_file(tmp_path), is_returns=True))

    assert prices.returns.values == pytest.approx(returns.returns.values, abs=1e-12)
    assert prices.returns.assets == ("A", "B")
    assert prices.returns.periods_per_year == 365
    assert str(prices.returns.times[0].astype("datetime64[D]")) == "2023-01-02"


def test_history__workdays__have_as_many_periods_as_the_dates_say(
    tmp_path: Path,
) -> None:
    path = tmp_path / "days.csv"
    days = np.arange("2022-01-03", "2023-01-03", dtype="datetime64[D]")
    work = days[np.is_busday(days)]
    lines = [f"{day},{100 + i % 3}" for i, day in enumerate(work)]
    path.write_text("\n".join(["date,A", *lines]), encoding="utf-8")

    found = load_history(DataAsk(source=path))

    assert found.returns.periods_per_year == pytest.approx(261, abs=1)
    assert found.longest_step_days is None  # a weekend is no surprise


def test_history__hole__says_where_and_how_to_go_on(tmp_path: Path) -> None:
    rows = [(1, "", 1), (1, "", 1), (1, 2, 1), (1, 2, ""), *[(1, 2, 3)] * 6]
    ask = DataAsk(source=write_table(tmp_path / "p.csv", ("A", "B", "C"), rows))

    with pytest.raises(HistoryIncomplete) as caught:
        load_history(ask)

    assert str(caught.value) == (
        f"{tmp_path / 'p.csv'}: B has no price on 2023-01-01 (1 more asset has holes "
        "too), expected one in every row; --start 2023-01-05 --end 2023-01-10 has 6 "
        "rows without a hole; --drop leaves out B, C; --assets chooses"
    )


def test_history__the_ways_out__work(tmp_path: Path) -> None:
    rows = [(1, ""), (1, ""), *[(2, 3), (1, 4)] * 3]
    ask = DataAsk(source=write_table(tmp_path / "p.csv", ("A", "B"), rows))

    started = load_history(replace(ask, start="2023-01-03"))
    dropped = load_history(replace(ask, drops=True))
    chosen = load_history(replace(ask, assets=("a",)))

    assert len(started.returns) == 5
    assert (dropped.left_out, dropped.returns.assets) == (("B",), ("A",))
    assert chosen.returns.values.tolist() == dropped.returns.values.tolist()


@pytest.mark.parametrize(
    ("header", "rows", "error"),
    [
        (("A",), [(1,), (0,), (1,), (1,)], BadPrice),
        (("A",), [(1,), (2,), (1,)], TooFewRows),
        ((), [(), (), (), ()], MissingColumn),
    ],
)
def test_history__table_that_cannot_be_used__is_refused(
    header: tuple[str, ...],
    rows: list[tuple[float, ...]],
    error: type[SteelyardError],
    tmp_path: Path,
) -> None:
    path = write_table(tmp_path / "p.csv", header, rows)

    with pytest.raises(error):
        load_history(DataAsk(source=path))


def test_history__one_day_twice__is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("date,A\n2023-01-02,1\n2023-01-01,1\n2023-01-02,1\n2023-01-03,1\n")

    with pytest.raises(DuplicateDate, match="lines 2 and 4"):
        load_history(DataAsk(source=path))


def test_prepare__moments_given__are_years(tmp_path: Path) -> None:
    means = write_pairs(tmp_path / "m.csv", {"B": "20%", "A": 0.1, "C": 9})
    matrix = write_matrix(tmp_path / "c.csv", ("A", "B"), [[0.04, 0.0], [0.0, 0.09]])
    ask = Ask(
        model=ModelAsk(name="target-risk", target=0.1),
        data=DataAsk(means=means, covariance=matrix, periods_per_year=4),
    )

    found = prepare(ask)

    assert found.portfolio.expected_returns == pytest.approx([0.025, 0.05])
    assert found.portfolio.covariance == pytest.approx(np.diag([0.01, 0.0225]))
    assert found.portfolio.scenarios is None
    assert isinstance(found.model, MeanRisk)
    assert found.model.goal == models.RiskAtMost(limit=pytest.approx(0.05))


def test_prepare__scenarios_drawn__have_the_moments_and_the_seed(
    tmp_path: Path,
) -> None:
    data = DataAsk(
        means=write_pairs(tmp_path / "m.csv", {"A": 0.1, "B": 0.2}),
        covariance=write_matrix(
            tmp_path / "c.csv", ("A", "B"), [[0.04, 0.03], [0.03, 0.09]]
        ),
        periods_per_year=100,
        draws=20_000,
    )
    ask = Ask(model=ModelAsk(name="cvar"), data=data)

    one, again = prepare(ask), prepare(ask)
    other = prepare(replace(ask, data=replace(data, seed=1)))

    drawn = one.portfolio.scenarios
    assert drawn is not None
    assert drawn.mean(axis=0) == pytest.approx([0.001, 0.002], abs=3e-4)
    assert np.cov(drawn.T) * 100 == pytest.approx(
        np.array([[0.04, 0.03], [0.03, 0.09]]), abs=2e-3
    )
    assert np.array_equal(drawn, again.portfolio.scenarios)
    assert not np.array_equal(drawn, other.portfolio.scenarios)


def test_prepare__costs__are_spread_over_the_horizon(tmp_path: Path) -> None:
    ask = Ask(
        model=ModelAsk(name="mean-variance"),
        data=DataAsk(source=returns_file(tmp_path), is_returns=True),
        limits=LimitAsk(costs=("1%", "B=2%"), current="A=1", horizon_days=20),
    )

    found = prepare(ask)

    assert found.portfolio.cost_rates == pytest.approx([0.0005, 0.001])
    assert found.once_costs == pytest.approx([0.01, 0.02])
    assert found.portfolio.current == pytest.approx([1, 0])


def test_prepare__views__start_from_equilibrium_over_the_risk_free_rate(
    tmp_path: Path,
) -> None:
    beliefs = BeliefAsk(
        estimator="sample",
        views=("A=0.5:0%",),  # not heard at all
        market_weights="A=3,B=1",
        market_aversion=2.0,
        risk_free=0.1,
    )
    ask = Ask(
        model=ModelAsk(name="maximum-sharpe"),
        data=DataAsk(source=returns_file(tmp_path), is_returns=True),
        beliefs=beliefs,
    )

    found = prepare(ask).beliefs

    # 2 x variance a year x weight, over the rate
    scale = 365 * ROWS / (ROWS - 1)
    expected = [0.1 + 2 * 0.01 * scale * 0.75, 0.1 + 2 * 0.04 * scale * 0.25]
    assert found.per_year == pytest.approx(expected)


def test_prepare__expected_returns__are_means_a_year(tmp_path: Path) -> None:
    ask = Ask(
        model=ModelAsk(name="mean-variance"),
        data=DataAsk(source=returns_file(tmp_path), is_returns=True),
    )

    found = prepare(ask).beliefs

    assert found.per_year == pytest.approx([365 * mean for mean in MEANS])


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"data": DataAsk(start="2022-01-01")}, "start is 2022-01-01, expected none"),
        ({"data": DataAsk(is_returns=True)}, "returns is True, expected none without"),
        ({"data": DataAsk(seed=3)}, "seed is 3, expected none without --scenarios"),
        ({"data": DataAsk(observations=9)}, "observations is 9, expected none without"),
        ({"beliefs": BeliefAsk(tau=0.1)}, "tau is 0.1, expected none without --view"),
        (
            {"beliefs": BeliefAsk(market_weights="A=1")},
            "market-weights is A=1, expected",
        ),
        ({"limits": LimitAsk(turnover=0.2)}, "turnover is 0.2, expected none without"),
        ({"limits": LimitAsk(turnover=0.0)}, "turnover is 0.0, expected none without"),
        ({"limits": LimitAsk(leverage=0.0)}, "leverage is 0.0, expected none without"),
        ({"data": DataAsk(seed=0)}, "seed is 0, expected none without --scenarios"),
        ({"beliefs": BeliefAsk(tau=0.0)}, "tau is 0.0, expected none without --view"),
        ({"beliefs": BeliefAsk(estimator="sample")}, "estimator is sample, expected"),
        (
            {"beliefs": BeliefAsk(expected="james-stein")},
            "expected is james-stein, expected zero or equilibrium without --input",
        ),
        (
            {"limits": LimitAsk(horizon_days=20.0)},
            "horizon-days is 20.0, expected none without --cost",
        ),
    ],
)
def test_prepare__setting_that_nothing_reads__is_refused(
    parts: dict[str, Any], said: str
) -> None:
    with pytest.raises(AllocationInputInvalid) as caught:
        prepare(Ask(model=ModelAsk(name="minimum-variance"), **parts))

    assert said in str(caught.value)


def test_prepare__scenarios_beside_a_table__are_refused(tmp_path: Path) -> None:
    data = DataAsk(source=returns_file(tmp_path), is_returns=True, draws=10)

    with pytest.raises(AllocationInputInvalid, match="none with --input"):
        prepare(Ask(model=ModelAsk(name="cvar"), data=data))


@pytest.mark.parametrize("name", ["maximum-sharpe", "risk-parity"])
def test_prepare__scenarios_of_a_model_of_moments__are_refused(
    name: str, tmp_path: Path
) -> None:
    data = DataAsk(
        means=write_pairs(tmp_path / "m.csv", {"A": 0.1}),
        covariance=write_matrix(tmp_path / "c.csv", ("A",), [[0.04]]),
        draws=10,
    )

    with pytest.raises(AllocationInputInvalid, match="scenarios is 10, expected none"):
        prepare(Ask(model=ModelAsk(name=name), data=data))
