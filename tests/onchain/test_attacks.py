# SPDX-License-Identifier: MIT
"""Hostile tokens, adapters, venues, donors and traders."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from support import (
    AAVE,
    ETH,
    POOLS,
    POSITIONS,
    SAVINGS,
    TOKENS,
    USDC,
    V2,
    V2_POOL,
    V3,
    World,
    book,
    buy_eth,
    calldata,
    config_rows,
    deposit,
    double,
    make_order,
    net_assets,
    order_events,
    rebalance,
    relay,
    reverts,
    set_param,
    set_price,
    stored_rows,
    submit,
    supply,
    swap,
    units_of,
    v3_ticks,
)
from web3.contract import Contract
from web3.types import TxReceipt
from worlds import is_first, unconfigured

from steelyard.chain.config_args import market_id
from steelyard.chain.errors_abi import decode_revert
from steelyard.chain.transactions import call, send
from steelyard.demo import clock, tokens, traders
from steelyard.order import UINT_MAX, Supply, Swap, Withdraw
from steelyard.wad import UINT256_MAX, WAD

PLACE = market_id("0x" + "aa" * 20)  # the market and pool of the doubles
PLACE_HEX = "0x" + PLACE.hex()
HOSTILE = 4  # the doubles' position
NOTHING = b"\0" * 32
NOBODY = "0x" + "00" * 20


@dataclass(frozen=True, kw_only=True)
class Enemies:
    """The standard world with one hostile token, adapter and venue listed."""

    world: World
    token: Contract  # 18 decimals, priced as ETH
    adapter: Contract  # over the asset
    venue: Contract  # asset against token, with 100 tokens in it

    def buy(self, usdc: int = 2_000 * USDC, least: int = 0) -> Swap:
        return Swap(
            venue=self.venue.address,
            pool=PLACE_HEX,
            token_in=self.world.asset.address,
            token_out=self.token.address,
            amount_in=usdc,
            min_amount_out=least,
        )

    def sell(self, amount: int) -> Swap:
        other = self.buy(amount)
        return replace(other, token_in=other.token_out, token_out=other.token_in)

    def supply(self, usdc: int = 1_000 * USDC) -> Supply:
        return Supply(
            adapter=self.adapter.address,
            market=PLACE_HEX,
            tick_lower=0,
            tick_upper=0,
            max_amounts=(usdc,),
            min_units=0,
        )

    def withdraw(self, least: int = 0) -> Withdraw:
        return Withdraw(
            adapter=self.adapter.address,
            market=PLACE_HEX,
            tick_lower=0,
            tick_upper=0,
            units=UINT_MAX,
            min_amounts=(least,),
        )

    def do(self, contract: Contract, name: str, *args: Any) -> None:
        send(self.world.web3, contract.functions[name](*args), self.world.curator)


@pytest.fixture
def enemies(world: World) -> Enemies:
    token = double(world, "HostileToken", 18)
    asset = world.asset.address
    adapter = double(world, "HostileAdapter", world.vault.address, [asset])
    venue = double(world, "HostileVenue", asset, token.address)
    config, eth = config_rows(world), config_rows(world)[TOKENS][1]
    config[TOKENS].append([token.address, *eth[1:]])
    config[POSITIONS].append(
        [adapter.address, PLACE, 1, 0, 0, UINT256_MAX, WAD, NOTHING, 0]
    )
    config[POOLS].append([venue.address, PLACE, 2, 0x0300, NOTHING])
    submit(world, config)
    found = Enemies(world=world, token=token, adapter=adapter, venue=venue)
    found.do(token, "mint", venue.address, 100 * ETH)
    found.do(venue, "setPay", ETH, ETH, 0)
    tokens.give(world.web3, world.asset, venue.address, 10**10, sender=world.curator)
    return found


def test_swap__honest_double__runs(enemies):
    receipt = rebalance(enemies.world, swaps=[enemies.buy(least=ETH)])

    (event,) = order_events(enemies.world, receipt, "Swapped")
    assert (event["amountOut"], event["oracleAmountOut"]) == (ETH, ETH)


def listed_pair(enemies: Enemies) -> Contract:
    """A hostile adapter over asset and token, listed as one more position."""
    world, pair = enemies.world, [enemies.world.asset.address, enemies.token.address]
    adapter = double(world, "HostileAdapter", world.vault.address, pair)
    config = stored_rows(world)
    config[POSITIONS].append(
        [adapter.address, PLACE, 2, 0x0300, 0, UINT256_MAX, WAD, NOTHING, 0]
    )
    submit(world, config)
    return adapter


@pytest.mark.parametrize("worth", [[], [0], [0, 0, 10**12]])
def test_amounts__of_another_length__refused(enemies, worth):
    adapter, view = listed_pair(enemies), enemies.world.vault.functions
    enemies.do(adapter, "setWorth", worth)
    numbers = {"adapter": adapter.address, "market": PLACE}

    with reverts("AmountsUnreadable", **numbers):
        net_assets(enemies.world)
    with reverts("AmountsUnreadable", **numbers):
        rebalance(enemies.world)
    assert call(view.totalAssets()) == 100_000 * USDC, "the last reading"
    assert call(view.maxWithdraw(enemies.world.alice)) == 0


def test_amount__adapter_without_an_answer__its_own_error(enemies):
    enemies.do(enemies.adapter, "setWorth", [])

    with reverts("Panic"):  # the double reads beyond its empty list
        net_assets(enemies.world)


# who calls out in the middle of an order, and the order that makes him
PLACES = {
    "token, while it moves": ("token", lambda e: {"swaps": [e.buy()]}),
    "venue, in a swap": ("venue", lambda e: {"swaps": [e.buy()]}),
    "adapter, in a supply": ("adapter", lambda e: {"supplies": [e.supply()]}),
    "adapter, in a withdrawal": ("adapter", lambda e: {"withdraws": [e.withdraw()]}),
}


def entries(world: World) -> dict[str, tuple[Any, ...]]:
    alice = world.alice
    signed = make_order(world.system, world.strategist)
    return {
        "deposit": (USDC, alice),
        "mint": (USDC, alice),
        "withdraw": (USDC, alice, alice),
        "redeem": (USDC, alice, alice),
        "redeemInKind": (USDC, alice, alice, 0),
        "claim": (world.asset.address, alice),
        "poke": (),
        "heal": (world.adapter(SAVINGS).address, PLACE),
        "restore": (world.adapter(SAVINGS).address, PLACE),
        "rebalance": (signed.order.as_tuple(), signed.signature),
        "cancelOrder": (),
        "totalAssets": (),
        "sharePriceWad": (),
        "netAssetValue": (0,),
        "exitable": (alice,),
        "convertToAssets": (USDC,),
        "convertToShares": (USDC,),
        "previewDeposit": (USDC,),
        "previewMint": (USDC,),
        "previewWithdraw": (USDC,),
        "previewRedeem": (USDC,),
    }


@pytest.mark.parametrize("place", PLACES)
def test_rebalance__vault_entered_in_the_middle__refused(enemies, place):
    who, order = PLACES[place]
    world, double_ = enemies.world, getattr(enemies, who)
    rebalance(world, supplies=[enemies.supply()])
    signed = make_order(world.system, world.strategist, **order(enemies))

    for name, args in entries(world).items():
        data = calldata(world.vault, name, *args)
        enemies.do(double_, "setHook", world.vault.address, data, True)
        with reverts("Reentrant"):
            run = world.vault.functions.rebalance(
                signed.order.as_tuple(), signed.signature
            )
            call(run, sender=world.relayer)


@pytest.mark.parametrize("place", PLACES)
def test_rebalance__limits_asked_in_the_middle__zero(enemies, place):
    who, order = PLACES[place]
    world, double_ = enemies.world, getattr(enemies, who)
    rebalance(world, supplies=[enemies.supply()])
    data = calldata(world.vault, "maxWithdraw", world.alice)
    enemies.do(double_, "setHook", world.vault.address, data, False)

    rebalance(world, **order(enemies))

    assert call(double_.functions.hookSucceeded()) is True
    assert int.from_bytes(call(double_.functions.hookAnswer()), "big") == 0


def test_rebalance__refused_entry__the_rest_of_the_order_stands(enemies):
    world = enemies.world
    data = calldata(world.vault, "deposit", USDC, world.bob)
    enemies.do(enemies.venue, "setHook", world.vault.address, data, False)

    receipt = rebalance(world, swaps=[enemies.buy()])

    answer = call(enemies.venue.functions.hookAnswer())
    assert decode_revert(answer) == ("Reentrant", {})
    assert len(order_events(world, receipt, "Swapped")) == 1


@pytest.mark.parametrize("entry", ["withdraw", "rebalance", "sharePriceWad"])
def test_deposit__vault_entered_by_its_own_asset__refused(world, entry):
    asset = double(world, "HostileToken", 6)
    vault = unconfigured(replace(world, market=replace_asset(world, asset)))
    config = config_rows(world)
    config[TOKENS] = [[asset.address, config[TOKENS][0][1], 10**18, 0, 1, WAD, 0, 0]]
    config[POSITIONS] = config[POOLS] = []
    set_param(config, "queue", NOBODY)
    other = replace(world, system=replace(world.system, vault=vault))
    do = Enemies(world=world, token=asset, adapter=asset, venue=asset).do
    for who in (world.bob, world.curator):
        do(asset, "mint", who, 100 * USDC)
    submit(other, config)
    data = calldata(vault, entry, *entries(other)[entry])
    tokens.approve(world.web3, asset, vault.address, sender=world.bob)
    do(asset, "setHook", vault.address, data, True)

    with reverts("Reentrant"):
        send(world.web3, vault.functions.deposit(USDC, world.bob), world.bob)


def replace_asset(world: World, asset: Contract) -> Any:
    symbol = world.market.spec.tokens[0].symbol
    return replace(world.market, tokens={**world.market.tokens, symbol: asset})


def test_swap__token_out_takes_a_fee__refused(enemies):
    enemies.do(enemies.token, "setFees", WAD // 100, 0)

    with reverts(
        "TransferMismatch",
        token=enemies.token.address,
        moved=ETH * 99 // 100,
        expected=ETH,
    ):
        rebalance(enemies.world, swaps=[enemies.buy()])


def test_swap__token_in_charges_the_sender__refused(enemies):
    world = enemies.world
    rebalance(world, swaps=[enemies.buy()])
    enemies.do(enemies.token, "setFees", 0, WAD // 100)
    enemies.do(enemies.venue, "setPay", 1_000 * USDC, 1_000 * USDC, 0)

    with reverts(
        "TransferMismatch",
        token=enemies.token.address,
        moved=-ETH // 2 * 101 // 100,
        expected=-ETH // 2,
    ):
        rebalance(world, swaps=[enemies.sell(ETH // 2)])


def test_swap__venue_keeps_the_money__refused(enemies):
    enemies.do(enemies.venue, "setPay", 0, 0, 0)

    with reverts("SwapBelowOracle", outAssets=0, minAssets=1_980 * USDC):
        rebalance(enemies.world, swaps=[enemies.buy()])
    with reverts("InsufficientOutput", action=0, token=0, amount=0, minAmount=1):
        rebalance(enemies.world, swaps=[enemies.buy(least=1)])


def test_swap__venue_says_more_than_it_pays__refused(enemies):
    enemies.do(enemies.venue, "setPay", ETH, 2 * ETH, 0)

    with reverts("TransferMismatch", moved=ETH, expected=2 * ETH):
        rebalance(enemies.world, swaps=[enemies.buy(least=2 * ETH)])


def test_swap__venue_takes_less_than_told__refused(enemies):
    enemies.do(enemies.venue, "setPay", ETH, ETH, 1)

    with reverts("TransferMismatch", moved=1 - 2_000 * USDC, expected=-2_000 * USDC):
        rebalance(enemies.world, swaps=[enemies.buy()])


def test_swap__venue_pays_one_unit_under_the_limit__refused(enemies):
    least = ETH * 99 // 100
    enemies.do(enemies.venue, "setPay", least, least, 0)
    rebalance(enemies.world, swaps=[enemies.buy()])
    enemies.do(enemies.venue, "setPay", least - 1, least - 1, 0)

    with reverts("SwapBelowOracle"):
        rebalance(enemies.world, swaps=[enemies.buy()])


@pytest.mark.parametrize("when", ["before", "after"])
def test_swap__pool_off_the_oracle__checked_on_both_sides(enemies, when):
    off = WAD // 50 + 1
    pair = (off, 0) if when == "before" else (0, off)
    enemies.do(enemies.venue, "setDeviation", *pair)

    with reverts("PoolDeviation", pool=PLACE, deviationWad=off):
        rebalance(enemies.world, swaps=[enemies.buy()])


def test_position__off_the_oracle__refused_in_and_out(enemies):
    world, adapter = enemies.world, listed_pair(enemies)
    enemies.do(adapter, "setDeviation", WAD // 50 + 1)
    into = replace(enemies.supply(), adapter=adapter.address, max_amounts=(USDC, 0))
    out = replace(enemies.withdraw(), adapter=adapter.address, min_amounts=(0, 0))

    for order in ({"supplies": [into]}, {"withdraws": [out]}):
        with reverts("PoolDeviation", pool=PLACE, maxDeviationWad=WAD // 50):
            rebalance(world, **order)


def test_withdraw__adapter_pays_less__least_amount_refuses(enemies):
    world = enemies.world
    rebalance(world, supplies=[enemies.supply()])
    enemies.do(enemies.adapter, "setKept", WAD // 10)

    with reverts(
        "InsufficientOutput",
        action=0,
        token=0,
        amount=900 * USDC,
        minAmount=1_000 * USDC,
    ):
        rebalance(world, withdraws=[enemies.withdraw(least=1_000 * USDC)])


def test_withdraw__adapter_pays_less__share_price_floor_refuses(enemies):
    world = enemies.world
    rebalance(world, supplies=[enemies.supply()])
    enemies.do(enemies.adapter, "setKept", WAD // 10)
    price = call(world.vault.functions.sharePriceWad())

    with reverts("SharePriceFallsBelowFloor", floorWad=price):
        rebalance(world, withdraws=[enemies.withdraw()], share_price_floor_after=price)


def test_supply__adapter_hides_the_money__share_price_floor_refuses(enemies):
    world = enemies.world
    price = call(world.vault.functions.sharePriceWad())
    enemies.do(enemies.adapter, "setWorth", [0])

    with reverts("SharePriceFallsBelowFloor"):
        rebalance(world, supplies=[enemies.supply()], share_price_floor_after=price)


def test_amounts__debt__refused_everywhere(enemies):
    world = enemies.world
    enemies.do(enemies.adapter, "setWorth", [-5])
    numbers = {"adapter": enemies.adapter.address, "market": PLACE, "amount": -5}

    with reverts("DebtNotSupported", **numbers):
        net_assets(world)
    with reverts("DebtNotSupported", **numbers):
        rebalance(world)
    with reverts("DebtNotSupported", **numbers):
        deposit(world, world.bob, USDC)
    assert call(world.vault.functions.maxDeposit(world.bob)) == 0


@pytest.mark.parametrize("worth", [2**200, 2**255 - 1])
def test_amounts__more_than_can_be_summed__refused(enemies, worth):
    enemies.do(enemies.adapter, "setWorth", [2**200 - 1])
    net_assets(enemies.world)
    enemies.do(enemies.adapter, "setWorth", [worth])

    with reverts("AmountsUnreadable", adapter=enemies.adapter.address, market=PLACE):
        net_assets(enemies.world)
    with reverts("AmountsUnreadable"):
        rebalance(enemies.world)


def test_donation__unused_token_in_the_v3_adapter__supply_still_runs(world):
    buy_eth(world)
    base = v3_ticks(world, 600)
    above = (base[1] + 600, base[1] + 1200)
    one_side = "ETH" if is_first(world, "ETH") else "USDC"
    other = "USDC" if one_side == "ETH" else "ETH"
    adapter = world.adapter(V3).address
    tokens.give(world.web3, world.token(other), adapter, 7, sender=world.curator)
    amounts = {"USDC": 1_000 * USDC, "ETH": ETH}

    receipt = rebalance(
        world,
        supplies=[
            supply(world, V3, {one_side: amounts[one_side]}, ticks=above),
        ],
    )

    (event,) = order_events(world, receipt, "Supplied")
    assert event["units"] == units_of(world, V3) > 0
    assert min(event["amounts"]) == 0
    assert tokens.balance_of(world.token(other), adapter) == 0


@pytest.mark.parametrize("position", [V2, AAVE, SAVINGS])
def test_donation__more_than_the_supply_lies_in_the_adapter__supply_still_runs(
    world, position
):
    buy_eth(world)
    adapter = world.adapter(position).address
    tokens.give(world.web3, world.asset, adapter, 5_000 * USDC, sender=world.curator)
    before = book(world)["nav"]

    rebalance(
        world,
        supplies=[supply(world, position, {"USDC": 2_000 * USDC, "ETH": ETH})]
        if position == V2
        else [supply(world, position, {"USDC": 2_000 * USDC})],
    )

    assert units_of(world, position) > 0
    assert book(world)["nav"] >= before + 4_900 * USDC, "the vault keeps the gift"


def test_donation__to_the_vault__signed_ceiling_refuses_but_bands_hold(world):
    signed = make_order(
        world.system, world.strategist, share_price_ceil_before=WAD + WAD // 100
    )
    strict = replace(
        make_order(world.system, world.strategist, share_price_ceil_before=WAD)
    )
    tokens.give(
        world.web3, world.asset, world.vault.address, 1 * USDC, sender=world.curator
    )

    with reverts("SharePriceAboveCeil", ceilWad=WAD):
        relay(world, strict)
    assert relay(world, signed)["status"] == 1


def test_donation__to_the_pair__is_a_gift_to_those_who_supply(world):
    buy_eth(world)
    pair = world.market_address(V2)
    tokens.give(world.web3, world.asset, pair, 1_000 * USDC, sender=world.curator)
    before = book(world)["nav"]

    rebalance(world, supplies=[supply(world, V2, {"USDC": 2_000 * USDC, "ETH": ETH})])

    assert book(world)["nav"] >= before - 30 * USDC


def sandwiched(world: World, size_usdc: int, amount: int) -> TxReceipt:
    """A whale buys before the vault's purchase and sells after it."""
    args = (world.web3, world.market, world.market.pairs[0])
    bought = traders.swap(*args, "USDC", "ETH", size_usdc * USDC).amount_out
    receipt = rebalance(world, swaps=[swap(world, V2_POOL, "USDC", "ETH", amount)])
    traders.swap(*args, "ETH", "USDC", bought)
    return receipt


