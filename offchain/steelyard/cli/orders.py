# SPDX-License-Identifier: MIT
"""`plan --orders`: what is asked for, and its answer from what the run has read."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from time import perf_counter

from steelyard.cli.plan_arguments import FEWEST_ORDERS, MOST_ORDERS, REFILL_HOURS
from steelyard.keeper.config import KeeperConfig
from steelyard.keeper.orders import OrdersAhead, orders_ahead
from steelyard.keeper.record import RunRecord
from steelyard.keeper.timings import Timings
from steelyard.optimize.errors import ModelRefused, PreferenceInvalid
from steelyard.optimize.periods.plan import BY_MEAN_AND_VARIANCE
from steelyard.optimize.preferences import Preferences


@dataclass(frozen=True, kw_only=True)
class OrdersAsked:
    """What was typed, checked."""

    orders: int
    refill_hours: float


def orders_asked(args: Namespace, preferences: Preferences) -> OrdersAsked | None:
    """None where one order is all that is asked for; nothing has been read yet.

    Raises PreferenceInvalid, ModelRefused.
    """
    orders, refill_hours = args.orders, args.refill_hours
    if orders is None:
        if refill_hours is not None:
            raise PreferenceInvalid("--refill-hours", refill_hours, "--orders with it")
        return None
    if not FEWEST_ORDERS <= orders <= MOST_ORDERS:
        expected = f"{FEWEST_ORDERS} to {MOST_ORDERS}"
        raise PreferenceInvalid("--orders", orders, expected)
    refill_hours = REFILL_HOURS if refill_hours is None else refill_hours
    if not 0 <= refill_hours < inf:
        raise PreferenceInvalid("--refill-hours", refill_hours, "0 or more")
    if preferences.model is not None:
        raise ModelRefused(preferences.model.name, BY_MEAN_AND_VARIANCE)
    return OrdersAsked(orders=orders, refill_hours=refill_hours)


def look_ahead(
    record: RunRecord,
    config: KeeperConfig,
    asked: OrdersAsked,
    progress: Callable[[str], None],
) -> tuple[RunRecord, OrdersAhead | None]:
    """(the run with the time that this took, its plan of several orders).

    None where nothing was weighed. Raises what `orders_ahead` raises.
    """
    if record.signals is None:
        return record, None
    timings = Timings(progress, perf_counter)
    with timings.step("orders"):
        ahead = orders_ahead(
            record.before,
            record.signals,
            config.preferences,
            config.order.output_tolerance_wad,
            orders=asked.orders,
            refill_hours=asked.refill_hours,
        )
    took = {**record.timings_seconds, **timings.seconds}
    return replace(record, timings_seconds=took), ahead
