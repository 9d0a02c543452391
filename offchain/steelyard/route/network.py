# SPDX-License-Identifier: MIT
"""Pools as tables that are answered all at once, made from their exact states."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, log, log1p
from typing import Any

import numpy as np

from steelyard.amm import balancer_stable, stable_swap
from steelyard.amm.balancer_stable import AMP_PRECISION, BalancerStable
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import PIPS, ConstantProduct
from steelyard.amm.stable_swap import A_PRECISION, FEE_UNIT, StableSwap
from steelyard.amm.tick_curve import TickCurve
from steelyard.amm.tick_math import MAX_TICK, MIN_TICK, Q96
from steelyard.amm.uniswap_v4 import ConcentratedV4, swap_fee_pips
from steelyard.amm.weighted import WeightedPool
from steelyard.route.intervals import Intervals
from steelyard.route.markets import Market, is_empty
from steelyard.route.stable import StablePairs
from steelyard.route.stable_many import StableBlock
from steelyard.route.tables import Groups, Network, Pairs
from steelyard.route.weighted import WeightedBlock
from steelyard.wad import WAD

LOG_TICK = log1p(1e-4)


def network_of(markets: Sequence[Market], tokens: int) -> Network:
    """All markets that have something to trade; `pool` is their place in `markets`."""
    live = [(i, m) for i, m in enumerate(markets) if not is_empty(m.state)]
    rows = [row for i, m in live for row in _stretches(i, m)]
    weighted = [(i, m) for i, m in live if isinstance(m.state, WeightedPool)]
    stable = [pool for i, m in live for pool in _stable_pools(i, m)]
    pairs = [pool for pool in stable if len(pool.tokens) == 2]
    edges: list[Pairs] = []
    if rows:
        edges.append(_intervals(rows))
    if pairs:
        edges.append(_stable_pairs(pairs))
    blocks: list[Groups] = []
    for count in sorted({len(m.tokens) for m in markets}):
        alike = [(i, m) for i, m in weighted if len(m.tokens) == count]
        if alike:
            blocks.append(_weighted(alike))
        many = [pool for pool in stable if len(pool.tokens) == count > 2]
        if many:
            blocks.append(_stable_block(many))
    return Network(tokens=tokens, edges=edges, blocks=blocks)


Numbered = tuple[int, Market]
# pool, token0, token1, liquidity, log price, log low, log high, log of 1 - fee
Row = tuple[int, int, int, float, float, float, float, float]


def _stretches(number: int, market: Market) -> Iterator[Row]:
    state = market.state
    token0, token1 = market.tokens[:2]
    if isinstance(state, ConstantProduct):
        x, y = float(state.reserve0), float(state.reserve1)
        keep = log1p(-state.fee_pips / PIPS)
        price, liquidity = log(y) - log(x), (x * y) ** 0.5
        yield number, token0, token1, liquidity, price, -inf, inf, keep
    if isinstance(state, Concentrated | ConcentratedV4):
        keep = log1p(-_fee_pips(state) / PIPS)
        price = 2 * log(state.sqrt_price_x96 / Q96)
        for low, high, liquidity in _ranges(state):
            at = min(max(price, low), high)
            yield number, token0, token1, float(liquidity), at, low, high, keep


def _fee_pips(pool: Concentrated | ConcentratedV4) -> int:
    """What a trader pays; of v4's two directions the dearer."""
    if isinstance(pool, Concentrated):
        return pool.fee_pips
    return max(swap_fee_pips(pool, zero_for_one) for zero_for_one in (True, False))


def _ranges(pool: TickCurve) -> Iterator[tuple[float, float, int]]:
    """(log of lower price, log of upper price, liquidity) where there is some."""
    below = [entry for entry in pool.ticks if entry[0] <= pool.tick]
    above = [entry for entry in pool.ticks if entry[0] > pool.tick]
    liquidity, low = pool.liquidity, pool.tick + 1
    upper = above[0][0] if above else min(pool.window[1], MAX_TICK)
    for tick, net in reversed(below):
        if liquidity:
            yield tick * LOG_TICK, upper * LOG_TICK, liquidity
        liquidity, upper = liquidity - net, tick
    low = max(pool.window[0], MIN_TICK)
    if liquidity and low < upper:
        yield low * LOG_TICK, upper * LOG_TICK, liquidity
    liquidity = pool.liquidity
    for (tick, net), following in zip(above, [*above[1:], None], strict=True):
        liquidity += net
        end = following[0] if following else min(pool.window[1], MAX_TICK)
        if liquidity and tick < end:
            yield tick * LOG_TICK, end * LOG_TICK, liquidity


