# SPDX-License-Identifier: MIT
"""Balancer's FixedPoint and LogExpMath in exact integers.

UNITS     Every argument and result has 18 decimals: 1e18 = 1.
ROUNDING  `_down` floor, `_up` ceiling; a power is off by less than 1e-14 of itself,
          which `pow_down` takes off and `pow_up` adds.
SOURCE    v2-solidity-utils, as in WeightedPool v3 (checked against its bytecode).
          Solidity divides towards zero; here signs are split so that `//` does too.
"""

from steelyard.amm.errors import PowerOutOfRange, SubtractionUnderflow
from steelyard.wad import WAD, DivisionByZero, checked_uint

MAX_POW_RELATIVE_ERROR = 10_000  # 1e-14
MAX_NATURAL_EXPONENT = 130 * WAD
MIN_NATURAL_EXPONENT = -41 * WAD
LN_36_BELOW, LN_36_ABOVE = WAD - WAD // 10, WAD + WAD // 10  # both excluded
E20 = 10**20
E36 = 10**36
MILD_EXPONENT_BOUND = 2**254 // E20

# (x, e^x), the pairs that LogExpMath reduces by: two without decimals ...
_LARGE = (
    (128 * WAD, 38877084059945950922200000000000000000000000000000000000),
    (64 * WAD, 6235149080811616882910000000),
)
# ... and ten with 20 decimals, of which the exponential leaves out the last two.
_SMALL = (
    (32 * E20, 7896296018268069516100000000000000),
    (16 * E20, 888611052050787263676000000),
    (8 * E20, 298095798704172827474000),
    (4 * E20, 5459815003314423907810),
    (2 * E20, 738905609893065022723),
    (E20, 271828182845904523536),
    (E20 // 2, 164872127070012814685),
    (E20 // 4, 128402541668774148407),
    (E20 // 8, 113314845306682631683),
    (E20 // 16, 106449445891785942956),
)
_EXP_TERMS = 12
_LN_LAST_ODD, _LN_36_LAST_ODD = 11, 15


def mul_down(a: int, b: int) -> int:
    """floor(a · b / 1e18)."""
    return checked_uint(a * b, "product") // WAD


def mul_up(a: int, b: int) -> int:
    """ceil(a · b / 1e18)."""
    return -(-checked_uint(a * b, "product") // WAD)


def div_down(a: int, b: int) -> int:
    """floor(a · 1e18 / b)."""
    if b == 0:
        raise DivisionByZero("divisor")
    return checked_uint(a * WAD, "dividend") // b


def div_up(a: int, b: int) -> int:
    """ceil(a · 1e18 / b)."""
    if b == 0:
        raise DivisionByZero("divisor")
    return -(-checked_uint(a * WAD, "dividend") // b)


def sub(a: int, b: int, name: str) -> int:
    """a - b; raises `SubtractionUnderflow` below zero."""
    if b > a:
        raise SubtractionUnderflow(name, a, b)
    return a - b


def complement(x: int) -> int:
    """1 - x, at least 0."""
    return max(0, WAD - x)


def pow_down(x: int, y: int) -> int:
    """x^y, at most the true value. Raises `PowerOutOfRange`."""
    if y == WAD:
        return x
    if y in (2 * WAD, 4 * WAD):
        square = mul_down(x, x)
        return square if y == 2 * WAD else mul_down(square, square)
    raw = power(x, y)
    return max(0, raw - mul_up(raw, MAX_POW_RELATIVE_ERROR) - 1)


def pow_up(x: int, y: int) -> int:
    """x^y, at least the true value. Raises `PowerOutOfRange`."""
    if y == WAD:
        return x
    if y in (2 * WAD, 4 * WAD):
        square = mul_up(x, x)
        return square if y == 2 * WAD else mul_up(square, square)
    raw = power(x, y)
    return raw + mul_up(raw, MAX_POW_RELATIVE_ERROR) + 1


def power(x: int, y: int) -> int:
    """x^y = exp(y ln x), with 36 decimals of the logarithm near 1."""
    if y == 0:
        return WAD
    if x == 0:
        return 0
    if x >> 255:
        raise PowerOutOfRange("base", x, 0, 2**255 - 1)
    if y >= MILD_EXPONENT_BOUND:
        raise PowerOutOfRange("exponent", y, 0, MILD_EXPONENT_BOUND - 1)
    if LN_36_BELOW < x < LN_36_ABOVE:
        high, low = _split(_ln_36(x), WAD)
        product = high * y + _quotient(low * y, WAD)
    else:
        product = _ln(x) * y
    product = _quotient(product, WAD)
    return exp(product)


def exp(x: int) -> int:
    """e^x. Raises `PowerOutOfRange` outside -41 to 130."""
    if not MIN_NATURAL_EXPONENT <= x <= MAX_NATURAL_EXPONENT:
        raise PowerOutOfRange("x", x, MIN_NATURAL_EXPONENT, MAX_NATURAL_EXPONENT)
    if x < 0:
        return E36 // exp(-x)

    first = 1
    for exponent, factor in _LARGE:
        if x >= exponent:
            x, first = x - exponent, factor
            break
    x *= 100
    product = E20
    for exponent, factor in _SMALL[:-2]:
        if x >= exponent:
            x, product = x - exponent, product * factor // E20
    term, series = E20, E20
    for n in range(1, _EXP_TERMS + 1):
        term = term * x // E20 // n
        series += term
    return product * series // E20 * first // 100


def ln(x: int) -> int:
    """Natural logarithm. Raises `PowerOutOfRange` for 0."""
    if x <= 0:
        raise PowerOutOfRange("x", x, 1, 2**255 - 1)
    if LN_36_BELOW < x < LN_36_ABOVE:
        return _quotient(_ln_36(x), WAD)
    return _ln(x)


def _ln(x: int) -> int:
    if x < WAD:
        return -_ln(E36 // x)
    total = 0
    for exponent, factor in _LARGE:
        if x >= factor * WAD:
            x, total = x // factor, total + exponent
    total, x = total * 100, x * 100
    for exponent, factor in _SMALL:
        if x >= factor:
            x, total = x * E20 // factor, total + exponent
    z = _quotient((x - E20) * E20, x + E20)
    return (total + 2 * _inverse_tanh(z, E20, _LN_LAST_ODD)) // 100


def _ln_36(x: int) -> int:
    """With 36 decimals."""
    x *= WAD
    z = _quotient((x - E36) * E36, x + E36)
    return 2 * _inverse_tanh(z, E36, _LN_36_LAST_ODD)


def _inverse_tanh(z: int, one: int, last: int) -> int:
    """z + z^3 / 3 + z^5 / 5 + ..."""
    square = z * z // one
    power_of_z, series = z, z
    for odd in range(3, last + 1, 2):
        power_of_z = _quotient(power_of_z * square, one)
        series += _quotient(power_of_z, odd)
    return series


def _quotient(a: int, b: int) -> int:
    """a / b towards zero, b positive."""
    return a // b if a >= 0 else -(-a // b)


def _split(a: int, b: int) -> tuple[int, int]:
    """(a / b, a % b), both towards zero, b positive."""
    quotient = _quotient(a, b)
    return quotient, a - quotient * b
