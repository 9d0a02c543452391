# SPDX-License-Identifier: MIT
"""Random lives of a Uniswap v4 pool without hooks: in the model and on the chain."""

import random
from dataclasses import dataclass, replace
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.packed import encode_packed
from lives import (
    Act,
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

from steelyard.amm import uniswap_v4_pool as v4
from steelyard.amm.tick_math import get_tick_at_sqrt_ratio
from steelyard.amm.uniswap_v4 import ConcentratedV4
from steelyard.amm.uniswap_v4_pool import V4Pool
from steelyard.demo.uniswap_v4 import KEY_ABI, Key, pool_id

# (fee, tick spacing); a fee of everything is allowed
KINDS = ((3000, 60), (500, 10), (0, 1), (100, 32767), (999_999, 8), (1_000_000, 200))
ZERO = "0x" + "00" * 20
POOLS_SLOT, TICKS, POSITIONS = 6, 4, 6  # of PoolManager and its Pool.State

INITIALIZE = function("initialize", KEY_ABI, "uint160")
MODIFY = function("modifyLiquidity", KEY_ABI, "(int24,int24,int256,bytes32)", "bytes")
SWAP = function("swap", KEY_ABI, "(bool,int256,uint160)", "bytes")
DONATE = function("donate", KEY_ABI, "uint256", "uint256", "bytes")
SET_FEE = function("setProtocolFee", KEY_ABI, "uint24")
EXTSLOAD = function("extsload", "bytes32", "uint256")
ACCRUED = function("protocolFeesAccrued", "address")


@dataclass(frozen=True, kw_only=True)
class Where:
    manager: str
    key: Key
    owners: tuple[str, str]

    @property
    def root(self) -> int:
        """The pool's first storage slot."""
        packed = encode(["bytes32", "uint256"], [self.id, POOLS_SLOT])
        return int.from_bytes(Web3.keccak(packed))

    @property
    def id(self) -> bytes:
        return bytes.fromhex(pool_id(self.key)[2:])


def where(stage: Stage, manager: str, kind: tuple[int, int]) -> Where:
    pair = [token.address for token in stage.tokens]
    key = (pair[0], pair[1], *kind, ZERO)
    return Where(manager=manager, key=key, owners=stage.names())


def fresh(rng: random.Random, fee: int, spacing: int) -> V4Pool:
    tick = rng.choice((rng.randint(-300, 300), rng.randint(-80_000, 80_000)))
    root = sqrt_price(rng, tick)
    curve = ConcentratedV4(
        sqrt_price_x96=root,
        tick=get_tick_at_sqrt_ratio(root),
        liquidity=0,
        lp_fee_pips=fee,
        tick_spacing=spacing,
        ticks=(),
    )
    return v4.checked_v4(V4Pool(curve=curve, ticks={}))


def acts(rng: random.Random, at: Where, kind: tuple[int, int], count: int) -> Any:
    """The life of a new pool: `count` acts and the model at the end."""
    pool = fresh(rng, *kind)
    tick = pool.curve.tick
    start = _act(at, pool, "initialize", (tick,), (0, 0), at.owners[0])
    data = INITIALIZE(at.key, pool.curve.sqrt_price_x96)
    life = [_with(start, data, ("int24",), in_unlock=False)]
    for choice in (_add, _add, _add, *rng.choices(*CHOICES, k=count - 3)):
        pool, act = choice(rng, at, pool)
        life.append(act)
    return life, pool


def _add(rng: random.Random, at: Where, pool: V4Pool) -> tuple[V4Pool, Act]:
    owner, salt = rng.choice(at.owners), rng.choice((v4.NO_SALT, b"\x01" * 32))
    lower, upper = any_range(rng, pool.curve)
    if pool.positions and rng.random() < 0.3:
        owner, lower, upper, salt = rng.choice(list(pool.positions))
    change = any_amount(rng, rng.choice((12, 26, 34)))
    if rng.random() < 0.04:
        most = v4.most_liquidity_per_tick(pool.curve.tick_spacing)
        change = rng.choice((0, most, most + 1, 2**127, 2**127 - 1))
    return _modified(at, pool, "add", (owner, lower, upper, salt), change)


def _take(rng: random.Random, at: Where, pool: V4Pool) -> tuple[V4Pool, Act]:
    owner, lower, upper, *rest = known_range(rng, pool)
    key = (owner or at.owners[0], lower, upper, rest[0] if rest else v4.NO_SALT)
    held = pool.positions.get(key, v4.UNTOUCHED).liquidity
    change = rng.choice((0, held, rng.randint(0, held), held // 2))
    if rng.random() < 0.05:
        change = held + any_amount(rng)
    return _modified(at, pool, "take", key, -change)


def _modified(
    at: Where, pool: V4Pool, name: str, key: v4.Range, change: int
) -> tuple[V4Pool, Act]:
    owner, lower, upper, salt = key

    def model() -> Any:
        done = v4.modify_liquidity(pool, owner, lower, upper, change, salt)
        both = [p + f for p, f in zip(done.principal, done.fees, strict=True)]
        return done.pool, (delta(*both), delta(*done.fees))

    after, expected = attempt(pool, model)
    data = MODIFY(at.key, (lower, upper, change, salt), b"")
    act = _act(at, after, name, expected, (lower, upper), owner, salt)
    return after, _with(act, data, ("int256", "int256"))


def delta(amount0: int, amount1: int) -> int:
    """A BalanceDelta."""
    return (amount0 << 128) + (amount1 & 2**128 - 1)


def _swap(rng: random.Random, at: Where, pool: V4Pool) -> tuple[V4Pool, Act]:
    zero_for_one, exact_in = rng.random() < 0.5, rng.random() < 0.6
    amount = any_amount(rng, rng.choice((8, 20, 30, 38)))
    if rng.random() < 0.01:
        amount = rng.choice((0, 2**255 - 1, 2**127))
    limit = any_limit(rng, pool.curve, zero_for_one)

    def model() -> Any:
        after, done = v4.swap(pool, amount, zero_for_one, limit, exact_in=exact_in)
        amounts = (-done.amount_in, done.amount_out)
        return after, (delta(*(amounts if zero_for_one else amounts[::-1])),)

    after, expected = attempt(pool, model)
    specified = -amount if exact_in else amount
    data = SWAP(at.key, (zero_for_one, specified, limit), b"")
    listed = after.curve.ticks
    ticks = (rng.choice(listed)[0], rng.choice(listed)[0]) if listed else (0, 0)
    act = _act(at, after, "swap", expected, ticks, rng.choice(at.owners))
    return after, _with(act, data, ("int256",))


def _donate(rng: random.Random, at: Where, pool: V4Pool) -> tuple[V4Pool, Act]:
    amounts = (any_amount(rng), rng.choice((0, any_amount(rng))))

    def model() -> Any:
        return v4.donate(pool, *amounts), (delta(-amounts[0], -amounts[1]),)

    after, expected = attempt(pool, model)
    act = _act(at, after, "donate", expected, (0, 0), at.owners[1])
    data = DONATE(at.key, *amounts, b"")
    return after, _with(act, data, ("int256",))


def _fee(rng: random.Random, at: Where, pool: V4Pool) -> tuple[V4Pool, Act]:
    pips = (rng.choice((0, 1, 250, 1000, 1001)), rng.choice((0, 999, 1000)))
    after, expected = attempt(
        pool,
        lambda: (v4.set_protocol_fee(pool, *pips), ()),
    )
    act = _act(at, after, "fee", expected, (0, 0), at.owners[0])
    data = SET_FEE(at.key, pips[0] | pips[1] << 12)
    return after, _with(act, data, (), in_unlock=False)


CHOICES = ((_add, _take, _swap, _donate, _fee), (28, 18, 48, 3, 3))


def _with(
    act: Act, data: bytes, returns: tuple[str, ...], *, in_unlock: bool = True
) -> Act:
    step = replace(act.step, data=data, returns=returns, in_unlock=in_unlock)
    return replace(act, step=step)


def _slot(key_type: str, key: Any, base: int) -> bytes:
    return Web3.keccak(encode([key_type, "uint256"], [key, base]))


def _act(
    at: Where,
    after: V4Pool,
    name: str,
    expected: tuple[Any, ...] | None,
    ticks: tuple[int, int],
    owner: str,
    salt: bytes = v4.NO_SALT,
) -> Act:
    types = ["address", "int24", "int24", "bytes32"]
    own = Web3.keccak(encode_packed(types, [owner, *ticks, salt]))
    slots = (
        (at.root.to_bytes(32), 4),
        *((_slot("int256", tick, at.root + TICKS), 3) for tick in ticks),
        (_slot("bytes32", own, at.root + POSITIONS), 3),
    )
    reads = (
        *(EXTSLOAD(*slot) for slot in slots),
        *(ACCRUED(currency) for currency in at.key[:2]),
    )
    step = Step(
        actor=owner,
        target=at.manager,
        data=b"",
        returns=(),
        reads=tuple((at.manager, read) for read in reads),
    )
    position = after.positions.get((owner, *ticks, salt), v4.UNTOUCHED)
    states = (
        _head(after),
        *(tick_state(after.ticks, tick) for tick in ticks),
        (
            position.liquidity,
            position.fee_growth_inside0_last_x128,
            position.fee_growth_inside1_last_x128,
        ),
        after.protocol_fees,
    )
    return Act(name=name, step=step, expected=expected, states=states)


def _head(pool: V4Pool) -> tuple[int, ...]:
    curve = pool.curve
    return (
        curve.sqrt_price_x96,
        curve.tick,
        *curve.protocol_fee_pips,
        curve.lp_fee_pips,
        curve.fee_growth_global0_x128,
        curve.fee_growth_global1_x128,
        curve.liquidity,
    )


def signed(value: int, bits: int) -> int:
    low = value & (1 << bits) - 1
    return low - (1 << bits) if low >> bits - 1 else low


def decoded(states: tuple[bytes, ...]) -> tuple[tuple[Any, ...], ...]:
    words = [_words(raw) for raw in states[:4]]
    slot0, growth0, growth1, liquidity = words[0]
    head = (
        slot0 & 2**160 - 1,
        signed(slot0 >> 160, 24),
        slot0 >> 184 & 0xFFF,
        slot0 >> 196 & 0xFFF,
        slot0 >> 208 & 0xFFFFFF,
        growth0,
        growth1,
        liquidity,
    )
    ticks = [
        (first & 2**128 - 1, signed(first >> 128, 128), outside0, outside1)
        for first, outside0, outside1 in words[1:3]
    ]
    accrued = tuple(int.from_bytes(raw) for raw in states[4:6])
    return (head, *ticks, words[3], accrued)


def _words(raw: bytes) -> tuple[int, ...]:
    (values,) = decode(["uint256[]"], raw)
    return tuple(values)


def compare(stage: Stage, life: list[Act]) -> list[str]:
    """A line for every act that the chain sees otherwise than the model."""
    return differences(stage, life, decoded)
