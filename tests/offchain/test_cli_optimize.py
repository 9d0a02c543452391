# SPDX-License-Identifier: MIT
"""`steelyard optimize`: what it teaches, prints, writes and refuses."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allocation_cases import (
    LEFT,
    MEANS,
    prices_file,
    two,
    write_matrix,
    write_pairs,
    write_table,
)

from data_files import data_file
from steelyard.chain.artifacts import project_root
from steelyard.cli import main
from steelyard.cli.optimize_arguments import EXAMPLE, MODELS

ROOT = project_root()
NAMES = ("BTC", "ETH", "LINK", "MKR", "SNX", "BNB", "LTC", "XRP")
SETTINGS = {
    "target-return": ["--target", "40%"],
    "target-risk": ["--target", "100%"],
    "risk-budgeting": [
        "--budget",
        ",".join(f"{n}={i + 1}" for i, n in enumerate(NAMES)),
    ],
}


def answered(
    capsys: pytest.CaptureFixture[str], argv: list[str], code: int = 0
) -> dict[str, Any]:
    assert main([*argv, "--json"]) == code
    found: dict[str, Any] = json.loads(
        capsys.readouterr().out, parse_constant=pytest.fail
    )
    return found


def example_commands() -> list[list[str]]:
    """Every command that the help shows, without what follows a pipe."""
    text = re.sub(r" *\\\n *", " ", EXAMPLE)
    found = re.findall(r"^  steelyard (optimize .+?)(?: \|.*)?$", text, re.MULTILINE)
    return [shlex.split(command) for command in found]


def three_prices(folder: Path) -> Path:
    rows = [
        (100 + 7 * i % 13 / 5, 50 + 5 * i % 11 / 8 + i / 30, 10 + 3 * i % 7 / 20)
        for i in range(400)
    ]
    return write_table(folder / "prices.csv", ("BTC", "ETH", "LINK"), rows)


def test_help__shows_commands_that_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    three_prices(tmp_path)
    commands = example_commands()

    assert len(commands) == 7
    for command in commands:
        dates = [part.replace("2022-01-01", "2023-06-01") for part in command]
        assert main(dates) == 0, command
    assert (tmp_path / "page.html").is_file()
    assert "Weights" in capsys.readouterr().out


def test_help__names_every_model() -> None:
    assert [name for name in MODELS if name not in EXAMPLE] == []


def test_optimize__needs_no_node__and_loads_nothing_of_one(tmp_path: Path) -> None:
    argv = two(tmp_path, "--model", "minimum-variance", "--json")
    code = (
        "import sys\n"
        "from steelyard.cli import main\n"
        f"main({argv!r})\n"
        "heavy = ('web3', 'cvxpy', 'brownie', 'pandas', 'matplotlib')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stderr == "[]\n"


def test_docs__commands_of_the_picture__make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "optimize.md").read_text(encoding="utf-8")
    block = re.search(r"```sh\n(.+)\n(.+)\n```", page)
    assert block is not None
    _, script, *words, _ = shlex.split(block[1])
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)

    with open("prices.csv", "w", encoding="utf-8") as file:
        subprocess.run([sys.executable, ROOT / script, *words], stdout=file, check=True)
    code = main(shlex.split(block[2])[1:])

    assert code == 0
    assert (tmp_path / "docs" / "optimize.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("model", "first"),
    [
        (["minimum-variance"], 4 / 5),  # by 1 / variance
        (["maximum-sharpe"], 2 / 3),  # by mean / variance: 1 to 1/2
        (["risk-parity"], 2 / 3),  # by 1 / volatility
        (["maximum-diversification"], 2 / 3),
        (["hierarchical-risk-parity"], 4 / 5),
        (["risk-budgeting", "--budget", "A=4,B=1"], 4 / 5),  # root of budget / variance
        (["target-return", "--target", "547.5%"], 1 / 2),  # 1.5 % x 365
    ],
)
def test_optimize__two_assets_without_correlation__is_as_worked_out(
    model: list[str],
    first: float,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = answered(capsys, two(tmp_path, "--model", *model))

    assert found["status"] == "optimal"
    assert found["weights"] == pytest.approx({"A": first, "B": 1 - first}, abs=1e-7)


def test_optimize__json__has_every_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answered(capsys, two(tmp_path, "--model", "minimum-variance"))

    # 0.64 x 0.01 + 0.04 x 0.04 a day
    variance = 0.008 * LEFT
    assert found["figures"]["volatility"] == pytest.approx((365 * variance) ** 0.5)
    assert found["figures"]["expected_return"] == pytest.approx(365 * 0.012)
    assert found["objective_per_period"] == pytest.approx(variance)
    assert found["bound_per_period"] <= found["objective_per_period"]
    assert found["gap_per_period"] < 1e-9
    assert found["risk_shares"] == pytest.approx({"A": 0.8, "B": 0.2})
    assert found["expected_returns"]["A"] == pytest.approx(365 * MEANS[0])
    assert found["others"]["equal weights"]["effective_assets"] == pytest.approx(2)
    assert found["frontier"][0]["weights"] == pytest.approx({"A": 0.8, "B": 0.2})
    assert found["frontier"][-1]["weights"] == pytest.approx({"A": 0, "B": 1})
    assert found["data"]["rows"] == 40
    assert found["data"]["periods_per_year"] == 365
    assert set(found) == {
        *("status", "reason", "detail", "model", "looks_for", "weights"),
        *("risk_shares", "risk_measure", "figures", "others", "objective_per_period"),
        *("bound_per_period", "gap_per_period", "violation", "binding", "conflicts"),
        *("method", "tried", "expected_returns", "volatilities", "current", "data"),
        *("views", "frontier"),
    }


def test_optimize__prices__are_their_returns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(prices_file(tmp_path))
    argv = ["optimize", "--model", "minimum-variance", "--input", path]

    found = answered(capsys, [*argv, "--estimator", "sample"])

    assert found["weights"] == pytest.approx({"A": 0.8, "B": 0.2}, abs=1e-9)


def test_optimize__cap__has_the_price_of_its_slope(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = two(tmp_path, "--model", "minimum-variance", "--cap", "A=70%")

    found = answered(capsys, argv)
    wider = answered(capsys, [*argv[:-1], "A=71%"])

    (limit,) = found["binding"]
    assert limit["name"] == "cap of A"
    # d/da of a^2 0.01 + (1 - a)^2 0.04 at 0.7
    assert limit["shadow_price"] == pytest.approx(0.01 * LEFT, rel=1e-6)
    gained = found["figures"]["volatility"] - wider["figures"]["volatility"]
    said = re.fullmatch(r"would lower volatility by ([\d.]+) % a year", limit["gain"])
    assert said is not None
    # a whole percent earns a little less than the slope says
    assert 100 * gained < float(said[1]) < 106 * gained


@pytest.mark.parametrize(
    ("limit", "name", "first"),
    [
        (["--group", "x=A:60%"], "group x at most 0.6", 0.6),
        (["--group", "x=B:30%..50%"], "group x at least 0.3", 0.7),
        (["--row", "A - B <= 20%"], "row A - B <= 20%", 0.6),
        (["--floor", "B=25%"], "floor of B", 0.75),
    ],
)
def test_optimize__limit__binds_by_its_name(
    limit: list[str],
    name: str,
    first: float,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = answered(capsys, two(tmp_path, "--model", "minimum-variance", *limit))

    assert found["weights"]["A"] == pytest.approx(first, abs=1e-9)
    assert [row["name"] for row in found["binding"]] == [name]
    assert found["binding"][0]["shadow_price"] > 0


def test_optimize__tables__say_weights_risk_and_proof(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = two(tmp_path, "--model", "minimum-variance", "--cap", "A=70%")

    assert main(argv) == 0

    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("Minimum variance: least volatility")
    row = next(line for line in out.splitlines() if line.startswith("A "))
    # 0.0049 of 0.0049 + 0.0036
    assert re.findall(r"[\d.]+", row)[:2] == ["70.00", "57.65"]
    for said in ("cap of A", "would lower volatility by", "certified gap"):
        assert said in out


def test_optimize__views__tilt_the_equilibrium(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = two(tmp_path, "--model", "maximum-sharpe", "--market-weights", "A=60%,B=40%")

    market = answered(capsys, [*argv, "--expected", "equilibrium"])
    found = answered(capsys, [*argv, "--view", "B-A=500%:60%"])

    assert market["weights"] == pytest.approx({"A": 0.6, "B": 0.4}, abs=1e-7)
    assert market["figures"]["sharpe"] == pytest.approx(0.5)
    views = found["views"]
    moved = {a: views["posterior"][a] - views["equilibrium"][a] for a in ("A", "B")}
    assert moved["B"] > 0 > moved["A"]
    gap = views["equilibrium"]["B"] - views["equilibrium"]["A"]
    after = views["posterior"]["B"] - views["posterior"]["A"]
    # 60 % of the way from the equilibrium to the view
    assert after - gap == pytest.approx(0.6 * (5 - gap))
    assert found["weights"]["B"] > 0.4


def test_optimize__moments_given__need_no_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    means = write_pairs(tmp_path / "means.csv", {"A": "10%", "B": "20%"})
    matrix = write_matrix(tmp_path / "c.csv", ("A", "B"), [[0.01, 0.0], [0.0, 0.04]])
    argv = ["optimize", "--means", str(means), "--covariance", str(matrix)]

    sharpe = answered(capsys, [*argv, "--model", "maximum-sharpe"])
    drawn = answered(capsys, [*argv, "--model", "cvar", "--scenarios", "500"])

    assert sharpe["weights"] == pytest.approx({"A": 2 / 3, "B": 1 / 3}, abs=1e-7)
    # root of 4/9 x 0.01 + 1/9 x 0.04
    assert sharpe["figures"]["volatility"] == pytest.approx(0.0888889**0.5 / 10**0.5)
    assert drawn["status"] == "optimal"
    assert drawn["figures"]["risk"] == pytest.approx(drawn["objective_per_period"])


def test_optimize__current_and_turnover__is_a_trade(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = two(tmp_path, "--model", "minimum-variance", "--current", "A=40%,B=60%")

    found = answered(capsys, [*argv, "--turnover", "20%", "--cost", "0.1%"])

    assert found["weights"] == pytest.approx({"A": 0.5, "B": 0.5}, abs=1e-7)
    assert found["figures"]["turnover"] == pytest.approx(0.2)
    assert found["figures"]["cost"] == pytest.approx(0.0002)
    assert found["others"]["held now"]["turnover"] == 0
    assert found["frontier"] is None


def test_optimize__leverage__limits_what_is_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = two(tmp_path, "--model", "target-risk", "--target", "900%", "--long-short")

    found = answered(capsys, [*argv, "--cap", "200%", "--leverage", "140%"])

    assert sum(map(abs, found["weights"].values())) == pytest.approx(1.4, abs=1e-7)
    assert sorted(found["weights"].values()) == pytest.approx([-0.2, 1.2], abs=1e-7)
    assert [limit["name"] for limit in found["binding"]] == ["leverage"]


def test_optimize__conflict__is_named_with_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = two(tmp_path, "--model", "minimum-variance", "--cap", "30%")

    code = main([*argv, "--json"])

    out, err = capsys.readouterr()
    found = json.loads(out)
    assert code == 1
    assert err == (
        "error: no weights meet all of these: cap of 30 % for A, B; weights that sum "
        "to 1\n"
    )
    assert (found["status"], found["reason"]) == ("fallback", "infeasible")
    assert len(found["conflicts"]) == 3
    assert found["objective_per_period"] is None
    assert found["weights"] == {"A": 0.5, "B": 0.5}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["target-return", "--target", "999%"], "a return of 999 % a year or more"),
        (
            ["target-risk", "--target", "10%"],
            "a volatility of 10 % a year or less; all other limits",
        ),
        (
            ["minimum-variance", "--current", "A=3,B=-2", "--turnover", "1%"],
            "turnover at most 1 %; all other limits",
        ),
        (
            ["minimum-variance", "--group", "x=A:20%", "--row", "B<=70%"],
            "group x at most 0.2; row B<=70%; weights that sum to 1",
        ),
    ],
)
def test_optimize__fallback__says_so_in_the_tables(
    argv: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(two(tmp_path, "--model", *argv))

    out, err = capsys.readouterr()
    assert code == 1
    assert said in err
    assert len(err.splitlines()) == 1
    assert "(a fallback)" in out
    assert "taken instead" in out


@pytest.mark.parametrize("suffix", ["html", "png", "svg"])
def test_optimize__plot__is_written_and_named(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"page.{suffix}"
    argv = two(tmp_path, "--model", "risk-parity", "--current", "A=1", "--cap", "80%")

    assert main([*argv, "--json", "--plot", str(path)]) == 0

    out, err = capsys.readouterr()
    json.loads(out)
    assert err == f"wrote {path}\n"
    assert path.stat().st_size > 10_000


def test_optimize__page__has_the_four_pictures_and_escapes_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(1 + a, 2 + b) for a, b in [(0.1, 0.2), (0.2, 0.0), (0.0, 0.1)] * 4]
    table = write_table(tmp_path / "p.csv", ("<b>A</b>", "B"), rows)
    page = tmp_path / "page.html"
    argv = ["optimize", "--model", "minimum-variance", "--input", str(table)]

    assert main([*argv, "--plot", str(page)]) == 0

    text = page.read_text(encoding="utf-8")
    for title in ("Efficient frontier", "Weights", "Risk contributions"):
        assert title in text
    assert "<b>A</b>" not in text
    capsys.readouterr()


@pytest.mark.parametrize("model", MODELS)
def test_optimize__real_prices__every_model_answers_with_proof(
    model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(data_file("prices_daily_wide.csv"))
    window = ["--start", "2020-06-01", "--end", "2021-05-31"]
    limits = ["--cap", "30%", "--group", "majors=BTC,ETH:50%"]
    argv = ["optimize", "--model", model, "--input", path, *window, *limits]

    found = answered(
        capsys, [*argv, "--assets", ",".join(NAMES), *SETTINGS.get(model, [])]
    )

    assert found["status"] == "optimal"
    assert sum(found["weights"].values()) == pytest.approx(1, abs=1e-12)
    assert found["violation"] <= 1e-10
    assert sum(found["risk_shares"].values()) == pytest.approx(1, abs=1e-9)
    if not model.startswith("hierarchical"):
        size = abs(found["objective_per_period"])
        assert found["gap_per_period"] <= 1e-7 * size
