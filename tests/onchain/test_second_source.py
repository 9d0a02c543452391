# SPDX-License-Identifier: MIT
"""A second opinion: the mean price of a real pool, and sources that must agree."""

from dataclasses import dataclass

import pytest
from sources import HOUR, feed_of, price_of, push, source_of, spec_of
from support import (
    ETH,
    USDC,
    V3,
    World,
    buy_eth,
    deposit,
    net_assets,
    rebalance,
    reconfigure,
    reverts,
    with_token,
)
from web3.contract import Contract
from worlds import is_first

from steelyard.amm.tick_math import get_sqrt_ratio_at_tick
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.spec import TwapSpec
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo import clock, tokens, traders, uniswap_v3
from steelyard.wad import WAD

WINDOW = 1800


def twap_of(
    world: World,
    token: str,
    asset: str,
    pool: Contract | None = None,
    window: int = WINDOW,
) -> Contract:
    """The mean price of a token in an asset, in the standard V3 pool."""
    return deploy(
        world.web3,
        own_artifact("UniswapV3TwapSource"),
        (pool or world.market.pools[0].contract).address,
        world.token(token).address,
        world.token(asset).address,
        window,
        WAD // 100,
        sender=world.curator,
    )


@dataclass
class Diary:
    """The pool's tick from each moment on."""

    world: World
    entries: list[tuple[int, int]]

    def write(self) -> None:
        tick = uniswap_v3.slot0(self.world.market.pools[0].contract)[1]
        self.entries.append((self.world.now(), tick))

    def mean_tick(self, window: int) -> int:
        """Time-weighted over the last seconds, rounded towards minus infinity."""
        now = self.world.now()
        ends = [at for at, _ in self.entries[1:]] + [now]
        seconds = 0
        moved = 0
        for (start, tick), end in zip(self.entries, ends, strict=True):
            inside = max(0, end - max(start, now - window))
            moved += tick * inside
            seconds += inside
        assert seconds == window
        return moved // window


@pytest.fixture
def diary(world: World) -> Diary:
    """The pool remembers enough, and was traded both ways within the last hour."""
    pool = world.market.pools[0]
    grow = pool.contract.functions.increaseObservationCardinalityNext(60)
    send(world.web3, grow, world.curator)
    found = Diary(world, [])
    found.write()
    for symbol, amount, seconds in (
        ("USDC", 400_000 * USDC, 700),
        ("ETH", 350 * ETH, 1_300),
        ("USDC", 90_000 * USDC, 333),
        ("USDC", 250_000 * USDC, 555),
        ("ETH", 100 * ETH, 444),
    ):
        other = "ETH" if symbol == "USDC" else "USDC"
        traders.swap(world.web3, world.market, pool, symbol, other, amount)
        found.write()
        clock.time_travel(world.web3, seconds)
    return found


def python_price_wad(world: World, tick: int, token: str, asset: str) -> int:
    """The price behind a tick: token 1 per token 0, whole units, in exact integers."""
    decimals = {"USDC": 6, "ETH": 18}
    root = get_sqrt_ratio_at_tick(tick)
    scale = 10 ** (18 + decimals[token] - decimals[asset])
    ratio_x128 = root * root >> 64
    if is_first(world, token):
        return ratio_x128 * scale >> 128
    return (scale << 128) // ratio_x128


