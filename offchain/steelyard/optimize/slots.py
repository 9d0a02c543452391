# SPDX-License-Identifier: MIT
"""Positions as the optimiser sees them: one slot per range, with what it earns."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct, pending_fee_liquidity
from steelyard.amm.lvr import constant_product_lvr_rate
from steelyard.estimate.signals import Signals
from steelyard.lending import AaveReserve
from steelyard.optimize.budgets import move_charges
from steelyard.optimize.pools import pool_rate
from steelyard.optimize.problem import Floats, LendingMarket, MoveCharges, Slot
from steelyard.optimize.ranges import add_concentrated
from steelyard.optimize.slot_table import (
    Inputs,
    SlotTable,
    add_fees,
    is_near,
    of_market,
    price_volatility,
)
from steelyard.state import Held, PositionState


def add_position(table: SlotTable, inputs: Inputs, index: int) -> None:
    """Adds the slots of one position, its fee income and its lending market."""
    position = inputs.snapshot.positions[index]
    state = position.state
    if position.is_impaired:
        return  # worth nothing in the vault's books, and no order may touch it
    if isinstance(state, ConstantProduct):
        _add_constant_product(table, inputs, index, state)
    elif isinstance(state, Concentrated):
        add_concentrated(table, inputs, index, state)
    elif isinstance(state, Held):
        _add_held(table, inputs, index)
    else:
        _add_single(table, inputs, index)


def claimable(inputs: Inputs, index: int) -> Floats:
    """(n_tokens,) value of uncollected fees of one position."""
    position = inputs.snapshot.positions[index]
    value = np.zeros(len(inputs.snapshot.tokens))
    for held in () if position.is_impaired else position.ranges:
        for token, fees in zip(position.tokens, held.fees, strict=True):
            value[token] += fees * inputs.unit_values[token]
    return value


def _add_single(table: SlotTable, inputs: Inputs, index: int) -> None:
    position = inputs.snapshot.positions[index]
    token = position.tokens[0]
    unit_value = float(inputs.unit_values[token])
    value = position.amounts[0] * unit_value
    lowest = 0.0
    if isinstance(position.state, AaveReserve):
        lowest = max(value - position.state.available_liquidity * unit_value, 0.0)
        market = LendingMarket(
            slot=len(table.slots),
            reserve=position.state,
            unit_value=unit_value,
            value=value,
        )
        table.lending.append(market)
    composition = np.zeros(len(inputs.snapshot.tokens))
    composition[token] = 1.0
    table.slots.append(
        Slot(
            name=position.name,
            position=index,
            tick_lower=0,
            tick_upper=0,
            composition=composition,
            value=value,
            lowest=lowest,
            highest=max(1.0, value),
            yield_per_year=_vault_yield(inputs.signals, position),
            lvr_per_year=0.0,
            time_in_range=1.0,
        )
    )


def _vault_yield(signals: Signals, position: PositionState) -> float:
    if isinstance(position.state, AaveReserve):
        return 0.0
    return of_market(signals.vault_yield_per_year, position.market)


def _add_held(table: SlotTable, inputs: Inputs, index: int) -> None:
    """What it is worth now, for good: neither more nor less of it is wanted."""
    position = inputs.snapshot.positions[index]
    composition = np.zeros(len(inputs.snapshot.tokens))
    for token, amount in zip(position.tokens, position.amounts, strict=True):
        composition[token] += amount * inputs.unit_values[token]
    value = float(composition.sum())
    if value == 0:
        return
    table.slots.append(
        Slot(
            name=position.name,
            position=index,
            tick_lower=0,
            tick_upper=0,
            composition=composition / value,
            value=value,
            lowest=value,
            highest=value,
            yield_per_year=0.0,
            lvr_per_year=0.0,
            time_in_range=1.0,
        )
    )


def _add_constant_product(
    table: SlotTable, inputs: Inputs, index: int, pool: ConstantProduct
) -> None:
    position = inputs.snapshot.positions[index]
    first, second = position.tokens
    value0, value1 = (float(inputs.unit_values[t]) for t in position.tokens)
    value = position.amounts[0] * value0 + position.amounts[1] * value1
    composition = np.zeros(len(inputs.snapshot.tokens))
    composition[first] = composition[second] = 0.5
    free = is_near(inputs, position)
    sigma = price_volatility(inputs.signals.covariance, first, second)
    slot = len(table.slots)
    table.slots.append(
        Slot(
            name=position.name,
            position=index,
            tick_lower=0,
            tick_upper=0,
            composition=composition,
            value=value,
            lowest=0.0 if free else value,
            highest=max(1.0, value) if free else value,
            yield_per_year=0.0,
            lvr_per_year=constant_product_lvr_rate(sigma),
            time_in_range=1.0,
            charges=_pair_charges(inputs, position, pool),
        )
    )
    supply = pool.total_supply + pending_fee_liquidity(pool)
    root_k = sqrt(float(pool.reserve0) * float(pool.reserve1))
    per_value = 1 / (2 * sqrt(value0 * value1))  # liquidity sqrt(k) per value
    others = root_k * (1 - position.units / supply) if supply else 0.0
    add_fees(table, inputs, position, {slot: per_value}, others)
    table.owned[position.market.lower()] = [(slot, 0.0, inf, per_value)]


def _pair_charges(
    inputs: Inputs, position: PositionState, pool: ConstantProduct
) -> MoveCharges:
    value0, value1 = (float(inputs.unit_values[t]) for t in position.tokens)
    fair, spot = sqrt(value0 / value1), sqrt(pool_rate(pool))
    if spot == 0:
        return MoveCharges()
    return move_charges(
        inputs.snapshot,
        position,
        at_pool=(value0 / spot, value1 * spot),
        at_oracle=(value0 / fair, value1 * fair),
        root_value=value1 * fair,
    )