@pytest.mark.parametrize("size", [5_000, 20_000])
def test_sandwich__small__loss_stays_under_the_slippage_limit(world, size):
    amount = 10_000 * USDC

    receipt = sandwiched(world, size, amount)

    (event,) = order_events(world, receipt, "Rebalanced")
    assert 0 < event["navBefore"] - event["navAfter"] <= amount // 100


def test_sandwich__large_but_within_the_deviation__refused(world):
    with reverts("SwapBelowOracle"):
        sandwiched(world, 90_000, 10_000 * USDC)


def test_skew__then_enter_and_leave_the_pair__refused_at_each_step(world):
    buy_eth(world)
    pair = world.market.pairs[0]
    traders.swap(world.web3, world.market, pair, "USDC", "ETH", 150_000 * USDC)

    with reverts("PoolDeviation"):
        amounts = {"USDC": 2_000 * USDC, "ETH": ETH}
        rebalance(world, supplies=[supply(world, V2, amounts)])


def test_inflation__first_depositor_robbed__attacker_loses_more(world):
    fresh = fresh_vault(world)
    attacker, victim = world.bob, world.alice
    donated, paid = 50_000 * USDC, 10_000 * USDC
    tokens.give(world.web3, world.asset, victim, paid, sender=world.curator)
    deposit(fresh, attacker, 1)
    gift = world.asset.functions.transfer(fresh.vault.address, donated)
    send(world.web3, gift, attacker)

    deposit(fresh, victim, paid)

    view = fresh.vault.functions
    shares = {who: call(view.balanceOf(who)) for who in (attacker, victim)}
    worth = {who: call(view.previewRedeem(s)) for who, s in shares.items()}
    assert worth[victim] >= paid - paid // 10**4
    assert worth[attacker] <= donated // 1_000 + 1, "the rest is the seed's, nobody's"
    assert 1 + donated - worth[attacker] > 1_000 * (paid - worth[victim])


