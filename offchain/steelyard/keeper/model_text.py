# SPDX-License-Identifier: MIT
"""The operator's model in words: what is looked for, what it gains, what is proved."""

from __future__ import annotations

from math import sqrt
from typing import Literal

from steelyard.allocation.describe import percent, risk_name, title_of
from steelyard.optimize.measured import Measured
from steelyard.optimize.model_choice import ModelChoice, model_of
from steelyard.optimize.models import (
    Goal,
    LargestRatio,
    LeastRisk,
    MeanRisk,
    ReturnAtLeast,
    RiskAtMost,
    Utility,
    Variance,
)
from steelyard.optimize.preferences import Preferences
from steelyard.optimize.vault.worth import TIE_BREAK

Kind = Literal["net", "growth", "risk", "ratio", "diversification", "weights"]
KINDS: dict[str, Kind] = {
    "kelly": "growth",
    "maximum-diversification": "diversification",
    "least-risk": "risk",
    "return-at-least": "risk",
    "largest-ratio": "ratio",
    "utility": "net",
    "risk-at-most": "net",
}
COSTS_TOO = "a hundredth of net return counted too"  # TIE_BREAK


def kind_of(choice: ModelChoice | None) -> Kind:
    """What is maximised."""
    if choice is None:
        return "net"
    is_goal = choice.name == "mean-risk"
    return KINDS.get(choice.aimed_at if is_goal else choice.name, "weights")


def decided_by(preferences: Preferences) -> str:
    """What is looked for, over which time."""
    choice = preferences.model
    over = f"over {preferences.horizon_days:g} days"
    if choice is None:
        goal: Goal = Utility(risk_aversion=preferences.risk_aversion)
        return f"{_goal(goal, MeanRisk())} {over}"
    model = model_of(choice)
    if not isinstance(model, MeanRisk):
        return f"{choice.name.replace('-', ' ')}: {title_of(model, 1.0)}, {over}"
    return f"{_goal(model.goal, model)} {over}{_winding_up(choice)}"


def risk_of(choice: ModelChoice | None) -> str:
    """What the risk that is shown is called; the volatility where there is none."""
    if choice is None or choice.name != "mean-risk":
        return "volatility"
    model = model_of(choice)
    assert isinstance(model, MeanRisk)
    return risk_name(model.measure)


def net_of(preferences: Preferences) -> str:
    """What stands after "gains 5 USDC"."""
    choice, over = preferences.model, f"over {preferences.horizon_days:g} days"
    risk = risk_of(choice)
    match kind_of(choice):
        case "risk":
            return f"of less {risk} {over}, {COSTS_TOO}"
        case "ratio":
            return f"{over} beyond what its {risk} nets today, gas and costs paid"
        case "diversification":
            return f"of weighted volatility {over} beyond today's ratio, costs paid"
        case "growth":
            return f"of growth {over} net of gas and costs"
        case "weights":
            return f"towards the weights of {_name(choice)}, {COSTS_TOO}"
        case _:
            return f"{over} net of {_charged(choice)}gas and costs"


def gap_text(choice: ModelChoice | None, gap: float, at_most: str) -> str:
    """What is proved; `at_most` is the gap as a sum of money."""
    match kind_of(choice):
        case "risk":
            lower = f"have a {risk_of(choice)} lower by more than {at_most}"
            return f"no allowed amounts {lower}, {COSTS_TOO} ({gap:.1e} of NAV)"
        case "ratio":
            times = f"this ratio times their {risk_of(choice)}"
            return f"no allowed amounts net {at_most} more than {times} ({gap:.1e})"
        case "diversification":
            times = "this ratio times their volatility"
            return f"no allowed amounts weigh more than {times} by over {gap:.1e}"
        case "weights":
            nearer = f"stand nearer to the weights of {_name(choice)}"
            within = f"squared distance within {gap:.1e}"
            return f"no allowed amounts {nearer}, {COSTS_TOO} ({within})"
        case _:
            beyond = f"beyond these ({gap:.1e} of NAV)"
            return f"no allowed amounts gain more than {at_most} {beyond}"


def price_text(choice: ModelChoice | None, price: float, at_most: str) -> str:
    """What one more percent of NAV would do; `price` per NAV, `at_most` in money."""
    match kind_of(choice):
        case "risk":
            return f"would lower {risk_of(choice)} by {at_most} at most"
        case "diversification":
            return f"would add {at_most} of weighted volatility at most"
        case "weights":
            return f"would lower the squared distance by {price:.1e} at most"
        case _:
            return f"would earn {at_most} at most"


def ratio_of(choice: ModelChoice | None, measured: Measured) -> float | None:
    """What is maximised where that is a ratio, and there is risk to divide by."""
    is_ratio = kind_of(choice) in ("ratio", "diversification")
    return measured.worth if is_ratio and measured.risk > 1e-9 else None


def distance_of(choice: ModelChoice | None, measured: Measured) -> float | None:
    """How far from a recipe's weights, in Euclidean length, as a share of NAV."""
    if kind_of(choice) != "weights":
        return None
    return sqrt(max(TIE_BREAK * measured.net - measured.worth, 0.0))


def _name(choice: ModelChoice | None) -> str:
    return "" if choice is None else choice.name.replace("-", " ")


def _charged(choice: ModelChoice | None) -> str:
    """The risk that net is less of, where it is."""
    if choice is None:
        return "risk, "
    model = model_of(choice)
    assert isinstance(model, MeanRisk)
    if not isinstance(model.goal, Utility):
        return ""
    return f"{_price(model.goal, model)}, "


def _price(goal: Utility, model: MeanRisk) -> str:
    if isinstance(model.measure, Variance):
        return f"{goal.risk_aversion:g} / 2 x variance"
    return f"{goal.risk_aversion:g} x {risk_name(model.measure)}"


def _goal(goal: Goal, model: MeanRisk) -> str:
    risk = risk_name(model.measure)
    match goal:
        case LeastRisk():
            return f"least {risk}"
        case Utility():
            return f"largest return less {_price(goal, model)}"
        case ReturnAtLeast(expected_return=least):
            return f"least {risk} at a return of {percent(least)} or more"
        case RiskAtMost(limit=most):
            return f"largest return at a {risk} of {percent(most)} or less"
        case LargestRatio(risk_free=rate):
            beyond = f" beyond {percent(rate)}" if rate else ""
            return f"largest ratio of return{beyond} to {risk}"


def _winding_up(choice: ModelChoice) -> str:
    wound = choice.unwinding
    if wound is None:
        return ""
    counted = ", winding up counted" if wound.weight == 1 else ""
    if wound.weight not in (0, 1):
        counted = f", winding up counted {wound.weight:g} times"
    if wound.limit is None:
        return counted
    return f"{counted}, winding up for {percent(wound.limit)} of NAV or less"
