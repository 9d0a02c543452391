# SPDX-License-Identifier: MIT
"""Intents carried out in the vault's order: withdrawals, swaps, supplies.

Each is cut to what is there and to what its own limits allow; what cannot pass is left
out. Caps and buffers of the whole are judged later, in `repair`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from steelyard.errors import SteelyardError
from steelyard.headroom import hold_level_wad
from steelyard.lending import AaveReserve, Erc4626
from steelyard.order import UINT_MAX, Supply, Swap, Withdraw
from steelyard.plan import checks, sizing, steps
from steelyard.plan.charging import charge_of, concavity_assets
from steelyard.plan.errors import HoldBudgetExceeded, PositionImpaired
from steelyard.plan.fitting import fitting, name_of, require, tried
from steelyard.plan.records import Check, Intent, Step, Tolerances
from steelyard.plan.valuation import book
from steelyard.plan.world import Amounts, World, held_units, world_of
from steelyard.state import Snapshot
from steelyard.wad import WAD, mul_wad_down


@dataclass(kw_only=True)
class Run:
    """What came of the intents: the world afterwards, steps taken and refused."""

    world: World
    reserve: int  # asset that swaps and supplies leave alone
    may_enter: bool  # whether more than withdrawals is allowed
    steps: list[Step] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)  # intent refused or cut: why


def realise(
    snapshot: Snapshot, intents: Sequence[Intent], tolerances: Tolerances
) -> Run:
    """Every intent in turn; one that would revert is refused, with its reason."""
    world = world_of(snapshot)
    buffer = checks.idle_least(snapshot, book(world).nav)
    run = Run(
        world=world,
        reserve=min(buffer, snapshot.asset.inventory),
        may_enter=hold_level_wad(snapshot) <= snapshot.limits.hold.budget_wad,
    )

    def attempt(i: int, step: Callable[[Run, int, Intent, Tolerances], Step]) -> None:
        at = run.world
        try:
            run.steps.append(step(run, i, intents[i], tolerances))
        except SteelyardError as error:
            run.world, run.reasons[i] = at, str(error)

    for i, intent in enumerate(intents):
        if intent.kind == "withdraw" and intent.size > 0:
            attempt(i, _withdraw)
    waiting = [i for i, n in enumerate(intents) if n.kind == "swap" and n.size > 0]
    while waiting:
        best = max(waiting, key=lambda i: _funded(run, intents[i]))
        waiting.remove(best)
        attempt(best, _swap)
    for i, intent in enumerate(intents):
        if intent.kind == "supply" and intent.size > 0:
            attempt(i, _supply)
    return run


def _available(run: Run, token: int) -> int:
    reserve = run.reserve if token == 0 else 0
    return max(0, run.world.inventory[token] - reserve)


def _funded(run: Run, intent: Intent) -> float:
    """Share of a swap that the vault can pay now; equals are taken in turn."""
    pool = run.world.snapshot.pools[intent.index]
    token_in = pool.tokens[0 if intent.zero_for_one else 1]
    return min(1.0, _available(run, token_in) / intent.size)


def _check_open(run: Run, intent: Intent) -> None:
    """Raises PositionImpaired, HoldBudgetExceeded."""
    snapshot, name = run.world.snapshot, name_of(run.world.snapshot, intent)
    if intent.kind != "swap" and snapshot.positions[intent.index].is_impaired:
        raise PositionImpaired(name)
    if intent.kind != "withdraw" and not run.may_enter:
        budget_wad = snapshot.limits.hold.budget_wad
        raise HoldBudgetExceeded(name, hold_level_wad(snapshot), budget_wad)


def _position_deviation(run: Run, when: str, intent: Intent) -> tuple[Check, ...]:
    position = run.world.snapshot.positions[intent.index]
    name = name_of(run.world.snapshot, intent)
    limit = f"pool deviation {when} {intent.kind}"
    return checks.deviation(limit, name, run.world, position.market, position.tokens)


def _withdraw(run: Run, i: int, intent: Intent, tolerances: Tolerances) -> Step:
    _check_open(run, intent)
    position, before = run.world.snapshot.positions[intent.index], run.world
    found = require(_position_deviation(run, "before", intent))
    held = held_units(run.world, intent.index, *intent.ticks)
    units = UINT_MAX if intent.size >= held else intent.size
    run.world, paid = steps.withdraw(run.world, intent.index, intent.ticks, units)
    found += require(_position_deviation(run, "after", intent))

    slack_wad = _tolerance_wad(run, intent, tolerances)
    action = Withdraw(
        adapter=position.adapter,
        market=position.market,
        tick_lower=intent.ticks[0],
        tick_upper=intent.ticks[1],
        units=units,
        min_amounts=tuple(mul_wad_down(a, WAD - slack_wad) for a in paid),
    )
    found += checks.minimum_outputs(action, name_of(run.world.snapshot, intent), paid)
    return Step(
        intent=i,
        size=min(intent.size, held),
        action=action,
        amounts=paid,
        units=0,
        charge=charge_of(before, run.world),
        checks=found,
    )


def _tolerance_wad(run: Run, intent: Intent, tolerances: Tolerances) -> int:
    state = run.world.market(intent.index)
    if isinstance(state, (AaveReserve, Erc4626)):
        return tolerances.output_tolerance_wad
    return tolerances.liquidity_tolerance_wad


def _swap(run: Run, i: int, intent: Intent, tolerances: Tolerances) -> Step:
    _check_open(run, intent)
    snapshot, before = run.world.snapshot, run.world
    pool, name = snapshot.pools[intent.index], name_of(snapshot, intent)
    token_in, token_out = pool.tokens if intent.zero_for_one else pool.tokens[::-1]
    limit = "pool deviation before swap"
    found = require(checks.deviation(limit, name, run.world, pool.pool, pool.tokens))

    most = min(intent.size, _available(run, token_in))
    if most < intent.size:
        symbol = snapshot.tokens[token_in].symbol
        run.reasons[i] = f"{symbol} to spend is {most}, expected {intent.size}"
    amount_in, refusal = fitting(
        run.world, intent, most, tolerances.output_tolerance_wad
    )
    if refusal is not None:
        run.reasons[i] = refusal
    run.world, out, own = tried(run.world, intent, amount_in)
    found += require(own)

    action = Swap(
        venue=pool.venue,
        pool=pool.pool,
        token_in=snapshot.tokens[token_in].address,
        token_out=snapshot.tokens[token_out].address,
        amount_in=amount_in,
        min_amount_out=mul_wad_down(out, WAD - tolerances.output_tolerance_wad),
    )
    found += checks.minimum_outputs(action, name, (out,))
    return Step(
        intent=i,
        size=amount_in,
        action=action,
        amounts=(out,),
        units=0,
        charge=charge_of(before, run.world),
        checks=found,
    )


def _supply(run: Run, i: int, intent: Intent, tolerances: Tolerances) -> Step:
    _check_open(run, intent)
    snapshot, before = run.world.snapshot, run.world
    position, name = snapshot.positions[intent.index], name_of(snapshot, intent)
    width = checks.range_width(snapshot, name, position.tokens, intent.ticks)
    found = require((*width, *_position_deviation(run, "before", intent)))
    available: Amounts = tuple(_available(run, t) for t in position.tokens)
    most = sizing.supply_amounts(
        run.world, intent.index, intent.ticks, intent.size, available
    )
    run.world, units, used = steps.supply(run.world, intent.index, intent.ticks, most)
    found += require(_position_deviation(run, "after", intent))

    least_wad = WAD - _tolerance_wad(run, intent, tolerances)
    action = Supply(
        adapter=position.adapter,
        market=position.market,
        tick_lower=intent.ticks[0],
        tick_upper=intent.ticks[1],
        max_amounts=most,
        min_units=mul_wad_down(units, least_wad),
    )
    found += checks.minimum_outputs(action, name, (units,))
    bend = concavity_assets(run.world, intent.index, intent.ticks, units)
    assets = sum(
        amount * snapshot.tokens[t].price_e36 // 10**36
        for t, amount in zip(position.tokens, used, strict=True)
    )
    return Step(
        intent=i,
        size=assets,
        action=action,
        amounts=used,
        units=units,
        charge=charge_of(before, run.world, bend),
        checks=found,
    )
