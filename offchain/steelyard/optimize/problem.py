# SPDX-License-Identifier: MIT
"""The problem as data: amounts over NAV before, and linear rows over them.

UNITS  Amounts are values at the oracle's prices over NAV before the order; rates are
       per year; z is the vector (inventory per token, value per slot).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.lending import AaveReserve

if TYPE_CHECKING:
    from steelyard.optimize.vault_model import VaultModel

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MoveCharges:
    """What a unit of value supplied or withdrawn is charged."""

    traded: float = 0.0
    raised: float = 0.0  # loss of a supply
    lowered: float = 0.0  # loss of a withdrawal


@dataclass(frozen=True, kw_only=True, eq=False)
class Slot:
    """A position, or one range of a position with ranges."""

    name: str
    position: int  # index into Snapshot.positions
    tick_lower: int  # both 0 without ranges
    tick_upper: int
    composition: Floats  # (n_tokens,), sums to 1, at the oracle's price
    value: float  # now; uncollected fees apart
    lowest: float  # what cannot be taken out now
    highest: float
    yield_per_year: float  # constant part
    lvr_per_year: float  # loss-versus-rebalancing, times expected time in range
    time_in_range: float  # expected share of the horizon; 1 without ranges
    charges: MoveCharges = MoveCharges()  # to the vault's budgets


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Constant-product stretch of one pool in one direction.

    x of value in pays rate * g x / (1 - thinned + g x / depth), g = 1 - fee.
    """

    depth: float  # virtual reserve of what comes in
    rate: float  # value out per value in at the start, before the fee; at most 1
    fee: float
    capacity: float  # most that it takes, fee included
    thinned: tuple[tuple[int, float], ...]  # (slot, share of depth per value withdrawn)


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One direction of one pool, best piece first."""

    pool: int  # index into Snapshot.pools
    zero_for_one: bool
    token_in: int
    token_out: int
    pieces: tuple[Piece, ...]
    least_ratio: float  # of value out to value in: 1 less the slippage limit and margin


@dataclass(frozen=True, kw_only=True)
class FeePool:
    """Fee income F s / (1 + s), s own liquidity in range over that of the others."""

    name: str
    fees_per_year: float
    shares: tuple[tuple[int, float], ...]  # (slot, s per unit of value)


@dataclass(frozen=True, kw_only=True)
class LendingMarket:
    """Interest on what is supplied, at a rate that own supply moves."""

    slot: int
    reserve: AaveReserve
    unit_value: float  # of one raw token unit
    value: float  # own supply now, inside the reserve's totals


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """coefficients . z <= bound."""

    name: str
    kind: Literal["token", "position", "tag", "idle", "floor", "band", "reduce-only"]
    coefficients: Floats
    bound: float


@dataclass(frozen=True, kw_only=True, eq=False)
class BudgetRow:
    """What an order is charged, at most `bound`; all over NAV before.

    per_input . in + per_output . out + per_raised . raised + per_lowered . lowered
    """

    name: str
    per_input: Floats  # (n_legs,) of value into a leg
    per_output: Floats  # (n_legs,) of value out of it
    per_raised: Floats  # (n_slots,) of value supplied
    per_lowered: Floats  # (n_slots,) of value withdrawn
    bound: float
    refill_per_year: float = 0.0


@dataclass(frozen=True, kw_only=True)
class GasCosts:
    """Cost of one action, over NAV before."""

    base: float
    withdraw: float
    swap: float
    supply: float


NO_GAS = GasCosts(base=0.0, withdraw=0.0, swap=0.0, supply=0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """All that `optimize` needs; nothing refers back to the snapshot but by index."""

    nav: int
    inventory: Floats  # (n_tokens,) now
    unit_values: Floats  # (n_tokens,) of one raw unit
    claimable: Floats  # (n_tokens,) uncollected fees; they stay where they are
    slots: tuple[Slot, ...]
    legs: tuple[Leg, ...]
    fee_pools: tuple[FeePool, ...]
    lending: tuple[LendingMarket, ...]
    rows: tuple[Row, ...]
    budgets: tuple[BudgetRow, ...]
    expected_returns: Floats  # (n_tokens,)
    covariance: Floats  # (n_tokens, n_tokens)
    tag_exposure: Floats  # (n_tags, n_tokens + n_slots): coefficients on z
    tag_claimable: Floats  # (n_tags,)
    tag_variance: Floats  # (n_tags,) p (1 - p) LGD^2 per year
    exit_rates: Floats  # (n_tokens,) cost to sell at the horizon
    gas: GasCosts
    horizon_years: float
    risk_aversion: float
    least_gain: float
    max_solves: int
    model: VaultModel | None = None  # None: mean less risk_aversion / 2 x variance
    compositions: Floats = field(init=False)  # (n_tokens, n_slots)
    values: Floats = field(init=False)  # (n_slots,) now

    def __post_init__(self) -> None:
        columns = [slot.composition for slot in self.slots]
        empty = np.zeros((len(self.inventory), 0))
        compositions = np.column_stack(columns) if columns else empty
        object.__setattr__(self, "compositions", compositions)
        values = np.array([slot.value for slot in self.slots], dtype=np.float64)
        object.__setattr__(self, "values", values)

    @property
    def limit_names(self) -> tuple[str, ...]:
        """Rows, then budgets: the order of their shadow prices."""
        return (*(r.name for r in self.rows), *(b.name for b in self.budgets))
