# SPDX-License-Identifier: MIT
"""Integer arithmetic: roundings by hand, ranges, and the two roundings together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.wad import (
    UINT256_MAX,
    WAD,
    DivisionByZero,
    UintRangeExceeded,
    checked_uint,
    div_wad_down,
    div_wad_up,
    mul_div_down,
    mul_div_up,
    mul_wad_down,
    mul_wad_up,
)

U128 = st.integers(0, 2**128 - 1)


def test_mul_wad__half_of_three__rounds_as_named() -> None:
    assert mul_wad_down(3, WAD // 2) == 1
    assert mul_wad_up(3, WAD // 2) == 2
    assert mul_wad_up(4, WAD // 2) == 2


def test_div_wad__one_third__rounds_as_named() -> None:
    assert div_wad_down(1, 3) == 333333333333333333
    assert div_wad_up(1, 3) == 333333333333333334
    assert div_wad_up(1, 2) == WAD // 2


def test_mul_div__product_over_uint256__is_exact() -> None:
    assert mul_div_down(UINT256_MAX, UINT256_MAX, UINT256_MAX) == UINT256_MAX
    assert mul_div_up(UINT256_MAX - 1, UINT256_MAX, UINT256_MAX) == UINT256_MAX - 1


def test_mul_div__quotient_over_uint256__raises() -> None:
    with pytest.raises(UintRangeExceeded, match="quotient is") as raised:
        mul_div_down(UINT256_MAX, 2, 1)

    assert raised.value.value == 2 * UINT256_MAX


def test_mul_div_up__quotient_rounds_past_uint256__raises() -> None:
    # (2^129 - 1)(2^129 + 1) / 4 is a quarter less than 2^256.
    assert mul_div_down(2**129 - 1, 2**129 + 1, 4) == UINT256_MAX

    with pytest.raises(UintRangeExceeded):
        mul_div_up(2**129 - 1, 2**129 + 1, 4)


def test_mul_div__zero_denominator__raises() -> None:
    with pytest.raises(DivisionByZero, match="denominator is 0"):
        mul_div_down(1, 1, 0)


@pytest.mark.parametrize("value", [-1, UINT256_MAX + 1])
def test_mul_div__argument_out_of_range__raises(value: int) -> None:
    with pytest.raises(UintRangeExceeded, match=f"x is {value}"):
        mul_div_up(value, 1, 1)


def test_checked_uint__narrow_type__names_field_and_bound() -> None:
    assert checked_uint(255, "share", 255) == 255

    with pytest.raises(UintRangeExceeded, match="share is 256, expected 0 to 255"):
        checked_uint(256, "share", 255)


@given(x=U128, y=U128, denominator=st.integers(1, 2**128 - 1))
def test_mul_div__any__brackets_the_fraction(x: int, y: int, denominator: int) -> None:
    down, up = mul_div_down(x, y, denominator), mul_div_up(x, y, denominator)

    assert down * denominator <= x * y <= up * denominator
    assert up - down == (1 if x * y % denominator else 0)


@given(x=U128, y_wad=st.integers(1, 10**36))
def test_mul_wad_down__then_div_wad_down__never_gains(x: int, y_wad: int) -> None:
    assert div_wad_down(mul_wad_down(x, y_wad), y_wad) <= x
