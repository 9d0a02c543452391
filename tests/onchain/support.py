# SPDX-License-Identifier: MIT
"""What the on-chain tests share: the world they act in, orders, reverts and events."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.contract import Contract
from web3.logs import DISCARD
from web3.types import TxReceipt

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.config_args import Config, market_hex
from steelyard.chain.deploy import VaultSystem, configure, system_config
from steelyard.chain.errors import ContractReverted
from steelyard.chain.spec import VaultSpec
from steelyard.chain.transactions import call, contract_at, deploy, send
from steelyard.chain.vault_facts import Params
from steelyard.demo import feeds, tokens, traders, uniswap_v3
from steelyard.demo.protocols import Market
from steelyard.order import (
    UINT_MAX,
    ZERO_ADDRESS,
    Rebalance,
    Supply,
    Swap,
    Target,
    Withdraw,
    signable,
)
from steelyard.wad import WAD

ZERO_HASH = "0x" + "00" * 32
# positions of the standard vault, in its order
V2, V3, AAVE, SAVINGS = range(4)
V2_POOL, V3_POOL, BTC_POOL = range(3)
NO_RANGE = (0, 0)
# parts of a configuration
PARAMS, TOKENS, POSITIONS, TAGS, POOLS, SIGNERS = range(6)
BOOK_FIELDS = (
    "prices",
    "inventory",
    "amounts",
    "held",
    "token_assets",
    "position_assets",
    "tag_assets",
    "gross_assets",
    "nav",
)
USDC, ETH, BTC = 10**6, 10**18, 10**8  # raw units of one token
SEED = USDC // 1000  # nobody's deposit, made when a vault is first configured
LOW, MID, HIGH = range(3)  # sides of the price uncertainty


@dataclass(frozen=True, kw_only=True)
class World:
    """A market of real protocols, a vault in it, and the people around it."""

    web3: Web3
    market: Market
    system: VaultSystem
    strategist: LocalAccount
    curator: ChecksumAddress  # administers the vault, owns the feeds
    relayer: ChecksumAddress
    alice: ChecksumAddress  # her shares and the seed are worth 100,000 USDC
    bob: ChecksumAddress  # holds 100,000 USDC
    whale: ChecksumAddress  # holds a billion dollars of each token

    @property
    def vault(self) -> Contract:
        return self.system.vault

    @property
    def asset(self) -> Contract:
        return self.market.asset

    def token(self, symbol: str) -> Contract:
        return self.market.tokens[symbol]

    def adapter(self, position: int) -> Contract:
        return self.system.adapters[self.system.spec.positions[position].protocol]

    def market_address(self, position: int) -> ChecksumAddress:
        return self.system.spec.positions[position].market

    def market_hex(self, position: int) -> str:
        return market_hex(self.market_address(position))

    def now(self) -> int:
        return int(self.web3.eth.get_block("latest")["timestamp"])


@dataclass(frozen=True, kw_only=True)
class Signed:
    """An order and the strategist's signature of it."""

    order: Rebalance
    signature: bytes


def make_order(
    system: VaultSystem,
    strategist: LocalAccount,
    withdraws: Iterable[Withdraw] = (),
    swaps: Iterable[Swap] = (),
    supplies: Iterable[Supply] = (),
    **changes: Any,
) -> Signed:
    """A valid order for the vault as it stands, with `changes`, signed."""
    web3 = system.vault.w3
    now = int(web3.eth.get_block("latest")["timestamp"])
    order = Rebalance(
        nonce=call(system.vault.functions.nonce()),
        valid_after=now - 100,
        deadline=now + 450,
        relayer=ZERO_ADDRESS,
        public_after=0,
        config_hash="0x" + call(system.vault.functions.configHash()).hex(),
        share_price_floor_before=0,
        share_price_ceil_before=UINT_MAX,
        share_price_floor_after=0,
        inputs_hash=ZERO_HASH,
        targets=(),
        withdraws=tuple(withdraws),
        swaps=tuple(swaps),
        supplies=tuple(supplies),
    )
    return sign(system, strategist, replace(order, **changes))


def sign(system: VaultSystem, signer: LocalAccount, order: Rebalance) -> Signed:
    """The order with a signature for this vault on this chain."""
    vault, chain_id = system.vault, system.vault.w3.eth.chain_id
    message = signable(order, chain_id, vault.address, system.spec.name)
    return Signed(order=order, signature=bytes(signer.sign_message(message).signature))


def relay(
    world: World, signed: Signed, *, sender: ChecksumAddress | None = None
) -> TxReceipt:
    """Sends an order to the vault."""
    function = world.vault.functions.rebalance(
        signed.order.as_tuple(), signed.signature
    )
    return send(world.web3, function, sender or world.relayer)


def rebalance(world: World, **parts: Any) -> TxReceipt:
    """Makes an order and sends it."""
    return relay(world, make_order(world.system, world.strategist, **parts))


