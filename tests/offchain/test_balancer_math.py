# SPDX-License-Identifier: MIT
"""Balancer's powers and Solady's logarithms against exact arithmetic."""

from collections.abc import Iterator
from decimal import Context, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.amm import balancer_math as fixed
from steelyard.amm.errors import PowerOutOfRange, SubtractionUnderflow
from steelyard.log_exp import LogExpUndefined, exp_wad, ln_wad
from steelyard.wad import WAD, DivisionByZero, UintRangeExceeded

EXACT = Context(prec=80)


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(EXACT):
        yield


def real(wad: int) -> Decimal:
    return Decimal(wad) / WAD


LENGTHS = st.integers(0, 38).flatmap(lambda n: st.integers(1, 10**n))


@given(x=LENGTHS, y=st.integers(1, 50 * WAD))
def test_pow__any_base_and_exponent__lies_between_down_and_up(x: int, y: int) -> None:
    with localcontext(EXACT):
        logarithm = real(x).ln() * real(y)
        if not -41 < logarithm < 100:
            return
        true = logarithm.exp() * WAD

    assert fixed.pow_down(x, y) <= true <= fixed.pow_up(x, y)
    assert fixed.pow_up(x, y) - fixed.pow_down(x, y) <= 4 + true * 3 // 10**14


@pytest.mark.parametrize("exponent", [1, 2, 4])
def test_pow__whole_exponent__is_a_product(exponent: int) -> None:
    x = 1_500_000_000_000_000_000  # 1.5: 1.5, 2.25, 5.0625

    expected = 15**exponent * WAD // 10**exponent
    assert fixed.pow_down(x, exponent * WAD) == expected
    assert fixed.pow_up(x, exponent * WAD) == expected


def test_pow__exponent_or_base_of_zero__is_one_or_zero() -> None:
    assert fixed.power(5 * WAD, 0) == WAD
    assert fixed.power(0, WAD // 2) == 0
    assert fixed.pow_down(0, WAD // 2) == 0


@given(x=st.integers(-40 * WAD, 130 * WAD))
def test_exp__any_argument__within_its_last_digits(x: int) -> None:
    with localcontext(EXACT):
        true = real(x).exp() * WAD

    assert abs(fixed.exp(x) - true) <= 2 + true / 10**15


@given(x=LENGTHS)
def test_ln__any_argument__within_its_last_digits(x: int) -> None:
    with localcontext(EXACT):
        true = real(x).ln() * WAD
    inverse_error = 10**36 // x // 10**10 if x < WAD else 0  # of 1 / x, below 1

    assert abs(fixed.ln(x) - true) <= 5 + abs(true) / 10**15 + inverse_error


@pytest.mark.parametrize(
    ("name", "function", "args"),
    [
        ("x is", fixed.exp, (130 * WAD + 1,)),
        ("x is", fixed.exp, (-41 * WAD - 1,)),
        ("x is", fixed.ln, (0,)),
        ("base is", fixed.power, (2**255, WAD // 2)),
        ("exponent is", fixed.power, (2 * WAD, 2**254 // 10**20)),
    ],
)
def test_powers__beyond_their_range__raise(name, function, args) -> None:
    with pytest.raises(PowerOutOfRange, match=name):
        function(*args)


def test_fixed_point__what_reverts_on_chain__raises() -> None:
    with pytest.raises(DivisionByZero):
        fixed.div_down(1, 0)
    with pytest.raises(DivisionByZero):
        fixed.div_up(1, 0)
    with pytest.raises(UintRangeExceeded):
        fixed.mul_up(2**200, 2**200)
    with pytest.raises(SubtractionUnderflow, match="left is 1, expected at least 2"):
        fixed.sub(1, 2, "left")


def test_fixed_point__thirds__round_as_they_say() -> None:
    third = WAD // 3

    assert (fixed.mul_down(2, third), fixed.mul_up(2, third)) == (0, 1)
    assert (fixed.div_down(1, 3), fixed.div_up(1, 3)) == (third, third + 1)
    assert fixed.complement(WAD // 4) == 3 * WAD // 4
    assert fixed.complement(2 * WAD) == 0


@given(x=st.integers(0, 76).flatmap(lambda n: st.integers(1, 10**n)))
def test_ln_wad__any_argument__floor_within_two(x: int) -> None:
    with localcontext(EXACT):
        true = real(x).ln() * WAD

    assert abs(ln_wad(x) - true) <= 2


@given(x=st.integers(-41 * WAD, 135 * WAD))
def test_exp_wad__any_argument__within_its_last_digits(x: int) -> None:
    with localcontext(EXACT):
        true = real(x).exp() * WAD

    assert abs(exp_wad(x) - true) <= 1 + true / 10**18


def test_log_exp__ends_of_the_range__zero_or_raise() -> None:
    assert exp_wad(-42 * WAD) == 0
    with pytest.raises(LogExpUndefined, match="expected less than"):
        exp_wad(136 * WAD)
    with pytest.raises(LogExpUndefined, match="expected 1 to"):
        ln_wad(0)
    with pytest.raises(LogExpUndefined, match="expected 1 to"):
        ln_wad(2**255)
