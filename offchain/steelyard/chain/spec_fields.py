# SPDX-License-Identifier: MIT
"""Fields of a JSON record, each checked as it is read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from eth_typing import ChecksumAddress
from eth_utils.address import is_address, to_checksum_address

from steelyard.errors import SteelyardError
from steelyard.wad import UINT256_MAX

Word = TypeVar("Word", bound=str)
ID_HEX = re.compile(r"0x[0-9a-fA-F]{64}")


class InvalidSpec(SteelyardError):
    """A description of a vault that cannot be one."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"spec field {field} is {value!r}, expected {expected}")
        self.field = field


def record_of(value: Any, field: str) -> Mapping[str, Any]:
    """`value` itself when it is a JSON object."""
    if not isinstance(value, dict):
        raise InvalidSpec(field, value, "a JSON object")
    return value


def records_of(record: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The JSON objects of a list; none when the field is missing."""
    return [record_of(item, field) for item in _list(record, field)]


def texts_of(record: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """The texts of a list; none when the field is missing."""
    items = _list(record, field)
    for item in items:
        if not isinstance(item, str):
            raise InvalidSpec(field, item, "text")
    return tuple(items)


def text_of(
    record: Mapping[str, Any],
    field: str,
    choices: Sequence[Word] = (),
    default: Word | None = None,
) -> Word:
    """A text that is not empty, one of `choices` when there are any."""
    value = record.get(field, default)
    if not isinstance(value, str) or not value:
        raise InvalidSpec(field, value, "text")
    if choices and value not in choices:
        raise InvalidSpec(field, value, "one of " + ", ".join(choices))
    return value  # type: ignore[return-value]


def address_of(record: Mapping[str, Any], field: str) -> ChecksumAddress:
    """A 20-byte address, checksummed."""
    value = record.get(field)
    if not isinstance(value, str) or not is_address(value):
        raise InvalidSpec(field, value, "an address of 0x and 40 hex digits")
    return to_checksum_address(value)


def market_of(record: Mapping[str, Any], field: str) -> str:
    """What names a market: an address, checksummed, or an id of 32 bytes."""
    value = record.get(field)
    if isinstance(value, str) and ID_HEX.fullmatch(value):
        return value.lower()
    if not isinstance(value, str) or not is_address(value):
        raise InvalidSpec(field, value, "an address, or 0x and 64 hex digits")
    return to_checksum_address(value)


def addresses_of(record: Mapping[str, Any], field: str) -> tuple[ChecksumAddress, ...]:
    """Addresses of a list, at least one, in ascending order as the vault wants them."""
    items = _list(record, field)
    if not items:
        raise InvalidSpec(field, items, "at least one address")
    found = [address_of({field: item}, field) for item in items]
    return tuple(sorted(found, key=lambda address: int(address, 16)))


def number_of(record: Mapping[str, Any], field: str, default: int | None = None) -> int:
    """An unsigned integer of at most 256 bits; `default` when the field is missing."""
    value = record.get(field, default)
    if value == "max":
        return UINT256_MAX
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidSpec(field, value, "an integer, its decimal text, or max")
    if not 0 <= value <= UINT256_MAX:
        raise InvalidSpec(field, value, "0 to 2^256 - 1")
    return value


def _list(record: Mapping[str, Any], field: str) -> list[Any]:
    value = record.get(field, [])
    if not isinstance(value, list):
        raise InvalidSpec(field, value, "a JSON list")
    return value
