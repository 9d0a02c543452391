# SPDX-License-Identifier: MIT
"""Every wrong setting is named with its value and what was expected."""

from dataclasses import replace
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import pytest

from steelyard.demo.keeping import write_settings
from steelyard.keeper.config import KeeperConfig, config_from, load_config
from steelyard.keeper.fields import ConfigInvalid
from steelyard.keeper.template import template
from steelyard.optimize.preferences import Band, Floor

VAULT, LENS = "0x" + "1a" * 20, "0x" + "2b" * 20
FOLDER = Path("/settings")
LEAST: dict[str, Any] = {"vault": VAULT, "lens": LENS, "chain_id": 31337}


def config(**changes: Any) -> KeeperConfig:
    return config_from(LEAST | changes, FOLDER)


def test_config_from__least__has_the_defaults() -> None:
    found = config()

    assert (found.vault, found.lens, found.chain_id) == (VAULT, LENS, 31337)
    assert found.journal == FOLDER / "steelyard.sqlite"
    assert found.signer is None
    assert found.history.source == "feeds"


def test_config_from__all_tables__are_read() -> None:
    found = config(
        signer={"keystore": "key.json", "password_env": "PASSWORD"},
        history={"source": "file", "file": "/data/prices.csv", "days": 90},
        signals={"fee_window_days": 3, "failure_probabilities": {"aave-v3": 0.5}},
        order={"window_seconds": 60},
        preferences={
            "range_widths": [0.1, 0.2],
            "floors": [{"kind": "token", "name": "WETH", "weight": 0.1}],
            "bands": [{"name": "delta", "of": {"token WETH": 1}, "highest": 0.1}],
        },
    )

    assert found.signer is not None
    assert found.signer.keystore == FOLDER / "key.json"
    assert found.history.file == Path("/data/prices.csv")
    assert found.signals.fee_window_days == 3.0
    assert found.signals.failure_probabilities == {"aave-v3": 0.5}
    assert found.preferences.range_widths == (0.1, 0.2)
    assert found.preferences.floors == (Floor(kind="token", name="WETH", weight=0.1),)
    delta = Band(name="delta", of={"token WETH": 1.0}, highest=0.1)
    assert found.preferences.bands == (delta,)


