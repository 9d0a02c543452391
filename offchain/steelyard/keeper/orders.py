# SPDX-License-Identifier: MIT
"""What several orders over the horizon would do, in whole amounts for people: pure.

Nothing of it is signed. Prices are those that were read; sums are those of the
optimiser, before margins and rounding.

UNITS     amounts: raw token units; assets: raw units of the vault's asset.
ROUNDING  Amounts and gains down; costs and gaps up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import floor, inf
from typing import Literal

from steelyard.estimate.signals import Signals
from steelyard.keeper.decide import optimise
from steelyard.money import assets_down, assets_up
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.outcome import Reason
from steelyard.optimize.periods.path import paid_out
from steelyard.optimize.periods.plan import PeriodPlan, plan_periods
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.problem import Floats, Problem
from steelyard.optimize.solve import optimize
from steelyard.optimize.terms import LEAST_CHANGE, Allocation, evaluate, nothing
from steelyard.state import Snapshot

DAY_SECONDS = 86_400
HOUR_SECONDS = 3_600
NOISE = 1e-12  # of NAV: what sums of the same terms differ by


@dataclass(frozen=True, kw_only=True)
class Move:
    """One action of an order; changes under a millionth of NAV are none."""

    kind: Literal["withdraw", "swap", "supply"]
    name: str  # of the position, of a swap's pool
    amounts: Mapping[str, int]  # by symbol; what a swap takes
    paid_out: Mapping[str, int] = field(default_factory=dict)  # by a swap
    tick_lower: int = 0  # both 0 without ranges
    tick_upper: int = 0


@dataclass(frozen=True, kw_only=True)
class OrderAhead:
    """One order of the plan."""

    at: int  # unix seconds
    moves: tuple[Move, ...]  # withdrawals, swaps, supplies: in this turn
    swap_cost_assets: int
    gas_assets: int


@dataclass(frozen=True, kw_only=True)
class OrdersAhead:
    """A plan of several orders, beside doing nothing and beside one order."""

    orders: tuple[OrderAhead, ...]
    refill_hours: float  # in which half of a swap's impact is gone
    stays: float  # share of an impact that is there at the next order
    reason: Reason
    detail: str  # of the optimiser, one line
    staying_breaks: bool  # doing nothing breaks a limit
    gain_assets: int | None  # over doing nothing, over the horizon; None: no answer
    gain_over_one_assets: int | None  # over the best single order
    gap: float | None  # share of NAV that any plan may add; None: not proved
    missed: float  # of NAV, most by which an order misses a limit

    @property
    def pays(self) -> bool:
        return self.reason is Reason.REBALANCE_PAYS


def orders_ahead(
    snapshot: Snapshot,
    signals: Signals,
    preferences: Preferences,
    tolerance_wad: int,
    *,
    orders: int,
    refill_hours: float,
) -> OrdersAhead:
    """The best plan found of so many orders, evenly spread over the horizon.

    From the same inputs, and so the same problem, as the decision. Raises
    OptimizeError, SignalsInvalid; PreferenceInvalid where the vault's cooldown is
    longer than the time between two orders.
    """
    apart_seconds = preferences.horizon_days * DAY_SECONDS / orders
    cooldown = snapshot.limits.cooldown_seconds
    if apart_seconds < cooldown:
        expected = f"the vault's cooldown of {cooldown} s at least"
        raise PreferenceInvalid("time between", f"{apart_seconds:.0f} s", expected)
    problem, _ = optimise(snapshot, signals, preferences, tolerance_wad)
    stays = share_left(apart_seconds / HOUR_SECONDS, refill_hours)
    plan = plan_periods(problem, orders, stays=stays)
    gain_assets, gain_over_one_assets = _gains(problem, plan)
    return OrdersAhead(
        orders=tuple(_orders(snapshot, problem, plan, stays, apart_seconds)),
        refill_hours=refill_hours,
        stays=stays,
        reason=plan.reason,
        detail=plan.detail,
        staying_breaks=plan.value_nothing == -inf,
        gain_assets=gain_assets,
        gain_over_one_assets=gain_over_one_assets,
        gap=plan.gap,
        missed=plan.missed,
    )


def share_left(hours: float, refill_hours: float) -> float:
    """Share of an impact that is there after `hours`: half of it every `refill_hours`;
    none where these are 0."""
    return 0.5 ** (hours / refill_hours) if refill_hours > 0 else 0.0


def _gains(problem: Problem, plan: PeriodPlan) -> tuple[int | None, int | None]:
    """(over doing nothing, over the best single order), both over the horizon."""
    if plan.value == -inf:
        return None, None
    if plan.reason is not Reason.REBALANCE_PAYS:
        return 0, 0
    still = evaluate(problem, nothing(problem)).total
    single = optimize(replace(problem, least_gain=0.0))
    one = single.terms.total if single.is_rebalance else still
    gains = (_no_noise(plan.value - worth) for worth in (still, one))
    over_nothing, over_one = (assets_down(gain, problem.nav) for gain in gains)
    return over_nothing, over_one


def _no_noise(gain: float) -> float:
    return gain if abs(gain) > NOISE else 0.0


def _orders(
    snapshot: Snapshot,
    problem: Problem,
    plan: PeriodPlan,
    stays: float,
    apart_seconds: float,
) -> Iterator[OrderAhead]:
    outputs, values = paid_out(problem, plan.orders, stays), problem.values
    for i, (order, terms) in enumerate(zip(plan.orders, plan.terms, strict=True)):
        yield OrderAhead(
            at=snapshot.timestamp + floor(i * apart_seconds),
            moves=(
                *_changes(snapshot, problem, "withdraw", values - order.values),
                *_swaps(snapshot, problem, order, outputs[i]),
                *_changes(snapshot, problem, "supply", order.values - values),
            ),
            swap_cost_assets=assets_up(_no_noise(terms.swap_cost), problem.nav),
            gas_assets=assets_up(terms.gas, problem.nav),
        )
        values = order.values


def _changes(
    snapshot: Snapshot,
    problem: Problem,
    kind: Literal["withdraw", "supply"],
    change: Floats,
) -> Iterator[Move]:
    for slot, value in zip(problem.slots, change.tolist(), strict=True):
        if value > LEAST_CHANGE:
            yield Move(
                kind=kind,
                name=snapshot.positions[slot.position].name,
                amounts=_amounts(snapshot, problem, value * slot.composition),
                tick_lower=slot.tick_lower,
                tick_upper=slot.tick_upper,
            )


def _swaps(
    snapshot: Snapshot, problem: Problem, order: Allocation, outputs: Floats
) -> Iterator[Move]:
    none = problem.inventory * 0
    for leg, paid, got in zip(problem.legs, order.inputs, outputs, strict=True):
        if paid > LEAST_CHANGE:
            taken, given = none.copy(), none.copy()
            taken[leg.token_in], given[leg.token_out] = paid, got
            yield Move(
                kind="swap",
                name=snapshot.pools[leg.pool].name,
                amounts=_amounts(snapshot, problem, taken),
                paid_out=_amounts(snapshot, problem, given),
            )


def _amounts(snapshot: Snapshot, problem: Problem, values: Floats) -> dict[str, int]:
    """Raw units by symbol of what has these values, rounded down."""
    raw = zip(snapshot.tokens, values / problem.unit_values, strict=True)
    return {token.symbol: floor(amount) for token, amount in raw if amount >= 1}
