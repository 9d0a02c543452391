# SPDX-License-Identifier: MIT
"""Which configurations the vault takes, and what it refuses in one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from support import (
    AAVE,
    PARAMS,
    POOLS,
    POSITIONS,
    SAVINGS,
    TAGS,
    TOKENS,
    USDC,
    World,
    buy_eth,
    calldata,
    config_rows,
    double,
    events,
    net_assets,
    rebalance,
    reverts,
    set_config,
    supply,
    withdraw,
)
from web3 import Web3
from worlds import pair_world, unconfigured

from steelyard.chain.config_args import market_id
from steelyard.chain.deploy import system_config
from steelyard.chain.errors import ContractReverted
from steelyard.chain.transactions import call, send
from steelyard.demo import clock
from steelyard.demo.tokens import give
from steelyard.wad import WAD

MARKET = market_id("0x" + "11" * 20)
BLOCK_GAS = 59_000_000
DAY_SECONDS = 86400


@dataclass(frozen=True, kw_only=True)
class Case:
    """A way to spoil a configuration, the error, and some of its numbers."""

    name: str
    spoil: Callable[[World, list[Any]], object]
    error: str
    numbers: Callable[[World], dict[str, Any]] = lambda _: {}


def setting(table: int, row: int, column: int, value: Any) -> Callable[..., object]:
    return lambda _, config: config[table][row].__setitem__(column, value)


def repeated(table: int, row: int, count: int) -> Callable[..., object]:
    return lambda _, config: config[table].extend([config[table][row]] * count)


def second_name(table: int, column: int) -> Callable[..., object]:
    """The same address, with a bit above its 160."""

    def spoil(_: World, config: list[Any]) -> None:
        row = list(config[table][0])
        number = int.from_bytes(row[column], "big") | 1 << 160
        row[column] = number.to_bytes(32, "big")
        config[table].append(row)

    return spoil


def foreign_adapter(world: World, config: list[Any]) -> None:
    adapter = double(world, "HostileAdapter", world.bob, [world.asset.address])
    config[POSITIONS].append([adapter.address, MARKET, 1, 0, 0, 1, WAD])


def token_address(symbol: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"token": world.token(symbol).address}


CASES = [
    Case(
        name="no token",
        spoil=lambda _, config: config.__setitem__(TOKENS, []),
        error="TooManyRecords",
        numbers=lambda _: {"count": 0, "most": 32},
    ),
    Case(
        name="33 tokens",
        spoil=repeated(TOKENS, 1, 30),
        error="TooManyRecords",
        numbers=lambda _: {"count": 33, "most": 32},
    ),
    Case(
        name="65 positions",
        spoil=repeated(POSITIONS, 0, 61),
        error="TooManyRecords",
        numbers=lambda _: {"count": 65, "most": 64},
    ),
    Case(
        name="65 tags",
        spoil=repeated(TAGS, 0, 62),
        error="TooManyRecords",
        numbers=lambda _: {"count": 65, "most": 64},
    ),
    Case(
        name="65 pools",
        spoil=repeated(POOLS, 0, 62),
        error="TooManyRecords",
        numbers=lambda _: {"count": 65, "most": 64},
    ),
    Case(
        name="another asset",
        spoil=lambda _, config: config[TOKENS].reverse(),
        error="WrongAsset",
        numbers=lambda world: {
            "token": world.token("BTC").address,
            "asset": world.asset.address,
        },
    ),
    Case(
        name="a token twice",
        spoil=repeated(TOKENS, 1, 1),
        error="DuplicateRecord",
        numbers=lambda world: {
            "item": world.token("ETH").address,
            "market": b"\0" * 32,
        },
    ),
    Case(
        name="a wrong scale",
        spoil=setting(TOKENS, 1, 2, 10**7),
        error="TokenScaleMismatch",
        numbers=lambda world: {
            "token": world.token("ETH").address,
            "unitScale": 10**7,
            "expected": 10**6,
        },
    ),
    Case(
        name="a wrong scale of the asset",
        spoil=setting(TOKENS, 0, 2, 1),
        error="TokenScaleMismatch",
        numbers=token_address("USDC"),
    ),
    Case(
        name="token cap above one",
        spoil=setting(TOKENS, 2, 5, WAD + 1),
        error="CapWadAboveOne",
        numbers=lambda _: {"index": 2, "capWad": WAD + 1},
    ),
    Case(
        name="slippage above one",
        spoil=setting(TOKENS, 1, 6, WAD + 1),
        error="CapWadAboveOne",
        numbers=lambda _: {"index": 1},
    ),
    Case(
        name="position cap above one",
        spoil=setting(POSITIONS, 3, 6, WAD + 1),
        error="CapWadAboveOne",
        numbers=lambda _: {"index": 3},
    ),
    Case(
        name="tag cap above one",
        spoil=setting(TAGS, 1, 2, WAD + 1),
        error="CapWadAboveOne",
        numbers=lambda _: {"index": 1},
    ),
    Case(
        name="buffer above one",
        spoil=lambda _, config: config[PARAMS].__setitem__(3, WAD + 1),
        error="CapWadAboveOne",
    ),
    Case(
        name="a position twice",
        spoil=repeated(POSITIONS, SAVINGS, 1),
        error="DuplicateRecord",
        numbers=lambda world: {
            "item": world.adapter(SAVINGS).address,
            "market": world.market_hex(SAVINGS),
        },
    ),
    Case(
        name="an adapter of another vault",
        spoil=foreign_adapter,
        error="WrongVault",
        numbers=lambda world: {"vault": world.bob},
    ),
    Case(
        name="a market's tokens in the wrong order",
        spoil=lambda _, config: config[POSITIONS][0].__setitem__(
            3, swapped_bytes(config[POSITIONS][0][3])
        ),
        error="MarketTokensMismatch",
        numbers=lambda world: {"market": world.market_hex(0)},
    ),
    Case(
        name="a market's token that is not listed",
        spoil=setting(POSITIONS, AAVE, 3, 3),
        error="MarketTokensMismatch",
        numbers=lambda world: {"adapter": world.adapter(AAVE).address},
    ),
    Case(
        name="too many tokens in a market",
        spoil=setting(POSITIONS, AAVE, 2, 2),
        error="MarketTokensMismatch",
    ),
    Case(
        name="a pool's tokens in the wrong order",
        spoil=lambda _, config: config[POOLS][0].__setitem__(
            slice(2, 4), config[POOLS][0][:1:-1]
        ),
        error="TokenPairMismatch",
        numbers=lambda world: {"pool": world.market_hex(0)},
    ),
    Case(
        name="a second name of a market",
        spoil=second_name(POSITIONS, 1),
        error="MarketNotAddress",
    ),
    Case(
        name="a second name of a pool",
        spoil=second_name(POOLS, 1),
        error="MarketNotAddress",
    ),
    Case(
        name="a token's tag that is not listed",
        spoil=setting(TOKENS, 1, 3, 1 << 40),
        error="UnknownTag",
        numbers=lambda world: {
            "item": world.token("ETH").address,
            "tags": 1 << 40,
            "tagCount": 3,
        },
    ),
    Case(
        name="a position's tag that is not listed",
        spoil=setting(POSITIONS, SAVINGS, 4, 1 << 3),
        error="UnknownTag",
        numbers=lambda world: {"item": world.adapter(SAVINGS).address},
    ),
    Case(
        name="a pool's token that is not listed",
        spoil=setting(POOLS, 0, 3, 3),
        error="TokenPairMismatch",
    ),
]


def swapped_bytes(indexes: int) -> int:
    return (indexes & 0xFF) << 8 | indexes >> 8


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_set_config__contradiction__refused(world, case):
    config = config_rows(world)
    case.spoil(world, config)

    with reverts(case.error, **case.numbers(world)):
        set_config(world, config)


def test_set_config__accepted__stored_as_code_and_announced(world):
    config = config_rows(world)
    config[PARAMS][3] = WAD // 10

    receipt = set_config(world, config)

    store = call(world.vault.functions.config())
    hash_ = call(world.vault.functions.configHash())
    (event,) = events(receipt, world.vault, "SetConfig")
    assert event == {"config": store, "configHash": hash_}
    assert Web3.keccak(world.web3.eth.get_code(store)) == hash_
    assert world.web3.eth.get_code(store)[0] == 0, "a STOP, so that nobody can call it"


def test_set_config__accepted__read_back_the_same(world):
    config = config_rows(world)

    stored = call(world.system.lens.functions.config(world.vault.address))

    assert [list(stored[PARAMS]), *([list(r) for r in t] for t in stored[1:])] == config


def test_set_config__same_again__same_hash_other_place(world):
    before = call(world.vault.functions.config())
    hash_before = call(world.vault.functions.configHash())

    set_config(world, config_rows(world))

    assert call(world.vault.functions.config()) != before
    assert call(world.vault.functions.configHash()) == hash_before


def test_set_config__most_of_everything__larger_than_code_may_be(world):
    adapter = double(
        world, "HostileAdapter", world.vault.address, [world.asset.address]
    )
    config = config_rows(world)
    config[POSITIONS] += [
        [adapter.address, market_id(f"0x{i:040x}"), 1, 0, 0, 1, WAD] for i in range(60)
    ]
    config[TAGS] *= 21
    config[POOLS] *= 21

    words = 4 + 4 + 3 * 8 + 64 * 7 + 63 * 3 + 63 * 4
    with reverts("ConfigNotStored", sizeBytes=32 * words):
        set_config(world, config, gas=BLOCK_GAS)


def test_set_config__position_dropped_while_held__refused(world):
    rebalance(world, supplies=[supply(world, SAVINGS, {"USDC": 5 * USDC})])
    config = config_rows(world)
    del config[POSITIONS][SAVINGS]

    with reverts(
        "PositionNotEmpty",
        adapter=world.adapter(SAVINGS).address,
        market=world.market_hex(SAVINGS),
        units=5 * USDC,
    ):
        set_config(world, config)


def test_set_config__emptied_position_dropped__taken_in_spite_of_donations(world):
    rebalance(world, supplies=[supply(world, SAVINGS, {"USDC": 5 * USDC})])
    rebalance(world, withdraws=[withdraw(world, SAVINGS)])
    savings = world.market.savings.functions
    adapter = world.adapter(SAVINGS).address
    send(world.web3, savings.transfer(adapter, USDC), world.market.actors.maker)
    config = config_rows(world)
    del config[POSITIONS][SAVINGS]

    set_config(world, config)

    listed = call(world.system.lens.functions.config(world.vault.address))[POSITIONS]
    assert len(listed) == 3


@pytest.mark.parametrize("caller", ["bob", "strategist", "relayer"])
def test_set_config__by_anyone_but_the_curator__refused(world, caller):
    who = getattr(world, caller)
    address = who if isinstance(who, str) else who.address
    config = system_config(world.web3, world.system)

    with reverts("AccessManagedUnauthorized", caller=address):
        send(world.web3, world.vault.functions.setConfig(config), who)


def test_set_config__delayed_role__only_after_the_delay(world):
    role, authority = 3, world.system.authority
    config = system_config(world.web3, world.system)
    data = calldata(world.vault, "setConfig", config)
    for step in (
        authority.functions.grantRole(role, world.bob, DAY_SECONDS),
        authority.functions.setTargetFunctionRole(
            world.vault.address, [data[:4]], role
        ),
    ):
        send(world.web3, step, world.curator)
    set_ = world.vault.functions.setConfig(config)

    with reverts("AccessManagerNotScheduled"):
        send(world.web3, set_, world.bob)
    schedule = authority.functions.schedule(world.vault.address, data, 0)
    send(world.web3, schedule, world.bob)
    with reverts("AccessManagerNotReady"):
        send(world.web3, set_, world.bob)
    clock.time_travel(world.web3, DAY_SECONDS)

    assert send(world.web3, set_, world.bob)["status"] == 1


def test_vault__without_configuration__takes_nothing(world):
    vault = unconfigured(world)

    with reverts("ConfigNotSet"):
        send(world.web3, vault.functions.deposit(USDC, world.bob), world.bob)
    with reverts("ConfigNotSet"):
        call(vault.functions.totalAssets())
    assert call(vault.functions.maxDeposit(world.bob)) == 0
    assert call(vault.functions.maxWithdraw(world.bob)) == 0


@pytest.mark.parametrize(("asset", "token"), [(6, 18), (8, 6), (18, 8), (18, 18)])
def test_set_config__decimals__scale_turns_a_wad_price_into_raw_units(
    web3, strategist, world, asset, token
):
    other = pair_world(web3, strategist, asset, token)

    prices = call(other.system.lens.functions.book(other.vault.address))[0]

    assert prices == [10**36, 2_000 * 10 ** (36 + asset - token)]
    assert net_assets(other) == (0, 0, 0)
    assert net_assets(world)[0] > 0


def test_set_config__source_that_answers_nothing__refused(world):
    config = config_rows(world)
    config[TOKENS][1][1] = world.bob

    with pytest.raises(ContractReverted):
        set_config(world, config)


def test_set_config__token_dropped_while_held__refused(world):
    buy_eth(world)
    held = call(world.token("ETH").functions.balanceOf(world.vault.address))

    with reverts("TokenNotEmpty", token=world.token("ETH").address, balance=held):
        set_config(world, only_asset(world))


def test_set_config__token_dropped_with_dust__taken(world):
    dust = 10**12  # a millionth
    eth = world.token("ETH")
    maker = world.market.actors.maker
    give(world.web3, eth, world.vault.address, dust, sender=maker)

    set_config(world, only_asset(world))

    assert net_assets(world)[1] == 100_000 * USDC


def only_asset(world: World) -> list[Any]:
    """The configuration without any token but the asset, nor what needs one."""
    config = config_rows(world)
    config[TOKENS] = config[TOKENS][:1]
    config[POSITIONS] = [r for r in config[POSITIONS] if r[2] == 1 and r[3] == 0]
    config[POOLS] = []
    return config
