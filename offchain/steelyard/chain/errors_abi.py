# SPDX-License-Identifier: MIT
"""Revert data read back as the custom error that wrote it."""

import json
from functools import lru_cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types

from steelyard.chain.artifacts import project_root

SELECTOR_BYTES = 4
SOLIDITY_ERRORS: tuple[dict[str, Any], ...] = (
    {
        "type": "error",
        "name": "Error",
        "inputs": [{"name": "reason", "type": "string"}],
    },
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)
# deployed as published, so not in the project's build
FOREIGN = ("@openzeppelin/contracts/build/contracts/AccessManager.json",)
NO_DATA = "NoReason"
UNKNOWN = "UnknownError"


def decode_revert(data: bytes) -> tuple[str, dict[str, Any]]:
    """Name and arguments of the error in `data`.

    Knows Error(string), Panic(uint256) and every error in the project's build.
    ("NoReason", {}) when empty, ("UnknownError", {"data": hex}) when not known.
    """
    if not data:
        return NO_DATA, {}
    error = error_table().get(data[:SELECTOR_BYTES])
    if error is None:
        return UNKNOWN, {"data": "0x" + data.hex()}
    try:
        values = decode(get_abi_input_types(error), data[SELECTOR_BYTES:])  # type: ignore[arg-type]
    except DecodingError:
        return UNKNOWN, {"data": "0x" + data.hex()}
    names = [
        field.get("name") or f"argument{index}"
        for index, field in enumerate(error["inputs"])
    ]
    return error["name"], dict(zip(names, map(_readable, values), strict=True))


def error_table() -> dict[bytes, dict[str, Any]]:
    """Selector -> error ABI: of Solidity itself, all contracts built here, FOREIGN."""
    folder = project_root() / "build"
    files = sorted(
        [*folder.glob("contracts/*.json"), *folder.glob("interfaces/*.json")]
    )
    foreign = [project_root() / "node_modules" / path for path in FOREIGN]
    files += [path for path in foreign if path.is_file()]
    return _table(tuple((str(file), file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=1)
def _table(files: tuple[tuple[str, int], ...]) -> dict[bytes, dict[str, Any]]:
    errors = list(SOLIDITY_ERRORS)
    for path, _modified_ns in files:
        with open(path, encoding="utf-8") as stream:
            abi = json.load(stream).get("abi") or []
        errors += [entry for entry in abi if entry.get("type") == "error"]
    table: dict[bytes, dict[str, Any]] = {}
    for error in errors:
        table.setdefault(function_abi_to_4byte_selector(error), error)  # type: ignore[arg-type]
    return table


def _readable(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value
