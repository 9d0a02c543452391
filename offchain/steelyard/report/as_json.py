# SPDX-License-Identifier: MIT
"""A demo as plain JSON values: the report's own numbers, and the orders as signed."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from steelyard.report.summary import report_of

if TYPE_CHECKING:
    from steelyard.demo.record import DemoRecord


def record_json(record: "DemoRecord") -> dict[str, Any]:
    """Every number of the report. Integers are decimal text, fractions are numbers.

    Amounts are raw units, times unix seconds. `signed_orders` are as
    `Rebalance.to_json` writes them, so that `order_from_json` reads them.
    """
    report = report_of(record)
    data: dict[str, Any] = _plain(report)
    for run, row in zip(data["runs"], report.runs, strict=True):
        for swap, swap_row in zip(run["swaps"], row.swaps, strict=True):
            swap["difference"] = str(swap_row.difference)
            swap["predicted_slippage_bps"] = swap_row.predicted_slippage_bps
            swap["executed_slippage_bps"] = swap_row.executed_slippage_bps
        for weight, weight_row in zip(run["weights"], row.weights, strict=True):
            weight["is_inside"] = weight_row.is_inside
    for cap, cap_row in zip(data["caps"], report.caps, strict=True):
        full = cap_row.fullness
        cap["fullness"] = full if isfinite(full) else None
    data["signed_orders"] = [
        {"signature": day.run.signature, "order": day.run.order.to_json()}
        for day in record.days
        if day.run.order is not None
    ]
    return data


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    return str(value) if isinstance(value, int) else value
