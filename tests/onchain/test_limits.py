# SPDX-License-Identifier: MIT
"""Every limit that the vault holds an order to, each with the numbers it reports."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from support import (
    AAVE,
    BTC_POOL,
    ETH,
    SAVINGS,
    USDC,
    V2,
    V2_POOL,
    V3,
    V3_POOL,
    ZERO_HASH,
    World,
    book,
    buy_eth,
    invest,
    position_target,
    rebalance,
    reconfigure,
    reverts,
    supply,
    swap,
    token_target,
    units_of,
    v3_ticks,
    with_limits,
    with_position,
    with_tag,
    with_token,
    withdraw,
)
from worlds import is_first

from steelyard.chain.spec import VaultSpec
from steelyard.chain.transactions import call
from steelyard.demo import tokens, traders
from steelyard.order import UINT_MAX, Target
from steelyard.state import Cap
from steelyard.wad import WAD

NAV = 100_000 * USDC
Parts = dict[str, Any]


def assets(usdc: int) -> Cap:
    return Cap(assets=usdc * USDC, wad=WAD)


def share(percent: int) -> Cap:
    return Cap(assets=UINT_MAX, wad=WAD * percent // 100)


def lend(world: World, aave: int, savings: int) -> Parts:
    return {
        "supplies": [
            supply(world, AAVE, {"USDC": aave * USDC}),
            supply(world, SAVINGS, {"USDC": savings * USDC}),
        ]
    }


def save(world: World, usdc: int) -> Parts:
    """A supply that is worth what it cost to the unit: Aave's may be one unit less."""
    return {"supplies": [supply(world, SAVINGS, {"USDC": usdc * USDC})]}


def buy(world: World, usdc: int, pool: int = V2_POOL) -> Parts:
    return {"swaps": [swap(world, pool, "USDC", "ETH", usdc * USDC)]}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A limit, an order that breaks it, and the error with some of its numbers."""

    name: str
    order: Callable[[World], Parts]
    error: str
    numbers: Callable[[World], dict[str, Any]] = lambda _: {}
    spec: Callable[[VaultSpec], VaultSpec] = lambda spec: spec
    before: tuple[Callable[[World], object], ...] = field(default=())


def eth(world: World) -> str:
    return world.token("ETH").address


def skew_pair(world: World) -> None:
    """A whale buys 6 % of the pair's ETH, which moves its price by 13 %."""
    pair = world.market.pairs[0]
    traders.swap(world.web3, world.market, pair, "USDC", "ETH", 640_000 * USDC)


def skew_pool(world: World) -> None:
    """A whale sells ETH until the pool's price is more than 2 % too low."""
    pool = world.market.pools[0]
    traders.swap(world.web3, world.market, pool, "ETH", "USDC", 1_000 * ETH)


def supply_v2(world: World) -> Parts:
    return {"supplies": [supply(world, V2, {"USDC": 2_000 * USDC, "ETH": ETH})]}


def supply_v3(world: World) -> Parts:
    amounts = {"USDC": 2_000 * USDC, "ETH": ETH}
    return {"supplies": [supply(world, V3, amounts, ticks=v3_ticks(world, 3000))]}


def narrow(world: World) -> tuple[int, int]:
    """Three tick spacings: 0.9 % to each side of their middle."""
    lower, _ = v3_ticks(world, 60)
    return lower, lower + 180


def market(position: int) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pool": world.market_hex(position)}


def missed(
    position: int, weight_wad: int, low_wad: int, high_wad: int
) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "item": world.adapter(position).address,
        "market": world.market_hex(position),
        "weightWad": weight_wad,
        "minWad": low_wad,
        "maxWad": high_wad,
    }


