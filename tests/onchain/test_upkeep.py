# SPDX-License-Identifier: MIT
"""Without an order: exposures go back under their caps, broken positions apart."""

import pytest
from support import (
    AAVE,
    LOW,
    MID,
    POSITIONS,
    SAVINGS,
    USDC,
    V2,
    World,
    book,
    config_rows,
    deposit,
    double,
    net_assets,
    rebalance,
    reconfigure,
    reverts,
    submit,
    supply,
    units_of,
    upkeep_events,
    with_position,
    with_tag,
    withdraw,
)
from web3.contract import Contract
from web3.types import TxReceipt

from steelyard.chain.config_args import market_id
from steelyard.chain.transactions import call, send
from steelyard.demo import clock
from steelyard.order import UINT_MAX, Supply
from steelyard.state import Cap
from steelyard.wad import UINT256_MAX, WAD

HOUR = 3600
FOUR_THOUSAND = Cap(assets=4_000 * USDC, wad=WAD)
PLACE = market_id("0x" + "aa" * 20)
BROKEN = 4  # the double's position
NONE, REVERT, BURN_GAS = range(3)  # faults of HostileAdapter


def heal(world: World, position: int) -> TxReceipt:
    adapter, market = world.adapter(position).address, world.market_hex(position)
    return send(world.web3, world.vault.functions.heal(adapter, market), world.bob)


@pytest.mark.parametrize("position", [AAVE, SAVINGS])
def test_heal__lending_above_its_cap__drawn_to_as_far_below(invested, position):
    spec = with_position(invested.system.spec, position, cap=FOUR_THOUSAND)
    world = reconfigure(invested, spec)
    idle, nav = book(world)["inventory"][0], net_assets(world)[1]

    receipt = heal(world, position)

    (event,) = upkeep_events(world, receipt, "Healed")
    assert event["adapter"] == world.adapter(position).address
    assert event["market"].hex() == world.market_hex(position)[2:]
    assert event["capAssets"] == 4_000 * USDC
    assert event["assets"] == pytest.approx(10_000 * USDC, abs=1_000)
    assert event["amount"] == event["assets"] - 3_960 * USDC, "a hundredth below it"
    after = book(world)
    assert after["inventory"][0] - idle == event["amount"]
    assert after["position_assets"][position] == pytest.approx(3_960 * USDC, abs=100)
    assert nav - 2 <= net_assets(world)[1] <= nav + 1_000


def test_heal__again__only_after_the_cooldown_and_above_the_band(invested):
    spec = with_position(invested.system.spec, SAVINGS, cap=FOUR_THOUSAND)
    world = reconfigure(invested, spec)
    heal(world, SAVINGS)
    healed_at = world.now()

    with reverts("HealCooldownActive", readyAt=healed_at + HOUR):
        heal(world, SAVINGS)
    clock.time_travel(world.web3, HOUR)

    numbers = {"assets": 3_960 * USDC, "healAboveAssets": 4_040 * USDC}
    with reverts("NotHealable", market=world.market_hex(SAVINGS), **numbers):
        heal(world, SAVINGS)


def test_heal__liquidity__never(invested):
    spec = with_position(invested.system.spec, V2, cap=FOUR_THOUSAND)
    world = reconfigure(invested, spec)

    with reverts("NotHealable", market=world.market_hex(V2)):
        heal(world, V2)


def test_heal__only_the_tag_is_over__nothing_to_do(invested):
    spec = with_tag(invested.system.spec, "lending", cap=FOUR_THOUSAND)
    world = reconfigure(invested, spec)

    with reverts("NotHealable", market=world.market_hex(AAVE)):
        heal(world, AAVE)


@pytest.fixture
def broken(world: World) -> tuple[World, Contract]:
    """The world with a thousand USDC in an adapter that has begun to revert."""
    asset = world.asset.address
    adapter = double(world, "HostileAdapter", world.vault.address, [asset])
    config = config_rows(world)
    row = [adapter.address, PLACE, 1, 0, 0, UINT256_MAX, WAD, b"\0" * 32, 0]
    config[POSITIONS].append(row)
    submit(world, config)
    item = Supply(
        adapter=adapter.address,
        market="0x" + PLACE.hex(),
        tick_lower=0,
        tick_upper=0,
        max_amounts=(1_000 * USDC,),
        min_units=0,
    )
    rebalance(world, supplies=[item])
    fail(world, adapter, REVERT)
    return world, adapter


def fail(world: World, adapter: Contract, fault: int) -> None:
    send(world.web3, adapter.functions.setFaults(fault, fault), world.curator)


def say_failing(world: World, adapter: Contract) -> TxReceipt:
    function = world.vault.functions.impair(adapter.address, PLACE)
    return send(world.web3, function, world.curator)


def impair(world: World, adapter: Contract) -> TxReceipt:
    """Says it twice, an hour apart."""
    say_failing(world, adapter)
    clock.time_travel(world.web3, HOUR)
    return say_failing(world, adapter)


