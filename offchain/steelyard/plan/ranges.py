# SPDX-License-Identifier: MIT
"""The vault's own concentrated ranges: minted, burnt, paid fees by its own swaps.

UNITS     amounts, liquidity raw.
ROUNDING  As UniswapV3Adapter and the pool: mints up, burns and fees down.
"""

from dataclasses import replace

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.position import (
    liquidity_for_amounts,
    range_amounts_down,
    range_amounts_up,
)
from steelyard.amm.tick_curve import with_range
from steelyard.amm.tick_math import get_sqrt_ratio_at_tick
from steelyard.plan.errors import NothingMoves, TooManyRanges
from steelyard.plan.pools import fees_of_swap
from steelyard.plan.world import Amounts, Holding, World
from steelyard.state import RangeState

MOST_RANGES = 4  # UniswapV3Adapter.MOST_RANGES


def sqrt_bounds(tick_lower: int, tick_upper: int) -> tuple[int, int]:
    """Square-root prices of a range's ends."""
    return get_sqrt_ratio_at_tick(tick_lower), get_sqrt_ratio_at_tick(tick_upper)


def mint(
    pool: Concentrated, held: Holding, name: str, ticks: tuple[int, int], most: Amounts
) -> tuple[Concentrated, Holding, int, Amounts]:
    """(pool, holding afterwards, liquidity, amounts taken) for at most `most`.

    Raises `NothingMoves`, `TooManyRanges`, `PoolError`.
    """
    bounds = sqrt_bounds(*ticks)
    liquidity = liquidity_for_amounts(pool.sqrt_price_x96, *bounds, most[0], most[1])
    if liquidity == 0:
        raise NothingMoves(name, 0)
    used = range_amounts_up(liquidity, pool.sqrt_price_x96, *bounds)
    ranges = list(held.ranges)
    for i, r in enumerate(ranges):
        if (r.tick_lower, r.tick_upper) == ticks:
            ranges[i] = replace(r, liquidity=r.liquidity + liquidity)
            break
    else:
        ranges.append(
            RangeState(
                tick_lower=ticks[0],
                tick_upper=ticks[1],
                liquidity=liquidity,
                fees=(0, 0),
            )
        )
    if len(ranges) > MOST_RANGES:
        raise TooManyRanges(name, len(ranges), MOST_RANGES)
    held = replace(held, units=held.units + liquidity, ranges=tuple(ranges))
    return with_range(pool, *ticks, liquidity), held, liquidity, used


def burn(
    pool: Concentrated, held: Holding, ticks: tuple[int, int], taken: int
) -> tuple[Concentrated, Holding, Amounts]:
    """(pool, holding afterwards, amounts paid with all fees of the range, held)."""
    (found,) = (r for r in held.ranges if (r.tick_lower, r.tick_upper) == ticks)
    principal = range_amounts_down(taken, pool.sqrt_price_x96, *sqrt_bounds(*ticks))
    fees = found.fees
    left = replace(found, liquidity=found.liquidity - taken, fees=(0, 0))
    ranges = tuple(
        left if r is found else r
        for r in held.ranges
        if r is not found or left.liquidity
    )
    held = replace(held, units=held.units - taken, ranges=ranges)
    paid = (principal[0] + fees[0], principal[1] + fees[1])
    return with_range(pool, *ticks, -taken), held, paid


def with_own_fees(
    world: World, market: str, amount_in: int, zero_for_one: bool
) -> World:
    """The world in which a swap about to run has paid the vault's own ranges."""
    pool = world.markets[market.lower()]
    if not isinstance(pool, Concentrated):
        return world
    side = 0 if zero_for_one else 1
    holdings = list(world.holdings)
    for i, position in enumerate(world.snapshot.positions):
        held = holdings[i]
        if position.market.lower() != market.lower() or not held.ranges:
            continue
        slack = list(held.slack)
        slack[side] += len(held.ranges)  # the pool adds growth up before it rounds
        ranges = tuple(_paid(pool, amount_in, side, r) for r in held.ranges)
        holdings[i] = replace(held, ranges=ranges, slack=tuple(slack))
    return replace(world, holdings=tuple(holdings))


def _paid(pool: Concentrated, amount_in: int, side: int, r: RangeState) -> RangeState:
    fees = list(r.fees)
    fees[side] += fees_of_swap(pool, amount_in, side == 0, r)
    return replace(r, fees=(fees[0], fees[1]))
