# SPDX-License-Identifier: MIT
"""Orders that swap to and fro until a budget is spent: what a thief of the key could
try, each swap inside its own slippage limit."""

from typing import Literal

from steelyard.charges import share_wad_up
from steelyard.demo.errors import NotRefused
from steelyard.demo.refusals import blank_order
from steelyard.headroom import level_now_wad
from steelyard.order import Rebalance, Swap
from steelyard.plan import steps
from steelyard.plan.charging import charge_of
from steelyard.plan.world import World, world_of
from steelyard.state import PoolState, Snapshot

Budget = Literal["turnover", "loss"]
MOST_SWAPS = 400
POOL_OF = {"turnover": 500, "loss": 3000}  # fee [pips] of the pool that serves best
PART_OF_IDLE = 3  # what is swapped at a time is a third of what lies idle


def wash_order(snapshot: Snapshot, budget: Budget) -> Rebalance:
    """Just so many swaps that this budget is exceeded.

    The vault looks at losses first, so that an order over the turnover budget alone
    must lose little: it uses the cheapest pool. Raises NotRefused when no number of
    swaps that fits a block is enough.
    """
    index, pool = _pool(snapshot, POOL_OF[budget])
    world = world_of(snapshot)
    amount = snapshot.asset.inventory // PART_OF_IDLE
    spent, swaps = 0, []
    for number in range(MOST_SWAPS):
        buys = number % 2 == 0
        zero_for_one = (pool.tokens[0] == 0) is buys
        before = world
        world, out = steps.swap(world, index, zero_for_one, amount)
        charge = charge_of(before, world)
        spent += charge.loss_assets if budget == "loss" else charge.traded_assets
        swaps.append(_swap(world, pool, zero_for_one, amount))
        amount = out
        if _is_over(snapshot, budget, spent):
            return blank_order(snapshot, swaps=tuple(swaps))
    raise NotRefused(f"{MOST_SWAPS} swaps, under the {budget} budget")


def _is_over(
    snapshot: Snapshot, budget: Literal["turnover", "loss"], spent: int
) -> bool:
    bucket = getattr(snapshot.limits, budget)
    nav = snapshot.nav_low if budget == "loss" else snapshot.nav
    level = level_now_wad(snapshot, bucket) + share_wad_up(spent, nav)
    # the clock runs on until the order is tried
    return bool(level > bucket.budget_wad + 3600 * bucket.refill_wad)


def _pool(snapshot: Snapshot, fee_pips: int) -> tuple[int, PoolState]:
    """The first pool of the asset with this fee."""
    return next(
        (i, pool)
        for i, pool in enumerate(snapshot.pools)
        if 0 in pool.tokens and pool.state.fee_pips == fee_pips
    )


def _swap(world: World, pool: PoolState, zero_for_one: bool, amount: int) -> Swap:
    token_in, token_out = pool.tokens if zero_for_one else pool.tokens[::-1]
    tokens = world.snapshot.tokens
    return Swap(
        venue=pool.venue,
        pool=pool.pool,
        token_in=tokens[token_in].address,
        token_out=tokens[token_out].address,
        amount_in=amount,
        min_amount_out=0,
    )
