# SPDX-License-Identifier: MIT
"""Curve's plain StableSwap pools in exact integers, and floats for the optimiser.

FORMULA   A S + D = A D + D^(n+1) / (n^n P) is kept, with S the sum and P the product of
          the scaled balances, and A the amplification times n. The fee is taken off
          what comes out; the protocol's part of it leaves the balances.
UNITS     amounts raw; scaled: raw · rate / 1e18, D too; fees 1e10 = 100 %;
          `amplification` 100 = 1.
ROUNDING  Floor at every division, as Vyper does; one more scaled unit is kept.
SOURCE    Plain4Basic of Curve's factory (Vyper 0.2.15), checked against its bytecode;
          by their source, the templates for two and three coins differ in
          `is_unrolled` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.amm import stable_curve
from steelyard.amm.errors import (
    InsufficientAmount,
    InsufficientLiquidity,
    PoolFieldInvalid,
    SubtractionUnderflow,
)
from steelyard.amm.stable_curve import Curve, Floats
from steelyard.amm.stable_math import A_PRECISION as A_PRECISION
from steelyard.amm.stable_math import get_d, get_y
from steelyard.amm.tokens import (
    all_upscaled,
    check_amount,
    check_lists,
    check_pair,
    replaced,
)
from steelyard.wad import WAD, DivisionByZero, checked_uint

MOST_COINS = 8
FEE_UNIT = 10**10
MOST_AMPLIFICATION = 10**6 * A_PRECISION


@dataclass(frozen=True, kw_only=True)
class StableSwap:
    balances: tuple[int, ...]  # those of the pool's books, without the protocol's fees
    rates: tuple[int, ...]  # 10^(36 - decimals)
    amplification: int  # as A_precise() tells it for the block
    fee_e10: int
    admin_fee_e10: int = FEE_UNIT // 2  # of the fee
    supply: int = 0  # LP tokens
    is_unrolled: bool = False  # as the factory's pools of two coins find D

    def __post_init__(self) -> None:
        check_lists((2, MOST_COINS), balances=self.balances, rates=self.rates)
        if min(self.rates) <= 0:
            raise PoolFieldInvalid("rates", self.rates, "more than 0 each")
        if self.amplification * len(self.balances) < A_PRECISION:
            expected = f"at least {A_PRECISION} over the number of coins"
            raise PoolFieldInvalid("amplification", self.amplification, expected)
        checked_uint(self.amplification, "amplification", MOST_AMPLIFICATION)
        checked_uint(self.fee_e10, "fee_e10", FEE_UNIT)
        checked_uint(self.admin_fee_e10, "admin_fee_e10", FEE_UNIT)
        checked_uint(self.supply, "supply")


def scaled_balances(pool: StableSwap) -> list[int]:
    return all_upscaled(pool.balances, pool.rates)


def d_of(pool: StableSwap, scaled: Sequence[int]) -> int:
    """D of other balances, by the pool's parameters. Raises as `get_d`."""
    return get_d(scaled, pool.amplification, is_unrolled=pool.is_unrolled)


def invariant(pool: StableSwap) -> int:
    """D, scaled. Raises as `get_d`."""
    return d_of(pool, scaled_balances(pool))


def virtual_price_wad(pool: StableSwap) -> int:
    """D of one LP token, floor."""
    if pool.supply == 0:
        raise DivisionByZero("supply")
    return invariant(pool) * WAD // pool.supply


def _trade(
    pool: StableSwap, amount_in: int, token_in: int, token_out: int
) -> tuple[int, int]:
    """(out before the fee, the fee), both scaled."""
    check_pair(len(pool.balances), token_in, token_out)
    if amount_in < 0:
        raise InsufficientAmount("amount_in", amount_in)
    scaled = scaled_balances(pool)
    d = d_of(pool, scaled)
    out_before = scaled[token_out]
    scaled[token_in] += (
        checked_uint(amount_in * pool.rates[token_in], "amount · rate") // WAD
    )
    y = get_y(scaled, pool.amplification, d, token_out)
    if y + 1 > out_before:
        raise SubtractionUnderflow("balance out", out_before, y + 1)
    gross = out_before - y - 1
    return gross, gross * pool.fee_e10 // FEE_UNIT


