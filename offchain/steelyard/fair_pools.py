# SPDX-License-Identifier: MIT
"""What shares of weighted and stable pools are worth at oracle prices: the twins of
WeightedPool.sol and StableSwap.sol, and of the adapters that use them.

A pool's spot price can be moved by anyone; the amounts here depend only on what a swap
without fee leaves as it is, and on prices given by the vault's oracle.

UNITS     `prices_e36`: asset raw units per raw token unit · 1e36, in the pool's order.
          Amounts raw; `units` are pool shares or LP tokens.
ROUNDING  Worth floor at every division in the order written, deviations ceiling: the
          Solidity does the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.amm import stable_swap
from steelyard.amm.balancer_stable import AMP_PRECISION, BalancerStable
from steelyard.amm.balancer_stable_liquidity import rate_wad
from steelyard.amm.stable_math import A_PRECISION
from steelyard.amm.stable_swap import StableSwap
from steelyard.amm.tokens import all_upscaled
from steelyard.amm.weighted import WeightedPool
from steelyard.log_exp import exp_wad, ln_wad, toward_zero
from steelyard.wad import (
    E36,
    WAD,
    checked_uint,
    div_wad_down,
    div_wad_up,
    mul_div_down,
    mul_wad_down,
)

LN_EXP_ERROR_WAD = 100  # 1e-16, ten times what logarithms and exponential are off
MOST_STEPS = 64


# Weighted pools: V = prod (B_i p_i / w_i)^w_i, of which token i has w_i V / p_i.


def weighted_amounts(
    pool: WeightedPool, units: int, prices_e36: Sequence[int]
) -> tuple[int, ...]:
    """BalancerV2WeightedAdapter's `amounts` of so many units."""
    if units == 0:
        return (0,) * len(pool.balances)
    worth = _weighted_worth_wad(pool, units, prices_e36)
    table = zip(pool.weights_wad, prices_e36, strict=True)
    return tuple(mul_div_down(worth, weight, price) for weight, price in table)


def weighted_worth(pool: WeightedPool, units: int, prices_e36: Sequence[int]) -> int:
    """Asset raw units."""
    return _weighted_worth_wad(pool, units, prices_e36) // WAD


def weighted_deviation_wad_up(pool: WeightedPool, prices_e36: Sequence[int]) -> int:
    """How far any two tokens stand in the pool from these prices."""
    sides = _sides_wad(pool, prices_e36)
    return div_wad_up(checked_uint(max(sides) + 1, "side"), min(sides)) - WAD


def _weighted_worth_wad(
    pool: WeightedPool, units: int, prices_e36: Sequence[int]
) -> int:
    """Asset raw units times 1e18."""
    logarithm = 0
    sides = _sides_wad(pool, prices_e36)
    for side, weight in zip(sides, pool.weights_wad, strict=True):
        logarithm += toward_zero(weight * ln_wad(side), WAD)
    whole = mul_wad_down(exp_wad(logarithm), WAD - LN_EXP_ERROR_WAD)
    return mul_wad_down(whole, div_wad_down(units, pool.supply))


def _sides_wad(pool: WeightedPool, prices_e36: Sequence[int]) -> list[int]:
    """B p / w [assets · 1e18]; the same for all tokens at the pool's own prices."""
    table = zip(pool.balances, pool.weights_wad, prices_e36, strict=True)
    return [
        div_wad_down(mul_div_down(balance, price, WAD), weight)
        for balance, weight, price in table
    ]


# Stable pools: a share of D at the lowest price of a coin.


def curve_amounts(
    pool: StableSwap, units: int, prices_e36: Sequence[int]
) -> tuple[int, ...]:
    """CurveAdapter's `amounts` of so many units."""
    if units == 0:
        return (0,) * len(pool.balances)
    part = mul_wad_down(units, stable_swap.virtual_price_wad(pool))
    return stable_amounts(part, pool.rates, prices_e36)


