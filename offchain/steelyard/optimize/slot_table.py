# SPDX-License-Identifier: MIT
"""What positions of every kind share while they are turned into slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.estimate.signals import Signals
from steelyard.optimize.pools import deviation, pair_limits
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.problem import FeePool, Floats, LendingMarket, Slot
from steelyard.state import PositionState, Snapshot

# Own liquidity in range may earn as if it were at most this many times the others' per
# unit of NAV: a pool that is empty but for dust promises nothing.
MOST_SHARE = 1e4


@dataclass
class SlotTable:
    """What `add_position` collects."""

    slots: list[Slot] = field(default_factory=list)
    fee_pools: list[FeePool] = field(default_factory=list)
    lending: list[LendingMarket] = field(default_factory=list)
    # market -> (slot, first and last square-root price, liquidity per value)
    owned: dict[str, list[tuple[int, float, float, float]]] = field(
        default_factory=dict
    )


@dataclass(frozen=True, kw_only=True)
class Inputs:
    snapshot: Snapshot
    signals: Signals
    preferences: Preferences
    unit_values: Floats

    @property
    def horizon_years(self) -> float:
        return self.preferences.horizon_days / 365


def of_market(values: Mapping[str, float], market: str) -> float:
    """Value of one market, whatever the case of its hex; 0 where it is missing."""
    lowered = {key.lower(): value for key, value in values.items()}
    return float(lowered.get(market.lower(), 0.0))


def price_volatility(covariance: Floats, first: int, second: int) -> float:
    """Volatility per year of the price of one token in the other."""
    variance = covariance[first, first] + covariance[second, second]
    return sqrt(max(float(variance - 2 * covariance[first, second]), 0.0))


def is_near(inputs: Inputs, position: PositionState) -> bool:
    """Whether the vault would let this pool be touched at all."""
    if not isinstance(position.state, ConstantProduct | Concentrated):
        return True
    _, allowed = pair_limits(inputs.snapshot, position.tokens, inputs.preferences)
    value0, value1 = (float(inputs.unit_values[t]) for t in position.tokens)
    return deviation(position.state, value0, value1) <= allowed


def add_fees(
    table: SlotTable,
    inputs: Inputs,
    position: PositionState,
    per_value: dict[int, float],
    others: float,
) -> None:
    """Fee income of a position's slots; `per_value` and `others` in liquidity."""
    fees = of_market(inputs.signals.pool_fees_per_year, position.market)
    if fees == 0 or not any(per_value.values()):
        return
    least = max(per_value.values()) / MOST_SHARE
    over = max(others, least)
    shares = tuple((slot, each / over) for slot, each in per_value.items())
    fee_pool = FeePool(
        name=position.name, fees_per_year=fees / inputs.snapshot.nav, shares=shares
    )
    table.fee_pools.append(fee_pool)
