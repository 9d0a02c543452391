# SPDX-License-Identifier: MIT
"""What a world is worth to the vault: Valuation.book in integers.

UNITS     assets raw.
ROUNDING  Down, as the libraries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.fair import (
    constant_product_amounts,
    ranges_amounts,
    value_down,
)
from steelyard.lending import AaveReserve, assets_of_shares_down
from steelyard.plan.world import Amounts, World
from steelyard.state import Cap, Held, Snapshot


@dataclass(frozen=True, kw_only=True)
class Book:
    """Types.sol's Book, without the prices, which are the snapshot's."""

    inventory: Amounts  # per token, raw
    amounts: tuple[Amounts, ...]  # per position, per token of its market
    token_assets: Amounts
    position_assets: Amounts
    tag_assets: Amounts
    gross_assets: int  # sum of the tokens' exposures; of debt, twice
    nav: int


def book(world: World, *, high: bool = False) -> Book:
    """The reading that the vault would take; `high` adds the slack of rounding."""
    snapshot = world.snapshot
    amounts = tuple(
        _with_slack(own, slack, high)
        for own, slack in zip(world.amounts, world.slack, strict=True)
    )
    inventory = _with_slack(world.inventory, world.inventory_slack, high)
    held = list(inventory)
    tags = [0] * len(snapshot.tags)
    position_assets = []
    for position, own in zip(snapshot.positions, amounts, strict=True):
        assets = 0
        for token, amount in zip(position.tokens, own, strict=True):
            held[token] += amount
            assets += value_down(amount, snapshot.tokens[token].price_e36)
        position_assets.append(assets)
        _add(tags, position.tags, assets)
    token_assets = []
    for token_state, amount in zip(snapshot.tokens, held, strict=True):
        token_assets.append(value_down(amount, token_state.price_e36))
        _add(tags, token_state.tags, token_assets[-1])
    return Book(
        inventory=inventory,
        amounts=amounts,
        token_assets=tuple(token_assets),
        position_assets=tuple(position_assets),
        tag_assets=tuple(tags),
        gross_assets=sum(token_assets),
        nav=sum(token_assets),
    )


def _with_slack(amounts: Amounts, slack: Amounts, high: bool) -> Amounts:
    if not high:
        return amounts
    return tuple(a + s for a, s in zip(amounts, slack, strict=True))


def _add(tags: list[int], carried: frozenset[int], assets: int) -> None:
    for tag in carried:
        if tag < len(tags):
            tags[tag] += assets


@dataclass(frozen=True, kw_only=True)
class Capped:
    """Value at risk to one token, position or tag [raw asset units, down]."""

    kind: Literal["token", "position", "tag"]
    name: str
    cap: Cap
    assets: int


def capped(snapshot: Snapshot, reading: Book) -> Iterator[Capped]:
    """All that has a cap: tokens, positions and tags, in the snapshot's order."""
    for token, assets in zip(snapshot.tokens, reading.token_assets, strict=True):
        yield Capped(kind="token", name=token.symbol, cap=token.cap, assets=assets)
    own = zip(snapshot.positions, reading.position_assets, strict=True)
    for position, assets in own:
        name, cap = position.name, position.cap
        yield Capped(kind="position", name=name, cap=cap, assets=assets)
    for tag, assets in zip(snapshot.tags, reading.tag_assets, strict=True):
        yield Capped(kind="tag", name=tag.name, cap=tag.cap, assets=assets)


def read_again(world: World, index: int) -> World:
    """The world once the vault has read a position that an action touched."""
    amounts, slack = list(world.amounts), list(world.slack)
    amounts[index] = position_amounts(world, index)
    slack[index] = world.holdings[index].slack
    return replace(world, amounts=tuple(amounts), slack=tuple(slack))


def position_amounts(world: World, index: int) -> Amounts:
    """Amounts of a position at the oracle's prices: the adapter's `amounts`."""
    position, held = world.snapshot.positions[index], world.holdings[index]
    state = world.market(index)
    if isinstance(state, Held):
        return position.amounts
    if isinstance(state, AaveReserve):
        return (held.lent,)
    prices = [world.snapshot.tokens[t].price_e36 for t in position.tokens]
    if isinstance(state, ConstantProduct):
        return constant_product_amounts(state, held.units, prices[0], prices[1])
    if isinstance(state, Concentrated):
        return ranges_amounts(held.ranges, prices[0], prices[1])
    return (assets_of_shares_down(state, held.units) if held.units else 0,)
