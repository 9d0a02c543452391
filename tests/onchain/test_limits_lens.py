# SPDX-License-Identifier: MIT
"""What the limits' view says is left, an order can use to the unit, and no more."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from models import is_zero_for_one, v2_model
from support import (
    ETH,
    LOW,
    MID,
    SAVINGS,
    USDC,
    V2,
    V2_POOL,
    World,
    book,
    buy_eth,
    deposit,
    net_assets,
    order_events,
    rebalance,
    reconfigure,
    reverts,
    set_price,
    supply,
    swap,
    trade_back_and_forth,
    with_limits,
    with_position,
    with_tag,
    with_token,
    withdraw,
)

from steelyard.amm.constant_product import amount_out
from steelyard.chain.spec import BudgetSpec, VaultSpec
from steelyard.chain.transactions import call, send
from steelyard.charges import charge_assets, share_price_wad_down, share_wad_up
from steelyard.demo import clock, traders
from steelyard.demo.protocols import feed_prices_e8
from steelyard.order import UINT_MAX
from steelyard.state import Cap
from steelyard.wad import WAD

HOUR, DAY = 3600, 86_400
ROUNDING = 10**9  # a level is stored in billionths; a unit of USDC is less than that
NOWHERE, NO_NAME = "0x" + "00" * 20, b"\0" * 32
PRICES_E36 = (10**36, 2_000 * 10**24)  # of USDC and ETH
UNCERTAINTIES_WAD = (0, WAD // 200)

TOKEN = "token cap [assets]"
POSITION = "position cap [assets]"
TAG = "tag cap [assets]"
IDLE = "idle buffer [assets]"
GROSS = "gross exposure [assets]"
DRAWDOWN = "share price in a drawdown [wad]"
LOSS = "loss budget [wad of NAV]"
HOLD = "hold budget [wad of NAV]"
TURNOVER = "turnover budget [wad of NAV]"
COOLDOWN = "time since the last order [s]"
QUEUE = "wait in the queue [s]"


class Limit(NamedTuple):
    """LimitsLens.Limit."""

    kind: str
    item: str
    name: bytes
    is_ceiling: bool
    value: int
    bound: int
    room: int


def limits(world: World) -> list[Limit]:
    view = world.system.limits_lens.functions.limits(world.vault.address)
    return [Limit(*row) for row in call(view)]


def limit(
    world: World, kind: str, item: str | None = None, name: bytes | None = None
) -> Limit:
    """The one limit of this kind, about this item and name."""
    (found,) = (
        each
        for each in limits(world)
        if each.kind == kind
        and (item is None or each.item == item)
        and (name is None or each.name == name)
    )
    return found


def save(world: World, assets: int) -> dict[str, Any]:
    return {"supplies": [supply(world, SAVINGS, {"USDC": assets})]}


def buy(world: World, assets: int) -> dict[str, Any]:
    return {"swaps": [swap(world, V2_POOL, "USDC", "ETH", assets)]}


def eth_for(world: World, assets: int) -> int:
    """What the pair pays for so much USDC."""
    curve = v2_model(world.market.pairs[0].contract)
    return amount_out(curve, assets, is_zero_for_one(world, ["USDC", "ETH"]))


def most_to_buy(measure: Callable[[int], int], room: int) -> int:
    """The most USDC whose purchase measures no more than the room."""
    low, high = 0, 100_000 * USDC
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if measure(middle) <= room else (low, middle)
    return low


def eth_value(world: World, assets: int) -> int:
    """Worth of the ETH that so much USDC buys [assets, down]."""
    return eth_for(world, assets) * PRICES_E36[1] // 10**36


def charge_of(world: World, assets: int) -> tuple[int, int]:
    changes = (-assets, eth_for(world, assets))
    return charge_assets(changes, PRICES_E36, UNCERTAINTIES_WAD)


def limited(world: World, change: Callable[[VaultSpec], VaultSpec]) -> World:
    return reconfigure(world, change(world.system.spec))


def check_room(world: World, at: Limit, order: dict[str, Any], over: Any) -> None:
    """Nothing is left after the order that uses the room up; `over` reverts instead."""
    taken = clock.snapshot(world.web3)
    over()
    clock.revert(world.web3, taken)
    rebalance(world, **order)
    left = next(e for e in limits(world) if e[:3] == at[:3])
    assert left.room == 0
    assert left.value == left.bound


def test_limits__standard_vault__one_row_a_limit(invested):
    found = limits(invested)

    kinds = [each.kind for each in found]
    assert kinds == [
        *[TOKEN] * 3,
        *[POSITION] * 4,
        *[TAG] * 3,
        IDLE,
        GROSS,
        DRAWDOWN,
        LOSS,
        HOLD,
        TURNOVER,
        COOLDOWN,
        "reduce-only until [unix s]",
    ]
    now = book(invested)
    assert [e.value for e in found[:3]] == now["token_assets"]
    assert [e.value for e in found[3:7]] == now["position_assets"]
    assert [e.value for e in found[7:10]] == now["tag_assets"]
    assert [e.item for e in found[:3]] == [
        invested.token(symbol).address for symbol in ("USDC", "ETH", "BTC")
    ]
    assert found[3].name.hex() == invested.market_hex(V2)[2:]
    assert found[7].name.rstrip(b"\0") == b"uniswap"
    for each in found:
        room = each.bound - each.value if each.is_ceiling else each.value - each.bound
        assert each.room == max(0, room)


@pytest.mark.parametrize(
    "cap", [Cap(assets=12_345_678_901, wad=WAD), Cap(assets=UINT_MAX, wad=WAD // 7)]
)
def test_position_cap__room__is_what_may_still_be_supplied(world, cap):
    world = limited(world, lambda spec: with_position(spec, SAVINGS, cap=cap))
    rebalance(world, **save(world, 5_000 * USDC))

    at = limit(world, POSITION, name=bytes.fromhex(world.market_hex(SAVINGS)[2:]))

    assert at.item == world.adapter(SAVINGS).address
    assert at.value == 5_000 * USDC
    assert at.bound == min(cap.assets, 100_000 * USDC * cap.wad // WAD)

    def over():
        with reverts("PositionCapExceeded", capAssets=at.bound, assets=at.bound + 1):
            rebalance(world, **save(world, at.room + 1))

    check_room(world, at, save(world, at.room), over)


def test_tag_cap__room__is_shared_by_what_carries_it(world):
    cap = Cap(assets=UINT_MAX, wad=WAD * 3 // 10)
    world = limited(world, lambda spec: with_tag(spec, "lending", cap=cap))
    rebalance(world, **save(world, 5_000 * USDC))

    at = limit(world, TAG, name=b"lending".ljust(32, b"\0"))

    assert (at.value, at.room) == (5_000 * USDC, 25_000 * USDC)

    def over():
        with reverts("TagCapExceeded", assets=at.bound + 1, capAssets=at.bound):
            rebalance(world, **save(world, at.room + 1))

    check_room(world, at, save(world, at.room), over)


def test_token_cap__room__is_what_may_still_be_bought(world):
    world = limited(
        world, lambda s: with_token(s, "ETH", cap=Cap(assets=9_999_999_999, wad=WAD))
    )
    at = limit(world, TOKEN, item=world.token("ETH").address)
    assert (at.value, at.bound) == (0, 9_999_999_999)
    most = most_to_buy(lambda assets: eth_value(world, assets), at.room)
    assert eth_value(world, most) == at.room

    def over():
        with reverts("TokenCapExceeded", assets=at.bound + 1, capAssets=at.bound):
            rebalance(world, **buy(world, most + 1))

    check_room(world, at, buy(world, most), over)


def test_idle_buffer__room__is_what_may_still_be_spent(world):
    world = limited(world, lambda spec: with_limits(spec, idle_wad=WAD * 3 // 10))
    rebalance(world, **save(world, 5_000 * USDC))

    at = limit(world, IDLE)

    assert (at.value, at.bound) == (95_000 * USDC, 30_000 * USDC)
    assert at.item == world.asset.address

    def over():
        with reverts("IdleBelowBuffer", idleAssets=at.bound - 1, bufferAssets=at.bound):
            rebalance(world, **save(world, at.room + 1))

    check_room(world, at, save(world, at.room), over)


def test_caps__deposit_of_this_block__widens_none(world):
    cap = Cap(assets=UINT_MAX, wad=WAD // 10)
    world = limited(world, lambda spec: with_position(spec, SAVINGS, cap=cap))

    deposit(world, world.bob, 50_000 * USDC)  # the view sees this block as its own
    now = limit(world, POSITION, item=world.adapter(SAVINGS).address)
    idle = limit(world, IDLE)
    clock.mine(world.web3)
    later = limit(world, POSITION, item=world.adapter(SAVINGS).address)

    assert (now.bound, later.bound) == (10_000 * USDC, 15_000 * USDC)
    assert (idle.value, limit(world, IDLE).value) == (100_000 * USDC, 150_000 * USDC)


def static(wad: int) -> BudgetSpec:
    return BudgetSpec(wad=wad, refill_wad_per_day=0)


def test_turnover_budget__room__is_what_may_still_be_traded(world):
    world = limited(world, lambda spec: with_limits(spec, turnover=static(WAD // 5)))
    rebalance(world, **buy(world, 7_000 * USDC))
    at = limit(world, TURNOVER)
    nav = net_assets(world)[MID]

    def measure(assets: int) -> int:
        return share_wad_up(charge_of(world, assets)[1], nav)

    most = most_to_buy(measure, at.room)
    receipt = spend(world, at, most, "TurnoverBudgetExceeded", WAD // 5)

    (event,) = order_events(world, receipt, "Rebalanced")
    assert at.value == pytest.approx(0.0699 * WAD, rel=0.01)
    assert at.room - 2 * WAD // nav <= event["turnoverWad"] <= at.room
    assert event["turnoverWad"] == measure_before(world, receipt, most)[1]


def test_loss_budget__room__is_what_may_still_be_lost(world):
    world = limited(world, lambda spec: with_limits(spec, loss=static(WAD // 1000)))
    rebalance(world, **buy(world, 5_000 * USDC))
    at = limit(world, LOSS)
    low = net_assets(world)[LOW]

    def measure(assets: int) -> int:
        return share_wad_up(charge_of(world, assets)[0], low)

    most = most_to_buy(measure, at.room)
    receipt = spend(world, at, most, "LossBudgetExceeded", WAD // 1000)

    (event,) = order_events(world, receipt, "Rebalanced")
    assert 0 < at.value < at.bound == WAD // 1000
    assert at.room - 2 * WAD // low <= event["lossWad"] <= at.room
    assert event["lossWad"] == measure_before(world, receipt, most)[0]


def spend(world: World, at: Limit, most: int, error: str, budget: int) -> Any:
    """Buys the most that the room allows; one unit more is refused."""
    with reverts(error, budgetWad=budget):
        rebalance(world, **buy(world, most + 1))
    receipt = rebalance(world, **buy(world, most))
    left = limit(world, at.kind)
    assert left.room <= at.room // 1000, "whole units of USDC fill it so far"
    return receipt


def measure_before(world: World, receipt: Any, assets: int) -> tuple[int, int]:
    """The shares that a purchase was charged, from the event's own amounts."""
    (event,) = order_events(world, receipt, "Swapped")
    loss, traded = charge_assets(
        (-assets, event["amountOut"]), PRICES_E36, UNCERTAINTIES_WAD
    )
    block = receipt["blockNumber"] - 1
    low, middle, _ = (
        call(world.vault.functions.netAssetValue(side), block=block)[0]
        for side in range(3)
    )
    return share_wad_up(loss, low), share_wad_up(traded, middle)


