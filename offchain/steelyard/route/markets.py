# SPDX-License-Identifier: MIT
"""Pools as the router sees them: their tokens, their gas, exact swaps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from steelyard.amm import (
    balancer_stable,
    concentrated,
    constant_product,
    stable_swap,
    weighted,
)
from steelyard.amm.balancer_stable import BalancerStable
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.errors import PoolError
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.uniswap_v4 import ConcentratedV4, swap_exact_in_v4
from steelyard.amm.weighted import WeightedPool
from steelyard.route.errors import RouteInputInvalid

PoolState = (
    ConstantProduct
    | Concentrated
    | ConcentratedV4
    | WeightedPool
    | StableSwap
    | BalancerStable
)
MOST_TOKENS = 10_000


@dataclass(frozen=True, kw_only=True)
class Market:
    """One pool. Tokens are numbers, in the pool's own order."""

    name: str
    tokens: tuple[int, ...]
    state: PoolState
    gas: int = 0  # that one swap in it costs


def swap_exact_in(
    state: PoolState, amount_in: int, token_in: int, token_out: int
) -> tuple[PoolState, int]:
    """(pool afterwards, amount out) as the chain does it; all goes in or it raises.

    `token_in`, `token_out`: places in the pool's list. Raises `PoolError`.
    """
    return _SWAPS[type(state)](state, amount_in, token_in, token_out)


def check_markets(markets: tuple[Market, ...], tokens: int) -> None:
    """Raises `RouteInputInvalid` for what no pool can be."""
    for market in markets:
        where = f"tokens of {market.name}"
        if len(set(market.tokens)) != len(market.tokens) or len(market.tokens) < 2:
            raise RouteInputInvalid(where, market.tokens, "at least two, none twice")
        if not all(0 <= token < tokens for token in market.tokens):
            raise RouteInputInvalid(where, market.tokens, f"from 0 to {tokens - 1}")
        count = token_count(market.state)
        if len(market.tokens) != count:
            raise RouteInputInvalid(where, market.tokens, f"{count} of them")
        if market.gas < 0:
            raise RouteInputInvalid(f"gas of {market.name}", market.gas, "0 or more")


def token_count(state: PoolState) -> int:
    """How many tokens a pool has."""
    if isinstance(state, WeightedPool | StableSwap | BalancerStable):
        return len(state.balances)
    return 2


def is_empty(state: PoolState) -> bool:
    """Whether there is nothing to trade with."""
    if isinstance(state, ConstantProduct):
        return min(state.reserve0, state.reserve1) == 0
    if isinstance(state, Concentrated | ConcentratedV4):
        return state.liquidity == 0 and not any(net for _, net in state.ticks)
    return min(state.balances) == 0


def _constant_product(
    state: ConstantProduct, amount: int, token_in: int, _: int
) -> tuple[ConstantProduct, int]:
    zero_for_one = token_in == 0
    out = constant_product.amount_out(state, amount, zero_for_one)
    after = constant_product.after_swap(
        state, amount_in=amount, amount_out=out, zero_for_one=zero_for_one
    )
    return after, out


def _concentrated(
    state: Concentrated, amount: int, token_in: int, _: int
) -> tuple[Concentrated, int]:
    swap = concentrated.swap_exact_in(state, amount, token_in == 0)
    if swap.amount_in != amount:
        raise PoolError(f"the pool takes {swap.amount_in} of {amount}")
    return swap.pool, swap.amount_out


def _concentrated_v4(
    state: ConcentratedV4, amount: int, token_in: int, _: int
) -> tuple[ConcentratedV4, int]:
    swap = swap_exact_in_v4(state, amount, token_in == 0)
    if swap.amount_in != amount:
        raise PoolError(f"the pool takes {swap.amount_in} of {amount}")
    return swap.pool, swap.amount_out


_SWAPS: dict[type, Callable[[Any, int, int, int], tuple[Any, int]]] = {
    ConstantProduct: _constant_product,
    Concentrated: _concentrated,
    ConcentratedV4: _concentrated_v4,
    WeightedPool: weighted.swap_exact_in,
    StableSwap: stable_swap.swap_exact_in,
    BalancerStable: balancer_stable.swap_exact_in,
}
