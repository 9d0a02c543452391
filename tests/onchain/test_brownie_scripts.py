# SPDX-License-Identifier: MIT
"""The Brownie scripts do what the command line does, over Brownie's connection."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keeper_cases import Desk, open_desk
from support import World

from steelyard.chain.spec_json import spec_to_json

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return open_desk(world, tmp_path)


def script(name: str) -> Callable[..., Any]:
    main: Callable[..., Any] = runpy.run_path(str(SCRIPTS / f"{name}.py"))["main"]
    return main


def test_rebalance__script__sends_one_order(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    count, nonce = desk.sent

    script("rebalance")(str(desk.write()))

    assert desk.sent == (count + 1, nonce + 1)
    assert "rebalanced" in capsys.readouterr().out


def test_rebalance__dry__sends_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = desk.sent

    script("rebalance")(str(desk.write()), "dry")

    assert desk.sent == sent
    assert "planned" in capsys.readouterr().out


def test_rebalance__wrong_chain__ends_with_one_line(desk: Desk) -> None:
    sent = desk.sent

    with pytest.raises(SystemExit) as caught:
        script("rebalance")(str(desk.write(chain_id=1)))

    assert str(caught.value).startswith("error: ")
    assert "expected 1" in str(caught.value)
    assert desk.sent == sent


def test_rebalance__unknown_mode__is_refused(desk: Desk) -> None:
    with pytest.raises(SystemExit, match="expected run or dry"):
        script("rebalance")(str(desk.write()), "fast")


def test_deploy__script__prints_and_writes_the_addresses(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = desk.folder / "vault.json", desk.folder / "out.json"
    spec.write_text(json.dumps(spec_to_json(desk.world.system.spec)))

    script("deploy")(str(spec), str(out))

    found = json.loads(out.read_text())
    assert json.loads(capsys.readouterr().out) == found
    assert desk.world.web3.eth.get_code(found["vault"])
    assert found["vault"] != desk.world.vault.address


def test_deploy__bad_spec__names_the_field(desk: Desk) -> None:
    spec = desk.folder / "vault.json"
    spec.write_text(json.dumps({"name": "Vault"}))

    with pytest.raises(SystemExit, match="spec field symbol"):
        script("deploy")(str(spec))
