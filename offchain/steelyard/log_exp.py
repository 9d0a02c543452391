# SPDX-License-Identifier: MIT
"""Natural logarithm and exponential of wads, equal to Solady's to the last digit.

UNITS     `_wad` 1e18 = 1.
ROUNDING  As Solady's FixedPointMathLib, whose rational approximations these are.
"""

from steelyard.wad import ArithmeticRevert

_LN_2_X96 = 54916777467707473351141471128
_EXP_LOWEST_WAD = -41446531673892822313  # at and below it the result is 0
_EXP_ABOVE_WAD = 135305999368893231589  # from it on the result is no int256
_HALF_X96 = 1 << 95

_EXP_P = (57155421227552351082224309758442, 28719021644029726153956944680412240)
_EXP_Q = (
    50020603652535783019961831881945,
    -533845033583426703283633433725380,
    3604857256930695427073651918091429,
    -14423608567350463180887372962807573,
    26449188498355588339934803723976023,
)
_LN_P = (
    24828157081833163892658089445524,
    43456485725739037958740375743393,
    -11111509109440967052023855526967,
    -45023709667254063763336534515857,
    -14706773417378608786704636184526,
)
_LN_Q = (
    71694874799317883764090561454958,
    283447036172924575727196451306956,
    401686690394027663651624208769553,
    204048457590392012362485061816622,
    31853899698501571402653359427138,
    909429971244387300277376558375,
)


class LogExpUndefined(ArithmeticRevert):
    """A logarithm of what is not positive, or an exponential over int256."""

    def __init__(self, name: str, value: int, expected: str) -> None:
        super().__init__(f"{name} is {value}, expected {expected}")
        self.name, self.value = name, value


def ln_wad(x_wad: int) -> int:
    """ln(x). Raises `LogExpUndefined` unless x is positive and in int256."""
    if not 0 < x_wad < 1 << 255:
        raise LogExpUndefined("x_wad", x_wad, "1 to 2^255 - 1")
    power = x_wad.bit_length() - 1
    x = x_wad << (255 - power) >> 159  # in 1 to 2, times 2^96

    p = _horner(3273285459638523848632254066296 + x, x, _LN_P)
    p = p * x - (795164235651350426258249787498 << 96)
    q = _horner(5573035233440673466300451813936 + x, x, _LN_Q)

    scaled = 1677202110996718588342820967067443963516166 * toward_zero(p, q)
    scaled += (
        16597577552685614221487285958193947469193820559219878177908093499208371
        * (power - 96)
    )
    scaled += 600920179829731861736702779321621459595472258049074101567377883020018308
    return scaled >> 174


def exp_wad(x_wad: int) -> int:
    """e^x. Raises `LogExpUndefined` from about 135.3 on."""
    if x_wad <= _EXP_LOWEST_WAD:
        return 0
    if x_wad >= _EXP_ABOVE_WAD:
        raise LogExpUndefined("x_wad", x_wad, f"less than {_EXP_ABOVE_WAD}")
    x = toward_zero(x_wad << 78, 5**18)
    k = toward_zero(x << 96, _LN_2_X96) + _HALF_X96 >> 96
    x -= k * _LN_2_X96

    first, second = _EXP_P
    y = (x + 1346386616545796478920950773328) * x >> 96
    y += first
    p = y + x - 94201549194550492254356042504812
    p = (p * y >> 96) + second
    p = p * x + (4385272521454847904659076985693276 << 96)
    q = _horner(x - 2855989394907223263936484059900, x, _EXP_Q)

    scale = 3822833074963236453042738258902158003155416615667
    return toward_zero(p, q) * scale >> (195 - k)


def toward_zero(a: int, b: int) -> int:
    """a / b as Solidity divides signed integers."""
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _horner(start: int, x: int, coefficients: tuple[int, ...]) -> int:
    """start x^n + ..., each product floor in 2^96."""
    result = start
    for coefficient in coefficients:
        result = (result * x >> 96) + coefficient
    return result
