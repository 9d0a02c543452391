# SPDX-License-Identifier: MIT
"""Uniswap v3 swaps in exact integers, any number of ticks deep.

UNITS     token amounts raw; `fee_pips` 1e6 = 100 %.
ROUNDING  As the pool: what it pays floor, what it is paid ceiling.
SOURCE    UniswapV3Pool.swap, v3-core 1.0.1 (checked against its bytecode).
"""

from dataclasses import dataclass

from steelyard.amm.errors import PoolFieldInvalid
from steelyard.amm.sqrt_price import PIPS, swap_step_exact_in, swap_step_exact_out
from steelyard.amm.tick_curve import TickCurve, checked_curve
from steelyard.amm.walk import INT256_MAX, Rules, Swap, walk
from steelyard.wad import checked_uint

PROTOCOL_PARTS = (0, *range(4, 11))  # 1/n of the fee; 0 for none


@dataclass(frozen=True, kw_only=True)
class Concentrated(TickCurve):
    fee_pips: int
    fee_protocol: int = 0  # slot0's: low 4 bits token0, high 4 token1, share 1/n


V3Swap = Swap[Concentrated]


def checked_pool(pool: Concentrated) -> Concentrated:
    """`pool` itself; raises `PoolError` for what no real pool can be."""
    checked_uint(pool.fee_pips, "fee_pips", PIPS - 1)
    for part in (pool.fee_protocol % 16, pool.fee_protocol >> 4):
        if part not in PROTOCOL_PARTS:
            expected = "each half one of " + ", ".join(map(str, PROTOCOL_PARTS))
            raise PoolFieldInvalid("fee_protocol", pool.fee_protocol, expected)
    return checked_curve(pool)


def swap_rules(pool: Concentrated, zero_for_one: bool, *, exact_in: bool) -> Rules:
    """How each step of a swap trades and shares its fee."""
    part = pool.fee_protocol % 16 if zero_for_one else pool.fee_protocol >> 4

    def share(_net_in: int, fee: int) -> int:
        return fee // part

    return Rules(
        step=swap_step_exact_in if exact_in else swap_step_exact_out,
        fee_pips=pool.fee_pips,
        share=share if part else None,
    )


def swap_exact_in(
    pool: Concentrated,
    amount_in: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
) -> V3Swap:
    """The swap of `amount_in`, fee included; less goes in when the limit stops it.

    Raises `PriceLimitInvalid`, `InsufficientAmount`, `TickWindowExceeded`.
    """
    rules = swap_rules(pool, zero_for_one, exact_in=True)
    limit = sqrt_price_limit_x96
    return walk(pool, rules, amount_in, zero_for_one, limit, exact_in=True)


def swap_exact_out(
    pool: Concentrated,
    amount_out: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
) -> V3Swap:
    """The swap that pays `amount_out`; less comes out when the limit stops it.

    Raises `PriceLimitInvalid`, `InsufficientAmount`, `TickWindowExceeded`.
    """
    rules = swap_rules(pool, zero_for_one, exact_in=False)
    limit = sqrt_price_limit_x96
    return walk(pool, rules, amount_out, zero_for_one, limit, exact_in=False)


def swap_to_price(pool: Concentrated, sqrt_price_x96: int) -> V3Swap:
    """The swap that leaves the pool at `sqrt_price_x96`, in whichever direction."""
    zero_for_one = sqrt_price_x96 < pool.sqrt_price_x96
    return swap_exact_in(pool, INT256_MAX, zero_for_one, sqrt_price_x96)