@pytest.mark.parametrize("pair", [("ETH", "USDC"), ("USDC", "ETH")], ids=" in ".join)
@pytest.mark.parametrize("window", [60, 1_000, WINDOW, 3_000])
def test_twap__traded_pool__mean_of_the_ticks_over_time(diary, pair, window):
    world = diary.world
    source = twap_of(world, *pair, window=window)
    mean = diary.mean_tick(window)

    price_wad, uncertainty_wad, updated_at = price_of(source)

    assert price_wad == python_price_wad(world, mean, *pair)
    sign = 1 if is_first(world, "ETH") else -1
    dollars = 1.0001 ** (sign * mean) * 10**12  # an ETH in USDC
    expected = dollars if pair[0] == "ETH" else 1 / dollars
    assert price_wad / WAD == pytest.approx(expected, rel=1e-9)
    assert (uncertainty_wad, updated_at) == (WAD // 100, world.now())


def test_twap__means_differ_by_the_window(diary):
    ticks = {window: diary.mean_tick(window) for window in (60, 1_000, WINDOW, 3_000)}

    assert len(set(ticks.values())) == 4


def test_twap__price_moved_in_this_block__counts_for_nothing_yet(diary):
    world = diary.world
    source = twap_of(world, "ETH", "USDC")
    before = price_of(source)[0]
    spot = uniswap_v3.slot0(world.market.pools[0].contract)[1]

    pool = world.market.pools[0]
    traders.swap(world.web3, world.market, pool, "USDC", "ETH", 2_000_000 * USDC)

    moved = abs(uniswap_v3.slot0(pool.contract)[1] - spot)
    assert moved > 1_700, "more than 18 %"
    assert price_of(source)[0] == pytest.approx(before, rel=0.002)
    clock.time_travel(world.web3, WINDOW)
    assert price_of(source)[0] > before * 1.18


def test_twap__pool_that_remembers_less_than_the_window__no_price(world):
    source = twap_of(world, "ETH", "USDC", window=86_400 * 365 * 60)
    pool = world.market.pools[0].contract.address

    with reverts("TwapUnreadable", pool=pool, windowSeconds=86_400 * 365 * 60):
        price_of(source)


def test_twap__pool_of_other_tokens__cannot_be_made(world):
    pool = world.market_hex(V3)
    with reverts(
        "TokenPairMismatch",
        pool=pool,
        tokenIn=world.token("BTC").address,
        tokenOut=world.token("USDC").address,
    ):
        twap_of(world, "BTC", "USDC")


def test_twap__parameters__can_be_read_back(world):
    view = twap_of(world, "ETH", "USDC").functions

    assert call(view.pool()) == world.market.pools[0].contract.address
    assert call(view.windowSeconds()) == WINDOW
    assert call(view.uncertaintyWad()) == WAD // 100


def checked(world: World, first: int, second: int, band_wad: int) -> Contract:
    """Two feeds of 18 decimals behind sources that must agree."""
    sources = [
        source_of(world, spec_of(feed_of(world, 18, price), uncertainty_wad=7))
        for price in (first, second)
    ]
    return deploy(
        world.web3,
        own_artifact("CheckedSource"),
        *(source.address for source in sources),
        band_wad,
        sender=world.curator,
    )


@pytest.mark.parametrize("order", [1, -1])
def test_checked__at_the_band__agrees_and_one_more_does_not(world, order):
    low, high, band = 1_000 * WAD, 1_020 * WAD, WAD // 50
    pair, over = (low, high)[::order], (low, high + 1)[::order]

    price_wad, uncertainty_wad, _ = price_of(checked(world, *pair, band))

    assert (price_wad, uncertainty_wad) == (pair[0], 7)
    with reverts("SourcesDisagree", priceWad=over[0], otherWad=over[1], bandWad=band):
        price_of(checked(world, *over, band))


def test_checked__agreeing__tells_what_the_first_source_tells(world):
    first = feed_of(world, 18, 5 * WAD, age_seconds=600)
    second = feed_of(world, 18, 5 * WAD)
    sources = [
        source_of(world, spec_of(feed, uncertainty_wad=doubt))
        for feed, doubt in ((first, 3), (second, 9))
    ]
    both = deploy(
        world.web3,
        own_artifact("CheckedSource"),
        *(source.address for source in sources),
        0,
        sender=world.curator,
    )

    assert price_of(both) == price_of(sources[0])
    assert call(both.functions.primary()) == sources[0].address
    assert call(both.functions.second()) == sources[1].address
    assert call(both.functions.bandWad()) == 0


@pytest.mark.parametrize("silent", [0, 1])
def test_checked__either_source_silent__no_price(world, silent):
    feeds = [feed_of(world, 18, WAD), feed_of(world, 18, WAD)]
    sources = [source_of(world, spec_of(feed)) for feed in feeds]
    both = deploy(
        world.web3,
        own_artifact("CheckedSource"),
        *(source.address for source in sources),
        WAD,
        sender=world.curator,
    )
    push(world, feeds[silent], 0, world.now())

    with reverts("BadPrice", feed=feeds[silent].address):
        price_of(both)


@pytest.fixture
def double_checked(diary: Diary) -> World:
    """The standard vault whose ETH price the V3 pool must confirm within 5 %."""
    world = diary.world
    clock.time_travel(world.web3, 2 * HOUR)
    pool = TwapSpec(
        pool=world.market.pools[0].contract.address,
        window_seconds=WINDOW,
        band_wad=WAD // 20,
    )
    return reconfigure(world, with_token(world.system.spec, "ETH", twap=pool))


def test_vault__pool_confirms_the_feed__runs(double_checked):
    assert buy_eth(double_checked, 1_000)["status"] == 1


def test_vault__pool_held_away_from_the_feed__moves_stop_and_exits_do_not(
    double_checked,
):
    world, pool = double_checked, double_checked.market.pools[0]
    traders.swap(world.web3, world.market, pool, "USDC", "ETH", 1_000_000 * USDC)
    assert buy_eth(world, 1_000)["status"] == 1, "a moment does not count"
    clock.time_travel(world.web3, WINDOW)

    for _ in range(2):
        with reverts("SourcesDisagree", bandWad=WAD // 20):
            net_assets(world)
    with reverts("SourcesDisagree"):
        rebalance(world)
    with reverts("SourcesDisagree"):
        deposit(world, world.bob, USDC)
    before = tokens.balance_of(world.token("ETH"), world.alice)
    leave = world.vault.functions.redeemInKind(10**15, world.alice, world.alice, 0)
    send(world.web3, leave, world.alice)
    assert tokens.balance_of(world.token("ETH"), world.alice) > before
