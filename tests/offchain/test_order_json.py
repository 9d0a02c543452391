# SPDX-License-Identifier: MIT
"""Orders to JSON and back."""

import json

import pytest
from order_cases import ORDER

from steelyard.order import UINT_MAX
from steelyard.order_json import OrderFieldInvalid, order_from_json


def test_order_from_json__round_trip__is_the_same_order():
    text = json.dumps(ORDER.to_json())

    assert order_from_json(json.loads(text)) == ORDER


def test_to_json__uint256__is_decimal_text():
    data = ORDER.to_json()

    assert data["withdraws"][0]["units"] == str(UINT_MAX)
    assert data["withdraws"][0]["tickLower"] == -60


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("nonce", 7, "order.nonce is 7, expected decimal text of a uint256"),
        ("nonce", "-1", "order.nonce is '-1', expected decimal text"),
        ("nonce", str(2**256), "expected decimal text of a uint256"),
        ("relayer", "0x11", "order.relayer is '0x11', expected 0x and 40 hex digits"),
        ("configHash", "0x" + "g" * 64, "expected 0x and 64 hex digits"),
        ("targets", {}, "order.targets is {}, expected a list"),
        ("swaps", [3], r"order.swaps\[0\] is 3, expected a Swap"),
    ],
)
def test_order_from_json__bad_field__names_it(field, value, expected):
    data = ORDER.to_json() | {field: value}

    with pytest.raises(OrderFieldInvalid, match=expected):
        order_from_json(data)


def test_order_from_json__tick_beyond_int24__names_it():
    data = ORDER.to_json()
    data["withdraws"][0]["tickLower"] = 2**23

    with pytest.raises(OrderFieldInvalid, match=r"withdraws\[0\].tickLower"):
        order_from_json(data)


def test_order_from_json__field_missing__names_it():
    data = ORDER.to_json()
    del data["deadline"]

    with pytest.raises(OrderFieldInvalid, match=r"order\.deadline is None"):
        order_from_json(data)
