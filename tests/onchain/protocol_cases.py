# SPDX-License-Identifier: MIT
"""Vaults over one protocol each, and what is asked of every position in them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from support import (
    USDC,
    World,
    calldata,
    deposit,
    order_events,
    rebalance,
    withdraw,
)
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract
from web3.types import TxReceipt
from worlds import new_world, token_specs

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.config_args import market_id
from steelyard.chain.spec import (
    BudgetSpec,
    HubSpec,
    LimitsSpec,
    PoolSpec,
    PositionSpec,
    TokenSpec,
    VaultSpec,
)
from steelyard.chain.transactions import call, deploy, send
from steelyard.demo import clock, feeds, tokens
from steelyard.demo.market_spec import MarketSpec
from steelyard.demo.market_spec import TokenSpec as MarketToken
from steelyard.demo.protocols import Market, deploy_market
from steelyard.wad import WAD

E36 = 10**36
SEED = USDC // 1_000  # lies in every vault from the start
VIRTUAL_SHARES = 10**6
POSITION = 0  # of a vault with one
# a test may trade several times over and lose a lot: it is about something else
LOOSE = LimitsSpec(
    loss=BudgetSpec(wad=WAD // 2, refill_wad_per_day=WAD),
    hold=BudgetSpec(wad=WAD // 2, refill_wad_per_day=WAD),
    turnover=BudgetSpec(wad=10 * WAD, refill_wad_per_day=WAD),
)


def token_market(web3: Web3, *symbols: str) -> Market:
    """Tokens and their feeds; no pool and no lending."""
    return deploy_market(
        web3, MarketSpec(tokens=tuple(MARKET_TOKENS[symbol] for symbol in symbols))
    )


MARKET_TOKENS = {
    item.symbol: item
    for item in (
        MarketToken(symbol="USDC", decimals=6, price_e8=10**8),
        MarketToken(symbol="DAI", decimals=18, price_e8=10**8),
        MarketToken(symbol="USDT", decimals=6, price_e8=10**8),
        MarketToken(symbol="FRAX", decimals=18, price_e8=10**8),
        MarketToken(symbol="ETH", decimals=18, price_e8=2_000 * 10**8),
        MarketToken(symbol="BTC", decimals=8, price_e8=40_000 * 10**8),
        MarketToken(symbol="LINK", decimals=18, price_e8=15 * 10**8),
        MarketToken(symbol="UNI", decimals=18, price_e8=5 * 10**8),
    )
}


def with_hostile(web3: Web3, market: Market, symbol: str = "HST") -> Market:
    """The market with a dollar token more, which can call out while it moves."""
    sender = market.actors.deployer
    token = deploy(web3, own_artifact("HostileToken"), 18, sender=sender)
    for who in (market.actors.maker, market.actors.trader):
        tokens.give(web3, token, who, 10**27, sender=sender)
    feed = feeds.deploy_feed(web3, f"{symbol} / USD", sender=sender)
    now = int(web3.eth.get_block("latest")["timestamp"])
    feeds.push_answer(web3, feed, 10**8, now, sender=sender)
    return replace(
        market,
        tokens={**market.tokens, symbol: token},
        feeds={**market.feeds, symbol: feed},
    )


def hook(world: World, symbol: str, target: str, data: bytes, *, bubbles: bool) -> None:
    """What a hostile token does when it moves next."""
    set_hook = world.token(symbol).functions.setHook(target, data, bubbles)
    send(world.web3, set_hook, world.curator)


def block_token(world: World, symbol: str) -> None:
    """A hostile token that reverts when it moves, until `unblock_token`."""
    hook(world, symbol, world.vault.address, b"\xff\xff\xff\xff", bubbles=True)


def unblock_token(world: World, symbol: str) -> None:
    hook(world, symbol, ADDRESS_ZERO, b"", bubbles=False)


def amounts_inside(
    world: World, symbol: str, act: Callable[[], Any], position: int = POSITION
) -> bytes:
    """What `amounts` reverts with when asked while `act` moves a hostile token."""
    adapter, market = world.adapter(position), market_bytes(world, position)
    data = calldata(adapter, "amounts", market, prices_e36(world, position))
    hook(world, symbol, adapter.address, data, bubbles=False)
    act()
    token = world.token(symbol)
    assert call(token.functions.hookRan())
    assert not call(token.functions.hookSucceeded())
    return bytes(call(token.functions.hookAnswer()))


def error_data(name: str, *args: Any) -> bytes:
    """A custom error as it is reverted with."""
    (entry,) = (
        item
        for item in own_artifact("CurveAdapter").abi
        if item["type"] == "error" and item["name"] == name
    )
    types = [item["type"] for item in entry["inputs"]]
    selector = Web3.keccak(text=f"{name}({','.join(types)})")[:4]
    return bytes(selector) + encode(types, args)


def vault_world(
    web3: Web3,
    market: Market,
    strategist: LocalAccount,
    *,
    positions: Sequence[PositionSpec] = (),
    pools: Sequence[PoolSpec] = (),
    hubs: Sequence[HubSpec] = (),
    listed: Sequence[TokenSpec] | None = None,
) -> World:
    """A vault over these markets with 100,000 USDC of alice's; bob has as many."""
    used = {item.protocol for item in (*positions, *pools)}
    spec = VaultSpec(
        name="Protocols",
        symbol="PRO",
        signers=(strategist.address,),
        tokens=tuple(plain_tokens(market) if listed is None else listed),
        positions=tuple(positions),
        pools=tuple(pools),
        hubs=tuple(hub for hub in hubs if hub.protocol in used),
        tags=(),
        limits=LOOSE,
    )
    world = new_world(web3, market, spec, strategist)
    for who in (world.alice, world.bob):
        tokens.give(web3, market.asset, who, 100_000 * USDC, sender=world.curator)
    deposit(world, world.alice, 100_000 * USDC)
    return world


