# SPDX-License-Identifier: MIT
"""ChainlinkSource: a price, how far it may be off, and when there is none."""

import pytest
from sources import HOUR, feed_of, price_of, push, source_of, spec_of
from support import (
    ETH,
    LOW,
    USDC,
    World,
    buy_eth,
    calldata,
    deposit,
    double,
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
from steelyard.chain.spec import FeedSpec
from steelyard.chain.transactions import call, deploy, send
from steelyard.charges import VIRTUAL_SHARES, nav_down, share_price_wad_down
from steelyard.demo import clock, tokens
from steelyard.marks import stored_wad_down
from steelyard.wad import UINT256_MAX, WAD, div_wad_up


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

    with reverts("FeedUnreadable", feed=feed.address):
        price_of(source_of(world, spec_of(feed)))


WORD = b"\0" * 31 + b"\1"
ROUND = [1, 10**8, 7, 7, 1]


def encoded(values: list[int]) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)


@pytest.mark.parametrize(
    ("answer", "is_revert"),
    [
        (b"", False),
        (WORD, False),
        (encoded(ROUND)[:-1], False),
        (encoded(ROUND) + b"\0", False),
        (encoded(ROUND) + WORD, False),
        (b"", True),
        (encoded(ROUND), True),
    ],
    ids=["nothing", "word", "159 bytes", "161 bytes", "192 bytes", "revert", "data"],
)
def test_price__feed_does_not_answer_a_round__one_error_with_its_name(
    world, answer, is_revert
):
    raw, good = double(world, "RawFeed"), feed_of(world, 8, 10**8)
    send(world.web3, raw.functions.setAnswer(answer, is_revert), world.curator)

    for feeds_ in ((raw, None), (good, raw)):
        with reverts("FeedUnreadable", feed=raw.address):
            price_of(source_of(world, *(f and spec_of(f) for f in feeds_)))
    with reverts("FeedUnreadable", feed=raw.address):
        price_of(source_of(world, spec_of(good), sequencer=(raw, HOUR)))


def test_price__feed_answers_a_round__is_read_word_by_word(world):
    raw, now = double(world, "RawFeed"), world.now()
    full = 2**256 - 1  # whatever stands in the words that nobody reads
    answer = encoded([full, 123 * 10**8, full, now, full])
    send(world.web3, raw.functions.setAnswer(answer, False), world.curator)

    assert price_of(source_of(world, spec_of(raw))) == (123 * WAD, 0, now)


def test_price__bounds_of_the_answer__refused_beyond(world):
    least, most = 100 * 10**8, 200 * 10**8
    feed = feed_of(world, 8, least)
    bounded = spec_of(feed, least_answer=least, most_answer=most)
    good = spec_of(feed_of(world, 8, 10**8))
    sources = [source_of(world, bounded), source_of(world, good, bounded)]

    for answer in (least, most):
        push(world, feed, answer, world.now())
        assert [price_of(source)[0] for source in sources] == [
            answer * WAD // 10**8,
            WAD * 10**8 // answer,
        ]
    for answer in (least - 1, most + 1):
        push(world, feed, answer, world.now())
        for source in sources:
            with reverts("BadPrice", feed=feed.address, answer=answer):
                price_of(source)


@pytest.fixture
def rollup(world: World) -> tuple[Contract, Contract]:
    """A source and the feed of its chain's sequencer, up for longer than an hour."""
    sequencer = feed_of(world, 0, 0, age_seconds=HOUR + 100)
    token = spec_of(feed_of(world, 8, 10**8), heartbeat_seconds=10 * HOUR)
    return source_of(world, token, sequencer=(sequencer, HOUR)), sequencer


def test_sequencer__up_for_long__prices_count(rollup):
    assert price_of(rollup[0])[0] == WAD


def test_sequencer__down__no_price(world, rollup):
    source, sequencer = rollup
    since = world.now()
    push(world, sequencer, 1, since)

    for _ in range(2):
        with reverts("SequencerDown", answer=1, startedAt=since, graceSeconds=HOUR):
            price_of(source)
        clock.time_travel(world.web3, 2 * HOUR)


def test_sequencer__up_again__prices_count_after_the_grace(world, rollup):
    source, sequencer = rollup
    since = world.now()
    push(world, sequencer, 0, since)
    read = world.system.lens.functions.read(
        [(source.address, calldata(source, "price"))]
    )

    clock.travel_to(world.web3, since + HOUR - 3)
    answered = {}
    for _ in range(8):
        block, ((success, _),) = call(read)
        answered[block[2] - since] = success
        clock.time_travel(world.web3, 1)

    assert answered == {age: age > HOUR for age in answered}
    assert set(answered.values()) == {True, False}


