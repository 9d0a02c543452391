# SPDX-License-Identifier: MIT
"""Single actions on a world, and what they do to a pool."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_cases import (
    AAVE,
    ETH,
    LOWER,
    SAVINGS,
    UPPER,
    USD,
    V2,
    V3,
    WAD,
    pair,
    pool,
    snapshot,
    with_index,
    with_range,
)

from steelyard.amm import concentrated, tick_curve
from steelyard.charges import share_price_wad_down
from steelyard.fair import sqrt_price_x96
from steelyard.lending import (
    RAY,
    LiquidityShort,
    ScaledAmountZero,
    ray_div,
    ray_mul,
)
from steelyard.order import UINT_MAX
from steelyard.plan import pools, steps
from steelyard.plan.errors import AmountNotHeld, NothingMoves, SwapPartial
from steelyard.plan.valuation import book
from steelyard.plan.world import held_units, world_of

PRICES = (WAD * WAD, 2000 * WAD * 10**6)  # of USDC and WETH, E36
NO_RANGE = (0, 0)


def test_deviation_wad_up__pair_a_percent_off__is_a_percent():
    off = replace(pair(), reserve0=10_100_000 * USD)

    assert pools.deviation_wad_up(pair(), *PRICES) == 0
    assert pools.deviation_wad_up(off, *PRICES) == pytest.approx(WAD // 100, rel=1e-9)
    assert pools.deviation_wad_up(off, *PRICES) >= WAD // 100


@given(percent=st.integers(50, 200))
def test_deviation_wad_up__either_side__counts_alike(percent):
    there = replace(pool(), sqrt_price_x96=sqrt_price_x96(PRICES[0] * percent, 10**38))
    back = sqrt_price_x96(PRICES[0] * percent, 10**38)

    deviation = pools.deviation_wad_up(there, PRICES[0], 10**36)

    assert deviation == pytest.approx(
        abs(max(percent, 10_000 / percent) / 100 - 1) * WAD, abs=1e6
    )
    assert pools.spot_sqrt_x96(there) == back


@given(liquidity=st.integers(1, 10**18))
def test_with_range__minted_and_burnt__leaves_no_trace(liquidity):
    minted = tick_curve.with_range(pool(), LOWER, UPPER, liquidity)

    assert minted.liquidity == pool().liquidity + liquidity
    assert len(minted.ticks) == 4
    assert tick_curve.with_range(minted, LOWER, UPPER, -liquidity) == pool()


def test_with_range__out_of_range__adds_no_active_liquidity():
    changed = tick_curve.with_range(pool(), UPPER, UPPER + 600, 5)

    assert changed.liquidity == pool().liquidity
    assert (UPPER, 5) in changed.ticks
    assert (UPPER + 600, -5) in changed.ticks


@given(
    amount_in=st.integers(10**4, 3 * 10**12),
    own=st.integers(10**15, 10**18),
)
def test_fees_of_swap__across_the_range__own_and_others_make_the_whole(amount_in, own):
    curve, held = with_range(pool(), own)
    done = concentrated.swap_exact_in(curve, amount_in, True)
    others = done.pool.fee_growth_global0_x128 * pool().liquidity >> 128

    fees = pools.fees_of_swap(curve, amount_in, True, held)

    # each of the few stops on the way rounds a unit down
    assert 0 <= done.fee - others - fees <= 4


@given(weth=st.integers(10**12, 10**21), split=st.integers(-10, 10))
def test_fees_of_swap__range_in_two__earns_the_same(weth, split):
    curve, held = with_range(pool(), 10**17)
    middle = LOWER + 1200 + 60 * split
    halves = (replace(held, tick_upper=middle), replace(held, tick_lower=middle))

    whole = pools.fees_of_swap(curve, weth, False, held)
    parts = [pools.fees_of_swap(curve, weth, False, half) for half in halves]

    assert 0 <= whole - sum(parts) <= 1


def test_withdraw__more_than_held__names_both():
    world = world_of(snapshot(savings_shares=10))

    with pytest.raises(AmountNotHeld, match="savings USDC is 11, expected at most 10"):
        steps.withdraw(world, SAVINGS, NO_RANGE, 11)


def test_withdraw__nothing_held__is_nothing():
    world = world_of(snapshot())

    with pytest.raises(NothingMoves, match="size of v3 USDC/WETH is 0"):
        steps.withdraw(world, V3, (LOWER, UPPER), UINT_MAX)


def test_withdraw__reserve_lent_out__is_short():
    world = world_of(snapshot(lent=6_000_000 * USD))

    with pytest.raises(LiquidityShort, match="expected at most 5000000000000"):
        steps.withdraw(world, AAVE, NO_RANGE, UINT_MAX)


def test_supply__more_than_inventory__names_both():
    world = world_of(snapshot(usdc=5))

    with pytest.raises(AmountNotHeld, match="USDC is 6, expected at most 5"):
        steps.supply(world, AAVE, NO_RANGE, (6,))


def test_swap__more_than_the_pool_takes__is_refused():
    curve = replace(pool(1000), window=(-887272, 887272))
    world = world_of(snapshot(usdc=10**30, v3=curve))

    with pytest.raises(SwapPartial, match="expected 10"):
        steps.swap(world, 1, True, 10**30)


@pytest.mark.parametrize(
    ("amount", "scaled", "least", "most"),
    [(100, 40, 98, 102), (101, 40, 99, 103), (104, 42, 102, 106)],
)
def test_supply__aave_at_index_two_and_a_half__mints_scaled_units_half_up(
    amount, scaled, least, most
):
    world = world_of(with_index(snapshot(usdc=1_000), 5 * RAY // 2))

    after, units, used = steps.supply(world, AAVE, NO_RANGE, (amount,))

    held = after.holdings[AAVE]
    assert (units, held.units, used) == (scaled, scaled, (amount,))
    assert (held.lent, held.lent + held.slack[0]) == (least, most)
    assert least <= scaled * 5 // 2 <= most


def test_supply__less_than_half_a_scaled_unit__is_refused():
    world = world_of(with_index(snapshot(usdc=1_000), 5 * RAY // 2))

    with pytest.raises(ScaledAmountZero, match="assets is 1"):
        steps.supply(world, AAVE, NO_RANGE, (1,))


def test_withdraw__aave_at_index_two_and_a_half__burns_scaled_units_half_up():
    world = world_of(with_index(snapshot(lent=1_000), 5 * RAY // 2))

    after, paid = steps.withdraw(world, AAVE, NO_RANGE, 101)

    held = after.holdings[AAVE]
    assert (held.units, paid) == (360, (101,))  # 400 less 40.4
    assert (held.lent, held.lent + held.slack[0]) == (897, 901)


@given(
    index_ray=st.integers(RAY, 9 * RAY // 5),
    growth_ray=st.integers(RAY, RAY + RAY // 10),
    scaled=st.integers(1, 10**12),
    changes=st.lists(st.integers(-(10**11), 10**11).filter(bool), max_size=4),
)
def test_invariant__aave_at_a_later_index__is_worth_the_least_or_more(
    index_ray, growth_ray, scaled, changes
):
    later_ray = min(ray_mul(index_ray, growth_ray), 2 * RAY - 1)
    state = with_index(snapshot(lent=scaled * index_ray // RAY), index_ray, scaled)
    world, now, later = world_of(state), scaled, scaled

    for change in changes:
        if change > 0:
            world, units, _ = steps.supply(world, AAVE, NO_RANGE, (change,))
            now, later = now + units, later + ray_div(change, later_ray)
        elif -change < held_units(world, AAVE, *NO_RANGE):
            world, _ = steps.withdraw(world, AAVE, NO_RANGE, -change)
            now -= ray_div(-change, index_ray)
            later -= ray_div(-change, later_ray)

    held = world.holdings[AAVE]
    assert held.units == now
    assert held.lent <= now * index_ray // RAY <= held.lent + held.slack[0]
    assert later * later_ray // RAY >= held.lent


def test_withdraw__pair_with_pending_fee__pays_the_protocol_first():
    curve = pair()
    k = curve.reserve0 * curve.reserve1
    taxed = replace(curve, fee_on=True, k_last=k * 9 // 10)
    units = curve.total_supply // 10

    _, paid = steps.withdraw(
        world_of(snapshot(v2=curve, v2_units=units)), V2, NO_RANGE, units
    )
    _, taxed_paid = steps.withdraw(
        world_of(snapshot(v2=taxed, v2_units=units)), V2, NO_RANGE, units
    )

    assert paid[0] == 1_000_000 * USD - 1
    assert paid[1] == pytest.approx(500 * ETH, rel=1e-9)
    # a sixth of the growth of sqrt(k): about 0.85 %
    assert taxed_paid[0] == pytest.approx(paid[0] * (1 - 0.0085), rel=2e-4)


def test_book__untouched__is_the_snapshot_s_own():
    curve, held = with_range(pool(), 10**16, fees=(5, 6))
    state = snapshot(weth=ETH, v3=curve, v3_range=held, lent=7, savings_shares=9)

    reading = book(world_of(state))

    assert reading.amounts == tuple(p.amounts for p in state.positions)
    assert reading.nav == state.nav == sum(reading.token_assets)


def test_share_price_wad_down__empty_vault__is_one():
    assert share_price_wad_down(0, 0) == WAD
    assert share_price_wad_down(2 * 10**6, 10**12) == (2 * WAD - WAD // (10**6 + 1) - 1)
