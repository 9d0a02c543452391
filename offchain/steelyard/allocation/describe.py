# SPDX-License-Identifier: MIT
"""Models and measures in words."""

from steelyard.optimize.models import (
    BoxCovariance,
    BoxMean,
    ConditionalDrawdown,
    CVaR,
    Doubt,
    EllipsoidalCovariance,
    EllipsoidalMean,
    EntropicVaR,
    HierarchicalEqualRisk,
    HierarchicalRiskParity,
    Kelly,
    LargestRatio,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    Measure,
    Model,
    ReturnAtLeast,
    RiskAtMost,
    RiskBudgeting,
    Utility,
    Variance,
    WassersteinCVaR,
    WorstCase,
)

# workdays are days too
PERIODS = (
    ("an hour", 8700.0, 8800.0),
    ("a day", 240.0, 370.0),
    ("a week", 50.0, 54.0),
    ("a month", 11.5, 12.5),
    ("a year", 0.9, 1.1),
)


def title_of(model: Model, periods_per_year: float) -> str:
    """What is looked for, with its numbers; returns per year."""
    match model:
        case MeanRisk():
            return _mean_risk(model, periods_per_year)
        case MaximumDiversification():
            return "largest diversification ratio"
        case RiskBudgeting(budgets=None):
            return f"equal shares of {risk_name(model.measure)}"
        case RiskBudgeting():
            return f"budgeted shares of {risk_name(model.measure)}"
        case HierarchicalRiskParity():
            return f"halves of a correlation tree, {model.linkage} linkage"
        case HierarchicalEqualRisk():
            name = risk_name(model.measure)
            return f"equal {name} to each branch of a tree, {model.linkage} linkage"
        case Kelly(drawdown=None):
            return "largest growth"
        case Kelly(drawdown=float() as drawdown):
            chance = f"with a chance of {percent(model.probability)} at most"
            return f"largest growth, a fall by {percent(drawdown)} {chance}"
    raise TypeError(type(model))


def risk_name(measure: Measure) -> str:
    """The measure's name; the variance's is that of its root."""
    match measure:
        case Variance():
            return "volatility"
        case CVaR():
            return f"CVaR {percent(measure.level)}"
        case WassersteinCVaR():
            return f"CVaR {percent(measure.level)} over laws nearby"
        case EntropicVaR():
            return f"entropic VaR {percent(measure.level)}"
        case ConditionalDrawdown():
            return f"conditional drawdown {percent(measure.level)}"
        case WorstCase():
            return "worst loss"


def period_of(periods_per_year: float) -> str:
    """ "a day", "a week" ..., or "a period" where there is no word for it."""
    for name, low, high in PERIODS:
        if low <= periods_per_year <= high:
            return name
    return "a period"


def percent(share: float) -> str:
    """0.05 as "5 %", up to six digits."""
    return f"{100 * share:.6g} %"


def _mean_risk(model: MeanRisk, periods_per_year: float) -> str:
    name, goal = risk_name(model.measure), model.goal
    is_variance = isinstance(model.measure, Variance)
    match goal:
        case LeastRisk():
            text = f"least {name}"
        case Utility() if is_variance:
            half = f"{goal.risk_aversion:g} / 2 x variance"
            text = f"largest return less {half}"
        case Utility():
            text = f"largest return less {goal.risk_aversion:g} x {name}"
        case ReturnAtLeast():
            yearly = percent(goal.expected_return * periods_per_year)
            text = f"least {name} at a return of {yearly} a year or more"
        case RiskAtMost() if is_variance:
            yearly = percent(goal.limit * periods_per_year**0.5)
            text = f"largest return at a volatility of {yearly} a year or less"
        case RiskAtMost():
            most = f"{percent(goal.limit)} {period_of(periods_per_year)} or less"
            text = f"largest return at a {name} of {most}"
        case LargestRatio() if is_variance:
            text = "largest Sharpe ratio"
        case LargestRatio():
            text = f"largest excess return by {name}"
    doubts = " and ".join(_doubt(doubt) for doubt in model.doubts)
    return f"{text}, worst over {doubts}" if doubts else text


def _doubt(doubt: Doubt) -> str:
    match doubt:
        case EllipsoidalMean():
            return f"an ellipsoid of means of radius {doubt.radius:.3g}"
        case BoxMean():
            return "a box of means"
        case BoxCovariance():
            return "a box of covariances"
        case EllipsoidalCovariance():
            return "a ball of covariances"
