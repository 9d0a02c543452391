# SPDX-License-Identifier: MIT
"""Tokens and pools as a JSON file, every field checked.

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
from steelyard.amm.errors import PoolError
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.uniswap_v4 import ConcentratedV4, checked_pool_v4
from steelyard.amm.weighted import WeightedPool
from steelyard.route.errors import RouteInputInvalid
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
MOST_DECIMALS = 36
DEFAULT_GAS = {"concentrated": 130_000, "constant-product": 100_000}
OTHER_GAS = 200_000


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
    """Raises `RouteInputInvalid`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RouteInputInvalid(str(path), error, "a JSON file") from None
    coins = tuple(
        _coin(item, f"tokens[{i}]") for i, item in enumerate(_list(document, "tokens"))
    )
    symbols = [coin.symbol for coin in coins]
    if len(set(symbols)) != len(symbols):
        raise RouteInputInvalid("tokens", symbols, "each symbol once")
    pools = _list(document, "pools")
    markets = (_market(item, symbols, f"pools[{i}]") for i, item in enumerate(pools))
    return MarketFile(coins=coins, markets=tuple(markets))


def _coin(item: Any, where: str) -> Coin:
    symbol = _field(item, "symbol", where)
    if not isinstance(symbol, str) or not symbol:
        raise RouteInputInvalid(f"{where}.symbol", symbol, "a name")
    decimals = _whole(_field(item, "decimals", where), f"{where}.decimals")
    if decimals > MOST_DECIMALS:
        expected = f"0 to {MOST_DECIMALS}"
        raise RouteInputInvalid(f"{where}.decimals", decimals, expected)
    return Coin(symbol=symbol, decimals=decimals)


def _market(item: Any, symbols: list[str], where: str) -> Market:
    curve = _field(item, "curve", where)
    if curve not in CURVES:
        raise RouteInputInvalid(f"{where}.curve", curve, f"one of {', '.join(CURVES)}")
    tokens = _list(item, "tokens", where)
    for i, symbol in enumerate(tokens):
        if symbol not in symbols:
            expected = f"one of {', '.join(symbols)}"
            raise RouteInputInvalid(f"{where}.tokens[{i}]", symbol, expected)
    gas = item.get("gas", DEFAULT_GAS.get(curve, OTHER_GAS))
    return Market(
        name=str(item.get("name", f"{curve} {'/'.join(tokens)}")),
        tokens=tuple(symbols.index(symbol) for symbol in tokens),
        state=_state(CURVES[curve], item, where),
        gas=_whole(gas, f"{where}.gas"),
    )


def _state(model: type[PoolState], item: Mapping[str, Any], where: str) -> PoolState:
    values: dict[str, Any] = {}
    for field in fields(model):
        here = f"{where}.{field.name}"
        if field.name not in item:
            if field.default is MISSING:
                raise RouteInputInvalid(here, None, "a value")
            continue
        values[field.name] = _value(item[field.name], here)
    try:
        state = model(**values)
        if isinstance(state, ConcentratedV4):
            return checked_pool_v4(state)
        return checked_pool(state) if isinstance(state, Concentrated) else state
    except (PoolError, ArithmeticRevert, TypeError) as error:
        raise RouteInputInvalid(where, str(error), "a pool that can be") from None


def _value(value: Any, where: str) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return tuple(_value(item, f"{where}[{i}]") for i, item in enumerate(value))
    return _integer(value, where)


def _list(item: Any, name: str, where: str = "") -> list[Any]:
    found = _field(item, name, where)
    if not isinstance(found, list):
        raise RouteInputInvalid(f"{where}.{name}".lstrip("."), found, "a list")
    return found


def _field(item: Any, name: str, where: str) -> Any:
    if not isinstance(item, Mapping):
        raise RouteInputInvalid(where or "file", item, "a JSON object")
    if name not in item:
        raise RouteInputInvalid(f"{where}.{name}".lstrip("."), None, "a value")
    return item[name]


def _whole(value: Any, where: str) -> int:
    number = _integer(value, where)
    if number < 0:
        raise RouteInputInvalid(where, number, "0 or more")
    return number


def _integer(value: Any, where: str) -> int:
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return int(value)
        except ValueError:
            pass
    raise RouteInputInvalid(where, value, "a whole number")
