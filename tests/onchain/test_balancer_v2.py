# SPDX-License-Identifier: MIT
"""A vault in a real weighted and a real stable pool of Balancer V2."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from protocol_cases import (
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
    in_order,
    order_events,
    rebalance,
    reverts,
    set_price,
    supply,
    swap,
    withdraw,
)

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.spec import PoolSpec, PositionSpec
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo import balancer_v2, clock, tokens
from steelyard.demo.balancer_v2 import BalancerPool, BalancerV2
from steelyard.demo.balancer_v2_governance import allow, take_swap_fees
from steelyard.wad import WAD

WEIGHTED, STABLE = range(2)  # positions, and pools
BOTH = (WEIGHTED, STABLE)
UNITS = {"USDC": USDC, "DAI": ETH, "HST": ETH, "ETH": ETH}
DOLLARS = {"USDC": 1, "DAI": 1, "HST": 1, "ETH": 2_000}
WEIGHTS = {"USDC": 2 * WAD // 10, "ETH": 5 * WAD // 10, "HST": 3 * WAD // 10}
POOLS = (  # dollars of each token
    {"USDC": 2_000_000, "ETH": 5_000_000, "HST": 3_000_000},
    {"USDC": 1_000_000, "DAI": 1_000_000, "HST": 1_000_000},
)
EACH = (  # dollars that the vault puts in
    {"USDC": 8_000, "ETH": 20_000, "HST": 12_000},
    {"USDC": 10_000, "DAI": 10_000, "HST": 10_000},
)
TRADED = (("USDC", "ETH"), ("USDC", "DAI"))  # by the whale
MOST = (550_000, 950_000)  # dollars a trade; a weighted pool takes 30 % of a balance
FEES = (balancer_v2.FEE_WAD / WAD, balancer_v2.STABLE_FEE_WAD / WAD)
EXITS = (1, 2)  # kinds of proportional exits
PROTOCOL_FEE_WAD = WAD // 5
DEVIATION_WAD = WAD // 50
DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class Case:
    """A vault with all that it puts into both pools idle."""

    world: World
    balancer: BalancerV2
    pools: tuple[BalancerPool, BalancerPool]


def raw(symbol: str, dollars: float) -> int:
    return int(dollars * UNITS[symbol]) // DOLLARS[symbol]


def raws(dollars) -> dict[str, int]:
    return {symbol: raw(symbol, amount) for symbol, amount in dollars.items()}


@pytest.fixture(scope="module")
def shared(web3, strategist) -> Case:
    market = with_hostile(web3, token_market(web3, "USDC", "DAI", "ETH"))
    who = market.actors
    balancer = balancer_v2.deploy_balancer_v2(
        web3, weth=market.weth.address, sender=who.deployer
    )
    take_swap_fees(web3, balancer, PROTOCOL_FEE_WAD, sender=who.deployer)
    tables = []
    for dollars in POOLS:
        coins = [market.tokens[symbol] for symbol in dollars]
        tables.append((coins, list(raws(dollars).values())))
    (coins, amounts), stable = tables
    weights = list(WEIGHTS.values())
    pools = (
        balancer_v2.create_weighted_pool(
            web3, balancer, coins, weights, amounts, sender=who.maker
        ),
        balancer_v2.create_stable_pool(web3, balancer, *stable, sender=who.maker),
    )
    for coin in market.tokens.values():
        tokens.approve(web3, coin, balancer.vault.address, sender=who.trader)
    names = ("balancer-v2-weighted", "balancer-v2-stable")
    world = vault_world(
        web3,
        market,
        strategist,
        positions=[
            PositionSpec(protocol=name, market=pool.pool_id)
            for name, pool in zip(names, pools, strict=True)
        ],
        pools=[PoolSpec(protocol="balancer-v2", pool=pool.pool_id) for pool in pools],
    )
    for symbol, dollars in (("ETH", 20_000), ("HST", 22_000), ("DAI", 10_000)):
        put_in_vault(world, symbol, raw(symbol, dollars))
    return Case(world=world, balancer=balancer, pools=pools)


@pytest.fixture
def case(shared: Case) -> Iterator[Case]:
    with undone(shared.world):
        yield shared


@pytest.fixture
def invested(case: Case) -> Case:
    """The case once the vault is in both pools, in their own ratio."""
    for position in BOTH:
        enter(case.world, position)
    return case


def enter(world: World, position: int, **dollars: float):
    amounts = raws(dollars or EACH[position])
    return rebalance(world, supplies=[supply(world, position, amounts)])


def trade(case: Case, pool: int, token_in: str, token_out: str, dollars: float) -> None:
    """A whale swaps."""
    world = case.world
    pair = (world.token(token_in), world.token(token_out))
    balancer_v2.swap(
        world.web3,
        case.balancer,
        case.pools[pool],
        pair,
        raw(token_in, dollars),
        sender=world.market.actors.trader,
    )


def quote(case: Case, pool: int, token_in: str, token_out: str, amount: int) -> int:
    pair = (case.world.token(token_in), case.world.token(token_out))
    return balancer_v2.quote(case.balancer, case.pools[pool], pair, amount)


def govern(case: Case, pool: int, function: str, *args) -> None:
    """Governance, or the pool's owner, changes something in a pool."""
    world, contract = case.world, case.pools[pool].contract
    who = world.market.actors.deployer
    allow(world.web3, case.balancer, contract, function, sender=who)
    send(world.web3, contract.functions[function](*args), who)


