# SPDX-License-Identifier: MIT
"""Orders that swap to and fro until a budget is spent: what a thief of the key could
try, each swap inside its own slippage limit."""

from collections.abc import Sequence
from typing import Literal

from steelyard.charges import share_wad_up
from steelyard.demo.refusals import blank_order
from steelyard.errors import SteelyardError
from steelyard.headroom import level_now_wad
from steelyard.order import Rebalance, Swap
from steelyard.plan.charging import Charge, charge_of, total
from steelyard.plan.fitting import require, tried
from steelyard.plan.records import Intent
from steelyard.plan.world import world_of
from steelyard.state import Snapshot

Budget = Literal["turnover", "loss"]
MOST_SWAPS = 400  # so that the order fits a block
PART_OF_IDLE = 3  # what is swapped at a time is at most a third of what lies idle
PARTS_OF_NAV = (4, 10, 25, 60)  # the largest that passes its own limits is swapped
CLOCK_SECONDS = 60  # what may pass until the order is tried


def wash_order(snapshot: Snapshot, budget: Budget) -> Rebalance | None:
    """Just so many swaps that this budget is exceeded and no other.

    None where no pool serves: in a market in uproar each stands too far off the oracle.
    """
    for index in _by_fee(snapshot, dearest_first=budget == "loss"):
        for parts in PARTS_OF_NAV:
            swaps = _swaps(snapshot, budget, index, snapshot.nav // parts)
            if swaps:
                return blank_order(snapshot, swaps=swaps)
    return None


def buying_order(snapshot: Snapshot) -> Rebalance:
    """A hundredth of the idle asset for another token, in the cheapest pool."""
    index = _by_fee(snapshot, dearest_first=False)[0]
    buys_second = snapshot.pools[index].tokens[0] == 0
    swap = _swap(snapshot, index, buys_second, snapshot.asset.inventory // 100)
    return blank_order(snapshot, swaps=(swap,))


def _by_fee(snapshot: Snapshot, *, dearest_first: bool) -> Sequence[int]:
    pools = snapshot.pools
    own = [i for i, pool in enumerate(pools) if 0 in pool.tokens]
    return sorted(own, key=lambda i: pools[i].state.fee_pips, reverse=dearest_first)


def _swaps(
    snapshot: Snapshot, budget: Budget, index: int, most: int
) -> tuple[Swap, ...]:
    """To and fro in one pool; none when a swap breaks a limit of its own, or when the
    vault, which looks at losses first, would refuse a turnover for its losses."""
    pool, world = snapshot.pools[index], world_of(snapshot)
    amount = min(snapshot.asset.inventory // PART_OF_IDLE, most)
    spent, swaps = Charge(loss_assets=0, traded_assets=0, slack_assets=0), []
    for number in range(MOST_SWAPS):
        zero_for_one = (pool.tokens[0] == 0) is (number % 2 == 0)
        intent = Intent(
            kind="swap", index=index, size=amount, zero_for_one=zero_for_one
        )
        before = world
        try:
            world, out, checks = tried(world, intent, amount)
            require(checks)
        except SteelyardError:
            return ()
        spent = total([spent, charge_of(before, world)])
        swaps.append(_swap(snapshot, index, zero_for_one, amount))
        if _is_over(snapshot, "loss", spent) and budget != "loss":
            return ()
        if _is_over(snapshot, budget, spent):
            return tuple(swaps)
        amount = out
    return ()


def _swap(snapshot: Snapshot, index: int, zero_for_one: bool, amount: int) -> Swap:
    """A swap that asks for no least output."""
    pool = snapshot.pools[index]
    token_in, token_out = pool.tokens if zero_for_one else pool.tokens[::-1]
    return Swap(
        venue=pool.venue,
        pool=pool.pool,
        token_in=snapshot.tokens[token_in].address,
        token_out=snapshot.tokens[token_out].address,
        amount_in=amount,
        min_amount_out=0,
    )


def _is_over(snapshot: Snapshot, budget: Budget, spent: Charge) -> bool:
    if budget == "loss":
        bucket, charge_wad = (
            snapshot.limits.loss,
            share_wad_up(spent.loss_assets, snapshot.nav_low),
        )
    else:
        bucket, charge_wad = (
            snapshot.limits.turnover,
            share_wad_up(spent.traded_assets, snapshot.nav),
        )
    level_wad = level_now_wad(snapshot, bucket) + charge_wad
    return level_wad > bucket.budget_wad + CLOCK_SECONDS * bucket.refill_wad