def reconfigure(world: World, spec: VaultSpec) -> World:
    """The world after the curator has set another configuration."""
    system = configure(world.web3, world.system, spec, world.curator)
    return replace(world, system=system)


def config_rows(world: World) -> list[Any]:
    """The configuration in force as nested lists, ready to be spoilt."""
    return as_rows(system_config(world.web3, world.system))


def stored_rows(world: World) -> list[Any]:
    """The same, as the vault has stored it: what tests have added included."""
    return as_rows(call(world.system.lens.functions.config(world.vault.address)))


def as_rows(config: Config) -> list[Any]:
    params, *tables, signers = config
    rows = [[list(row) for row in table] for table in tables]
    return [list(params), *rows, list(signers)]


def set_param(config: list[Any], name: str, value: Any) -> None:
    """Sets one of the parameters, by its name in `vault_facts.Params`."""
    config[PARAMS][Params._fields.index(name)] = value


def submit(world: World, config: Any, gas: int | None = None) -> TxReceipt:
    """Puts nested lists in force as the vault's configuration."""
    as_tuples: Config = (
        tuple(config[PARAMS]),
        *([tuple(row) for row in table] for table in config[TOKENS:SIGNERS]),
        config[SIGNERS],
    )
    function = world.vault.functions.submit(as_tuples)
    return send(world.web3, function, world.curator, gas=gas)


def with_limits(spec: VaultSpec, **changes: Any) -> VaultSpec:
    """The spec with other limits than caps."""
    return replace(spec, limits=replace(spec.limits, **changes))


def with_token(spec: VaultSpec, symbol: str, **changes: Any) -> VaultSpec:
    """The spec with one token changed."""
    changed = (replace(t, **changes) if t.symbol == symbol else t for t in spec.tokens)
    return replace(spec, tokens=tuple(changed))


def with_position(spec: VaultSpec, index: int, **changes: Any) -> VaultSpec:
    """The spec with one position changed."""
    positions = list(spec.positions)
    positions[index] = replace(positions[index], **changes)
    return replace(spec, positions=tuple(positions))


def with_tag(spec: VaultSpec, name: str, **changes: Any) -> VaultSpec:
    """The spec with one tag changed."""
    changed = (replace(t, **changes) if t.name == name else t for t in spec.tags)
    return replace(spec, tags=tuple(changed))


def in_order(
    world: World, position: int, amounts: Mapping[str, int]
) -> tuple[int, ...]:
    """Amounts by symbol, in the order of the position's market."""
    market = bytes.fromhex(world.market_hex(position)[2:])
    listed = call(world.adapter(position).functions.tokens(market))
    symbols = {token.address: s for s, token in world.market.tokens.items()}
    return tuple(amounts.get(symbols[token], 0) for token in listed)


def supply(
    world: World,
    position: int,
    amounts: Mapping[str, int],
    *,
    ticks: tuple[int, int] = NO_RANGE,
    min_units: int = 0,
) -> Supply:
    return Supply(
        adapter=world.adapter(position).address,
        market=world.market_hex(position),
        tick_lower=ticks[0],
        tick_upper=ticks[1],
        max_amounts=in_order(world, position, amounts),
        min_units=min_units,
    )


def withdraw(
    world: World,
    position: int,
    units: int = UINT_MAX,
    *,
    ticks: tuple[int, int] = NO_RANGE,
    min_amounts: Mapping[str, int] | None = None,
) -> Withdraw:
    return Withdraw(
        adapter=world.adapter(position).address,
        market=world.market_hex(position),
        tick_lower=ticks[0],
        tick_upper=ticks[1],
        units=units,
        min_amounts=in_order(world, position, min_amounts or {}),
    )


def swap(
    world: World,
    pool: int,
    token_in: str,
    token_out: str,
    amount_in: int,
    min_amount_out: int = 0,
) -> Swap:
    item = world.system.spec.pools[pool]
    return Swap(
        venue=world.system.venues[item.protocol].address,
        pool=market_hex(item.pool),
        token_in=world.token(token_in).address,
        token_out=world.token(token_out).address,
        amount_in=amount_in,
        min_amount_out=min_amount_out,
    )


def token_target(world: World, symbol: str, low_wad: int, high_wad: int) -> Target:
    return Target(
        item=world.token(symbol).address,
        market=ZERO_HASH,
        min_weight_wad=low_wad,
        max_weight_wad=high_wad,
    )


def position_target(
    world: World, position: int, low_wad: int = 0, high_wad: int = WAD
) -> Target:
    return Target(
        item=world.adapter(position).address,
        market=world.market_hex(position),
        min_weight_wad=low_wad,
        max_weight_wad=high_wad,
    )


