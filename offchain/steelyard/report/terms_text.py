# SPDX-License-Identifier: MIT
"""The optimiser's terms as a report's rows, by what they mean under each model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from steelyard.money import assets_down
from steelyard.report.view import TermRow

if TYPE_CHECKING:
    from steelyard.keeper.decide import Decision
    from steelyard.optimize.measured import Measured
    from steelyard.optimize.model_choice import ModelChoice

TERMS = (  # name, field of the optimiser's Terms, sign
    ("price changes", "expected_return", 1),
    ("LP fees", "lp_fees", 1),
    ("interest", "lending", 1),
    ("loss-versus-rebalancing", "lvr", -1),
    ("price of risk", "risk", -1),
    ("selling everything at the end", "exit_cost", -1),
    ("swap cost", "swap_cost", -1),
    ("gas", "gas", -1),
)
# means of the scenarios, which hold impermanent loss and failures
OF_SCENARIOS = {
    "expected_return": "price changes, impermanent loss and failures",
}
OF_GROWTH = {"risk": "growth by price changes and failures"}
OF_DIVERSIFICATION = {
    "expected_return": "volatility of tokens, weighted",
    "lending": "volatility of positions beyond their tokens', weighted",
}


def term_rows(decision: Decision, nav: int) -> Iterator[TermRow]:
    """What is expected with and without the order, then how that is measured; rounded
    down. Nothing where nothing was weighed."""
    solution, preferences = decision.solution, decision.preferences
    if solution is None or preferences is None:
        return
    choice = preferences.model
    before, after = solution.measured_nothing, solution.measured
    names = _names(choice)
    for name, field, sign in TERMS:
        nothing, chosen = getattr(before.terms, field), getattr(after.terms, field)
        if choice is None or nothing or chosen:  # what a model ignores is 0
            yield _row(names.get(field, name), sign * nothing, sign * chosen, nav)
    for name, nothing, chosen in _measures(choice, before, after):
        yield _row(name, nothing, chosen, nav, is_summed=False)


def _row(
    name: str, nothing: float, chosen: float, nav: int, *, is_summed: bool = True
) -> TermRow:
    return TermRow(
        name=name,
        nothing=assets_down(nothing, nav),
        chosen=assets_down(chosen, nav),
        is_summed=is_summed,
    )


def _names(choice: ModelChoice | None) -> dict[str, str]:
    """Terms that stand for something else than under mean and variance."""
    if choice is None:
        return {}
    if choice.name == "kelly":
        return OF_GROWTH
    if choice.name == "maximum-diversification":
        return OF_DIVERSIFICATION
    is_moments = choice.name != "mean-risk" or choice.measured_by == "variance"
    return {} if is_moments else OF_SCENARIOS


def _measures(
    choice: ModelChoice | None, before: Measured, after: Measured
) -> Iterator[tuple[str, float, float]]:
    """(name, doing nothing, the order), as shares of NAV; less is better."""
    from steelyard.keeper.model_text import distance_of, risk_of

    yield risk_of(choice), before.risk, after.risk
    far, near = distance_of(choice, before), distance_of(choice, after)
    if far is not None and near is not None:
        yield "distance to the weights wanted", far, near
    if choice is not None and choice.unwinding is not None:
        yield "winding everything up", before.winding_up, after.winding_up
