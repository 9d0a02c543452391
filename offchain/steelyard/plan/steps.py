# SPDX-License-Identifier: MIT
"""One action of an order, run on a world: what the adapter or venue would do.

Each raises `PlanError`, `PoolError`, `LendingError` or `ArithmeticRevert` where the
chain would revert. UNITS, ROUNDING as in `world`.
"""

from dataclasses import replace

from steelyard import lending
from steelyard.amm import constant_product
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.lending import AaveReserve, Erc4626
from steelyard.order import UINT_MAX
from steelyard.plan import pools, ranges
from steelyard.plan.errors import AmountNotHeld, NothingMoves, SnapshotFieldInvalid
from steelyard.plan.valuation import read_again
from steelyard.plan.world import (
    Amounts,
    Holding,
    World,
    held_units,
    moved,
    with_holding,
    with_inventory_slack,
)
from steelyard.state import Held, MarketState


def swap(
    world: World, pool: int, zero_for_one: bool, amount_in: int
) -> tuple[World, int]:
    """(world afterwards, amount out) of a swap that takes all of `amount_in`."""
    listed = world.snapshot.pools[pool]
    curve = world.markets[listed.pool.lower()]
    if not isinstance(curve, (ConstantProduct, Concentrated)):
        raise SnapshotFieldInvalid(listed.name, type(curve).__name__, "a pool")
    if amount_in <= 0:
        raise NothingMoves(listed.name, amount_in)
    after, amount_out = pools.swap(curve, amount_in, zero_for_one)
    if amount_out == 0:
        raise NothingMoves(listed.name, 0)

    token_in, token_out = listed.tokens if zero_for_one else listed.tokens[::-1]
    world = ranges.with_own_fees(world, listed.pool, amount_in, zero_for_one)
    moves = {token_in: -amount_in, token_out: amount_out}
    return moved(world, listed.pool, after, moves), amount_out


def withdraw(
    world: World, index: int, ticks: tuple[int, int], units: int
) -> tuple[World, Amounts]:
    """(world afterwards, amounts paid); `units` UINT_MAX takes all."""
    position = world.snapshot.positions[index]
    most = held_units(world, index, *ticks)
    taken = most if units == UINT_MAX else units
    if taken <= 0:
        raise NothingMoves(position.name, taken)
    if taken > most:
        raise AmountNotHeld(position.name, taken, most)

    state, held, paid = _withdrawn(world, index, ticks, taken, units == UINT_MAX)
    if not any(paid):
        raise NothingMoves(position.name, 0)
    world = with_holding(world, index, held)
    if isinstance(state, AaveReserve) and units == UINT_MAX:
        world = with_inventory_slack(world, position.tokens[0])
    moves = dict(zip(position.tokens, paid, strict=True))
    world = moved(world, position.market, state, moves)
    return read_again(world, index), paid


def _withdrawn(
    world: World, index: int, ticks: tuple[int, int], taken: int, everything: bool
) -> tuple[MarketState, Holding, Amounts]:
    state, held = world.market(index), world.holdings[index]
    if isinstance(state, Held):
        raise NothingMoves(world.snapshot.positions[index].name, 0)
    if isinstance(state, ConstantProduct):
        after, *pair = constant_product.burn(state, taken)
        return after, replace(held, units=held.units - taken), tuple(pair)
    if isinstance(state, Concentrated):
        return ranges.burn(state, held, ticks, taken)
    if isinstance(state, AaveReserve):
        reserve = lending.with_liquidity(state, -taken)
        if everything:
            return reserve, replace(held, units=0, lent=0, slack=(0,)), (taken,)
        burnt = lending.scaled_of_assets(taken, state.index_ray)
        held = replace(held, units=held.units - burnt)
        return reserve, _lent(held, -taken, state.index_ray), (taken,)
    paid = lending.assets_of_shares_down(state, taken)
    held = replace(held, units=held.units - taken)
    return _erc4626(state, -paid, -taken), held, (paid,)


def supply(
    world: World, index: int, ticks: tuple[int, int], most: Amounts
) -> tuple[World, int, Amounts]:
    """(world afterwards, units got, amounts used) for at most the amounts `most`."""
    position = world.snapshot.positions[index]
    for token, amount in zip(position.tokens, most, strict=True):
        if amount > world.inventory[token]:
            symbol = world.snapshot.tokens[token].symbol
            raise AmountNotHeld(symbol, amount, world.inventory[token])

    state, held, units, used = _supplied(world, index, ticks, most)
    if units == 0 or not any(used):
        raise NothingMoves(position.name, 0)
    world = with_holding(world, index, held)
    moves = {t: -amount for t, amount in zip(position.tokens, used, strict=True)}
    world = moved(world, position.market, state, moves)
    return read_again(world, index), units, used


def _supplied(
    world: World, index: int, ticks: tuple[int, int], most: Amounts
) -> tuple[MarketState, Holding, int, Amounts]:
    position, held = world.snapshot.positions[index], world.holdings[index]
    state = world.market(index)
    if isinstance(state, Held):
        raise NothingMoves(position.name, 0)
    if isinstance(state, ConstantProduct):
        pair, units, used = pools.mint_pair(state, most[0], most[1])
        return pair, replace(held, units=held.units + units), units, used
    if isinstance(state, Concentrated):
        return ranges.mint(state, held, position.name, ticks, most)
    if isinstance(state, AaveReserve):
        reserve = lending.with_liquidity(state, most[0])
        scaled = lending.scaled_of_assets(most[0], state.index_ray)
        held = replace(held, units=held.units + scaled)
        return reserve, _lent(held, most[0], state.index_ray), scaled, most
    shares = lending.shares_of_assets_down(state, most[0])
    held = replace(held, units=held.units + shares)
    return _erc4626(state, most[0], shares), held, shares, most


def _lent(held: Holding, amount: int, index_ray: int) -> Holding:
    """Aave rounds the change to the nearest scaled unit, at its own block's index.

    That is half an index either way, and a raw unit where the rest is cut off. Assumes
    that the index does not pass an even number of rays until then.
    """
    off = index_ray // (2 * lending.RAY) + 1
    lent = max(0, held.lent + amount - off)
    return replace(held, lent=lent, slack=(held.slack[0] + 2 * off,))


def _erc4626(state: Erc4626, assets: int, shares: int) -> Erc4626:
    return replace(
        state,
        total_assets=state.total_assets + assets,
        total_supply=state.total_supply + shares,
    )
