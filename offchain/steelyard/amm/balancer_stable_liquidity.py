# SPDX-License-Identifier: MIT
"""Joining and leaving Balancer V2's composable stable pools, in exact integers.

UNITS     amounts raw; shares are the pool's own token, of 18 decimals.
ROUNDING  What the pool pays or mints floor.
SOURCE    ComposableStablePool v3 (20230206), StableMath and BasePoolMath, checked
          against its bytecode.
"""

from collections.abc import Sequence
from dataclasses import replace

from steelyard.amm import balancer_math as fixed
from steelyard.amm.balancer_stable import (
    BalancerStable,
    get_invariant,
    invariant,
    scaled_balances,
)
from steelyard.amm.tokens import all_upscaled, downscaled
from steelyard.wad import WAD


def rate_wad(pool: BalancerStable) -> int:
    """D of one pool share, floor."""
    return fixed.div_down(invariant(pool), pool.supply)


def add_liquidity(
    pool: BalancerStable, amounts: Sequence[int]
) -> tuple[BalancerStable, int]:
    """(pool afterwards, shares that exactly these amounts buy, floor).

    What exceeds the pool's own ratio pays the swap fee. The pool finds its invariant
    before, after and without the fees: raises as `get_invariant`.
    """
    balances = scaled_balances(pool)
    scaled = all_upscaled(amounts, pool.scaling)
    table = list(zip(balances, scaled, strict=True))
    total = sum(balances)
    ratios = [fixed.div_down(b + a, b) for b, a in table]
    mean = sum(
        fixed.mul_down(ratio, fixed.div_down(balance, total))
        for ratio, balance in zip(ratios, balances, strict=True)
    )
    after = []
    for (balance, amount), ratio in zip(table, ratios, strict=True):
        net = amount
        if ratio > mean:
            free = fixed.mul_down(balance, fixed.sub(mean, WAD, "mean ratio"))
            taxed = fixed.sub(amount, free, "amount")
            net = free + fixed.mul_down(taxed, WAD - pool.swap_fee_wad)
        after.append(balance + net)
    d_before = get_invariant(balances, pool.amplification)
    d_after = get_invariant(after, pool.amplification)
    get_invariant([b + a for b, a in table], pool.amplification)
    grown = fixed.div_down(d_after, d_before)
    minted = fixed.mul_down(pool.supply, max(0, grown - WAD))
    return _with_liquidity(pool, amounts, minted), minted


def remove_liquidity(
    pool: BalancerStable, shares: int
) -> tuple[BalancerStable, tuple[int, ...]]:
    """(pool afterwards, amounts of a proportional exit, floor at each step).

    The pool finds its invariant before and after: raises as `get_invariant`.
    """
    part_wad = fixed.div_down(shares, pool.supply)
    scaled = scaled_balances(pool)
    taken = [fixed.mul_down(balance, part_wad) for balance in scaled]
    get_invariant(scaled, pool.amplification)
    left = [b - t for b, t in zip(scaled, taken, strict=True)]
    get_invariant(left, pool.amplification)
    paid = tuple(downscaled(t, s) for t, s in zip(taken, pool.scaling, strict=True))
    return _with_liquidity(pool, [-p for p in paid], -shares), paid


def _with_liquidity(
    pool: BalancerStable, amounts: Sequence[int], shares: int
) -> BalancerStable:
    balances = tuple(b + a for b, a in zip(pool.balances, amounts, strict=True))
    return replace(pool, balances=balances, supply=pool.supply + shares)
