# SPDX-License-Identifier: MIT
"""What people ask of the router: whole tokens by name in, an answer by name out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from steelyard.route.errors import RouteInputInvalid
from steelyard.route.liquidate import Liquidation, best_liquidation
from steelyard.route.market_file import MarketFile
from steelyard.route.route import Route, best_route
from steelyard.route.search import Wanted

MOST = Fraction(10**30)  # of anything


@dataclass(frozen=True, kw_only=True)
class Question:
    """`sell`, `buy`: whole tokens by symbol; what is bought in these proportions."""

    sell: Mapping[str, Fraction]
    buy: Mapping[str, Fraction]
    gas_price: Fraction = Fraction(0)  # whole tokens of the first bought, per gas
    blocks: int = 1  # to sell over
    refill: float = 0.0  # share of an impact that is gone a block later


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A route, and what single pools would have paid."""

    file: MarketFile
    question: Question
    route: Route
    liquidation: Liquidation | None = None  # with more blocks than one


def parts_of(texts: Sequence[str], what: str) -> dict[str, Fraction]:
    """`USDC=10000`, or `WETH` for one. Raises `RouteInputInvalid`."""
    found: dict[str, Fraction] = {}
    for text in texts:
        symbol, _, amount = text.partition("=")
        try:
            number = Fraction(amount or "1")
        except (ValueError, ZeroDivisionError):
            raise RouteInputInvalid(what, text, "SYMBOL=AMOUNT") from None
        if not 0 < number < MOST:
            raise RouteInputInvalid(f"{what} {symbol}", amount, "more than 0, to 1e30")
        if symbol in found:
            raise RouteInputInvalid(what, symbol, "each token once")
        found[symbol] = number
    return found


def answer(file: MarketFile, question: Question) -> Answer:
    """The best route. Raises `RouteError`."""
    first = next(iter(question.buy.values()))
    route = best_route(
        file.markets,
        len(file.coins),
        raw_sold(file, question),
        Wanted(weights=raw_bought(file, question)),
        gas_price=float(question.gas_price / first),
    )
    return Answer(
        file=file,
        question=question,
        route=route,
        liquidation=_over_blocks(file, question) if question.blocks != 1 else None,
    )


def _over_blocks(file: MarketFile, question: Question) -> Liquidation:
    return best_liquidation(
        file.markets,
        len(file.coins),
        raw_sold(file, question),
        Wanted(weights=raw_bought(file, question)),
        blocks=question.blocks,
        refill=question.refill,
        gas_price=float(question.gas_price / next(iter(question.buy.values()))),
    )


def raw_sold(
    file: MarketFile, question: Question, times: float = 1.0
) -> dict[int, int]:
    """Raw units by token, `times` the trade, down, at least one of each.

    Raises `RouteInputInvalid`.
    """
    part = Fraction(times)
    return {
        _token(file, symbol, "sell"): max(1, int(_raw(file, symbol, amount) * part))
        for symbol, amount in question.sell.items()
    }


def raw_bought(file: MarketFile, question: Question) -> dict[int, float]:
    """Raw units of one set, by token. Raises `RouteInputInvalid`."""
    return {
        _token(file, symbol, "buy"): float(amount * _one(file, symbol))
        for symbol, amount in question.buy.items()
    }


def whole(file: MarketFile, token: int, amount: int) -> Fraction:
    """Raw units as whole tokens, exact."""
    return Fraction(amount, 10 ** file.coins[token].decimals)


def _token(file: MarketFile, symbol: str, what: str) -> int:
    for place, coin in enumerate(file.coins):
        if coin.symbol == symbol:
            return place
    symbols = ", ".join(coin.symbol for coin in file.coins)
    raise RouteInputInvalid(what, symbol, f"one of {symbols}")


def _one(file: MarketFile, symbol: str) -> int:
    return int(10 ** file.coins[_token(file, symbol, "buy")].decimals)


def _raw(file: MarketFile, symbol: str, amount: Fraction) -> int:
    """Raw units, exact. Raises `RouteInputInvalid` for a part of one."""
    coin = file.coins[_token(file, symbol, "sell")]
    raw = amount * 10**coin.decimals
    if raw.denominator != 1:
        expected = f"at most {coin.decimals} decimals"
        raise RouteInputInvalid(f"sell {symbol}", float(amount), expected)
    return int(raw)
