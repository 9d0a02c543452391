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
    SIGNERS,
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
    set_param,
    stored_rows,
    submit,
    supply,
    withdraw,
)
from web3 import Web3
from web3.contract import Contract
from worlds import pair_world, unconfigured

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.config_args import market_id
from steelyard.chain.deploy import system_config
from steelyard.chain.errors import ContractReverted
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo import clock
from steelyard.demo.tokens import give
from steelyard.wad import WAD

MARKET = market_id("0x" + "11" * 20)
NOTHING = b"\0" * 32
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
    config[POSITIONS].append(position_row(adapter))


def position_row(adapter: Contract, market: bytes = MARKET) -> list[Any]:
    """A position of a double in the asset."""
    return [adapter.address, market, 1, 0, 0, 1, WAD, NOTHING, 0]


def param(name: str, value: Any) -> Callable[..., object]:
    return lambda _, config: set_param(config, name, value)


def signers(*addresses: str, **params: Any) -> Callable[..., object]:
    """Other signers, and parameters beside them."""

    def spoil(_: World, config: list[Any]) -> None:
        config[SIGNERS] = list(addresses)
        for name, value in params.items():
            set_param(config, name, value)

    return spoil


def address(number: int) -> str:
    return Web3.to_checksum_address(f"0x{number:040x}")


def out_of_range(field: str, value: int, most: int) -> Callable[..., dict[str, Any]]:
    raw = field.encode().ljust(32, b"\0")
    return lambda _: {"field": raw, "value": value, "most": most}


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
        error="ParamOutOfRange",
        numbers=out_of_range("capWad", WAD + 1, WAD),
    ),
    Case(
        name="slippage above one",
        spoil=setting(TOKENS, 1, 6, WAD + 2),
        error="ParamOutOfRange",
        numbers=out_of_range("slippageWad", WAD + 2, WAD),
    ),
    Case(
        name="position cap above one",
        spoil=setting(POSITIONS, 3, 6, WAD + 3),
        error="ParamOutOfRange",
        numbers=out_of_range("capWad", WAD + 3, WAD),
    ),
    Case(
        name="tag cap above one",
        spoil=setting(TAGS, 1, 2, WAD + 4),
        error="ParamOutOfRange",
        numbers=out_of_range("capWad", WAD + 4, WAD),
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
            3, swapped_bytes(config[POOLS][0][3])
        ),
        error="MarketTokensMismatch",
        numbers=lambda world: {"market": world.market_hex(0)},
    ),
    Case(
        name="one token less than a pool has",
        spoil=setting(POOLS, 0, 2, 1),
        error="MarketTokensMismatch",
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
        error="MarketTokensMismatch",
    ),
    Case(
        name="parameters that a position's market does not have",
        spoil=setting(POSITIONS, SAVINGS, 7, MARKET),
        error="ParametersChanged",
        numbers=lambda world: {
            "keeper": world.adapter(SAVINGS).address,
            "market": world.market_hex(SAVINGS),
            "current": NOTHING,
            "listed": MARKET,
        },
    ),
    Case(
        name="parameters that a pool does not have",
        spoil=setting(POOLS, 0, 4, MARKET),
        error="ParametersChanged",
        numbers=lambda world: {
            "keeper": world.system.venues["uniswap-v2"].address,
            "market": world.market_hex(0),
        },
    ),
    Case(
        name="a queue of another vault",
        spoil=lambda world, config: set_param(config, "queue", foreign_queue(world)),
        error="WrongVault",
    ),
    Case(
        name="no signature needed",
        spoil=param("threshold", 0),
        error="ParamOutOfRange",
        numbers=out_of_range("threshold", 0, 1),
    ),
    Case(
        name="more signatures than signers",
        spoil=signers(address(1), address(2), threshold=3),
        error="ParamOutOfRange",
        numbers=out_of_range("threshold", 3, 2),
    ),
    Case(
        name="more signatures than an order carries",
        spoil=signers(*map(address, range(1, 10)), threshold=8),
        error="ParamOutOfRange",
        numbers=out_of_range("threshold", 8, 7),
    ),
    Case(
        name="17 signers",
        spoil=signers(*map(address, range(1, 18))),
        error="TooManyRecords",
        numbers=lambda _: {"count": 17, "most": 16},
    ),
    Case(
        name="two wallets",
        spoil=signers(address(1), address(2), signer_kind=1),
        error="TooManyRecords",
        numbers=lambda _: {"count": 2, "most": 1},
    ),
    Case(
        name="two signatures of a wallet",
        spoil=signers(address(1), address(2), signer_kind=1, threshold=2),
        error="ParamOutOfRange",
        numbers=out_of_range("threshold", 2, 1),
    ),
    Case(
        name="a signer twice",
        spoil=signers(address(5), address(5)),
        error="SignersOutOfOrder",
        numbers=lambda _: {"signer": address(5), "previous": address(5)},
    ),
    Case(
        name="signers in descending order",
        spoil=signers(address(6), address(5)),
        error="SignersOutOfOrder",
        numbers=lambda _: {"signer": address(5), "previous": address(6)},
    ),
    Case(
        name="nobody as a signer",
        spoil=signers(address(0)),
        error="SignersOutOfOrder",
        numbers=lambda _: {"signer": address(0), "previous": address(0)},
    ),
    Case(
        name="a fee for nobody",
        spoil=param("management_fee_wad", 1),
        error="ParamOutOfRange",
        numbers=out_of_range("feeRecipient", 0, 0),
    ),
    Case(
        name="a fee where there was none",
        spoil=lambda _, config: config[PARAMS].__setitem__(
            slice(-3, None), [address(7), 2, 3]
        ),
        error="FeesNotCurators",
        numbers=lambda _: {
            "managementFeeWad": 2,
            "performanceFeeWad": 3,
            "recipient": address(7),
        },
    ),
]
YEAR_SECONDS = 365 * DAY_SECONDS
MOST = {
    "idle_wad": WAD,
    "loss_wad": WAD,
    "loss_refill_wad": WAD,
    "hold_wad": WAD,
    "hold_refill_wad": WAD,
    "turnover_wad": 10 * WAD,
    "turnover_refill_wad": WAD,
    "drawdown_wad": WAD,
    "leverage_wad": 10 * WAD,
    "heal_band_wad": WAD,
    "management_fee_wad": WAD * 5 // 100,
    "performance_fee_wad": WAD * 30 // 100,
    "max_window_seconds": YEAR_SECONDS,
    "cooldown_seconds": YEAR_SECONDS,
    "heal_cooldown_seconds": YEAR_SECONDS,
    "mark_max_age_seconds": YEAR_SECONDS,
    "queue_max_wait_seconds": YEAR_SECONDS,
}


