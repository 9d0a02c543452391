# SPDX-License-Identifier: MIT
"""How an answer came out, in one line."""

from collections import defaultdict
from collections.abc import Sequence

from steelyard.allocation.analysis import Analysis
from steelyard.allocation.describe import percent, title_of
from steelyard.optimize.models import MeanRisk, ReturnAtLeast, RiskAtMost
from steelyard.optimize.outcome import Status

SHOWN = 4  # assets of a list
CAP, FLOOR, SUM = "highest weight of ", "lowest weight of ", "sum of weights"
TURNOVER, LEVERAGE = "turnover at most ", "leverage at most "
RETURN, RISK = "expected return at least ", "risk at most "
DRAWDOWN = "drawdown at most "


def failure_text(found: Analysis) -> str:
    """Why there is a fallback, in one line; empty for an optimal answer."""
    answer = found.answer
    if answer.status is Status.OPTIMAL:
        return ""
    if answer.conflicts:
        return f"no weights meet all of these: {conflict_text(found)}"
    tried = "; ".join(answer.tried)
    return f"{answer.reason.value}: {tried}" if tried else answer.detail


def conflict_text(found: Analysis) -> str:
    """Limits that conflict, equal bounds of single assets together."""
    conflicts = found.answer.conflicts
    p = found.prepared.portfolio.polytope
    bounds = {
        **{CAP + a: h for a, h in zip(p.assets, p.highest, strict=True)},
        **{FLOOR + a: x for a, x in zip(p.assets, p.lowest, strict=True)},
    }
    boxes: dict[str, list[str]] = defaultdict(list)
    for name in conflicts:
        if name in bounds:
            noun, prefix = ("cap", CAP) if name.startswith(CAP) else ("floor", FLOOR)
            kind = f"{noun} of {percent(float(bounds[name]))} for"
            boxes[kind].append(name.removeprefix(prefix))
    capped = [f"{kind} {few(names)}" for kind, names in boxes.items()]
    words = [_as_typed(found, name) for name in conflicts if name not in bounds]
    unknown = (RISK, TURNOVER, LEVERAGE, DRAWDOWN)
    if all(name.startswith((RETURN, *unknown)) for name in conflicts) and any(
        name.startswith(unknown) for name in conflicts
    ):
        words.append("all other limits")  # which of them is not known
    return "; ".join([*capped, *words])


def few(names: Sequence[str]) -> str:
    """ "A, B, C, D and 3 more"."""
    rest = len(names) - SHOWN
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {rest} more" if rest > 0 else shown


def _as_typed(found: Analysis, name: str) -> str:
    """A limit that is no bound of a single asset."""
    model, portfolio = found.prepared.model, found.prepared.portfolio
    if name.startswith(TURNOVER):
        return f"{TURNOVER}{percent(portfolio.turnover or 0.0)}"
    if name.startswith(LEVERAGE):
        return f"{LEVERAGE}{percent(portfolio.leverage or 0.0)}"
    if name.startswith(SUM):
        return "weights that sum to 1"
    is_goal = name.startswith((RETURN, RISK))
    if (
        is_goal
        and isinstance(model, MeanRisk)
        and isinstance(model.goal, ReturnAtLeast | RiskAtMost)
    ):
        title = title_of(model, found.prepared.periods_per_year)
        return "a " + title.partition(" at a ")[2]  # the goal's limit
    return name
