# SPDX-License-Identifier: MIT
"""The description of a vault: its JSON form, and what it refuses by name."""

import json
from copy import deepcopy
from typing import Any

import pytest

from steelyard.chain.artifacts import project_root
from steelyard.chain.config_args import market_hex, market_id
from steelyard.chain.spec import (
    NO_CAP,
    FeedSpec,
    PoolSpec,
    PositionSpec,
    TagSpec,
    TokenSpec,
    VaultSpec,
    load_spec,
    spec_from_json,
    spec_to_json,
)
from steelyard.chain.spec_fields import InvalidSpec
from steelyard.state import Cap
from steelyard.wad import WAD


def address(digit: str) -> Any:
    return "0x" + digit * 40


SPEC = VaultSpec(
    name="Vault",
    symbol="V",
    strategist=address("1"),
    idle_wad=WAD // 20,
    tokens=(
        TokenSpec(symbol="USDC", address=address("2"), feed=None),
        TokenSpec(
            symbol="ETH",
            address=address("3"),
            feed=FeedSpec(address=address("4"), heartbeat_seconds=3600),
            cap=Cap(assets=10**30, wad=WAD // 2),
            tags=("volatile",),
        ),
    ),
    positions=(PositionSpec(protocol="uniswap-v3", market=address("5")),),
    pools=(PoolSpec(protocol="uniswap-v2", pool=address("6")),),
    tags=(TagSpec(name="volatile"),),
)


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """SPEC in JSON with one field set."""
    document = deepcopy(spec_to_json(SPEC))
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


def test_spec_from_json__of_spec_to_json__same_spec():
    text = json.dumps(spec_to_json(SPEC))

    assert spec_from_json(json.loads(text)) == SPEC


def test_spec_from_json__least_of_fields__defaults():
    found = spec_from_json(
        {
            "name": "Vault",
            "symbol": "V",
            "strategist": address("1"),
            "tokens": [{"symbol": "USDC", "address": address("2")}],
        }
    )

    assert found.asset.cap == NO_CAP
    assert found.signer_kind == "ecdsa"
    assert found.max_window_seconds == 600
    assert found.positions == found.pools == found.tags == ()


def test_spec_from_json__numbers__integers_text_or_max():
    for given, expected in ((5, 5), ("5", 5), ("max", 2**256 - 1), (10**40, 10**40)):
        found = spec_from_json(changed(("max_window_seconds",), given))

        assert found.max_window_seconds == expected


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("name",), "", "name"),
        (("strategist",), "0x12", "strategist"),
        (("strategist",), None, "strategist"),
        (("signer_kind",), "guess", "signer_kind"),
        (("idle_wad",), "1.5", "idle_wad"),
        (("idle_wad",), -1, "idle_wad"),
        (("idle_wad",), True, "idle_wad"),
        (("idle_wad",), 2**256, "idle_wad"),
        (("tokens",), [], "tokens"),
        (("tokens",), {}, "tokens"),
        (("tokens",), [5], "tokens"),
        (("tokens", 1, "feed"), None, "tokens.ETH.feed"),
        (("tokens", 1, "feed"), 5, "feed"),
        (("tokens", 1, "feed", "heartbeat_seconds"), None, "heartbeat_seconds"),
        (("tokens", 1, "tags"), ["unknown"], "tags"),
        (("tokens", 1, "tags"), [5], "tags"),
        (("tokens", 1, "cap"), 5, "cap"),
        (("tokens", 1, "cap", "wad"), "half", "wad"),
        (("positions", 0, "protocol"), "uniswap-v9", "protocol"),
        (("positions", 0, "market"), "ETH", "market"),
        (("pools", 0, "protocol"), "aave-v3", "protocol"),
        (("tags",), [{"name": "volatile"}] * 2, "tags.name"),
        (("tags", 0, "name"), "x" * 33, "tags.name"),
    ],
)
def test_spec_from_json__bad_value__named(path, value, field):
    with pytest.raises(InvalidSpec) as caught:
        spec_from_json(changed(path, value))

    assert caught.value.field == field
    assert f"spec field {field} is " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_load_spec__file__read_or_one_clear_line(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(spec_to_json(SPEC)))
    bad.write_text("{")

    assert load_spec(good) == SPEC
    for path in (bad, tmp_path / "missing.json"):
        with pytest.raises(InvalidSpec, match="readable JSON"):
            load_spec(path)


def test_market_id__address__padded_on_the_left():
    assert market_id(address("a")) == b"\0" * 12 + b"\xaa" * 20
    assert market_hex(address("a")) == "0x" + "00" * 12 + "aa" * 20


def test_spec_from_json__example_of_the_readme__is_one() -> None:
    readme = (project_root() / "README.md").read_text(encoding="utf-8")
    example = readme.split("```json\n")[1].split("```")[0]

    spec = spec_from_json(json.loads(example.replace("0x...", address("3"))))

    assert spec.idle_wad == WAD // 20
    assert spec.tokens[1].cap.wad == WAD * 30 // 100
    assert spec.positions[0].tags == ("uniswap-v3",)
