# SPDX-License-Identifier: MIT
"""From what was read and expected to the problem as data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from steelyard.estimate.signals import Signals, check_signals, failure_variance
from steelyard.optimize.budgets import build_budgets
from steelyard.optimize.errors import NothingToManage, PriceMissing
from steelyard.optimize.model_choice import ModelChoice, vault_model
from steelyard.optimize.pools import build_legs, cheapest_exit
from steelyard.optimize.preferences import Preferences, check_preferences
from steelyard.optimize.problem import Floats, GasCosts, Leg, Problem
from steelyard.optimize.queue import queue_rows
from steelyard.optimize.rows import build_exposures, build_rows
from steelyard.optimize.slot_table import Inputs, SlotTable
from steelyard.optimize.slots import add_position, claimable
from steelyard.optimize.vault_model import VaultModel
from steelyard.state import Snapshot
from steelyard.wad import WAD


def build_problem(
    snapshot: Snapshot,
    signals: Signals,
    preferences: Preferences,
    unhealed: Collection[str] = (),
    *,
    budgeted: bool = True,
    output_tolerance_wad: int = 0,
) -> Problem:
    """The optimiser's problem at this snapshot, all values over NAV before.

    Exposures in `unhealed` (their kind and name) need not be brought under their cap.
    Not `budgeted`, the loss and turnover budgets are left to the plan, which cuts.
    Swaps keep within the vault's limits when as much less comes out as an order allows.
    Raises `NothingToManage`, `PriceMissing`, `PreferenceInvalid`, `SignalsInvalid`.
    """
    inputs, table = _table(snapshot, signals, preferences)
    unit_values = inputs.unit_values
    claims = [claimable(inputs, i) for i in range(len(snapshot.positions))]
    claimed = np.sum(claims, axis=0) if claims else np.zeros(len(unit_values))
    inventory = np.array([t.inventory for t in snapshot.tokens], float) * unit_values
    before = np.append(inventory, [slot.value for slot in table.slots])
    exposures = build_exposures(snapshot, table.slots, claims)
    tolerance = output_tolerance_wad / WAD
    legs = build_legs(
        snapshot, preferences, unit_values, table.owned, tolerance=tolerance
    )
    tags = [e for e in exposures if e.kind == "tag"]
    problem = Problem(
        nav=snapshot.nav,
        inventory=inventory,
        unit_values=unit_values,
        claimable=claimed,
        slots=tuple(table.slots),
        legs=legs,
        fee_pools=tuple(table.fee_pools),
        lending=tuple(table.lending),
        rows=(
            *build_rows(
                snapshot, preferences, exposures, before, float(claimed.sum()), unhealed
            ),
            *queue_rows(snapshot, preferences, table.slots, before, unhealed),
        ),
        budgets=(
            build_budgets(snapshot, preferences, table.slots, legs) if budgeted else ()
        ),
        expected_returns=np.asarray(signals.expected_returns, float),
        covariance=np.asarray(signals.covariance, float),
        tag_exposure=np.array([e.coefficients for e in tags]).reshape(-1, len(before)),
        tag_claimable=np.array([e.constant for e in tags], float),
        tag_variance=np.array([failure_variance(signals, e.name) for e in tags], float),
        exit_rates=cheapest_exit(snapshot, preferences),
        gas=_gas_costs(snapshot, signals, preferences),
        horizon_years=inputs.horizon_years,
        risk_aversion=preferences.risk_aversion,
        least_gain=preferences.min_gain_assets / snapshot.nav,
        max_solves=preferences.max_solves,
    )
    if preferences.model is None:
        return problem
    return replace(problem, model=_model(preferences.model, inputs, problem, table))


def whole_legs(
    snapshot: Snapshot, signals: Signals, preferences: Preferences
) -> tuple[Leg, ...]:
    """Both directions of every pool as far as their curves go: for `Unwinding`.

    Slots are those of `build_problem`. Raises what that raises.
    """
    return _whole(*_table(snapshot, signals, preferences))


def _table(
    snapshot: Snapshot, signals: Signals, preferences: Preferences
) -> tuple[Inputs, SlotTable]:
    check_preferences(preferences)
    check_signals(signals, len(snapshot.tokens))
    inputs = Inputs(
        snapshot=snapshot,
        signals=signals,
        preferences=preferences,
        unit_values=_unit_values(snapshot),
    )
    table = SlotTable()
    for index in range(len(snapshot.positions)):
        add_position(table, inputs, index)
    return inputs, table


def _model(
    choice: ModelChoice, inputs: Inputs, problem: Problem, table: SlotTable
) -> VaultModel:
    snapshot = inputs.snapshot
    legs: tuple[Leg, ...] = ()
    if choice.unwinding is not None:
        legs = _whole(inputs, table)
    years = problem.horizon_years
    return vault_model(choice, snapshot, inputs.signals, problem.slots, years, legs)


def _whole(inputs: Inputs, table: SlotTable) -> tuple[Leg, ...]:
    return build_legs(
        inputs.snapshot,
        inputs.preferences,
        inputs.unit_values,
        table.owned,
        whole=True,
    )


def _unit_values(snapshot: Snapshot) -> Floats:
    if snapshot.nav <= 0:
        raise NothingToManage(snapshot.nav)
    for token in snapshot.tokens:
        if token.price_wad <= 0:
            raise PriceMissing(token.symbol, token.price_wad)
    prices = np.array([t.price_e36 / 1e36 for t in snapshot.tokens], dtype=np.float64)
    return prices / float(snapshot.nav)


def _gas_costs(
    snapshot: Snapshot, signals: Signals, preferences: Preferences
) -> GasCosts:
    per_gas = signals.gas_price_wei * signals.native_price_e36 / 1e36 / snapshot.nav
    return GasCosts(
        base=preferences.gas_base * per_gas,
        withdraw=preferences.gas_withdraw * per_gas,
        swap=preferences.gas_swap * per_gas,
        supply=preferences.gas_supply * per_gas,
    )
