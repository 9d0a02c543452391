# SPDX-License-Identifier: MIT
"""Positions in the real protocols: what goes in, what it is worth, what comes out."""

import pytest
from support import (
    AAVE,
    ETH,
    NO_RANGE,
    SAVINGS,
    USDC,
    V2,
    V3,
    World,
    book,
    buy_eth,
    in_order,
    net_assets,
    order_events,
    rebalance,
    reverts,
    set_price,
    supply,
    trade_back_and_forth,
    units_of,
    v3_ticks,
    withdraw,
)
from worlds import is_first

from steelyard import charges, fair
from steelyard.amm.constant_product import ConstantProduct
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.transactions import call, contract_at, send
from steelyard.demo import clock, tokens, traders, uniswap_v2, uniswap_v3
from steelyard.order import UINT_MAX
from steelyard.plan.pools import deviation_wad_up
from steelyard.wad import WAD

POSITIONS = (V2, V3, AAVE, SAVINGS)
LP_POSITIONS = (V2, V3)
SINGLE_POSITIONS = (AAVE, SAVINGS)
SENDABLE_POSITIONS = (V2, AAVE, SAVINGS)  # units are ERC-20 tokens, without a range
BOTH = {"USDC": 6_000 * USDC, "ETH": 3 * ETH}
RAY = 10**27


def ticks_of(world: World, position: int) -> tuple[int, int]:
    return v3_ticks(world, 3000) if position == V3 else NO_RANGE


def open_position(world: World, position: int) -> tuple[int, int]:
    """Supplies about 12,000 USDC worth; the range."""
    ticks = ticks_of(world, position)
    wanted = BOTH if position in LP_POSITIONS else {"USDC": 12_000 * USDC}
    rebalance(world, supplies=[supply(world, position, wanted, ticks=ticks)])
    return ticks


def amounts_of(world: World, position: int) -> list[int]:
    return list(book(world)["amounts"][position])


def ranges_of(world: World) -> list[tuple[int, int, int]]:
    return call(world.adapter(V3).functions.ranges(world.market_hex(V3)))


def market_prices(world: World, position: int) -> tuple[int, ...]:
    prices = dict(zip(world.market.tokens, book(world)["prices"], strict=True))
    return in_order(world, position, prices)


@pytest.mark.parametrize("position", POSITIONS)
def test_supply__real_protocol__units_and_amounts_appear(world, position):
    buy_eth(world)
    before = book(world)
    ticks = ticks_of(world, position)
    wanted = BOTH if position in LP_POSITIONS else {"USDC": 12_000 * USDC}

    receipt = rebalance(world, supplies=[supply(world, position, wanted, ticks=ticks)])

    after = book(world)
    (event,) = order_events(world, receipt, "Supplied")
    assert event["adapter"] == world.adapter(position).address
    assert event["market"].hex() == world.market_hex(position)[2:]
    assert event["units"] == units_of(world, position) > 0
    balances = zip(
        world.market.tokens, before["inventory"], after["inventory"], strict=True
    )
    used = {symbol: then - now for symbol, then, now in balances}
    assert tuple(event["amounts"]) == in_order(world, position, used)
    assert all(used[symbol] <= most for symbol, most in wanted.items())
    assert 11_900 * USDC < after["position_assets"][position] <= 12_000 * USDC
    assert before["nav"] - after["nav"] <= 6_000 * USDC * 1 // 100


