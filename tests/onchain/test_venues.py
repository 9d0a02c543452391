# SPDX-License-Identifier: MIT
"""Swaps in the real pools: Python predicts them to the wei."""

import pytest
from models import is_zero_for_one, model, v3_model
from support import (
    BTC,
    BTC_POOL,
    ETH,
    USDC,
    V2_POOL,
    V3,
    V3_POOL,
    World,
    order_events,
    rebalance,
    reverts,
    set_price,
    swap,
)
from web3.contract import Contract

from steelyard.chain.config_args import market_hex
from steelyard.chain.transactions import call, send
from steelyard.demo import tokens, uniswap_v3
from steelyard.plan.pools import deviation_wad_up
from steelyard.plan.pools import swap as predicted_swap


@pytest.mark.parametrize(
    ("pool", "symbols", "amount"),
    [
        (V2_POOL, ["USDC", "ETH"], 12_345_678_901),
        (V3_POOL, ["USDC", "ETH"], 12_345_678_901),
        (BTC_POOL, ["USDC", "BTC"], 12_345_678_901),
        (V2_POOL, ["ETH", "USDC"], 1_234_567_890_123_456_789),
        (V3_POOL, ["ETH", "USDC"], 1_234_567_890_123_456_789),
        (BTC_POOL, ["BTC", "USDC"], 12_345_678),
    ],
)
def test_swap__in_an_order__predicted_to_the_wei(world, pool, symbols, amount):
    sold = world.token(symbols[0])
    tokens.give(world.web3, sold, world.vault.address, amount, sender=world.curator)
    _, expected = predicted_swap(
        model(world, pool), amount, is_zero_for_one(world, symbols)
    )
    item = swap(world, pool, *symbols, amount, expected)

    receipt = rebalance(world, swaps=[item])

    (event,) = order_events(world, receipt, "Swapped")
    dollars = {"USDC": 1, "ETH": 2_000, "BTC": 40_000}
    units = {"USDC": USDC, "ETH": ETH, "BTC": BTC}
    (unit_in, unit_out) = (units[symbol] for symbol in symbols)
    (price_in, price_out) = (dollars[symbol] for symbol in symbols)
    assert event["venue"] == item.venue
    assert event["pool"].hex() == item.pool[2:]
    assert (event["tokenIn"], event["tokenOut"]) == (item.token_in, item.token_out)
    assert event["amountIn"] == amount
    assert event["amountOut"] == expected
    at_oracle = amount * price_in * unit_out // (price_out * unit_in)
    assert event["oracleAmountOut"] == at_oracle > expected


def test_swap__two_in_one_pool__predicted_one_after_the_other(world):
    curve, amount = model(world, V3_POOL), 5_000 * USDC
    forward = is_zero_for_one(world, ["USDC", "ETH"])
    curve, first = predicted_swap(curve, amount, forward)
    curve, second = predicted_swap(curve, amount, forward)
    _, back = predicted_swap(curve, first, not forward)

    receipt = rebalance(
        world,
        swaps=[
            swap(world, V3_POOL, "USDC", "ETH", amount),
            swap(world, V3_POOL, "USDC", "ETH", amount),
            swap(world, V3_POOL, "ETH", "USDC", first),
        ],
    )

    outs = [e["amountOut"] for e in order_events(world, receipt, "Swapped")]
    assert outs == [first, second, back]


def thin_pool(world: World) -> Contract:
    """A V3 pool whose only liquidity lies within 2 % of the price."""
    maker = world.market.actors.maker
    return uniswap_v3.create_pool(
        world.web3,
        world.market.v3,
        (world.asset, world.token("ETH")),
        10_000,
        (2_000 * USDC, ETH),
        [
            uniswap_v3.Liquidity(
                half_width_ticks=200, amount_a=2_000 * USDC, amount_b=ETH
            )
        ],
        sender=maker,
    )


def test_swap__v3_pool_runs_dry__refused(world):
    pool = thin_pool(world)
    venue = world.system.venues["uniswap-v3"]
    amount = 10_000 * USDC
    tokens.give(world.web3, world.asset, venue.address, amount, sender=world.curator)

    with reverts("PartialSwap", amountIn=amount):
        call(
            venue.functions.swap(
                market_hex(pool.address),
                world.asset.address,
                world.token("ETH").address,
                amount,
            ),
            sender=world.relayer,
        )


@pytest.mark.parametrize("protocol", ["uniswap-v2", "uniswap-v3"])
def test_swap__other_tokens_than_the_pools__refused(world, protocol):
    venue = world.system.venues[protocol]
    (pool, *_) = [p for p in world.system.spec.pools if p.protocol == protocol]
    pair = world.asset.address, world.token("BTC").address

    with reverts("TokenPairMismatch", tokenIn=pair[0], tokenOut=pair[1]):
        call(venue.functions.swap(market_hex(pool.pool), *pair, 1))


def test_swap_callback__not_awaited__refused(world):
    venue = world.system.venues["uniswap-v3"]
    data = bytes.fromhex(world.asset.address[2:]).rjust(32, b"\0")

    with reverts("CallbackNotExpected", caller=world.bob):
        callback = venue.functions.uniswapV3SwapCallback(1, -1, data)
        send(world.web3, callback, world.bob)


@pytest.mark.parametrize("pool", [V2_POOL, V3_POOL], ids=["v2", "v3"])
def test_deviation__as_the_keeper_computes_it(world, pool):
    set_price(world, "ETH", 2_030)
    prices = {"USDC": 10**36, "ETH": 2_030 * 10**24}
    symbols = sorted(prices, key=lambda s: int(world.token(s).address, 16))
    expected = deviation_wad_up(model(world, pool), *(prices[s] for s in symbols))
    item = world.system.spec.pools[pool]
    view = world.system.venues[item.protocol].functions

    for pair in (symbols, symbols[::-1]):
        deviation = call(
            view.deviationWad(
                market_hex(item.pool),
                *(world.token(symbol).address for symbol in pair),
                *(prices[symbol] for symbol in pair),
            )
        )

        assert deviation == expected
    assert expected == pytest.approx(0.015e18, rel=0.01)


def test_venues__name_their_protocol_and_tokens(world):
    for item in world.system.spec.pools:
        venue = world.system.venues[item.protocol]

        listed = call(venue.functions.tokens(market_hex(item.pool)))

        assert call(venue.functions.protocol()) == item.protocol
        assert list(listed) == sorted(listed, key=lambda token: int(token, 16))
        assert world.asset.address in listed


def test_uniswap_v3__lens__reads_what_the_pool_says(world):
    pool = world.market.pools[0].contract

    curve = v3_model(world, pool)

    assert market_hex(pool.address) == world.market_hex(V3)
    assert (curve.sqrt_price_x96, curve.tick) == uniswap_v3.slot0(pool)
    assert curve.liquidity == call(pool.functions.liquidity())
    assert sum(net for _, net in curve.ticks) == 0, "every range is opened and closed"
    for tick, net in curve.ticks:
        assert call(pool.functions.ticks(tick))[1] == net
