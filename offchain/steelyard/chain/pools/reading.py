# SPDX-License-Identifier: MIT
"""A pool's curve as a chain has it, in one `eth_call` at one block."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.types import BlockIdentifier

from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.errors import PoolError, PoolFieldInvalid
from steelyard.amm.stable_swap import StableSwap, virtual_price_wad
from steelyard.amm.weighted import WeightedPool
from steelyard.chain.config_args import market_id
from steelyard.chain.errors import ContractReverted
from steelyard.chain.pools.once import call_once
from steelyard.chain.reads import AnswerUnreadable
from steelyard.errors import SteelyardError
from steelyard.wad import ArithmeticRevert

WEIGHTED = "balancer-v2-weighted"  # as the adapters name themselves
STABLE = "balancer-v2-stable"
CURVE = "curve"
UNROLLED_COINS = 2  # in the pools whose template unrolls a loop
MARKET = re.compile(r"0x([0-9a-fA-F]{40}|[0-9a-fA-F]{64})")
PoolModel = WeightedPool | BalancerStable | StableSwap


class PoolUnreadable(SteelyardError):
    """What stands at this name is no such pool, or none that the models know."""

    def __init__(self, protocol: str, market: str, reason: str) -> None:
        super().__init__(f"{market} is no {protocol} pool that can be read: {reason}")
        self.protocol, self.market = protocol, market


@dataclass(frozen=True, kw_only=True)
class PoolReading:
    """A pool at a block; its lists are in the order of `tokens`."""

    protocol: str
    market: str  # the pool's id, or its address
    chain_id: int
    block_number: int
    timestamp: int
    tokens: tuple[str, ...]
    pool: PoolModel  # as the next swap finds it
    # As the pool's own views and the adapters value it: another than `pool` only while
    # the rate of a Balancer coin has expired and no swap has asked for the next.
    valued: PoolModel


def read_pool(
    web3: Web3, protocol: str, market: str, block: BlockIdentifier = "latest"
) -> PoolReading:
    """The pool that `market` names, as adapters of `protocol` do.

    Raises PoolUnreadable, TransactionRefused.
    """
    if protocol not in READERS:
        expected = f"expected one of {sorted(READERS)}"
        raise PoolUnreadable(protocol, market, expected)
    if not MARKET.fullmatch(market):
        expected = "expected 0x and 40 or 64 hex digits"
        raise PoolUnreadable(protocol, market, expected)
    function, build = READERS[protocol]
    try:
        answers = call_once(web3, "PoolLens", function, (market_id(market),), block)
        pool, valued = build(answers)
    except ContractReverted as error:
        raise PoolUnreadable(protocol, market, str(error)) from error
    except (AnswerUnreadable, PoolError, ArithmeticRevert) as error:
        raise PoolUnreadable(protocol, market, str(error)) from error
    chain_id, number, timestamp, tokens, *_ = answers[0]
    return PoolReading(
        protocol=protocol,
        market=market,
        chain_id=chain_id,
        block_number=number,
        timestamp=timestamp,
        tokens=tuple(to_checksum_address(token) for token in tokens),
        pool=pool,
        valued=valued,
    )


def _weighted(answers: tuple[Any, ...]) -> tuple[WeightedPool, WeightedPool]:
    (*_, balances, scaling, fee, supply), weights = answers
    pool = WeightedPool(
        balances=tuple(balances),
        weights_wad=tuple(weights),
        scaling=tuple(scaling),
        swap_fee_wad=fee,
        supply=supply,
    )
    return pool, pool


def _stable(answers: tuple[Any, ...]) -> tuple[BalancerStable, BalancerStable]:
    (*_, balances, scaling, fee, supply), amplification, last_scaling = answers
    pool = BalancerStable(
        balances=tuple(balances),
        scaling=tuple(scaling),
        amplification=amplification,
        swap_fee_wad=fee,
        supply=supply,
    )
    return pool, replace(pool, scaling=tuple(last_scaling))


def _curve(answers: tuple[Any, ...]) -> tuple[StableSwap, StableSwap]:
    (*_, balances, scaling, fee, supply), amplification, admin_fee, price_wad = answers
    pool = StableSwap(
        balances=tuple(balances),
        rates=tuple(scaling),
        amplification=amplification,
        fee_e10=fee,
        admin_fee_e10=admin_fee,
        supply=supply,
        is_unrolled=len(balances) == UNROLLED_COINS,
    )
    # Pools with rates of their own, or of another template, show in this price.
    for model in (pool, replace(pool, is_unrolled=not pool.is_unrolled)):
        if _virtual_price_wad(model) == price_wad:
            return model, model
    raise PoolFieldInvalid("virtual price", price_wad, str(_virtual_price_wad(pool)))


def _virtual_price_wad(pool: StableSwap) -> int:
    """0 where the pool cannot find it."""
    try:
        return virtual_price_wad(pool)
    except (PoolError, ArithmeticRevert):
        return 0


Builder = Callable[[tuple[Any, ...]], tuple[PoolModel, PoolModel]]
READERS: dict[str, tuple[str, Builder]] = {
    WEIGHTED: ("balancerV2Weighted", _weighted),
    STABLE: ("balancerV2Stable", _stable),
    CURVE: ("curve", _curve),
}
