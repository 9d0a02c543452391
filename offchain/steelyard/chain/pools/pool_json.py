# SPDX-License-Identifier: MIT
"""Readings of pools as JSON and back, each field checked; integers as decimal text."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.errors import PoolError
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.weighted import WeightedPool
from steelyard.chain.pools.reading import CURVE, STABLE, WEIGHTED, PoolReading
from steelyard.errors import SteelyardError
from steelyard.wad import UINT256_MAX, ArithmeticRevert

MODELS: dict[str, type[WeightedPool | BalancerStable | StableSwap]] = {
    WEIGHTED: WeightedPool,
    STABLE: BalancerStable,
    CURVE: StableSwap,
}
TEXTS = ("protocol", "market")
NUMBERS = ("chain_id", "block_number", "timestamp")
ADDRESS_DIGITS = 42


class PoolFileInvalid(SteelyardError):
    """A file of pools with a field that is missing or cannot be."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"pool field {field} is {value!r}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


def save_pools(path: Path, readings: tuple[PoolReading, ...]) -> None:
    records = [to_json(reading) for reading in readings]
    path.write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")


def load_pools(path: Path) -> tuple[PoolReading, ...]:
    """Raises `PoolFileInvalid`."""
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PoolFileInvalid(str(path), str(error), "a JSON file") from None
    if not isinstance(records, list):
        raise PoolFileInvalid(str(path), type(records).__name__, "a list of pools")
    return tuple(from_json(record, f"[{i}]") for i, record in enumerate(records))


def to_json(reading: PoolReading) -> dict[str, Any]:
    texts = {name: getattr(reading, name) for name in TEXTS}
    numbers = {name: str(getattr(reading, name)) for name in NUMBERS}
    record = {**texts, **numbers, "tokens": list(reading.tokens)}
    record["pool"] = _pool_to_json(reading.pool)
    if reading.valued != reading.pool:
        record["valued"] = _pool_to_json(reading.valued)
    return record


def from_json(record: Any, path: str = "pool") -> PoolReading:
    """The reading that `to_json` wrote. Raises `PoolFileInvalid`."""
    if not isinstance(record, Mapping):
        raise PoolFileInvalid(path, record, "a JSON object")
    protocol = _text(record, "protocol", path)
    if protocol not in MODELS:
        expected = "one of " + ", ".join(sorted(MODELS))
        raise PoolFileInvalid(f"{path}.protocol", protocol, expected)
    model = MODELS[protocol]
    pool = _pool_from_json(model, record.get("pool"), f"{path}.pool")
    valued = pool
    if "valued" in record:
        valued = _pool_from_json(model, record["valued"], f"{path}.valued")
    return PoolReading(
        protocol=protocol,
        market=_text(record, "market", path),
        chain_id=_number(record.get("chain_id"), f"{path}.chain_id"),
        block_number=_number(record.get("block_number"), f"{path}.block_number"),
        timestamp=_number(record.get("timestamp"), f"{path}.timestamp"),
        tokens=_tokens(record, len(pool.balances), path),
        pool=pool,
        valued=valued,
    )


def _pool_to_json(pool: WeightedPool | BalancerStable | StableSwap) -> dict[str, Any]:
    values = {field.name: getattr(pool, field.name) for field in fields(pool)}
    return {name: _value_to_json(value) for name, value in values.items()}


def _value_to_json(value: tuple[int, ...] | int) -> list[str] | str | bool:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return value if isinstance(value, bool) else str(value)


def _pool_from_json(
    model: type[WeightedPool | BalancerStable | StableSwap], record: Any, path: str
) -> WeightedPool | BalancerStable | StableSwap:
    if not isinstance(record, Mapping):
        raise PoolFileInvalid(path, record, f"the fields of a {model.__name__}")
    values: dict[str, Any] = {}
    for field in fields(model):
        here, value = f"{path}.{field.name}", record.get(field.name)
        if field.type == tuple[int, ...]:
            if not isinstance(value, list):
                raise PoolFileInvalid(here, value, "a list")
            items = enumerate(value)
            values[field.name] = tuple(_number(v, f"{here}[{i}]") for i, v in items)
        elif field.type is bool:
            if not isinstance(value, bool):
                raise PoolFileInvalid(here, value, "true or false")
            values[field.name] = value
        else:
            values[field.name] = _number(value, here)
    try:
        return model(**values)
    except (PoolError, ArithmeticRevert) as error:
        raise PoolFileInvalid(path, str(error), "a pool that can be") from None


def _tokens(record: Mapping[str, Any], count: int, path: str) -> tuple[str, ...]:
    tokens = record.get("tokens")
    if not isinstance(tokens, list) or len(tokens) != count:
        raise PoolFileInvalid(f"{path}.tokens", tokens, f"a list of {count} addresses")
    for i, token in enumerate(tokens):
        is_text = isinstance(token, str) and token.startswith("0x")
        if not is_text or len(token) != ADDRESS_DIGITS:
            raise PoolFileInvalid(f"{path}.tokens[{i}]", token, "an address")
    return tuple(tokens)


def _text(record: Mapping[str, Any], name: str, path: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise PoolFileInvalid(f"{path}.{name}", value, "text")
    return value


def _number(value: Any, path: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        number = int(value)
        if number <= UINT256_MAX:
            return number
    raise PoolFileInvalid(path, value, "decimal text of a uint256")
