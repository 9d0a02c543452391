# SPDX-License-Identifier: MIT
"""What is wanted of a portfolio: the models as data, by their literature's names.

A mean-risk model is a measure of risk, a goal, and what is doubted about its inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.optimize.problem import Floats

LEVEL = 0.95


# --- measures of risk, per period; losses are minus returns ---


@dataclass(frozen=True, kw_only=True)
class Variance:
    """w' C w (Markowitz 1952); as a limit or a ratio, its root, the volatility."""


VARIANCE = Variance()


@dataclass(frozen=True, kw_only=True)
class CVaR:
    """Mean of the worst 1 - level of losses (Rockafellar & Uryasev 2000)."""

    level: float = LEVEL


@dataclass(frozen=True, kw_only=True)
class WassersteinCVaR:
    """The largest CVaR over all laws within `radius` of the scenarios.

    1-Wasserstein distance with the Euclidean norm of returns: CVaR + radius / (1 -
    level) |w|_2 (Mohajerin Esfahani & Kuhn 2018, returns without bound).
    """

    level: float = LEVEL
    radius: float = 0.0


@dataclass(frozen=True, kw_only=True)
class EntropicVaR:
    """Least Chernoff bound of VaR (Ahmadi-Javid 2012)."""

    level: float = LEVEL


@dataclass(frozen=True, kw_only=True)
class ConditionalDrawdown:
    """Mean of the worst 1 - level of drawdowns of the uncompounded sum of returns
    (Chekhlov, Uryasev & Zabarankin 2005)."""

    level: float = LEVEL


@dataclass(frozen=True, kw_only=True)
class WorstCase:
    """The largest loss over all scenarios (Young 1998, minimax)."""


Measure = (
    Variance | CVaR | WassersteinCVaR | EntropicVaR | ConditionalDrawdown | WorstCase
)


# --- goals ---


@dataclass(frozen=True, kw_only=True)
class LeastRisk:
    """The least of the measure."""


@dataclass(frozen=True, kw_only=True)
class Utility:
    """Most of mean - risk_aversion / 2 x variance, or mean - risk_aversion x measure
    where that is not the variance."""

    risk_aversion: float


@dataclass(frozen=True, kw_only=True)
class ReturnAtLeast:
    """The least of the measure at this mean or more."""

    expected_return: float  # per period


@dataclass(frozen=True, kw_only=True)
class RiskAtMost:
    """The largest mean at this measure (for the variance: this volatility) or less."""

    limit: float  # per period


@dataclass(frozen=True, kw_only=True)
class LargestRatio:
    """Most of (mean - risk_free) / measure; with the variance, Sharpe's ratio."""

    risk_free: float = 0.0  # per period


Goal = LeastRisk | Utility | ReturnAtLeast | RiskAtMost | LargestRatio


# --- what is doubted ---


@dataclass(frozen=True, kw_only=True, eq=False)
class EllipsoidalMean:
    """Means anywhere in |shape^-1/2 (m - mean)| <= radius: costs radius x
    sqrt(w' shape w) (Ben-Tal & Nemirovski 1999; Goldfarb & Iyengar 2003)."""

    radius: float
    shape: Floats  # (n, n) covariance of the estimate of the mean


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxMean:
    """Each mean within half_widths on both sides: costs half_widths . |w|
    (Tutuncu & Koenig 2004)."""

    half_widths: Floats  # (n,) per period


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxCovariance:
    """Each covariance within half_widths on both sides, for weights of any sign
    (Tutuncu & Koenig 2004; Lobo & Boyd 2000)."""

    half_widths: Floats  # (n, n) at least 0


@dataclass(frozen=True, kw_only=True, eq=False)
class EllipsoidalCovariance:
    """Covariances within a Frobenius ball: adds radius x |w|^2
    (the largest w' D w over |D|_F <= radius)."""

    radius: float


Doubt = EllipsoidalMean | BoxMean | BoxCovariance | EllipsoidalCovariance


# --- models ---


@dataclass(frozen=True, kw_only=True)
class MeanRisk:
    """One of the goals, under one measure, worst over all doubts."""

    measure: Measure = VARIANCE
    goal: Goal = LeastRisk()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MaximumDiversification:
    """Most of weighted volatility over volatility (Choueifaty & Coignard 2008)."""


@dataclass(frozen=True, kw_only=True)
class RiskBudgeting:
    """Each asset's share of the risk as budgeted (Maillard, Roncalli & Teiletche 2010;
    Spinu 2013); with limits, the least log barrier over them (`budgeting.barrier`;
    Richard & Roncalli 2019 weigh limits otherwise)."""

    budgets: tuple[float, ...] | None = None  # sum to 1; None: all the same
    measure: Variance | CVaR = VARIANCE


@dataclass(frozen=True, kw_only=True)
class HierarchicalRiskParity:
    """Recursive bisection of a correlation tree (Lopez de Prado 2016), then the nearest
    weights under the caps."""

    linkage: str = "single"


@dataclass(frozen=True, kw_only=True)
class HierarchicalEqualRisk:
    """Equal risk to each branch of the tree (Raffinot 2018), then the nearest weights
    under the caps."""

    linkage: str = "ward"
    measure: Variance | CVaR = VARIANCE
    clusters: int | None = None  # None: by the gap statistic


@dataclass(frozen=True, kw_only=True)
class Kelly:
    """Most of the mean logarithm of growth over the scenarios (Kelly 1956); with a
    drawdown limit, the risk-constrained form of Busseti, Ryu & Boyd (2016)."""

    drawdown: float | None = None  # wealth may fall below 1 - drawdown ...
    probability: float = 0.1  # ... with at most this probability


Model = (
    MeanRisk
    | MaximumDiversification
    | RiskBudgeting
    | HierarchicalRiskParity
    | HierarchicalEqualRisk
    | Kelly
)
