# SPDX-License-Identifier: MIT
"""From a solution to a plan, and from a plan to the order that is signed."""

from collections.abc import Sequence

from steelyard.charges import share_price_wad_down, share_wad_up
from steelyard.headroom import base_down
from steelyard.order import Rebalance, Supply, Swap, Withdraw
from steelyard.plan.budgets import standing_checks
from steelyard.plan.charging import total
from steelyard.plan.checks import share_price_bounds, target_bands
from steelyard.plan.intents import intents_of, wanted_inventory
from steelyard.plan.realise import Run, realise
from steelyard.plan.records import (
    Change,
    Intent,
    Plan,
    Solution,
    SupplyOutcome,
    Tolerances,
)
from steelyard.plan.repair import budgets, changes, limits, settle_within, trimmed
from steelyard.plan.valuation import book
from steelyard.plan.world import Amounts, world_of
from steelyard.state import Snapshot
from steelyard.wad import WAD

BUDGET_MARGIN_WAD = WAD // 10


def plan_order(
    snapshot: Snapshot,
    solution: Solution,
    preferences: Tolerances,
    budget_margin_wad: int = BUDGET_MARGIN_WAD,
) -> Plan:
    """Exact actions towards the solution, none of which breaks a limit of the vault.

    What does not fit is cut or left out and told in `changes`; at worst the plan is
    empty. `budget_margin_wad` of what is left of a budget is not used: prices drift
    until the order is executed. Raises `SnapshotFieldInvalid`.
    """
    return plan_intents(
        snapshot,
        intents_of(snapshot, solution),
        wanted_inventory(snapshot, solution),
        preferences,
        budget_margin_wad,
    )


def plan_intents(
    snapshot: Snapshot,
    intents: Sequence[Intent],
    inventory: Amounts,
    preferences: Tolerances,
    budget_margin_wad: int = BUDGET_MARGIN_WAD,
) -> Plan:
    """The plan of intents; `inventory` is what may lie idle, raw per token."""
    margin_wad = budget_margin_wad
    run, now, reasons = settle_within(snapshot, intents, preferences, margin_wad)
    told = changes(run, intents, reasons)
    if told:
        now = trimmed(run, now, inventory)
        run, now, more = settle_within(snapshot, now, preferences, margin_wad)
        reasons = {**_unneeded(intents, now), **reasons, **more}
        told = changes(run, intents, reasons)
    return _plan(snapshot, run, told, preferences, margin_wad)


def _unneeded(wanted: Sequence[Intent], now: Sequence[Intent]) -> dict[int, str]:
    return {
        i: "what it would pay is no longer needed"
        for i, (first, last) in enumerate(zip(wanted, now, strict=True))
        if last.size < first.size
    }


def empty_plan(snapshot: Snapshot, preferences: Tolerances) -> Plan:
    """The plan that does nothing."""
    return _plan(snapshot, realise(snapshot, (), preferences), (), preferences, 0)


def _plan(
    snapshot: Snapshot,
    run: Run,
    told: tuple[Change, ...],
    preferences: Tolerances,
    margin_wad: int,
) -> Plan:
    before, after = book(world_of(snapshot)), book(run.world)
    charge = total(step.charge for step in run.steps)
    prices, price_checks = share_price_bounds(snapshot, before, after, preferences)
    targets, target_checks = target_bands(snapshot, after, preferences)
    own = tuple(check for step in run.steps for check in step.checks)
    moves = bool(run.steps)
    enters = any(not isinstance(step.action, Withdraw) for step in run.steps)
    whole = (
        *target_checks,
        *price_checks,
        *budgets(run, margin_wad),
        *standing_checks(snapshot, enters=enters),
    )
    done = [(step.action, step) for step in run.steps]
    return Plan(
        withdraws=tuple(a for a, _ in done if isinstance(a, Withdraw)),
        swaps=tuple(a for a, _ in done if isinstance(a, Swap)),
        supplies=tuple(a for a, _ in done if isinstance(a, Supply)),
        targets=targets if moves else (),
        predicted_withdraws=tuple(
            s.amounts for a, s in done if isinstance(a, Withdraw)
        ),
        predicted_swaps=tuple(s.amounts[0] for a, s in done if isinstance(a, Swap)),
        predicted_supplies=tuple(
            SupplyOutcome(units=s.units, amounts=s.amounts)
            for a, s in done
            if isinstance(a, Supply)
        ),
        before=before,
        after=after,
        share_price_before_wad=share_price_wad_down(before.nav, snapshot.total_supply),
        share_price_after_wad=share_price_wad_down(after.nav, snapshot.total_supply),
        share_price_floor_before_wad=prices[0],
        share_price_ceil_before_wad=prices[1],
        share_price_floor_after_wad=prices[2],
        loss_wad=share_wad_up(charge.loss_assets, snapshot.nav_low),
        turnover_wad=share_wad_up(
            charge.traded_assets, base_down(snapshot, snapshot.nav)
        ),
        checks=own + limits(run) + (whole if moves else ()),
        changes=told,
    )


def build_order(
    snapshot: Snapshot,
    plan: Plan,
    *,
    relayer: str,
    valid_after: int,
    deadline: int,
    public_after: int,
    inputs_hash: bytes,
) -> Rebalance:
    """The order that carries the plan; times in unix seconds."""
    return Rebalance(
        nonce=snapshot.nonce,
        valid_after=valid_after,
        deadline=deadline,
        relayer=relayer,
        public_after=public_after,
        config_hash=snapshot.config_hash,
        share_price_floor_before=plan.share_price_floor_before_wad,
        share_price_ceil_before=plan.share_price_ceil_before_wad,
        share_price_floor_after=plan.share_price_floor_after_wad,
        inputs_hash="0x" + inputs_hash.hex(),
        targets=plan.targets,
        withdraws=plan.withdraws,
        swaps=plan.swaps,
        supplies=plan.supplies,
    )
