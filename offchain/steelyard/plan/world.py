# SPDX-License-Identifier: MIT
"""The vault and its markets while an order runs.

UNITS     amounts, units raw.
ROUNDING  As the protocols round. Where the last unit hangs on the block that the order
          runs in, the amount is the lowest it can be and `slack` says how much higher
          it may come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from steelyard.amm.concentrated import Concentrated
from steelyard.lending import AaveReserve
from steelyard.plan.errors import AmountNotHeld, SnapshotFieldInvalid
from steelyard.state import MarketState, PositionState, RangeState, Snapshot

Amounts = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What the vault has in one position."""

    units: int
    ranges: tuple[RangeState, ...]
    lent: int  # Aave: what the scaled balance is worth, at the least
    slack: Amounts  # raw units by which the amounts may come higher


@dataclass(frozen=True, kw_only=True)
class World:
    """`amounts` are the vault's running books: it reads a position at the oracle's
    prices when an order begins and again whenever an action touches it, so that what a
    swap does to a pool's own liquidity shows at the next action there, or not at all.
    """

    snapshot: Snapshot
    inventory: Amounts
    inventory_slack: Amounts
    markets: Mapping[str, MarketState]  # by market or pool, lower case
    holdings: tuple[Holding, ...]
    amounts: tuple[Amounts, ...]  # per position
    slack: tuple[Amounts, ...]  # by which they may come higher

    def market(self, position: int) -> MarketState:
        """State of the market that a position is in."""
        return self.markets[self.snapshot.positions[position].market.lower()]


def world_of(snapshot: Snapshot) -> World:
    """The snapshot before anything is done. Raises `SnapshotFieldInvalid`."""
    markets: dict[str, MarketState] = {p.pool.lower(): p.state for p in snapshot.pools}
    # a position's reading also holds what only liquidity providers need
    markets |= {p.market.lower(): p.state for p in snapshot.positions}
    return World(
        snapshot=snapshot,
        inventory=tuple(token.inventory for token in snapshot.tokens),
        inventory_slack=(0,) * len(snapshot.tokens),
        markets=markets,
        holdings=tuple(_holding(position) for position in snapshot.positions),
        amounts=tuple(position.amounts for position in snapshot.positions),
        slack=tuple((0,) * len(position.tokens) for position in snapshot.positions),
    )


def _holding(position: PositionState) -> Holding:
    if len(position.amounts) != len(position.tokens):
        raise SnapshotFieldInvalid(
            f"amounts of {position.name}",
            len(position.amounts),
            f"{len(position.tokens)}, one per token",
        )
    return Holding(
        units=position.units,
        ranges=position.ranges,
        lent=position.amounts[0],
        slack=(0,) * len(position.tokens),
    )


def held_units(world: World, position: int, tick_lower: int, tick_upper: int) -> int:
    """Most that a withdrawal may ask for, in the adapter's units."""
    held, state = world.holdings[position], world.market(position)
    if isinstance(state, Concentrated):
        ticks = (tick_lower, tick_upper)
        return sum(
            r.liquidity for r in held.ranges if (r.tick_lower, r.tick_upper) == ticks
        )
    return held.lent if isinstance(state, AaveReserve) else held.units


def moved(
    world: World, market: str, state: MarketState, moves: Mapping[int, int]
) -> World:
    """The world with one market in a new state and tokens in or out of the vault.

    Raises `AmountNotHeld`.
    """
    inventory = list(world.inventory)
    for token, amount in moves.items():
        if inventory[token] + amount < 0:
            symbol = world.snapshot.tokens[token].symbol
            raise AmountNotHeld(symbol, -amount, inventory[token])
        inventory[token] += amount
    return replace(
        world,
        inventory=tuple(inventory),
        markets={**world.markets, market.lower(): state},
    )


def with_holding(world: World, position: int, held: Holding) -> World:
    """The world with one holding replaced."""
    holdings = list(world.holdings)
    holdings[position] = held
    return replace(world, holdings=tuple(holdings))


def with_inventory_slack(world: World, token: int) -> World:
    """The world in which one raw unit more of a token may have come."""
    slack = list(world.inventory_slack)
    slack[token] += 1
    return replace(world, inventory_slack=tuple(slack))
