# SPDX-License-Identifier: MIT
"""The question with its files read: a portfolio, a model, and where both come from.

UNITS  A portfolio is per period, as its scenarios are; what is typed and shown of
       returns and volatilities is per year. Trading costs are paid once, and count in a
       portfolio as their part of the horizon that falls on a period.
"""

from dataclasses import dataclass

import numpy as np

from steelyard.allocation.ask import Ask, DataAsk, LimitAsk
from steelyard.allocation.builders import Setting
from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.allocation.history import History, load_history
from steelyard.allocation.limits import polytope_of
from steelyard.allocation.models import kind_of, model_of
from steelyard.allocation.moments import Beliefs, beliefs_of
from steelyard.allocation.unused import check_used
from steelyard.allocation.words import named_values, shares_by_asset
from steelyard.estimate.returns import DAYS_PER_YEAR
from steelyard.market.history import FloatArray
from steelyard.optimize.models import Model
from steelyard.optimize.portfolio import Portfolio
from steelyard.optimize.vault_model import needs_scenarios

HORIZON_DAYS = 30.0
LEAST_RETURN = -1.0  # a drawn one is cut there: nothing loses more than everything


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """All that an answer is found and explained with."""

    ask: Ask
    portfolio: Portfolio
    model: Model
    beliefs: Beliefs
    history: History | None
    periods_per_year: float
    once_costs: FloatArray | None  # (n,) shares of what is traded, once
    horizon_days: float  # that they are spread over


def prepare(ask: Ask) -> Prepared:
    """Reads files and texts. Raises `AllocationError`, `EstimateError`,
    `MarketDataError` or `OptimizeError`."""
    kind_of(ask.model)  # what is wrong before any file is read
    check_used(ask)
    _check_numbers(ask)
    history = None if ask.data.source is None else load_history(ask.data)
    returns = None if history is None else history.returns
    beliefs = beliefs_of(returns, ask.data, ask.beliefs)
    periods = ask.data.periods_per_year or 1.0
    if returns is not None:
        periods = returns.periods_per_year
    once = _once_costs(ask.limits, beliefs.covariance.assets)
    horizon = ask.limits.horizon_days or HORIZON_DAYS
    rates = _rates(once, horizon, periods)
    portfolio = _portfolio(ask, beliefs, history, periods, rates)
    model = model_of(ask.model, _setting(ask, beliefs, periods))
    _check_draws_are_used(ask, model)
    return Prepared(
        ask=ask,
        portfolio=portfolio,
        model=model,
        beliefs=beliefs,
        history=history,
        periods_per_year=periods,
        once_costs=once,
        horizon_days=horizon,
    )


def _setting(ask: Ask, beliefs: Beliefs, periods: float) -> Setting:
    return Setting(
        assets=beliefs.covariance.assets,
        periods_per_year=periods,
        covariance=beliefs.covariance.matrix / periods,
        observations=beliefs.covariance.effective_rows,
        risk_free=ask.beliefs.risk_free / periods,
    )


def _check_draws_are_used(ask: Ask, model: Model) -> None:
    if ask.data.draws is not None and not needs_scenarios(model):
        expected = f"none: {ask.model.name} looks at the moments alone"
        raise AllocationInputInvalid("scenarios", ask.data.draws, expected)


def _check_numbers(ask: Ask) -> None:
    rate, periods = ask.beliefs.risk_free, ask.data.periods_per_year
    if not np.isfinite(rate):
        raise AllocationInputInvalid("risk-free", rate, "a finite number")
    if periods is not None and not 0 < periods < np.inf:
        raise AllocationInputInvalid("periods-per-year", periods, "a number above 0")
    horizon = ask.limits.horizon_days
    if horizon is not None and not 0 < horizon < np.inf:
        raise AllocationInputInvalid("horizon-days", horizon, "a number above 0")
    rows, draws = ask.data.observations, ask.data.draws
    for field, count in (("observations", rows), ("scenarios", draws)):
        if count is not None and count < 1:
            raise AllocationInputInvalid(field, count, "1 or more")


def _portfolio(
    ask: Ask,
    beliefs: Beliefs,
    history: History | None,
    periods: float,
    cost_rates: FloatArray | None,
) -> Portfolio:
    assets = beliefs.covariance.assets
    per_year = beliefs.per_year
    scenarios = None if history is None else history.returns.values
    if scenarios is None and ask.data.draws is not None:
        scenarios = _drawn(beliefs, ask.data, periods)
    limits = ask.limits
    current = None
    if limits.current is not None:
        current = named_values(limits.current, "current", assets)
    for field in ("turnover", "leverage"):
        value = getattr(limits, field)
        if value is not None and not 0 <= value < np.inf:
            raise AllocationInputInvalid(field, value, "0 or more, finite")
    return Portfolio(
        polytope=polytope_of(limits, assets),
        expected_returns=None if per_year is None else per_year / periods,
        covariance=beliefs.covariance.matrix / periods,
        scenarios=scenarios,
        current=current,
        cost_rates=cost_rates,
        turnover=limits.turnover,
        leverage=limits.leverage,
    )


def _once_costs(limits: LimitAsk, assets: tuple[str, ...]) -> FloatArray | None:
    """Shares of what is traded; None without costs."""
    if not limits.costs:
        return None
    costs = shares_by_asset(limits.costs, "cost", assets, 0.0)
    wrong = np.flatnonzero((costs < 0) | (costs > 1))
    if len(wrong):
        place = int(wrong[0])
        field, value = f"cost of {assets[place]}", f"{costs[place]:g}"
        raise AllocationInputInvalid(field, value, "0 to 1, a share of what is traded")
    return costs


def _rates(
    once_costs: FloatArray | None, horizon_days: float, periods: float
) -> FloatArray | None:
    """The part of the costs that falls on a period, more than once where the horizon
    is shorter. Raises `AllocationInputInvalid` above 1."""
    if once_costs is None:
        return None
    rates = once_costs / (horizon_days / DAYS_PER_YEAR * periods)
    if (rates > 1).any():
        largest = float(once_costs.max())
        least = largest * DAYS_PER_YEAR / periods
        expected = f"{least:.4g} or more with a cost of {largest:g}, to lose no more"
        expected += " in a period than is traded"
        raise AllocationInputInvalid("horizon-days", horizon_days, expected)
    return np.asarray(rates)


def _drawn(beliefs: Beliefs, data: DataAsk, periods: float) -> FloatArray:
    """(draws, n) normal returns per period with the given moments."""
    if beliefs.per_year is None:
        raise AllocationInputInvalid("means", "missing", "a file, to draw scenarios")
    roots, vectors = np.linalg.eigh(beliefs.covariance.matrix / periods)
    root = vectors * np.sqrt(np.maximum(roots, 0.0))
    rng = np.random.default_rng(data.seed or 0)
    normal = rng.standard_normal((data.draws or 0, len(roots)))
    drawn = beliefs.per_year / periods + normal @ root.T
    return np.asarray(np.maximum(drawn, LEAST_RETURN))