def plain_tokens(market: Market, uncertainty_wad: int | None = None) -> list[TokenSpec]:
    """Every token without tags; with the same uncertainty of every price but the
    asset's, if given."""
    specs = [replace(spec, tags=()) for spec in token_specs(market)]
    if uncertainty_wad is None:
        return specs
    return [
        replace(spec, feed=replace(spec.feed, uncertainty_wad=uncertainty_wad))
        if i and spec.feed
        else spec
        for i, spec in enumerate(specs)
    ]


@contextmanager
def undone(world: World) -> Iterator[World]:
    """The world; what happens to it inside is undone."""
    taken = clock.snapshot(world.web3)
    yield world
    clock.revert(world.web3, taken)


def give(world: World, symbol: str, who: str, amount: int) -> None:
    """Raw units of a token for an account."""
    tokens.give(world.web3, world.token(symbol), who, amount, sender=world.curator)


def put_in_vault(world: World, symbol: str, amount: int) -> None:
    """Raw units of a token as a gift to the vault: inventory without a swap."""
    give(world, symbol, world.vault.address, amount)


def market_bytes(world: World, position: int = POSITION) -> bytes:
    return market_id(world.system.spec.positions[position].market)


def ask(world: World, name: str, *args: Any, position: int = POSITION) -> Any:
    """What a view of the position's adapter answers for its market."""
    function = world.adapter(position).functions[name]
    return call(function(market_bytes(world, position), *args))


def prices_e36(world: World, position: int = POSITION) -> list[int]:
    """The vault's own middle prices of the market's tokens, in its order."""
    listed = ask(world, "tokens", position=position)
    prices = {
        token.address: price
        for token, price in zip(
            world.system.spec.tokens, read_book(world)["prices"], strict=True
        )
    }
    return [prices[address] for address in listed]


def amounts_of(world: World, position: int = POSITION) -> list[int]:
    """What the adapter says that the position is worth, at the vault's prices."""
    return list(ask(world, "amounts", prices_e36(world, position), position=position))


def units_of(world: World, position: int = POSITION) -> int:
    return int(ask(world, "units", position=position))


def worth(world: World, amounts: Sequence[int], position: int = POSITION) -> int:
    """Asset units of amounts in the market's order, at the vault's middle prices."""
    prices = prices_e36(world, position)
    return sum(a * p // E36 for a, p in zip(amounts, prices, strict=True))


def read_book(world: World) -> dict[str, Any]:
    """The lens's reading of the vault; members of Types.sol's Book by name."""
    view = world.system.lens.functions.book(world.vault.address)
    abi = world.system.lens.abi
    (output,) = next(item["outputs"] for item in abi if item.get("name") == "book")
    names = [component["name"] for component in output["components"]]
    book = dict(zip(names, call(view), strict=True))
    return {**book, "prices": book["pricesE36"]}


def held_by(world: World, who: str, position: int = POSITION) -> list[int]:
    """What an account has of the market's tokens, in the market's order."""
    listed = ask(world, "tokens", position=position)
    by_address = {token.address: token for token in world.market.tokens.values()}
    return [tokens.balance_of(by_address[address], who) for address in listed]


def withdraw_all(world: World, position: int = POSITION) -> tuple[list[int], TxReceipt]:
    """Leaves the position by an order; what came out, per token, and the receipt."""
    receipt = rebalance(world, withdraws=[withdraw(world, position)])
    (event,) = order_events(world, receipt, "Withdrawn")
    return list(event["amounts"]), receipt


def redeem_in_kind(
    world: World, shares: int, receiver: str | None = None, skip: int = 0
) -> TxReceipt:
    """Alice leaves with her slice of everything that is not skipped."""
    function = world.vault.functions.redeemInKind(
        shares, receiver or world.alice, world.alice, skip
    )
    return send(world.web3, function, world.alice)


def shares_of(world: World, who: str) -> int:
    return int(call(world.vault.functions.balanceOf(who)))


def slice_of(world: World, units: int, shares: int) -> int:
    """The part of some units that belongs to some shares, rounded down."""
    whole = int(call(world.vault.functions.totalSupply())) + VIRTUAL_SHARES
    return units * shares // whole


def leave(world: World, assets: int) -> int:
    """Alice withdraws; what she gets."""
    before = tokens.balance_of(world.asset, world.alice)
    out = world.vault.functions.withdraw(assets, world.alice, world.alice)
    send(world.web3, out, world.alice)
    return tokens.balance_of(world.asset, world.alice) - before


def allowance(token: Contract, owner: str, spender: str) -> int:
    return int(call(token.functions.allowance(owner, spender)))


def nothing_left(world: World, position: int, spender: str) -> bool:
    """Whether the adapter keeps no token of its market and lets nobody take any."""
    adapter = world.adapter(position)
    listed = call(adapter.functions.tokens(market_bytes(world, position)))
    by_address = {token.address: token for token in world.market.tokens.values()}
    return all(
        tokens.balance_of(by_address[address], adapter.address) == 0
        and allowance(by_address[address], adapter.address, spender) == 0
        for address in listed
    )


def order_navs(world: World, receipt: TxReceipt) -> tuple[int, int]:
    """Net asset value before and after an order, as it measured itself."""
    (event,) = order_events(world, receipt, "Rebalanced")
    return event["navBefore"], event["navAfter"]