def _intervals(rows: Sequence[Row]) -> Intervals:
    pool, token0, token1, liquidity, price, low, high, keep = zip(*rows, strict=True)
    return Intervals(
        token0=np.array(token0, dtype=np.int64),
        token1=np.array(token1, dtype=np.int64),
        pool=np.array(pool, dtype=np.int64),
        liquidity=np.array(liquidity),
        log_price=np.array(price),
        log_low=np.array(low),
        log_high=np.array(high),
        log_keep=np.array(keep),
    )


def _weighted(markets: Sequence[Numbered]) -> WeightedBlock:
    states = [m.state for _, m in markets if isinstance(m.state, WeightedPool)]
    weights = np.array([state.weights_wad for state in states], dtype=np.float64)
    fees = np.array([state.swap_fee_wad / WAD for state in states])
    return WeightedBlock(
        tokens=np.array([m.tokens for _, m in markets], dtype=np.int64),
        pool=np.array([i for i, _ in markets], dtype=np.int64),
        log_reserves=np.log(np.array([s.balances for s in states], dtype=np.float64)),
        weights=weights / weights.sum(axis=1)[:, None],
        log_keep=np.log1p(-fees),
        may_enter=np.ones(weights.shape, dtype=bool),
        may_leave=np.ones(weights.shape, dtype=bool),
    )


@dataclass(frozen=True, kw_only=True)
class _StablePool:
    """A stable pool of either kind, in floats."""

    number: int
    tokens: tuple[int, ...]
    invariant: float
    annealed: float
    balances: tuple[float, ...]  # in units of the invariant
    log_units: tuple[float, ...]
    fee: float
    fee_on_out: bool


def _stable_pools(number: int, market: Market) -> Iterator[_StablePool]:
    """The market, when it is one."""
    state = market.state
    if isinstance(state, StableSwap):
        scaled, d = stable_swap.scaled_balances(state), stable_swap.invariant(state)
        one, fee, scaling = A_PRECISION, state.fee_e10 / FEE_UNIT, state.rates
    elif isinstance(state, BalancerStable):
        scaled = balancer_stable.scaled_balances(state)
        d = balancer_stable.invariant(state)
        one, fee, scaling = AMP_PRECISION, state.swap_fee_wad / WAD, state.scaling
    else:
        return
    yield _StablePool(
        number=number,
        tokens=market.tokens,
        invariant=float(d),
        annealed=state.amplification * len(scaled) / one,
        balances=tuple(balance / d for balance in scaled),
        log_units=tuple(log(rate) - log(WAD) for rate in scaling),
        fee=fee,
        fee_on_out=isinstance(state, StableSwap),
    )


def _stable_columns(pools: Sequence[_StablePool]) -> dict[str, Any]:
    """What tables of both sizes have."""
    return {
        "pool": np.array([p.number for p in pools], dtype=np.int64),
        "invariant": np.array([p.invariant for p in pools]),
        "amplification": np.array([p.annealed for p in pools]),
        "log_keep": np.log1p(-np.array([p.fee for p in pools])),
        "fee_on_out": np.array([p.fee_on_out for p in pools], dtype=bool),
    }


def _stable_pairs(pools: Sequence[_StablePool]) -> StablePairs:
    token0, token1 = np.array([p.tokens for p in pools], dtype=np.int64).T
    balance0, balance1 = np.array([p.balances for p in pools]).T
    log_unit0, log_unit1 = np.array([p.log_units for p in pools]).T
    return StablePairs(
        **_stable_columns(pools),
        token0=token0,
        token1=token1,
        balance0=balance0,
        balance1=balance1,
        log_unit0=log_unit0,
        log_unit1=log_unit1,
        lowest=np.full(len(pools), -inf),
        highest=np.full(len(pools), inf),
    )


def _stable_block(pools: Sequence[_StablePool]) -> StableBlock:
    tokens = np.array([p.tokens for p in pools], dtype=np.int64)
    return StableBlock(
        **_stable_columns(pools),
        tokens=tokens,
        balances=np.array([p.balances for p in pools]),
        log_units=np.array([p.log_units for p in pools]),
        may_enter=np.ones(tokens.shape, dtype=bool),
        may_leave=np.ones(tokens.shape, dtype=bool),
    )
