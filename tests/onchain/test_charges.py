# SPDX-License-Identifier: MIT
"""Charges, fees and marks live twice too: Solidity and Python agree to the wei."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, settings
from hypothesis import strategies as st
from hypothesis.core import given  # these only call: Brownie's isolation is not needed

from steelyard import charges, marks
from steelyard.amm.tick_math import MAX_TICK
from steelyard.marks import Marks
from steelyard.wad import UINT256_MAX, WAD, UintRangeExceeded

NO_MARKET = "0x" + "00" * 32
YEAR = charges.YEAR_SECONDS
DAY = 86_400
BILLIONTH = 10**9  # of a wad

# many cases a call: Hypothesis draws lists, so that the node is asked rarely
SOME = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow],
)


def upto(bits: int) -> st.SearchStrategy[int]:
    """Integers of any length up to `bits`, short and long alike, from 1."""
    return st.integers(1, bits).flatmap(lambda n: st.integers(2 ** (n - 1), 2**n - 1))


def signed(bits: int) -> st.SearchStrategy[int]:
    return st.one_of(st.just(0), upto(bits), upto(bits).map(lambda x: -x))


def lists(*parts: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return st.lists(st.tuples(*parts), min_size=10, max_size=40)


prices = st.tuples(st.integers(1, 10**9), st.integers(18, 42)).map(
    lambda parts: parts[0] * 10 ** parts[1]
)
doubts = st.one_of(st.just(0), st.integers(0, WAD - 1), st.integers(1, WAD // 50))


@pytest.fixture(scope="module")
def harness(ChargesHarness: Any, accounts: Any) -> Any:  # noqa: N803 - Brownie's name
    return ChargesHarness.deploy({"from": accounts[0]})


@pytest.fixture(scope="module")
def range_adapter(UniswapV3Adapter: Any, accounts: Any) -> Any:  # noqa: N803
    return UniswapV3Adapter.deploy(accounts[0], {"from": accounts[0]})


@st.composite
def orders(draw: Any) -> tuple[list[int], list[int], list[Any]]:
    """Prices, uncertainties, and actions: token indexes, changes, concavity."""
    count = draw(st.integers(1, 6))
    priced = draw(st.lists(prices, min_size=count, max_size=count))
    doubted = draw(st.lists(doubts, min_size=count, max_size=count))
    some = st.lists(st.integers(0, count - 1), min_size=1, max_size=4, unique=True)
    actions = [
        (tokens, [draw(signed(100)) for _ in tokens], draw(st.integers(0, 10**20)))
        for tokens in draw(st.lists(some, min_size=1, max_size=8))
    ]
    return priced, doubted, actions


@SOME
@given(order=orders())
def test_charge__python_equals_solidity(harness, order):
    priced, doubted, actions = order
    packed = [
        (sum(token << (8 * j) for j, token in enumerate(tokens)), changes, concavity)
        for tokens, changes, concavity in actions
    ]

    found = harness.charges(priced, doubted, packed)

    loss = traded = 0
    for (tokens, changes, concavity), row in zip(actions, found, strict=True):
        own = [priced[t] for t in tokens], [doubted[t] for t in tokens]
        one = charges.charge_assets(changes, *own, concavity)
        loss, traded = loss + one[0], traded + one[1]
        assert tuple(row) == (loss, traded)


def test_charge__by_head__loss_and_doubt_and_concavity():
    dollar, ether = 10**36, 2_000 * 10**18
    changes, priced, doubted = [-2_000, 99 * 10**16], [dollar, ether], [0, WAD // 100]

    loss, traded = charges.charge_assets(changes, priced, doubted, 7)

    assert loss == (2_000 - 1_980) + 20 + 7  # worth 1,980: 1 % of it is 19.8
    assert traded == (2_000 + 1_980) // 2


def test_charge__gain__is_not_credited():
    changes, priced = [-1_000, 1_500], [10**36, 10**36]

    assert charges.charge_assets(changes, priced, [0, WAD // 10]) == (150, 1_250)


@SOME
@given(
    cases=lists(st.integers(0, 2**40 - 1), upto(60), st.integers(0, 2**32), upto(70))
)
@example(cases=[(0, 0, 0, 0), (1, 1, 10**9, 0), (1, 1, 10**9 - 1, 1), (0, 0, 0, 2**60)])
def test_level__python_equals_solidity(harness, cases):
    found = harness.levels(cases)

    for (stored, refill, seconds, charge), row in zip(cases, found, strict=True):
        level = charges.level_wad(stored * BILLIONTH, refill, seconds, charge)
        assert row[0] == level
        assert row[1] * BILLIONTH == charges.packed_level_wad_up(level)


@SOME
@given(cases=lists(st.one_of(st.just(0), upto(190)), st.one_of(st.just(0), upto(120))))
@example(cases=[(0, 0), (1, 0), (0, 1), (1, 3)])
def test_share__python_equals_solidity(harness, cases):
    found = harness.budgetShares(cases)

    assert list(found) == [charges.share_wad_up(*case) for case in cases]


@SOME
@given(cases=lists(upto(128), prices, doubts))
@example(cases=[(10**18, 10**36, 0), (10**18, 10**36, 1), (10**18, 10**36, WAD - 1)])
def test_concavity__python_equals_solidity(harness, cases):
    found = harness.concavities(cases)

    for (amount, price_e36, doubt), row in zip(cases, found, strict=True):
        assert tuple(row) == (
            charges.liquidity_concavity_assets(amount, price_e36, doubt),
            charges.weights_concavity_assets(amount, doubt),
            charges.root_ratio_wad_up(doubt),
        )


def test_concavity__all_in_doubt__no_ratio():
    for doubt in (WAD + 1, 2 * WAD):
        with pytest.raises(UintRangeExceeded):
            charges.root_ratio_wad_up(doubt)
        with pytest.raises(UintRangeExceeded):
            charges.weights_concavity_assets(1, doubt)


def test_concavity__one_per_cent__about_half_of_its_square():
    worth = 2 * 10**18  # liquidity over all prices: as much of either token

    bend = charges.liquidity_concavity_assets(10**18, 10**36, WAD // 100)

    assert bend == pytest.approx(worth * 0.01**2 / 2, rel=0.03)
    assert charges.weights_concavity_assets(worth, WAD // 100) == pytest.approx(
        worth * 0.01**2, rel=0.02
    )


@SOME
@given(
    cases=st.lists(
        st.tuples(
            upto(110),
            st.tuples(
                st.integers(-MAX_TICK // 60, MAX_TICK // 60), st.integers(1, 9_000)
            ).map(lambda pair: (pair[0] * 60, min(pair[0] + pair[1], 14_787) * 60)),
            st.tuples(prices, prices),
            st.tuples(doubts, doubts),
        ),
        min_size=4,
        max_size=8,
    )
)
@example(  # a price just out of reach of the doubt, and just within it
    cases=[
        (10**18, (960, 1020), (10**36, 10**36), (WAD // 20, 0)),
        (10**18, (1020, 1080), (10**36, 10**36), (WAD // 20, 0)),
        (10**18, (-1020, -960), (10**36, 10**36), (0, WAD // 20)),
        (10**18, (-1080, -1020), (10**36, 10**36), (0, WAD // 20)),
    ]
)
def test_range_concavity__python_equals_the_adapter(range_adapter, cases):
    for liquidity, ticks, pair, uncertain in cases:
        if not ticks[0] < ticks[1] or not 2**-120 < pair[0] / pair[1] < 2**120:
            continue
        found = range_adapter.concavityAssets(
            NO_MARKET, *ticks, liquidity, pair, uncertain
        )

        assert found == charges.range_concavity_assets(
            liquidity, ticks, pair, uncertain
        )


def test_range_concavity__range_out_of_reach__none():
    even, doubt = (10**36, 10**36), (WAD // 20, 0)  # the ratio's root: up to 1.0513

    def bend(ticks: tuple[int, int]) -> int:
        return charges.range_concavity_assets(10**18, ticks, even, doubt)

    assert bend((960, 1020)) > 0  # a root of 1.0492 is in reach
    assert bend((1020, 1080)) == 0  # 1.0523 is not
    assert bend((-1020, -960)) > 0
    assert bend((-1080, -1020)) == 0


holdings = st.lists(st.tuples(signed(120), prices), min_size=0, max_size=5)


@SOME
@given(cases=st.lists(st.tuples(holdings, upto(130)), min_size=5, max_size=20))
@example(cases=[([], 0), ([(100, 10**36)], 100), ([(100, 10**36 + 1)], 100)])
def test_hold_shortfall__python_equals_solidity(harness, cases):
    flat = [([h for h, _ in held], [p for _, p in held], nav) for held, nav in cases]

    found = harness.shortfalls(flat)

    assert list(found) == [charges.hold_shortfall_assets(*case) for case in flat]


def test_hold_shortfall__by_head__debt_counts_as_there():
    held, priced = [500, 2 * 10**18, -(10**18)], [10**36, 10**20, 5 * 10**19]

    assert charges.hold_shortfall_assets(held, priced, 600) == 500 + 200 - 50 - 600
    assert charges.hold_shortfall_assets(held, priced, 650) == 0


@SOME
@given(cases=lists(upto(120), upto(120), upto(120)))
@example(cases=[(0, 0, 0), (100, 5, 5), (2**120, 1, 2**100)])
def test_base_and_share_price__python_equals_solidity(harness, cases):
    found = harness.bases(cases)

    for (nav, before, supply), row in zip(cases, found, strict=True):
        price_wad = charges.share_price_wad_down(nav, supply)
        assert tuple(row) == (
            charges.without_flash_down(nav, before, supply),
            price_wad,
            charges.nav_down(price_wad, supply),
        )


@given(nav=upto(100), supply=upto(100))
@settings(max_examples=200, deadline=None)
def test_nav_down__never_above_where_the_price_came_from(nav, supply):
    price_wad = charges.share_price_wad_down(nav, supply)

    found = charges.nav_down(price_wad, supply)

    # a wad of a share price is worth (supply + 10^6) / 10^24 assets
    assert nav - (supply + 10**6) // 10**24 - 2 <= found <= nav


@SOME
@given(cases=lists(upto(128), st.integers(0, WAD // 20), st.integers(0, 2 * YEAR)))
@example(cases=[(10**18, WAD // 20, YEAR), (10**18, WAD // 20, 9 * YEAR), (1, 0, 0)])
def test_management_fee__python_equals_solidity(harness, cases):
    found = harness.managementShares.call(cases)

    assert list(found) == [charges.management_shares(*case) for case in cases]


def test_management_fee__five_per_cent_for_a_year__so_much_of_all_shares():
    minted = charges.management_shares(95 * 10**18, WAD // 20, YEAR)

    assert minted == 5 * 10**18
    assert charges.management_shares(95 * 10**18, WAD // 20, 3 * YEAR) == minted


@SOME
@given(
    cases=lists(upto(70), upto(70), st.integers(0, WAD * 3 // 10), upto(110), upto(110))
)
@example(
    cases=[
        (WAD, 2 * WAD, WAD // 5, 2 * 10**12, 10**18),
        (WAD, WAD, WAD // 5, 2 * 10**12, 10**18),
        (WAD, 2 * WAD, WAD // 5, 0, 0),
    ]
)
def test_performance_fee__python_equals_solidity(harness, cases):
    found = harness.performances.call(cases)

    for case, row in zip(cases, found, strict=True):
        high_water, checkpoint, fee_wad, nav, supply = case
        expected = charges.performance(
            high_water_wad=high_water,
            checkpoint_wad=checkpoint,
            fee_wad=fee_wad,
            nav_low=nav,
            supply=supply,
        )
        assert tuple(row) == (
            expected.shares,
            expected.high_water_wad,
            expected.checkpoint_wad,
        )


def test_performance_fee__doubled_and_confirmed__a_fifth_of_the_gain():
    supply = 10**18 - charges.VIRTUAL_SHARES

    fee = charges.performance(
        high_water_wad=WAD,
        checkpoint_wad=3 * WAD,
        fee_wad=WAD // 5,
        nav_low=2 * 10**12 - 1,
        supply=supply,
    )

    assert fee.high_water_wad == 18 * WAD // 10
    assert fee.shares == pytest.approx(supply / 9, rel=1e-9)  # a tenth of all
    assert fee.checkpoint_wad == pytest.approx(1.8 * WAD, rel=1e-9)


def test_performance_fee__wick__pays_nothing():
    fee = charges.performance(
        high_water_wad=WAD,
        checkpoint_wad=WAD,
        fee_wad=WAD // 5,
        nav_low=2 * 10**12 - 1,
        supply=10**18 - charges.VIRTUAL_SHARES,
    )

    assert fee == charges.Performance(
        shares=0, high_water_wad=WAD, checkpoint_wad=2 * WAD
    )


ages = st.one_of(
    st.integers(0, 40 * DAY),
    st.sampled_from([0, 1799, 1800, 3599, 3600, 15 * DAY - 1, 15 * DAY, 30 * DAY]),
)
units = st.one_of(st.just(0), st.integers(5 * 10**8, 2 * 10**9), st.just(2**48 - 1))
mark_cases = st.tuples(
    units,
    units,
    units,
    ages,
    ages,
    ages,
    st.booleans(),
    st.one_of(st.integers(0, WAD), st.sampled_from([0, WAD // 5, WAD])),
    st.one_of(st.integers(4 * 10**17, 2 * 10**18), upto(100)),
)


@SOME
@given(cases=st.lists(mark_cases, min_size=10, max_size=40))
@example(  # three quarters of the mark are no whole number of units
    cases=[
        (
            10**9 + 1,
            0,
            10**9,
            0,
            0,
            1800,
            reduced,
            WAD // 4 * (1 + reduced),
            low * 10**9,
        )
        for low in (750_000_000, 750_000_001)
        for reduced in (True, False)
    ]
)
def test_marks__python_equals_solidity(harness, cases):
    now, found = harness.marks.call(cases)

    for case, row in zip(cases, found, strict=True):
        mark, last, reading, period_age, age, turned_age, reduced, drawdown, low = case
        before = Marks(
            mark_wad=mark * BILLIONTH,
            last_mark_wad=last * BILLIONTH,
            reading_wad=reading * BILLIONTH,
            period_at=now - period_age,
            reading_at=now - age,
            turned_at=now - turned_age if turned_age else 0,
            reduce_only=reduced,
        )
        after = marks.read(before, drawdown_wad=drawdown, low_wad=low, now=now)
        assert tuple(row) == (
            after.mark_wad // BILLIONTH,
            after.last_mark_wad // BILLIONTH,
            after.reading_wad // BILLIONTH,
            after.period_at,
            after.reading_at,
            after.turned_at,
            int(after.reduce_only),
        )


def test_marks__one_wick__lifts_and_stops_nothing():
    start = Marks(
        mark_wad=WAD,
        last_mark_wad=WAD,
        reading_wad=WAD,
        period_at=0,
        reading_at=0,
        turned_at=0,
        reduce_only=False,
    )

    def readings(*steps: tuple[int, int]) -> Marks:
        after = start
        for now, per_cent in steps:
            low = WAD * per_cent // 100
            after = marks.read(after, drawdown_wad=WAD // 5, low_wad=low, now=now)
        return after

    up = readings((3600, 150), (7200, 100))
    assert (up.highest_wad, up.reduce_only) == (WAD, False)
    down = readings((3600, 70), (5000, 100), (6000, 70))
    assert (down.reduce_only, down.turned_at) == (False, 6000)
    confirmed = readings((3600, 70), (5399, 70), (5400, 79))
    assert (confirmed.reduce_only, confirmed.turned_at) == (True, 0)
    lifted = readings((3600, 120), (7200, 110))
    assert lifted.highest_wad == WAD * 11 // 10


def test_marks__largest_price__is_what_fits():
    assert marks.stored_wad_down(UINT256_MAX) == (2**48 - 1) * BILLIONTH
    assert marks.stored_wad_down(WAD + BILLIONTH - 1) == WAD
