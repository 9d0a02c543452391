# SPDX-License-Identifier: MIT
"""Which model decided, and why the amounts are the best there are, for people."""

from __future__ import annotations

from collections.abc import Iterator

from steelyard.allocation.describe import percent
from steelyard.keeper.decide import Decision
from steelyard.keeper.model_text import (
    decided_by,
    distance_of,
    gap_text,
    price_text,
    ratio_of,
    risk_of,
)
from steelyard.money import ASSET_PLACES, assets_up, money
from steelyard.optimize.measured import Measured
from steelyard.optimize.outcome import BindingRow
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.solution import Solution
from steelyard.optimize.vault.worth import RETURN, RISK_LIMIT
from steelyard.state import Snapshot

MOST_LIMITS = 3
PERCENT = 0.01
STEP = 0.001  # of NAV: of a return that is asked for
NOISE_DIVISOR = 1000  # of the last place that is shown


def proof_lines(snapshot: Snapshot, decision: Decision) -> Iterator[str]:
    """The model and its risk, the certified gap, what rounding cost, the integers'
    checks, the dearest limits.

    Nothing where nothing was weighed.
    """
    solution, preferences = decision.solution, decision.preferences
    if solution is None or preferences is None:
        return
    yield f"decided by {decided_by(preferences)}"
    yield from _measures(decision, solution, preferences)
    gap = solution.stats.certified_gap
    if gap is not None:
        proved = gap_text(preferences.model, gap, in_asset_at_most(snapshot, gap))
        yield f"certified: {proved}"
    if not solution.is_rebalance:
        return
    lost = decision.rounding_loss_assets
    yield f"whole amounts and margins took {in_asset(snapshot, lost)} of the gain"
    checks = decision.plan.checks
    kept = sum(check.ok for check in checks)
    yield f"{kept} of {len(checks)} limits kept in the contract's own integers"
    for row in solution.binding[:MOST_LIMITS]:
        yield _binding(snapshot, preferences, row)


def _measures(
    decision: Decision, solution: Solution, preferences: Preferences
) -> Iterator[str]:
    """What the plan comes to beside doing nothing, by the model's own measures."""
    choice, before = preferences.model, solution.measured_nothing
    after = decision.planned if solution.is_rebalance else None
    ratios = [ratio_of(choice, each) for each in (after, before) if each is not None]
    yield f"{risk_of(choice)} {_shares(after, before, 'risk')}"
    if any(ratio is not None for ratio in ratios):
        shown = ["none" if ratio is None else f"{ratio:.4f}" for ratio in ratios]
        yield "ratio " + ", before ".join(shown)
    far = distance_of(choice, before)
    if far is not None:
        near = None if after is None else distance_of(choice, after)
        yield f"distance to the weights wanted {_change(near, far)}"
    if choice is not None and choice.unwinding is not None:
        yield f"winding everything up costs {_shares(after, before, 'winding_up')}"


def _shares(after: Measured | None, before: Measured, name: str) -> str:
    now = None if after is None else getattr(after, name)
    return _change(now, getattr(before, name))


def _change(after: float | None, before: float) -> str:
    if after is None:
        return f"{100 * before:.2f} % of NAV"
    return f"{100 * after:.2f} % of NAV, before {100 * before:.2f} %"


def _binding(snapshot: Snapshot, preferences: Preferences, row: BindingRow) -> str:
    choice, price = preferences.model, row.shadow_price
    if row.name == RETURN:
        less = f"{-100 * price * STEP:.3g} % of NAV at most"
        asked = f"asking {percent(STEP)} of NAV less would lower {risk_of(choice)}"
        return f"{row.name} binds: {asked} by {less}"
    at_most = in_asset_at_most(snapshot, price * PERCENT)
    done = price_text(choice, price * PERCENT, at_most)
    bound = ""
    if row.name == RISK_LIMIT and choice is not None and choice.most_risk is not None:
        bound = f" of {percent(choice.most_risk)}"
    return f"{row.name}{bound} binds: one more percent of NAV {done}"


def in_asset_at_most(snapshot: Snapshot, share: float) -> str:
    """A share of NAV, rounded up at the last place that is shown, noise of a solver
    apart."""
    shown = 10 ** max(snapshot.asset.decimals - ASSET_PLACES, 0)
    assets = assets_up(share, snapshot.nav) - shown // NOISE_DIVISOR
    return in_asset(snapshot, -(-assets // shown) * shown)


def in_asset(snapshot: Snapshot, amount: int) -> str:
    """Raw units of the vault's asset as a sum of money."""
    asset = snapshot.asset
    return f"{money(amount, asset.decimals)} {asset.symbol}"
