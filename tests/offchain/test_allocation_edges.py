# SPDX-License-Identifier: MIT
"""Inputs at the edge of sense: an answer, or one line that names the field."""

import json
from pathlib import Path

import numpy as np
import pytest
from allocation_cases import returns_file, write_matrix, write_pairs

from steelyard.allocation.ask import Ask, BeliefAsk, DataAsk, LimitAsk, ModelAsk
from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.allocation.inputs import prepare
from steelyard.cli import main
from steelyard.errors import SteelyardError
from steelyard.estimate.black_litterman import Views
from steelyard.estimate.errors import BadEstimateSetting, ViewsInvalid
from steelyard.estimate.expected import risk_aversion_for
from steelyard.estimate.given import given_covariance

NOTHING_HELD = ["--cap", "1%", "--current", "A=0"]


def table(folder: Path) -> DataAsk:
    return DataAsk(source=returns_file(folder), is_returns=True)


def moments(folder: Path, variance: float = 0.04) -> DataAsk:
    """Two assets of one variance a year, without correlation."""
    matrix = [[variance, 0.0], [0.0, variance]]
    return DataAsk(
        means=write_pairs(folder / "m.csv", {"A": 0.1, "B": 0.2}),
        covariance=write_matrix(folder / "c.csv", ("A", "B"), matrix),
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "model", ["minimum-variance", "cvar", "entropic-var", "wasserstein-cvar", "kelly"]
)
def test_optimize__fallback_that_holds_nothing__has_no_effective_assets(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["optimize", "--input", str(returns_file(tmp_path)), "--returns"]
    argv += ["--model", model, *NOTHING_HELD]

    codes = main([*argv, "--json"]), main([*argv, "--plot", str(tmp_path / "p.html")])

    out, err = capsys.readouterr()
    found, _ = json.JSONDecoder().raw_decode(out)
    assert codes == (1, 1)
    assert found["weights"] == {"A": 0, "B": 0}
    assert found["figures"]["effective_assets"] is None
    assert "cap of 1 % for A, B" in err


def test_risk_aversion__market_without_variance__is_refused() -> None:
    covariance = given_covariance(("A", "B"), np.zeros((2, 2)), rows=9)

    with pytest.raises(BadEstimateSetting) as caught:
        risk_aversion_for(covariance, [1.0, 1.0], sharpe=0.5)

    assert str(caught.value).startswith("variance of the market is 0.0, expected more")


@pytest.mark.parametrize(
    "more", [["--view", "A=5%"], ["--expected", "equilibrium"]], ids=lambda m: m[0]
)
def test_optimize__market_without_variance__is_one_line(
    more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = moments(tmp_path, variance=0.0).covariance
    argv = ["optimize", "--model", "mean-variance", "--covariance", str(path)]

    assert main([*argv, *more]) == 1

    err = capsys.readouterr().err
    assert "variance of the market is 0.0" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (LimitAsk(turnover=np.inf, current="A=1"), "turnover is inf, expected 0 or"),
        (LimitAsk(leverage=np.inf, is_long_short=True), "leverage is inf, expected 0"),
        (
            LimitAsk(costs=("1%",), horizon_days=np.nan),
            "horizon-days is nan, expected a number above",
        ),
        (
            LimitAsk(costs=("1%",), horizon_days=0.0),
            "horizon-days is 0.0, expected a number above",
        ),
    ],
)
def test_prepare__limit_without_sense__is_named(
    limits: LimitAsk, said: str, tmp_path: Path
) -> None:
    ask = Ask(
        model=ModelAsk(name="minimum-variance"), data=table(tmp_path), limits=limits
    )

    with pytest.raises(AllocationInputInvalid) as caught:
        prepare(ask)

    assert said in str(caught.value)


def test_prepare__horizon_under_a_period__counts_in_full(tmp_path: Path) -> None:
    limits = LimitAsk(costs=("1%",), current="A=1", horizon_days=73.0)
    ask = Ask(
        model=ModelAsk(name="mean-variance"), data=moments(tmp_path), limits=limits
    )

    rates = prepare(ask).portfolio.cost_rates

    # five times a year, which is the period of given moments
    assert rates == pytest.approx([0.05, 0.05])


def test_prepare__horizon_too_short_for_its_costs__is_named(tmp_path: Path) -> None:
    limits = LimitAsk(costs=("1%", "B=20%"), current="A=1", horizon_days=30.0)
    ask = Ask(
        model=ModelAsk(name="mean-variance"), data=moments(tmp_path), limits=limits
    )

    with pytest.raises(AllocationInputInvalid) as caught:
        prepare(ask)

    # a fifth of the 365 days
    said = "horizon-days is 30.0, expected 73 or more with a cost of 0.2"
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "beliefs", [BeliefAsk(half_life_days=30.0), BeliefAsk(estimator="ledoit-wolf")]
)
def test_prepare__estimator_beside_a_covariance__is_refused(
    beliefs: BeliefAsk, tmp_path: Path
) -> None:
    returns, given = table(tmp_path), moments(tmp_path)
    data = DataAsk(source=returns.source, is_returns=True, covariance=given.covariance)
    ask = Ask(model=ModelAsk(name="minimum-variance"), data=data, beliefs=beliefs)

    with pytest.raises(AllocationInputInvalid, match="none beside --covariance"):
        prepare(ask)


@pytest.mark.parametrize("option", ["--scenarios", "--observations"])
def test_optimize__count_of_0__is_not_as_if_none_were_typed(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = moments(tmp_path)
    argv = ["optimize", "--model", "minimum-variance", option, "0"]

    code = main(
        [*argv, "--means", str(data.means), "--covariance", str(data.covariance)]
    )

    assert code == 1
    assert f"{option[2:]} is 0, expected 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "\n", "name\n"])
def test_prepare__covariance_without_assets__is_refused(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "c.csv"
    path.write_text(text, encoding="utf-8")
    ask = Ask(model=ModelAsk(name="minimum-variance"), data=DataAsk(covariance=path))

    with pytest.raises(SteelyardError, match="covariance is without assets"):
        prepare(ask)


def test_prepare__mean_of_one_asset_twice__is_refused(tmp_path: Path) -> None:
    data = moments(tmp_path)
    write_pairs(tmp_path / "m.csv", {"A": 0.1, "B": 0.2, "a": 0.3})
    ask = Ask(model=ModelAsk(name="mean-variance"), data=data)

    with pytest.raises(AllocationInputInvalid) as caught:
        prepare(ask)

    assert str(caught.value) == "means is a, expected each asset once"


@pytest.mark.parametrize("rows", [[["x", 0]], [[1, 0], [1]], [[{}, 0]]])
def test_views__that_are_no_numbers__are_refused(rows: object) -> None:
    with pytest.raises(ViewsInvalid, match=r"portfolios is .*, expected numbers"):
        Views(portfolios=rows, expected_returns=[0.1])  # type: ignore[arg-type]
