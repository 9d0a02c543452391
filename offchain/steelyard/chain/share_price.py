# SPDX-License-Identifier: MIT
"""Share price of an ERC-4626 vault, now and at an older block."""

from web3 import Web3
from web3.exceptions import BadFunctionCallOutput, ContractLogicError, Web3RPCError

from steelyard.lending import Erc4626
from steelyard.wad import E36

ABI = [
    {
        "type": "function",
        "name": name,
        "stateMutability": "view",
        "inputs": [],
        "outputs": [{"name": "", "type": "uint256"}],
    }
    for name in ("totalAssets", "totalSupply")
]


def share_price_e36(vault: Erc4626) -> int:
    """Raw assets per raw share, virtual ones included, times 1e36, down."""
    shares: int = vault.total_supply + 10**vault.decimals_offset
    return (vault.total_assets + 1) * E36 // shares


def share_price_e36_at(
    web3: Web3, vault: str, decimals_offset: int, block: int
) -> int | None:
    """The same at a block; None when the vault or the node's memory begins later."""
    contract = web3.eth.contract(address=Web3.to_checksum_address(vault), abi=ABI)
    try:
        assets = contract.functions.totalAssets().call(block_identifier=block)
        supply = contract.functions.totalSupply().call(block_identifier=block)
    except (BadFunctionCallOutput, ContractLogicError, Web3RPCError):
        return None
    state = Erc4626(
        total_assets=assets, total_supply=supply, decimals_offset=decimals_offset
    )
    return share_price_e36(state)
