# SPDX-License-Identifier: MIT
"""Fields of a pool's JSON description, each checked as it is read.

Integers may be written as numbers or, where other readers lack digits, as text.
"""

import re
from collections.abc import Mapping
from typing import Any

from steelyard.amm.errors import PoolFileInvalid

DECIMAL = re.compile(r"-?[0-9]+")


def record_of(value: Any, where: str) -> Mapping[str, Any]:
    """`value` itself when it is a JSON object."""
    if not isinstance(value, dict):
        raise PoolFileInvalid(where, value, "a JSON object")
    return value


def list_of(value: Any, where: str, length: int | None = None) -> list[Any]:
    """`value` itself when it is a list, of `length` items if that is given."""
    if not isinstance(value, list):
        raise PoolFileInvalid(where, value, "a list")
    if length is not None and len(value) != length:
        raise PoolFileInvalid(where, value, f"{length} items")
    return value


def field_of(record: Mapping[str, Any], field: str, where: str) -> Any:
    """What stands at a field that must be there."""
    if field not in record:
        raise PoolFileInvalid(f"{where}{field}", None, "a value")
    return record[field]


def uint_of(value: Any, where: str, bits: int) -> int:
    """An integer from 0 that fits `bits`."""
    number = _integer(value, where)
    if not 0 <= number < 1 << bits:
        raise PoolFileInvalid(where, value, f"0 to 2^{bits} - 1")
    return number


def int_of(value: Any, where: str, bits: int) -> int:
    """A signed integer of `bits`."""
    number = _integer(value, where)
    if not -1 << bits - 1 <= number < 1 << bits - 1:
        raise PoolFileInvalid(where, value, f"a signed integer of {bits} bits")
    return number


def _integer(value: Any, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # Python refuses to read thousands of digits; nothing here has a hundred.
    if isinstance(value, str) and len(value) < 100 and DECIMAL.fullmatch(value):
        return int(value)
    raise PoolFileInvalid(where, value, "an integer")


def text_of(value: Any, where: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise PoolFileInvalid(where, value, "text")
    return value
