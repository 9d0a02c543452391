# SPDX-License-Identifier: MIT
"""Positions minted, traded through and burned in real pools, against the formulas.

Amounts are equal to the wei in exact integers; values agree in floats to 1e-9.
"""

import random

import pytest
from models import v2_model
from support import World, events
from web3.contract import Contract

from steelyard.amm import constant_product
from steelyard.amm.holding import RangeHolding, amounts, loss_against_holding, value
from steelyard.amm.position import (
    fee_growth_inside_x128,
    fees_owed,
    liquidity_for_amounts,
    range_amounts_down,
    range_amounts_up,
)
from steelyard.amm.tick_math import (
    Q96,
    get_sqrt_ratio_at_tick,
)
from steelyard.chain.transactions import call, send
from steelyard.demo import tokens, uniswap_v2, uniswap_v3

NEVER = 2**64 - 1
UINT128_MAX = 2**128 - 1
RELATIVE = 1e-9
DOLLARS = 10**8  # of the price feeds
CASES = 15


def sides(world: World, pool: Contract) -> tuple[Contract, Contract]:
    """Contracts of token 0 and token 1."""
    by_address = {token.address: token for token in world.market.tokens.values()}
    return (
        by_address[call(pool.functions.token0())],
        by_address[call(pool.functions.token1())],
    )


def raw(world: World, token: Contract, dollars: float) -> int:
    spec = next(
        s
        for s in world.market.spec.tokens
        if world.market.tokens[s.symbol].address == token.address
    )
    return int(dollars * DOLLARS * 10**spec.decimals / spec.price_e8)


def balances(who: str, pair: tuple[Contract, Contract]) -> tuple[int, int]:
    return tokens.balance_of(pair[0], who), tokens.balance_of(pair[1], who)


def check_value(holding: RangeHolding, price: float, paid: tuple[int, int]) -> None:
    """The float model pays the amounts that came, a few wei of rounding apart."""
    at = [price, 1.0]
    worth = paid[0] * price + paid[1]
    assert float(value(holding, at)) == pytest.approx(
        worth, rel=RELATIVE, abs=4 * (price + 1)
    )
    for modelled, found in zip(amounts(holding, at), paid, strict=True):
        assert float(modelled) == pytest.approx(found, rel=1e-7, abs=4)


@pytest.mark.parametrize("seed", range(CASES))
def test_v2_position__minted_traded_and_burned__pays_what_the_models_say(
    world: World, seed: int
) -> None:
    rng = random.Random(seed)
    web3, market = world.web3, world.market
    pair = market.pairs[seed % 2].contract
    both = sides(world, pair)
    whale = world.whale
    for token in (*both, pair):
        tokens.approve(web3, token, market.v2.router.address, sender=whale)
    offered = tuple(raw(world, t, 10 ** rng.uniform(2, 7)) for t in both)
    before = supplied(pair)
    taken = constant_product.amounts_to_add(before, *offered)
    _, expected = constant_product.mint(before, *taken)

    had = balances(whale, both)
    uniswap_v2.add_liquidity(web3, market.v2, both, offered, sender=whale)
    left = balances(whale, both)

    liquidity = tokens.balance_of(pair, whale)
    assert (had[0] - left[0], had[1] - left[1]) == taken
    assert liquidity == expected

    for _ in range(rng.randint(1, 4)):
        path = both if rng.random() < 0.5 else both[::-1]
        amount = raw(world, path[0], 10 ** rng.uniform(3, 7))
        uniswap_v2.swap_exact_in(web3, market.v2, path, amount, sender=whale)
    after = supplied(pair)
    _, *paid = constant_product.burn(after, liquidity)
    had = balances(whale, both)
    remove = market.v2.router.functions.removeLiquidity
    send(
        web3,
        remove(both[0].address, both[1].address, liquidity, 0, 0, whale, NEVER),
        whale,
    )
    got = tuple(a - b for a, b in zip(balances(whale, both), had, strict=True))

    assert got == tuple(paid)
    # a share of the pool is a full range with that share of sqrt(k)
    root_k = (after.reserve0 * after.reserve1) ** 0.5
    holding = RangeHolding(liquidity=root_k * liquidity / after.total_supply)
    check_value(holding, after.reserve1 / after.reserve0, got)


