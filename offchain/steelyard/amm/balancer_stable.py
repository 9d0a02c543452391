# SPDX-License-Identifier: MIT
"""Balancer V2's composable stable pools in exact integers, and floats.

FORMULA   StableSwap's, with the fee on what comes in. The pool's own shares, which the
          Vault lists among its tokens, are left out: these are swaps between coins.
UNITS     amounts raw; scaled: raw · scaling / 1e18, D too; `*_wad` 1e18 = 1;
          `amplification` 1000 = 1; tokens by their place in the Vault's list without
          the pool's shares.
ROUNDING  What the pool pays floor, what it is paid ceiling, one more scaled unit kept.
SOURCE    ComposableStablePool v3 (20230206) and StableMath, checked against its
          bytecode.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from steelyard.amm import balancer_math as fixed
from steelyard.amm import stable_curve
from steelyard.amm.errors import NotConverged, PoolFieldInvalid
from steelyard.amm.stable_curve import Curve, Floats
from steelyard.amm.stable_math import MOST_STEPS, get_d
from steelyard.amm.tokens import (
    all_upscaled,
    check_amount,
    check_lists,
    check_pair,
    downscaled,
    downscaled_up,
    replaced,
    upscaled,
)
from steelyard.wad import UINT112_MAX, WAD, DivisionByZero, checked_uint

MOST_TOKENS = 5
AMP_PRECISION = 1_000
MOST_AMPLIFICATION = 5_000 * AMP_PRECISION


@dataclass(frozen=True, kw_only=True)
class BalancerStable:
    balances: tuple[int, ...]
    scaling: tuple[int, ...]  # 10^(36 - decimals) · the token's rate
    amplification: int
    swap_fee_wad: int
    supply: int = 0  # pool shares, those due as protocol fees included

    def __post_init__(self) -> None:
        count = (2, MOST_TOKENS)
        check_lists(count, balances=self.balances, scaling=self.scaling)
        for balance in self.balances:
            checked_uint(balance, "balance", UINT112_MAX)
        if min(self.scaling) <= 0:
            raise PoolFieldInvalid("scaling", self.scaling, "more than 0 each")
        if not AMP_PRECISION <= self.amplification <= MOST_AMPLIFICATION:
            expected = f"{AMP_PRECISION} to {MOST_AMPLIFICATION}"
            raise PoolFieldInvalid("amplification", self.amplification, expected)
        checked_uint(self.swap_fee_wad, "swap_fee_wad", WAD - 1)
        checked_uint(self.supply, "supply")


def get_invariant(scaled: Sequence[int], amplification: int) -> int:
    """D of these balances. Raises as `get_d`."""
    return get_d(scaled, amplification, precision=AMP_PRECISION)


def get_balance(scaled: Sequence[int], amplification: int, d: int, unknown: int) -> int:
    """The balance of token `unknown` that the others and D ask for, ceilings overall.

    Its own entry in `scaled` cancels, up to rounding.
    """
    count = len(scaled)
    annealed = amplification * count
    if d == 0:
        raise DivisionByZero("invariant")
    product = checked_uint(scaled[0] * count, "product")
    for balance in scaled[1:]:
        product = checked_uint(product * balance, "product")
        product = checked_uint(product * count, "product") // d
    square = checked_uint(d * d, "D · D")
    divisor = checked_uint(annealed * product, "A · product")
    if divisor == 0:
        raise DivisionByZero("A · product")
    c = checked_uint(-(-square // divisor) * AMP_PRECISION, "c")
    c = checked_uint(c * scaled[unknown], "c · balance")
    b = sum(scaled) - scaled[unknown] + d // annealed * AMP_PRECISION

    y = -(-checked_uint(square + c, "D · D + c") // (d + b))
    for _ in range(MOST_STEPS):
        before = y
        upper = checked_uint(checked_uint(y * y, "y · y") + c, "y · y + c")
        lower = fixed.sub(2 * y + b, d, "2 y + b")
        if lower == 0:
            raise DivisionByZero("2 y + b - D")
        y = -(-upper // lower)
        if abs(y - before) <= 1:
            return y
    raise NotConverged("balance", y, MOST_STEPS)


def scaled_balances(pool: BalancerStable) -> list[int]:
    return all_upscaled(pool.balances, pool.scaling)


def invariant(pool: BalancerStable) -> int:
    """D, scaled. Raises as `get_invariant`."""
    return get_invariant(scaled_balances(pool), pool.amplification)


def amount_out(
    pool: BalancerStable, amount_in: int, token_in: int, token_out: int
) -> int:
    """What `amount_in` buys, floor; 0 when it buys nothing.

    Raises `SubtractionUnderflow` where not even the unit kept is there, `NotConverged`,
    `TokenIndexInvalid`, `InsufficientAmount`, `DivisionByZero`, `UintRangeExceeded`.
    """
    check_pair(len(pool.balances), token_in, token_out)
    check_amount(amount_in, "amount_in")
    net = amount_in - fixed.mul_up(amount_in, pool.swap_fee_wad)
    scaled = scaled_balances(pool)
    d, before = get_invariant(scaled, pool.amplification), scaled[token_out]
    scaled[token_in] += upscaled(net, pool.scaling[token_in])
    after = get_balance(scaled, pool.amplification, d, token_out)
    paid = fixed.sub(before, after + 1, "balance out")
    return downscaled(paid, pool.scaling[token_out])


def amount_in(
    pool: BalancerStable, amount_out: int, token_in: int, token_out: int
) -> int:
    """What buys exactly `amount_out`, ceiling, fee included. Raises as `amount_out`."""
    check_pair(len(pool.balances), token_in, token_out)
    check_amount(amount_out, "amount_out")
    scaled = scaled_balances(pool)
    d, before = get_invariant(scaled, pool.amplification), scaled[token_in]
    out = upscaled(amount_out, pool.scaling[token_out])
    scaled[token_out] = fixed.sub(scaled[token_out], out, "balance out")
    after = get_balance(scaled, pool.amplification, d, token_in)
    taken = fixed.sub(after, before, "balance in") + 1
    net = downscaled_up(taken, pool.scaling[token_in])
    return fixed.div_up(net, fixed.complement(pool.swap_fee_wad))


def swap_exact_in(
    pool: BalancerStable, amount_in: int, token_in: int, token_out: int
) -> tuple[BalancerStable, int]:
    """(pool afterwards, amount out). Raises as `amount_out`."""
    paid = amount_out(pool, amount_in, token_in, token_out)
    return _moved(pool, token_in, amount_in, token_out, paid), paid


def swap_exact_out(
    pool: BalancerStable, amount_out: int, token_in: int, token_out: int
) -> tuple[BalancerStable, int]:
    """(pool afterwards, amount in). Raises as `amount_out`."""
    taken = amount_in(pool, amount_out, token_in, token_out)
    return _moved(pool, token_in, taken, token_out, amount_out), taken


def _moved(
    pool: BalancerStable, token_in: int, taken: int, token_out: int, paid: int
) -> BalancerStable:
    after_in = checked_uint(pool.balances[token_in] + taken, "balance", UINT112_MAX)
    balances = replaced(pool.balances, token_in, after_in)
    after_out = fixed.sub(balances[token_out], paid, "balance")
    return replace(pool, balances=replaced(balances, token_out, after_out))


def curve_of(pool: BalancerStable, token_in: int, token_out: int) -> Curve:
    """What the float quotes work with; finding D once takes longer than a quote."""
    check_pair(len(pool.balances), token_in, token_out)
    scaled = scaled_balances(pool)
    d = get_invariant(scaled, pool.amplification)
    left = 1 - pool.swap_fee_wad / WAD
    return stable_curve.curve_of(
        scaled,
        d,
        (pool.amplification * len(scaled), AMP_PRECISION),
        (token_in, token_out),
        (left * pool.scaling[token_in] / WAD, WAD / pool.scaling[token_out]),
    )


def quote_out(
    pool: BalancerStable, amounts_in: Floats, token_in: int, token_out: int
) -> Floats:
    """Float `amount_out` of each amount."""
    return stable_curve.quote_out(curve_of(pool, token_in, token_out), amounts_in)


def quote_in(
    pool: BalancerStable, amounts_out: Floats, token_in: int, token_out: int
) -> Floats:
    """Float `amount_in` of each amount; infinite from the balance on."""
    return stable_curve.quote_in(curve_of(pool, token_in, token_out), amounts_out)
