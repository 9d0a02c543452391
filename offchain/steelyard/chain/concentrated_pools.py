# SPDX-License-Identifier: MIT
"""Whole concentrated pools from the chain, any number of them in one call.

The contracts that read (Lens, ConcentratedLens) need not be deployed: their code
travels with the call. Nodes that take no code with a call need their addresses.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from eth_abi.abi import encode
from eth_abi.packed import encode_packed
from eth_utils.crypto import keccak
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.types import BlockIdentifier

from steelyard.amm import uniswap_v3, uniswap_v4_pool
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.ticks import TickInfo, Ticks, listed_nets
from steelyard.amm.uniswap_v3 import Position, V3Pool, checked_v3
from steelyard.amm.uniswap_v4 import ConcentratedV4
from steelyard.amm.uniswap_v4_pool import PositionV4, V4Pool, checked_v4
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.readers.base import MarketUnsupported
from steelyard.chain.reads import Read, ReadBlock, Rounds, own_read, run_rounds

# Addresses without a contract, for the length of a call.
LENS = Web3.to_checksum_address("0x" + "57ee1a4d" * 5)
POOL_LENS = Web3.to_checksum_address("0x" + "57ee1a4e" * 5)
ALL_WORDS = 2**16  # of the bitmap: every tick that there can be
KEY = "(address,address,uint24,int24,address)"
PoolKey = tuple[str, str, int, int, str]  # IPoolManager's
POOLS_SLOT, POSITIONS_OFFSET = 6, 6  # in PoolManager's storage, in its Pool.State
DYNAMIC_FEE = 0x800000
T = TypeVar("T")


def load_pools(
    web3: Web3,
    pools: Iterable[Rounds[T]],
    block: BlockIdentifier = "latest",
    *,
    lens: str | None = None,
) -> tuple[ReadBlock, list[T]]:
    """The block, and each pool of `v3_pool` or `v4_pool` as it stood then.

    `lens`: a deployed Lens, for pools that name a deployed ConcentratedLens too.

    Raises ContractReverted or AnswerUnreadable where there is no such pool, and
    `PoolError` for one without a price.
    """
    if lens is not None:
        return run_rounds(web3, lens, pools, block)
    return run_rounds(web3, LENS, pools, block, _lent())


def v3_pool(
    pool: str,
    *,
    words: int = ALL_WORDS,
    positions: Sequence[uniswap_v3.Range] = (),
    pool_lens: str = POOL_LENS,
) -> Rounds[V3Pool]:
    """A v3 pool with the positions named; ticks of `words` bitmap words each side."""
    state, *held = yield [
        own_read("ConcentratedLens", "uniswapV3", pool_lens, (pool, words)),
        *(_v3_position(pool, key) for key in positions),
    ]
    ticks = _ticks(state)
    fields, fee, protocol, fees = _fields(state, ticks)
    curve = Concentrated(**fields, fee_pips=fee, fee_protocol=protocol)
    named = {
        key: _named_v3(answer) for key, answer in zip(positions, held, strict=True)
    }
    return checked_v3(
        V3Pool(curve=curve, ticks=ticks, positions=named, protocol_fees=fees)
    )


def v4_pool(
    manager: str,
    key: PoolKey,
    *,
    words: int = ALL_WORDS,
    positions: Sequence[uniswap_v4_pool.Range] = (),
    pool_lens: str = POOL_LENS,
) -> Rounds[V4Pool]:
    """A v4 pool with the positions named; protocol fees count from here.

    Raises MarketUnsupported for a pool with hooks or a fee that changes.
    """
    if key[4] != ADDRESS_ZERO:
        raise MarketUnsupported("uniswap-v4", key[4], "no hooks")
    if key[2] == DYNAMIC_FEE:
        raise MarketUnsupported("uniswap-v4", hex(key[2]), "a static fee")
    pool_id = keccak(encode([KEY], [key]))
    args = (manager, pool_id, key[3], words)
    state, *held = yield [
        own_read("ConcentratedLens", "uniswapV4", pool_lens, args),
        *(_v4_position(manager, pool_id, name) for name in positions),
    ]
    ticks = _ticks(state)
    fields, fee, protocol, _ = _fields(state, ticks)
    curve = ConcentratedV4(
        **fields,
        lp_fee_pips=fee,
        protocol_fee_pips=(protocol & 0xFFF, protocol >> 12),
    )
    named = {
        name: _named_v4(answer) for name, answer in zip(positions, held, strict=True)
    }
    return checked_v4(V4Pool(curve=curve, ticks=ticks, positions=named))


def _named_v3(answer: tuple[int, int, int, int, int]) -> Position:
    liquidity, last0, last1, owed0, owed1 = answer
    return Position(
        liquidity=liquidity,
        fee_growth_inside0_last_x128=last0,
        fee_growth_inside1_last_x128=last1,
        tokens_owed0=owed0,
        tokens_owed1=owed1,
    )


def _named_v4(words: Sequence[bytes]) -> PositionV4:
    liquidity, last0, last1 = (int.from_bytes(word) for word in words)
    return PositionV4(
        liquidity=liquidity,
        fee_growth_inside0_last_x128=last0,
        fee_growth_inside1_last_x128=last1,
    )


def _v3_position(pool: str, key: uniswap_v3.Range) -> Read:
    packed = encode_packed(["address", "int24", "int24"], key)
    returns = "uint128 uint256 uint256 uint128 uint128"
    return Read(pool, "positions(bytes32)", returns, (keccak(packed),))


def _v4_position(manager: str, pool_id: bytes, key: uniswap_v4_pool.Range) -> Read:
    root = keccak(encode(["bytes32", "uint256"], [pool_id, POOLS_SLOT]))
    own = keccak(encode_packed(["address", "int24", "int24", "bytes32"], key))
    base = int.from_bytes(root) + POSITIONS_OFFSET
    slot = keccak(encode(["bytes32", "uint256"], [own, base]))
    return Read(manager, "extsload(bytes32,uint256)", "bytes32[]", (slot, 3))


def _ticks(state: Sequence[Any]) -> Ticks:
    return {
        tick: TickInfo(
            liquidity_gross=gross,
            liquidity_net=net,
            fee_growth_outside0_x128=outside0,
            fee_growth_outside1_x128=outside1,
        )
        for tick, gross, net, outside0, outside1 in state[-1]
    }


def _fields(
    state: Sequence[Any], ticks: Ticks
) -> tuple[dict[str, Any], int, int, tuple[int, int]]:
    """What PoolState says of the curve; fee, protocol's fee, protocol's dues."""
    root, tick, liquidity, fee, spacing, protocol, growth0, growth1, *rest = state
    dues0, dues1, lowest, highest, _ = rest
    fields = {
        "sqrt_price_x96": root,
        "tick": tick,
        "liquidity": liquidity,
        "tick_spacing": spacing,
        "ticks": listed_nets(ticks),
        "fee_growth_global0_x128": growth0,
        "fee_growth_global1_x128": growth1,
        "window": (lowest, highest),
    }
    return fields, fee, protocol, (dues0, dues1)


@cache
def _lent() -> dict[str, str]:
    code = {LENS: "Lens", POOL_LENS: "ConcentratedLens"}
    return {
        address: "0x" + own_artifact(name).deployed_bytecode
        for address, name in code.items()
    }
