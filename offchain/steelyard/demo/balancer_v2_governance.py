# SPDX-License-Identifier: MIT
"""What governance may do in Balancer V2, by roles that its authorizer grants."""

from typing import Any

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract

from steelyard.chain.transactions import call, send
from steelyard.demo.balancer_v2 import BalancerV2

# the Vault deploys its collector, of which the package has no artifact
COLLECTOR_ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": name,
        "stateMutability": mutability,
        "inputs": [{"name": "", "type": type_in}],
        "outputs": [{"name": "", "type": type_out} for type_out in outputs],
    }
    for name, mutability, type_in, outputs in (
        ("getActionId", "view", "bytes4", ("bytes32",)),
        ("setSwapFeePercentage", "nonpayable", "uint256", ()),
    )
]


def take_swap_fees(
    web3: Web3, balancer: BalancerV2, fee_wad: int, *, sender: ChecksumAddress
) -> None:
    """Governance takes this part of what swap fees earn, in pools that come after."""
    collector_address = call(balancer.vault.functions.getProtocolFeesCollector())
    collector = web3.eth.contract(address=collector_address, abi=COLLECTOR_ABI)
    allow(web3, balancer, collector, "setSwapFeePercentage", sender=sender)
    send(web3, collector.functions.setSwapFeePercentage(fee_wad), sender)


def allow(
    web3: Web3,
    balancer: BalancerV2,
    contract: Contract,
    function: str,
    *,
    sender: ChecksumAddress,
) -> None:
    """Lets `sender`, who governs, call a function that asks the authorizer."""
    signature = contract.get_function_by_name(function).signature
    selector = Web3.keccak(text=signature)[:4]
    action = call(contract.functions.getActionId(selector))
    send(web3, balancer.authorizer.functions.grantRole(action, sender), sender)
