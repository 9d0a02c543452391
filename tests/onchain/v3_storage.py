# SPDX-License-Identifier: MIT
"""A model's state put into the storage of a real Uniswap v3 pool on Anvil.

Slots as the compiler laid out UniswapV3Pool of v3-core 1.0.1.
"""

from collections import Counter
from typing import Any

from eth_abi.abi import encode
from replay import Stage, Step, function, sent
from web3 import Web3

from steelyard.amm.uniswap_v3 import V3Pool

SLOT0, GROWTH0, GROWTH1, PROTOCOL_FEES, LIQUIDITY, TICKS, BITMAP = range(7)
OBSERVATIONS = 8
BATCH = 500  # settings a request
DEEP = 2**120  # tokens of each kind
GIVE = function("mint", "address", "uint256")


def restore(stage: Stage, address: str, pool: V3Pool) -> None:
    """Makes the real pool at `address` this one, with tokens to pay out."""
    put_in_storage(stage.web3, address, pool)
    funds = [
        Step(
            actor=stage.actors[0].address,
            target=token.address,
            data=GIVE(address, DEEP),
            returns=(),
            reads=(),
        )
        for token in stage.tokens
    ]
    sent(stage, funds)


def put_in_storage(web3: Web3, address: str, pool: V3Pool) -> None:
    """Everything but positions, which then belong to nobody known."""
    settings = list(_head(pool).items())
    words: Counter[int] = Counter()
    for tick, info in pool.ticks.items():
        slot = _mapped(tick, TICKS)
        net = info.liquidity_net % 2**128
        settings += [
            (slot, info.liquidity_gross | net << 128),
            (slot + 1, info.fee_growth_outside0_x128),
            (slot + 2, info.fee_growth_outside1_x128),
            (slot + 3, 1 << 248),  # initialised
        ]
        index = tick // pool.curve.tick_spacing
        words[index >> 8] |= 1 << (index & 255)
    settings += [(_mapped(word, BITMAP), bits) for word, bits in words.items()]
    requests: list[Any] = [
        ("anvil_setStorageAt", [address, _word(slot), _word(value)])
        for slot, value in settings
    ]
    for start in range(0, len(requests), BATCH):
        answers = web3.provider.make_batch_request(requests[start : start + BATCH])
        assert all(answer["result"] is True for answer in answers)


def _head(pool: V3Pool) -> dict[int, int]:
    curve = pool.curve
    one_observation = 1 << 200 | 1 << 216
    return {
        SLOT0: curve.sqrt_price_x96
        | curve.tick % 2**24 << 160
        | one_observation
        | curve.fee_protocol << 232
        | 1 << 240,  # unlocked
        GROWTH0: curve.fee_growth_global0_x128,
        GROWTH1: curve.fee_growth_global1_x128,
        PROTOCOL_FEES: pool.protocol_fees[0] | pool.protocol_fees[1] << 128,
        LIQUIDITY: curve.liquidity,
        OBSERVATIONS: 1 << 248 | 1,  # initialised, one second into the era
    }


def _mapped(key: int, base: int) -> int:
    return int.from_bytes(Web3.keccak(encode(["int256", "uint256"], [key, base])))


def _word(value: int) -> str:
    return f"0x{value:064x}"