@pytest.mark.parametrize("fault", [REVERT, BURN_GAS])
def test_impair__position_that_answers_nothing__out_of_the_books(broken, fault):
    world, adapter = broken
    fail(world, adapter, fault)
    with reverts("Broken" if fault == REVERT else "NoReason"):
        net_assets(world)

    receipt = impair(world, adapter)

    (event,) = upkeep_events(world, receipt, "Impaired")
    assert (event["adapter"], event["market"]) == (adapter.address, PLACE)
    assert call(world.vault.functions.excluded())[0] == 1 << BROKEN
    view = world.vault.functions
    for side in (LOW, MID):
        assert call(view.netAssetValue(side))[0] == 99_000 * USDC
    assert call(view.maxDeposit(world.bob)) == 0
    with reverts("DepositsClosed", impairedPositions=1 << BROKEN):
        deposit(world, world.bob, USDC)
    redeem = world.vault.functions.redeem(10**6, world.alice, world.alice)
    send(world.web3, redeem, world.alice)


def test_impair__orders__go_on_without_it(broken):
    world, adapter = broken
    impair(world, adapter)

    lend = supply(world, SAVINGS, {"USDC": 5_000 * USDC})
    assert rebalance(world, supplies=[lend])["status"] == 1
    item = withdraw(world, SAVINGS, UINT_MAX)
    broken_item = type(item)(
        **{**vars(item), "adapter": adapter.address, "market": "0x" + PLACE.hex()}
    )
    with reverts("PositionImpaired", adapter=adapter.address, market=PLACE):
        rebalance(world, withdraws=[broken_item])
    with reverts("PositionImpaired", adapter=adapter.address, market=PLACE):
        send(world.web3, world.vault.functions.heal(adapter.address, PLACE), world.bob)


def test_restore__once_it_answers__by_anyone(broken):
    world, adapter = broken
    impair(world, adapter)
    restore = world.vault.functions.restore(adapter.address, PLACE)
    with reverts("Broken"):
        send(world.web3, restore, world.bob)
    fail(world, adapter, NONE)

    receipt = send(world.web3, restore, world.bob)

    (event,) = upkeep_events(world, receipt, "Restored")
    assert (event["adapter"], event["market"]) == (adapter.address, PLACE)
    assert call(world.vault.functions.excluded())[0] == 0
    assert net_assets(world) == (100_000 * USDC,) * 3
    deposit(world, world.bob, USDC)


def test_impair__within_the_hour__only_said(broken):
    world, adapter = broken

    (event,) = upkeep_events(world, say_failing(world, adapter), "Failing")
    said_at = world.now()

    assert (event["adapter"], event["market"]) == (adapter.address, PLACE)
    assert call(world.vault.functions.excluded())[0] == 0
    clock.time_travel(world.web3, HOUR - 60)
    with reverts("NotConfirmed", readyAt=said_at + HOUR):
        say_failing(world, adapter)


def test_impair__restored_in_between__the_hour_starts_anew(broken):
    world, adapter = broken
    say_failing(world, adapter)
    fail(world, adapter, NONE)
    send(world.web3, world.vault.functions.restore(adapter.address, PLACE), world.bob)
    fail(world, adapter, REVERT)
    clock.time_travel(world.web3, HOUR)

    assert upkeep_events(world, say_failing(world, adapter), "Failing")
    assert call(world.vault.functions.excluded())[0] == 0


def test_impair__position_that_answers__refused(broken):
    world, adapter = broken
    fail(world, adapter, NONE)

    with reverts("PositionAnswers", adapter=adapter.address, market=PLACE):
        say_failing(world, adapter)


def test_submit__without_an_impaired_position__gives_it_up(broken):
    world, adapter = broken
    with reverts("PositionNotEmpty", adapter=adapter.address, units=1_000 * USDC):
        submit(world, config_rows(world))
    impair(world, adapter)

    submit(world, config_rows(world))

    assert call(world.vault.functions.excluded())[0] == 0
    assert net_assets(world) == (99_000 * USDC,) * 3
    assert units_of(world, SAVINGS) == 0
    deposit(world, world.bob, USDC)


def test_redeem_in_kind__position_burns_all_gas__its_slice_is_set_aside(broken):
    world, adapter = broken
    fail(world, adapter, BURN_GAS)
    shares = call(world.vault.functions.balanceOf(world.alice))
    before = call(world.asset.functions.balanceOf(world.alice))

    leave = world.vault.functions.redeemInKind(shares, world.alice, world.alice, 0)
    send(world.web3, leave, world.alice)

    whole = 100_000 * USDC * 10**6 + 10**6
    paid = call(world.asset.functions.balanceOf(world.alice)) - before
    units = call(adapter.functions.claimOf(PLACE, 0, 0, world.alice))
    assert paid == 99_000 * USDC * shares // whole
    assert units == 1_000 * USDC * shares // whole
    fail(world, adapter, NONE)
    claim = adapter.functions.claim(PLACE, 0, 0, world.alice)
    send(world.web3, claim, world.bob)
    assert call(world.asset.functions.balanceOf(world.alice)) > before + paid
