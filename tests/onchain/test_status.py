# SPDX-License-Identifier: MIT
"""What a vault remembers, after real transactions, field by field."""

from dataclasses import replace

import pytest
from slices import slice_of
from support import (
    BTC_POOL,
    ETH,
    LOW,
    SAVINGS,
    SEED,
    TOKENS,
    USDC,
    V2,
    V3,
    World,
    book,
    buy_eth,
    config_rows,
    deposit,
    double,
    events,
    order_events,
    rebalance,
    reconfigure,
    set_price,
    submit,
    supply,
    swap,
    v3_ticks,
    with_limits,
)
from web3.types import TxReceipt

from steelyard import charges, marks
from steelyard.chain.deploy import deploy_system
from steelyard.chain.reading import Status
from steelyard.chain.spec import BudgetSpec
from steelyard.chain.transactions import call, send
from steelyard.demo import clock, tokens
from steelyard.marks import Marks
from steelyard.wad import WAD

HOUR, DAY = 3600, 86_400
DOLLARS = {"USDC": 1, "ETH": 2_000, "BTC": 40_000}
FEES = (WAD // 50, WAD // 5)  # 2 % a year, 20 % of gains


def status(world: World) -> Status:
    found = Status(*call(world.system.lens.functions.status(world.vault.address)))
    return found._replace(holdings=tuple(found.holdings))


def shares(world: World) -> int:
    return int(call(world.vault.functions.totalSupply()))


def block_of(world: World, receipt: TxReceipt) -> tuple[int, int]:
    """Number and time."""
    block = world.web3.eth.get_block(receipt["blockNumber"])
    return int(block["number"]), int(block["timestamp"])


def poke(world: World) -> TxReceipt:
    return send(world.web3, world.vault.functions.poke(), world.bob)


def fresh_prices(world: World, **dollars: float) -> None:
    for symbol, price in {**DOLLARS, **dollars}.items():
        set_price(world, symbol, price)


def test_status__new_vault__knows_its_birth_and_nothing_else(world):
    system = deploy_system(world.web3, world.system.spec, world.curator)

    found = status(replace(world, system=system))

    one = marks.UNIT_WAD * 10**9
    assert found[:7] == (0, False, 0, 0, found.touched_at, 0, found.checkpoint_day)
    assert world.now() - 60 < found.touched_at <= world.now()
    assert found.checkpoint_day == -(-found.touched_at // DAY)
    assert (found.high_water, found.checkpoint) == (one, one)
    assert (found.mark_wad, found.reading_wad) == (one, one)
    assert found.reading_at == found.touched_at
    assert (found.turned_at, found.in_drawdown) == (0, False)
    assert (found.loss_wad, found.hold_wad, found.turnover_wad) == (0, 0, 0)
    assert (found.ordered_at, found.holdings) == (0, ())
    assert call(system.vault.functions.totalSupply()) == SEED * 10**6


def test_status__deposit_and_withdrawal__flow_and_the_block(world):
    before, supply_ = status(world), shares(world)
    receipt = deposit(world, world.bob, 30_000 * USDC)
    number, at = block_of(world, receipt)

    found = status(world)

    assert found.net_flow - before.net_flow == 30_000 * USDC
    assert found.touched_block == number % 65_536
    assert found.touched_at == at
    assert found.supply_before == supply_ >> 16 << 16
    supply_ = shares(world)
    view = world.vault.functions
    send(world.web3, view.withdraw(12_345 * USDC, world.bob, world.bob), world.bob)
    found = status(world)
    assert found.net_flow - before.net_flow == 17_655 * USDC
    assert found.supply_before == supply_ >> 16 << 16


def test_status__two_moves_in_a_block__remembers_how_it_began(world):
    tokens.approve(world.web3, world.asset, world.vault.address, sender=world.bob)
    supply_ = shares(world)
    pay = world.vault.functions.deposit(1_000 * USDC, world.bob)
    world.web3.provider.make_request("evm_setAutomine", [False])
    try:
        sent = [pay.transact({"from": world.bob, "gas": 10**6}) for _ in range(2)]
    finally:
        world.web3.provider.make_request("evm_setAutomine", [True])
        clock.mine(world.web3)
    receipts = [world.web3.eth.get_transaction_receipt(hash_) for hash_ in sent]

    assert receipts[0]["blockNumber"] == receipts[1]["blockNumber"]
    assert status(world).supply_before == supply_ >> 16 << 16
    assert shares(world) == supply_ + 2_000 * USDC * 10**6


def test_status__order__levels_are_its_charges_and_refill(world):
    per_day = WAD // 100
    budget = BudgetSpec(wad=WAD, refill_wad_per_day=per_day)
    world = reconfigure(
        world,
        with_limits(world.system.spec, loss=budget, hold=budget, turnover=budget),
    )
    first = buy_eth(world, 40_000)
    set_price(world, "ETH", 2_020)
    before = status(world)

    second = buy_eth(world, 10_000)

    (one,), (two,) = (order_events(world, r, "Rebalanced") for r in (first, second))
    found, elapsed = status(world), status(world).ordered_at - before.ordered_at
    assert (before.loss_wad, before.turnover_wad) == tuple(
        charges.packed_level_wad_up(one[name]) for name in ("lossWad", "turnoverWad")
    )
    assert (found.loss_wad, found.turnover_wad) == tuple(
        charges.packed_level_wad_up(
            charges.level_wad(level, per_day // DAY, elapsed, two[name])
        )
        for level, name in (
            (before.loss_wad, "lossWad"),
            (before.turnover_wad, "turnoverWad"),
        )
    )
    assert found.ordered_at == block_of(world, second)[1]
    assert min(found.loss_wad, found.turnover_wad) > 0


def test_status__order_charged_for_holding__level_is_the_events(world):
    world = reconfigure(
        world,
        with_limits(world.system.spec, hold=BudgetSpec(wad=WAD, refill_wad_per_day=0)),
    )
    buy_eth(world, 40_000)
    both = {"USDC": 30_000 * USDC, "ETH": 15 * ETH}
    ranged = supply(world, V3, both, ticks=v3_ticks(world, 1200))
    rebalance(world, supplies=[ranged])
    set_price(world, "ETH", 2_200)

    receipt = rebalance(world)

    (event,) = order_events(world, receipt, "HoldingCharged")
    found = status(world)
    assert found.hold_wad == charges.packed_level_wad_up(event["holdLevelWad"])
    assert event["holdWad"] == pytest.approx(0.0135 * WAD, rel=0.2)


def test_status__holdings__what_is_held_token_by_token(world):
    with_seven_tokens(world)
    buy_eth(world, 10_000)
    rebalance(world, swaps=[swap(world, BTC_POOL, "USDC", "BTC", 5_000 * USDC)])
    both = {"USDC": 4_000 * USDC, "ETH": 2 * ETH}
    rebalance(
        world,
        supplies=[
            supply(world, V2, both),
            supply(world, SAVINGS, {"USDC": 7_000 * USDC}),
        ],
    )

    held = book(world)["held"]

    assert len(held) == 7
    assert len(set(held)) == 7
    assert status(world).holdings == tuple(held)


def with_seven_tokens(world: World) -> None:
    """Lists four more tokens, of which the vault holds 1, 2, 3 and 4 units."""
    config = config_rows(world)
    for number in range(1, 5):
        token = double(world, "HostileToken", 18)
        config[TOKENS].append([token.address, *config[TOKENS][1][1:]])
        mint = token.functions.mint(world.vault.address, number * ETH)
        send(world.web3, mint, world.curator)
    submit(world, config)


def test_status__payments_after_an_order__move_the_asset_alone(world):
    buy_eth(world, 10_000)
    before = status(world).holdings

    deposit(world, world.bob, 5_000 * USDC)
    paid_in = status(world).holdings
    view = world.vault.functions
    send(world.web3, view.withdraw(2_000 * USDC, world.bob, world.bob), world.bob)

    assert paid_in == (before[0] + 5_000 * USDC, *before[1:])
    assert status(world).holdings == (before[0] + 3_000 * USDC, *before[1:])
    assert status(world).holdings == tuple(book(world)["held"])


def test_status__exit_in_kind__every_holding_shrinks_by_the_slice(world):
    buy_eth(world, 10_000)
    part = shares(world) // 3
    share, before = slice_of(world, part), status(world)

    leave = world.vault.functions.redeemInKind(part, world.alice, world.alice, 0)
    send(world.web3, leave, world.alice)

    found = status(world)
    assert found.holdings == tuple(held - share.of(held) for held in before.holdings)
    assert found.net_flow == before.net_flow
    assert found.holdings == tuple(book(world)["held"])


def test_status__other_configuration__holdings_follow_their_tokens(world):
    buy_eth(world, 10_000)
    rebalance(world, swaps=[swap(world, BTC_POOL, "USDC", "BTC", 5_000 * USDC)])
    usdc, eth, btc = status(world).holdings
    config = config_rows(world)
    config[TOKENS][1:] = config[TOKENS][:0:-1]
    renumbered = {0: 0, 1: 2, 2: 1}
    for table in config[2], config[4]:
        for row in table:
            count, packed = row[2:4]
            indexes = [renumbered[packed >> (8 * j) & 0xFF] for j in range(count)]
            row[3] = sum(index << (8 * j) for j, index in enumerate(indexes))

    submit(world, config)

    assert status(world).holdings == (usdc, btc, eth)


@pytest.mark.parametrize("is_pause", [True, False])
def test_status__brake__until_when_and_which(world, is_pause):
    send(world.web3, world.vault.functions.brake(is_pause), world.curator)

    found = status(world)

    assert (found.brake_until, found.brake_is_pause) == (
        world.now() + 7 * DAY,
        is_pause,
    )


# marks


def memory_of(world: World) -> Marks:
    """The fourth word of the vault's memory, as VaultState lays it out."""
    word = int.from_bytes(call(world.vault.functions.memoryWords(4))[3], "big")

    def bits(start: int, count: int) -> int:
        return word >> start & (1 << count) - 1

    return Marks(
        mark_wad=bits(0, 48) * marks.UNIT_WAD,
        last_mark_wad=bits(48, 48) * marks.UNIT_WAD,
        reading_wad=bits(96, 48) * marks.UNIT_WAD,
        period_at=bits(144, 32),
        reading_at=bits(176, 32),
        turned_at=bits(208, 32),
        reduce_only=bool(bits(240, 8)),
    )


STEPS = [  # seconds before the reading, dollars an ETH
    (600, 2_000),
    (HOUR, 2_600),  # one wick
    (HOUR, 2_000),
    (HOUR, 2_400),
    (HOUR, 2_400),  # confirmed
    (60, 1_700),  # a fall of about 17 %
    (1_000, 1_700),
    (1_000, 1_700),  # for half an hour: reduce-only
    (HOUR, 2_100),
    (1_700, 2_050),  # not long enough
    (60, 1_900),
    (60, 2_300),
    (1_900, 2_300),  # free again
    (16 * DAY, 1_900),
    (15 * DAY, 1_850),  # the highest price ages out
    (31 * DAY, 1_850),
]


def test_status__marks__as_the_twin_keeps_them(world):
    world = reconfigure(world, with_limits(world.system.spec, drawdown_wad=WAD // 10))
    buy_eth(world, 70_000)
    expected, states, highest = memory_of(world), [], []
    for seconds, dollars in STEPS:
        clock.time_travel(world.web3, seconds)
        fresh_prices(world, ETH=dollars)
        receipt = poke(world)
        block = receipt["blockNumber"]
        low, supply_ = call(world.vault.functions.netAssetValue(LOW), block=block)
        before = expected
        expected = marks.read(
            expected,
            drawdown_wad=WAD // 10,
            low_wad=charges.share_price_wad_down(low, supply_),
            now=block_of(world, receipt)[1],
        )
        found = status(world)
        assert memory_of(world) == expected
        assert (found.mark_wad, found.reading_wad) == (
            expected.highest_wad,
            expected.reading_wad,
        )
        assert (found.reading_at, found.turned_at, found.in_drawdown) == (
            expected.reading_at,
            expected.turned_at,
            expected.reduce_only,
        )
        told = events(receipt, world.vault, "Marked")
        lifted = before.reading_at != expected.reading_at
        assert len(told) == lifted + (before.reduce_only != expected.reduce_only)
        states.append(expected.reduce_only)
        highest.append(expected.highest_wad)
    assert states == [False] * 7 + [True] * 5 + [False] * 4
    assert highest[3] < highest[4] == highest[13] > highest[15]


def test_reset_mark__in_a_drawdown__starts_from_the_last_reading(world):
    world = reconfigure(world, with_limits(world.system.spec, drawdown_wad=WAD // 10))
    buy_eth(world, 70_000)
    for _ in range(2):
        clock.time_travel(world.web3, HOUR)
        fresh_prices(world, ETH=1_600)
        poke(world)
    before = status(world)
    assert before.in_drawdown

    send(world.web3, world.vault.functions.resetMark(), world.curator)

    found = status(world)
    assert found.mark_wad == found.reading_wad == before.reading_wad < before.mark_wad
    assert (found.in_drawdown, found.turned_at) == (False, 0)


# fees


@pytest.fixture
def charging(world: World) -> World:
    """The vault with 10,000 USDC in savings and with fees."""
    rebalance(world, supplies=[supply(world, SAVINGS, {"USDC": 10_000 * USDC})])
    set_ = world.vault.functions.setFees(treasury(world), *FEES)
    send(world.web3, set_, world.curator)
    return world


def treasury(world: World) -> str:
    return str(world.web3.eth.accounts[5])


def treasury_shares(world: World) -> int:
    return int(call(world.vault.functions.balanceOf(treasury(world))))


def test_set_fees__from_now_on__marks_start_at_the_price_now(charging):
    found = status(charging)

    assert found.high_water == found.checkpoint == WAD
    assert found.checkpoint_day == -(-charging.now() // DAY)
    assert treasury_shares(charging) == 0


@pytest.mark.parametrize("days", [10, 365, 1_000])
def test_management_fee__time_passes__minted_at_the_next_move(charging, days):
    world = charging
    before, supply_ = status(world), shares(world)
    clock.time_travel(world.web3, days * DAY)
    fresh_prices(world)

    receipt = deposit(world, world.bob, 1_000 * USDC)

    _, at = block_of(world, receipt)
    due = charges.management_shares(supply_, FEES[0], at - before.touched_at)
    assert treasury_shares(world) == due > 0
    part = FEES[0] * min(days, 365) // 365
    assert due / (supply_ + due) == pytest.approx(part / WAD, rel=1e-3)
    assert status(world).touched_at == at


def test_performance_fee__gain_confirmed_a_day_later__to_the_share(charging):
    world, savings = charging, charging.market_address(SAVINGS)
    tokens.give(world.web3, world.asset, savings, 500_000 * USDC, sender=world.curator)
    fees = []
    for _ in range(4):
        clock.time_travel(world.web3, 2 * DAY)
        fresh_prices(world)
        before, supply_, minted = status(world), shares(world), treasury_shares(world)

        receipt = poke(world)

        number, at = block_of(world, receipt)
        after_due = supply_ + charges.management_shares(
            supply_, FEES[0], at - before.touched_at
        )
        # what the vault is worth does not change by a poke
        low, _ = call(world.vault.functions.netAssetValue(LOW), block=number)
        due = charges.performance(
            high_water_wad=before.high_water,
            checkpoint_wad=before.checkpoint,
            fee_wad=FEES[1],
            nav_low=low,
            supply=after_due,
        )
        found = status(world)
        assert shares(world) == after_due + due.shares
        assert treasury_shares(world) - minted == shares(world) - supply_
        assert (found.high_water, found.checkpoint) == (
            due.high_water_wad,
            due.checkpoint_wad,
        )
        assert found.checkpoint_day == -(-at // DAY)
        (event,) = events(receipt, world.vault, "Accrued")
        assert event == {
            "shares": shares(world) - supply_,
            "highWater": due.high_water_wad,
        }
        fees.append(due.shares)
    assert fees[0] == 0, "not confirmed yet"
    assert fees[1] > 0
    assert fees[2:] == [0, 0], "paid once"


def test_performance_fee__twice_in_a_day__looked_at_once(charging):
    world = charging
    clock.time_travel(world.web3, 2 * DAY)
    fresh_prices(world)

    first, second = poke(world), poke(world)

    assert len(events(first, world.vault, "Accrued")) == 1
    assert events(second, world.vault, "Accrued") == []


def test_performance_fee__prices_too_old__not_looked_at(charging):
    world, before = charging, status(charging)
    clock.time_travel(world.web3, 2 * DAY + HOUR)  # and so are the feeds

    receipt = poke(world)

    assert events(receipt, world.vault, "Accrued") == []
    found = status(world)
    assert found.checkpoint_day == before.checkpoint_day
    assert (found.high_water, found.checkpoint) == (WAD, WAD)


def test_preview__fees_due__equals_the_move(charging):
    world, view = charging, charging.vault.functions
    savings = world.market_address(SAVINGS)
    tokens.give(world.web3, world.asset, savings, 500_000 * USDC, sender=world.curator)
    for _ in range(2):
        clock.time_travel(world.web3, 2 * DAY)
        fresh_prices(world)
        tokens.approve(world.web3, world.asset, world.vault.address, sender=world.bob)
        assert call(view.previewDeposit(777 * USDC)) == call(
            view.deposit(777 * USDC, world.bob), sender=world.bob
        )
        assert call(view.previewRedeem(10**15)) == call(
            view.redeem(10**15, world.alice, world.alice), sender=world.alice
        )
        assert call(view.previewMint(10**15)) == call(
            view.mint(10**15, world.bob), sender=world.bob
        )
        assert call(view.previewWithdraw(777 * USDC)) == call(
            view.withdraw(777 * USDC, world.alice, world.alice), sender=world.alice
        )
        deposit(world, world.bob, 777 * USDC)
