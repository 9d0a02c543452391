# SPDX-License-Identifier: MIT
"""From weights to whole token amounts: rounding never breaks a cap."""

from steelyard.plan.build import build_order, empty_plan, plan_order
from steelyard.plan.inputs import (
    MODEL_VERSION,
    canonical_json,
    digest_of,
    inputs_hash,
    snapshot_json,
)
from steelyard.plan.records import Change, Check, Plan, SupplyOutcome, Tolerances
from steelyard.plan.valuation import Book

__all__ = [
    "MODEL_VERSION",
    "Book",
    "Change",
    "Check",
    "Plan",
    "SupplyOutcome",
    "Tolerances",
    "build_order",
    "canonical_json",
    "digest_of",
    "empty_plan",
    "inputs_hash",
    "plan_order",
    "snapshot_json",
]