@pytest.mark.parametrize(
    ("kind", "field"), [(LOSS, "loss"), (HOLD, "hold"), (TURNOVER, "turnover")]
)
def test_budgets__time_passes__refill_linearly(world, kind, field):
    per_day = WAD // 100
    budget = BudgetSpec(wad=WAD, refill_wad_per_day=per_day)
    world = limited(world, lambda spec: with_limits(spec, **{field: budget}))
    buy_eth(world, 50_000)
    if field == "hold":
        rebalance(
            world, supplies=[supply(world, V2, {"USDC": 20_000 * USDC, "ETH": 9 * ETH})]
        )
        set_price(world, "ETH", 3_000)
        rebalance(world)
    levels, times = [], []
    for _ in range(3):
        levels.append(limit(world, kind).value)
        times.append(world.now())
        clock.time_travel(world.web3, 600)

    per_second = per_day // DAY
    assert levels[0] > 1200 * per_second
    for level, now in zip(levels, times, strict=True):
        assert level == levels[0] - (now - times[0]) * per_second


def test_hold_budget__value__is_what_the_next_order_is_charged(world):
    hold = BudgetSpec(wad=WAD // 50, refill_wad_per_day=0)
    world = limited(world, lambda spec: with_limits(spec, hold=hold))
    buy_eth(world, 40_000)
    both = {"USDC": 36_000 * USDC, "ETH": 18 * ETH}
    rebalance(world, supplies=[supply(world, V2, both)])
    assert limit(world, HOLD).value <= 2 * ROUNDING
    set_price(world, "ETH", 2_600)

    at = limit(world, HOLD)
    receipt = rebalance(world)

    (event,) = order_events(world, receipt, "HoldingCharged")
    assert event["holdLevelWad"] == at.value
    assert 0 <= at.value - event["holdWad"] <= ROUNDING
    # of two halves the root of 1.3 keeps 1.14 where standing still had 1.15
    assert at.value == pytest.approx(0.0069 * WAD, rel=0.1)
    assert 0 <= limit(world, HOLD).value - at.value <= 2 * ROUNDING
    set_price(world, "ETH", 8_000)
    prices = {**feed_prices_e8(world.market), "ETH": 8_000 * 10**8}
    traders.arbitrage(world.web3, world.market, prices)
    assert limit(world, HOLD).room == 0
    with reverts("HoldBudgetExceeded", budgetWad=WAD // 50):
        rebalance(world, **buy(world, USDC))
    assert rebalance(world, withdraws=[withdraw(world, V2)])["status"] == 1


def test_hold_budget__fees_earned__pay_for_it(world):
    buy_eth(world, 40_000)
    both = {"USDC": 36_000 * USDC, "ETH": 18 * ETH}
    rebalance(world, supplies=[supply(world, V2, both)])
    set_price(world, "ETH", 2_040)
    before = limit(world, HOLD).value

    trade_back_and_forth(world, 0, 3_000_000)

    assert limit(world, HOLD).value < before


def test_drawdown__value_and_mark__as_the_vault_reads_them(world):
    world = limited(
        world,
        lambda spec: with_token(
            with_limits(spec, drawdown_wad=WAD // 10),
            "ETH",
            slippage_wad=WAD,
            deviation_wad=WAD,  # the pool stays where it is
        ),
    )
    buy_eth(world, 50_000)
    set_price(world, "ETH", 1_700)

    at = limit(world, DRAWDOWN)

    low = net_assets(world)[LOW]
    supply_ = call(world.vault.functions.totalSupply())
    assert at.value == share_price_wad_down(low, supply_)
    assert (at.bound, at.is_ceiling) == (WAD * 9 // 10, False)
    assert at.value > at.bound
    set_price(world, "ETH", 1_500)
    assert limit(world, DRAWDOWN).room == 0
    send(world.web3, world.vault.functions.poke(), world.bob)
    assert buy_eth(world, 100)["status"] == 1, "one reading proves nothing"
    clock.time_travel(world.web3, HOUR // 2)
    with reverts("ExposureRaised"):
        buy_eth(world, 100)


def test_cooldown__time_since__opens_when_it_is_up(world):
    world = limited(world, lambda spec: with_limits(spec, cooldown_seconds=600))
    rebalance(world)
    ordered_at = world.now()

    at = limit(world, COOLDOWN)

    assert (at.value, at.bound, at.room, at.is_ceiling) == (0, 600, 0, False)
    with reverts("CooldownActive", readyAt=ordered_at + 600):
        rebalance(world)
    clock.time_travel(world.web3, 600)
    assert limit(world, COOLDOWN).value == world.now() - ordered_at >= 600
    assert rebalance(world)["status"] == 1


def test_queue__waiting__is_timed_from_the_front(world):
    queue, view = world.system.queue, world.vault.functions
    assert QUEUE not in [each.kind for each in limits(world)]
    shares = 10**9 * 10**6
    send(world.web3, view.approve(queue.address, shares), world.alice)
    send(world.web3, queue.functions.request(shares), world.alice)
    asked_at = world.now()
    clock.time_travel(world.web3, DAY)

    at = limit(world, QUEUE)

    assert (at.item, at.bound) == (queue.address, 3 * DAY)
    assert at.value == world.now() - asked_at >= DAY
    send(world.web3, queue.functions.fill(1), world.bob)
    assert QUEUE not in [each.kind for each in limits(world)]


def test_queue__shares_that_nobody_queued__wait_for_nothing(world):
    queue, view = world.system.queue, world.vault.functions
    send(world.web3, view.transfer(queue.address, 10**6), world.alice)

    at = limit(world, QUEUE)

    assert (at.value, at.room) == (0, 3 * DAY)
    before = call(view.balanceOf(world.bob))
    send(world.web3, queue.functions.skim(world.bob), world.relayer)
    assert call(view.balanceOf(world.bob)) - before == 10**6
    assert QUEUE not in [each.kind for each in limits(world)]


@pytest.mark.parametrize("is_pause", [True, False])
def test_brake__set__says_until_when(world, is_pause):
    send(world.web3, world.vault.functions.brake(is_pause), world.curator)

    at = limits(world)[-1]

    assert at.kind == ("paused" if is_pause else "reduce-only") + " until [unix s]"
    assert at.value == world.now() + 7 * DAY
    assert (at.bound, at.room) == (world.now(), 0)
    assert (at.item, at.name) == (NOWHERE, NO_NAME)
    clock.time_travel(world.web3, 7 * DAY)
    assert limits(world)[-1].room >= 0
    assert limits(world)[-1].value <= limits(world)[-1].bound


def test_gross_exposure__without_debt__is_net_asset_value(invested):
    at = limit(invested, GROSS)

    assert at.value == at.bound == sum(book(invested)["token_assets"])


def test_limits__dead_price__no_answer(world):
    set_price(world, "ETH", 0)

    with reverts("BadPrice"):
        limits(world)
