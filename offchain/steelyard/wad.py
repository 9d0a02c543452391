# SPDX-License-Identifier: MIT
"""Fixed-point integer arithmetic, equal to the contracts' to the wei.

UNITS     `_wad`: 1e18 = 1. `_e36`: 1e36 = 1. Everything else: raw token units.
ROUNDING  Named in each function: `_down` is floor, `_up` is ceiling.
RANGE     Products are exact (512 bits on chain); arguments and results must fit
          uint256, as OpenZeppelin's `Math.mulDiv` demands.
"""

from steelyard.errors import SteelyardError

WAD = 10**18
E36 = 10**36
UINT112_MAX = 2**112 - 1
UINT128_MAX = 2**128 - 1
UINT160_MAX = 2**160 - 1
UINT256_MAX = 2**256 - 1


class ArithmeticRevert(SteelyardError):
    """Integer arithmetic that would revert on chain."""


class UintRangeExceeded(ArithmeticRevert):
    """A value that does not fit the contract's unsigned type."""

    def __init__(self, name: str, value: int, highest: int) -> None:
        super().__init__(f"{name} is {value}, expected 0 to {highest}")
        self.name, self.value, self.highest = name, value, highest


class DivisionByZero(ArithmeticRevert):
    """A denominator of zero."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is 0, expected more than 0")
        self.name = name


def checked_uint(value: int, name: str, highest: int = UINT256_MAX) -> int:
    """`value` itself; raises `UintRangeExceeded` outside 0 to `highest`."""
    if not 0 <= value <= highest:
        raise UintRangeExceeded(name, value, highest)
    return value


def _check_args(x: int, y: int, denominator: int) -> None:
    checked_uint(x, "x")
    checked_uint(y, "y")
    checked_uint(denominator, "denominator")
    if denominator == 0:
        raise DivisionByZero("denominator")


def mul_div_down(x: int, y: int, denominator: int) -> int:
    """floor(x · y / denominator)."""
    _check_args(x, y, denominator)
    return checked_uint(x * y // denominator, "quotient")


def mul_div_up(x: int, y: int, denominator: int) -> int:
    """ceil(x · y / denominator)."""
    _check_args(x, y, denominator)
    return checked_uint(-(-x * y // denominator), "quotient")


def mul_wad_down(x: int, y_wad: int) -> int:
    """floor(x · y_wad / 1e18), in the unit of `x`."""
    return mul_div_down(x, y_wad, WAD)


def mul_wad_up(x: int, y_wad: int) -> int:
    """ceil(x · y_wad / 1e18), in the unit of `x`."""
    return mul_div_up(x, y_wad, WAD)


def div_wad_down(x: int, y: int) -> int:
    """floor(x · 1e18 / y): the ratio as a wad when both have one unit."""
    return mul_div_down(x, WAD, y)


def div_wad_up(x: int, y: int) -> int:
    """ceil(x · 1e18 / y): the ratio as a wad when both have one unit."""
    return mul_div_up(x, WAD, y)
