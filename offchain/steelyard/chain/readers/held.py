# SPDX-License-Identifier: MIT
"""Markets that are only held: nothing is read of them beyond the vault's own books."""

from collections.abc import Sequence

from steelyard.chain.readers.base import MarketReader
from steelyard.chain.reads import Rounds
from steelyard.state import Held

PROTOCOLS = (
    "balancer-v2",
    "balancer-v2-stable",
    "balancer-v2-weighted",
    "compound-v2",
    "curve",
    "morpho-blue",
    "uniswap-v4",
)
NAME_DIGITS = 6


def _facts(market: str) -> Rounds[str]:
    """The market's last digits, which tell two of the same tokens apart."""
    yield []
    return market[-NAME_DIGITS:]


def _state(_digits: str, _lens: str) -> Rounds[Held]:
    yield []
    return Held()


def _reader(protocol: str) -> MarketReader:
    def name(digits: str, symbols: Sequence[str]) -> str:
        return f"{protocol} {'/'.join(symbols)} {digits}"

    return MarketReader(protocol=protocol, facts=_facts, state=_state, name=name)


READERS = tuple(_reader(protocol) for protocol in PROTOCOLS)