CASES = [
    Case(
        name="token cap, absolute",
        spec=lambda spec: with_token(spec, "ETH", cap=assets(10_000)),
        order=lambda world: buy(world, 20_000),
        error="TokenCapExceeded",
        numbers=lambda world: {"token": eth(world), "capAssets": 10_000 * USDC},
    ),
    Case(
        name="token cap, relative",
        spec=lambda spec: with_token(spec, "ETH", cap=share(10)),
        order=lambda world: buy(world, 20_000),
        error="TokenCapExceeded",
        numbers=lambda world: {"token": eth(world)},
    ),
    Case(
        name="token cap of the asset itself",
        spec=lambda spec: with_token(spec, "USDC", cap=share(50)),
        before=(buy_eth,),
        order=lambda world: {"swaps": [swap(world, V2_POOL, "ETH", "USDC", ETH)]},
        error="TokenCapExceeded",
        numbers=lambda world: {"token": world.asset.address},
    ),
    Case(
        name="token cap, token inside a position",
        spec=lambda spec: with_token(spec, "ETH", cap=assets(4_000)),
        order=lambda world: {**buy(world, 6_000), **supply_v2(world)},
        error="TokenCapExceeded",
        numbers=lambda world: {"token": eth(world), "capAssets": 4_000 * USDC},
    ),
    Case(
        name="position cap, absolute",
        spec=lambda spec: with_position(spec, SAVINGS, cap=assets(10_000)),
        order=lambda world: save(world, 10_001),
        error="PositionCapExceeded",
        numbers=lambda world: {
            "adapter": world.adapter(SAVINGS).address,
            "market": world.market_hex(SAVINGS),
            "assets": 10_001 * USDC,
            "capAssets": 10_000 * USDC,
        },
    ),
    Case(
        name="position cap, relative",
        spec=lambda spec: with_position(spec, SAVINGS, cap=share(20)),
        order=lambda world: save(world, 20_001),
        error="PositionCapExceeded",
        numbers=lambda world: {
            "adapter": world.adapter(SAVINGS).address,
            "assets": 20_001 * USDC,
            "capAssets": NAV // 5,
        },
    ),
    Case(
        name="tag cap, absolute, two positions",
        spec=lambda spec: with_tag(spec, "lending", cap=assets(10_000)),
        order=lambda world: lend(world, 6_000, 6_000),
        error="TagCapExceeded",
        numbers=lambda _: {
            "tag": b"lending".ljust(32, b"\0"),
            "capAssets": 10_000 * USDC,
        },
    ),
    Case(
        name="tag cap, relative",
        spec=lambda spec: with_tag(spec, "lending", cap=share(11)),
        order=lambda world: save(world, 12_000),
        error="TagCapExceeded",
        numbers=lambda _: {
            "assets": 12_000 * USDC,
            "capAssets": NAV * 11 // 100,
        },
    ),
    Case(
        name="tag cap, two tokens",
        spec=lambda spec: with_tag(spec, "volatile", cap=assets(15_000)),
        order=lambda world: {
            "swaps": [
                swap(world, V2_POOL, "USDC", "ETH", 10_000 * USDC),
                swap(world, BTC_POOL, "USDC", "BTC", 10_000 * USDC),
            ]
        },
        error="TagCapExceeded",
        numbers=lambda _: {"tag": b"volatile".ljust(32, b"\0")},
    ),
    Case(
        name="idle buffer",
        spec=lambda spec: with_limits(spec, idle_wad=WAD // 2),
        order=lambda world: lend(world, 30_000, 30_000),
        error="IdleBelowBuffer",
        numbers=lambda _: {
            "idleAssets": 40_000 * USDC,
            "bufferAssets": 50_000 * USDC,
        },
    ),
    Case(
        name="swap price against the oracle",
        spec=lambda spec: with_token(
            with_token(spec, "ETH", slippage_wad=WAD // 1000),
            "USDC",
            slippage_wad=WAD // 1000,
        ),
        order=lambda world: buy(world, 10_000),
        error="SwapBelowOracle",
        numbers=lambda world: {
            "tokenIn": world.asset.address,
            "tokenOut": eth(world),
            "minAssets": 9_990 * USDC,
        },
    ),
    Case(
        name="swap in a skewed v2 pair",
        before=(skew_pair,),
        order=lambda world: {"swaps": [swap(world, V2_POOL, "USDC", "ETH", USDC)]},
        error="PoolDeviation",
        numbers=lambda world: {
            "pool": world.market_hex(V2),
            "maxDeviationWad": WAD // 50,
        },
    ),
    Case(
        name="swap in a skewed v3 pool",
        before=(skew_pool,),
        order=lambda world: buy(world, 100, V3_POOL),
        error="PoolDeviation",
        numbers=market(V3),
    ),
    Case(
        name="swap that skews the pool itself",
        spec=lambda spec: with_token(
            with_token(spec, "ETH", deviation_wad=WAD // 500),
            "USDC",
            deviation_wad=WAD // 500,
        ),
        order=lambda world: buy(world, 30_000),
        error="PoolDeviation",
        numbers=lambda world: {
            "pool": world.market_hex(V2),
            "maxDeviationWad": WAD // 500,
        },
    ),
    Case(
        name="supply to a skewed v2 pair",
        before=(buy_eth, skew_pair),
        order=supply_v2,
        error="PoolDeviation",
        numbers=market(V2),
    ),
    Case(
        name="supply to a skewed v3 pool",
        before=(buy_eth, skew_pool),
        order=supply_v3,
        error="PoolDeviation",
        numbers=market(V3),
    ),
    Case(
        name="withdrawal from a skewed v2 pair",
        before=(invest, skew_pair),
        order=lambda world: {"withdraws": [withdraw(world, V2)]},
        error="PoolDeviation",
        numbers=market(V2),
    ),
    Case(
        name="range that the doubt in its price can cross",
        before=(buy_eth,),
        order=lambda world: {
            "supplies": [
                supply(
                    world, V3, {"USDC": USDC, "ETH": ETH // 2_000}, ticks=narrow(world)
                )
            ]
        },
        error="RangeTooNarrow",
        numbers=lambda world: {
            "tickLower": narrow(world)[0],
            "tickUpper": narrow(world)[1],
            # four times 0.005 of ETH over USDC, or its inverse: 1 / 0.995 - 1
            "leastHalfWidthWad": 4 * WAD // 200
            if is_first(world, "ETH")
            else 4 * (-(-WAD * 200 // 199) - WAD),
        },
    ),
    Case(
        name="share price floor before",
        order=lambda _: {"share_price_floor_before": WAD + 1},
        error="SharePriceBelowFloor",
        numbers=lambda _: {"sharePriceWad": WAD, "floorWad": WAD + 1},
    ),
    Case(
        name="share price ceiling before",
        order=lambda _: {"share_price_ceil_before": WAD - 1},
        error="SharePriceAboveCeil",
        numbers=lambda _: {"sharePriceWad": WAD, "ceilWad": WAD - 1},
    ),
    Case(
        name="share price floor after",
        order=lambda world: {
            **buy(world, 10_000),
            "share_price_floor_before": WAD,
            "share_price_floor_after": WAD - WAD // 10_000,
        },
        error="SharePriceFallsBelowFloor",
        numbers=lambda _: {"floorWad": WAD - WAD // 10_000},
    ),
    Case(
        name="position target missed low",
        order=lambda world: {
            **save(world, 19_999),
            "targets": (position_target(world, SAVINGS, WAD // 5, WAD),),
        },
        error="TargetMissed",
        numbers=missed(SAVINGS, 19_999 * WAD // 100_000, WAD // 5, WAD),
    ),
    Case(
        name="position target missed high",
        order=lambda world: {
            **save(world, 20_001),
            "targets": (position_target(world, SAVINGS, 0, WAD // 5),),
        },
        error="TargetMissed",
        numbers=missed(SAVINGS, 20_001 * WAD // 100_000, 0, WAD // 5),
    ),
    Case(
        name="token target missed low",
        order=lambda world: {
            **save(world, 50_001),
            "targets": (token_target(world, "USDC", WAD // 2, WAD),),
        },
        error="TargetMissed",
        numbers=lambda world: {
            "item": world.asset.address,
            "market": ZERO_HASH,
            "weightWad": 49_999 * WAD // 100_000,
        },
    ),
    Case(
        name="token target missed high",
        order=lambda world: {"targets": (token_target(world, "USDC", 0, WAD - 1),)},
        error="TargetMissed",
        numbers=lambda world: {"item": world.asset.address, "weightWad": WAD},
    ),
    Case(
        name="target of an unlisted token",
        order=lambda world: {
            "targets": (
                Target(
                    item=world.market.weth.address,
                    market=ZERO_HASH,
                    min_weight_wad=0,
                    max_weight_wad=WAD,
                ),
            )
        },
        error="TokenNotListed",
        numbers=lambda world: {"token": world.market.weth.address},
    ),
    Case(
        name="target of an unlisted position",
        order=lambda world: {
            "targets": (replace(position_target(world, V2), item=eth(world)),)
        },
        error="PositionNotListed",
        numbers=lambda world: {"adapter": eth(world), "market": world.market_hex(V2)},
    ),
    Case(
        name="least output of a swap",
        order=lambda world: {
            "swaps": [
                swap(world, V2_POOL, "USDC", "ETH", 2_000 * USDC),
                swap(world, V2_POOL, "USDC", "ETH", 2_000 * USDC, ETH),
            ]
        },
        error="InsufficientOutput",
        numbers=lambda _: {"action": 1, "token": 0, "minAmount": ETH},
    ),
    Case(
        name="least output of a withdrawal",
        before=(invest,),
        order=lambda world: {
            "withdraws": [
                withdraw(world, AAVE),
                withdraw(world, V2, min_amounts={"USDC": 5 * USDC, "ETH": 4 * ETH}),
            ]
        },
        error="InsufficientOutput",
        numbers=lambda _: {"action": 1, "minAmount": 4 * ETH},
    ),
    Case(
        name="least units of a supply",
        order=lambda world: {
            "supplies": [supply(world, SAVINGS, {"USDC": USDC}, min_units=UINT_MAX)]
        },
        error="InsufficientOutput",
        numbers=lambda _: {
            "action": 0,
            "token": 0,
            "amount": USDC,
            "minAmount": UINT_MAX,
        },
    ),
    Case(
        name="unlisted pool",
        order=lambda world: {
            "swaps": [
                replace(swap(world, V2_POOL, "USDC", "ETH", USDC), pool=ZERO_HASH)
            ]
        },
        error="PoolNotListed",
        numbers=lambda world: {
            "venue": world.system.venues["uniswap-v2"].address,
            "pool": ZERO_HASH,
        },
    ),
    Case(
        name="tokens that the pool does not trade",
        order=lambda world: {"swaps": [swap(world, V2_POOL, "USDC", "BTC", USDC)]},
        error="TokenPairMismatch",
        numbers=lambda world: {"tokenOut": world.token("BTC").address},
    ),
    Case(
        name="supply to an unlisted position",
        order=lambda world: {
            "supplies": [replace(supply(world, AAVE, {"USDC": USDC}), market=ZERO_HASH)]
        },
        error="PositionNotListed",
        numbers=lambda world: {
            "adapter": world.adapter(AAVE).address,
            "market": ZERO_HASH,
        },
    ),
    Case(
        name="withdrawal from an unlisted position",
        order=lambda world: {
            "withdraws": [replace(withdraw(world, AAVE), adapter=eth(world))]
        },
        error="PositionNotListed",
        numbers=lambda world: {"adapter": eth(world)},
    ),
    Case(
        name="supply of too many amounts",
        order=lambda world: {
            "supplies": [
                replace(supply(world, AAVE, {"USDC": USDC}), max_amounts=(USDC, 0))
            ]
        },
        error="AmountsLengthMismatch",
        numbers=lambda _: {"length": 2, "expected": 1},
    ),
    Case(
        name="withdrawal with too few least amounts",
        order=lambda world: {
            "withdraws": [replace(withdraw(world, V2), min_amounts=(0,))]
        },
        error="AmountsLengthMismatch",
        numbers=lambda _: {"length": 1, "expected": 2},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rebalance__limit_broken__reverts_with_its_numbers(world, case):
    limited = reconfigure(world, case.spec(world.system.spec))
    for step in case.before:
        step(limited)

    with reverts(case.error, **case.numbers(limited)):
        rebalance(limited, **case.order(limited))


def test_rebalance__exactly_at_each_cap__runs(world):
    spec = with_position(world.system.spec, SAVINGS, cap=assets(10_000))
    spec = with_tag(spec, "lending", cap=share(10))
    spec = with_token(spec, "USDC", cap=assets(100_000))
    limited = reconfigure(world, with_limits(spec, idle_wad=WAD * 90 // 100))

    rebalance(
        limited,
        **save(limited, 10_000),
        targets=(
            position_target(limited, SAVINGS, WAD // 10, WAD // 10),
            token_target(limited, "USDC", WAD * 9 // 10, WAD * 9 // 10),
        ),
        share_price_floor_before=WAD,
        share_price_ceil_before=WAD,
        share_price_floor_after=WAD,
    )

    assert book(limited)["position_assets"][SAVINGS] == 10_000 * USDC
    assert book(limited)["tag_assets"][1] == 10_000 * USDC


def test_rebalance__exposure_over_its_cap__may_fall_but_not_rise(invested):
    spec = with_position(invested.system.spec, SAVINGS, cap=assets(1_000))
    limited = reconfigure(invested, with_tag(spec, "lending", cap=assets(1_000)))

    rebalance(limited)
    rebalance(limited, withdraws=[withdraw(limited, SAVINGS, 2_000 * USDC)])
    held = book(limited)["position_assets"][SAVINGS]
    rise = held // 10**6 + 1  # a millionth more is no rise yet
    with reverts("PositionCapExceeded", assets=held + rise, capAssets=1_000 * USDC):
        rebalance(limited, supplies=[supply(limited, SAVINGS, {"USDC": rise})])

    assert held == 8_000 * USDC


def test_rebalance__pool_position_over_its_cap__pool_may_still_be_swapped_in(invested):
    limited = reconfigure(
        invested, with_position(invested.system.spec, V2, cap=assets(1_000))
    )
    before = book(limited)["position_assets"][V2]

    rebalance(limited, swaps=[swap(limited, V2_POOL, "USDC", "ETH", 1_000 * USDC)])

    assert before > 1_000 * USDC
    assert book(limited)["position_assets"][V2] > before  # the fee of its own share


def test_rebalance__token_over_its_cap__may_be_sold(world):
    buy_eth(world)
    limited = reconfigure(
        world, with_token(world.system.spec, "ETH", cap=assets(1_000))
    )
    before = book(limited)["token_assets"][1]

    rebalance(limited, swaps=[swap(limited, V2_POOL, "ETH", "USDC", ETH)])

    assert 1_000 * USDC < book(limited)["token_assets"][1] < before


def test_rebalance__price_lifts_an_exposure_over_its_cap__order_still_runs(invested):
    held = book(invested)["tag_assets"][2]
    cap = Cap(assets=held - 1, wad=WAD)
    limited = reconfigure(invested, with_tag(invested.system.spec, "volatile", cap=cap))

    receipt = rebalance(limited)

    assert receipt["status"] == 1


def test_rebalance__below_the_buffer_already__may_stay_but_not_sink(invested):
    limited = reconfigure(invested, with_limits(invested.system.spec, idle_wad=WAD))

    rebalance(limited)
    rebalance(limited, withdraws=[withdraw(limited, AAVE, 5_000 * USDC)])
    with reverts("IdleBelowBuffer"):
        rebalance(limited, supplies=[supply(limited, SAVINGS, {"USDC": 1})])


def test_rebalance__slippage_and_deviation__looser_of_the_two_tokens(world):
    strict = WAD // 10_000
    spec = with_token(
        world.system.spec, "ETH", slippage_wad=strict, deviation_wad=strict
    )

    receipt = rebalance(reconfigure(world, spec), **buy(world, 10_000))

    assert receipt["status"] == 1


def test_rebalance__flash_skew_undone_before_the_order__runs(world):
    pair = world.market.pairs[0]
    before = tokens.balance_of(world.token("ETH"), world.whale)
    skew_pair(world)
    bought = tokens.balance_of(world.token("ETH"), world.whale) - before
    traders.swap(world.web3, world.market, pair, "ETH", "USDC", bought)

    receipt = buy_eth(world)

    assert receipt["status"] == 1


def test_rebalance__units_short__nothing_of_the_order_stays(invested):
    held = units_of(invested, SAVINGS)
    with reverts("LiquidityNotHeld", units=held + 1, held=held):
        rebalance(
            invested,
            withdraws=[
                withdraw(invested, AAVE),
                withdraw(invested, SAVINGS, held + 1),
            ],
        )

    assert units_of(invested, SAVINGS) == held
    assert units_of(invested, AAVE) > 0
    assert call(invested.vault.functions.nonce()) == 1
