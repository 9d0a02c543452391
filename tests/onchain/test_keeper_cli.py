# SPDX-License-Identifier: MIT
"""The command line on a chain: what it prints, and that wrong input sends nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keeper_cases import DAY_SECONDS, PASSWORD, Desk, open_desk, write_keystore
from support import SEED, World

from steelyard.chain.spec_json import spec_to_json
from steelyard.cli import main


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return open_desk(world, tmp_path)


def wrong_password(desk: Desk) -> dict[str, Any]:
    (desk.folder / "password").write_text("wrong")
    return {}


def no_password(_desk: Desk) -> dict[str, Any]:
    return {"signer": {"keystore": "key.json"}}


def strangers_key(desk: Desk) -> dict[str, Any]:
    write_keystore(desk.folder / "key.json", b"\x21" * 32)
    return {}


def empty_relayer(desk: Desk) -> dict[str, Any]:
    write_keystore(desk.folder / "relayer.json", b"\x22" * 32)
    signer = desk.table()["signer"]
    return {
        "signer": {
            **signer,
            "relayer_keystore": "relayer.json",
            "relayer_password_file": "password",
        }
    }


def missing_column(desk: Desk) -> dict[str, Any]:
    (desk.folder / "prices.csv").write_text("date,USDC,ETH\n2024-01-01,1,2000\n")
    return {"history": {"source": "file", "file": "prices.csv"}}


def negative_price(desk: Desk) -> dict[str, Any]:
    rows = [f"2024-01-0{d},1,2000,{-1 if d == 3 else 40000}" for d in range(1, 9)]
    text = "\n".join(["date,USDC,ETH,BTC", *rows])
    (desk.folder / "prices.csv").write_text(text + "\n")
    return {"history": {"source": "file", "file": "prices.csv"}}


WRONG: dict[str, tuple[Callable[[Desk], dict[str, Any]], str]] = {
    "wrong RPC URL": (lambda _: {"rpc_url": "http://127.0.0.1:9"}, "no node at"),
    "wrong chain id": (lambda _: {"chain_id": 1}, "expected 1"),
    "unknown vault": (lambda d: {"vault": d.world.alice}, "vault is"),
    "token as a vault": (lambda d: {"vault": d.world.asset.address}, "vault is"),
    "unknown lens": (lambda d: {"lens": d.world.alice}, "lens is"),
    "token as a lens": (lambda d: {"lens": d.world.asset.address}, "lens is"),
    "wrong password": (wrong_password, "the password is wrong"),
    "no password": (no_password, "stays locked"),
    "stranger's key": (strangers_key, "expected the strategist"),
    "empty relayer": (empty_relayer, "balance of relayer"),
    "missing column": (missing_column, "no column BTC"),
    "negative price": (negative_price, "-1"),
    "unknown native": (lambda _: {"signals": {"native": "AVAX"}}, "signals.native"),
    "unknown field": (lambda _: {"speed": 1}, "'speed'"),
    "short history": (
        lambda _: {"history": {"days": 400, "min_days": 300}},
        "40 days of rounds",
    ),
    "floor on nothing": (
        lambda _: {
            "preferences": {"floors": [{"kind": "token", "name": "X", "weight": 0.1}]}
        },
        "X",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_run__wrong_input__is_one_line_and_sends_nothing(
    desk: Desk, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, said = WRONG[case]
    path = desk.write(**change(desk))
    sent = desk.sent

    code = main(["run", "--once", "--json", "--config", str(path)])

    out, err = capsys.readouterr()
    assert code == 1
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err
    assert PASSWORD not in err
    assert desk.sent == sent


def test_run__once_json__prints_the_record_alone(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.write()

    code = main(["run", "--once", "--json", "--config", str(path)])

    out, err = capsys.readouterr()
    record = json.loads(out)
    assert (code, err) == (0, "")
    assert record["outcome"] == "rebalanced"
    assert {s["predicted_out"] for s in record["swaps"]} == {
        s["executed_out"] for s in record["swaps"]
    }
    steps = [
        "read",
        "signals",
        "optimise",
        "plan",
        "sign",
        "simulate",
        "broadcast",
        "confirm",
    ]
    assert list(record["timings_seconds"]) == steps
    assert desk.world.strategist.key.hex() not in out


def test_plan__and_status__tell_and_send_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path, sent = desk.write(), desk.sent

    plan_code = main(["plan", "--config", str(path)])
    plan_text = capsys.readouterr().out
    status_code = main(["status", "--config", str(path)])
    status_text = capsys.readouterr().out
    main(["status", "--json", "--config", str(path)])
    status = json.loads(capsys.readouterr().out)

    assert (plan_code, status_code) == (0, 0)
    assert "planned" in plan_text
    assert "Swaps" in plan_text
    assert "100,000" in status_text
    assert status["snapshot"]["vault"] == desk.world.vault.address
    assert [e["name"] for e in status["exposures"]][:3] == ["USDC", "ETH", "BTC"]
    assert desk.sent == sent


def test_deploy__spec_file__puts_up_a_vault_that_status_reads(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    world, folder = desk.world, desk.folder
    spec = folder / "vault.json"
    spec.write_text(json.dumps(spec_to_json(world.system.spec)))
    where = ["--rpc-url", world.web3.provider.endpoint_uri]
    chain = ["--chain-id", str(world.web3.eth.chain_id), "--account", world.curator]
    out = ["--out", str(folder / "out.json"), "--config-out", str(folder / "new.toml")]

    code = main(["deploy", str(spec), *where, *chain, *out, "--json"])

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found == json.loads((folder / "out.json").read_text())
    assert found["vault"] != world.vault.address
    assert found["vault"] in (folder / "new.toml").read_text()
    path = desk.write(vault=found["vault"], lens=found["lens"])

    assert main(["status", "--json", "--config", str(path)]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["snapshot"]["vault"] == found["vault"]
    assert status["snapshot"]["nav"] == SEED


def test_plan__orders__beside_the_decision_from_one_reading(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path, sent = desk.write(), desk.sent
    asked = ["plan", "--orders", "2", "--refill-hours", "12", "--config", str(path)]

    text_code = main(asked)
    text = " ".join(capsys.readouterr().out.split())
    json_code = main([*asked, "--json"])
    out, err = capsys.readouterr()
    main(["plan", "--json", "--config", str(path)])
    alone = json.loads(capsys.readouterr().out)

    record = json.loads(out)
    assert (text_code, json_code, err) == (0, 0, "")
    assert "2 orders over 30 days: half of a swap's impact is gone in 12 hours" in text
    assert "order 2, in 15 days" in text
    assert "only the first of these would be signed" in text
    first, second = record["orders"]
    assert first["at"] == record["before"]["timestamp"]
    assert second["at"] - first["at"] == 15 * DAY_SECONDS
    assert {move["kind"] for move in first["moves"]} >= {"swap"}
    assert record["orders_plan"]["stays"] == 0.5**30
    assert record["decision"] == alone["decision"]
    assert list(record["timings_seconds"])[-1] == "orders"
    assert not {"orders", "orders_plan"} & set(alone)
    assert desk.sent == sent


def test_plan__orders_by_another_model__is_one_line(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.write(preferences={"model": {"name": "risk-parity"}})

    code = main(["plan", "--orders", "2", "--config", str(path)])

    why = "several orders are planned by mean and variance"
    assert capsys.readouterr() == ("", f"error: risk-parity: {why}\n")
    assert code == 1
