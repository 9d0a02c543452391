# SPDX-License-Identifier: MIT
"""The clock and the past of a local chain, on Anvil and on Ganache."""

from typing import Any

from web3 import Web3
from web3.types import RPCEndpoint

from steelyard.demo.errors import LocalNodeFailed


def time_travel(web3: Web3, seconds: int) -> int:
    """Mines one block `seconds` later than now; its timestamp."""
    _rpc(web3, "evm_increaseTime", [seconds])
    return mine(web3)


def travel_to(web3: Web3, timestamp: int) -> int:
    """Mines one block at or just after `timestamp`; its timestamp.

    Raises LocalNodeFailed when the chain's clock is already later.
    """
    now = int(web3.eth.get_block("latest")["timestamp"])
    if timestamp < now:
        raise LocalNodeFailed("clock", f"chain is at {now}, expected {timestamp}")
    for _ in range(2):  # the node counts from its own clock, not from the last block
        if now < timestamp:
            now = time_travel(web3, timestamp - now)
    return now


def mine(web3: Web3, blocks: int = 1) -> int:
    """Mines `blocks` empty blocks; the timestamp of the last."""
    for _ in range(blocks):
        _rpc(web3, "evm_mine", [])
    return int(web3.eth.get_block("latest")["timestamp"])


def snapshot(web3: Web3) -> str:
    """Identifier of the chain's state now, for `revert`, good once."""
    return str(_rpc(web3, "evm_snapshot", []))


def revert(web3: Web3, snapshot_id: str) -> None:
    """Puts the chain back to a snapshot. Raises LocalNodeFailed when it is gone."""
    if not _rpc(web3, "evm_revert", [snapshot_id]):
        raise LocalNodeFailed("revert", f"snapshot {snapshot_id} is not known")


def _rpc(web3: Web3, method: str, params: list[Any]) -> Any:
    response = web3.provider.make_request(RPCEndpoint(method), params)
    if "error" in response:
        raise LocalNodeFailed(method, str(response["error"]))
    return response.get("result")
