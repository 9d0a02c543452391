# SPDX-License-Identifier: MIT
"""The command line: what it teaches, what it refuses, and with which exit code."""

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from steelyard.cli import main
from steelyard.cli.arguments import parser
from steelyard.cli.loop import every
from steelyard.errors import SteelyardError

COMMANDS = sorted(next(iter(parser()._subparsers._group_actions)).choices)  # all
HEAVY = ("cvxpy", "matplotlib", "brownie", "web3", "pandas", "numpy")


def test_help__names_every_command_and_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])

    text = capsys.readouterr().out
    assert caught.value.code == 0
    for command in COMMANDS:
        assert re.search(rf"^    {command} ", text, re.MULTILINE)
    assert "exit codes:" in text
    assert "steelyard run --once" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_help__of_a_command__tells_its_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])

    assert caught.value.code == 0
    assert "exit codes:" in capsys.readouterr().out


def test_help__imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from steelyard.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["fly"],
        ["run"],
        ["run", "--once", "--every", "5"],
        ["run", "--every", "0"],
        ["run", "--every", "soon"],
        ["deploy", "spec.json", "--rpc-url", "http://x"],
        ["demo", "--start", "yesterday"],
        ["demo", "--days", "-1"],
        ["demo", "--chain", "geth"],
    ],
)
def test_main__wrong_usage__exits_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)

    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert "usage:" in err


def test_parser__demo_options__are_read() -> None:
    args = parser().parse_args(
        [
            "demo",
            "--prices",
            "p.csv",
            "--start",
            "2020-03-08",
            "--days",
            "5",
            "--chain",
            "ganache",
            "--fork-url",
            "http://x",
            "--seed",
            "3",
            "--json",
        ]
    )

    assert (args.prices, str(args.start), args.days) == (Path("p.csv"), "2020-03-08", 5)
    assert (args.chain, args.fork_url, args.seed) == ("ganache", "http://x", 3)
    assert args.json is True


@pytest.mark.parametrize("command", [["run", "--once"], ["plan"], ["status"]])
def test_main__no_settings__is_one_line_and_exit_1(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none.toml"

    code = main([*command, "--config", str(path), "--json"])

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith("error: config field file is")
    assert err.count("\n") == 1


def test_main__debug__shows_where(tmp_path: Path) -> None:
    with pytest.raises(SteelyardError):
        main(["plan", "--config", str(tmp_path / "none.toml"), "--debug"])


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "ftp://x", "nonsense"])
def test_status__no_node__is_one_line(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "steelyard.toml"
    path.write_text(
        f'rpc_url = "{url}"\nchain_id = 1\n'
        f'vault = "0x{"1a" * 20}"\nlens = "0x{"2b" * 20}"\n'
    )

    code = main(["status", "--config", str(path)])

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith("error: no node at")
    assert err.count("\n") == 1


def test_init__writes_settings_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "steelyard.toml"
    vault = "0x" + "1a" * 20

    first = main(["init", "--out", str(path), "--vault", vault])
    second = main(["init", "--out", str(path)])
    third = main(["init", "--out", str(path), "--force"])

    assert (first, second, third) == (0, 1, 0)
    assert "--force" in capsys.readouterr().err
    assert tomllib.loads(path.read_text())["vault"] == "0x" + "00" * 20


def test_init__no_folder__is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["init", "--out", str(tmp_path / "none" / "steelyard.toml")])

    assert code == 1
    assert "cannot be written" in capsys.readouterr().err


def test_deploy__bad_spec__names_the_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "vault.json"
    spec.write_text('{"name": "Vault", "symbol": ""}')
    where = ["--rpc-url", "http://127.0.0.1:9", "--chain-id", "1"]

    code = main(["deploy", str(spec), *where, "--account", "0x" + "11" * 20])

    assert code == 1
    assert "spec field symbol is ''" in capsys.readouterr().err


def test_every__error_in_a_turn__is_printed_and_the_next_is_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    turns: list[int] = []

    def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise SteelyardError("no luck")
        os.kill(os.getpid(), signal.SIGINT)

    assert every(0.01, turn) == 0

    assert turns == [0, 1]
    assert "error: no luck" in capsys.readouterr().err


def test_every__interrupted_while_it_waits__ends_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    pid = os.getpid()
    started = time.monotonic()
    code = f"import os, time; time.sleep(0.3); os.kill({pid}, {int(signal.SIGINT)})"
    process = subprocess.Popen([sys.executable, "-c", code])

    assert every(60, lambda: None) == 0

    process.wait()
    assert time.monotonic() - started < 10
    assert signal.getsignal(signal.SIGINT) is before


def test_every__interrupted_twice__stops_the_turn() -> None:
    def turn() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    with pytest.raises(KeyboardInterrupt):
        every(60, turn)