@pytest.mark.parametrize("seed", range(CASES))
def test_v3_position__minted_traded_and_burned__pays_what_the_models_say(
    world: World, seed: int
) -> None:
    rng = random.Random(seed)
    web3, v3 = world.web3, world.market.v3
    pool = world.market.pools[0].contract
    both = sides(world, pool)
    whale = world.whale
    for spender in (v3.positions.address, v3.router.address):
        for token in both:
            tokens.approve(web3, token, spender, sender=whale)
    root, tick = uniswap_v3.slot0(pool)
    ticks = ends_near(rng, tick)
    low, high = (get_sqrt_ratio_at_tick(t) for t in ticks)
    offered = tuple(raw(world, t, 10 ** rng.uniform(3, 6)) for t in both)
    expected = liquidity_for_amounts(root, low, high, *offered)

    had = balances(whale, both)
    fee = call(pool.functions.fee())
    terms = (both[0].address, both[1].address, fee, *ticks, *offered, 0, 0)
    receipt = send(web3, v3.positions.functions.mint((*terms, whale, NEVER)), whale)
    minted = events(receipt, v3.positions, "IncreaseLiquidity")[0]
    left = balances(whale, both)

    liquidity, identity = minted["liquidity"], minted["tokenId"]
    assert liquidity == expected
    took = (had[0] - left[0], had[1] - left[1])
    assert took == range_amounts_up(liquidity, root, low, high)

    opened = price_of(root)
    for _ in range(rng.randint(1, 4)):
        path = both if rng.random() < 0.5 else both[::-1]
        amount = raw(world, path[0], 10 ** rng.uniform(4, 6.7))
        uniswap_v3.swap_exact_in(web3, v3, *path, fee, amount, sender=whale)
    root, tick = uniswap_v3.slot0(pool)
    principal = range_amounts_down(liquidity, root, low, high)
    fees = owed(pool, v3, tick, ticks, liquidity)
    got = withdraw_all(world, identity, liquidity)

    assert got == (principal[0] + fees[0], principal[1] + fees[1])
    holding = RangeHolding(
        liquidity=float(liquidity), lower=price_of(low), upper=price_of(high)
    )
    check_value(holding, price_of(root), principal)
    # impermanent loss of what was put in and what came out, fees apart
    price = price_of(root)
    lost = (principal[0] * price + principal[1]) / (took[0] * price + took[1]) - 1
    modelled = float(loss_against_holding(holding, [opened, 1.0], [price, 1.0]))
    assert modelled == pytest.approx(lost, abs=RELATIVE)
    assert lost <= RELATIVE


def supplied(pair: Contract) -> constant_product.ConstantProduct:
    model = v2_model(pair)
    return constant_product.ConstantProduct(
        reserve0=model.reserve0,
        reserve1=model.reserve1,
        total_supply=call(pair.functions.totalSupply()),
    )


def ends_near(rng: random.Random, tick: int) -> tuple[int, int]:
    """A range of any width, below, around or above the tick, on the spacing of 60."""
    lower = (tick + rng.randint(-6000, 2000)) // 60 * 60
    upper = lower + rng.randint(1, 120) * 60
    if rng.random() < 0.15:
        return -887220, 887220
    return lower, upper


def price_of(sqrt_price_x96: int) -> float:
    return (sqrt_price_x96 / Q96) ** 2


def owed(
    pool: Contract,
    v3: uniswap_v3.UniswapV3,
    tick: int,
    ticks: tuple[int, int],
    liquidity: int,
) -> tuple[int, int]:
    """Fees since a mint that found its ticks as they are: all of the growth inside."""
    lower, upper = (call(pool.functions.ticks(t)) for t in ticks)
    count = call(v3.positions.functions.totalSupply())
    identity = call(v3.positions.functions.tokenByIndex(count - 1))
    position = call(v3.positions.functions.positions(identity))
    paid = []
    for side, name in ((0, "feeGrowthGlobal0X128"), (1, "feeGrowthGlobal1X128")):
        inside = fee_growth_inside_x128(
            tick=tick,
            tick_lower=ticks[0],
            tick_upper=ticks[1],
            global_x128=call(pool.functions[name]()),
            outside_lower_x128=lower[2 + side],
            outside_upper_x128=upper[2 + side],
        )
        paid.append(fees_owed(liquidity, inside, position[8 + side]))
    return paid[0], paid[1]


def withdraw_all(world: World, identity: int, liquidity: int) -> tuple[int, int]:
    """Burns the liquidity and collects; what the whale received."""
    web3, positions = world.web3, world.market.v3.positions.functions
    both = sides(world, world.market.pools[0].contract)
    had = balances(world.whale, both)
    send(
        web3,
        positions.decreaseLiquidity((identity, liquidity, 0, 0, NEVER)),
        world.whale,
    )
    send(
        web3,
        positions.collect((identity, world.whale, UINT128_MAX, UINT128_MAX)),
        world.whale,
    )
    got = balances(world.whale, both)
    return got[0] - had[0], got[1] - had[1]