@pytest.mark.parametrize("position", BOTH)
def test_supply__in_the_pools_ratio__shares_and_amounts_appear(case, position):
    receipt = enter(case.world, position)

    (event,) = order_events(case.world, receipt, "Supplied")
    before, after = order_navs(case.world, receipt)
    given = in_order(case.world, position, raws(EACH[position]))
    assert event["units"] == units_of(case.world, position) > 0
    assert tuple(event["amounts"]) == given
    assert 0 <= before - after <= 5
    for amount, most in zip(amounts_of(case.world, position), given, strict=True):
        assert most - most // 10**11 - 2 <= amount <= most
    assert nothing_left(case.world, position, case.balancer.vault.address)


@pytest.mark.parametrize("position", BOTH)
def test_supply__one_token__costs_no_more_than_the_fee(case, position):
    receipt = enter(case.world, position, USDC=3_000)

    before, after = order_navs(case.world, receipt)
    assert 0 < (before - after) / (3_000 * USDC) < FEES[position] + 0.001
    assert nothing_left(case.world, position, case.balancer.vault.address)


@pytest.mark.parametrize("position", BOTH)
def test_withdraw__balanced_pool__pays_what_the_books_said_but_two_units(
    invested, position
):
    said = amounts_of(invested.world, position)
    rest = balances_of(invested, position)

    paid, _ = withdraw_all(invested.world, position)

    for told, came, balance in zip(said, paid, rest, strict=True):
        # a pool pays parts of its balances in steps of 1e-18
        ratio = 0 if position == WEIGHTED else balance // 10**18
        assert told - 2 - ratio <= came <= told + told // 10**8 + 2
    assert units_of(invested.world, position) == 0
    assert amounts_of(invested.world, position) == [0, 0, 0]


@pytest.mark.parametrize("position", BOTH)
@pytest.mark.parametrize("dollars", [1_000, 100_000, 550_000])
def test_redeem_in_kind__any_skew__is_worth_no_less_than_the_books_said(
    invested, position, dollars
):
    world = invested.world
    trade(invested, position, *TRADED[position], dollars)
    said, shares = worth_of(world, position), shares_of(world, world.alice)

    redeem_in_kind(world, shares, world.bob, skip=all_but(world, position))

    out = worth(world, held_by(world, world.bob, position), position)
    others = said // 10**6  # the seed's part
    assert out - 100_000 * USDC >= said - others


def all_but(world: World, position: int) -> int:
    """What `redeemInKind` is to leave behind so that it pays one position alone."""
    positions = range(len(world.system.spec.positions))
    listed = range(len(world.system.spec.tokens))
    return sum(1 << i for i in positions if i != position) + sum(
        1 << (128 + i) for i in listed
    )


def worth_of(world: World, position: int) -> int:
    return worth(world, amounts_of(world, position), position)


