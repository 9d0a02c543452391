# SPDX-License-Identifier: MIT
"""The solver's floats as whole numbers: the one place where that happens.

ROUNDING  Down, in size: withdrawals, swaps and supplies alike; the rest stays idle.
"""

from math import floor

from steelyard.lending import AaveReserve
from steelyard.money import assets_down
from steelyard.plan.records import Intent, PositionTarget, Solution
from steelyard.plan.world import Amounts, World, held_units, world_of
from steelyard.state import Snapshot
from steelyard.wad import E36

DUST = 1e-6  # of NAV: smaller changes are the solver's noise


def intents_of(snapshot: Snapshot, solution: Solution) -> tuple[Intent, ...]:
    """Withdrawals, swaps and supplies that lead to the solution, pools before lending.

    A pool's supply needs two tokens in ratio, so it is served first.
    """
    world = world_of(snapshot)
    withdraws = [
        intent
        for target in solution.positions
        if (intent := _withdrawal(world, target)) is not None
    ]
    swaps = [
        Intent(
            kind="swap",
            index=s.pool,
            size=floor(s.amount_in),
            zero_for_one=s.zero_for_one,
        )
        for s in solution.swaps
        if s.amount_in >= 1
    ]
    supplies = [
        Intent(
            kind="supply",
            index=t.position,
            size=assets_down(t.value - t.current_value, snapshot.nav),
            ticks=(t.tick_lower, t.tick_upper),
        )
        for t in solution.positions
        if t.value - t.current_value > DUST
    ]
    supplies.sort(key=lambda i: -len(snapshot.positions[i.index].tokens))
    return tuple(withdraws + swaps + supplies)


def _withdrawal(world: World, target: PositionTarget) -> Intent | None:
    if target.current_value - target.value <= DUST:
        return None
    ticks = (target.tick_lower, target.tick_upper)
    held = held_units(world, target.position, *ticks)
    size = held
    if target.value > DUST:
        size = min(held, floor(held * (1 - target.value / target.current_value)))
    state = world.market(target.position)
    if isinstance(state, AaveReserve):
        size = min(size, state.available_liquidity)  # in whole units, unlike the solver
    return Intent(kind="withdraw", index=target.position, size=size, ticks=ticks)


def wanted_inventory(snapshot: Snapshot, solution: Solution) -> Amounts:
    """Tokens that the solver wants the vault itself to hold, rounded down."""
    return tuple(
        assets_down(max(0.0, float(share)), snapshot.nav) * E36 // token.price_e36
        for share, token in zip(solution.inventory, snapshot.tokens, strict=True)
    )