@pytest.mark.parametrize(
    ("changes", "field", "value", "expected"),
    [
        ({"vault": "0x12"}, "vault", "0x12", "40 hex digits"),
        ({"lens": 7}, "lens", 7, "text"),
        ({"chain_id": "1"}, "chain_id", "1", "a whole number"),
        ({"chain_id": 0}, "chain_id", 0, "more than 0"),
        ({"chain_id": True}, "chain_id", True, "a whole number"),
        ({"rpc": "x"}, "name", "rpc", "one of vault, lens"),
        ({"rpc_timeout_seconds": 0}, "rpc_timeout_seconds", 0.0, "more than 0"),
        (
            {"rpc_timeout_seconds": inf},
            "rpc_timeout_seconds",
            inf,
            "a finite number",
        ),
        (
            {"preferences": {"heal_above": inf}},
            "preferences.heal_above",
            inf,
            "a finite number",
        ),
        (
            {"history": {"max_gap_days": -inf}},
            "history.max_gap_days",
            -inf,
            "a finite number",
        ),
        (
            {"history": {"half_life_days": 10**400}},
            "history.half_life_days",
            10**400,
            "a finite number",
        ),
        ({"signer": {}}, "signer.keystore", None, "a path"),
        ({"signer": "key"}, "signer", "key", "a table"),
        ({"history": {"source": "csv"}}, "history.source", "csv", "'feeds', 'file'"),
        ({"history": {"source": "file"}}, "history.file", None, "a path"),
        ({"history": {"file": "p.csv"}}, "history.file", str(FOLDER / "p.csv"), "else"),
        ({"history": {"days": 10}}, "history.days", 10, "30, or more"),
        ({"history": {"min_days": 1}}, "history.min_days", 1, "2 or more"),
        ({"history": {"half_life_days": 0}}, "history.half_life_days", 0.0, "than 0"),
        ({"signals": {"fee_window_days": -1}}, "signals.fee_window_days", -1.0, "365"),
        ({"signals": {"native_price": 0}}, "signals.native_price", 0.0, "than 0"),
        (
            {"signals": {"failure_probabilities": {"aave": 2}}},
            "signals.failure_probabilities.aave",
            2.0,
            "0 to 1",
        ),
        ({"order": {"window_seconds": 0}}, "order.window_seconds", 0, "more than 0"),
        (
            {"order": {"output_tolerance_wad": 10**18}},
            "order.output_tolerance_wad",
            10**18,
            "less than 1e18",
        ),
        (
            {"preferences": {"risk_aversion": -1}},
            "preferences.risk_aversion",
            -1.0,
            "0 to",
        ),
        ({"preferences": {"range_widths": 1}}, "preferences.range_widths", 1, "a list"),
        (
            {"preferences": {"range_widths": ["a"]}},
            "preferences.range_widths[0]",
            "a",
            "a number",
        ),
        (
            {"preferences": {"floors": [{"kind": "x", "name": "y", "weight": 0.5}]}},
            "preferences.floors[0].kind",
            "x",
            "'token'",
        ),
    ],
)
def test_config_from__wrong_field__is_named(
    changes: dict[str, Any], field: str, value: object, expected: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config(**changes)

    assert caught.value.field == field
    assert caught.value.value == value
    assert expected in caught.value.expected
    assert "\n" not in str(caught.value)


def test_config_from__not_a_number__is_named() -> None:
    with pytest.raises(ConfigInvalid, match="confirm_timeout_seconds") as caught:
        config(order={"confirm_timeout_seconds": nan})

    assert isinstance(caught.value.value, float)
    assert isnan(caught.value.value)


@pytest.mark.parametrize("missing", LEAST)
def test_config_from__missing_field__is_named(missing: str) -> None:
    table = {name: value for name, value in LEAST.items() if name != missing}

    with pytest.raises(ConfigInvalid, match=f"config field {missing} is None"):
        config_from(table, FOLDER)


def test_load_config__template__is_complete(tmp_path: Path) -> None:
    path = tmp_path / "steelyard.toml"
    path.write_text(template(VAULT, LENS))

    found = load_config(path)

    assert found.vault == VAULT
    assert found.order == config().order
    assert found.preferences == config().preferences
    assert found.history == config().history


def test_template__values__are_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "steelyard.toml"
    text = template(
        VAULT,
        LENS,
        rpc_url='http://node:1/"quoted"',
        chain_id=7,
        journal="memory.sqlite",
        password='password_file = "secret"',
        days=44,
    )
    path.write_text(text)

    found = load_config(path)

    assert found.signer is not None
    assert (found.rpc_url, found.chain_id) == ('http://node:1/"quoted"', 7)
    assert found.journal == tmp_path / "memory.sqlite"
    assert found.signer.password_file == tmp_path / "secret"
    assert found.signer.password_env is None
    assert found.history.days == 44


def test_write_settings__demo_keeper__is_read_back(tmp_path: Path) -> None:
    demo = config(rpc_url="http://127.0.0.1:1234", history={"days": 60})
    demo = replace(demo, journal=tmp_path / "journal.sqlite")

    found = load_config(write_settings(demo))

    assert (found.rpc_url, found.chain_id) == (demo.rpc_url, demo.chain_id)
    assert (found.vault, found.lens) == (VAULT, LENS)
    assert found.journal == demo.journal
    assert found.history.days == 60
    assert found.signer is not None
    assert found.signer.password_file == tmp_path / "password"


def test_load_config__no_file__says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="steelyard init"):
        load_config(tmp_path / "none.toml")


def test_load_config__no_toml__says_where(tmp_path: Path) -> None:
    path = tmp_path / "steelyard.toml"
    path.write_text("vault = \n")

    with pytest.raises(ConfigInvalid, match="line 1"):
        load_config(path)


def test_endpoint__url_variable_or_neither() -> None:
    environ = {"NODE": "http://node:1", "STEELYARD_RPC_URL": "http://other:2"}

    assert config(rpc_url="http://here:3").endpoint(environ) == "http://here:3"
    assert config(rpc_url_env="NODE").endpoint(environ) == "http://node:1"
    assert config().endpoint(environ) == "http://other:2"
    with pytest.raises(ConfigInvalid, match="rpc_url"):
        config(rpc_url_env="NOWHERE").endpoint(environ)
