# SPDX-License-Identifier: MIT
"""What winding up costs: by hand, and monotone in all that makes it easier."""

from dataclasses import replace

import numpy as np
import pytest
from snapshots import (
    make_pair,
    make_pool,
    make_position,
    make_signals,
    make_snapshot,
    make_token,
)

from steelyard.optimize import Preferences, build_problem
from steelyard.optimize.build import whole_legs
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.terms import nothing, token_exposure
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault.winding_up import WindingUp

WIDE = 10**18
CHEAP = Preferences(margin_wad=0, swap_margin_wad=0)


def cost(
    unwinding: Unwinding,
    *,
    depth: float = 2_000_000,
    own: float = 0.0,
    wide: int = WIDE,
    whole: bool = False,
) -> float:
    """Of 250 WETH (half a million) beside half a million USDC, one pair.

    `own`: share of the pair that is the vault's; `wide`: what the vault allows;
    `whole`: through the pool's whole curve, at narrow limits.
    """
    wide = 2 * 10**16 if whole else wide
    usdc = make_token("USDC", 500_000, slippage_wad=wide, deviation_wad=wide)
    weth = make_token("WETH", 250, slippage_wad=wide, deviation_wad=wide)
    pair = make_pair(usdc, weth, depth)
    units = int(pair.total_supply * own)
    positions = [make_position("lp", (0, 1), pair, market=1, units=units)]
    pools = [make_pool("v2", (0, 1), pair, market=1)]
    snapshot = make_snapshot([usdc, weth], positions, pools)
    signals = make_signals(snapshot)
    problem = build_problem(snapshot, signals, CHEAP)
    if whole:
        unwinding = replace(unwinding, legs=whole_legs(snapshot, signals, CHEAP))
    held = token_exposure(problem, nothing(problem))
    return WindingUp(problem, unwinding).see(held, None).value * problem.nav / 10**6


def test_unwinding_cost__one_pair__what_the_curve_takes():
    # 500,000 into 2,000,000 a side: out = 2,000,000 x 498,500 / 2,498,500
    by_hand = 500_000 - 2_000_000 * 498_500 / 2_498_500

    assert cost(Unwinding()) == pytest.approx(by_hand, rel=1e-6)


def test_unwinding_cost__pools_refill_twice__two_halves():
    half = 250_000 - 2_000_000 * 249_250 / 2_249_250

    assert cost(Unwinding(slices=2)) == pytest.approx(2 * half, rel=1e-6)


def test_unwinding_cost__half_the_depth_is_left__that_of_half_the_pool():
    assert cost(Unwinding(depth=0.5)) == pytest.approx(
        cost(Unwinding(), depth=1_000_000), rel=1e-6
    )


def test_unwinding_cost__own_liquidity__is_gone_by_then_and_to_be_sold():
    # a tenth of the pair is the vault's: 200,000 of WETH more, and nine tenths of depth
    by_hand = 700_000 - 1_800_000 * 697_900 / (1_800_000 + 697_900)

    assert cost(Unwinding(), own=0.1) == pytest.approx(by_hand, rel=1e-5)


def test_unwinding_cost__vaults_limit_of_deviation__does_not_end_a_whole_curve():
    # the vault would move the pool by 2 % at most; somebody who winds up need not care
    by_hand = 500_000 - 2_000_000 * 498_500 / 2_498_500

    assert cost(Unwinding(), whole=True) == pytest.approx(by_hand, rel=1e-6)
    assert cost(Unwinding(), wide=2 * 10**16) > 400_000  # unsold: lost


def test_unwinding_cost__dear_to_sell__held_back_at_the_loss_that_was_named():
    assert cost(Unwinding(unsold_loss=0.001)) == pytest.approx(500, rel=1e-3)


def test_unwinding_cost__nothing_takes_it__lost_in_part():
    assert cost(Unwinding(unsold_loss=0.3), depth=1) == pytest.approx(150_000, rel=1e-3)


def test_unwinding_cost__asset_alone__nothing():
    snapshot = make_snapshot()
    problem = build_problem(snapshot, make_signals(snapshot), CHEAP)

    held = token_exposure(problem, nothing(problem))
    assert WindingUp(problem, Unwinding()).see(held, None).value == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slices", 0.5),
        ("depth", 0.0),
        ("unsold_loss", 1.5),
        ("weight", -1.0),
        ("limit", -0.1),
        ("slices", np.nan),
        ("slices", np.inf),
        ("weight", np.inf),
        ("weight", 101.0),
    ],
)
def test_unwinding__outside_its_range__names_the_field(field, value):
    with pytest.raises(PreferenceInvalid, match=f"^{field} is"):
        Unwinding(**{field: value})
