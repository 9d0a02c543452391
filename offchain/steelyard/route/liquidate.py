# SPDX-License-Identifier: MIT
"""How to sell over several blocks while pools refill in between.

F(z) is what the best route makes of z when pools are at rest: concave. What a sale
leaves behind is counted in amounts: of an impact of z a share 1 - refill is still there
a block later. The best plan holds the impact after each sale at one level y:

    first y, then refill · y a block, and what is left in the last block;

y maximises the total, one number to look for. Gas is paid for each block, so fewer
blocks may be better.

SOURCE  Obizhaeva, Wang: "Optimal trading strategy and supply/demand dynamics" (2013);
        Alfonsi, Fruth, Schied: "Optimal execution strategies in limit order books with
        general shape functions" (2010), for F of any shape.
Pools are taken to refill alike: an impact is shared as the best route shares it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from steelyard.route.errors import NoRoute, RouteInputInvalid
from steelyard.route.markets import Market
from steelyard.route.route import best_route
from steelyard.route.search import Wanted

SEARCHES = 60  # of golden sections: each keeps 0.618 of the interval
PRECISION = 1e-5  # of the share that is looked for: its square is what that costs
GOLDEN = (sqrt(5) - 1) / 2
MOST_BLOCKS = 1_000

Proceeds = Callable[[float], float]


@dataclass(frozen=True, kw_only=True)
class Liquidation:
    """Shares of the basket to sell, a block each, and what they make."""

    shares: tuple[float, ...]  # sum 1, one a block, the last blocks not used left out
    value: float  # sets of what is bought, gas not taken off
    gas_cost: float  # in sets
    at_once: float  # value less gas of one sale in the first block
    evenly: float  # the same of equal parts in as many blocks

    @property
    def net(self) -> float:
        """Value less gas."""
        return self.value - self.gas_cost


def best_liquidation(
    markets: Sequence[Market],
    tokens: int,
    have: Mapping[int, int],
    wanted: Wanted,
    *,
    blocks: int,
    refill: float,
    gas_price: float = 0.0,
) -> Liquidation:
    """Sells all of `have` in at most `blocks` blocks; `refill`: share a block, 0 to 1.

    Raises `RouteInputInvalid`, `NoRoute`.
    """
    if not 1 <= blocks <= MOST_BLOCKS:
        raise RouteInputInvalid("blocks", blocks, f"1 to {MOST_BLOCKS}")
    if not 0 <= refill <= 1:
        raise RouteInputInvalid("refill", refill, "0 to 1")
    whole = best_route(markets, tokens, have, wanted, gas_price=gas_price)
    known: dict[float, float] = {0.0: 0.0, 1.0: whole.value}

    def proceeds(share: float) -> float:
        share = min(max(share, 0.0), 1.0)
        if share not in known:
            part = {token: int(amount * share) for token, amount in have.items()}
            try:
                route = best_route(markets, tokens, part, wanted, gas_price=gas_price)
                known[share] = route.value
            except (NoRoute, RouteInputInvalid):  # a share of nothing
                known[share] = 0.0
        return known[share]

    def plan(count: int) -> Liquidation:
        return _plan(proceeds, count, 1 - refill, whole.gas_cost)

    if not whole.gas_cost:
        return plan(blocks)  # more blocks never make less
    best, count = plan(1), 1
    while count < blocks:
        count = min(blocks, count + max(1, count // 8))
        other = plan(count)
        if other.net <= best.net:
            break  # each further block adds less, and costs the same
        best = other
    return best


def _plan(proceeds: Proceeds, blocks: int, stays: float, gas: float) -> Liquidation:
    level = 1.0 if blocks == 1 else _best_level(proceeds, blocks, stays)
    shares = shares_at(level, blocks, stays)
    return Liquidation(
        shares=shares,
        value=value_of(proceeds, shares, stays),
        gas_cost=gas * blocks,
        at_once=proceeds(1.0) - gas,
        evenly=value_of(proceeds, (1 / blocks,) * blocks, stays) - gas * blocks,
    )


def shares_at(level: float, blocks: int, stays: float) -> tuple[float, ...]:
    """`level` first, what refills in between, the rest at the end."""
    if blocks == 1:
        return (1.0,)
    between = (1 - stays) * level
    last = 1 - level - (blocks - 2) * between
    return (level, *(between,) * (blocks - 2), last)


def value_of(proceeds: Proceeds, shares: Sequence[float], stays: float) -> float:
    """Sum of F(impact + sale) - F(impact), the impact decaying in between."""
    impact = total = 0.0
    for share in shares:
        total += proceeds(impact + share) - proceeds(impact)
        impact = stays * (impact + share)
    return total


def _best_level(proceeds: Proceeds, blocks: int, stays: float) -> float:
    """Golden section between nothing and the level that leaves nothing to the end."""
    low, high = 0.0, 1 / (1 + (blocks - 2) * (1 - stays))

    def total(level: float) -> float:
        return value_of(proceeds, shares_at(level, blocks, stays), stays)

    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    value_left, value_right = total(left), total(right)
    for _ in range(SEARCHES):
        if value_left < value_right:
            low, left, value_left = left, right, value_right
            right = low + GOLDEN * (high - low)
            value_right = total(right)
        else:
            high, right, value_right = right, left, value_left
            left = high - GOLDEN * (high - low)
            value_left = total(left)
        if high - low < PRECISION:
            break
    return (low + high) / 2
