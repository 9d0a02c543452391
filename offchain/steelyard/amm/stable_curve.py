# SPDX-License-Identifier: MIT
"""The StableSwap curve between two of a pool's coins, in floats, for the optimiser.

FORMULA   With all other balances fixed, the balance y that keeps the invariant D solves
              y^2 + B y = c,   B = S - y + D / A - D,   c proportional to 1 / x,
          S the sum of all balances and A the amplification times n. So what `u` more
          of x pays, d, solves  d^2 - (2 y + B + u) d + u (y + c / (x + u)) = 0,
          which loses no digit to a difference, however small the trade or large A.
UNITS     Amounts raw, balances scaled; unrounded: for search, never for orders.
SOURCE    Egorov, "StableSwap" (2019); the quadratic follows from its invariant.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BISECTIONS = 60  # halve an interval to its last digits
REACH = 41.0  # e^41 is 1e18 nearly


@dataclass(frozen=True, kw_only=True)
class Curve:
    x: float  # balance of the coin that comes in
    y: float  # balance of the coin that goes out
    slope: float  # B with y unknown
    slope_back: float  # B with x unknown
    product: float  # D^(n+1) / (n^n P), which falls with x y
    annealed: float  # A times n
    unit_in: float  # scaled per raw unit in, less a fee on what comes in
    unit_out: float  # raw units per scaled out, less a fee on what goes out


def curve_of(
    scaled: Sequence[int],
    invariant: int,
    amplification: tuple[int, int],
    pair: tuple[int, int],
    units: tuple[float, float],
) -> Curve:
    """The curve of a pair; `amplification` is (A times n, what stands for 1)."""
    annealed, one = amplification
    token_in, token_out = pair
    # Differences in integers: floats would cancel where A is large.
    rest = sum(scaled) + invariant * one // annealed - invariant
    count = len(scaled)
    product = float(invariant)
    for balance in scaled:
        product *= invariant / (count * balance)
    return Curve(
        x=float(scaled[token_in]),
        y=float(scaled[token_out]),
        slope=float(rest - scaled[token_out]),
        slope_back=float(rest - scaled[token_in]),
        product=product,
        annealed=annealed / one,
        unit_in=units[0],
        unit_out=units[1],
    )


def quote_out(curve: Curve, amounts_in: Floats) -> Floats:
    """What each amount pays; less than the balance."""
    return _out(curve, _floats(amounts_in) * curve.unit_in) * curve.unit_out


def quote_in(curve: Curve, amounts_out: Floats) -> Floats:
    """What buys each amount; infinite from the balance on."""
    x, y = curve.x, curve.y
    asked = _floats(amounts_out) / curve.unit_out
    out = np.where(asked < y, asked, 0.0)
    weight = curve.product * x / curve.annealed
    product = out * (x + weight / (y - out))
    middle = 2 * x + curve.slope_back - out
    root = np.sqrt(middle * middle + 4 * product)
    positive = np.where(middle > 0, middle, 1.0)
    taken = np.where(middle > 0, 2 * product / (positive + root), (root - middle) / 2)
    return np.where(asked < y, taken / curve.unit_in, np.inf)


def marginal_price(curve: Curve, amounts_in: Floats) -> Floats:
    """Raw out per raw in of the next unit after each amount, fee taken off.

    At 0 this is the spot price.
    """
    scaled = _marginal(curve, _floats(amounts_in) * curve.unit_in)
    return scaled * (curve.unit_in * curve.unit_out)


def amount_in_to_price(curve: Curve, prices: Floats) -> Floats:
    """What goes in until `marginal_price` falls to each price; 0 where it is lower.

    By bisection of the logarithm between 1e-18 and 1e18 times the larger balance: a
    fixed number of steps, whatever the pool.
    """
    targets = _floats(prices) / (curve.unit_in * curve.unit_out)
    size = np.log(max(curve.x, curve.y))
    low, high = np.full_like(targets, size - REACH), np.full_like(targets, size + REACH)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        above = _marginal(curve, np.exp(middle)) > targets
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    spot = _marginal(curve, np.zeros(1))[0]
    return np.where(targets < spot, np.exp(low) / curve.unit_in, 0.0)


def _floats(values: Floats) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _out(curve: Curve, amounts: Floats) -> Floats:
    """Scaled."""
    x, y = curve.x, curve.y
    weight = curve.product * y / curve.annealed  # c x, but for the x
    product = amounts * (y + weight / (x + amounts))
    middle = 2 * y + curve.slope + amounts
    root = np.sqrt(np.maximum(middle * middle - 4 * product, 0.0))
    return np.asarray(2 * product / (middle + root))


def _marginal(curve: Curve, amounts: Floats) -> Floats:
    """Scaled, without fee: the ratio of the slopes A + D^(n+1) / (n^n P x_i)."""
    x = curve.x + amounts
    y = np.maximum(curve.y - _out(curve, amounts), 0.0)
    # Above and below times y^2, as y may be next to nothing.
    constant = curve.product * curve.y * (curve.x / x)
    steep = curve.annealed * y * y
    return np.asarray((steep + constant * (y / x)) / (steep + constant))
