# SPDX-License-Identifier: MIT
"""How many tokens a supply of some value takes, at the pool's own ratio.

ROUNDING  Down; ranges take the amounts that their liquidity needs, up.
"""

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.position import liquidity_for_amounts, range_amounts_up
from steelyard.plan.errors import NothingMoves
from steelyard.plan.ranges import sqrt_bounds
from steelyard.plan.world import Amounts, World
from steelyard.wad import E36

_PROBE = 2**120  # liquidity that tells the value of one unit to 1e-30 or so


def supply_amounts(
    world: World, index: int, ticks: tuple[int, int], assets: int, available: Amounts
) -> Amounts:
    """Amounts worth at most `assets` at the oracle's prices, none above `available`.

    `available` is per token of the market. Raises `NothingMoves`, `PoolError`.
    """
    position, state = world.snapshot.positions[index], world.market(index)
    prices = [world.snapshot.tokens[t].price_e36 for t in position.tokens]
    if isinstance(state, ConstantProduct):
        return _pair_amounts(position.name, state, prices, assets, available)
    if isinstance(state, Concentrated):
        return _range_amounts(position.name, state, ticks, prices, assets, available)
    return (min(assets * E36 // prices[0], available[0]),)


def _pair_amounts(
    name: str,
    pool: ConstantProduct,
    prices: list[int],
    assets: int,
    available: Amounts,
) -> Amounts:
    reserves = (pool.reserve0, pool.reserve1)
    if 0 in reserves:
        raise NothingMoves(name, 0)
    worth = reserves[0] * prices[0] + reserves[1] * prices[1]
    # as a share of the reserves, the smallest of what is wanted and what is there
    share, of = assets * E36, worth
    for reserve, most in zip(reserves, available, strict=True):
        if share * reserve > most * of:
            share, of = most, reserve
    return reserves[0] * share // of, reserves[1] * share // of


def _range_amounts(
    name: str,
    pool: Concentrated,
    ticks: tuple[int, int],
    prices: list[int],
    assets: int,
    available: Amounts,
) -> Amounts:
    bounds, price = sqrt_bounds(*ticks), pool.sqrt_price_x96
    probe = range_amounts_up(_PROBE, price, *bounds)
    worth = probe[0] * prices[0] + probe[1] * prices[1]
    if worth == 0:
        raise NothingMoves(name, 0)
    liquidity = min(
        assets * E36 * _PROBE // worth,
        liquidity_for_amounts(price, *bounds, available[0], available[1]),
    )
    need = range_amounts_up(liquidity, price, *bounds)
    return min(need[0], available[0]), min(need[1], available[1])
