# SPDX-License-Identifier: MIT
"""A vault in a real Curve pool of four dollars, one of which is a hostile token."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from protocol_cases import (
    POSITION,
    amounts_inside,
    amounts_of,
    ask,
    block_token,
    error_data,
    give,
    held_by,
    market_bytes,
    nothing_left,
    order_navs,
    prices_e36,
    put_in_vault,
    read_book,
    redeem_in_kind,
    shares_of,
    slice_of,
    token_market,
    unblock_token,
    undone,
    units_of,
    vault_world,
    with_hostile,
    withdraw_all,
    worth,
)
from support import (
    ETH,
    USDC,
    World,
    order_events,
    rebalance,
    reverts,
    set_price,
    supply,
    swap,
    withdraw,
)
from web3.contract import Contract

from steelyard.chain.config_args import market_hex
from steelyard.chain.spec import PoolSpec, PositionSpec
from steelyard.chain.transactions import call, send
from steelyard.demo import clock, curve, tokens
from steelyard.demo.curve import Curve
from steelyard.wad import WAD

SYMBOLS = ("USDC", "DAI", "USDT", "HST")
UNITS = (USDC, ETH, USDC, ETH)  # raw units of one dollar of each
DEPTH = 1_000_000  # dollars of each in the pool
EACH = dict(zip(SYMBOLS, (10_000 * unit for unit in UNITS), strict=True))
DEVIATION_WAD = WAD // 50  # most that a token's pool may stand off
FEE = curve.FEE_E10 / 10**10
DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Case:
    """A vault with 10,000 dollars of each coin idle, and a position that is empty."""

    world: World
    curve: Curve
    pool: Contract


@pytest.fixture(scope="module")
def shared(web3, strategist) -> Case:
    market = with_hostile(web3, token_market(web3, *SYMBOLS[:3]))
    who = market.actors
    factory = curve.deploy_curve(web3, sender=who.deployer)
    coins = [market.tokens[symbol] for symbol in SYMBOLS]
    amounts = [DEPTH * unit for unit in UNITS]
    pool = curve.create_pool(web3, factory, coins, amounts, sender=who.maker)
    for coin in coins:
        tokens.approve(web3, coin, pool.address, sender=who.trader)
    world = vault_world(
        web3,
        market,
        strategist,
        positions=[PositionSpec(protocol="curve", market=pool.address)],
        pools=[PoolSpec(protocol="curve", pool=pool.address)],
    )
    for symbol in SYMBOLS[1:]:
        put_in_vault(world, symbol, EACH[symbol])
    return Case(world=world, curve=factory, pool=pool)


@pytest.fixture
def case(shared: Case) -> Iterator[Case]:
    with undone(shared.world):
        yield shared


@pytest.fixture
def invested(case: Case) -> Case:
    """The case once the vault has put all 40,000 dollars into the pool."""
    enter(case.world)
    return case


def enter(world: World, **amounts: int):
    return rebalance(world, supplies=[supply(world, POSITION, amounts or EACH)])


def trade(case: Case, token_in: str, token_out: str, dollars: int) -> None:
    """A whale swaps."""
    i, j = SYMBOLS.index(token_in), SYMBOLS.index(token_out)
    who = case.world.market.actors.trader
    web3 = case.world.web3
    curve.swap(web3, case.pool, (i, j), dollars * UNITS[i], sender=who)


def virtual_price(case: Case) -> int:
    return int(call(case.pool.functions.get_virtual_price()))


def test_supply__in_the_pools_ratio__lp_tokens_and_amounts_appear(case):
    receipt = enter(case.world)

    (event,) = order_events(case.world, receipt, "Supplied")
    before, after = order_navs(case.world, receipt)
    assert event["units"] == units_of(case.world) > 0
    assert event["amounts"] == list(EACH.values())
    assert before - after <= 4
    for amount, given in zip(amounts_of(case.world), EACH.values(), strict=True):
        assert given - given // 10**9 - 2 <= amount <= given
    assert nothing_left(case.world, POSITION, case.pool.address)


def test_supply__one_coin__costs_the_pools_fee_and_is_charged(case):
    receipt = enter(case.world, USDC=40_000 * USDC)

    (event,) = order_events(case.world, receipt, "Supplied")
    before, after = order_navs(case.world, receipt)
    assert event["amounts"] == [40_000 * USDC, 0, 0, 0]
    assert 0 < (before - after) / (40_000 * USDC) < FEE
    assert nothing_left(case.world, POSITION, case.pool.address)


def test_withdraw__balanced_pool__pays_what_the_books_said_but_two_units(invested):
    said = amounts_of(invested.world)

    paid, _ = withdraw_all(invested.world)

    for told, came in zip(said, paid, strict=True):
        assert told - 2 <= came <= told + told // 10**8 + 2
    assert units_of(invested.world) == 0
    assert amounts_of(invested.world) == [0, 0, 0, 0]


@pytest.mark.parametrize("dollars", [1_000, 200_000, 900_000])
def test_withdraw__any_skew__is_worth_no_less_than_the_books_said(invested, dollars):
    world = invested.world
    trade(invested, "USDC", "DAI", dollars)
    said, shares = worth(world, amounts_of(world)), shares_of(world, world.alice)
    before = held_by(world, world.alice)

    redeem_in_kind(world, shares)

    paid = [
        now - then
        for now, then in zip(held_by(world, world.alice), before, strict=True)
    ]
    idle = [90_000 * USDC, 0, 0, 0]
    out = worth(world, [a - b for a, b in zip(paid, idle, strict=True)])
    assert out >= said * 999_999 // 1_000_000, "all but the seed's part"


def test_withdraw__part__units_go_and_the_rest_stays(invested):
    world = invested.world
    units, said = units_of(world), amounts_of(world)

    rebalance(world, withdraws=[withdraw(world, POSITION, units // 4)])

    assert units_of(world) == units - units // 4
    for then, now in zip(said, amounts_of(world), strict=True):
        assert now == pytest.approx(then * 3 / 4, rel=1e-8)


@pytest.mark.parametrize("dollars", [1_000, 200_000, 900_000])
def test_amounts__whale_skews_the_pool__gain_no_more_than_the_fee(invested, dollars):
    world = invested.world
    before, price = worth(world, amounts_of(world)), virtual_price(invested)

    trade(invested, "USDC", "DAI", dollars)

    after = worth(world, amounts_of(world))
    share = units_of(world) / call(invested.pool.functions.totalSupply())
    assert before <= after <= before + dollars * USDC * FEE * share + 2
    assert virtual_price(invested) >= price
    assert spot_worth(invested) >= after, "at the pool's balances it is worth more"


def spot_worth(case: Case) -> int:
    """The position's part of the pool's balances at the oracle's prices."""
    units, total = units_of(case.world), call(case.pool.functions.totalSupply())
    balances = call(case.pool.functions.get_balances())
    return worth(case.world, [balance * units // total for balance in balances])


def test_amounts__sum__is_the_virtual_price_at_the_lowest_price(invested):
    world = invested.world
    set_price(world, "DAI", 0.995)
    set_price(world, "USDT", 1.004)

    value = worth(world, amounts_of(world))

    lp_worth = units_of(world) * virtual_price(invested) // WAD * 995 // 1000
    assert lp_worth // 10**12 - 4 <= value <= lp_worth // 10**12
    sides = [worth_of(world, i) for i in range(4)]
    assert max(sides) - min(sides) <= 1, "split evenly"


def worth_of(world: World, i: int) -> int:
    amounts = [a if j == i else 0 for j, a in enumerate(amounts_of(world))]
    return worth(world, amounts)


def test_deviation__balanced_pool__is_the_peg_band(invested):
    world = invested.world
    assert ask(world, "deviationWad", prices_e36(world)) <= 10**12

    set_price(world, "DAI", 0.99)

    # the pool still says one dollar
    assert ask(world, "deviationWad", prices_e36(world)) == pytest.approx(
        WAD / 99, rel=1e-6
    )


def test_deviation__pool_followed_a_coin_off_its_peg__is_the_peg_band(invested):
    world = invested.world
    trade(invested, "DAI", "USDC", 700_000)
    price = curve.quote(invested.pool, (1, 0), ETH) / USDC / (1 - FEE)
    set_price(world, "DAI", price)

    prices = dict(zip(SYMBOLS, read_book(world)["prices"], strict=True))
    deviation = ask(world, "deviationWad", prices_e36(world))

    assert venue_deviation(invested, prices, "USDC", "DAI") < WAD // 10**5
    assert deviation / WAD == pytest.approx(1 / price - 1, rel=1e-2)
    assert deviation > WAD // 1000


@pytest.mark.parametrize("way", [("USDC", "DAI"), ("HST", "USDT")])
def test_deviation__skewed_pool__is_the_pools_own_price(invested, way):
    world = invested.world
    trade(invested, *way, 700_000)
    i, j = (SYMBOLS.index(symbol) for symbol in way)

    deviation = ask(world, "deviationWad", prices_e36(world))

    # one dollar more at the margin, before the fee
    price = curve.quote(invested.pool, (j, i), UNITS[j]) / UNITS[i] / (1 - FEE)
    assert deviation / WAD == pytest.approx(price - 1, rel=1e-3)
    assert deviation > WAD // 1000


def test_order__skewed_pool__refused_whatever_it_does(invested):
    world = invested.world
    trade(invested, "USDC", "DAI", 950_000)
    give(world, "USDC", world.vault.address, 1_000 * USDC)

    expected = {
        "pool": market_hex(invested.pool.address),
        "maxDeviationWad": DEVIATION_WAD,
    }
    with reverts("PoolDeviation", **expected):
        enter(world, USDC=1_000 * USDC)
    with reverts("PoolDeviation", **expected):
        withdraw_all(world)
    with reverts("PoolDeviation", **expected):
        rebalance(world, swaps=[swap(world, 0, "USDC", "DAI", 1_000 * USDC)])


def test_order__coins_off_their_peg__refused(invested):
    world = invested.world
    set_price(world, "USDT", 0.97)

    with reverts("PoolDeviation", maxDeviationWad=DEVIATION_WAD):
        withdraw_all(world)


def test_parameters__amplification_ramped__orders_refused_and_exits_not(invested):
    world = invested.world
    listed = ask(world, "parameters")
    now = clock.time_travel(world.web3, 2 * DAY_SECONDS)

    ramp = invested.pool.functions.ramp_A(400, now + 3 * DAY_SECONDS)
    send(world.web3, ramp, world.market.actors.deployer)

    numbers = {"market": market_hex(invested.pool.address), "listed": listed}
    with reverts("ParametersChanged", **numbers):
        withdraw_all(world)
    with reverts("ParametersChanged", **numbers):
        rebalance(world, swaps=[swap(world, 0, "USDC", "DAI", 1_000 * USDC)])
    redeem_in_kind(world, shares_of(world, world.alice) // 2)
    assert held_by(world, world.alice)[1] == pytest.approx(5_000 * ETH, rel=1e-4)


def test_redeem_in_kind__slice__is_paid_in_every_coin(invested):
    world = invested.world
    units, shares = units_of(world), shares_of(world, world.alice)
    slice_ = slice_of(world, units, shares // 2)
    before = held_by(world, world.alice)

    receipt = redeem_in_kind(world, shares // 2)

    paid = [
        now - then
        for now, then in zip(held_by(world, world.alice), before, strict=True)
    ]
    assert units_of(world) == units - slice_
    for amount, unit in zip(paid[1:], UNITS[1:], strict=True):
        assert amount == pytest.approx(5_000 * unit, rel=1e-6)
    assert paid[0] == pytest.approx(50_000 * USDC, rel=1e-6), "with idle USDC"
    assert receipt["gasUsed"] < 700_000


def test_redeem_in_kind__a_coin_does_not_move__set_aside_and_claimed_later(invested):
    world = invested.world
    block_token(world, "HST")
    units, shares = units_of(world), shares_of(world, world.alice)
    slice_ = slice_of(world, units, shares // 2)
    said = worth(world, amounts_of(world))

    redeem_in_kind(world, shares // 2)

    assert ask(world, "claimOf", 0, 0, world.alice) == slice_
    assert units_of(world) == units - slice_
    assert worth(world, amounts_of(world)) == pytest.approx(said / 2, rel=1e-6)

    before = held_by(world, world.alice)
    claim = world.adapter(POSITION).functions.claim(
        market_bytes(world), 0, 0, world.alice
    )
    unblock_token(world, "HST")
    send(world.web3, claim, world.bob)
    paid = [
        now - then
        for now, then in zip(held_by(world, world.alice), before, strict=True)
    ]
    for amount, unit in zip(paid, UNITS, strict=True):
        assert amount == pytest.approx(5_000 * unit, rel=1e-6)


def test_amounts__inside_a_call_of_the_pool__refused(invested):
    world, pool = invested.world, invested.pool
    who = world.market.actors.maker
    out = pool.get_function_by_signature("remove_liquidity(uint256,uint256[4])")
    half = call(pool.functions.balanceOf(who)) // 2
    free = amounts_of(world)

    answer = amounts_inside(
        world, "HST", lambda: send(world.web3, out(half, [0] * 4), who)
    )

    assert answer == error_data("ProtocolBusy", market_bytes(world))
    assert amounts_of(world) == pytest.approx(free, rel=1e-6)


def test_amounts__gifts__not_counted(invested):
    world, pool = invested.world, invested.pool
    who = world.market.actors.maker
    said = amounts_of(world)
    gift = pool.functions.transfer(world.adapter(POSITION).address, units_of(world))
    send(world.web3, gift, who)

    for symbol, unit in zip(SYMBOLS, UNITS, strict=True):
        give(world, symbol, pool.address, 1_000 * unit)

    assert amounts_of(world) == said


def test_concavity__any_units__twice_the_doubt(case):
    world = case.world
    lp_tokens = 1_000 * ETH
    doubt = [0, WAD // 200, WAD // 100, 0]

    most = ask(world, "concavityAssets", 0, 0, lp_tokens, prices_e36(world), doubt)

    assert most == pytest.approx(2 * 1_000 * USDC / 100, rel=1e-6)


@pytest.mark.parametrize("way", [("USDC", "DAI"), ("USDC", "HST"), ("USDT", "USDC")])
def test_swap__either_way__pays_the_pools_own_quote(case, way):
    world = case.world
    i, j = (SYMBOLS.index(symbol) for symbol in way)
    amount = 5_000 * UNITS[i]
    quoted = curve.quote(case.pool, (i, j), amount)

    receipt = rebalance(world, swaps=[swap(world, 0, *way, amount)])

    (event,) = order_events(world, receipt, "Swapped")
    venue = world.system.venues["curve"]
    assert event["amountIn"] == amount
    assert event["amountOut"] == quoted > 0
    assert quoted / UNITS[j] == pytest.approx(5_000 * (1 - FEE), rel=1e-4)
    token = world.token(way[0])
    assert call(token.functions.allowance(venue.address, case.pool.address)) == 0
    assert tokens.balance_of(token, venue.address) == 0


def test_venue_deviation__both_directions_alike(case):
    world = case.world
    trade(case, "USDC", "DAI", 700_000)
    prices = dict(zip(SYMBOLS, read_book(world)["prices"], strict=True))

    there, back, aside = (
        venue_deviation(case, prices, *way)
        for way in (("USDC", "DAI"), ("DAI", "USDC"), ("USDT", "HST"))
    )

    price = curve.quote(case.pool, (1, 0), ETH) / USDC / (1 - FEE)
    assert abs(there - back) <= 1
    assert there / WAD == pytest.approx(price - 1, rel=1e-3)
    assert aside <= 10**12


def venue_deviation(case: Case, prices, token_in: str, token_out: str) -> int:
    world = case.world
    view = world.system.venues["curve"].functions.deviationWad(
        market_bytes(world),
        world.token(token_in).address,
        world.token(token_out).address,
        prices[token_in],
        prices[token_out],
    )
    return int(call(view))


def test_venue__tokens_that_are_no_pair_of_the_pool__refused(case):
    world = case.world
    venue, usdc = world.system.venues["curve"], world.asset.address
    pool = market_bytes(world)

    for other in (usdc, world.vault.address):
        with reverts("TokenPairMismatch", tokenIn=usdc, tokenOut=other):
            send(world.web3, venue.functions.swap(pool, usdc, other, 1), world.bob)
    assert call(venue.functions.protocol()) == "curve"
    assert call(world.adapter(POSITION).functions.protocol()) == "curve"
