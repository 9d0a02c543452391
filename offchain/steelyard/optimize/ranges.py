# SPDX-License-Identifier: MIT
"""Concentrated liquidity: the ranges held and a menu around the oracle's price."""

from __future__ import annotations

from math import exp, floor, log, sqrt

import numpy as np

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.lvr import concentrated_lvr_rate
from steelyard.amm.position import range_delta, range_value
from steelyard.amm.tick_math import MAX_TICK, MIN_TICK
from steelyard.amm.time_in_range import time_in_range
from steelyard.headroom import least_half_width_wad
from steelyard.optimize.budgets import move_charges
from steelyard.optimize.pools import pool_rate
from steelyard.optimize.problem import MoveCharges, Slot
from steelyard.optimize.slot_table import (
    Inputs,
    SlotTable,
    add_fees,
    is_near,
    price_volatility,
)
from steelyard.state import PositionState
from steelyard.wad import WAD

LOG_TICK = log(1.0001)
WIDTH_MARGIN = 0.05  # of the least width of a range


def add_concentrated(
    table: SlotTable, inputs: Inputs, index: int, pool: Concentrated
) -> None:
    """Adds the ranges held and, where the pool may be touched, those of the menu."""
    position = inputs.snapshot.positions[index]
    held = {(r.tick_lower, r.tick_upper): r.liquidity for r in position.ranges}
    free = is_near(inputs, position)
    offered = list(held)
    if free:
        menu = _range_menu(inputs, position, pool.tick_spacing)
        offered += [ticks for ticks in menu if ticks not in held]
    others = float(pool.liquidity)
    earning: dict[int, float] = {}
    owned = table.owned.setdefault(position.market.lower(), [])
    for ticks in offered:
        slot, per_value = _range_slot(
            inputs, index, pool, ticks, held.get(ticks, 0), free
        )
        if ticks[0] <= pool.tick < ticks[1]:
            others -= held.get(ticks, 0)
        if ticks in held:
            lower, upper = (1.0001 ** (tick / 2) for tick in ticks)
            owned.append((len(table.slots), lower, upper, per_value))
        earning[len(table.slots)] = per_value * slot.time_in_range
        table.slots.append(slot)
    add_fees(table, inputs, position, earning, others)


def _range_menu(
    inputs: Inputs, position: PositionState, spacing: int
) -> list[tuple[int, int]]:
    """Ranges around the oracle's price, ends on the spacing, outwards.

    None narrower than the vault allows; a little wider than that, since uncertainties
    grow until the order is executed.
    """
    value0, value1 = (float(inputs.unit_values[t]) for t in position.tokens)
    least = _least_half_width(inputs, position) * (1 + WIDTH_MARGIN)
    tick = log(value0 / value1) / LOG_TICK
    ranges: list[tuple[int, int]] = []
    for width in inputs.preferences.range_widths:
        reach = log(1 + max(width, least)) / LOG_TICK
        lower = floor((tick - reach) / spacing) * spacing
        upper = -floor(-(tick + reach) / spacing) * spacing
        ends = lower, upper
        if lower >= MIN_TICK and upper <= MAX_TICK and ends not in ranges:
            ranges.append(ends)
    return ranges


def _least_half_width(inputs: Inputs, position: PositionState) -> float:
    first, second = (inputs.snapshot.tokens[t] for t in position.tokens)
    return least_half_width_wad(first, second) / WAD


def _is_wide(inputs: Inputs, position: PositionState, ticks: tuple[int, int]) -> bool:
    """Whether more may be supplied to a range."""
    half_width = exp((ticks[1] - ticks[0]) * LOG_TICK / 2) - 1
    return half_width > _least_half_width(inputs, position)


def _range_charges(
    inputs: Inputs, position: PositionState, spot: float, ends: tuple[float, float]
) -> MoveCharges:
    value0, value1 = (float(inputs.unit_values[t]) for t in position.tokens)
    fair = value0 / value1

    def worth(price: float) -> tuple[float, float]:
        amount0 = float(range_delta(1.0, price, *ends))
        amount1 = float(range_value(1.0, price, *ends)) - amount0 * price
        return amount0 * value0, amount1 * value1

    return move_charges(
        inputs.snapshot,
        position,
        at_pool=worth(spot),
        at_oracle=worth(fair),
        root_value=sqrt(fair) * value1,
    )


def _range_slot(
    inputs: Inputs,
    index: int,
    pool: Concentrated,
    ticks: tuple[int, int],
    liquidity: int,
    free: bool,
) -> tuple[Slot, float]:
    """(the slot, liquidity per unit of value) of one range at the oracle's price."""
    position = inputs.snapshot.positions[index]
    first, second = position.tokens
    value0, value1 = (float(inputs.unit_values[t]) for t in position.tokens)
    price = value0 / value1  # raw token 1 per raw token 0
    lower, upper = (1.0001**tick for tick in ticks)
    unit = float(range_value(1.0, price, lower, upper))  # token 1 per liquidity
    in_first = float(range_delta(1.0, price, lower, upper)) * price / unit
    composition = np.zeros(len(inputs.snapshot.tokens))
    composition[first], composition[second] = in_first, 1 - in_first

    sigma = price_volatility(inputs.signals.covariance, first, second)
    years = inputs.horizon_years
    in_range = float(time_in_range(price, lower, upper, sigma=sigma, years=years))
    # out of range now: what it will lose once inside, taken in the middle
    inside = price if lower < price < upper else sqrt(lower * upper)
    lvr = float(concentrated_lvr_rate(sigma, inside, lower, upper)) * in_range
    value = liquidity * unit * value1
    wide = _is_wide(inputs, position, ticks)
    slot = Slot(
        name=f"{position.name} {ticks[0]}..{ticks[1]}",
        position=index,
        tick_lower=ticks[0],
        tick_upper=ticks[1],
        composition=composition,
        value=value,
        lowest=0.0 if free else value,
        highest=max(1.0, value) if free and wide else value,
        yield_per_year=0.0,
        lvr_per_year=lvr,
        time_in_range=in_range,
        charges=_range_charges(inputs, position, pool_rate(pool), (lower, upper)),
    )
    return slot, 1 / (unit * value1)
