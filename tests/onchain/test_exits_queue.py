# SPDX-License-Identifier: MIT
"""The queue in front of a vault that holds positions in real protocols."""

import pytest
from exits import (
    INTEREST,
    pause_aave,
    shares_of,
)
from slices import (
    gained,
    purse,
)
from support import (
    AAVE,
    ETH,
    LOW,
    SAVINGS,
    USDC,
    V2,
    World,
    book,
    deposit,
    events,
    net_assets,
    rebalance,
    reverts,
    supply,
    swap,
    units_of,
    withdraw,
)
from web3.types import TxReceipt

from steelyard.chain.transactions import call, send
from steelyard.demo import clock, tokens

DAY = 86_400


@pytest.fixture
def queued(invested: World) -> World:
    """Alice has asked for 90,000 USDC's worth; 74,000 can be paid, 10,000 are bob's."""
    world = invested
    deposit(world, world.bob, 10_000 * USDC)
    ask(world, world.alice, 90_000 * USDC * 10**6)
    return world


def ask(world: World, who: str, shares: int) -> TxReceipt:
    queue = world.system.queue
    send(world.web3, world.vault.functions.approve(queue.address, shares), who)
    return send(world.web3, queue.functions.request(shares), who)


def fill(world: World, entries: int = 10) -> TxReceipt:
    return send(world.web3, world.system.queue.functions.fill(entries), world.relayer)


def test_queue__waiting__others_take_out_only_what_it_leaves(queued):
    world, view = queued, queued.vault.functions
    queue = world.system.queue.address
    found = book(world)
    liquid = found["inventory"][0] + sum(
        found["position_assets"][i] for i in (AAVE, SAVINGS)
    )
    nav_low = net_assets(world)[LOW]

    own = call(view.previewRedeem(shares_of(world, queue)))

    assert 84_000 * USDC < liquid < own < nav_low
    assert call(view.maxWithdraw(world.bob)) == 0
    assert call(view.maxWithdraw(queue)) == liquid
    with reverts("ERC4626ExceededMaxWithdraw", max=0):
        send(world.web3, view.withdraw(1, world.bob, world.bob), world.bob)


def test_queue__filled_by_anyone__draws_all_lending_and_pays_in_part(queued):
    world, queue = queued, queued.system.queue
    before = tokens.balance_of(world.asset, queue.address)

    receipt = fill(world)

    (event,) = events(receipt, queue, "Filled")
    (paid,) = events(receipt, world.vault, "Withdraw")
    assert (event["shares"], event["assets"]) == (paid["shares"], paid["assets"])
    assert tokens.balance_of(world.asset, queue.address) - before == event["assets"]
    assert event["assets"] > 83_900 * USDC
    assert units_of(world, AAVE) <= 1
    owner, waiting, assets, _ = call(queue.functions.requests(0))
    assert owner == world.alice
    assert waiting == 90_000 * USDC * 10**6 - event["shares"]
    assert assets == event["assets"]
    assert call(queue.functions.bounds()) == [0, 1]


def test_queue__pool_position_unwound_by_an_order__the_rest_is_filled(queued):
    world, queue = queued, queued.system.queue
    first = events(fill(world), queue, "Filled")[0]["assets"]
    rebalance(world, withdraws=[withdraw(world, V2)])

    receipt = fill(world)

    (event,) = events(receipt, queue, "Filled")
    assert call(queue.functions.requests(0))[1] == 0
    assert call(queue.functions.bounds()) == [1, 1]
    assert call(queue.functions.waitingSince()) == 0
    before = purse(world, world.alice)
    claim = queue.functions.claim(0, world.alice)
    (claimed,) = events(send(world.web3, claim, world.alice), queue, "Claimed")
    assert gained(world, world.alice, before)["USDC"] == first + event["assets"]
    assert claimed["assets"] == first + event["assets"]
    worth = 90_000 * USDC * (100 - 1) // 100
    assert first + event["assets"] > worth, "low prices and the swap have cost 1 %"


def test_queue__aave_paused__filled_from_the_rest_and_later_from_aave(queued):
    world, queue = queued, queued.system.queue
    in_aave = book(world)["position_assets"][AAVE]
    pause_aave(world, True)
    (without,) = events(fill(world), queue, "Filled")
    pause_aave(world, False)

    (event,) = events(fill(world), queue, "Filled")

    assert 73_900 * USDC < without["assets"] < 74_100 * USDC
    assert event["assets"] == pytest.approx(in_aave, abs=INTEREST)


def test_queue__waited_too_long__order_may_not_sink_what_it_is_owed(queued):
    world = queued
    buy = swap(world, 0, "USDC", "ETH", 1_000 * USDC)
    rebalance(world, swaps=[buy])
    clock.time_travel(world.web3, 3 * DAY + 10)

    with reverts("QueueStarved"):
        rebalance(world, swaps=[buy])
    sell = swap(world, 0, "ETH", "USDC", ETH // 4)
    rebalance(world, swaps=[sell])
    lend = supply(world, SAVINGS, {"USDC": 1_000 * USDC})
    rebalance(world, supplies=[lend])
    fill(world)
    assert rebalance(world)["status"] == 1


def test_queue__cancelled__shares_come_back_and_exits_open_again(queued):
    world, queue, view = queued, queued.system.queue, queued.vault.functions
    with reverts("NotRequestOwner", id=0, owner=world.alice, caller=world.bob):
        send(world.web3, queue.functions.cancel(0), world.bob)

    receipt = send(world.web3, queue.functions.cancel(0), world.alice)

    (event,) = events(receipt, queue, "Cancelled")
    assert event == {"id": 0, "shares": 90_000 * USDC * 10**6}
    held = shares_of(world, world.bob)
    assert call(view.maxRedeem(world.bob)) == held
    assert call(queue.functions.fill(1), sender=world.bob) == [0, 0]


def test_queue__least_request__smaller_refused(invested):
    world, queue = invested, invested.system.queue
    least = world.system.spec.least_queue_shares
    assert call(queue.functions.leastShares()) == least

    with reverts("RequestTooSmall", shares=least - 1, leastShares=least):
        ask(world, world.alice, least - 1)
    (event,) = events(ask(world, world.alice, least), queue, "Requested")
    assert event == {"id": 0, "owner": world.alice, "shares": least}
