# SPDX-License-Identifier: MIT
"""What a swap, a mint or a burn does to a pool: exact integers, states in and out.

UNITS     amounts, liquidity raw; `*_x96`, `*_e36`, `*_wad` as everywhere.
ROUNDING  The pools' own; deviations up, against the order.
"""

from steelyard import fair
from steelyard.amm import constant_product
from steelyard.amm.concentrated import Concentrated, swap_exact_in
from steelyard.amm.constant_product import ConstantProduct
from steelyard.amm.tick_math import get_sqrt_ratio_at_tick
from steelyard.fair import sqrt_price_x96
from steelyard.plan.errors import NothingMoves, SwapPartial
from steelyard.state import PoolCurve, RangeState
from steelyard.wad import UINT256_MAX


def swap(pool: PoolCurve, amount_in: int, zero_for_one: bool) -> tuple[PoolCurve, int]:
    """(pool afterwards, amount out) of a swap that takes all of `amount_in`.

    Raises `PoolError`, `ArithmeticRevert`, `SwapPartial`.
    """
    if isinstance(pool, ConstantProduct):
        out = constant_product.amount_out(pool, amount_in, zero_for_one)
        after = constant_product.after_swap(
            pool, amount_in=amount_in, amount_out=out, zero_for_one=zero_for_one
        )
        return after, out
    done = swap_exact_in(pool, amount_in, zero_for_one)
    if done.amount_in != amount_in:
        raise SwapPartial(done.amount_in, amount_in)
    return done.pool, done.amount_out


def spot_sqrt_x96(pool: PoolCurve) -> int:
    """Square root of the pool's price, as the adapters and venues read it."""
    if isinstance(pool, Concentrated):
        return pool.sqrt_price_x96
    return sqrt_price_x96(pool.reserve1, pool.reserve0)


def deviation_wad_up(pool: PoolCurve, price0_e36: int, price1_e36: int) -> int:
    """How far the pool stands from the oracle: FairValue.deviationWadUp."""
    fair_x96 = sqrt_price_x96(price0_e36, price1_e36)
    return fair.deviation_wad_up(spot_sqrt_x96(pool), fair_x96)


def fees_of_swap(
    pool: Concentrated, amount_in: int, zero_for_one: bool, held: RangeState
) -> int:
    """Fees of the token paid in that a swap earns a range of the vault's own, floor.

    The pool adds up growth before it rounds, so it may owe one raw unit more.
    """
    start, end = (
        _growth_at(pool, amount_in, zero_for_one, get_sqrt_ratio_at_tick(tick))
        for tick in (held.tick_lower, held.tick_upper)
    )
    return (abs(end - start) * held.liquidity) >> 128


def _growth_at(
    pool: Concentrated, amount_in: int, zero_for_one: bool, sqrt_x96: int
) -> int:
    """Growth of the fee that the swap has made once its price stands at `sqrt_x96`.

    Before the swap gets there: none. Beyond where it ends: all.
    """
    ahead = (
        pool.sqrt_price_x96 - sqrt_x96
        if zero_for_one
        else (sqrt_x96 - pool.sqrt_price_x96)
    )
    if ahead <= 0:
        return 0
    after = swap_exact_in(pool, amount_in, zero_for_one, sqrt_x96).pool
    if zero_for_one:
        growth = after.fee_growth_global0_x128 - pool.fee_growth_global0_x128
    else:
        growth = after.fee_growth_global1_x128 - pool.fee_growth_global1_x128
    return growth & UINT256_MAX


def mint_pair(
    pool: ConstantProduct, max0: int, max1: int
) -> tuple[ConstantProduct, int, tuple[int, int]]:
    """(pair afterwards, LP tokens, amounts taken) as UniswapV2Adapter supplies."""
    amount0, amount1 = constant_product.amounts_to_add(pool, max0, max1)
    if amount0 == 0 or amount1 == 0:
        raise NothingMoves("liquidity", 0)
    after, liquidity = constant_product.mint(pool, amount0, amount1)
    return after, liquidity, (amount0, amount1)
