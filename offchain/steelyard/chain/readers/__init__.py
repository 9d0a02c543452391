# SPDX-License-Identifier: MIT
"""One module per protocol: what is read of a market and how it becomes a state.

A new protocol is a new module and one line here.
"""

from collections.abc import Mapping

from steelyard.chain.readers import aave_v3, erc4626, held, uniswap_v2, uniswap_v3
from steelyard.chain.readers.base import MarketReader, ReaderMissing

READERS: Mapping[str, MarketReader] = {
    reader.protocol: reader
    for reader in (
        aave_v3.READER,
        erc4626.READER,
        uniswap_v2.READER,
        uniswap_v3.READER,
        *held.READERS,
    )
}


def reader_of(protocol: str) -> MarketReader:
    """The reader of a protocol. Raises ReaderMissing."""
    if protocol not in READERS:
        raise ReaderMissing(protocol, READERS)
    return READERS[protocol]
