# SPDX-License-Identifier: MIT
"""Random lives of a Uniswap v3 pool: in the model and on the chain."""

import random
from dataclasses import dataclass, replace
from typing import Any

from eth_abi.abi import decode
from eth_abi.packed import encode_packed
from lives import (
    Act,
    Tried,
    any_amount,
    any_limit,
    any_range,
    attempt,
    differences,
    known_range,
    sqrt_price,
    tick_state,
)
from replay import Stage, Step, function
from web3 import Web3

from steelyard.amm import uniswap_v3 as v3
from steelyard.amm.concentrated import Concentrated
from steelyard.amm.tick_math import (
    MAX_TICK,
    get_tick_at_sqrt_ratio,
)
from steelyard.amm.ticks import max_liquidity_per_tick
from steelyard.amm.uniswap_v3 import V3Pool
from steelyard.wad import UINT128_MAX

KINDS = ((100, 1), (500, 10), (3000, 60), (10000, 200), (0, 7), (999_999, 60))

INITIALIZE = function("initialize", "uint160")
MINT = function("mint", "address", "int24", "int24", "uint128", "bytes")
BURN = function("burn", "int24", "int24", "uint128")
COLLECT = function("collect", "address", "int24", "int24", "uint128", "uint128")
SWAP = function("swap", "address", "bool", "int256", "uint160", "bytes")
SET_FEE = function("setFeeProtocol", "uint8", "uint8")
COLLECT_PROTOCOL = function("collectProtocol", "address", "uint128", "uint128")
TICKS = function("ticks", "int24")
POSITIONS = function("positions", "bytes32")

SLOT0 = ("uint160", "int24", "uint16", "uint16", "uint16", "uint8", "bool")
POSITION = ("uint128", "uint256", "uint256", "uint128", "uint128")
TICK = ("uint128", "int128", "uint256", "uint256")
VIEWS = tuple(
    function(name)()
    for name in (
        "slot0",
        "liquidity",
        "feeGrowthGlobal0X128",
        "feeGrowthGlobal1X128",
        "protocolFees",
    )
)


@dataclass(frozen=True, kw_only=True)
class Where:
    pool: str
    owners: tuple[str, str]


def fresh(rng: random.Random, fee: int, spacing: int) -> V3Pool:
    """A pool with a price and nothing in it; now and then at the end of all prices."""
    tick = rng.choice((rng.randint(-300, 300), rng.randint(-80_000, 80_000)))
    if rng.random() < 0.05:
        tick = rng.choice((-1, 1)) * (MAX_TICK - 2 - rng.randint(0, 300))
    root = sqrt_price(rng, tick)
    return v3.checked_v3(
        V3Pool(
            curve=Concentrated(
                sqrt_price_x96=root,
                tick=get_tick_at_sqrt_ratio(root),
                liquidity=0,
                fee_pips=fee,
                tick_spacing=spacing,
                ticks=(),
            ),
            ticks={},
        )
    )


def acts(rng: random.Random, where: Where, kind: tuple[int, int], count: int) -> Any:
    """The life of a new pool: `count` acts and the model at the end."""
    pool = fresh(rng, *kind)
    start = _act(where, pool, "initialize", (), (0, 0), where.owners[0])
    life = [_with(start, INITIALIZE(pool.curve.sqrt_price_x96), ())]
    for choice in (_mint, _mint, _mint):
        pool, act = choice(rng, where, pool)
        life.append(act)
    more, pool = continued(rng, where, pool, count - 3)
    return life + more, pool


def continued(rng: random.Random, where: Where, pool: V3Pool, count: int) -> Any:
    """`count` acts in the life of a pool that is there, and the model at the end."""
    life = []
    for choice in rng.choices(*CHOICES, k=count):
        pool, act = choice(rng, where, pool)
        life.append(act)
    return life, pool


def _mint(rng: random.Random, where: Where, pool: V3Pool) -> tuple[V3Pool, Act]:
    owner = rng.choice(where.owners)
    lower, upper = any_range(rng, pool.curve)
    if pool.positions and rng.random() < 0.3:
        owner, lower, upper = rng.choice(list(pool.positions))
    liquidity = any_amount(rng, rng.choice((12, 26, 34)))
    if rng.random() < 0.04:
        most = max_liquidity_per_tick(pool.curve.tick_spacing)
        liquidity = rng.choice((0, most, most + 1, UINT128_MAX, 2**127 - 1))

    def change() -> Tried[V3Pool]:
        moved = v3.mint(pool, owner, lower, upper, liquidity)
        return moved.pool, moved.amounts

    after, expected = attempt(pool, change)
    data = MINT(owner, lower, upper, liquidity, b"")
    act = _act(where, after, "mint", expected, (lower, upper), owner)
    return after, _with(act, data, ("uint256", "uint256"))


