# SPDX-License-Identifier: MIT
"""The description of a vault: its JSON form, and what it refuses by name."""

import json
from copy import deepcopy
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from steelyard.chain.artifacts import project_root
from steelyard.chain.config_args import market_hex, market_id
from steelyard.chain.spec import (
    NO_CAP,
    BudgetSpec,
    FeedSpec,
    FeesSpec,
    LimitsSpec,
    PoolSpec,
    PositionSpec,
    RolesSpec,
    SequencerSpec,
    TagSpec,
    TokenSpec,
    TwapSpec,
    VaultSpec,
)
from steelyard.chain.spec_fields import InvalidSpec
from steelyard.chain.spec_json import load_spec, spec_from_json, spec_to_json
from steelyard.state import Cap
from steelyard.wad import WAD


def address(digit: str) -> Any:
    return to_checksum_address("0x" + digit * 40)


SPEC = VaultSpec(
    name="Vault",
    symbol="V",
    signers=(address("1"), address("b")),
    threshold=2,
    limits=LimitsSpec(
        idle_wad=WAD // 20,
        cooldown_seconds=3600,
        loss=BudgetSpec(wad=WAD // 50, refill_wad_per_day=WAD // 200),
    ),
    fees=FeesSpec(recipient=address("c"), performance_wad=WAD // 10),
    roles=RolesSpec(owner=address("7"), curator=address("8"), guardian=address("9")),
    sequencer=SequencerSpec(address=address("d")),
    tokens=(
        TokenSpec(symbol="USDC", address=address("2"), feed=None),
        TokenSpec(
            symbol="ETH",
            address=address("3"),
            feed=FeedSpec(
                address=address("4"),
                heartbeat_seconds=3600,
                growth_wad_per_second=10**9,
            ),
            twap=TwapSpec(pool=address("e")),
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
            "signers": [address("1")],
            "tokens": [{"symbol": "USDC", "address": address("2")}],
        }
    )

    assert found.asset.cap == NO_CAP
    assert found.signer_kind == "ecdsa"
    assert found.threshold == 1
    assert found.limits == LimitsSpec()
    assert found.fees is found.roles is found.sequencer is None
    assert found.positions == found.pools == found.tags == ()


def test_spec_from_json__numbers__integers_text_or_max():
    for given, expected in ((5, 5), ("5", 5), ("max", 2**256 - 1), (10**40, 10**40)):
        found = spec_from_json(changed(("limits", "max_window_seconds"), given))

        assert found.limits.max_window_seconds == expected


def test_spec_from_json__one_limit__leaves_the_others_at_their_defaults():
    document = changed(("limits",), {"loss": {"wad": "5"}, "cooldown_seconds": 60})

    found = spec_from_json(document)

    default = LimitsSpec()
    assert found.limits.cooldown_seconds == 60
    assert found.limits.loss.wad == 5
    assert found.limits.loss.refill_wad_per_day == default.loss.refill_wad_per_day
    assert found.limits.hold == default.hold


def test_spec_from_json__signers__in_the_order_that_the_vault_wants():
    found = spec_from_json(changed(("signers",), [address("b"), address("1")]))

    assert found.signers == (address("1"), address("b"))


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("name",), "", "name"),
        (("signers",), ["0x12"], "signers"),
        (("signers",), [], "signers"),
        (("signers",), None, "signers"),
        (("threshold",), 3, "threshold"),
        (("threshold",), 0, "threshold"),
        (("signer_kind",), "guess", "signer_kind"),
        (("limits", "idle_wad"), "1.5", "idle_wad"),
        (("limits", "idle_wad"), -1, "idle_wad"),
        (("limits", "idle_wad"), True, "idle_wad"),
        (("limits", "idle_wad"), 2**256, "idle_wad"),
        (("limits",), 5, "limits"),
        (("limits", "loss"), 5, "loss"),
        (("limits", "loss", "wad"), "half", "wad"),
        (("roles", "guardian"), None, "guardian"),
        (("fees", "recipient"), "treasury", "recipient"),
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
    assert market_id(address("a").lower()) == b"\0" * 12 + b"\xaa" * 20
    assert market_hex(address("a").lower()) == "0x" + "00" * 12 + "aa" * 20


def test_spec_from_json__example_of_the_readme__is_one() -> None:
    readme = (project_root() / "README.md").read_text(encoding="utf-8")
    example = readme.split("```json\n")[1].split("```")[0]

    spec = spec_from_json(json.loads(example.replace("0x...", address("3"))))

    assert spec.limits.idle_wad == WAD // 20
    assert spec.tokens[1].cap.wad == WAD * 30 // 100
    assert spec.positions[0].tags == ("uniswap-v3",)
