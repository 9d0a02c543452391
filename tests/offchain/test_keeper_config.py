# SPDX-License-Identifier: MIT
"""Every wrong setting is named with its value and what was expected."""

import re
import tomllib
from dataclasses import replace
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import pytest

from steelyard.chain.artifacts import project_root
from steelyard.demo.keeping import write_settings
from steelyard.keeper.config import KeeperConfig, config_from, load_config
from steelyard.keeper.fields import ConfigInvalid
from steelyard.keeper.template import template
from steelyard.optimize.model_choice import ModelChoice, UnwindingChoice
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


@pytest.mark.parametrize(
    ("model", "field", "value", "expected"),
    [
        ({}, "aversion", None, "a number with the goal utility"),
        ({"goal": "risk-at-most"}, "most_risk", None, "with the goal risk-at-most"),
        ({"goal": "return-at-least"}, "expected_return", None, "a share of NAV"),
        (
            {"measure": "wasserstein-cvar", "aversion": 1},
            "radius",
            None,
            "0 or more with",
        ),
        ({"name": "markowitz"}, "name", "markowitz", "'risk-parity'"),
        ({"measure": "var"}, "measure", "var", "'entropic-var'"),
        ({"goal": "sharpe"}, "goal", "sharpe", "'largest-ratio'"),
        ({"levl": 0.9}, "name", "levl", "one of name, measure"),
        ({"aversion": -1}, "aversion", -1.0, "0 to 1e6"),
        ({"aversion": inf}, "aversion", inf, "a finite number"),
        ({"aversion": "4"}, "aversion", "4", "a number"),
        ({"aversion": 1, "level": 95}, "level", 95.0, "under 1"),
        ({"aversion": 1, "level": -0.1}, "level", -0.1, "0 or more"),
        (
            {"aversion": 1, "level": 0.9995},
            "level",
            0.9995,
            "0.999 at most with 1000 scenarios",
        ),
        ({"goal": "risk-at-most", "most_risk": 5}, "most_risk", 5.0, "-1 to 1"),
        (
            {"measure": "variance", "goal": "risk-at-most", "most_risk": -0.1},
            "most_risk",
            -0.1,
            "0 or more",
        ),
        ({"aversion": 1, "scenarios": 999}, "scenarios", 999, "even, 4 to 20000"),
        ({"aversion": 1, "scenarios": 0}, "scenarios", 0, "even, 4 to 20000"),
        ({"aversion": 1, "scenarios": 20_002}, "scenarios", 20_002, "to 20000"),
        ({"aversion": 1, "scenarios": 1e3}, "scenarios", 1e3, "a whole number"),
        ({"aversion": 1, "seed": -1}, "seed", -1, "0 or more"),
        (
            {"goal": "least-risk", "measure": "wasserstein-cvar", "radius": -1},
            "radius",
            -1.0,
            "0 or more",
        ),
        ({"name": "kelly", "drawdown": 1}, "drawdown", 1.0, "under 1"),
        (
            {"name": "kelly", "drawdown": 0.2, "probability": 0},
            "probability",
            0.0,
            "more than 0",
        ),
        (
            {"name": "risk-parity", "measure": "worst-case"},
            "measure",
            "worst-case",
            "'variance' or 'cvar' with risk-parity",
        ),
        ({"unwinding": 1, "aversion": 1}, "unwinding", 1, "a table"),
        (
            {"aversion": 1, "unwinding": {"depth": 2}},
            "unwinding.depth",
            2.0,
            "above 0, up to 1",
        ),
        (
            {"aversion": 1, "unwinding": {"limit": -1}},
            "unwinding.limit",
            -1.0,
            "0 or more",
        ),
    ],
)
def test_config_from__wrong_field_of_a_model__is_named(
    model: dict[str, Any], field: str, value: object, expected: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config(preferences={"model": model})

    assert caught.value.field == f"preferences.model.{field}"
    assert caught.value.value == value
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("model", "field", "who"),
    [
        ({"goal": "least-risk", "aversion": 1}, "aversion", "the goal least-risk"),
        (
            {"aversion": 1, "most_risk": 0.1},
            "most_risk",
            "the goal utility",
        ),
        ({"aversion": 1, "risk_free": 0}, "risk_free", "the goal utility"),
        (
            {"measure": "variance", "aversion": 1, "level": 0.95},
            "level",
            "the measure variance",
        ),
        (
            {"measure": "variance", "aversion": 1, "scenarios": 100},
            "scenarios",
            "the measure variance",
        ),
        (
            {"measure": "worst-case", "aversion": 1, "level": 0.9},
            "level",
            "the measure worst-case",
        ),
        ({"aversion": 1, "radius": 0.1}, "radius", "the measure cvar"),
        ({"aversion": 1, "drawdown": 0.1}, "drawdown", "mean-risk"),
        ({"name": "risk-parity", "seed": 2}, "seed", "the measure variance"),
        ({"name": "risk-parity", "goal": "utility"}, "goal", "risk-parity"),
        ({"name": "kelly", "measure": "cvar"}, "measure", "kelly"),
        (
            {"name": "kelly", "probability": 0.1},
            "probability",
            "kelly without a drawdown",
        ),
        (
            {"name": "hierarchical-risk-parity", "unwinding": {}},
            "unwinding",
            "hierarchical-risk-parity",
        ),
        (
            {"name": "maximum-diversification", "level": 0.9},
            "level",
            "maximum-diversification",
        ),
    ],
)
def test_config_from__field_that_the_model_ignores__is_refused(
    model: dict[str, Any], field: str, who: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config(preferences={"model": model})

    assert caught.value.field == f"preferences.model.{field}"
    assert caught.value.expected == f"nothing: {who} has no use for it"


def test_config_from__model__is_read() -> None:
    found = config(
        preferences={
            "model": {
                "measure": "cvar",
                "level": 0.9,
                "goal": "risk-at-most",
                "most_risk": 0.05,
                "unwinding": {"slices": 4, "limit": 0.01},
            }
        }
    )

    assert found.preferences.model == ModelChoice(
        measure="cvar",
        level=0.9,
        goal="risk-at-most",
        most_risk=0.05,
        unwinding=UnwindingChoice(slices=4.0, limit=0.01),
    )
    assert config().preferences.model is None


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


def test_template__model__is_what_its_comments_show(tmp_path: Path) -> None:
    path = tmp_path / "steelyard.toml"
    lines = template(VAULT, LENS).splitlines()
    first = lines.index(next(line for line in lines if "[preferences.model]" in line))
    last = lines.index(
        "# [[preferences.floors]]            # least exposure to a token,"
        " position or tag"
    )
    shown = [line.removeprefix("# ") for line in lines[first:last]]
    path.write_text("\n".join([*lines[:first], *shown, *lines[last:]]))

    found = load_config(path).preferences.model

    assert found == ModelChoice(
        name="mean-risk",
        measure="cvar",
        level=0.95,
        goal="risk-at-most",
        most_risk=0.05,
        scenarios=1_000,
        unwinding=UnwindingChoice(slices=4.0, limit=0.01),
    )


def test_readme__model__can_be_loaded() -> None:
    text = (project_root() / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)

    found = config(**tomllib.loads(shown)).preferences.model

    assert found is not None
    assert (found.goal, found.most_risk, found.level) == ("risk-at-most", 0.05, 0.95)
    assert found.unwinding is not None
    assert found.unwinding.limit == 0.01


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
