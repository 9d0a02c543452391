# SPDX-License-Identifier: MIT
"""Joining and leaving Curve's plain StableSwap pools, in exact integers.

UNITS     amounts raw; shares are LP tokens, of 18 decimals.
ROUNDING  Floor at every division, as Vyper does.
SOURCE    Plain4Basic of Curve's factory (Vyper 0.2.15), checked against its bytecode.
"""

from collections.abc import Sequence
from dataclasses import replace

from steelyard.amm.errors import (
    InsufficientAmount,
    InsufficientLiquidity,
    PoolFieldInvalid,
)
from steelyard.amm.stable_math import get_y
from steelyard.amm.stable_swap import (
    FEE_UNIT,
    StableSwap,
    d_of,
    invariant,
    scaled_balances,
)
from steelyard.amm.tokens import all_upscaled
from steelyard.wad import WAD, DivisionByZero, checked_uint


def add_liquidity(pool: StableSwap, amounts: Sequence[int]) -> tuple[StableSwap, int]:
    """(pool afterwards, LP tokens minted).

    What stands off the pool's own ratio pays a fee, of which the protocol's part
    leaves the balances. Raises `InsufficientAmount`, and as `get_d`.
    """
    after = [b + _unsigned(a) for b, a in zip(pool.balances, amounts, strict=True)]
    d_before, d_after = invariant(pool), _d_of(pool, after)
    if d_after <= d_before:
        raise InsufficientAmount("growth of the invariant", d_after - d_before)
    if pool.supply == 0:
        if min(amounts) <= 0:
            raise InsufficientAmount("amount", min(amounts))
        return replace(pool, balances=tuple(after), supply=d_after), d_after

    kept, fees = _charged(pool, after, d_before, d_after)
    d_paid = _d_of(pool, [b - fee for b, fee in zip(after, fees, strict=True)])
    minted = pool.supply * (d_paid - d_before) // d_before
    if minted < 0:
        raise InsufficientAmount("liquidity", minted)
    return replace(pool, balances=kept, supply=pool.supply + minted), minted


def remove_liquidity(
    pool: StableSwap, shares: int
) -> tuple[StableSwap, tuple[int, ...]]:
    """(pool afterwards, amounts paid): a part of every coin, without a fee."""
    _check_shares(pool, shares)
    paid = tuple(balance * shares // pool.supply for balance in pool.balances)
    left = tuple(b - p for b, p in zip(pool.balances, paid, strict=True))
    return replace(pool, balances=left, supply=pool.supply - shares), paid


def remove_liquidity_one_coin(
    pool: StableSwap, shares: int, coin: int
) -> tuple[StableSwap, int]:
    """(pool afterwards, amount paid) in one coin, which costs the imbalance fee.

    Raises `PoolFieldInvalid` for a coin that is not there, and as `get_y`.
    """
    _check_shares(pool, shares)
    if not 0 <= coin < len(pool.balances):
        raise PoolFieldInvalid("coin", coin, f"0 to {len(pool.balances) - 1}")
    scaled, rate = scaled_balances(pool), pool.rates[coin]
    d_before = d_of(pool, scaled)
    d_after = d_before - shares * d_before // pool.supply
    y = get_y(scaled, pool.amplification, d_after, coin)
    reduced = []
    for i, balance in enumerate(scaled):
        share = balance * d_after // d_before
        expected = _unsigned(share - y if i == coin else balance - share)
        reduced.append(balance - imbalance_fee_e10(pool) * expected // FEE_UNIT)
    left = get_y(reduced, pool.amplification, d_after, coin)
    paid = _unsigned(reduced[coin] - left - 1) * WAD // rate
    fee = _unsigned((scaled[coin] - y) * WAD // rate - paid)
    taken = paid + fee * pool.admin_fee_e10 // FEE_UNIT
    balances = list(pool.balances)
    balances[coin] = _unsigned(balances[coin] - taken)
    after = replace(pool, balances=tuple(balances), supply=pool.supply - shares)
    return after, paid


def imbalance_fee_e10(pool: StableSwap) -> int:
    """Of what a balance is off its share: fee · n / (4 (n - 1)), floor."""
    count = len(pool.balances)
    return pool.fee_e10 * count // (4 * (count - 1))


def _charged(
    pool: StableSwap, after: Sequence[int], d_before: int, d_after: int
) -> tuple[tuple[int, ...], list[int]]:
    """(balances that the pool keeps, fees), raw."""
    fee_e10 = imbalance_fee_e10(pool)
    fees = [
        fee_e10 * abs(d_after * old // d_before - new) // FEE_UNIT
        for old, new in zip(pool.balances, after, strict=True)
    ]
    kept = tuple(
        new - fee * pool.admin_fee_e10 // FEE_UNIT
        for new, fee in zip(after, fees, strict=True)
    )
    return kept, fees


def _d_of(pool: StableSwap, balances: Sequence[int]) -> int:
    for balance in balances:
        _unsigned(balance)
    return d_of(pool, all_upscaled(balances, pool.rates))


def _check_shares(pool: StableSwap, shares: int) -> None:
    if pool.supply == 0:
        raise DivisionByZero("supply")
    if shares < 0:
        raise InsufficientAmount("liquidity", shares)
    if shares > pool.supply:
        raise InsufficientLiquidity("liquidity", shares, pool.supply + 1)


def _unsigned(value: int) -> int:
    return checked_uint(value, "amount")
