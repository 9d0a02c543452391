# SPDX-License-Identifier: MIT
"""Uniswap v4 swaps without hooks in exact integers, the fee being static.

UNITS     token amounts raw; fees in pips, 1e6 = 100 %.
ROUNDING  As the pool: what it pays floor, what it is paid ceiling.
SOURCE    Pool.swap, SwapMath, ProtocolFeeLibrary, v4-core 1.0.2 (checked against the
          PoolManager's bytecode). An amount in that does not finish a step is spent
          whole: v3 takes what rounding spares as a fee, v4 counts it as paid in.
"""

from dataclasses import dataclass

from steelyard.amm.errors import FeeTakesAll, PoolFieldInvalid
from steelyard.amm.sqrt_price import (
    PIPS,
    amount0_delta_down,
    amount0_delta_up,
    amount1_delta_down,
    amount1_delta_up,
    next_sqrt_price_from_input,
    next_sqrt_price_from_output,
    whole_step,
)
from steelyard.amm.tick_curve import TickCurve, checked_curve
from steelyard.amm.walk import Rules, Swap, walk
from steelyard.wad import checked_uint

MOST_PROTOCOL_PIPS = 1000
INT128_MAX = 2**127 - 1


@dataclass(frozen=True, kw_only=True)
class ConcentratedV4(TickCurve):
    lp_fee_pips: int
    # of what comes in, before the providers' fee: (selling token0, selling token1)
    protocol_fee_pips: tuple[int, int] = (0, 0)


V4Swap = Swap[ConcentratedV4]


def checked_pool_v4(pool: ConcentratedV4) -> ConcentratedV4:
    """`pool` itself; raises `PoolError` for what no real pool can be."""
    checked_uint(pool.lp_fee_pips, "lp_fee_pips", PIPS)
    for pips in pool.protocol_fee_pips:
        checked_uint(pips, "protocol_fee_pips", MOST_PROTOCOL_PIPS)
    if pool.tick_spacing > 2**15 - 1:
        raise PoolFieldInvalid("tick_spacing", pool.tick_spacing, "at most 32767")
    return checked_curve(pool)


def swap_fee_pips(pool: ConcentratedV4, zero_for_one: bool) -> int:
    """What a trader pays: the protocol's fee, then the providers' on the rest; up."""
    protocol = pool.protocol_fee_pips[0 if zero_for_one else 1]
    return protocol + pool.lp_fee_pips - protocol * pool.lp_fee_pips // PIPS


def swap_rules_v4(pool: ConcentratedV4, zero_for_one: bool, *, exact_in: bool) -> Rules:
    """How each step of a swap trades and shares its fee."""
    protocol = pool.protocol_fee_pips[0 if zero_for_one else 1]
    whole = swap_fee_pips(pool, zero_for_one)

    def share(net_in: int, fee: int) -> int:
        return fee if whole == protocol else (net_in + fee) * protocol // PIPS

    return Rules(
        step=step_exact_in_v4 if exact_in else step_exact_out_v4,
        fee_pips=whole,
        share=share if protocol else None,
        most=INT128_MAX,  # a balance delta holds signed 128 bits of each token
    )


def swap_exact_in_v4(
    pool: ConcentratedV4,
    amount_in: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
) -> V4Swap:
    """The swap of `amount_in`, fee included; less goes in when the limit stops it.

    Raises `PriceLimitInvalid`, `InsufficientAmount`, `TickWindowExceeded`.
    """
    rules = swap_rules_v4(pool, zero_for_one, exact_in=True)
    limit = sqrt_price_limit_x96
    return walk(pool, rules, amount_in, zero_for_one, limit, exact_in=True)


def swap_exact_out_v4(
    pool: ConcentratedV4,
    amount_out: int,
    zero_for_one: bool,
    sqrt_price_limit_x96: int | None = None,
) -> V4Swap:
    """The swap that pays `amount_out`; less comes out when the limit stops it.

    Raises `FeeTakesAll` and what `swap_exact_in_v4` raises.
    """
    rules = swap_rules_v4(pool, zero_for_one, exact_in=False)
    if rules.fee_pips >= PIPS:
        raise FeeTakesAll(rules.fee_pips)
    limit = sqrt_price_limit_x96
    return walk(pool, rules, amount_out, zero_for_one, limit, exact_in=False)


def step_exact_in_v4(
    sqrt_price_x96: int, target_x96: int, liquidity: int, remaining: int, fee_pips: int
) -> tuple[int, int, int, int]:
    """(next square-root price, amount in, amount out, fee) of one step."""
    takes_all = fee_pips == PIPS  # then only steps that cost nothing are whole
    amount_in, amount_out, fee = whole_step(
        sqrt_price_x96, target_x96, liquidity, 0 if takes_all else fee_pips
    )
    if amount_in + fee <= (0 if takes_all else remaining):
        return target_x96, amount_in, amount_out, fee
    down = sqrt_price_x96 >= target_x96
    out_delta = amount1_delta_down if down else amount0_delta_down
    net = remaining * (PIPS - fee_pips) // PIPS
    after = next_sqrt_price_from_input(sqrt_price_x96, liquidity, net, down)
    amount_out = out_delta(after, sqrt_price_x96, liquidity)
    return after, net, amount_out, remaining - net


def step_exact_out_v4(
    sqrt_price_x96: int, target_x96: int, liquidity: int, remaining: int, fee_pips: int
) -> tuple[int, int, int, int]:
    """(next square-root price, amount in, amount out, fee); out at most `remaining`."""
    down = sqrt_price_x96 >= target_x96
    in_delta = amount0_delta_up if down else amount1_delta_up
    out_delta = amount1_delta_down if down else amount0_delta_down

    amount_out = out_delta(target_x96, sqrt_price_x96, liquidity)
    after = target_x96
    if remaining < amount_out:
        amount_out = remaining
        after = next_sqrt_price_from_output(sqrt_price_x96, liquidity, remaining, down)
    amount_in = in_delta(after, sqrt_price_x96, liquidity)
    fee = -(-amount_in * fee_pips // (PIPS - fee_pips))
    return after, amount_in, amount_out, fee
