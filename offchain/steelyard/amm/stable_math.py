# SPDX-License-Identifier: MIT
"""Curve's `get_D` and `get_y`: Newton's method in integers, at most 255 steps.

UNITS     scaled balances and D alike; `amplification` 100 = 1.
ROUNDING  Floor at every division, as Vyper does.
SOURCE    Plain4Basic of Curve's factory (Vyper 0.2.15), checked against its bytecode;
          its templates for two coins (Plain2Basic and kin) unroll a loop, which
          follows their source: no bytecode of theirs is at hand.
"""

from collections.abc import Sequence

from steelyard.amm.errors import NotConverged, SubtractionUnderflow
from steelyard.wad import DivisionByZero, checked_uint

A_PRECISION = 100
MOST_STEPS = 255


def get_d(
    scaled: Sequence[int],
    amplification: int,
    *,
    precision: int = A_PRECISION,
    is_unrolled: bool = False,
) -> int:
    """D of these balances, floor at each of Newton's steps; 0 when all are 0.

    `precision`: the amplification that stands for 1; Balancer's invariant is this with
    a finer one. `is_unrolled`: the product of the n counts divides once, at the end.
    Raises `NotConverged` after 255 steps, `DivisionByZero`, `UintRangeExceeded`.
    """
    total, count = sum(scaled), len(scaled)
    if total == 0:
        return 0
    if min(scaled) == 0:
        raise DivisionByZero("balance")
    annealed = amplification * count
    fixed = checked_uint(annealed * total, "A · sum") // precision
    d = total
    for _ in range(MOST_STEPS):
        product = d
        for balance in scaled:
            product = checked_uint(product * d, "product")
            product //= balance if is_unrolled else balance * count
        if is_unrolled:
            product //= count**count
        before = d
        upper = checked_uint((fixed + product * count) * d, "numerator")
        slope = checked_uint((annealed - precision) * d, "A · D") // precision
        lower = slope + (count + 1) * product
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
