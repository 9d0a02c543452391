# SPDX-License-Identifier: MIT
"""An order read back from JSON, field by field."""

from collections.abc import Mapping
from typing import Any

from steelyard.errors import SteelyardError
from steelyard.order import (
    ENCODED,
    RECORDS,
    UINT_MAX,
    Rebalance,
    Record,
    members_of,
    snake,
)


class OrderFieldInvalid(SteelyardError):
    """A field of an order that is missing or not of its type."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"order field {field} is {value!r}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


def order_from_json(data: Mapping[str, Any]) -> Rebalance:
    """The order that `to_json` wrote; raises `OrderFieldInvalid`."""
    order = _record_from_json("Rebalance", data, "order")
    assert isinstance(order, Rebalance)
    return order


def _record_from_json(record: str, data: Mapping[str, Any], path: str) -> Record:
    fields: dict[str, Any] = {}
    for type_, name in members_of(ENCODED[record]):
        here = f"{path}.{name}"
        if name not in data:
            raise OrderFieldInvalid(here, None, type_)
        fields[snake(name)] = _parsed(type_, data[name], here)
    return RECORDS[record](**fields)


def _parsed(type_: str, value: Any, path: str) -> Any:
    element = type_.removesuffix("[]")
    if type_.endswith("[]"):
        if not isinstance(value, list):
            raise OrderFieldInvalid(path, value, "a list")
        return tuple(_parsed(element, v, f"{path}[{i}]") for i, v in enumerate(value))
    if element in RECORDS:
        if not isinstance(value, Mapping):
            raise OrderFieldInvalid(path, value, f"a {element}")
        return _record_from_json(element, value, path)
    return _parsed_word(element, value, path)


def _parsed_word(type_: str, value: Any, path: str) -> Any:
    if type_ == "uint256":
        if isinstance(value, str) and _is_digits(value) and int(value) <= UINT_MAX:
            return int(value)
        raise OrderFieldInvalid(path, value, "decimal text of a uint256")
    if type_ == "int24":
        if type(value) is int and -(2**23) <= value < 2**23:
            return value
        raise OrderFieldInvalid(path, value, "an int24")
    digits = 40 if type_ == "address" else 64
    if isinstance(value, str) and _is_hex(value, digits):
        return value
    raise OrderFieldInvalid(path, value, f"0x and {digits} hex digits")


def _is_hex(text: str, digits: int) -> bool:
    if len(text) != digits + 2 or not text.startswith("0x"):
        return False
    return all(c in "0123456789abcdefABCDEF" for c in text[2:])


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