@pytest.mark.parametrize("position", BOTH)
def test_withdraw__part__units_go_and_the_rest_stays(invested, position):
    world = invested.world
    units, said = units_of(world, position), amounts_of(world, position)

    rebalance(world, withdraws=[withdraw(world, position, units // 4)])

    assert units_of(world, position) == units - units // 4
    for then, now in zip(said, amounts_of(world, position), strict=True):
        assert now == pytest.approx(then * 3 / 4, rel=1e-8)


@pytest.mark.parametrize("position", BOTH)
@pytest.mark.parametrize("dollars", [1_000, 100_000, 550_000])
def test_amounts__whale_skews_the_pool__gain_no_more_than_the_fee(
    invested, position, dollars
):
    world = invested.world
    before = worth_of(world, position)

    trade(invested, position, *TRADED[position], dollars)

    after = worth_of(world, position)
    share = before / (sum(POOLS[position].values()) * USDC)
    kept = FEES[position] * (1 - PROTOCOL_FEE_WAD / WAD)
    assert before - 2 <= after <= before + dollars * USDC * kept * share * 1.001 + 2
    assert spot_worth(invested, position) >= after


def spot_worth(case: Case, position: int) -> int:
    """The position's part of the pool's balances at the oracle's prices."""
    world, pool = case.world, case.pools[position]
    units = units_of(world, position)
    total = call(pool.contract.functions.getActualSupply())
    own = [balance * units // total for balance in balances_of(case, position)]
    return worth(world, own, position)


def balances_of(case: Case, position: int) -> list[int]:
    """What a pool has of its coins."""
    pool = case.pools[position]
    listed, balances, _ = call(
        case.balancer.vault.functions.getPoolTokens(pool.pool_id)
    )
    return [
        balance
        for token, balance in zip(listed, balances, strict=True)
        if token != pool.contract.address
    ]


@pytest.mark.parametrize("position", BOTH)
def test_amounts__protocol_fees_pending__are_taken_off_before_they_are_paid(
    invested, position
):
    world, pool = invested.world, invested.pools[position]
    token_in, token_out = TRADED[position]
    for _ in range(5):
        trade(invested, position, token_in, token_out, 500_000)
        trade(invested, position, token_out, token_in, 500_000)
    supply_before = call(pool.contract.functions.totalSupply())
    said = worth_of(world, position)

    exit_kind = EXITS[position]
    balancer_v2.exit_pool(
        world.web3,
        invested.balancer,
        pool,
        exit_kind,
        10**6,
        sender=world.market.actors.maker,
    )

    minted = call(pool.contract.functions.totalSupply()) - supply_before
    assert minted > 10**15, "the protocol was paid in shares"
    assert worth_of(world, position) == pytest.approx(said, rel=1e-9)


def test_amounts__weighted__other_prices__are_the_invariants(invested):
    world = invested.world
    set_price(world, "ETH", 2_420)  # +21 %: to the half, 1.1 times the worth
    symbols = token_symbols(world, WEIGHTED)
    said = dict(zip(symbols, amounts_of(world, WEIGHTED), strict=True))

    assert said["ETH"] == pytest.approx(10 * ETH / 1.1, rel=1e-9)
    assert said["USDC"] == pytest.approx(8_000 * USDC * 1.1, rel=1e-9)
    assert said["HST"] == pytest.approx(12_000 * ETH * 1.1, rel=1e-9)


def token_symbols(world: World, position: int) -> list[str]:
    view = world.adapter(position).functions.tokens(market_bytes(world, position))
    symbols = {token.address: symbol for symbol, token in world.market.tokens.items()}
    return [symbols[address] for address in call(view)]


def test_amounts__stable__is_the_rate_at_the_lowest_price_split_evenly(invested):
    world = invested.world
    set_price(world, "DAI", 0.995)

    value = worth_of(world, STABLE)

    rate = call(invested.pools[STABLE].contract.functions.getRate())
    exact = units_of(world, STABLE) * rate * 995 // 1000 // WAD // 10**12
    assert exact - 4 <= value <= exact
    symbols = token_symbols(world, STABLE)
    assert sorted(symbols) == ["DAI", "HST", "USDC"], "not the pool's own shares"


def deviation_of(world: World, position: int) -> int:
    prices = prices_e36(world, position)
    return int(ask(world, "deviationWad", prices, position=position))


@pytest.mark.parametrize("position", BOTH)
def test_deviation__at_the_oracles_prices__next_to_nothing(invested, position):
    world = invested.world

    deviation = deviation_of(world, position)

    assert deviation <= 10**10


@pytest.mark.parametrize("dollars", [1_900, 2_100])
def test_deviation__weighted__oracle_moved_by_a_twentieth(invested, dollars):
    world = invested.world
    set_price(world, "ETH", dollars)

    deviation = deviation_of(world, WEIGHTED)

    assert deviation / WAD == pytest.approx(max(dollars / 2000, 2000 / dollars) - 1)


def test_deviation__stable__coins_off_their_peg(invested):
    world = invested.world
    set_price(world, "DAI", 0.99)

    deviation = deviation_of(world, STABLE)

    assert deviation / WAD == pytest.approx(1 / 99, rel=1e-6)


def test_tokens__stable_pools_own_shares_listed_anywhere__are_left_out(case):
    world, who = case.world, case.world.market.actors.maker
    coins = [world.token(symbol) for symbol in POOLS[STABLE]]
    amounts = list(raws(POOLS[STABLE]).values())
    adapter = world.adapter(STABLE)
    prices, places = prices_e36(world, STABLE), set()

    for _ in range(8):
        pool = balancer_v2.create_stable_pool(
            world.web3, case.balancer, coins, amounts, sender=who
        )
        places.add(call(pool.contract.functions.getBptIndex()))
        listed = call(adapter.functions.tokens(pool.pool_id))
        assert listed == [coin.address for coin in pool.coins]
        # six and eighteen decimals: a scale of another coin's would show
        view = adapter.functions.deviationWad(pool.pool_id, prices)
        assert call(view) <= 10**10
    assert len(places) > 1, "pools of low and of high addresses"


@pytest.mark.parametrize("position", BOTH)
def test_order__skewed_pool__refused_whatever_it_does(invested, position):
    world, pool = invested.world, invested.pools[position]
    token_in, token_out = TRADED[position]
    trade(invested, position, token_in, token_out, MOST[position])
    give(world, "USDC", world.vault.address, 1_000 * USDC)

    expected = {"pool": pool.pool_id, "maxDeviationWad": DEVIATION_WAD}
    with reverts("PoolDeviation", **expected):
        enter(world, position, USDC=1_000)
    with reverts("PoolDeviation", **expected):
        withdraw_all(world, position)
    with reverts("PoolDeviation", **expected):
        item = swap(world, position, token_in, token_out, 1_000 * USDC)
        rebalance(world, swaps=[item])


CHANGES = [
    (WEIGHTED, "setSwapFeePercentage", (WAD // 100,)),
    (STABLE, "setSwapFeePercentage", (WAD // 100,)),
    (WEIGHTED, "enableRecoveryMode", ()),
    (STABLE, "enableRecoveryMode", ()),
    (STABLE, "startAmplificationParameterUpdate", (300, 2 * DAY_SECONDS)),
]


@pytest.mark.parametrize(("position", "function", "args"), CHANGES)
def test_parameters__changed_by_the_owner__orders_refused_and_exits_not(
    invested, position, function, args
):
    world = invested.world
    listed = ask(world, "parameters", position=position)
    if function.startswith("start"):
        now = clock.time_travel(world.web3, DAY_SECONDS)
        args = (args[0], now + args[1])
    change(invested, position, function, args)

    numbers = {"market": invested.pools[position].pool_id, "listed": listed}
    with reverts("ParametersChanged", **numbers):
        withdraw_all(world, position)
    item = swap(world, position, *TRADED[position], 1_000 * USDC)
    with reverts("ParametersChanged", market=numbers["market"]):
        rebalance(world, swaps=[item])
    before = units_of(world, position)
    redeem_in_kind(world, shares_of(world, world.alice) // 2)
    assert units_of(world, position) == pytest.approx(before / 2, rel=1e-6)
    assert ask(world, "claimOf", 0, 0, world.alice, position=position) == 0


def change(case: Case, position: int, function: str, args) -> None:
    """By the pool's owner where it is the owner's, else by governance."""
    world, contract = case.world, case.pools[position].contract
    if function == "enableRecoveryMode":
        govern(case, position, function, *args)
        return
    send(world.web3, contract.functions[function](*args), world.market.actors.maker)


@pytest.mark.parametrize("position", BOTH)
def test_redeem_in_kind__slice__is_paid_in_every_token(invested, position):
    world = invested.world
    units, shares = units_of(world, position), shares_of(world, world.alice)
    slice_ = slice_of(world, units, shares // 2)
    before = held_by(world, world.alice, position)

    receipt = redeem_in_kind(world, shares // 2, skip=all_but(world, position))

    after = held_by(world, world.alice, position)
    given = in_order(world, position, raws(EACH[position]))
    assert units_of(world, position) == units - slice_
    for then, now, whole in zip(before, after, given, strict=True):
        assert now - then == pytest.approx(whole / 2, rel=1e-6)
    assert receipt["gasUsed"] < 600_000


@pytest.mark.parametrize("position", BOTH)
def test_redeem_in_kind__paused_pool__set_aside_and_claimed_later(invested, position):
    world = invested.world
    govern(invested, position, "pause")
    units, shares = units_of(world, position), shares_of(world, world.alice)
    slice_ = slice_of(world, units, shares // 2)
    said = worth_of(world, position)

    redeem_in_kind(world, shares // 2)

    claim = world.adapter(position).functions.claim(
        market_bytes(world, position), 0, 0, world.alice
    )
    owed = ask(world, "claimOf", 0, 0, world.alice, position=position)
    assert owed == slice_
    assert units_of(world, position) == units - slice_
    assert worth_of(world, position) == pytest.approx(said / 2, rel=1e-6)
    with reverts("Error", reason="BAL#402"):
        send(world.web3, claim, world.bob)
    before = held_by(world, world.alice, position)
    govern(invested, position, "unpause")
    send(world.web3, claim, world.bob)
    given = in_order(world, position, raws(EACH[position]))
    after = held_by(world, world.alice, position)
    for then, now, whole in zip(before, after, given, strict=True):
        assert now - then == pytest.approx(whole / 2, rel=1e-6)


@pytest.mark.parametrize("position", BOTH)
def test_redeem_in_kind__paused_and_in_recovery__is_paid(invested, position):
    world = invested.world
    govern(invested, position, "pause")
    said = worth_of(world, position)
    govern(invested, position, "enableRecoveryMode")
    before = held_by(world, world.alice, position)
    assert worth_of(world, position) == pytest.approx(said, rel=1e-9)

    redeem_in_kind(world, shares_of(world, world.alice) // 2)

    assert ask(world, "claimOf", 0, 0, world.alice, position=position) == 0
    given = in_order(world, position, raws(EACH[position]))
    after = held_by(world, world.alice, position)
    for then, now, whole in zip(before, after, given, strict=True):
        assert now - then >= whole // 2 * 999_999 // 1_000_000


@pytest.mark.parametrize("position", BOTH)
def test_redeem_in_kind__a_token_does_not_move__set_aside(invested, position):
    world = invested.world
    block_token(world, "HST")
    shares = shares_of(world, world.alice)
    slice_ = slice_of(world, units_of(world, position), shares // 2)

    redeem_in_kind(world, shares // 2)
    unblock_token(world, "HST")

    assert ask(world, "claimOf", 0, 0, world.alice, position=position) == slice_


@pytest.mark.parametrize("position", BOTH)
def test_amounts__inside_a_call_of_the_vault__refused(invested, position):
    world, pool = invested.world, invested.pools[position]
    who = world.market.actors.maker
    half = call(pool.contract.functions.balanceOf(who)) // 2
    free = amounts_of(world, position)
    kind = EXITS[position]

    answer = amounts_inside(
        world,
        "HST",
        lambda: balancer_v2.exit_pool(
            world.web3, invested.balancer, pool, kind, half, sender=who
        ),
        position,
    )

    assert answer == error_data("ProtocolBusy", market_bytes(world, position))
    assert amounts_of(world, position) == pytest.approx(free, rel=1e-6)


@pytest.mark.parametrize("position", BOTH)
def test_amounts__gifts__not_counted(invested, position):
    world, pool = invested.world, invested.pools[position]
    said = amounts_of(world, position)
    adapter = world.adapter(position).address
    gift = pool.contract.functions.transfer(adapter, units_of(world, position))
    send(world.web3, gift, world.market.actors.maker)
    give(world, "USDC", invested.balancer.vault.address, 1_000 * USDC)

    assert amounts_of(world, position) == said


def test_concavity__weighted_and_stable__of_the_largest_doubt(invested):
    world = invested.world
    doubt = [0, WAD // 100, WAD // 200]

    weighted, stable = (
        ask(
            world,
            "concavityAssets",
            0,
            0,
            units_of(world, position),
            prices_e36(world, position),
            doubt,
            position=position,
        )
        for position in BOTH
    )

    # (sqrt(1.01) - sqrt(0.99))^2 of 40,000, and 2 * 0.01 of 30,000
    assert weighted == pytest.approx(40_000 * USDC * 1.000025e-4, rel=1e-4)
    assert stable == pytest.approx(30_000 * USDC * 0.02, rel=1e-6)


WAYS = [
    (WEIGHTED, "USDC", "ETH"),
    (WEIGHTED, "HST", "USDC"),
    (STABLE, "USDC", "DAI"),
    (STABLE, "HST", "USDC"),
]


@pytest.mark.parametrize(("pool", "token_in", "token_out"), WAYS)
def test_swap__either_way__pays_the_pools_own_quote(case, pool, token_in, token_out):
    world = case.world
    amount = raw(token_in, 5_000)
    quoted = quote(case, pool, token_in, token_out, amount)

    receipt = rebalance(world, swaps=[swap(world, pool, token_in, token_out, amount)])

    (event,) = order_events(world, receipt, "Swapped")
    venue, token = world.system.venues["balancer-v2"], world.token(token_in)
    assert event["amountIn"] == amount
    assert event["amountOut"] == quoted
    dollars = quoted / UNITS[token_out] * DOLLARS[token_out]
    assert dollars == pytest.approx(5_000 * (1 - FEES[pool]), rel=0.006)
    left = token.functions.allowance(venue.address, case.balancer.vault.address)
    assert call(left) == 0
    assert tokens.balance_of(token, venue.address) == 0


@pytest.mark.parametrize("pool", BOTH)
def test_venue_deviation__both_directions_alike(case, pool):
    world = case.world
    token_in, token_out = TRADED[pool]
    trade(case, pool, token_in, token_out, MOST[pool])
    listed = [spec.symbol for spec in world.system.spec.tokens]
    prices = dict(zip(listed, read_book(world)["prices"], strict=True))

    there = venue_deviation(case, pool, prices, token_in, token_out)
    back = venue_deviation(case, pool, prices, token_out, token_in)
    aside = venue_deviation(case, pool, prices, token_in, "HST")

    little = raw(token_out, 100)
    paid = quote(case, pool, token_out, token_in, little) / UNITS[token_in]
    spot = paid * DOLLARS[token_in] / 100 / (1 - FEES[pool])
    assert abs(there - back) <= 2
    assert there / WAD == pytest.approx(spot - 1, rel=1e-2)
    assert 0 < aside < there


def venue_deviation(
    case: Case, pool: int, prices: dict[str, int], token_in: str, token_out: str
) -> int:
    world = case.world
    view = world.system.venues["balancer-v2"].functions.deviationWad(
        market_bytes(world, pool),
        world.token(token_in).address,
        world.token(token_out).address,
        prices[token_in],
        prices[token_out],
    )
    return int(call(view))


@pytest.mark.parametrize("pool", BOTH)
def test_venue__token_that_is_not_in_the_pool__has_no_price_there(case, pool):
    world = case.world
    venue, usdc = world.system.venues["balancer-v2"], world.asset.address
    other = world.token("DAI" if pool == WEIGHTED else "ETH").address

    with reverts("TokenPairMismatch", tokenIn=usdc, tokenOut=other):
        call(
            venue.functions.deviationWad(
                market_bytes(world, pool), usdc, other, 10**36, 10**36
            )
        )


def test_adapters__name_themselves(case):
    world = case.world
    names = [call(world.adapter(p).functions.protocol()) for p in BOTH]

    assert names == ["balancer-v2-weighted", "balancer-v2-stable"]
    venue = world.system.venues["balancer-v2"]
    assert call(venue.functions.protocol()) == "balancer-v2"


def test_stable__coin_with_a_rate__is_worth_its_rate_times_the_peg(web3, strategist):
    market = token_market(web3, "USDC", "DAI")
    who = market.actors
    usdc, grown = market.tokens["USDC"], market.tokens["DAI"]
    rate = deploy(web3, own_artifact("SettableRate"), 5 * WAD // 4, sender=who.deployer)
    balancer = balancer_v2.deploy_balancer_v2(
        web3, weth=market.weth.address, sender=who.deployer
    )
    pool = balancer_v2.create_stable_pool(
        web3,
        balancer,
        [usdc, grown],
        [1_000_000 * USDC, 800_000 * ETH],
        sender=who.maker,
        rates={grown.address: rate.address},
    )
    position = PositionSpec(protocol="balancer-v2-stable", market=pool.pool_id)
    world = vault_world(web3, market, strategist, positions=[position])
    put_in_vault(world, "DAI", 8_000 * ETH)
    set_price(world, "DAI", 1.25)

    receipt = rebalance(
        world,
        supplies=[supply(world, 0, {"USDC": 10_000 * USDC, "DAI": 8_000 * ETH})],
    )

    before, after = order_navs(world, receipt)
    said = dict(zip(token_symbols(world, 0), amounts_of(world), strict=True))
    assert before - after <= 4
    assert said["USDC"] == pytest.approx(10_000 * USDC, abs=2)
    assert said["DAI"] == pytest.approx(8_000 * ETH, rel=1e-9)
    assert deviation_of(world, 0) <= 10**10
    set_price(world, "DAI", 1.2)  # four per cent less than its rate
    assert deviation_of(world, 0) / WAD == pytest.approx(1 / 24, rel=1e-6)
    assert worth_of(world, 0) == pytest.approx(20_000 * USDC * 0.96, rel=1e-9)


def test_weighted__eight_tokens__in_out_and_in_kind(web3, strategist):
    weights = {
        "USDC": 30,
        "DAI": 5,
        "USDT": 5,
        "FRAX": 1,
        "ETH": 24,
        "BTC": 20,
        "LINK": 10,
        "UNI": 5,
    }  # per cent, and so many thousand dollars of each for the vault
    market = token_market(web3, *weights)
    prices = {token.symbol: token for token in market.spec.tokens}
    raw_of = {
        symbol: 10 ** (token.decimals + 8) * 1_000 // token.price_e8
        for symbol, token in prices.items()
    }  # a thousand dollars of each
    who = market.actors
    balancer = balancer_v2.deploy_balancer_v2(
        web3, weth=market.weth.address, sender=who.deployer
    )
    pool = balancer_v2.create_weighted_pool(
        web3,
        balancer,
        [market.tokens[symbol] for symbol in weights],
        [weight * WAD // 100 for weight in weights.values()],
        [100 * weight * raw_of[symbol] for symbol, weight in weights.items()],
        sender=who.maker,
    )
    position = PositionSpec(protocol="balancer-v2-weighted", market=pool.pool_id)
    world = vault_world(web3, market, strategist, positions=[position])
    most = {symbol: weight * raw_of[symbol] for symbol, weight in weights.items()}
    for symbol, amount in most.items():
        put_in_vault(world, symbol, amount)

    rebalance(world, supplies=[supply(world, 0, most)])
    said = amounts_of(world)
    skip = all_but(world, 0)
    receipt = redeem_in_kind(world, shares_of(world, world.alice) // 2, skip=skip)
    paid, _ = withdraw_all(world)

    given = in_order(world, 0, most)
    assert said == pytest.approx(given, rel=1e-9, abs=2)
    assert worth(world, said) == pytest.approx(100_000 * USDC, rel=1e-7)
    assert held_by(world, world.alice)[1:] != [0] * 7
    assert [2 * amount for amount in paid] == pytest.approx(given, rel=1e-5)
    assert receipt["gasUsed"] < 800_000, "the vault gives a slice a million"
