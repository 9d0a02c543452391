# SPDX-License-Identifier: MIT
"""Weighted and stable pools: the models against the protocols' own bytecode."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_abi.abi import encode
from pool_fuzz import CURVES, EXACT_TOKENS_JOIN, SHARES_EXIT, STABLE_EXIT, prices_case
from pool_judges import GIVEN_OUT, Judges, ask_curve, curve_slots, new_judges
from web3.contract import Contract

from steelyard import fair_pools
from steelyard.amm import (
    balancer_stable,
    balancer_stable_liquidity,
    stable_swap,
    stable_swap_liquidity,
    weighted,
    weighted_liquidity,
)
from steelyard.amm.errors import NotConverged
from steelyard.chain.artifacts import own_artifact
from steelyard.chain.config_args import market_id
from steelyard.chain.pools.reading import (
    CURVE,
    STABLE,
    WEIGHTED,
    PoolModel,
    PoolUnreadable,
    read_pool,
)
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.demo import balancer_v2, clock, curve, tokens
from steelyard.demo.balancer_v2 import BalancerPool
from steelyard.demo.node import local_node
from steelyard.route.market_file import NAMES, state_from_json, state_to_json
from steelyard.wad import WAD

CASES = 120  # of each curve; `make fuzz` runs thousands
MOVES = 24  # executed one after another
RATES_POOL = 3  # of the stable pools: two of its three coins have a rate
UINT_MAX = 2**256 - 1
# Newton's steps go to and fro by two units: nobody can swap until the pool is nudged
STUCK = stable_swap.StableSwap(
    balances=(21763376216, 13328587085202544580, 26924379, 3782611645216251315648),
    rates=(10**30, WAD, 10**28, WAD),
    amplification=20_000,
    fee_e10=curve.FEE_E10,
    supply=WAD,
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Of Balancer's pools: the modules of its models."""

    swaps: Any
    liquidity: Any
    exit_kind: int
    most: int  # percent of a balance in one swap


WEIGHTED_KIND = Kind(
    swaps=weighted, liquidity=weighted_liquidity, exit_kind=SHARES_EXIT, most=30
)
STABLE_KIND = Kind(
    swaps=balancer_stable,
    liquidity=balancer_stable_liquidity,
    exit_kind=STABLE_EXIT,
    most=90,
)


@pytest.fixture(scope="module")
def shared(web3) -> Judges:
    return new_judges(web3, web3.eth.accounts[0])


@pytest.fixture
def judges(shared: Judges) -> Iterator[Judges]:
    """What a test does to the pools is undone."""
    taken = clock.snapshot(shared.web3)
    yield shared
    clock.revert(shared.web3, taken)


@pytest.mark.parametrize("fuzz", CURVES, ids=lambda fuzz: fuzz.__name__)
def test_models__random_pools_and_trades__equal_the_chain_to_the_wei(shared, fuzz):
    tally = fuzz(shared, random.Random(20_230_206), CASES)

    assert tally.mismatches == []
    assert tally.cases >= CASES
    assert tally.reverts <= tally.cases / 2, "most cases are trades that happen"


def model_of(judges: Judges, protocol: str, pool: BalancerPool | Contract) -> PoolModel:
    market = pool.pool_id if isinstance(pool, BalancerPool) else pool.address
    return read_pool(judges.web3, protocol, market).pool


def received(judges: Judges, coin: Contract, act) -> int:
    """What an act brings to the account that acts."""
    before = tokens.balance_of(coin, judges.who)
    act()
    return tokens.balance_of(coin, judges.who) - before


def buy(
    judges: Judges, pool: BalancerPool, pair: tuple[Contract, Contract], amount: int
) -> None:
    """Swaps for exactly so much of the second token."""
    token_in, token_out = (token.address for token in pair)
    single = (pool.pool_id, GIVEN_OUT, token_in, token_out, amount, b"")
    funds = (judges.who, False, judges.who, False)
    swap = judges.balancer.vault.functions.swap(single, funds, UINT_MAX, 2**64)
    send(judges.web3, swap, judges.who)