def balancer_stable_amounts(
    pool: BalancerStable, units: int, prices_e36: Sequence[int]
) -> tuple[int, ...]:
    """BalancerV2StableAdapter's `amounts` of so many units.

    The adapter, as the pool's own views, keeps a coin's last rate until a swap, join or
    exit asks for the next: `pool` is to have the scaling of that rate.
    """
    if units == 0:
        return (0,) * len(pool.balances)
    part = mul_wad_down(units, rate_wad(pool))
    return stable_amounts(part, pool.scaling, prices_e36)


def stable_amounts(
    part: int, scaling: Sequence[int], prices_e36: Sequence[int]
) -> tuple[int, ...]:
    """A part of the invariant as raw units of every coin, all worth as much."""
    lowest, _ = _price_bounds(scaling, prices_e36)
    count = len(prices_e36)
    return tuple(mul_div_down(part, lowest, count * price) for price in prices_e36)


def stable_worth(part: int, scaling: Sequence[int], prices_e36: Sequence[int]) -> int:
    """A part of the invariant at the lowest price, asset raw units."""
    return mul_div_down(part, _price_bounds(scaling, prices_e36)[0], E36)


def stable_deviation_wad_up(
    pool: BalancerStable | StableSwap, prices_e36: Sequence[int]
) -> int:
    """The larger of: how far the coins stand from their peg, and how far any two of
    them stand in the pool from these prices."""
    seen = _seen(pool)
    low, high = _price_bounds(seen.scaling, prices_e36)
    off_peg = div_wad_up(high, low) - WAD
    ratios = _slopes_over_prices(seen, prices_e36)
    return max(off_peg, div_wad_up(max(ratios), min(ratios)) - WAD)


def stable_invariant(scaled: Sequence[int], amplification_wad: int) -> int:
    """D as StableSwap.sol finds it; `amplification_wad` times the number of coins."""
    total, count = sum(scaled), len(scaled)
    fixed = mul_div_down(amplification_wad, total, WAD)
    d = total
    for _ in range(MOST_STEPS):
        last, product = d, _product(scaled, d)
        slope = mul_div_down(amplification_wad - WAD, last, WAD)
        d = mul_div_down(fixed + count * product, last, slope + (count + 1) * product)
        if abs(d - last) <= 1:
            break
    return d


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """StableSwap.sol's Pool."""

    scaled: list[int]
    scaling: tuple[int, ...]
    invariant: int
    amplification_wad: int  # times the number of coins


def _seen(pool: BalancerStable | StableSwap) -> _Seen:
    if isinstance(pool, StableSwap):
        scaling, precision = pool.rates, A_PRECISION
    else:
        scaling, precision = pool.scaling, AMP_PRECISION
    scaled = all_upscaled(pool.balances, scaling)
    amplification_wad = pool.amplification * len(scaled) * WAD // precision
    return _Seen(
        scaled=scaled,
        scaling=scaling,
        invariant=stable_invariant(scaled, amplification_wad),
        amplification_wad=amplification_wad,
    )


def _price_bounds(scaling: Sequence[int], prices_e36: Sequence[int]) -> tuple[int, int]:
    """Lowest and highest price of a scaled unit, times 1e36."""
    table = zip(prices_e36, scaling, strict=True)
    prices = [mul_div_down(price, WAD, factor) for price, factor in table]
    return min(prices), max(prices)


def _product(scaled: Sequence[int], d: int) -> int:
    """D^(n+1) / (n^n P)."""
    product = d
    for balance in scaled:
        product = mul_div_down(product, d, len(scaled) * balance)
    return product


def _slopes_over_prices(seen: _Seen, prices_e36: Sequence[int]) -> list[int]:
    """The same for all coins where the pool's prices are the oracle's."""
    product = _product(seen.scaled, seen.invariant)
    table = zip(seen.scaled, seen.scaling, prices_e36, strict=True)
    return [
        mul_div_down(
            mul_div_down(
                seen.amplification_wad + mul_div_down(product, WAD, balance),
                factor,
                WAD,
            ),
            E36,
            price,
        )
        for balance, factor, price in table
    ]
