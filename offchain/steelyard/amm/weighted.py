# SPDX-License-Identifier: MIT
"""Balancer V2's weighted pools in exact integers, and float quotes for the optimiser.

FORMULA   prod B_i^w_i is kept. `a` in, g a of it net of the fee, pays
              B_out (1 - (B_in / (B_in + g a))^(w_in / w_out)).
UNITS     amounts raw; `*_wad` 1e18 = 1; tokens by their place in the Vault's list.
ROUNDING  What the pool pays floor, what it is paid ceiling.
SOURCE    WeightedPool v3 (20230206) and WeightedMath, checked against its bytecode.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steelyard.amm import balancer_math as fixed
from steelyard.amm.errors import PoolFieldInvalid, RatioExceeded
from steelyard.amm.tokens import (
    check_amount,
    check_lists,
    check_pair,
    downscaled,
    downscaled_up,
    replaced,
    upscaled,
)
from steelyard.wad import UINT112_MAX, WAD, checked_uint

MOST_TOKENS = 8
LEAST_WEIGHT_WAD = WAD // 100
MOST_RATIO_WAD = 3 * WAD // 10  # of a balance, in or out, in one swap
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class WeightedPool:
    balances: tuple[int, ...]
    weights_wad: tuple[int, ...]  # of sum 1
    scaling: tuple[int, ...]  # 10^(36 - decimals)
    swap_fee_wad: int
    # Pool shares, those due as protocol fees included. A swap adds to what is due
    # where the protocol takes part of swap fees: read it again before a join.
    supply: int = 0

    def __post_init__(self) -> None:
        check_lists(
            (2, MOST_TOKENS),
            balances=self.balances,
            weights_wad=self.weights_wad,
            scaling=self.scaling,
        )
        for balance in self.balances:
            checked_uint(balance, "balance", UINT112_MAX)
        if min(self.weights_wad) < LEAST_WEIGHT_WAD or sum(self.weights_wad) != WAD:
            expected = f"at least {LEAST_WEIGHT_WAD} each and {WAD} in sum"
            raise PoolFieldInvalid("weights_wad", self.weights_wad, expected)
        if min(self.scaling) < WAD:
            raise PoolFieldInvalid("scaling", self.scaling, f"at least {WAD} each")
        checked_uint(self.swap_fee_wad, "swap_fee_wad", WAD - 1)
        checked_uint(self.supply, "supply")


def amount_out(
    pool: WeightedPool, amount_in: int, token_in: int, token_out: int
) -> int:
    """What `amount_in` buys, floor; 0 when it buys nothing.

    Raises `InsufficientAmount`, `RatioExceeded`, `TokenIndexInvalid`,
    `PowerOutOfRange`, `DivisionByZero`, `UintRangeExceeded`.
    """
    check_pair(len(pool.balances), token_in, token_out)
    check_amount(amount_in, "amount_in")
    net = amount_in - fixed.mul_up(amount_in, pool.swap_fee_wad)
    net = upscaled(net, pool.scaling[token_in])
    balance_in, balance_out = _scaled_pair(pool, token_in, token_out)
    most = fixed.mul_down(balance_in, MOST_RATIO_WAD)
    if net > most:
        raise RatioExceeded("amount_in net of fee, scaled", net, most)

    base = fixed.div_up(balance_in, balance_in + net)
    weights = pool.weights_wad
    exponent = fixed.div_down(weights[token_in], weights[token_out])
    paid = fixed.mul_down(balance_out, fixed.complement(fixed.pow_up(base, exponent)))
    return downscaled(paid, pool.scaling[token_out])


def amount_in(
    pool: WeightedPool, amount_out: int, token_in: int, token_out: int
) -> int:
    """What buys exactly `amount_out`, ceiling, fee included. Raises as `amount_out`."""
    check_pair(len(pool.balances), token_in, token_out)
    check_amount(amount_out, "amount_out")
    out = upscaled(amount_out, pool.scaling[token_out])
    balance_in, balance_out = _scaled_pair(pool, token_in, token_out)
    most = fixed.mul_down(balance_out, MOST_RATIO_WAD)
    if out > most:
        raise RatioExceeded("amount_out, scaled", out, most)

    base = fixed.div_up(balance_out, balance_out - out)
    weights = pool.weights_wad
    exponent = fixed.div_up(weights[token_out], weights[token_in])
    grown = fixed.sub(fixed.pow_up(base, exponent), WAD, "power")
    net = downscaled_up(fixed.mul_up(balance_in, grown), pool.scaling[token_in])
    return fixed.div_up(net, fixed.complement(pool.swap_fee_wad))


def swap_exact_in(
    pool: WeightedPool, amount_in: int, token_in: int, token_out: int
) -> tuple[WeightedPool, int]:
    """(pool afterwards, amount out). Raises as `amount_out`."""
    paid = amount_out(pool, amount_in, token_in, token_out)
    return _moved(pool, token_in, amount_in, token_out, paid), paid


def swap_exact_out(
    pool: WeightedPool, amount_out: int, token_in: int, token_out: int
) -> tuple[WeightedPool, int]:
    """(pool afterwards, amount in). Raises as `amount_out`."""
    taken = amount_in(pool, amount_out, token_in, token_out)
    return _moved(pool, token_in, taken, token_out, amount_out), taken


def _scaled_pair(pool: WeightedPool, first: int, second: int) -> tuple[int, int]:
    return (
        upscaled(pool.balances[first], pool.scaling[first]),
        upscaled(pool.balances[second], pool.scaling[second]),
    )


def _moved(
    pool: WeightedPool, token_in: int, taken: int, token_out: int, paid: int
) -> WeightedPool:
    after_in = checked_uint(pool.balances[token_in] + taken, "balance", UINT112_MAX)
    balances = replaced(pool.balances, token_in, after_in)
    after_out = fixed.sub(balances[token_out], paid, "balance")
    return replace(pool, balances=replaced(balances, token_out, after_out))


def most_in(pool: WeightedPool, token_in: int) -> int:
    """The most that one swap takes of a token, fee included, floor."""
    net = pool.balances[token_in] * MOST_RATIO_WAD // WAD
    return net * WAD // (WAD - pool.swap_fee_wad)


def most_out(pool: WeightedPool, token_out: int) -> int:
    """The most that one swap pays of a token, floor."""
    return pool.balances[token_out] * MOST_RATIO_WAD // WAD


def _floats(
    pool: WeightedPool, token_in: int, token_out: int
) -> tuple[float, float, float, float]:
    """(balance in, balance out, weight in over weight out, what the fee leaves)."""
    check_pair(len(pool.balances), token_in, token_out)
    ratio = pool.weights_wad[token_in] / pool.weights_wad[token_out]
    left = 1 - pool.swap_fee_wad / WAD
    return float(pool.balances[token_in]), float(pool.balances[token_out]), ratio, left


def quote_out(
    pool: WeightedPool, amounts_in: Floats, token_in: int, token_out: int
) -> Floats:
    """Float `amount_out` of each amount, unrounded and also beyond `most_in`."""
    x, y, ratio, left = _floats(pool, token_in, token_out)
    grown = np.log1p(np.asarray(amounts_in, dtype=np.float64) * (left / x))
    return np.asarray(-y * np.expm1(-ratio * grown))


def quote_in(
    pool: WeightedPool, amounts_out: Floats, token_in: int, token_out: int
) -> Floats:
    """Float `amount_in` of each amount, unrounded; infinite beyond the balance."""
    x, y, ratio, left = _floats(pool, token_in, token_out)
    part = np.asarray(amounts_out, dtype=np.float64) / y
    shrunk = np.log1p(-np.minimum(part, 1 - 2**-53))
    return np.where(part < 1, x / left * np.expm1(-shrunk / ratio), np.inf)


def marginal_price(
    pool: WeightedPool, amounts_in: Floats, token_in: int, token_out: int
) -> Floats:
    """Raw out per raw in of the next unit after each amount, fee taken off.

    At 0 this is the spot price.
    """
    x, y, ratio, left = _floats(pool, token_in, token_out)
    grown = np.log1p(np.asarray(amounts_in, dtype=np.float64) * (left / x))
    return np.asarray(left * ratio * y / x * np.exp(-(ratio + 1) * grown))


def amount_in_to_price(
    pool: WeightedPool, prices: Floats, token_in: int, token_out: int
) -> Floats:
    """What goes in until `marginal_price` falls to each price; 0 where it is lower."""
    x, y, ratio, left = _floats(pool, token_in, token_out)
    spot = left * ratio * y / x
    falls = np.log(np.maximum(spot / np.asarray(prices, dtype=np.float64), 1.0))
    return np.asarray(x / left * np.expm1(falls / (ratio + 1)))