def join(judges: Judges, pool: BalancerPool, amounts: tuple[int, ...]) -> None:
    vault = judges.balancer.vault.functions
    listed, *_ = call(vault.getPoolTokens(pool.pool_id))
    data = encode(["uint256", "uint256[]", "uint256"], [EXACT_TOKENS_JOIN, amounts, 0])
    request = (listed, [UINT_MAX] * len(listed), data, False)
    function = vault.joinPool(pool.pool_id, judges.who, judges.who, request)
    send(judges.web3, function, judges.who)


def random_pair(rng: random.Random, count: int) -> tuple[int, int]:
    i, j = rng.sample(range(count), 2)
    return i, j


def random_move(judges: Judges, kind: Kind, pool: BalancerPool, model, rng):
    """Executes a swap, join or exit; the model afterwards."""
    web3, balancer, who = judges.web3, judges.balancer, judges.who
    i, j = random_pair(rng, len(pool.coins))
    pair = (pool.coins[i], pool.coins[j])
    move = rng.choice(("sell", "buy", "join", "exit"))
    if move == "sell":
        amount = rng.randint(1, model.balances[i] * kind.most // 100)
        balancer_v2.swap(web3, balancer, pool, pair, amount, sender=who)
        return kind.swaps.swap_exact_in(model, amount, i, j)[0]
    if move == "buy":
        amount = rng.randint(1, model.balances[j] * kind.most // 100)
        buy(judges, pool, pair, amount)
        return kind.swaps.swap_exact_out(model, amount, i, j)[0]
    if move == "join":
        amounts = tuple(rng.randint(0, b // 2) for b in model.balances)
        join(judges, pool, amounts)
        return kind.liquidity.add_liquidity(model, amounts)[0]
    shares = model.supply // rng.randint(5, 50)
    balancer_v2.exit_pool(web3, balancer, pool, kind.exit_kind, shares, sender=who)
    return kind.liquidity.remove_liquidity(model, shares)[0]


@pytest.mark.parametrize("place", [0, 3, 7])
def test_weighted__executed_one_after_another__every_state_is_the_models(judges, place):
    pool, rng = judges.weighted[place], random.Random(place)
    model = model_of(judges, WEIGHTED, pool)
    for _ in range(MOVES):
        model = random_move(judges, WEIGHTED_KIND, pool, model, rng)
        assert model_of(judges, WEIGHTED, pool) == model


@pytest.mark.parametrize("place", range(6))
def test_stable__executed_one_after_another__every_state_is_the_models(judges, place):
    pool, rng = judges.stable[place], random.Random(place)
    model = model_of(judges, STABLE, pool)
    for _ in range(MOVES // 2):
        model = random_move(judges, STABLE_KIND, pool, model, rng)
        assert model_of(judges, STABLE, pool) == model
        rate = balancer_stable_liquidity.rate_wad(model)
        assert rate == call(pool.contract.functions.getRate())


@pytest.mark.parametrize("seed", range(3))
def test_curve__executed_one_after_another__every_state_is_the_models(judges, seed):
    pool, rng, who = judges.curve, random.Random(seed), judges.who
    web3, model = judges.web3, model_of(judges, CURVE, judges.curve)
    for _ in range(MOVES):
        i, j = random_pair(rng, 4)
        move = rng.choice(("exchange", "exchange", "add", "remove", "remove one"))
        if move == "exchange":
            amount = rng.randint(1, model.balances[i])
            model, paid = stable_swap.swap_exact_in(model, amount, i, j)
            coin = judges.tokens[j]
            swap = (web3, pool, (i, j), amount)
            came = received(judges, coin, lambda s=swap: curve.swap(*s, sender=who))
            assert came == paid
        elif move == "add":
            amounts = [rng.randint(0, b) for b in model.balances]
            model, _ = stable_swap_liquidity.add_liquidity(model, amounts)
            curve.add_liquidity(web3, pool, amounts, sender=who)
        elif move == "remove":
            shares = model.supply // rng.randint(5, 50)
            model, _ = stable_swap_liquidity.remove_liquidity(model, shares)
            take = pool.get_function_by_signature(
                "remove_liquidity(uint256,uint256[4])"
            )
            send(web3, take(shares, [0] * 4), who)
        else:
            shares = model.supply // rng.randint(5, 50)
            model, _ = stable_swap_liquidity.remove_liquidity_one_coin(model, shares, i)
            take = pool.get_function_by_signature(
                "remove_liquidity_one_coin(uint256,int128,uint256)"
            )
            send(web3, take(shares, i, 0), who)
        assert model_of(judges, CURVE, pool) == model, move


def test_curve__invariant_that_never_settles__model_and_chain_refuse_alike(judges):
    with pytest.raises(NotConverged, match="after 255 steps"):
        stable_swap.amount_out(STUCK, 10**6, 0, 1)
    dy = "get_dy(int128,int128,uint256)"
    assert ask_curve(judges, STUCK, dy, 0, 1, 10**6) is None
    nudged = replace(STUCK, balances=(21763376217, *STUCK.balances[1:]))
    expected = stable_swap.amount_out(nudged, 10**6, 0, 1)
    assert ask_curve(judges, nudged, dy, 0, 1, 10**6) == expected > 0


def test_read_pool__rate_has_expired__next_swap_uses_the_new_one(judges):
    pool = judges.stable[RATES_POOL]
    coin = next(
        c
        for c in pool.coins
        if call(pool.contract.functions.getTokenRate(c.address)) == 12 * WAD // 10
    )
    providers = call(pool.contract.functions.getRateProviders())
    listed, *_ = call(judges.balancer.vault.functions.getPoolTokens(pool.pool_id))
    provider = contract_at(
        judges.web3,
        own_artifact("SettableRate"),
        providers[listed.index(coin.address)],
    )
    send(judges.web3, provider.functions.set(13 * WAD // 10), judges.who)
    clock.time_travel(judges.web3, 1)

    reading = read_pool(judges.web3, STABLE, pool.pool_id)
    place = reading.tokens.index(coin.address)
    other = (place + 1) % 3
    expected, _ = balancer_stable.swap_exact_in(reading.pool, 10**8, place, other)

    assert reading.pool.scaling[place] * 12 == reading.valued.scaling[place] * 13
    rate = balancer_stable_liquidity.rate_wad(reading.valued)
    assert rate == call(pool.contract.functions.getRate())
    curve, record = NAMES[type(reading.pool)], state_to_json(reading.pool)
    assert state_from_json(curve, record, "pool") == reading.pool
    pair = (coin, pool.coins[other])
    balancer_v2.swap(judges.web3, judges.balancer, pool, pair, 10**8, sender=judges.who)
    assert model_of(judges, STABLE, pool) == expected


def test_read_pool__another_contract_or_none__raises(judges):
    strangers = (
        (CURVE, judges.who),
        (CURVE, judges.tokens[0].address),
        (CURVE, judges.weighted[0].pool_id),
        (STABLE, judges.weighted[0].pool_id),
        (WEIGHTED, judges.stable[0].pool_id),
        ("uniswap-v9", judges.curve.address),
        (CURVE, "0x12"),
    )
    for protocol, market in strangers:
        with pytest.raises(PoolUnreadable, match=f"{market} is no {protocol} pool"):
            read_pool(judges.web3, protocol, market)


def test_read_pool__curve_pool_with_rates_of_its_own__raises(judges):
    # what a lending coin's rate would be: a tenth more than its decimals say
    slot, rate = f"0x{15:064x}", f"0x{11 * 10**29:064x}"
    judges.web3.provider.make_request(
        "anvil_setStorageAt", [judges.curve.address, slot, rate]
    )

    with pytest.raises(PoolUnreadable, match="virtual price is 1024"):
        read_pool(judges.web3, CURVE, judges.curve.address)


def test_read_pool__curve_pool_that_is_stuck__is_read_and_refuses(judges):
    stuck = curve_slots(STUCK)
    for slot, value in stuck.items():
        words = [f"0x{slot:064x}", f"0x{value:064x}"]
        judges.web3.provider.make_request(
            "anvil_setStorageAt", [judges.curve.address, *words]
        )

    assert model_of(judges, CURVE, judges.curve) == STUCK


def test_read_pool__earlier_block__is_the_pool_of_then(judges):
    before = read_pool(judges.web3, CURVE, judges.curve.address)
    curve.swap(judges.web3, judges.curve, (0, 1), 10**6, sender=judges.who)

    again = read_pool(
        judges.web3, CURVE, judges.curve.address, block=before.block_number
    )

    assert again == before
    assert model_of(judges, CURVE, judges.curve) != before.pool


@pytest.mark.slow
def test_read_pool__on_ganache__reads_as_on_anvil():
    with local_node("ganache") as node:
        web3, who = node.web3, node.accounts[0]
        coins = []
        for decimals in (6, 18, 8, 18):
            coins.append(tokens.deploy_token(web3, "T", decimals, sender=who))
            tokens.give(web3, coins[-1], who, 10**21, sender=who)
        factory = curve.deploy_curve(web3, sender=who)
        amounts = (10**9, 10**20, 10**11, 10**21)
        pool = curve.create_pool(web3, factory, coins, amounts, sender=who)

        reading = read_pool(web3, CURVE, pool.address)

        assert reading.tokens == tuple(coin.address for coin in coins)
        assert reading.chain_id == node.chain_id
        assert reading.pool.balances == amounts
        price = stable_swap.virtual_price_wad(reading.pool)
        assert price == call(pool.functions.get_virtual_price()) == WAD


# The adapters, each with this account as its vault, against their twins.


def supplied(judges: Judges, name: str, market: str, model: PoolModel, coins):
    """An adapter that holds a tenth more of the pool's own balances."""
    adapter = deploy(judges.web3, own_artifact(name), judges.who, sender=judges.who)
    amounts = [balance // 10 for balance in model.balances]
    for coin, amount in zip(coins, amounts, strict=True):
        transfer = coin.functions.transfer(adapter.address, amount)
        send(judges.web3, transfer, judges.who)
    supply = adapter.functions.supply(market_id(market), 0, 0, amounts)
    send(judges.web3, supply, judges.who)
    return adapter


@pytest.mark.parametrize(
    ("name", "protocol", "twin"),
    [
        ("BalancerV2WeightedAdapter", WEIGHTED, fair_pools.weighted_amounts),
        ("BalancerV2StableAdapter", STABLE, fair_pools.balancer_stable_amounts),
        ("CurveAdapter", CURVE, fair_pools.curve_amounts),
    ],
)
def test_amounts__adapter_in_a_pool_that_trades__twin_is_equal(
    judges, name, protocol, twin
):
    pools = {
        WEIGHTED: judges.weighted[3],
        STABLE: judges.stable[RATES_POOL],
        CURVE: judges.curve,
    }
    pool = pools[protocol]
    is_curve = protocol == CURVE
    market = pool.address if is_curve else pool.pool_id
    coins = judges.tokens[:4] if is_curve else pool.coins
    model, rng = model_of(judges, protocol, pool), random.Random(4)
    adapter = supplied(judges, name, market, model, coins)
    units = call(adapter.functions.units(market_id(market)))
    deviation_of = (
        fair_pools.weighted_deviation_wad_up
        if protocol == WEIGHTED
        else fair_pools.stable_deviation_wad_up
    )

    for _ in range(12):
        i, j = random_pair(rng, len(coins))
        if is_curve:
            amount = rng.randint(1, model.balances[i] // 2)
            curve.swap(judges.web3, pool, (i, j), amount, sender=judges.who)
        else:
            amount = rng.randint(1, model.balances[i] // 5)
            pair = (coins[i], coins[j])
            balancer_v2.swap(
                judges.web3, judges.balancer, pool, pair, amount, sender=judges.who
            )
        model = read_pool(judges.web3, protocol, market).valued
        scaling = model.rates if is_curve else model.scaling
        prices = prices_case(rng, scaling, 0.02)
        asked = (market_id(market), prices)

        assert twin(model, units, prices) == tuple(
            call(adapter.functions.amounts(*asked))
        )
        assert deviation_of(model, prices) == call(
            adapter.functions.deviationWad(*asked)
        )


def test_amounts__nothing_held__twin_says_nothing():
    pool = stable_swap.StableSwap(
        balances=(1, 1), rates=(WAD, WAD), amplification=100, fee_e10=0
    )

    assert fair_pools.curve_amounts(pool, 0, [WAD, WAD]) == (0, 0)
