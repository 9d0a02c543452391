# SPDX-License-Identifier: MIT
"""ChainlinkSource: a price, how far it may be off, and when there is none."""

from typing import Any

import pytest
from support import (
    ETH,
    USDC,
    World,
    buy_eth,
    calldata,
    net_assets,
    rebalance,
    reconfigure,
    reverts,
    set_price,
    with_token,
)
from web3.contract import Contract
from worlds import HEARTBEAT_SECONDS

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.deploy import deploy_source
from steelyard.chain.spec import FeedSpec
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo import clock, feeds
from steelyard.wad import WAD, div_wad_up

HOUR = 3600


def feed_of(world: World, decimals: int, answer: int, age_seconds: int = 0) -> Contract:
    """A feed with one round."""
    artifact = own_artifact("SettableAggregator")
    feed = deploy(world.web3, artifact, decimals, "test", sender=world.curator)
    push(world, feed, answer, world.now() - age_seconds)
    return feed


def push(world: World, feed: Contract, answer: int, updated_at: int) -> None:
    feeds.push_answer(world.web3, feed, answer, updated_at, sender=world.curator)


def spec_of(feed: Contract, **changes: Any) -> FeedSpec:
    return FeedSpec(**{"address": feed.address, "heartbeat_seconds": HOUR, **changes})


def source_of(world: World, token: FeedSpec, asset: FeedSpec | None = None) -> Contract:
    return deploy_source(world.web3, token, asset, world.curator)


