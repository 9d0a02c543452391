# SPDX-License-Identifier: MIT
"""Limits that the operator's model sets itself: of risk, of return, of winding up.

Prices move what stands at them: as with caps, a limit is missed once it is missed by
more than a share of it, so that no order is sent for every small move.
"""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.optimize.measured import Measured
from steelyard.optimize.models import Kelly, MeanRisk, ReturnAtLeast, RiskAtMost
from steelyard.optimize.vault.worth import (
    DRAWDOWN,
    RETURN,
    RISK_LIMIT,
    WINDING_UP,
)
from steelyard.optimize.vault_model import VaultModel

OF_MODELS = frozenset({RISK_LIMIT, RETURN, WINDING_UP, DRAWDOWN})
LEAST = 1e-6  # of NAV: what is missed by less is met


def missed_limits(
    wanted: VaultModel | None, measured: Measured, heal_above: float
) -> tuple[str, ...]:
    """Names of those missed by more than `heal_above` of them."""
    if wanted is None:
        return ()
    found = []
    for name, over, limit in _limits(wanted, measured):
        if over > max(heal_above * abs(limit), LEAST):
            found.append(name)
    return tuple(found)


def _limits(
    wanted: VaultModel, measured: Measured
) -> Iterator[tuple[str, float, float]]:
    """(name, by how much it is missed, the limit)."""
    match wanted.model:
        case MeanRisk(goal=RiskAtMost(limit=limit)):
            yield RISK_LIMIT, measured.risk - limit, limit
        case MeanRisk(goal=ReturnAtLeast(expected_return=least)):
            yield RETURN, least - measured.net, least
        case Kelly(drawdown=float()):  # the logarithm of a bound on the chance
            yield DRAWDOWN, measured.missed, 1.0
    unwinding = wanted.unwinding
    if unwinding is not None and unwinding.limit is not None:
        over = measured.winding_up - unwinding.limit
        yield WINDING_UP, over, unwinding.limit
