# SPDX-License-Identifier: MIT
"""`steelyard lp`: what it teaches, prints, writes and refuses."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from steelyard.cli import main
from steelyard.cli.arguments import parser
from steelyard.cli.lp import inputs_of
from steelyard.cli.lp_arguments import EXAMPLE

RANGE = ["lp", "--curve", "v3", "--price", "2000", "--volatility", "70%"]
CP = ["lp", "--curve", "cp", "--price", "1", "--volatility", "0.8"]


def example_commands() -> list[list[str]]:
    """Every command that the help shows, without its comment."""
    text = re.sub(r" *\\\n *", " ", EXAMPLE)
    found = re.findall(r"^  steelyard (lp .+?)(?:   .*)?$", text, re.MULTILINE)
    return [command.split() for command in found if "..." not in command]


def test_help__shows_commands_that_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = example_commands()

    assert len(commands) == 4
    for command in commands:
        assert main(command) == 0
    assert (tmp_path / "lp.html").is_file()
    assert "At other prices" in capsys.readouterr().out


def test_lp__needs_no_node__and_loads_nothing_of_one() -> None:
    code = (
        "import sys\n"
        "from steelyard.cli import main\n"
        f"main({CP!r})\n"
        "heavy = ('web3', 'cvxpy', 'brownie', 'pandas', 'matplotlib')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stderr == "[]\n"


def test_lp__constant_product__says_an_eighth_of_variance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(CP) == 0

    out, err = capsys.readouterr()
    line = next(row for row in out.splitlines() if row.startswith("loss-versus"))
    # 0.64 / 8 of 10,000
    assert line.split()[-2:] == ["−800.000", "−8.00"]  # noqa: RUF001
    assert err == ""


def test_lp__json__is_numbers_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    argv = [*RANGE, "--width", "10%", "--volume-per-day", "1e6", "--pool-value", "1e7"]

    assert main([*argv, "--json"]) == 0

    out, err = capsys.readouterr()
    data = json.loads(out)
    assert err == ""
    assert data["chosen"]["upper"] == pytest.approx(2200.0)
    assert data["chosen"]["lower"] == pytest.approx(2000.0 / 1.1)
    assert data["now"]["value"] == pytest.approx(10_000.0)
    assert data["best"]["net"] >= data["chosen"]["net"]
    assert len(data["options"]["strip"]["put_strikes"]) == 4
    assert set(data) == {
        "inputs",
        "holding",
        "now",
        "prices",
        "income",
        "greeks",
        "chosen",
        "best",
        "options",
    }


def test_lp__full_range__has_no_infinity_in_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*CP, "--json"]) == 0

    data = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert data["holding"]["upper"] is None
    assert data["best"] is None


@pytest.mark.parametrize("suffix", ["html", "png", "svg"])
def test_lp__plot__is_written_and_named(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"lp.{suffix}"

    assert main([*CP, "--json", "--plot", str(path)]) == 0

    out, err = capsys.readouterr()
    json.loads(out)
    assert err == f"wrote {path}\n"
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("fee", "spacing"),
    [("0.01%", 1), ("0.05%", 10), ("0.3%", 60), ("1%", 200), ("2%", 1)],
)
def test_inputs__fee__brings_uniswaps_spacing(fee: str, spacing: int) -> None:
    args = parser().parse_args([*RANGE, "--width", "0.1", "--fee", fee])

    assert inputs_of(args).tick_spacing == spacing


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        ([*RANGE, "--width", "0"], "width is 0.0, expected more than 0"),
        (
            [*RANGE, "--width", "0.1", "--lower", "5"],
            "width is 0.1, expected either a width or a lower and an upper end",
        ),
        (
            [*RANGE],
            "lower is missing, expected a range, or a volume to choose the best one by",
        ),
        (
            [*RANGE, "--lower", "3000", "--upper", "2000"],
            "lower is 3000.0, expected less than upper, 2000.0",
        ),
        ([*CP, "--fee", "150%"], "fee is 1.5, expected 0 or more, less than 1"),
        ([*CP, "--value", "-1"], "value is -1.0, expected more than 0, up to 1e+24"),
        ([*CP, "--value", "nan"], "value is nan, expected more than 0, up to 1e+24"),
        ([*CP, "--at", "1,0"], "at is 0.0, expected prices of more than 0"),
        (
            [*CP, "--plot", "lp.pdf"],
            "plot is lp.pdf, expected a name that ends in .html, .png, .svg",
        ),
        (
            [*CP, "--lower", "0.5", "--upper", "2"],
            "lower or upper is 2.0, expected no range: the curve is not v3",
        ),
    ],
)
def test_lp__impossible_input__is_one_line_and_exit_1(
    argv: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(argv)

    out, err = capsys.readouterr()
    assert (code, out, err) == (1, "", f"error: {line}\n")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["lp", "--price", "1", "--volatility", "1"], "required: --curve"),
        (["lp", "--curve", "v4", "--price", "1"], "invalid choice: 'v4'"),
        ([*CP, "--fee", "much"], "'much' is not a share such as 0.003 or 0.3%"),
        ([*CP, "--value", "ten"], "'ten' is not a number"),
        ([*CP, "--tokens", "WETH"], "'WETH' is not two names such as WETH,USDC"),
        ([*CP, "--decimals", "18"], "'18' is not two whole numbers such as 18,6"),
        ([*CP, "--at", "1,x"], "'x' is not a number"),
    ],
)
def test_lp__wrong_usage__exits_2(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)

    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert message in err
