# SPDX-License-Identifier: MIT
"""Tokens and pools as a JSON file, every field checked, none unknown.

    {"tokens": [{"symbol": "USDC", "decimals": 6}, ...],
     "pools": [{"name": "USDC/WETH", "curve": "constant-product",
                "tokens": ["USDC", "WETH"], "gas": 120000,
                "reserve0": "1000000000000", "reserve1": "500000000000000000000"}]}

The other fields of a pool are those of its model in `steelyard.amm`; integers may be
numbers or text, ticks are pairs.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.concentrated import Concentrated, checked_pool
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.errors import PoolError, PoolFileInvalid
from steelyard.amm.json_fields import field_of, int_of, list_of, record_of, text_of
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.uniswap_v4 import ConcentratedV4, checked_pool_v4
from steelyard.amm.weighted import WeightedPool
from steelyard.route.markets import Market, PoolState
from steelyard.wad import ArithmeticRevert

CURVES: dict[str, type[PoolState]] = {
    "constant-product": ConstantProduct,
    "concentrated": Concentrated,
    "concentrated-v4": ConcentratedV4,
    "weighted": WeightedPool,
    "curve": StableSwap,
    "balancer-stable": BalancerStable,
}
NAMES = {model: name for name, model in CURVES.items()}
MOST_DECIMALS = 36
GAS = {"concentrated": 130_000, "constant-product": 100_000}
OTHER_GAS = 200_000
BITS = 257  # a uint256, or less than nothing: the model says what it may be
COMMON = {"name", "curve", "tokens", "gas"}  # of all pools


@dataclass(frozen=True, kw_only=True)
class Coin:
    """A token as people name it."""

    symbol: str
    decimals: int


@dataclass(frozen=True, kw_only=True)
class MarketFile:
    """Tokens, and markets whose tokens are places among them."""

    coins: tuple[Coin, ...]
    markets: tuple[Market, ...]


def load_markets(path: Path) -> MarketFile:
    """Raises `PoolFileInvalid`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PoolFileInvalid(str(path), str(error), "a JSON file") from None
    file = record_of(document, "file")
    listed = list_of(field_of(file, "tokens", ""), "tokens")
    coins = tuple(_coin(item, f"tokens[{i}]") for i, item in enumerate(listed))
    symbols = [coin.symbol for coin in coins]
    if len(set(symbols)) != len(symbols):
        raise PoolFileInvalid("tokens", symbols, "each symbol once")
    pools = list_of(field_of(file, "pools", ""), "pools")
    markets = (_market(item, symbols, f"pools[{i}]") for i, item in enumerate(pools))
    return MarketFile(coins=coins, markets=tuple(markets))


def save_markets(path: Path, file: MarketFile) -> None:
    """A line a token and a pool. Raises `PoolFileInvalid`."""
    symbols = [coin.symbol for coin in file.coins]
    coins = [{"symbol": coin.symbol, "decimals": coin.decimals} for coin in file.coins]
    pools = [market_to_json(market, symbols) for market in file.markets]
    text = ",\n  ".join(json.dumps(coin) for coin in coins)
    body = ",\n  ".join(json.dumps(pool) for pool in pools)
    try:
        path.write_text(
            f'{{"tokens": [\n  {text}\n ],\n "pools": [\n  {body}\n ]}}\n',
            encoding="utf-8",
        )
    except OSError as error:
        raise PoolFileInvalid(str(path), str(error), "a file to write") from None


def market_to_json(market: Market, symbols: list[str]) -> dict[str, Any]:
    """What `load_markets` reads as this market."""
    return {
        "name": market.name,
        "curve": NAMES[type(market.state)],
        "tokens": [symbols[token] for token in market.tokens],
        "gas": market.gas,
        **state_to_json(market.state),
    }


def state_to_json(state: PoolState) -> dict[str, Any]:
    """The fields of a pool's model; integers as text, which loses no digit."""
    return {
        field.name: _plain(getattr(state, field.name))
        for field in fields(state)
        if field.default is MISSING or getattr(state, field.name) != field.default
    }


def state_from_json(curve: str, record: Mapping[str, Any], where: str) -> PoolState:
    """The model of a curve from its fields. Raises `PoolFileInvalid`."""
    model = CURVES[curve]
    known = {field.name: field for field in fields(model)}
    for name in record:
        if name not in known:
            expected = f"one of {', '.join(sorted(known))}"
            raise PoolFileInvalid(f"field of {where}", name, expected)
    values: dict[str, Any] = {}
    for name, field in known.items():
        here = f"{where}.{name}"
        if name in record:
            values[name] = _value(field.type, record[name], here)
        elif field.default is MISSING:
            raise PoolFileInvalid(here, None, "a value")
    try:
        return _checked(model(**values))
    except (PoolError, ArithmeticRevert) as error:
        raise PoolFileInvalid(where, str(error), "a pool that can be") from None


def _checked(state: PoolState) -> PoolState:
    if isinstance(state, Concentrated):
        return checked_pool(state)
    return checked_pool_v4(state) if isinstance(state, ConcentratedV4) else state


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool) else str(value)


def _value(kind: Any, value: Any, where: str) -> Any:
    """A field of a model by its annotation: whole numbers, and tuples of them."""
    if kind is bool:
        if not isinstance(value, bool):
            raise PoolFileInvalid(where, value, "true or false")
        return value
    if kind is int:
        return int_of(value, where, BITS)
    inner = kind.__args__
    if inner[-1] is Ellipsis:
        items = list_of(value, where)
        inner = inner[:1] * len(items)
    items = list_of(value, where, len(inner))
    return tuple(
        _value(part, item, f"{where}[{i}]")
        for i, (part, item) in enumerate(zip(inner, items, strict=True))
    )


def _coin(item: Any, where: str) -> Coin:
    record = record_of(item, where)
    symbol = text_of(field_of(record, "symbol", f"{where}."), f"{where}.symbol")
    at = f"{where}.decimals"
    decimals = int_of(field_of(record, "decimals", f"{where}."), at, BITS)
    if not 0 <= decimals <= MOST_DECIMALS:
        raise PoolFileInvalid(at, decimals, f"0 to {MOST_DECIMALS}")
    return Coin(symbol=symbol, decimals=decimals)


def _market(item: Any, symbols: list[str], where: str) -> Market:
    record = record_of(item, where)
    curve = text_of(field_of(record, "curve", f"{where}."), f"{where}.curve")
    if curve not in CURVES:
        raise PoolFileInvalid(f"{where}.curve", curve, f"one of {', '.join(CURVES)}")
    tokens = list_of(field_of(record, "tokens", f"{where}."), f"{where}.tokens")
    for i, symbol in enumerate(tokens):
        if symbol not in symbols:
            expected = f"one of {', '.join(symbols)}"
            raise PoolFileInvalid(f"{where}.tokens[{i}]", symbol, expected)
    gas = int_of(record.get("gas", GAS.get(curve, OTHER_GAS)), f"{where}.gas", BITS)
    if gas < 0:
        raise PoolFileInvalid(f"{where}.gas", gas, "0 or more")
    name = record.get("name", f"{curve} {'/'.join(tokens)}")
    own = {key: value for key, value in record.items() if key not in COMMON}
    return Market(
        name=text_of(name, f"{where}.name"),
        tokens=tuple(symbols.index(symbol) for symbol in tokens),
        state=state_from_json(curve, own, where),
        gas=gas,
    )