def v3_ticks(world: World, half_width_ticks: int) -> tuple[int, int]:
    """A range of the V3 position's pool around its present tick."""
    pool = world.market.pools[0]
    tick = uniswap_v3.slot0(pool.contract)[1]
    spacing = uniswap_v3.TICK_SPACINGS[pool.spec.fee]
    return uniswap_v3.ticks_around(tick, half_width_ticks, spacing)


def buy_eth(world: World, usdc: int = 30_000) -> TxReceipt:
    """Puts ETH into the vault's inventory."""
    return rebalance(world, swaps=[swap(world, V2_POOL, "USDC", "ETH", usdc * USDC)])


def invest(world: World) -> tuple[int, int]:
    """Opens all four positions for about 10,000 USDC each; the V3 range."""
    ticks = v3_ticks(world, 3000)
    both = {"USDC": 6_000 * USDC, "ETH": 3 * ETH}
    rebalance(
        world,
        swaps=[swap(world, V2_POOL, "USDC", "ETH", 14_000 * USDC)],
        supplies=[
            supply(world, V2, both),
            supply(world, V3, both, ticks=ticks),
            supply(world, AAVE, {"USDC": 10_000 * USDC}),
            supply(world, SAVINGS, {"USDC": 10_000 * USDC}),
        ],
    )
    return ticks


def trade_back_and_forth(world: World, pool: int, usdc: int) -> None:
    """A whale buys ETH and sells it again, which leaves fees behind."""
    market = [world.market.pairs[0], world.market.pools[0]][pool]
    trade = traders.swap(world.web3, world.market, market, "USDC", "ETH", usdc * USDC)
    traders.swap(world.web3, world.market, market, "ETH", "USDC", trade.amount_out)


def set_price(world: World, symbol: str, dollars: float) -> None:
    """One new round on a feed, now."""
    answer_e8 = round(dollars * 10**8)
    feed = world.market.feeds[symbol]
    feeds.push_answer(world.web3, feed, answer_e8, world.now(), sender=world.curator)


def deposit(world: World, who: ChecksumAddress, usdc: int) -> TxReceipt:
    """A deposit of raw USDC by someone who has them."""
    tokens.approve(world.web3, world.asset, world.vault.address, sender=who)
    return send(world.web3, world.vault.functions.deposit(usdc, who), who)


def units_of(world: World, position: int) -> int:
    market = world.market_hex(position)
    return int(call(world.adapter(position).functions.units(market)))


def book(world: World) -> dict[str, Any]:
    """The lens's reading of the vault, by field."""
    values = call(world.system.lens.functions.book(world.vault.address))
    return dict(zip(BOOK_FIELDS, values, strict=True))


def net_assets(world: World) -> tuple[int, int, int]:
    """Low, middle and high net asset value."""
    low, middle, high = (
        call(world.vault.functions.netAssetValue(side))[0] for side in (LOW, MID, HIGH)
    )
    return low, middle, high


def double(world: World, name: str, *args: Any) -> Contract:
    """A newly deployed double from contracts/mocks."""
    return deploy(world.web3, own_artifact(name), *args, sender=world.curator)


def calldata(contract: Contract, name: str, *args: Any) -> bytes:
    """Encoded call of a contract's function."""
    return bytes.fromhex(contract.encode_abi(name, args=list(args))[2:])


def events(receipt: TxReceipt, contract: Contract, name: str) -> list[dict[str, Any]]:
    """Arguments of each event of this name that the contract emitted."""
    logs = contract.events[name]().process_receipt(receipt, errors=DISCARD)
    return [dict(log["args"]) for log in logs if log["address"] == contract.address]


def order_events(world: World, receipt: TxReceipt, name: str) -> list[dict[str, Any]]:
    """Arguments of the events that the vault emitted while it executed an order."""
    return _vault_events(world, receipt, name, "IOrderEvents")


def exit_events(world: World, receipt: TxReceipt, name: str) -> list[dict[str, Any]]:
    """The same of an exit in kind, or of a claim that it left."""
    return _vault_events(world, receipt, name, "IExitEvents")


def upkeep_events(world: World, receipt: TxReceipt, name: str) -> list[dict[str, Any]]:
    """The same of upkeep."""
    return _vault_events(world, receipt, name, "IUpkeepEvents")


def _vault_events(
    world: World, receipt: TxReceipt, name: str, interface: str
) -> list[dict[str, Any]]:
    contract = contract_at(world.web3, own_artifact(interface), world.vault.address)
    return events(receipt, contract, name)


@contextmanager
def reverts(error: str, **arguments: Any) -> Iterator[None]:
    """Expects this custom error, with these arguments among its own."""
    with pytest.raises(ContractReverted) as caught:
        yield
    assert caught.value.name == error, str(caught.value)
    found = {key: _plain(caught.value.arguments.get(key)) for key in arguments}
    assert found == {key: _plain(value) for key, value in arguments.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value.lower() if isinstance(value, str) else value
