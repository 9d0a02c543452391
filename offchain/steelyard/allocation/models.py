# SPDX-License-Identifier: MIT
"""Models by their literature's names, and which settings each of them takes."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from steelyard.allocation import builders
from steelyard.allocation.ask import ModelAsk, is_typed
from steelyard.allocation.builders import Setting
from steelyard.allocation.errors import AllocationInputInvalid, ModelUnknown
from steelyard.optimize.models import (
    ConditionalDrawdown,
    CVaR,
    EntropicVaR,
    LeastRisk,
    MaximumDiversification,
    MeanRisk,
    Measure,
    Model,
    WorstCase,
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A model by name: how it is built, and which settings it takes."""

    build: Callable[[ModelAsk, Setting], Model]
    takes: frozenset[str]


def model_of(ask: ModelAsk, setting: Setting) -> Model:
    """The model. Raises `ModelUnknown`, `PreferenceInvalid` or
    `AllocationInputInvalid`, as for a setting that it does not use."""
    kind = kind_of(ask)
    for field in fields(ask):
        value = getattr(ask, field.name)
        if field.name == "name" or not is_typed(value):
            continue
        if field.name not in kind.takes:
            option = field.name.replace("_", "-")
            expected = f"none: {ask.name} does not take it"
            raise AllocationInputInvalid(option, value, expected)
    return kind.build(ask, setting)


def kind_of(ask: ModelAsk) -> Kind:
    """Raises `ModelUnknown`."""
    if ask.name not in KINDS:
        raise ModelUnknown(ask.name, list(KINDS))
    return KINDS[ask.name]


def _kind(build: Callable[[ModelAsk, Setting], Model], *takes: str) -> Kind:
    return Kind(build=build, takes=frozenset(takes))


def _tail_kind(measure: Callable[[ModelAsk, Setting], Measure], *takes: str) -> Kind:
    def build(ask: ModelAsk, setting: Setting) -> Model:
        goal = builders.goal_of(ask, setting, LeastRisk())
        return MeanRisk(measure=measure(ask, setting), goal=goal)

    return _kind(build, *builders.GOALS, *takes)


KINDS = {
    "minimum-variance": _kind(builders.minimum_variance),
    "mean-variance": _kind(builders.mean_variance, "aversion"),
    "target-return": _kind(builders.target_return, "target"),
    "target-risk": _kind(builders.target_risk, "target"),
    "maximum-sharpe": _kind(builders.maximum_sharpe),
    "maximum-diversification": _kind(lambda _ask, _setting: MaximumDiversification()),
    "risk-parity": _kind(builders.risk_parity, "measure", "level"),
    "risk-budgeting": _kind(builders.risk_budgeting, *("budget", "measure", "level")),
    "hierarchical-risk-parity": _kind(builders.hierarchical_parity, "linkage"),
    "hierarchical-equal-risk": _kind(
        builders.hierarchical_equal, *("linkage", "measure", "level", "clusters")
    ),
    "cvar": _tail_kind(
        lambda ask, _setting: CVaR(level=builders.level_of(ask)), "level"
    ),
    "entropic-var": _tail_kind(
        lambda ask, _setting: EntropicVaR(level=builders.level_of(ask)), "level"
    ),
    "conditional-drawdown": _tail_kind(
        lambda ask, _setting: ConditionalDrawdown(level=builders.level_of(ask)), "level"
    ),
    "worst-case": _tail_kind(lambda _ask, _setting: WorstCase()),
    "wasserstein-cvar": _tail_kind(builders.wasserstein, *("level", "radius")),
    "kelly": _kind(builders.kelly, "drawdown", "probability"),
    "robust": _kind(builders.robust, *builders.GOALS, *("doubt", "level", "radius")),
}
