# SPDX-License-Identifier: MIT
"""Pools of a test world as the library's exact models."""

from support import V2_POOL, V3_POOL, World
from web3.contract import Contract

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.chain.transactions import call
from steelyard.demo import uniswap_v2

WORDS = 200  # of the tick bitmap, to each side


def v2_model(pair: Contract) -> ConstantProduct:
    reserve0, reserve1 = uniswap_v2.reserves(pair)
    return ConstantProduct(reserve0=reserve0, reserve1=reserve1)


def v3_model(world: World, pool: Contract) -> Concentrated:
    """The pool as the lens reads it."""
    state = call(world.system.lens.functions.uniswapV3(pool.address, WORDS))
    root, tick, liquidity, fee, spacing, protocol, growth0, growth1 = state[:8]
    lowest, highest, ticks = state[8:]
    return Concentrated(
        sqrt_price_x96=root,
        tick=tick,
        liquidity=liquidity,
        fee_pips=fee,
        tick_spacing=spacing,
        ticks=tuple((t, net) for t, net in ticks),
        fee_growth_global0_x128=growth0,
        fee_growth_global1_x128=growth1,
        fee_protocol=protocol,
        window=(lowest, highest),
    )


def model(world: World, pool: int) -> ConstantProduct | Concentrated:
    if pool == V3_POOL:
        return v3_model(world, world.market.pools[0].contract)
    return v2_model(world.market.pairs[0 if pool == V2_POOL else 1].contract)


def is_zero_for_one(world: World, symbols: list[str]) -> bool:
    sold, bought = (int(world.token(symbol).address, 16) for symbol in symbols)
    return sold < bought
