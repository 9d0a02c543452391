# SPDX-License-Identifier: MIT
"""Markets by address or by id, and the contracts that know the ids."""

from typing import Any

import pytest

from steelyard.chain.config_args import market_hex, market_id
from steelyard.chain.deploy import ADAPTERS, VENUES
from steelyard.chain.readers import READERS
from steelyard.chain.spec import PROTOCOLS, VENUE_PROTOCOLS
from steelyard.chain.spec_fields import InvalidSpec
from steelyard.chain.spec_json import spec_from_json, spec_to_json

ADDRESS = "0x" + "5" * 40
ID = "0x" + "a1" * 32
MORPHO = "0x" + "7" * 40


def document(**changes: Any) -> dict[str, Any]:
    """A vault with one position on Morpho Blue and one pool of Balancer."""
    return {
        "name": "Vault",
        "symbol": "V",
        "signers": ["0x" + "1" * 40],
        "tokens": [{"symbol": "USDC", "address": "0x" + "2" * 40}],
        "positions": [{"protocol": "morpho-blue", "market": ID}],
        "pools": [{"protocol": "balancer-v2", "pool": ID}],
        "hubs": [{"protocol": "morpho-blue", "address": MORPHO}],
    } | changes


def test_spec__ids_and_hubs__read_and_written_alike():
    spec = spec_from_json(document())

    assert spec.positions[0].market == spec.pools[0].pool == ID
    assert spec.hubs[0].address == MORPHO
    assert spec_from_json(spec_to_json(spec)) == spec


def test_spec__id_in_capitals__is_the_same_market():
    positions = [{"protocol": "morpho-blue", "market": ID.upper().replace("X", "x")}]

    assert spec_from_json(document(positions=positions)).positions[0].market == ID


@pytest.mark.parametrize("value", ["0x12", ID + "00", ID[:-1] + "g", "", None, 5])
def test_spec__neither_address_nor_id__names_the_field(value):
    wrong = [{"protocol": "curve", "pool": value}]

    with pytest.raises(InvalidSpec, match="64 hex digits") as caught:
        spec_from_json(document(pools=wrong))

    assert caught.value.field == "pool"


@pytest.mark.parametrize("count", [0, 2])
def test_spec__not_one_hub_for_a_protocol_of_ids__refused(count):
    hubs = [{"protocol": "morpho-blue", "address": MORPHO}] * count

    with pytest.raises(InvalidSpec, match="one of morpho-blue") as caught:
        spec_from_json(document(hubs=hubs))

    assert caught.value.field == "hubs"


def test_market_id__address_or_id__thirty_two_bytes():
    assert market_hex(ADDRESS) == "0x" + "0" * 24 + "5" * 40
    assert market_hex(ID) == ID
    assert market_id(ID) == bytes.fromhex("a1" * 32)


def test_protocols__each__has_its_contract_and_its_reader():
    assert set(ADAPTERS) | set(VENUES) == set(PROTOCOLS)
    assert set(VENUES) == set(VENUE_PROTOCOLS)
    assert set(READERS) == set(PROTOCOLS)
