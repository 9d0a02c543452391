# SPDX-License-Identifier: MIT
"""Shares of the vault as whole units, and these in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.money import TOKEN_PLACES, assets_down, assets_up, money


@pytest.mark.parametrize(
    ("share", "down", "up"),
    [(0.25, 250, 250), (0.2505, 250, 251), (-0.2505, -251, -250), (0.0, 0, 0)],
)
def test_assets__share_of_a_thousand__the_whole_unit_below_and_above(
    share: float, down: int, up: int
) -> None:
    assert (assets_down(share, 1000), assets_up(share, 1000)) == (down, up)


@given(share=st.floats(-10, 10), nav=st.integers(0, 10**30))
def test_assets__any_share__apart_by_one_at_most(share: float, nav: int) -> None:
    assert 0 <= assets_up(share, nav) - assets_down(share, nav) <= 1


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (1_234_567_890_123, 6, "1,234,567.890123"),
        (-1, 6, "-0.000001"),
        (10**18 + 10**12, 18, "1.000001"),
        (10**18 - 1, 18, "1.000000"),
        (25 * 10**11, 18, "0.000002"),
        (42, 0, "42"),
        (150, 2, "1.50"),
        (2**256 - 1, 0, f"{2**256 - 1:,}"),
    ],
)
def test_money__raw_units__are_whole_ones(
    amount: int, decimals: int, text: str
) -> None:
    assert money(amount, decimals, TOKEN_PLACES) == text


def test_money__no_places_named__two() -> None:
    assert money(1_234_567_890, 6) == "1,234.57"