def amount_out(pool: StableSwap, amount_in: int, token_in: int, token_out: int) -> int:
    """What `amount_in` buys, floor; 0 when it buys nothing. Curve's `get_dy`.

    Raises `SubtractionUnderflow` where not even the unit kept is there, `NotConverged`,
    `TokenIndexInvalid`, `InsufficientAmount`, `DivisionByZero`, `UintRangeExceeded`.
    """
    check_amount(amount_in, "amount_in")
    gross, fee = _trade(pool, amount_in, token_in, token_out)
    return (gross - fee) * WAD // pool.rates[token_out]


def swap_exact_in(
    pool: StableSwap, amount_in: int, token_in: int, token_out: int
) -> tuple[StableSwap, int]:
    """(pool afterwards, amount out): `exchange`. Raises as `amount_out`."""
    check_amount(amount_in, "amount_in")
    gross, fee = _trade(pool, amount_in, token_in, token_out)
    rate = pool.rates[token_out]
    paid = (gross - fee) * WAD // rate
    admin = fee * pool.admin_fee_e10 // FEE_UNIT * WAD // rate
    after = pool.balances[token_out] - paid - admin
    balances = replaced(pool.balances, token_out, after)
    balances = replaced(balances, token_in, pool.balances[token_in] + amount_in)
    return replace(pool, balances=balances), paid


def amount_in(pool: StableSwap, amount_out: int, token_in: int, token_out: int) -> int:
    """What buys `amount_out` or more, where one unit less does not.

    Plain pools have no such function: this starts from the float inverse and then
    halves the interval around it. Raises as `amount_out`, also where no amount that
    the pool can count buys so much.
    """
    check_amount(amount_out, "amount_out")
    start = quote_in(pool, np.array([float(amount_out)]), token_in, token_out)[0]
    if not np.isfinite(start):
        raise InsufficientLiquidity("amount_out", amount_out, pool.balances[token_out])

    def buys(amount: int) -> bool:
        return _bought(pool, amount, token_in, token_out) >= amount_out

    low, high, step = 0, max(1, int(start)), 1
    while not buys(high):
        low, high, step = high, high + step, 8 * step
    if low == 0:
        step = 1
        while high - step > 0 and buys(high - step):
            high, step = high - step, 8 * step
        low = max(0, high - step)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if buys(middle) else (middle, high)
    return high


def _bought(pool: StableSwap, amount: int, token_in: int, token_out: int) -> int:
    """`amount_out`, where an amount too small to pay for the unit kept buys nothing."""
    try:
        return amount_out(pool, amount, token_in, token_out)
    except SubtractionUnderflow:
        return 0


def curve_of(pool: StableSwap, token_in: int, token_out: int) -> Curve:
    """What the float quotes work with; finding D once takes longer than a quote."""
    check_pair(len(pool.balances), token_in, token_out)
    scaled = scaled_balances(pool)
    d = d_of(pool, scaled)
    left = 1 - pool.fee_e10 / FEE_UNIT
    return stable_curve.curve_of(
        scaled,
        d,
        (pool.amplification * len(scaled), A_PRECISION),
        (token_in, token_out),
        (pool.rates[token_in] / WAD, left * WAD / pool.rates[token_out]),
    )


def quote_out(
    pool: StableSwap, amounts_in: Floats, token_in: int, token_out: int
) -> Floats:
    """Float `amount_out` of each amount."""
    return stable_curve.quote_out(curve_of(pool, token_in, token_out), amounts_in)


def quote_in(
    pool: StableSwap, amounts_out: Floats, token_in: int, token_out: int
) -> Floats:
    """Float `amount_in` of each amount; infinite from the balance on."""
    return stable_curve.quote_in(curve_of(pool, token_in, token_out), amounts_out)