@pytest.mark.parametrize("since", ["never", "later"])
def test_sequencer__round_not_begun__no_price(world, since):
    started_at = 0 if since == "never" else world.now() + 5 * HOUR
    sequencer = feed_of(world, 0, 0)
    if since == "later":
        push(world, sequencer, 0, started_at)
    else:
        sequencer = double(world, "RawFeed")
        answer = encoded([1, 0, 0, world.now(), 1])
        set_ = sequencer.functions.setAnswer(answer, False)
        send(world.web3, set_, world.curator)

    with reverts("SequencerDown", answer=0, startedAt=started_at):
        price_of(
            source_of(
                world, spec_of(feed_of(world, 8, 10**8)), sequencer=(sequencer, HOUR)
            )
        )


def test_price__feed_is_no_contract__source_cannot_be_made(world):
    nobody = FeedSpec(address=world.bob, heartbeat_seconds=HOUR)

    with reverts("NoReason"):
        source_of(world, nobody)


def test_source__parameters__can_be_read_back(world):
    eth = spec_of(
        feed_of(world, 8, 10**8),
        uncertainty_wad=3,
        growth_wad_per_second=4,
        least_answer=5,
        most_answer=6 * 10**8,
    )
    usd = spec_of(feed_of(world, 8, 10**8), heartbeat_seconds=9, uncertainty_wad=7)
    sequencer = feed_of(world, 0, 0)
    view = source_of(world, eth, usd, sequencer=(sequencer, 11)).functions

    assert call(view.tokenFeed()) == eth.address
    assert call(view.tokenHeartbeatSeconds()) == HOUR
    assert call(view.tokenUncertaintyWad()) == 3
    assert call(view.tokenGrowthWadPerSecond()) == 4
    assert call(view.assetFeed()) == usd.address
    assert call(view.assetHeartbeatSeconds()) == 9
    assert call(view.assetUncertaintyWad()) == 7
    assert call(view.assetGrowthWadPerSecond()) == 0
    assert call(view.tokenLeastAnswer()) == 5
    assert call(view.tokenMostAnswer()) == 6 * 10**8
    assert (call(view.assetLeastAnswer()), call(view.assetMostAnswer())) == (
        1,
        UINT256_MAX,
    )
    assert call(view.sequencerFeed()) == sequencer.address
    assert call(view.sequencerGraceSeconds()) == 11


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


@pytest.mark.parametrize("answer_dollars", [0, -5])
def test_vault__source_answers_nothing__moves_revert_and_limits_are_zero(
    world, answer_dollars
):
    vault = world.vault.functions
    set_price(world, "ETH", answer_dollars)

    for view in (
        vault.netAssetValue(0),
        vault.exitable(world.alice),
        vault.sharePriceWad(),
        vault.previewDeposit(USDC),
        vault.previewMint(USDC),
        vault.previewWithdraw(USDC),
        vault.previewRedeem(USDC),
    ):
        with reverts("BadPrice"):
            call(view)
    with reverts("BadPrice"):
        rebalance(world)
    with reverts("BadPrice"):
        deposit(world, world.bob, USDC)
    with reverts("BadPrice"):
        send(world.web3, vault.redeem(USDC, world.alice, world.alice), world.alice)
    for most in (vault.maxDeposit, vault.maxMint, vault.maxWithdraw, vault.maxRedeem):
        assert call(most(world.alice)) == 0


def test_vault__source_answers_nothing__views_tell_the_last_reading(invested):
    world, vault = invested, invested.vault.functions
    clock.time_travel(world.web3, HOUR)
    receipt = send(world.web3, vault.poke(), world.bob)
    low, supply = call(vault.netAssetValue(LOW), block=receipt["blockNumber"])
    set_price(world, "ETH", 0)

    nav = nav_down(stored_wad_down(share_price_wad_down(low, supply)), supply)

    assert low - 1_000 < nav <= low
    assert call(vault.totalAssets()) == nav
    assets, shares = nav + 1, supply + VIRTUAL_SHARES
    assert call(vault.convertToAssets(10**12)) == 10**12 * assets // shares
    assert call(vault.convertToShares(USDC)) == USDC * shares // assets


def test_vault__source_answers_nothing__exit_in_kind_pays(world):
    set_price(world, "ETH", 0)
    before = tokens.balance_of(world.asset, world.alice)
    shares = call(world.vault.functions.balanceOf(world.alice))

    leave = world.vault.functions.redeemInKind(shares, world.alice, world.alice, 0)
    send(world.web3, leave, world.alice)

    paid = tokens.balance_of(world.asset, world.alice) - before
    whole = 100_000 * USDC * 10**6 + VIRTUAL_SHARES
    assert paid == 100_000 * USDC * shares // whole


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