def price_of(source: Contract) -> tuple[int, int, int]:
    return tuple(call(source.functions.price()))


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_price__one_feed__any_decimals(world, decimals):
    feed = feed_of(world, decimals, 1_234_500_000 * 10**decimals // 10**6)
    updated_at = call(feed.functions.latestRoundData())[3]

    source = source_of(world, spec_of(feed, uncertainty_wad=5 * 10**15))

    assert price_of(source) == (1_234_500_000 * WAD // 10**6, 5 * 10**15, updated_at)


def test_price__two_feeds__quotient_down_and_oldest_time(world):
    eth = feed_of(world, 8, 2_000 * 10**8)
    euro = feed_of(world, 8, 110_000_000, age_seconds=600)
    oldest = call(euro.functions.latestRoundData())[3]

    price_wad, uncertainty_wad, updated_at = price_of(
        source_of(world, spec_of(eth), spec_of(euro))
    )

    assert price_wad == 2_000 * WAD * 10**8 // 110_000_000
    assert uncertainty_wad == 0
    assert updated_at == oldest


def test_price__two_uncertain_feeds__quotient_of_the_worst(world):
    u, v = 5 * 10**15, 25 * 10**14
    eth = spec_of(feed_of(world, 8, 2_000 * 10**8), uncertainty_wad=u)
    usd = spec_of(feed_of(world, 8, 10**8), uncertainty_wad=v)

    _, uncertainty_wad, _ = price_of(source_of(world, eth, usd))

    assert uncertainty_wad == div_wad_up(WAD + u, WAD - v) - WAD
    assert uncertainty_wad > u + v


def test_price__older__less_certain(world):
    growth = 10**12
    feed = feed_of(world, 8, 10**8)
    source = source_of(world, spec_of(feed, growth_wad_per_second=growth))
    updated_at = call(feed.functions.latestRoundData())[3]

    now = clock.time_travel(world.web3, 1000)

    assert price_of(source)[1] == growth * (now - updated_at) >= 1000 * growth


def test_price__asset_feed_nothing_but_doubt__uncertainty_is_one(world):
    eth = spec_of(feed_of(world, 8, 2_000 * 10**8))
    usd = spec_of(feed_of(world, 8, 10**8), uncertainty_wad=WAD)

    assert price_of(source_of(world, eth, usd))[1] == WAD


@pytest.mark.parametrize("answer", [0, -1, -(2**190)])
def test_price__zero_or_negative__refused(world, answer):
    feed = feed_of(world, 8, answer)

    with reverts("BadPrice", feed=feed.address, answer=answer):
        price_of(source_of(world, spec_of(feed)))
    with reverts("BadPrice", feed=feed.address, answer=answer):
        good = spec_of(feed_of(world, 8, 10**8))
        price_of(source_of(world, good, spec_of(feed)))


def test_price__around_the_heartbeat__refused_from_the_next_second(world):
    feed = feed_of(world, 8, 10**8)
    source = source_of(world, spec_of(feed))
    updated_at = call(feed.functions.latestRoundData())[3]
    read = world.system.lens.functions.read(
        [(source.address, calldata(source, "price"))]
    )

    clock.travel_to(world.web3, updated_at + HOUR - 3)
    answered = {}
    for _ in range(6):
        block, ((success, _),) = call(read)
        answered[block[2] - updated_at] = success
        clock.time_travel(world.web3, 1)

    assert answered == {age: age <= HOUR for age in answered}
    assert set(answered.values()) == {True, False}
    with reverts(
        "StalePrice", feed=feed.address, updatedAt=updated_at, heartbeatSeconds=HOUR
    ):
        price_of(source)


def test_price__from_the_future__refused(world):
    feed, later = feed_of(world, 8, 10**8), world.now() + 5000
    push(world, feed, 10**8, later)

    with reverts("StalePrice", feed=feed.address, updatedAt=later):
        price_of(source_of(world, spec_of(feed)))


def test_price__feed_without_a_round__refused(world):
    artifact = own_artifact("SettableAggregator")
    feed = deploy(world.web3, artifact, 8, "empty", sender=world.curator)

    with reverts("RoundUnknown"):
        price_of(source_of(world, spec_of(feed)))


def test_price__feed_is_no_contract__source_cannot_be_made(world):
    nobody = FeedSpec(address=world.bob, heartbeat_seconds=HOUR)

    with reverts("NoReason"):
        source_of(world, nobody)


def test_source__parameters__can_be_read_back(world):
    eth = spec_of(feed_of(world, 8, 10**8), uncertainty_wad=3, growth_wad_per_second=4)
    usd = spec_of(feed_of(world, 8, 10**8), heartbeat_seconds=9, uncertainty_wad=7)
    view = source_of(world, eth, usd).functions

    assert call(view.tokenFeed()) == eth.address
    assert call(view.tokenHeartbeatSeconds()) == HOUR
    assert call(view.tokenUncertaintyWad()) == 3
    assert call(view.tokenGrowthWadPerSecond()) == 4
    assert call(view.assetFeed()) == usd.address
    assert call(view.assetHeartbeatSeconds()) == 9
    assert call(view.assetUncertaintyWad()) == 7
    assert call(view.assetGrowthWadPerSecond()) == 0


def test_vault__token_uncertain_by_all_of_its_price__refused(world):
    doubt = FeedSpec(
        address=world.system.spec.tokens[1].feed.address,
        heartbeat_seconds=HEARTBEAT_SECONDS,
        uncertainty_wad=WAD,
    )

    with reverts("UncertaintyTooLarge", uncertaintyWad=WAD):
        reconfigure(world, with_token(world.system.spec, "ETH", feed=doubt))


def test_vault__doubt_grown_to_all_of_a_price__refuses(world):
    doubt = FeedSpec(
        address=world.system.spec.tokens[1].feed.address,
        heartbeat_seconds=HEARTBEAT_SECONDS,
        growth_wad_per_second=WAD // 3_000,
    )
    set_price(world, "ETH", 2_000)
    other = reconfigure(world, with_token(world.system.spec, "ETH", feed=doubt))
    clock.time_travel(world.web3, 3_100)

    with reverts("UncertaintyTooLarge"):
        rebalance(other)
    with reverts("UncertaintyTooLarge"):
        net_assets(other)


@pytest.mark.parametrize(
    ("answer_dollars", "error"), [(0, "BadPrice"), (-5, "BadPrice")]
)
def test_vault__source_answers_nothing__moves_revert_and_limits_are_zero(
    world, answer_dollars, error
):
    vault = world.vault.functions
    set_price(world, "ETH", answer_dollars)

    for view in (
        vault.totalAssets(),
        vault.sharePriceWad(),
        vault.previewDeposit(USDC),
        vault.previewMint(USDC),
        vault.previewWithdraw(USDC),
        vault.previewRedeem(USDC),
        vault.convertToAssets(USDC),
        vault.convertToShares(USDC),
    ):
        with reverts(error):
            call(view)
    with reverts(error):
        rebalance(world)
    with reverts(error):
        send(world.web3, vault.redeem(USDC, world.alice, world.alice), world.alice)
    for most in (vault.maxDeposit, vault.maxMint, vault.maxWithdraw, vault.maxRedeem):
        assert call(most(world.alice)) == 0


def test_vault__stale_feed__refuses_until_the_feed_answers(world):
    clock.time_travel(world.web3, HEARTBEAT_SECONDS + 10)
    with reverts("StalePrice", heartbeatSeconds=HEARTBEAT_SECONDS):
        rebalance(world)

    for symbol, dollars in (("USDC", 1), ("ETH", 2_000), ("BTC", 40_000)):
        set_price(world, symbol, dollars)

    assert rebalance(world)["status"] == 1


def test_net_asset_value__three_sides__u_apart(world):
    buy_eth(world)
    eth = call(world.token("ETH").functions.balanceOf(world.vault.address))
    idle = call(world.asset.functions.balanceOf(world.vault.address))

    low, middle, high = net_assets(world)

    assert middle == idle + eth * 2_000 * USDC // ETH
    assert low == idle + eth * 1_990 * USDC // ETH
    assert high == idle + eth * 2_010 * USDC // ETH


def test_net_asset_value__asset_depegs__tokens_rise_in_it(world):
    buy_eth(world)
    eth = call(world.token("ETH").functions.balanceOf(world.vault.address))
    before = net_assets(world)[1]

    set_price(world, "USDC", 0.5)

    assert net_assets(world)[1] - before == pytest.approx(eth * 2_000 * USDC / ETH)
