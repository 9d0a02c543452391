# SPDX-License-Identifier: MIT
"""How large the code of each contract is."""

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.deploy import ADAPTERS, LIBRARIES, VENUES

CONTRACTS = (
    "Vault",
    *LIBRARIES,
    "ExitQueue",
    "Lens",
    "LimitsLens",
    "ConcentratedLens",
    *ADAPTERS.values(),
    *VENUES.values(),
    "ChainlinkSource",
    "CheckedSource",
    "UniswapV3TwapSource",
)


def code_bytes() -> dict[str, int]:
    """Bytes of every contract's code on chain; 24,576 are allowed (EIP-170)."""
    return {name: len(own_artifact(name).deployed_bytecode) // 2 for name in CONTRACTS}
