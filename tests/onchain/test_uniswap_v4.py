# SPDX-License-Identifier: MIT
"""A vault in a real Uniswap V4 pool, on an Anvil of its own with transient storage."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isqrt

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
    worth,
)
from support import (
    ETH,
    USDC,
    World,
    in_order,
    order_events,
    rebalance,
    reconfigure,
    reverts,
    supply,
    swap,
    withdraw,
)

from steelyard import fair
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.spec import HubSpec, PoolSpec, PositionSpec
from steelyard.chain.transactions import call, contract_at, send
from steelyard.demo import tokens, uniswap_v4
from steelyard.demo.node import local_node
from steelyard.demo.uniswap_v4 import Key, UniswapV4
from steelyard.order import UINT_MAX
from steelyard.wad import WAD

pytestmark = pytest.mark.node

FEE_PIPS = 3000
Q96 = 2**96
UNITS = {"USDC": USDC, "HST": ETH}
DEPTH = 2_000_000  # dollars of each token around the price
SPREAD = 6_000  # ticks on each side
WIDE, NARROW = 3_000, 600
EACH = {"USDC": 20_000 * USDC, "HST": 20_000 * ETH}
DEVIATION_WAD = WAD // 50


@dataclass(frozen=True, kw_only=True)
class Case:
    """A vault with 20,000 dollars of each token idle, and a position that is empty."""

    world: World
    v4: UniswapV4
    key: Key

    @property
    def pool_id(self) -> str:
        return uniswap_v4.pool_id(self.key)

    @property
    def symbols(self) -> tuple[str, str]:
        first = self.world.asset.address == self.key[0]
        return ("USDC", "HST") if first else ("HST", "USDC")


@pytest.fixture(scope="module")
def shared(strategist) -> Iterator[Case]:
    with local_node("anvil") as node:
        web3 = node.web3
        market = with_hostile(web3, token_market(web3, "USDC"))
        who = market.actors
        v4 = uniswap_v4.deploy_uniswap_v4(web3, sender=who.deployer)
        pair = (market.asset, market.tokens["HST"])
        for coin in pair:
            for account in (who.maker, who.trader):
                uniswap_v4.approve_routers(web3, v4, coin, sender=account)
        usdc_first = int(pair[0].address, 16) < int(pair[1].address, 16)
        # one dollar of raw units each
        raw = (USDC, ETH) if usdc_first else (ETH, USDC)
        root = isqrt((raw[1] << 192) // raw[0])
        key = uniswap_v4.create_pool(
            web3, v4, pair, FEE_PIPS, root, sender=who.deployer
        )
        names = [PositionSpec(protocol="uniswap-v4", market=uniswap_v4.pool_id(key))]
        pools = [PoolSpec(protocol="uniswap-v4", pool=uniswap_v4.pool_id(key))]
        world = vault_world(
            web3,
            market,
            strategist,
            positions=names,
            pools=pools,
            hubs=[HubSpec(protocol="uniswap-v4", address=v4.pools.address)],
        )
        case = Case(world=world, v4=v4, key=key)
        ticks = around(case, SPREAD)
        liquidity = DEPTH * isqrt(USDC * ETH) * 4
        uniswap_v4.add_liquidity(web3, v4, key, ticks, liquidity, sender=who.maker)
        put_in_vault(world, "HST", EACH["HST"])
        yield case


@pytest.fixture
def case(shared: Case) -> Iterator[Case]:
    with undone(shared.world):
        yield shared


@pytest.fixture
def invested(case: Case) -> Case:
    """The case once the vault has a range around the price."""
    enter(case, WIDE)
    return case


def around(case: Case, half_width: int) -> tuple[int, int]:
    """Ticks around one dollar for one dollar."""
    middle = round(276_324 / 60) * 60  # 1.0001^middle is 10^12
    middle = middle if case.symbols[0] == "USDC" else -middle
    return middle - half_width, middle + half_width


def enter(case: Case, half_width: int, dollars: int = 10_000):
    amounts = {symbol: dollars * unit for symbol, unit in UNITS.items()}
    ticks = around(case, half_width)
    return rebalance(
        case.world, supplies=[supply(case.world, POSITION, amounts, ticks=ticks)]
    )


def leave(case: Case, units: int = UINT_MAX, half_width: int = WIDE):
    item = withdraw(case.world, POSITION, units, ticks=around(case, half_width))
    return rebalance(case.world, withdraws=[item])


def trade(case: Case, token_in: str, dollars: int) -> None:
    """A whale swaps."""
    uniswap_v4.swap(
        case.world.web3,
        case.v4,
        case.key,
        token_in == case.symbols[0],
        dollars * UNITS[token_in],
        sender=case.world.market.actors.trader,
    )


def trade_back_and_forth(case: Case, dollars: int = 200_000) -> None:
    trade(case, "USDC", dollars)
    trade(case, "HST", dollars)


def fees_owed(case: Case, half_width: int = WIDE) -> list[int]:
    return list(ask(case.world, "feesOwed", *around(case, half_width)))


def paid_to_alice(case: Case, act) -> list[int]:
    world = case.world
    before = held_by(world, world.alice)
    act()
    after = held_by(world, world.alice)
    return [now - then for then, now in zip(before, after, strict=True)]


def test_register__key__is_remembered_under_its_hash(case):
    assert call(case.v4.pools.functions.key(case.pool_id)) == case.key
    assert ask(case.world, "tokens") == list(case.key[:2])
    assert ask(case.world, "parameters") == bytes(32)


def test_register__hooks_or_native_currency__refused(case):
    pools, sender = case.v4.pools, case.world.bob
    hooked, native = (*case.key[:4], case.world.bob), ("0x" + "00" * 20, *case.key[1:])

    with reverts("HooksNotSupported", hooks=case.world.bob):
        send(case.world.web3, pools.functions.register(hooked), sender)
    with reverts("NativeNotSupported", pool=uniswap_v4.pool_id(native)):
        send(case.world.web3, pools.functions.register(native), sender)


def test_market__not_registered__cannot_be_listed(case):
    world = case.world
    other = "0x" + "12" * 32
    spec = replace(
        world.system.spec,
        positions=(PositionSpec(protocol="uniswap-v4", market=other),),
    )

    with reverts("PoolNotRegistered", pool=other):
        reconfigure(world, spec)


def test_supply__range__liquidity_and_amounts_appear(case):
    receipt = enter(case, WIDE)

    (event,) = order_events(case.world, receipt, "Supplied")
    before, after = order_navs(case.world, receipt)
    assert event["units"] == units_of(case.world) > 0
    assert before - after <= 4
    assert worth(case.world, amounts_of(case.world)) == pytest.approx(
        worth(case.world, event["amounts"]), rel=1e-9
    )
    ends = (case.world.token(symbol) for symbol in UNITS)
    adapter = case.world.adapter(POSITION).address
    assert [tokens.balance_of(token, adapter) for token in ends] == [0, 0]


@pytest.mark.parametrize("dollars", [0, 300_000])
def test_amounts__any_pool_price__equal_python_to_the_wei(invested, dollars):
    world = invested.world
    trade_back_and_forth(invested)
    if dollars:
        trade(invested, "USDC", dollars)
    root = fair.sqrt_price_x96(*prices_e36(world))
    ((lower, upper, liquidity),) = ask(world, "ranges")

    principal = fair.concentrated_amounts(liquidity, lower, upper, root)

    fees = fees_owed(invested)
    assert min(fees) > 0
    assert amounts_of(world) == [p + f for p, f in zip(principal, fees, strict=True)]


def test_withdraw__all__pays_what_the_books_said_and_all_fees(invested):
    world = invested.world
    trade_back_and_forth(invested)
    said = amounts_of(world)

    receipt = leave(invested)

    (event,) = order_events(world, receipt, "Withdrawn")
    before, after = order_navs(world, receipt)
    # the pool came back to a price some fees off the oracle's
    assert worth(world, event["amounts"]) == pytest.approx(worth(world, said), rel=1e-5)
    assert after >= before - 2, "a fair value is never more than what comes"
    assert units_of(world) == 0
    assert amounts_of(world) == [0, 0]


def test_collect__fees__leave_the_net_asset_value_alone(invested):
    world = invested.world
    trade_back_and_forth(invested)
    fees = fees_owed(invested)

    receipt = leave(invested, units=0)

    (event,) = order_events(world, receipt, "Withdrawn")
    before, after = order_navs(world, receipt)
    assert event["amounts"] == fees
    assert min(fees) > 0
    assert fees_owed(invested) == [0, 0]
    assert before == after


def test_supply__fees_pending__are_kept_and_still_counted(invested):
    world = invested.world
    trade_back_and_forth(invested)
    fees = fees_owed(invested)

    receipt = enter(invested, WIDE, dollars=5_000)

    before, after = order_navs(world, receipt)
    adapter = world.adapter(POSITION).address
    assert before - after <= 20_000, "the price that the fees moved, of 10,000 dollars"
    assert fees_owed(invested) == fees
    assert held_by(world, adapter) == fees
    receipt = leave(invested, units=0)
    (event,) = order_events(world, receipt, "Withdrawn")
    assert event["amounts"] == fees
    assert held_by(world, adapter) == [0, 0]


def test_supply__more_fees_than_new_liquidity_costs__the_rest_comes(invested):
    world = invested.world
    for _ in range(5):
        trade_back_and_forth(invested, 100_000)
    fees = fees_owed(invested)

    receipt = enter(invested, WIDE, dollars=1)

    (event,) = order_events(world, receipt, "Supplied")
    assert min(fees) > 0
    assert fees_owed(invested) == fees
    assert held_by(world, world.adapter(POSITION).address) == fees
    assert min(worth(world, [fees[0], 0]), worth(world, [0, fees[1]])) > USDC
    assert 0 < worth(world, event["amounts"]) <= 2 * USDC


def test_redeem_in_kind__slice__of_liquidity_and_fees(invested):
    world = invested.world
    trade_back_and_forth(invested)
    fees, shares = fees_owed(invested), shares_of(world, world.alice)
    units, said = units_of(world), worth(world, amounts_of(world))
    left = units - slice_of(world, units, shares // 2)

    skip = sum(1 << (128 + i) for i in range(2))
    paid = paid_to_alice(
        invested, lambda: redeem_in_kind(world, shares // 2, skip=skip)
    )

    assert units_of(world) == left
    assert worth(world, paid) == pytest.approx(said / 2, rel=1e-5)
    for before, now in zip(fees, fees_owed(invested), strict=True):
        assert now == pytest.approx(before / 2, rel=1e-6)
    assert held_by(world, world.adapter(POSITION).address) == fees_owed(invested)


def test_redeem_in_kind__a_token_does_not_move__set_aside_with_its_fees(invested):
    world = invested.world
    trade_back_and_forth(invested)
    block_token(world, "HST")
    fees, shares = fees_owed(invested), shares_of(world, world.alice)
    units, said = units_of(world), worth(world, amounts_of(world))
    slice_ = slice_of(world, units, shares // 2)

    redeem_in_kind(world, shares // 2)

    ticks = around(invested, WIDE)
    assert ask(world, "claimOf", *ticks, world.alice) == slice_
    assert units_of(world) == units - slice_
    assert worth(world, amounts_of(world)) == pytest.approx(said / 2, rel=1e-5)
    for before, now in zip(fees, fees_owed(invested), strict=True):
        assert now == pytest.approx(before / 2, rel=1e-6)

    unblock_token(world, "HST")
    leave(invested)  # the others' fees and liquidity go first
    claim = world.adapter(POSITION).functions.claim(
        market_bytes(world), *ticks, world.alice
    )
    paid = paid_to_alice(invested, lambda: send(world.web3, claim, world.bob))
    assert worth(world, paid) == pytest.approx(said / 2, rel=1e-5)
    assert held_by(world, world.adapter(POSITION).address) == [0, 0]
    with reverts("NothingToClaim"):
        send(world.web3, claim, world.bob)


@pytest.mark.parametrize("dollars", [1_000, 300_000, 1_500_000])
def test_amounts__whale_skews_the_pool__principal_stays(invested, dollars):
    world = invested.world
    before = amounts_of(world)

    trade(invested, "USDC", dollars)

    fees = fees_owed(invested)
    principal = [a - f for a, f in zip(amounts_of(world), fees, strict=True)]
    assert principal == before
    assert min(fees) == 0 < max(fees)
    assert worth(world, fees) <= dollars * USDC * FEE_PIPS // 10**6


def test_order__skewed_pool__refused_whatever_it_does(invested):
    world = invested.world
    trade(invested, "USDC", 1_500_000)

    expected = {"pool": invested.pool_id, "maxDeviationWad": DEVIATION_WAD}
    with reverts("PoolDeviation", **expected):
        enter(invested, WIDE, dollars=1_000)
    with reverts("PoolDeviation", **expected):
        leave(invested)
    with reverts("PoolDeviation", **expected):
        rebalance(world, swaps=[swap(world, 0, "USDC", "HST", USDC)])


def test_amounts__manager_in_the_middle_of_something__refused(invested):
    world = invested.world
    free = amounts_of(world)

    answer = amounts_inside(world, "HST", lambda: trade(invested, "HST", 1_000))

    assert answer == error_data("ProtocolBusy", market_bytes(world))
    assert amounts_of(world)[0] >= free[0]


def test_amounts__donation__is_shared_like_a_fee(invested):
    world = invested.world
    before = worth(world, amounts_of(world))
    amounts = tuple(1_000 * UNITS[symbol] for symbol in invested.symbols)
    giver = world.market.actors.trader

    uniswap_v4.donate(world.web3, invested.v4, invested.key, amounts, sender=giver)

    gained = worth(world, amounts_of(world)) - before
    assert 0 < gained < 2_000 * USDC // 50, "most of it is others'"


def test_supply__tokens_lie_in_the_adapter__go_to_the_vault(case):
    world = case.world
    give(world, "USDC", world.adapter(POSITION).address, 7 * USDC)
    before = read_book(world)["inventory"][0]

    enter(case, WIDE)

    ((lower, upper, liquidity),) = ask(world, "ranges")
    assert (lower, upper) == around(case, WIDE)
    assert liquidity == units_of(world)
    spent = before - read_book(world)["inventory"][0]
    assert spent <= 10_000 * USDC - 7 * USDC
    assert held_by(world, world.adapter(POSITION).address) == [0, 0]


def test_supply__two_ranges__each_with_its_own_fees(invested):
    world = invested.world
    enter(invested, NARROW, dollars=5_000)
    trade_back_and_forth(invested, 20_000)

    wide, narrow = fees_owed(invested), fees_owed(invested, NARROW)

    assert min(narrow) > min(wide) > 0, "more liquidity for the money"
    leave(invested, half_width=NARROW)
    assert fees_owed(invested) == wide
    assert [r[:2] for r in ask(world, "ranges")] == [around(invested, WIDE)]


@pytest.mark.parametrize("token_in", ["USDC", "HST"])
def test_swap__either_way__pays_the_pools_own_quote(case, token_in):
    world = case.world
    token_out = "HST" if token_in == "USDC" else "USDC"
    amount = 5_000 * UNITS[token_in]
    quoted = uniswap_v4.quote(
        case.v4,
        case.key,
        token_in == case.symbols[0],
        amount,
        sender=world.market.actors.trader,
    )

    receipt = rebalance(world, swaps=[swap(world, 0, token_in, token_out, amount)])

    (event,) = order_events(world, receipt, "Swapped")
    assert event["amountIn"] == amount
    assert event["amountOut"] == quoted > 0
    assert quoted / UNITS[token_out] == pytest.approx(5_000 * 0.997, rel=2e-3)


def test_swap__more_than_the_pool_can_take__refused(case):
    world, amount = case.world, 10**9 * USDC
    venue = world.system.venues["uniswap-v4"]
    tokens_in_out = (world.asset.address, world.token("HST").address)
    call_swap = venue.functions.swap(market_bytes(world), *tokens_in_out, amount)

    with reverts("PartialSwap", amountIn=amount):
        send(world.web3, call_swap, world.bob)
    stranger = venue.functions.swap(
        market_bytes(world), tokens_in_out[0], world.vault.address, 1
    )
    with reverts("TokenPairMismatch"):
        send(world.web3, stranger, world.bob)


def test_venue_deviation__both_directions_alike(case):
    world = case.world
    trade(case, "USDC", 300_000)
    prices = dict(zip(("USDC", "HST"), read_book(world)["prices"], strict=True))

    there, back = (
        venue_deviation(case, prices, *way)
        for way in (("USDC", "HST"), ("HST", "USDC"))
    )

    quoted = uniswap_v4.quote(
        case.v4,
        case.key,
        case.symbols[0] == "HST",
        ETH,
        sender=world.market.actors.trader,
    )
    assert there == back
    assert there / WAD == pytest.approx(quoted / USDC / 0.997 - 1, rel=1e-3)
    assert call(world.adapter(POSITION).functions.protocol()) == "uniswap-v4"
    assert ask(world, "deviationWad", prices_e36(world)) == there


def venue_deviation(case: Case, prices, token_in: str, token_out: str) -> int:
    world = case.world
    view = world.system.venues["uniswap-v4"].functions.deviationWad(
        market_bytes(world),
        world.token(token_in).address,
        world.token(token_out).address,
        prices[token_in],
        prices[token_out],
    )
    return int(call(view))


def test_callbacks__from_anybody_else__refused(invested):
    world = invested.world
    venue = world.system.venues["uniswap-v4"]
    for contract in (world.adapter(POSITION), venue):
        with reverts("CallbackNotExpected", caller=world.bob):
            send(world.web3, contract.functions.unlockCallback(b""), world.bob)


def test_registry__is_one_for_adapter_and_venue(case):
    world = case.world
    venue = world.system.venues["uniswap-v4"]
    for contract in (world.adapter(POSITION), venue):
        assert call(contract.functions.pools()) == case.v4.pools.address
        assert call(contract.functions.manager()) == case.v4.manager.address
    registry = contract_at(
        world.web3, own_artifact("UniswapV4Pools"), case.v4.pools.address
    )
    assert call(registry.functions.manager()) == case.v4.manager.address
    assert in_order(world, POSITION, EACH) == tuple(
        EACH[symbol] for symbol in case.symbols
    )