@pytest.mark.parametrize("position", POSITIONS)
def test_withdraw__all__nothing_left_and_nothing_lost(world, position):
    buy_eth(world)
    before = book(world)
    ticks = open_position(world, position)

    receipt = rebalance(world, withdraws=[withdraw(world, position, ticks=ticks)])

    after = book(world)
    (event,) = order_events(world, receipt, "Withdrawn")
    assert event["adapter"] == world.adapter(position).address
    assert event["market"].hex() == world.market_hex(position)[2:]
    assert event["units"] == UINT_MAX
    assert sum(event["amounts"]) > 0
    assert units_of(world, position) == 0
    assert amounts_of(world, position) == [0] * len(amounts_of(world, position))
    for b, a in zip(before["inventory"], after["inventory"], strict=True):
        assert abs(b - a) <= max(3, b // 10**11), "dust of rounding, or Aave's interest"


@pytest.mark.parametrize("position", POSITIONS)
def test_withdraw__half__half_remains(world, position):
    buy_eth(world)
    ticks = open_position(world, position)
    units, worth = units_of(world, position), amounts_of(world, position)

    rebalance(world, withdraws=[withdraw(world, position, units // 2, ticks=ticks)])

    assert units_of(world, position) == pytest.approx(units / 2, rel=1e-6)
    for now, then in zip(amounts_of(world, position), worth, strict=True):
        assert now == pytest.approx(then / 2, rel=1e-6)


@pytest.mark.parametrize("position", SENDABLE_POSITIONS)
def test_supply__range_where_there_is_none__refused(world, position):
    buy_eth(world)
    item = supply(world, position, {"USDC": USDC, "ETH": ETH}, ticks=(-600, 600))

    with reverts("RangeNotSupported", tickLower=-600, tickUpper=600):
        rebalance(world, supplies=[item])
    with reverts("RangeNotSupported", tickLower=-60, tickUpper=0):
        rebalance(world, withdraws=[withdraw(world, position, ticks=(-60, 0))])


@pytest.mark.parametrize("position", POSITIONS)
def test_withdraw__more_than_held__refused(invested, position):
    ticks = ticks_of(invested, position)
    most = units_of(invested, position)
    if position == AAVE:
        most = amounts_of(invested, AAVE)[0] * 2

    with reverts("LiquidityNotHeld", units=most + 1):
        item = withdraw(invested, position, most + 1, ticks=ticks)
        rebalance(invested, withdraws=[item])


@pytest.mark.parametrize("position", POSITIONS)
def test_adapter__called_by_anyone_else__refused(invested, position):
    adapter, market = invested.adapter(position), invested.market_hex(position)
    numbers = {"caller": invested.curator, "vault": invested.vault.address}

    with reverts("NotVault", **numbers):
        steal = adapter.functions.withdraw(market, 0, 0, 1)
        send(invested.web3, steal, invested.curator)
    with reverts("NotVault", **numbers):
        push = adapter.functions.supply(market, 0, 0, [1, 1])
        send(invested.web3, push, invested.curator)


@pytest.mark.parametrize("position", SENDABLE_POSITIONS)
def test_amounts__units_sent_to_the_adapter__not_counted(invested, position):
    world = invested
    before, units = book(world), units_of(world, position)
    donate_units(world, position)

    after = book(world)

    assert units_of(world, position) == units
    assert after["nav"] - before["nav"] <= 10, "a second or two of interest at most"


def donate_units(world: World, position: int) -> None:
    """Someone else's LP tokens, aTokens or shares for the adapter."""
    maker = world.market.actors.maker
    unit_token = contract_at(
        world.web3, own_artifact("DemoToken"), world.market_address(position)
    )
    amount = call(unit_token.functions.balanceOf(maker)) // 10
    give = unit_token.functions.transfer(world.adapter(position).address, amount)
    send(world.web3, give, maker)


@pytest.mark.parametrize("position", SENDABLE_POSITIONS)
def test_withdraw__after_units_were_sent__own_units_still_come_out(invested, position):
    world = invested
    worth = amounts_of(world, position)
    donate_units(world, position)

    rebalance(world, withdraws=[withdraw(world, position)])

    assert units_of(world, position) <= 1
    assert sum(amounts_of(world, position)) <= 1
    assert sum(worth) > 0


@pytest.mark.parametrize("position", SINGLE_POSITIONS)
def test_amounts__interest__accrues_and_is_paid(invested, position):
    world = invested
    before = amounts_of(world, position)[0]
    if position == SAVINGS:
        tokens.give(
            world.web3,
            world.asset,
            world.market_address(SAVINGS),
            10_000 * USDC,
            sender=world.curator,
        )
    else:
        clock.time_travel(world.web3, 30 * 86400)
    grown = amounts_of(world, position)[0]

    receipt = rebalance(world, withdraws=[withdraw(world, position)])

    (event,) = order_events(world, receipt, "Withdrawn")
    assert before < grown <= event["amounts"][0] <= grown + 10
    assert grown > before + before // 1000


def test_amounts__aave__scaled_balance_at_the_index_down(invested):
    world = invested
    clock.time_travel(world.web3, 86400)
    pool = world.market.aave.pool
    income = call(pool.functions.getReserveNormalizedIncome(world.asset.address))

    amount = amounts_of(world, AAVE)[0]

    assert amount == units_of(world, AAVE) * income // RAY


@pytest.mark.parametrize("usdc", [0, 500_000, 3_000_000])
def test_amounts__v2__equal_python_to_the_wei(invested, usdc):
    world = invested
    pair = world.market.pairs[0]
    if usdc:
        args = (world.web3, world.market, pair, "USDC", "ETH", usdc * USDC)
        traders.swap(*args)
    set_price(world, "ETH", 2_345.678)
    reserve0, reserve1 = uniswap_v2.reserves(pair.contract)
    price0, price1 = market_prices(world, V2)

    pool = ConstantProduct(
        reserve0=reserve0,
        reserve1=reserve1,
        total_supply=call(pair.contract.functions.totalSupply()),
        k_last=call(pair.contract.functions.kLast()),
    )
    expected = fair.constant_product_amounts(pool, units_of(world, V2), price0, price1)

    assert tuple(amounts_of(world, V2)) == expected


@pytest.mark.parametrize("dollars", [900, 1_999.5, 2_000, 2_345.678, 6_000])
def test_amounts__v3__equal_python_to_the_wei(invested, dollars):
    world = invested
    trade_back_and_forth(world, 1, 500_000)
    set_price(world, "ETH", dollars)
    root = fair.sqrt_price_x96(*market_prices(world, V3))
    ((lower, upper, liquidity),) = ranges_of(world)
    fees = fees_owed(world, (lower, upper))

    principal = fair.concentrated_amounts(liquidity, lower, upper, root)

    expected = [p + f for p, f in zip(principal, fees, strict=True)]
    assert amounts_of(world, V3) == expected
    assert min(fees) > 0


def fees_owed(world: World, ticks: tuple[int, int]) -> tuple[int, int]:
    view = world.adapter(V3).functions.feesOwed(world.market_hex(V3), *ticks)
    return tuple(call(view))


def test_amounts__v3_fees__collecting_never_changes_nav(invested):
    world = invested
    ticks = v3_ticks(world, 3000)
    trade_back_and_forth(world, 1, 500_000)
    fees = fees_owed(world, ticks)
    nav_before = net_assets(world)[1]

    receipt = rebalance(world, withdraws=[withdraw(world, V3, 0, ticks=ticks)])

    (event,) = order_events(world, receipt, "Withdrawn")
    (order,) = order_events(world, receipt, "Rebalanced")
    assert tuple(event["amounts"]) == fees
    assert min(fees) > 0
    assert fees_owed(world, ticks) == (0, 0)
    assert order["navBefore"] <= order["navAfter"] + 1
    assert abs(order["navAfter"] - nav_before) <= 10, "Aave's interest of a block"
    assert order["navBefore"] == order["navAfter"]


def test_amounts__v3_fees_of_two_ranges__all_counted(invested):
    world = invested
    buy_eth(world, 10_000)
    wide, narrow = v3_ticks(world, 3000), v3_ticks(world, 600)
    rebalance(world, supplies=[supply(world, V3, BOTH, ticks=narrow)])
    trade_back_and_forth(world, 1, 200_000)
    root = fair.sqrt_price_x96(*market_prices(world, V3))

    expected = [0, 0]
    for lower, upper, liquidity in ranges_of(world):
        principal = fair.concentrated_amounts(liquidity, lower, upper, root)
        fees = fees_owed(world, (lower, upper))
        expected = [
            e + p + f for e, p, f in zip(expected, principal, fees, strict=True)
        ]

    assert amounts_of(world, V3) == expected
    assert min(fees_owed(world, wide)) > 0
    assert min(fees_owed(world, narrow)) > 0


@pytest.mark.parametrize("side", ["below", "above"])
def test_amounts__v3_price_outside_the_range__fees_still_right(invested, side):
    world = invested
    pool = world.market.pools[0]
    spot = uniswap_v3.slot0(pool.contract)[1]
    other = "ETH" if (side == "below") == is_first(world, "ETH") else "USDC"
    base = spot // 60 * 60
    ticks = (base + 600, base + 1200) if side == "below" else (base - 1200, base - 600)
    one_side = {other: ETH // 2 if other == "ETH" else 1_000 * USDC}
    rebalance(world, supplies=[supply(world, V3, one_side, ticks=ticks)])
    trade_back_and_forth(world, 1, 100_000)

    assert fees_owed(world, ticks) == (0, 0), "never in range, so no fee"
    rebalance(world, withdraws=[withdraw(world, V3, ticks=ticks)])
    assert len(ranges_of(world)) == 1


@pytest.mark.parametrize("usdc", [100_000, 2_000_000, 5_000_000])
def test_amounts__whale_skews_the_v2_pair__gains_no_more_than_the_fee(invested, usdc):
    world, pair = invested, invested.market.pairs[0]
    before = book(world)["position_assets"][V2]

    traders.swap(world.web3, world.market, pair, "USDC", "ETH", usdc * USDC)

    after = book(world)["position_assets"][V2]
    fee = usdc * USDC * 3 // 1000
    assert before <= after <= before + fee * before // (20_000_000 * USDC) + 2
    assert spot_value(world, pair) > after, "at spot it would have grown"


@pytest.mark.parametrize("usdc", [100_000, 2_000_000, 5_000_000])
def test_amounts__whale_skews_the_v3_pool__principal_stays(invested, usdc):
    world, pool = invested, invested.market.pools[0]
    ticks = v3_ticks(world, 3000)
    before = amounts_of(world, V3)

    traders.swap(world.web3, world.market, pool, "USDC", "ETH", usdc * USDC)

    fees = fees_owed(world, ticks)
    principal = [a - f for a, f in zip(amounts_of(world, V3), fees, strict=True)]
    assert principal == before
    assert sorted(fees)[0] == 0
    assert sorted(fees)[1] > 0


def spot_value(world: World, pair: traders.Pair) -> int:
    """The V2 position at the pair's own reserves and the oracle's prices."""
    units, prices = units_of(world, V2), market_prices(world, V2)
    total = call(pair.contract.functions.totalSupply())
    reserves = uniswap_v2.reserves(pair.contract)
    return sum(
        r * units // total * p // 10**36 for r, p in zip(reserves, prices, strict=True)
    )


def test_amounts__v2_protocol_fee_pending__already_taken_off(invested):
    world = invested
    pair, factory = world.market.pairs[0], world.market.v2.factory
    setter = call(factory.functions.feeToSetter())
    send(world.web3, factory.functions.setFeeTo(world.bob), setter)
    mint_dust(world)  # the pair notes kLast from now on
    for _ in range(3):
        trade_back_and_forth(world, 0, 2_000_000)
    before = amounts_of(world, V2)
    assert call(pair.contract.functions.balanceOf(world.bob)) == 0

    mint_dust(world)

    assert call(pair.contract.functions.balanceOf(world.bob)) > 0
    for then, now in zip(before, amounts_of(world, V2), strict=True):
        assert abs(then - now) <= then // 10**9 + 1


def mint_dust(world: World) -> None:
    both = (world.asset, world.token("ETH"))
    amounts = (2_000 * USDC, 10 * ETH)
    maker = world.market.actors.maker
    uniswap_v2.add_liquidity(world.web3, world.market.v2, both, amounts, sender=maker)


def test_supply__v3_ranges__up_to_four_and_merged(world):
    buy_eth(world)
    widths = (600, 1200, 1800, 2400)
    some = {"USDC": 1_000 * USDC, "ETH": ETH // 2}
    ranges = [v3_ticks(world, width) for width in widths]
    rebalance(world, supplies=[supply(world, V3, some, ticks=t) for t in ranges])
    once = units_of(world, V3)

    rebalance(world, supplies=[supply(world, V3, some, ticks=ranges[0])])
    with reverts("TooManyRanges", market=world.market_hex(V3), count=5):
        fifth = supply(world, V3, some, ticks=v3_ticks(world, 3000))
        rebalance(world, supplies=[fifth])
    held = ranges_of(world)

    assert [(lower, upper) for lower, upper, _ in held] == ranges
    assert units_of(world, V3) == sum(item[2] for item in held) > once


def test_withdraw__v3_emptied_range__makes_room_for_another(world):
    buy_eth(world)
    some = {"USDC": 1_000 * USDC, "ETH": ETH // 2}
    ranges = [v3_ticks(world, width) for width in (600, 1200, 1800, 2400)]
    rebalance(world, supplies=[supply(world, V3, some, ticks=t) for t in ranges])
    fifth = v3_ticks(world, 3000)

    rebalance(
        world,
        withdraws=[withdraw(world, V3, ticks=ranges[1])],
        supplies=[supply(world, V3, some, ticks=fifth)],
    )

    held = [(lower, upper) for lower, upper, _ in ranges_of(world)]
    assert sorted(held) == sorted([ranges[0], ranges[2], ranges[3], fifth])


def test_withdraw__v3_range_not_held__refused(invested):
    with reverts("LiquidityNotHeld", tickLower=-60, tickUpper=60, units=5, held=0):
        rebalance(invested, withdraws=[withdraw(invested, V3, 5, ticks=(-60, 60))])


def test_supply__v3_amounts_that_buy_nothing__refused(world):
    with reverts("NoReason"):
        rebalance(
            world,
            supplies=[supply(world, V3, {"USDC": USDC}, ticks=v3_ticks(world, 600))],
        )


def test_mint_callback__not_awaited__refused(invested):
    callback = invested.adapter(V3).functions.uniswapV3MintCallback(1, 1, b"")

    with reverts("CallbackNotExpected", caller=invested.bob):
        send(invested.web3, callback, invested.bob)


@pytest.mark.parametrize("position", POSITIONS)
def test_deviation__as_the_keeper_computes_it(invested, position):
    world = invested
    set_price(world, "ETH", 2_050)
    prices = list(market_prices(world, position))

    deviation = call(
        world.adapter(position).functions.deviationWad(
            world.market_hex(position), prices
        )
    )

    if position in SINGLE_POSITIONS:
        assert deviation == 0
    else:
        root = (
            fair.sqrt_price_x96(*reversed(uniswap_v2.reserves(pair_of(world))))
            if position == V2
            else uniswap_v3.slot0(world.market.pools[0].contract)[0]
        )
        expected = deviation_wad_up(at_root(root), *prices)
        assert deviation == expected
        assert 0.02 < deviation / 1e18 < 0.032


@pytest.mark.parametrize("position", POSITIONS)
def test_concavity__as_the_keeper_computes_it(invested, position):
    world, units = invested, units_of(invested, position)
    prices, ticks = market_prices(world, position), ticks_of(world, position)
    doubts = in_order(world, position, {"ETH": WAD // 200})

    concavity = call(
        world.adapter(position).functions.concavityAssets(
            world.market_hex(position), *ticks, units, list(prices), list(doubts)
        )
    )

    if position == V2:
        _, amount1 = amounts_of(world, V2)
        expected = charges.liquidity_concavity_assets(
            amount1 + 1, prices[1], WAD // 200
        )
    elif position == V3:
        expected = charges.range_concavity_assets(units, ticks, prices, doubts)
    else:
        expected = 0
    assert concavity == expected
    if position in LP_POSITIONS:
        # half of the doubt's square, of 12,000 USDC; more where liquidity is dense
        assert concavity >= 12_000 * USDC * 0.005**2 / 2 * 0.99


def pair_of(world: World):
    return world.market.pairs[0].contract


def at_root(sqrt_price_x96: int):
    from steelyard.amm.concentrated import Concentrated
    from steelyard.amm.tick_math import get_tick_at_sqrt_ratio

    return Concentrated(
        sqrt_price_x96=sqrt_price_x96,
        tick=get_tick_at_sqrt_ratio(sqrt_price_x96),
        liquidity=1,
        fee_pips=3000,
        tick_spacing=60,
        ticks=(),
    )


def test_adapters__name_themselves_and_their_vault(world):
    for protocol, adapter in world.system.adapters.items():
        assert call(adapter.functions.protocol()) == protocol
        assert call(adapter.functions.vault()) == world.vault.address


def test_actions__afterwards__no_allowance_and_no_token_left_behind(invested):
    world = invested
    adapters = world.system.adapters
    places = [*adapters.values(), *world.system.venues.values()]
    spenders = {
        adapters["aave-v3"]: world.market.aave.pool.address,
        adapters["erc4626"]: world.market.savings.address,
    }

    left = [
        call(token.functions.balanceOf(place.address))
        for place in places
        for token in world.market.tokens.values()
    ]
    allowed = [
        call(world.asset.functions.allowance(adapter.address, spender))
        for adapter, spender in spenders.items()
    ]

    assert left == [0] * len(left)
    assert allowed == [0, 0]