def foreign_queue(world: World) -> str:
    vault = unconfigured(world)
    queue = deploy(
        world.web3, own_artifact("ExitQueue"), vault.address, 1, sender=world.curator
    )
    return str(queue.address)


def swapped_bytes(indexes: int) -> int:
    return (indexes & 0xFF) << 8 | indexes >> 8


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_submit__contradiction__refused(world, case):
    config = config_rows(world)
    case.spoil(world, config)

    with reverts(case.error, **case.numbers(world)):
        submit(world, config)


@pytest.mark.parametrize("name", MOST)
def test_submit__parameter_above_its_most__refused(world, name):
    config, field = config_rows(world), camel(name)
    set_param(config, name, MOST[name] + 1)

    with reverts(
        "ParamOutOfRange", **out_of_range(field, MOST[name] + 1, MOST[name])(world)
    ):
        submit(world, config)


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def test_submit__every_parameter_at_its_most__taken(world):
    config = config_rows(world)
    for name, most in MOST.items():
        if not name.endswith("fee_wad"):  # fees are the owner's
            set_param(config, name, most)

    submit(world, config)

    assert stored_rows(world)[PARAMS] == config[PARAMS]


def test_submit__accepted__stored_as_code_and_announced(world):
    config = config_rows(world)
    set_param(config, "idle_wad", WAD // 10)

    receipt = submit(world, config)

    store = call(world.vault.functions.config())
    hash_ = call(world.vault.functions.configHash())
    (event,) = events(receipt, world.vault, "SetConfig")
    assert event == {"config": store, "configHash": hash_}
    assert Web3.keccak(world.web3.eth.get_code(store)) == hash_
    assert world.web3.eth.get_code(store)[0] == 0, "a STOP, so that nobody can call it"


def test_submit__accepted__read_back_the_same(world):
    assert stored_rows(world) == config_rows(world)


def test_submit__same_again__same_hash_other_place(world):
    before = call(world.vault.functions.config())
    hash_before = call(world.vault.functions.configHash())

    submit(world, config_rows(world))

    assert call(world.vault.functions.config()) != before
    assert call(world.vault.functions.configHash()) == hash_before


def test_submit__most_of_everything__larger_than_code_may_be(world):
    adapter = double(
        world, "HostileAdapter", world.vault.address, [world.asset.address]
    )
    config = config_rows(world)
    config[POSITIONS] += [
        position_row(adapter, market_id(f"0x{i:040x}")) for i in range(60)
    ]
    config[TAGS] *= 21
    config[POOLS] *= 21

    words = 4 + 21 + 3 * 8 + 64 * 9 + 63 * 3 + 63 * 5 + 1 + 1
    with reverts("ConfigNotStored", sizeBytes=32 * words):
        submit(world, config, gas=BLOCK_GAS)


def test_submit__position_dropped_while_held__refused(world):
    rebalance(world, supplies=[supply(world, SAVINGS, {"USDC": 5 * USDC})])
    config = config_rows(world)
    del config[POSITIONS][SAVINGS]

    with reverts(
        "PositionNotEmpty",
        adapter=world.adapter(SAVINGS).address,
        market=world.market_hex(SAVINGS),
        units=5 * USDC,
    ):
        submit(world, config)


def test_submit__emptied_position_dropped__taken_in_spite_of_donations(world):
    rebalance(world, supplies=[supply(world, SAVINGS, {"USDC": 5 * USDC})])
    rebalance(world, withdraws=[withdraw(world, SAVINGS)])
    savings = world.market.savings.functions
    adapter = world.adapter(SAVINGS).address
    send(world.web3, savings.transfer(adapter, USDC), world.market.actors.maker)
    config = config_rows(world)
    del config[POSITIONS][SAVINGS]

    submit(world, config)

    assert len(stored_rows(world)[POSITIONS]) == 3


@pytest.mark.parametrize("caller", ["bob", "strategist", "relayer"])
def test_submit__by_anyone_but_the_curator__refused(world, caller):
    who = getattr(world, caller)
    address = who if isinstance(who, str) else who.address
    config = system_config(world.web3, world.system)

    with reverts("AccessManagedUnauthorized", caller=address):
        send(world.web3, world.vault.functions.submit(config), who)


def test_submit__delayed_role__only_after_the_delay(world):
    role, authority = 3, world.system.authority
    config = system_config(world.web3, world.system)
    data = calldata(world.vault, "submit", config)
    for step in (
        authority.functions.grantRole(role, world.bob, DAY_SECONDS),
        authority.functions.setTargetFunctionRole(
            world.vault.address, [data[:4]], role
        ),
    ):
        send(world.web3, step, world.curator)
    set_ = world.vault.functions.submit(config)

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
        call(vault.functions.previewDeposit(USDC))
    with reverts("ConfigNotSet"):
        call(vault.functions.netAssetValue(0))
    assert call(vault.functions.totalAssets()) == 0
    assert call(vault.functions.maxDeposit(world.bob)) == 0
    assert call(vault.functions.maxWithdraw(world.bob)) == 0


@pytest.mark.parametrize(("asset", "token"), [(6, 18), (8, 6), (18, 8), (18, 18)])
def test_submit__decimals__scale_turns_a_wad_price_into_raw_units(
    web3, strategist, world, asset, token
):
    other = pair_world(web3, strategist, asset, token)

    prices = call(other.system.lens.functions.book(other.vault.address))[0]

    assert prices == [10**36, 2_000 * 10 ** (36 + asset - token)]
    assert net_assets(other) == (10**asset // 1000,) * 3, "the seed"
    assert net_assets(world)[0] > 0


def test_submit__source_that_answers_nothing__refused(world):
    config = config_rows(world)
    config[TOKENS][1][1] = world.bob

    with pytest.raises(ContractReverted):
        submit(world, config)


def test_submit__token_dropped_while_held__refused(world):
    buy_eth(world)
    held = call(world.token("ETH").functions.balanceOf(world.vault.address))

    with reverts("TokenNotEmpty", token=world.token("ETH").address, balance=held):
        submit(world, only_asset(world))


def test_submit__token_dropped_with_dust__taken(world):
    dust = 10**12  # a millionth
    eth = world.token("ETH")
    maker = world.market.actors.maker
    give(world.web3, eth, world.vault.address, dust, sender=maker)

    submit(world, only_asset(world))

    assert net_assets(world)[1] == 100_000 * USDC


def only_asset(world: World) -> list[Any]:
    """The configuration without any token but the asset, nor what needs one."""
    config = config_rows(world)
    config[TOKENS] = config[TOKENS][:1]
    config[POSITIONS] = [r for r in config[POSITIONS] if r[2] == 1 and r[3] == 0]
    config[POOLS] = []
    return config