def fresh_vault(world: World) -> World:
    """An empty vault of the same configuration, the asset alone."""
    vault = unconfigured(world)
    fresh = replace(world, system=replace(world.system, vault=vault))
    config = config_rows(world)
    config[POSITIONS] = config[POOLS] = []
    set_param(config, "queue", NOBODY)
    submit(fresh, config)
    return fresh


def test_late_price__deposit_before_the_feed_rises__never_profits(world):
    buy_eth(world, 50_000)
    paid = 50_000 * USDC
    shares_before = call(world.vault.functions.balanceOf(world.bob))
    deposit(world, world.bob, paid)
    shares = call(world.vault.functions.balanceOf(world.bob)) - shares_before

    set_price(world, "ETH", 2_000 * 1.0049)

    redeem = world.vault.functions.previewRedeem(shares)
    assert call(redeem) < paid


def test_late_price__withdrawal_before_the_feed_falls__costs_nobody_else(world):
    buy_eth(world, 50_000)
    deposit(world, world.bob, 50_000 * USDC)
    view, taken = world.vault.functions, clock.snapshot(world.web3)
    set_price(world, "ETH", 2_000 * 0.9951)
    had_he_stayed = call(view.sharePriceWad())
    clock.revert(world.web3, taken)

    shares = call(view.maxRedeem(world.bob))
    send(world.web3, view.redeem(shares, world.bob, world.bob), world.bob)
    set_price(world, "ETH", 2_000 * 0.9951)

    assert call(view.sharePriceWad()) >= had_he_stayed
    assert call(view.balanceOf(world.bob)) < shares
