# SPDX-License-Identifier: MIT
"""Tables of a TOML file as frozen dataclasses; a wrong field is named."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from steelyard.errors import SteelyardError

Record = TypeVar("Record")

_NAMES = {
    Path: "a path",
    bool: "true or false",
    float: "a number",
    int: "a whole number",
    str: "text",
}


class ConfigInvalid(SteelyardError):
    """A setting that is missing, unknown, or not what it should be."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"config field {field} is {value!r}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


def record_from(kind: type[Record], table: Any, path: str, folder: Path) -> Record:
    """The dataclass `kind` from a table; paths are relative to `folder`.

    Raises ConfigInvalid, which names the field as `path.name`.
    """
    if not isinstance(table, Mapping):
        raise ConfigInvalid(path or "file", table, "a table")
    hints = get_type_hints(kind)
    known = {f.name: f for f in fields(kind) if f.init}  # type: ignore[arg-type]
    for name in table:
        if name not in known:
            expected = "one of " + ", ".join(known)
            raise ConfigInvalid(_join(path, "name"), name, expected)
    values = {}
    for name, entry in known.items():
        here = _join(path, name)
        if name in table:
            values[name] = _value(hints[name], table[name], here, folder)
        elif _is_required(entry):
            raise ConfigInvalid(here, None, _expected(hints[name]))
    return kind(**values)


def _value(hint: Any, value: Any, path: str, folder: Path) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(kind for kind in get_args(hint) if kind is not type(None))
        return _value(hint, value, path, folder)
    if is_dataclass(hint):
        return record_from(hint, value, path, folder)  # type: ignore[arg-type]
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ConfigInvalid(path, value, _expected(hint))
        return value
    if get_origin(hint) is tuple:
        return _list(get_args(hint)[0], value, path, folder)
    if get_origin(hint) is not None:  # Mapping[str, X]
        return _mapping(get_args(hint)[1], value, path, folder)
    return _scalar(hint, value, path, folder)


def _scalar(hint: Any, value: Any, path: str, folder: Path) -> Any:
    if hint is Path:
        if not isinstance(value, str) or not value:
            raise ConfigInvalid(path, value, "a path")
        return folder / Path(value).expanduser()
    if hint is float and type(value) in (int, float):
        return _finite(value, path)
    if type(value) is not hint:
        raise ConfigInvalid(path, value, _expected(hint))
    return value


def _finite(value: int | float, path: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise ConfigInvalid(path, value, "a finite number")
    return number


def _list(hint: Any, value: Any, path: str, folder: Path) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ConfigInvalid(path, value, "a list")
    return tuple(
        _value(hint, item, f"{path}[{i}]", folder) for i, item in enumerate(value)
    )


def _mapping(hint: Any, value: Any, path: str, folder: Path) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigInvalid(path, value, "a table")
    return {k: _value(hint, v, _join(path, k), folder) for k, v in value.items()}


def _is_required(entry: Field[Any]) -> bool:
    return entry.default is MISSING and entry.default_factory is MISSING


def _expected(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(repr, get_args(hint)))
    return _NAMES.get(hint, "a table" if is_dataclass(hint) else "a value")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