def _burn(rng: random.Random, where: Where, pool: V3Pool) -> tuple[V3Pool, Act]:
    owner, lower, upper = known_range(rng, pool)
    owner = owner or where.owners[0]
    held = pool.positions.get((owner, lower, upper), v3.UNTOUCHED).liquidity
    liquidity = rng.choice((0, held, rng.randint(0, held), held // 2))
    if rng.random() < 0.05:
        liquidity = min(held + any_amount(rng), UINT128_MAX)

    def change() -> Tried[V3Pool]:
        moved = v3.burn(pool, owner, lower, upper, liquidity)
        return moved.pool, moved.amounts

    after, expected = attempt(pool, change)
    data = BURN(lower, upper, liquidity)
    act = _act(where, after, "burn", expected, (lower, upper), owner)
    return after, _with(act, data, ("uint256", "uint256"))


def _collect(rng: random.Random, where: Where, pool: V3Pool) -> tuple[V3Pool, Act]:
    owner, lower, upper = known_range(rng, pool)
    owner = owner or where.owners[1]
    most = rng.choice(((UINT128_MAX,) * 2, (any_amount(rng), any_amount(rng)), (0, 0)))
    moved = v3.collect(pool, owner, lower, upper, most)
    data = COLLECT(owner, lower, upper, *most)
    act = _act(where, moved.pool, "collect", moved.amounts, (lower, upper), owner)
    return moved.pool, _with(act, data, ("uint128", "uint128"))


def _swap(rng: random.Random, where: Where, pool: V3Pool) -> tuple[V3Pool, Act]:
    zero_for_one, exact_in = rng.random() < 0.5, rng.random() < 0.6
    amount = any_amount(rng, rng.choice((8, 20, 30, 38)))
    if rng.random() < 0.01:
        amount = rng.choice((0, 2**255 - 1))
    limit = any_limit(rng, pool.curve, zero_for_one)

    def change() -> Tried[V3Pool]:
        after, done = v3.swap(pool, amount, zero_for_one, limit, exact_in=exact_in)
        amounts = (done.amount_in, -done.amount_out)
        return after, amounts if zero_for_one else amounts[::-1]

    after, expected = attempt(pool, change)
    owner = rng.choice(where.owners)
    specified = amount if exact_in else -amount
    data = SWAP(owner, zero_for_one, specified, limit, b"")
    listed = after.curve.ticks
    ticks = (rng.choice(listed)[0], rng.choice(listed)[0]) if listed else (0, 0)
    act = _act(where, after, "swap", expected, ticks, owner)
    return after, _with(act, data, ("int256", "int256"))


def _fee(rng: random.Random, where: Where, pool: V3Pool) -> tuple[V3Pool, Act]:
    parts = (rng.choice((0, 4, 7, 10, 3)), rng.choice((0, 4, 5, 10)))
    after, expected = attempt(pool, lambda: (v3.set_fee_protocol(pool, *parts), ()))
    act = _act(where, after, "fee", expected, (0, 0), where.owners[0])
    return after, _with(act, SET_FEE(*parts), ())


def _protocol(rng: random.Random, where: Where, pool: V3Pool) -> tuple[V3Pool, Act]:
    most = rng.choice(((UINT128_MAX,) * 2, (any_amount(rng), any_amount(rng))))
    moved = v3.collect_protocol(pool, most)
    act = _act(where, moved.pool, "protocol", moved.amounts, (0, 0), where.owners[0])
    data = COLLECT_PROTOCOL(where.owners[1], *most)
    return moved.pool, _with(act, data, ("uint128", "uint128"))


CHOICES = (
    (_mint, _burn, _collect, _swap, _fee, _protocol),
    (30, 14, 8, 44, 2, 2),
)


def _with(act: Act, data: bytes, returns: tuple[str, ...]) -> Act:
    return replace(act, step=replace(act.step, data=data, returns=returns))


def _act(
    where: Where,
    after: V3Pool,
    name: str,
    expected: tuple[Any, ...] | None,
    ticks: tuple[int, int],
    owner: str,
) -> Act:
    key = Web3.keccak(encode_packed(["address", "int24", "int24"], [owner, *ticks]))
    reads = (*VIEWS, *(TICKS(tick) for tick in ticks), POSITIONS(key))
    step = Step(
        actor=owner,
        target=where.pool,
        data=b"",
        returns=(),
        reads=tuple((where.pool, read) for read in reads),
    )
    position = after.positions.get((owner, *ticks), v3.UNTOUCHED)
    states = (*_head(after), *(tick_state(after.ticks, t) for t in ticks))
    return Act(
        name=name,
        step=step,
        expected=expected,
        states=(
            *states,
            (
                position.liquidity,
                position.fee_growth_inside0_last_x128,
                position.fee_growth_inside1_last_x128,
                position.tokens_owed0,
                position.tokens_owed1,
            ),
        ),
    )


def _head(pool: V3Pool) -> tuple[tuple[Any, ...], ...]:
    curve = pool.curve
    return (
        (curve.sqrt_price_x96, curve.tick, curve.fee_protocol),
        (curve.liquidity,),
        (curve.fee_growth_global0_x128,),
        (curve.fee_growth_global1_x128,),
        pool.protocol_fees,
    )


def decoded(states: tuple[bytes, ...]) -> tuple[tuple[Any, ...], ...]:
    slot0 = decode(SLOT0, states[0])
    types = (("uint128",), ("uint256",), ("uint256",), ("uint128", "uint128"))
    rest = [decode(t, raw) for t, raw in zip(types, states[1:5], strict=True)]
    ticks = [decode(TICK, raw[:128]) for raw in states[5:7]]
    return (
        (slot0[0], slot0[1], slot0[5]),
        *rest,
        *ticks,
        decode(POSITION, states[7]),
    )


def compare(stage: Stage, life: list[Act]) -> list[str]:
    """A line for every act that the chain sees otherwise than the model."""
    return differences(stage, life, decoded)
