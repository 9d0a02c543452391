# SPDX-License-Identifier: MIT
"""A chosen model's settings: each one used, each one needed there, each in its range.

What a model would not look at is refused, so that nobody believes that it counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from steelyard.optimize.checks import check_model
from steelyard.optimize.errors import PreferenceInvalid
from steelyard.optimize.model_choice import (
    LEAST_PER_TOKEN,
    SCENARIOS,
    ModelChoice,
    model_of,
    unwinding_of,
)
from steelyard.optimize.models import LEVEL
from steelyard.optimize.vault_model import needs_scenarios

MOST_SCENARIOS = 20_000  # all are looked at in every step
MOST_AVERSION = 1e6
OF_NAMES: dict[str, tuple[str, ...]] = {
    "mean-risk": ("measure", "goal", "unwinding"),
    "risk-parity": ("measure",),
    "hierarchical-equal-risk": ("measure",),
    "kelly": ("drawdown",),
}
OF_MEASURES: dict[str, tuple[str, ...]] = {
    "cvar": ("level",),
    "entropic-var": ("level",),
    "wasserstein-cvar": ("level", "radius"),
}
OF_GOALS = {
    "utility": "aversion",
    "return-at-least": "expected_return",
    "risk-at-most": "most_risk",
    "largest-ratio": "risk_free",
}
NEEDED = {
    "aversion": "a number with the goal utility",
    "expected_return": "a share of NAV with the goal return-at-least",
    "most_risk": "a share of NAV with the goal risk-at-most",
    "radius": "0 or more with the measure wasserstein-cvar",
}
SETTINGS = {"risk_aversion": "aversion", "limit": "most_risk"}  # of a model's fields


def check_choice(choice: ModelChoice) -> ModelChoice:
    """`choice` itself; raises `PreferenceInvalid`, which names the field as
    `model.field`."""
    try:
        _check_use(choice)
        _check_ranges(choice)
        check_model(model_of(choice), 1)
    except PreferenceInvalid as error:
        name = SETTINGS.get(error.name, error.name)
        raise _invalid(name, error.value, error.expected) from None
    if choice.unwinding is not None:
        try:
            unwinding_of(choice.unwinding, ())
        except PreferenceInvalid as error:
            name = f"unwinding.{error.name}"
            raise _invalid(name, error.value, error.expected) from None
    return choice


def _invalid(name: str, value: object, expected: str) -> PreferenceInvalid:
    return PreferenceInvalid(f"model.{name}", value, expected)


def _check_use(choice: ModelChoice) -> None:
    used = {"name", *_used(choice)}
    if needs_scenarios(model_of(choice)):
        used |= {"scenarios", "seed"}
    for field in (each.name for each in fields(choice)):
        value = getattr(choice, field)
        if field in used and value is None and field in NEEDED:
            raise PreferenceInvalid(field, None, NEEDED[field])
        if field not in used and value is not None:
            shown = "a table" if field == "unwinding" else value
            expected = f"nothing: {_who(choice, field)} has no use for it"
            raise PreferenceInvalid(field, shown, expected)


def _used(choice: ModelChoice) -> Iterator[str]:
    parts = OF_NAMES.get(choice.name, ())
    yield from parts
    if "measure" in parts:
        yield from OF_MEASURES.get(choice.measured_by, ())
    if "goal" in parts and choice.aimed_at in OF_GOALS:
        yield OF_GOALS[choice.aimed_at]
    if choice.name == "kelly" and choice.drawdown is not None:
        yield "probability"


def _who(choice: ModelChoice, field: str) -> str:
    """What has no use for the field."""
    if field == "probability" and choice.name == "kelly":
        return "kelly without a drawdown"
    parts = OF_NAMES.get(choice.name, ())
    if field in OF_GOALS.values() and "goal" in parts:
        return f"the goal {choice.aimed_at}"
    if field in ("level", "radius", "scenarios", "seed") and "measure" in parts:
        return f"the measure {choice.measured_by}"
    return choice.name


def _check_ranges(choice: ModelChoice) -> None:
    for field in ("expected_return", "most_risk", "risk_free"):
        share = getattr(choice, field)
        if share is not None and not -1 <= share <= 1:
            raise PreferenceInvalid(field, share, "a share of NAV, -1 to 1")
    aversion, seed = choice.aversion, choice.seed
    if aversion is not None and not 0 <= aversion < MOST_AVERSION:
        raise PreferenceInvalid("aversion", aversion, "0 to 1e6")
    if seed is not None and seed < 0:
        raise PreferenceInvalid("seed", seed, "0 or more")
    count = SCENARIOS if choice.scenarios is None else choice.scenarios
    if count % 2 or not LEAST_PER_TOKEN <= count <= MOST_SCENARIOS:
        expected = f"even, {LEAST_PER_TOKEN} to {MOST_SCENARIOS}"
        raise PreferenceInvalid("scenarios", count, expected)
    _check_tail(choice, count)


def _check_tail(choice: ModelChoice, count: int) -> None:
    """A tail of less than one scenario is that of the worst one."""
    level = LEVEL if choice.level is None else choice.level
    is_tail = "level" in _used(choice) and 0 <= level < 1
    if is_tail and (1 - level) * count < 1 - 1e-9:
        expected = f"{1 - 1 / count:.6g} at most with {count} scenarios"
        raise PreferenceInvalid("level", level, expected)
