# SPDX-License-Identifier: MIT
"""Which model a curator wants, as settings, and the model that they make.

UNITS   Returns and risks over the whole horizon, as shares of NAV before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from steelyard.estimate.signals import Signals
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.models import (
    LEVEL,
    VARIANCE,
    CVaR,
    EntropicVaR,
    Goal,
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
from steelyard.optimize.problem import Floats, Leg, Slot
from steelyard.optimize.scenarios import (
    column_returns,
    failure_scenarios,
    price_scenarios,
)
from steelyard.optimize.unwinding import Unwinding
from steelyard.optimize.vault_model import VaultModel, needs_scenarios
from steelyard.state import Snapshot

SCENARIOS, SEED = 1_000, 1
PROBABILITY = 0.1
LEAST_PER_TOKEN = 4  # scenarios, so that they can have the signals' covariance


@dataclass(frozen=True, kw_only=True)
class UnwindingChoice:
    """How winding up is imagined; see `Unwinding`."""

    slices: float = 1.0
    depth: float = 1.0
    unsold_loss: float = 1.0
    weight: float = 1.0
    limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """Settings of what is wanted beside mean and variance.

    None is what the comment says; `choice_checks` knows which model has a use for what.
    """

    name: Literal[
        "mean-risk",
        "maximum-diversification",
        "risk-parity",
        "hierarchical-risk-parity",
        "hierarchical-equal-risk",
        "kelly",
    ] = "mean-risk"
    measure: (
        Literal["variance", "cvar", "entropic-var", "worst-case", "wasserstein-cvar"]
        | None
    ) = None  # cvar; of equal shares of risk, variance
    goal: (
        Literal[
            "least-risk", "utility", "return-at-least", "risk-at-most", "largest-ratio"
        ]
        | None
    ) = None  # utility
    aversion: float | None = None  # of a utility, which needs it
    expected_return: float | None = None  # asked for, all costs paid
    most_risk: float | None = None  # of the variance: of its root, the volatility
    risk_free: float | None = None  # of a ratio: 0
    level: float | None = None  # of a tail, 1 less the share of scenarios in it: 0.95
    radius: float | None = None  # of the Wasserstein ball, which needs it
    drawdown: float | None = None  # of Kelly: what may be lost ...
    probability: float | None = None  # ... with at most this probability: 0.1
    scenarios: int | None = None  # 1,000
    seed: int | None = None  # of them: 1
    unwinding: UnwindingChoice | None = None

    @property
    def measured_by(self) -> str:
        """The measure's setting; that of models without one means nothing."""
        default = "cvar" if self.name == "mean-risk" else "variance"
        return self.measure or default

    @property
    def aimed_at(self) -> str:
        """The goal's setting."""
        return self.goal or "utility"


def model_of(choice: ModelChoice) -> Model:
    """The model, by its literature's name. Raises `PreferenceInvalid`."""
    match choice.name:
        case "mean-risk":
            return MeanRisk(measure=_measure(choice), goal=_goal(choice))
        case "maximum-diversification":
            return MaximumDiversification()
        case "risk-parity":
            return RiskBudgeting(measure=_of_shares(choice))
        case "hierarchical-risk-parity":
            return HierarchicalRiskParity()
        case "hierarchical-equal-risk":
            return HierarchicalEqualRisk(measure=_of_shares(choice))
        case "kelly":
            probability = _or(choice.probability, PROBABILITY)
            return Kelly(drawdown=choice.drawdown, probability=probability)


def vault_model(
    choice: ModelChoice,
    snapshot: Snapshot,
    signals: Signals,
    slots: Sequence[Slot],
    years: float,
    legs: tuple[Leg, ...],
) -> VaultModel:
    """The model with its scenarios, drawn from the signals by the choice's seed.

    `choice` was checked. `legs`: whole curves, for winding up. Raises
    `PreferenceInvalid` for fewer scenarios than the tokens need.
    """
    model, scenarios = model_of(choice), None
    if needs_scenarios(model):
        scenarios = _scenarios(choice, snapshot, signals, slots, years)
    wound = choice.unwinding
    return VaultModel(
        model=model,
        scenarios=scenarios,
        unwinding=None if wound is None else unwinding_of(wound, legs),
    )


def _scenarios(
    choice: ModelChoice,
    snapshot: Snapshot,
    signals: Signals,
    slots: Sequence[Slot],
    years: float,
) -> Floats:
    count = choice.scenarios or SCENARIOS
    seed = SEED if choice.seed is None else choice.seed
    least = LEAST_PER_TOKEN * len(snapshot.tokens)
    if count < least:
        expected = f"even, {least} or more for {len(snapshot.tokens)} tokens"
        raise PreferenceInvalid("model.scenarios", count, expected)
    tags = [tag.name for tag in snapshot.tags]
    prices = price_scenarios(signals, years, count, seed)
    lost = failure_scenarios(signals, tags, years, count, seed)
    return column_returns(snapshot, slots, prices, lost)


def unwinding_of(choice: UnwindingChoice, legs: tuple[Leg, ...]) -> Unwinding:
    """Through these pools. Raises `PreferenceInvalid`."""
    return Unwinding(
        slices=choice.slices,
        depth=choice.depth,
        unsold_loss=choice.unsold_loss,
        weight=choice.weight,
        limit=choice.limit,
        legs=legs,
    )


def _measure(choice: ModelChoice) -> Measure:
    level = _or(choice.level, LEVEL)
    match choice.measured_by:
        case "variance":
            return VARIANCE
        case "cvar":
            return CVaR(level=level)
        case "entropic-var":
            return EntropicVaR(level=level)
        case "worst-case":
            return WorstCase()
        case _:
            return WassersteinCVaR(level=level, radius=_or(choice.radius, 0.0))


def _of_shares(choice: ModelChoice) -> Variance | CVaR:
    """Shares of risk are those of the variance or of CVaR."""
    found = _measure(choice)
    if not isinstance(found, Variance | CVaR):
        expected = f"'variance' or 'cvar' with {choice.name}"
        raise PreferenceInvalid("measure", choice.measure, expected)
    return found


def _goal(choice: ModelChoice) -> Goal:
    match choice.aimed_at:
        case "least-risk":
            return LeastRisk()
        case "utility":
            return Utility(risk_aversion=_or(choice.aversion, 0.0))
        case "return-at-least":
            return ReturnAtLeast(expected_return=_or(choice.expected_return, 0.0))
        case "risk-at-most":
            return RiskAtMost(limit=_or(choice.most_risk, 0.0))
        case _:
            return LargestRatio(risk_free=_or(choice.risk_free, 0.0))


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
