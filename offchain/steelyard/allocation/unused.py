# SPDX-License-Identifier: MIT
"""What is typed and would be ignored is refused instead."""

from collections.abc import Iterator

from steelyard.allocation.ask import Ask, is_typed
from steelyard.allocation.errors import AllocationInputInvalid

ESTIMATED = ("sample", "james-stein")  # expected returns from a table
Rule = tuple[str, object, bool, str]  # option, value, is it used, what it goes with


def check_used(ask: Ask) -> None:
    """Raises `AllocationInputInvalid` for the first setting that nothing reads."""
    for field, value, is_used, expected in (*_data(ask), *_beliefs(ask), *_limits(ask)):
        if is_typed(value) and not is_used:
            raise AllocationInputInvalid(field, value, expected)


def _data(ask: Ask) -> Iterator[Rule]:
    data = ask.data
    has_table = data.source is not None
    for field, value in (
        ("returns", data.is_returns),
        ("start", data.start),
        ("end", data.end),
        ("drop", data.drops),
    ):
        yield field, value, has_table, "none without --input"
    is_given = data.covariance is not None
    why = "none beside --covariance" if is_given else "none without --input"
    is_estimated = has_table and not is_given
    yield "half-life", ask.beliefs.half_life_days, is_estimated, why
    yield "estimator", ask.beliefs.estimator, is_estimated, why
    yield "scenarios", data.draws, not has_table, "none with --input, which has them"
    yield "seed", data.seed, data.draws is not None, "none without --scenarios"
    yield "observations", data.observations, is_given, "none without --covariance"


def _beliefs(ask: Ask) -> Iterator[Rule]:
    beliefs = ask.beliefs
    is_estimated = ask.data.source is None and beliefs.expected in ESTIMATED
    why = "zero or equilibrium without --input"
    yield "expected", beliefs.expected, not is_estimated, why
    has_views = bool(beliefs.views)
    has_market = has_views or beliefs.expected == "equilibrium"
    sharpe, aversion = beliefs.market_sharpe, beliefs.market_aversion
    for field, value in (
        ("market-weights", beliefs.market_weights),
        ("market-sharpe", sharpe),
        ("market-aversion", aversion),
    ):
        yield field, value, has_market, "none without --view"
    yield "tau", beliefs.tau, has_views, "none without --view"
    is_one = sharpe is None or aversion is None
    yield "market-sharpe", sharpe, is_one, "none beside --market-aversion"


def _limits(ask: Ask) -> Iterator[Rule]:
    is_held = ask.limits.current is not None
    yield "turnover", ask.limits.turnover, is_held, "none without --current"
    is_short = ask.limits.is_long_short
    yield "leverage", ask.limits.leverage, is_short, "none without --long-short"
    has_costs = bool(ask.limits.costs)
    yield "horizon-days", ask.limits.horizon_days, has_costs, "none without --cost"
