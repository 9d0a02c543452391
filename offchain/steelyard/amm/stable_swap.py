# SPDX-License-Identifier: MIT
"""Curve's plain StableSwap pools in exact integers, and floats for the optimiser.

FORMULA   A S + D = A D + D^(n+1) / (n^n P) is kept, with S the sum and P the product of
          the scaled balances, and A the amplification times n. The fee is taken off
          what comes out; the protocol's part of it leaves the balances.
UNITS     amounts raw; scaled: raw · rate / 1e18, D too; fees 1e10 = 100 %;
          `amplification` 100 = 1.
ROUNDING  Floor at every division, as Vyper does; one more scaled unit is kept.
SOURCE    Plain4Basic of Curve's factory (Vyper 0.2.15), checked against its bytecode;
          the same code serves other numbers of coins, but for the pools of two and
          three whose template unrolls a loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.amm import stable_curve
from steelyard.amm.errors import (
    InsufficientAmount,
    InsufficientLiquidity,
    NotConverged,
    PoolFieldInvalid,
    SubtractionUnderflow,
)
from steelyard.amm.stable_curve import Curve, Floats
from steelyard.amm.tokens import (
    all_upscaled,
    check_amount,
    check_lists,
    check_pair,
    replaced,
)
from steelyard.wad import WAD, DivisionByZero, checked_uint

MOST_COINS = 8
A_PRECISION = 100
FEE_UNIT = 10**10
MOST_STEPS = 255
MOST_AMPLIFICATION = 10**6 * A_PRECISION


@dataclass(frozen=True, kw_only=True)
class StableSwap:
    balances: tuple[int, ...]  # those of the pool's books, without the protocol's fees
    rates: tuple[int, ...]  # 10^(36 - decimals)
    amplification: int  # as A_precise() tells it for the block
    fee_e10: int
    admin_fee_e10: int = FEE_UNIT // 2  # of the fee
    supply: int = 0  # LP tokens

    def __post_init__(self) -> None:
        check_lists((2, MOST_COINS), balances=self.balances, rates=self.rates)
        if min(self.rates) <= 0:
            raise PoolFieldInvalid("rates", self.rates, "more than 0 each")
        if self.amplification * len(self.balances) < A_PRECISION:
            expected = f"at least {A_PRECISION} times the number of coins"
            raise PoolFieldInvalid("amplification", self.amplification, expected)
        checked_uint(self.amplification, "amplification", MOST_AMPLIFICATION)
        checked_uint(self.fee_e10, "fee_e10", FEE_UNIT)
        checked_uint(self.admin_fee_e10, "admin_fee_e10", FEE_UNIT)
        checked_uint(self.supply, "supply")


def get_d(scaled: Sequence[int], amplification: int) -> int:
    """D of these balances, floor at each of Newton's steps; 0 when all are 0.

    Raises `NotConverged` after 255 steps, `DivisionByZero`, `UintRangeExceeded`.
    """
    total, count = sum(scaled), len(scaled)
    if total == 0:
        return 0
    if min(scaled) == 0:
        raise DivisionByZero("balance")
    annealed = amplification * count
    fixed = checked_uint(annealed * total, "A · sum") // A_PRECISION
    d = total
    for _ in range(MOST_STEPS):
        product = d
        for balance in scaled:
            product = checked_uint(product * d, "product") // (balance * count)
        before = d
        upper = checked_uint((fixed + product * count) * d, "numerator")
        lower = (annealed - A_PRECISION) * d // A_PRECISION + (count + 1) * product
        d = upper // lower
        if abs(d - before) <= 1:
            return d
    raise NotConverged("invariant", d, MOST_STEPS)


def get_y(scaled: Sequence[int], amplification: int, d: int, unknown: int) -> int:
    """The balance of coin `unknown` that the others and D ask for, a unit at most off.

    Its own entry in `scaled` does not count. Curve's `get_y`, and its `get_y_D`.
    """
    count = len(scaled)
    annealed = amplification * count
    c, total = d, 0
    for i, balance in enumerate(scaled):
        if i == unknown:
            continue
        if balance == 0:
            raise DivisionByZero("balance")
        total += balance
        c = checked_uint(c * d, "c · D") // (balance * count)
    c = checked_uint(c * d * A_PRECISION, "c · D") // (annealed * count)
    b = total + d * A_PRECISION // annealed
    y = d
    for _ in range(MOST_STEPS):
        before = y
        lower = 2 * y + b - d
        if lower <= 0:
            raise SubtractionUnderflow("2 y + b", 2 * y + b, d)
        y = (checked_uint(y * y, "y · y") + c) // lower
        if abs(y - before) <= 1:
            return y
    raise NotConverged("balance", y, MOST_STEPS)


def scaled_balances(pool: StableSwap) -> list[int]:
    return all_upscaled(pool.balances, pool.rates)


def invariant(pool: StableSwap) -> int:
    """D, scaled. Raises as `get_d`."""
    return get_d(scaled_balances(pool), pool.amplification)


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
    d = get_d(scaled, pool.amplification)
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
    d = get_d(scaled, pool.amplification)
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
