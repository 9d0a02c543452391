# SPDX-License-Identifier: MIT
"""What `steelyard optimize` refuses, in one line that names it."""

from pathlib import Path

import pytest
from allocation_cases import (
    two,
    write_matrix,
    write_table,
)

from steelyard.cli import main


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--model", "minimum-variance", "--cap", "30"], "cap of A is 30, expected at"),
        (["--model", "minimum-variance", "--cap", "C=3%"], "cap is 'C', expected"),
        (["--model", "target-return"], "target is missing, expected"),
        (["--model", "minimum-variance", "--target", "1%"], "target is 0.01, expected"),
        (["--model", "minimum-variance", "--row", "A"], "row is 'A', expected terms"),
        (["--model", "mean-variance", "--view", "A"], "view is 'A', expected a"),
        (["--model", "mean-variance", "--view", "A=1:2"], "confidence of view 'A=1:2'"),
        (["--model", "minimum-variance", "--start", "2020-01-01"], "start is 2020-01"),
        (["--model", "minimum-variance", "--assets", "A,C"], "no column C, expected"),
        (["--model", "minimum-variance", "--current", "A"], "current of A is ''"),
        (["--model", "minimum-variance", "--plot", "a.pdf"], "ends in .html"),
        (["--model", "minimum-variance", "--turnover", "-1"], "turnover is -1.0"),
        (["--model", "minimum-variance", "--leverage", "2"], "leverage is 2.0"),
        (["--model", "mean-variance", "--tau", "0", "--view", "A=1"], "tau is 0.0"),
        (["--model", "cvar", "--target", "nan"], "target is nan, expected a return"),
        (["--model", "maximum-sharpe", "--risk-free", "nan"], "risk-free is nan"),
        (["--model", "cvar", "--periods-per-year", "0"], "periods-per-year is 0.0"),
    ],
)
def test_optimize__impossible_input__is_one_line_and_exit_1(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(two(tmp_path, *more))

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_optimize__hole_in_the_prices__says_asset_day_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[tuple[object, ...]] = [(1, ""), *[(1, 2), (2, 1)] * 3]
    path = write_table(tmp_path / "p.csv", ("A", "B"), rows)
    argv = ["optimize", "--model", "minimum-variance", "--input", str(path)]

    code = main(argv)

    err = capsys.readouterr().err
    assert code == 1
    assert "B has no price on 2023-01-01" in err
    assert "--start 2023-01-02 --end 2023-01-07" in err
    assert main([*argv, "--start", "2023-01-02"]) == 0
    assert main([*argv, "--drop"]) == 0


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("expected", "sample", "zero or equilibrium without --input"),
        ("horizon-days", "20.0", "none without --cost"),
    ],
)
def test_optimize__option_that_nothing_reads__is_refused_in_one_line(
    option: str,
    value: str,
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    matrix = write_matrix(tmp_path / "c.csv", ("A",), [[0.04]])
    argv = ["optimize", "--model", "minimum-variance", "--covariance", str(matrix)]

    code = main([*argv, f"--{option}", value])

    assert code == 1
    err = capsys.readouterr().err
    assert err == f"error: {option} is {value}, expected {expected}\n"


def test_optimize__nothing_to_estimate_from__is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix = write_matrix(tmp_path / "c.csv", ("A",), [[0.04]])

    assert main(["optimize", "--model", "minimum-variance"]) == 1
    assert "covariance is missing, expected a file" in capsys.readouterr().err
    argv = ["optimize", "--covariance", str(matrix), "--model"]
    assert main([*argv, "minimum-variance"]) == 0
    capsys.readouterr()
    assert main([*argv, "cvar"]) == 1
    assert "scenarios is missing, expected" in capsys.readouterr().err
    assert main([*argv, "maximum-sharpe"]) == 1
    assert "expected_returns is missing, expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["optimize"], "required: --model"),
        (["optimize", "--model", "mvo"], "invalid choice: 'mvo'"),
        (["optimize", "--model", "cvar", "--level", "x"], "'x' is not a share such as"),
        (["optimize", "--model", "cvar", "--tau", "x"], "'x' is not a number"),
        (["optimize", "--model", "cvar", "--seed", "-1"], "'-1' is not a whole number"),
        (["optimize", "--model", "cvar", "--assets", "A,,B"], "'A,,B' is not a list"),
        (["optimize", "--model", "cvar", "--floor", "-5%"], "expected one argument"),
    ],
)
def test_optimize__wrong_usage__exits_2(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)

    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert message in err
