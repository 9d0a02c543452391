# SPDX-License-Identifier: MIT
"""What actions are charged: what each may have lost, and what it trades.

UNITS     assets raw.
ROUNDING  Up. Where the last unit is not known, the amounts are the lowest they can be
          and `slack_assets` says how much more the charges may come to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.charges import (
    charge_assets,
    liquidity_concavity_assets,
    range_concavity_assets,
)
from steelyard.fair import constant_product_amounts, value_up
from steelyard.plan.world import World


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Of one action, or of a whole order."""

    loss_assets: int
    traded_assets: int
    slack_assets: int


def total(charges: Iterable[Charge]) -> Charge:
    """Gains of one action never pay for losses of another."""
    listed = list(charges)
    return Charge(
        loss_assets=sum(c.loss_assets for c in listed),
        traded_assets=sum(c.traded_assets for c in listed),
        slack_assets=sum(c.slack_assets for c in listed),
    )


def charge_of(before: World, after: World, concavity_assets: int = 0) -> Charge:
    """Of the action between two worlds: Budget.add on what it changed."""
    tokens = before.snapshot.tokens
    prices = [token.price_e36 for token in tokens]
    was, now = held(before), held(after)
    loss_assets, traded_assets = charge_assets(
        [b - a for a, b in zip(was, now, strict=True)],
        prices,
        [token.uncertainty_wad for token in tokens],
        concavity_assets,
    )
    slack = [a + b for a, b in zip(_slack(before), _slack(after), strict=True)]
    return Charge(
        loss_assets=loss_assets,
        traded_assets=traded_assets,
        slack_assets=sum(map(value_up, slack, prices)),
    )


def concavity_assets(
    world: World, index: int, ticks: tuple[int, int], units: int
) -> int:
    """What new liquidity may be worth less than its amounts say: the adapter's
    `concavityAssets`, asked after the supply."""
    position, state = world.snapshot.positions[index], world.market(index)
    tokens = [world.snapshot.tokens[t] for t in position.tokens]
    prices = tuple(token.price_e36 for token in tokens)
    doubts = tuple(token.uncertainty_wad for token in tokens)
    if isinstance(state, Concentrated):
        return range_concavity_assets(
            units, ticks, (prices[0], prices[1]), (doubts[0], doubts[1])
        )
    if not isinstance(state, ConstantProduct):
        return 0
    _, amount1 = constant_product_amounts(state, units, prices[0], prices[1])
    return liquidity_concavity_assets(amount1 + 1, prices[1], max(doubts))


def held(world: World) -> list[int]:
    """Per token: in the vault and in its positions, by the running books."""
    return _per_token(world, world.inventory, world.amounts)


def _slack(world: World) -> list[int]:
    return _per_token(world, world.inventory_slack, world.slack)


def _per_token(
    world: World, inventory: tuple[int, ...], amounts: tuple[tuple[int, ...], ...]
) -> list[int]:
    found = list(inventory)
    for position, own in zip(world.snapshot.positions, amounts, strict=True):
        for token, amount in zip(position.tokens, own, strict=True):
            found[token] += amount
    return found
