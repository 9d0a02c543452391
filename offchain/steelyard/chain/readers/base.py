# SPDX-License-Identifier: MIT
"""What every market's reader offers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from steelyard.chain.reads import Rounds
from steelyard.errors import SteelyardError
from steelyard.state import MarketState, RangeState

Ticks = tuple[tuple[int, int], ...]


class ReaderMissing(SteelyardError):
    """An adapter or venue of a protocol that this program cannot read."""

    def __init__(self, protocol: str, known: Iterable[str]) -> None:
        super().__init__(f"protocol is {protocol!r}, expected one of {sorted(known)}")
        self.protocol = protocol


class FactsStale(SteelyardError):
    """What was taken as fixed has changed; reading it again settles it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} changed while it was read")


class MarketUnsupported(SteelyardError):
    """A market that does not compute as its protocol's published code does."""

    def __init__(self, market: str, value: object, expected: str) -> None:
        super().__init__(f"market {market} answers {value}, expected {expected}")


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Ranges of one position; other ticks than guessed: the fees are not known."""

    ranges: tuple[RangeState, ...]
    ticks: Ticks


@dataclass(frozen=True, kw_only=True)
class MarketReader:
    """`facts` never change and may take rounds; `state` and `holding` take one."""

    protocol: str
    facts: Callable[[str], Rounds[Any]]  # of a market's address
    state: Callable[[Any, str], Rounds[MarketState]]  # facts, lens
    name: Callable[[Any, Sequence[str]], str]  # facts, symbols of the tokens
    holding: Callable[[str, bytes, Ticks], Rounds[Holding]] | None = None


def address_of(market: bytes | str) -> str:
    """The address in the low 20 bytes of a market's name, lower case."""
    text = market if isinstance(market, str) else "0x" + market.hex()
    return "0x" + text[-40:].lower()
