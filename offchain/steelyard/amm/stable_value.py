# SPDX-License-Identifier: MIT
"""What a share of a StableSwap pool holds and is worth at any prices, n coins.

UNITS   amounts in whole coins, prices in any one unit of account per coin, last axis
        the coins; `invariant` the share's D, in coins; `amplification` as Curve's
        contracts name it: A, already times n^(n-1) of the paper's.
SOURCE  Egorov: "StableSwap" (2019), the invariant
            a S + D = a D + D^(n+1) / (n^n prod x),   a = A n, S = sum x.
Arbitrage has run until the pool's prices are the ones given: x minimises p . x on the
invariant, so that p_i u = a + c / x_i with c = D^n / (n^n prod x) in units of D = 1.
With v = c / x of the cheapest coin, every x follows from v in closed form, and one
equation is left, which falls in v.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.amm.errors import PoolFieldInvalid

Floats = NDArray[np.float64]
NEWTONS, HALVINGS = 24, 64  # steps at most; the span is a few dozen in log v
SETTLED = 1e-9  # of log v: the next Newton step is good to its square


def check_amplification(amplification: float) -> None:
    """Raises `PoolFieldInvalid` unless finite and at least 0."""
    if not 0 <= amplification < np.inf:
        raise PoolFieldInvalid("amplification", amplification, "0 or more, finite")


def stable_amounts(prices: ArrayLike, invariant: float, amplification: float) -> Floats:
    """Coins held of each: also the slope of the value by its price.

    Newton in log v inside bounds that hold for every price, half-way steps where it
    would leave them, and bisection if it has not settled: it cannot fail to end.
    """
    check_amplification(amplification)
    p = np.asarray(prices, dtype=np.float64)
    coins = p.shape[-1]
    a = amplification * coins
    if a == 0:
        mean = np.exp(np.log(p).mean(axis=-1, keepdims=True))
        return np.asarray(invariant * mean / (coins * p))

    cheapest = p.min(axis=-1, keepdims=True)
    ratio, excess = p / cheapest, (p - cheapest) / cheapest
    # c lies between 1 and a S + 1, and x of the cheapest between S / n and S
    low = np.full(cheapest.shape, np.log(min(a, 1.0)))
    high = np.full(cheapest.shape, np.log(coins * (a + 1)))
    here, settled = np.clip(np.log(coins), low, high), False
    for turn in range(NEWTONS + HALVINGS):
        x, gap, slope = _at(np.exp(here), a, ratio, excess)
        if settled:
            break
        low, high = np.where(gap > 0, here, low), np.where(gap > 0, high, here)
        there = here - gap / slope
        inside = (there >= low) & (there <= high) & (turn < NEWTONS)
        there = np.where(inside, there, (low + high) / 2)
        settled = bool((np.abs(there - here) <= SETTLED).all())
        here = there
    return np.asarray(invariant * x)


def _at(
    v: Floats, a: float, ratio: Floats, excess: Floats
) -> tuple[Floats, Floats, Floats]:
    """(x, gap of the equation, its slope by log v) for D = 1 and c / x = v of the
    cheapest coin; the gap falls from above 0 to below."""
    coins = ratio.shape[-1]
    inverse = a * excess + ratio * v  # c / x of each, without cancellation
    logs = np.log(inverse).sum(axis=-1, keepdims=True) - coins * np.log(coins)
    c = np.exp(logs / (coins + 1))
    x = c / inverse
    grows = ratio * v / inverse  # d log (c / x) / d log v
    c_grows = grows.sum(axis=-1, keepdims=True) / (coins + 1)
    gap = a * (x.sum(axis=-1, keepdims=True) - 1) + 1 - c
    slope = a * (x * (c_grows - grows)).sum(axis=-1, keepdims=True) - c * c_grows
    return x, gap, slope


def stable_value(prices: ArrayLike, invariant: float, amplification: float) -> Floats:
    """Least p . x on the invariant."""
    amounts = stable_amounts(prices, invariant, amplification)
    return np.asarray((amounts * np.asarray(prices, dtype=np.float64)).sum(axis=-1))


def stable_bends(prices: ArrayLike, invariant: float, amplification: float) -> Floats:
    """Second derivatives of the value: how amounts answer to prices.

    With q = p / mu and M = c (y y' + diag y^2), y = 1 / x, minus the invariant's own
    bends: -(M^-1 - M^-1 q q' M^-1 / q' M^-1 q) / mu.
    """
    p = np.asarray(prices, dtype=np.float64)
    coins = p.shape[-1]
    x = stable_amounts(p, 1.0, amplification)
    c = coins**-coins / x.prod(axis=-1, keepdims=True)
    # mu from the dearest coin, the one whose c / x is largest
    dearest = p.argmax(axis=-1)[..., None]
    slope = amplification * coins + c / np.take_along_axis(x, dearest, -1)
    mu = np.take_along_axis(p, dearest, -1) / slope
    outer = x[..., :, None] * x[..., None, :] / (1 + coins)
    inverse = (np.eye(coins) * (x**2)[..., None] - outer) / c[..., None]
    q = (p / mu)[..., None]
    pulled = inverse @ q
    along = np.swapaxes(q, -1, -2) @ pulled
    bends = inverse - pulled @ np.swapaxes(pulled, -1, -2) / along
    return np.asarray(-invariant * bends / mu[..., None])


def stable_invariant(amounts: ArrayLike, amplification: float) -> float:
    """D of these amounts, by bisection between n times their geometric mean and sum."""
    check_amplification(amplification)
    x = np.asarray(amounts, dtype=np.float64)
    coins, total = len(x), float(x.sum())
    a = amplification * coins
    mean = float(np.exp(np.log(x).mean()))
    low, high = coins * mean, total
    for _ in range(HALVINGS):
        d = (low + high) / 2
        if a * (total - d) / d + 1 > (d / (coins * mean)) ** coins:
            low = d
        else:
            high = d
    return (low + high) / 2
