# SPDX-License-Identifier: MIT
"""Why the amounts are the best there are, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from steelyard.keeper.decide import ASSET_PLACES, Decision, money
from steelyard.optimize.solution import Solution
from steelyard.state import Snapshot

MOST_LIMITS = 3
PERCENT = 0.01
NOISE = 1e-3  # of the last place that is shown


def proof_lines(snapshot: Snapshot, decision: Decision) -> Iterator[str]:
    """The certified gap, what rounding cost, the integers' checks, the dearest limits.

    Nothing where nothing was weighed.
    """
    solution = decision.solution
    if solution is None:
        return
    if solution.stats.certified_gap is not None:
        gap = solution.stats.certified_gap
        yield (
            f"certified: no allowed amounts gain more than {_at_most(snapshot, gap)} "
            f"beyond these ({gap:.1e} of NAV)"
        )
    if not solution.is_rebalance:
        return
    lost = decision.rounding_loss_assets
    yield f"whole amounts and margins took {_money(snapshot, lost)} of the gain"
    checks = decision.plan.checks
    kept = sum(check.ok for check in checks)
    yield f"{kept} of {len(checks)} limits kept in the contract's own integers"
    yield from _dear_limits(snapshot, solution)


def _dear_limits(snapshot: Snapshot, solution: Solution) -> Iterator[str]:
    for row in solution.binding[:MOST_LIMITS]:
        earned = _at_most(snapshot, row.shadow_price * PERCENT)
        yield f"{row.name} binds: one more percent of NAV would earn {earned} at most"


def _at_most(snapshot: Snapshot, share: float) -> str:
    """A share of NAV, rounded up at the last place that is shown, noise of a solver
    apart."""
    shown = 10 ** max(snapshot.asset.decimals - ASSET_PLACES, 0)
    return _money(snapshot, ceil(share * snapshot.nav / shown - NOISE) * shown)


def _money(snapshot: Snapshot, amount: int) -> str:
    asset = snapshot.asset
    return f"{money(amount, asset.decimals, ASSET_PLACES)} {asset.symbol}"
