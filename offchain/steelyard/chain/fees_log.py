# SPDX-License-Identifier: MIT
"""What pools earned lately, from their own Swap events in one `eth_getLogs`.

Fees are counted on what came in, at prices given, in raw asset units. Left out: the
protocol's share, and swaps of the vault's own venues, which will not come again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eth_abi.abi import decode
from eth_utils.crypto import keccak
from web3 import Web3
from web3.exceptions import Web3RPCError
from web3.types import LogReceipt

from steelyard.amm.constant_product import ConstantProduct
from steelyard.chain.readers.base import address_of
from steelyard.errors import SteelyardError
from steelyard.state import PoolCurve, Snapshot

V2_SWAP = keccak(b"Swap(address,uint256,uint256,uint256,uint256,address)")
V3_SWAP = keccak(b"Swap(address,address,int256,int256,uint160,uint128,int24)")
V2_DATA = ("uint256", "uint256", "uint256", "uint256")  # in0, in1, out0, out1
V3_DATA = ("int256", "int256", "uint160", "uint128", "int24")  # amount0, amount1
PIPS = 10**6
E36 = 10**36
PROTOCOL_SHARE_V2 = 6  # 1/6 of the fee, where the factory has a receiver
MOST_SEARCHES = 64


class LogsRefused(SteelyardError):
    """The node does not give the events of the whole window."""

    def __init__(self, blocks: int, reason: str) -> None:
        super().__init__(
            f"node refuses the Swap events of {blocks} blocks ({reason}), expected "
            "them in one call: lower fee_window_days"
        )


def read_fees(web3: Web3, snapshot: Snapshot, after_block: int) -> dict[str, float]:
    """Fees [raw asset units] of every Uniswap pool where the vault may provide.

    By pool (bytes32 as 0x-hex), after `after_block` up to the snapshot's. Raises
    LogsRefused.
    """
    pools = {
        position.market: position
        for position in snapshot.positions
        if position.protocol.startswith("uniswap-")
    }
    first_block = after_block + 1
    is_empty = not pools or first_block > snapshot.block_number
    logs = [] if is_empty else _logs(web3, pools, first_block, snapshot.block_number)
    own = {address_of(pool.venue) for pool in snapshot.pools}
    fees = dict.fromkeys(pools, 0.0)
    for log in logs:
        market = _market(log["address"])
        if address_of(bytes(log["topics"][1])) in own:
            continue
        position = pools[market]
        prices = tuple(snapshot.tokens[t].price_e36 for t in position.tokens)
        curve = position.state
        fees[market] += fee_of(log, curve, prices)  # type: ignore[arg-type]
    return fees


def fee_of(
    log: LogReceipt | Mapping[str, Any], pool: PoolCurve, prices_e36: Sequence[int]
) -> float:
    """What one swap left to the pool's liquidity providers [raw asset units]."""
    paid_in = _amounts_in(log)
    total = 0.0
    for side, (amount, price_e36) in enumerate(zip(paid_in, prices_e36, strict=True)):
        fee = amount * pool.fee_pips / PIPS * _providers_share(pool, side)
        total += fee * price_e36 / E36
    return total


def block_at(
    web3: Web3, timestamp: int, last_block: int, last_time: int
) -> tuple[int, int]:
    """The last block mined at or before `timestamp`, and its time.

    Found by interpolation and halving; the chain's first block when it is younger.
    """
    if last_time <= timestamp:
        return last_block, last_time
    low, low_time = 0, _time(web3, 0)
    high, high_time = last_block, last_time
    for search in range(MOST_SEARCHES):
        if high - low < 2 or low_time > timestamp:
            break
        middle = (low + high) // 2
        if search % 2 == 0:
            span = max(high_time - low_time, 1)
            middle = low + (high - low) * (timestamp - low_time) // span
        middle = min(max(middle, low + 1), high - 1)
        middle_time = _time(web3, middle)
        if middle_time <= timestamp:
            low, low_time = middle, middle_time
        else:
            high, high_time = middle, middle_time
    return low, low_time


def _providers_share(pool: PoolCurve, side: int) -> float:
    if isinstance(pool, ConstantProduct):
        return 1 - 1 / PROTOCOL_SHARE_V2 if pool.fee_on else 1.0
    part = pool.fee_protocol >> (4 * side) & 0xF
    return 1 - 1 / part if part else 1.0


def _amounts_in(log: LogReceipt | Mapping[str, Any]) -> tuple[int, int]:
    data = bytes(log["data"])
    if bytes(log["topics"][0]) == V2_SWAP:
        in0, in1, out0, out1 = decode(V2_DATA, data)
        # what a flash swap gives back in the same token is no trade
        return max(in0 - out0, 0), max(in1 - out1, 0)
    amount0, amount1, *_ = decode(V3_DATA, data)
    return max(amount0, 0), max(amount1, 0)


def _logs(
    web3: Web3, pools: Iterable[str], first_block: int, last_block: int
) -> list[LogReceipt]:
    try:
        return web3.eth.get_logs(
            {
                "address": [Web3.to_checksum_address(address_of(p)) for p in pools],
                "topics": [["0x" + V2_SWAP.hex(), "0x" + V3_SWAP.hex()]],
                "fromBlock": first_block,
                "toBlock": last_block,
            }
        )
    except Web3RPCError as error:
        reason = " ".join(str(error.message or error).split())[:200]
        raise LogsRefused(last_block - first_block + 1, reason) from None


def _market(address: str) -> str:
    return "0x" + "00" * 12 + address[2:].lower()


def _time(web3: Web3, block: int) -> int:
    return int(web3.eth.get_block(block)["timestamp"])
