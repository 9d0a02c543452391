# SPDX-License-Identifier: MIT
"""Each model from its settings; what is typed per year becomes per period."""

from dataclasses import dataclass

import numpy as np

from steelyard.allocation.ask import ModelAsk, is_typed
from steelyard.allocation.doubts import doubt_of
from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.allocation.words import named_values
from steelyard.market.history import FloatArray
from steelyard.optimize.budgeting.inputs import LINKAGES
from steelyard.optimize.checks import checked_level
from steelyard.optimize.models import (
    LEVEL,
    CVaR,
    Goal,
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
    Kelly,
    LargestRatio,
    LeastRisk,
    MeanRisk,
    Measure,
    Model,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
    Utility,
    Variance,
    WassersteinCVaR,
)

DEFAULT_AVERSION = 2.5  # He and Litterman (1999)
MEASURES = ("variance", "cvar")
GOALS = ("target", "most_risk", "aversion", "ratio")


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """What a model's settings are read against; all per period."""

    assets: tuple[str, ...]
    periods_per_year: float
    covariance: FloatArray  # (n, n)
    observations: float  # that it was estimated from; 0: not known
    risk_free: float


def goal_of(ask: ModelAsk, setting: Setting, default: Goal) -> Goal:
    """The goal that a setting names; at most one may. Returns are typed per year, risk
    per period but for the variance. Raises `AllocationInputInvalid`."""
    named = [g for g in GOALS if is_typed(getattr(ask, g))]
    if len(named) > 1:
        value = " and ".join(g.replace("_", "-") for g in named)
        raise AllocationInputInvalid("goal", value, "one of them")
    if ask.target is not None:
        target = _needed(ask.target, "a return a year")
        return ReturnAtLeast(expected_return=target / setting.periods_per_year)
    if ask.most_risk is not None:
        return RiskAtMost(limit=_above_zero("most-risk", ask.most_risk))
    if ask.aversion is not None:
        return Utility(risk_aversion=_above_zero("aversion", ask.aversion))
    if ask.ratio:
        return LargestRatio(risk_free=setting.risk_free)
    return default


def minimum_variance(_ask: ModelAsk, _setting: Setting) -> Model:
    return MeanRisk(measure=Variance(), goal=LeastRisk())


def mean_variance(ask: ModelAsk, _setting: Setting) -> Model:
    aversion = DEFAULT_AVERSION if ask.aversion is None else ask.aversion
    return MeanRisk(goal=Utility(risk_aversion=_above_zero("aversion", aversion)))


def target_return(ask: ModelAsk, setting: Setting) -> Model:
    target = _needed(ask.target, "the least return a year, such as 20%")
    return MeanRisk(
        goal=ReturnAtLeast(expected_return=target / setting.periods_per_year)
    )


def target_risk(ask: ModelAsk, setting: Setting) -> Model:
    target = _needed(ask.target, "the most volatility a year, such as 30%")
    per_period = _above_zero("target", target) / np.sqrt(setting.periods_per_year)
    return MeanRisk(goal=RiskAtMost(limit=float(per_period)))


def maximum_sharpe(_ask: ModelAsk, setting: Setting) -> Model:
    return MeanRisk(goal=LargestRatio(risk_free=setting.risk_free))


def wasserstein(ask: ModelAsk, setting: Setting) -> Measure:
    radius = ask.radius
    if radius is None:
        if not setting.observations:
            expected = "a distance of laws of returns, such as 0.1%"
            raise AllocationInputInvalid("radius", "missing", expected)
        # how far the mean of so many rows is off, in the Euclidean norm
        trace = float(np.trace(setting.covariance))
        radius = float(np.sqrt(trace / setting.observations))
    return WassersteinCVaR(level=level_of(ask), radius=radius)


def risk_parity(ask: ModelAsk, _setting: Setting) -> Model:
    return RiskBudgeting(measure=_measure(ask))


def risk_budgeting(ask: ModelAsk, setting: Setting) -> Model:
    if ask.budget is None:
        expected = "each asset's share of the risk, such as BTC=60%,ETH=40%"
        raise AllocationInputInvalid("budget", "missing", expected)
    budgets = named_values(ask.budget, "budget", setting.assets)
    if (budgets <= 0).any():
        place = int(np.argmin(budgets))
        field = f"budget of {setting.assets[place]}"
        raise AllocationInputInvalid(field, f"{budgets[place]:g}", "more than 0")
    shares = (float(b) for b in budgets / budgets.sum())
    return RiskBudgeting(budgets=tuple(shares), measure=_measure(ask))


def hierarchical_parity(ask: ModelAsk, _setting: Setting) -> Model:
    return HierarchicalRiskParity(linkage=_linkage(ask, "single"))


def hierarchical_equal(ask: ModelAsk, _setting: Setting) -> Model:
    return HierarchicalEqualRisk(
        linkage=_linkage(ask, "ward"), measure=_measure(ask), clusters=ask.clusters
    )


def kelly(ask: ModelAsk, _setting: Setting) -> Model:
    if ask.probability is None:
        return Kelly(drawdown=ask.drawdown)
    if ask.drawdown is None:
        raise AllocationInputInvalid("drawdown", "missing", "a limit such as 30%")
    return Kelly(drawdown=ask.drawdown, probability=ask.probability)


def robust(ask: ModelAsk, setting: Setting) -> Model:
    name = ask.doubt or "mean"
    _check_level_is_used(ask, name)
    doubt = doubt_of(
        name,
        covariance=setting.covariance,
        observations=setting.observations,
        level=level_of(ask),
        radius=ask.radius,
    )
    is_of_mean = name.startswith("mean")
    default = Utility(risk_aversion=DEFAULT_AVERSION) if is_of_mean else LeastRisk()
    goal = goal_of(ask, setting, default)
    if isinstance(goal, RiskAtMost):  # of the variance it is typed per year
        per_period = goal.limit / np.sqrt(setting.periods_per_year)
        goal = RiskAtMost(limit=float(per_period))
    return MeanRisk(goal=goal, doubts=(doubt,))


def _check_level_is_used(ask: ModelAsk, doubt: str) -> None:
    if ask.level is None:
        return
    if doubt == "covariance":
        expected = "none with --doubt covariance, which is one root mean square error"
        raise AllocationInputInvalid("level", ask.level, expected)
    if ask.radius is not None:
        expected = "none beside --radius, which takes its place"
        raise AllocationInputInvalid("level", ask.level, expected)


def level_of(ask: ModelAsk) -> float:
    """The level, 95 % where none is typed. Raises `PreferenceInvalid`."""
    return checked_level(LEVEL if ask.level is None else ask.level)


def _measure(ask: ModelAsk) -> Variance | CVaR:
    if ask.measure == "cvar":
        return CVaR(level=level_of(ask))
    if ask.measure not in (None, "variance"):
        raise AllocationInputInvalid("measure", ask.measure, " or ".join(MEASURES))
    if ask.level is not None:
        raise AllocationInputInvalid("level", ask.level, "none without --measure cvar")
    return Variance()


def _linkage(ask: ModelAsk, default: str) -> str:
    linkage = ask.linkage or default
    if linkage not in LINKAGES:
        known = ", ".join(LINKAGES)
        raise AllocationInputInvalid("linkage", linkage, f"one of {known}")
    return linkage


def _needed(value: float | None, expected: str) -> float:
    if value is None or not np.isfinite(value):
        given = "missing" if value is None else value
        raise AllocationInputInvalid("target", given, expected)
    return value


def _above_zero(field: str, value: float) -> float:
    if not 0 < value < np.inf:
        raise AllocationInputInvalid(field, value, "a number above 0")
    return value
