# SPDX-License-Identifier: MIT
"""Joining and leaving Balancer V2's weighted pools, in exact integers.

UNITS     amounts raw; shares are the pool's own token, of 18 decimals.
ROUNDING  What the pool pays or mints floor, what it is paid ceiling.
SOURCE    WeightedPool v3 (20230206), WeightedMath and BasePoolMath, checked against
          its bytecode.
"""

from collections.abc import Sequence
from dataclasses import replace

from steelyard.amm import balancer_math as fixed
from steelyard.amm.errors import InsufficientAmount
from steelyard.amm.tokens import all_upscaled, downscaled, downscaled_up, upscaled
from steelyard.amm.weighted import WeightedPool
from steelyard.wad import WAD


def invariant(pool: WeightedPool) -> int:
    """prod B_i^w_i of scaled balances, each power and product floor.

    Raises `InsufficientAmount` where that is 0.
    """
    return _invariant(all_upscaled(pool.balances, pool.scaling), pool.weights_wad)


def _invariant(scaled: Sequence[int], weights_wad: Sequence[int]) -> int:
    result = WAD
    for balance, weight in zip(scaled, weights_wad, strict=True):
        result = fixed.mul_down(result, fixed.pow_down(balance, weight))
    if result == 0:
        raise InsufficientAmount("invariant", 0)
    return result


def add_liquidity(
    pool: WeightedPool, amounts: Sequence[int]
) -> tuple[WeightedPool, int]:
    """(pool afterwards, shares that exactly these amounts buy, floor).

    What exceeds the pool's own ratio pays the swap fee. Raises `InsufficientAmount`
    where the invariant is 0, `DivisionByZero` where a balance is.
    """
    invariant(pool)
    balances = all_upscaled(pool.balances, pool.scaling)
    scaled = all_upscaled(amounts, pool.scaling)
    weights = pool.weights_wad
    table = list(zip(balances, scaled, weights, strict=True))
    ratios = [fixed.div_down(b + a, b) for b, a, _ in table]
    mean = sum(fixed.mul_down(r, w) for r, w in zip(ratios, weights, strict=True))
    result = WAD
    for (balance, amount, weight), ratio in zip(table, ratios, strict=True):
        net = amount
        if ratio > mean:
            free = fixed.mul_down(balance, max(0, mean - WAD))
            net -= fixed.mul_up(fixed.sub(amount, free, "amount"), pool.swap_fee_wad)
        grown = fixed.div_down(balance + net, balance)
        result = fixed.mul_down(result, fixed.pow_down(grown, weight))
    minted = fixed.mul_down(pool.supply, max(0, result - WAD))
    return _with_liquidity(pool, amounts, minted), minted


def amounts_for_shares(pool: WeightedPool, shares: int) -> tuple[int, ...]:
    """What a proportional join takes for exactly `shares`, ceiling at each step.

    Raises `InsufficientAmount` where the invariant is 0.
    """
    invariant(pool)
    part_wad = fixed.div_up(shares, pool.supply)
    return tuple(
        downscaled_up(fixed.mul_up(upscaled(balance, scaling), part_wad), scaling)
        for balance, scaling in zip(pool.balances, pool.scaling, strict=True)
    )


def remove_liquidity(
    pool: WeightedPool, shares: int
) -> tuple[WeightedPool, tuple[int, ...]]:
    """(pool afterwards, amounts of a proportional exit, floor at each step).

    Raises `InsufficientAmount` where so little stays that the invariant is 0.
    """
    part_wad = fixed.div_down(shares, pool.supply)
    scaled = all_upscaled(pool.balances, pool.scaling)
    taken = [fixed.mul_down(balance, part_wad) for balance in scaled]
    left = [b - t for b, t in zip(scaled, taken, strict=True)]
    _invariant(left, pool.weights_wad)
    paid = tuple(downscaled(t, s) for t, s in zip(taken, pool.scaling, strict=True))
    return _with_liquidity(pool, [-p for p in paid], -shares), paid


def _with_liquidity(
    pool: WeightedPool, amounts: Sequence[int], shares: int
) -> WeightedPool:
    """The pool with so much more, or less where negative."""
    balances = tuple(b + a for b, a in zip(pool.balances, amounts, strict=True))
    return replace(pool, balances=balances, supply=pool.supply + shares)
