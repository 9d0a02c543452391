# SPDX-License-Identifier: MIT
"""Covariance and expected returns: estimated, given, or changed by views."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from steelyard.allocation.ask import BeliefAsk, DataAsk
from steelyard.allocation.errors import AllocationInputInvalid
from steelyard.allocation.views import views_of
from steelyard.allocation.words import named_values, pairs_of_file, share_of
from steelyard.estimate.black_litterman import DEFAULT_TAU, Posterior, black_litterman
from steelyard.estimate.covariance import Covariance, estimate_covariance
from steelyard.estimate.expected import (
    ExpectedReturns,
    equilibrium_returns,
    risk_aversion_for,
    shrunk_mean_returns,
)
from steelyard.estimate.given import given_covariance
from steelyard.estimate.returns import DAYS_PER_YEAR, Returns, decay_weights
from steelyard.market.history import FloatArray
from steelyard.market.table import MISSING_CELLS, read_table

MARKET_SHARPE = 0.5  # about what a risk aversion of 2.5 means for equity markets


@dataclass(frozen=True, kw_only=True, eq=False)
class Beliefs:
    """What is known and thought of returns, per year."""

    covariance: Covariance  # after the views
    per_year: FloatArray | None  # expected returns; None: nothing is
    label: str  # of the expected returns
    posterior: Posterior | None = None
    views: tuple[str, ...] = ()


def beliefs_of(returns: Returns | None, data: DataAsk, ask: BeliefAsk) -> Beliefs:
    """From returns, or from the files given; `returns` None without a table.

    Raises `AllocationError`, `EstimateError` or `MarketDataError`.
    """
    covariance = _covariance(returns, data, ask)
    method = ask.expected
    if data.means is not None:
        if method is not None or ask.views:
            field = "expected" if method is not None else "view"
            expected = "none beside --means, which says all of it"
            value = method if method is not None else ask.views[0]
            raise AllocationInputInvalid(field, value, expected)
        per_year = _means(data.means, covariance)
        return Beliefs(covariance=covariance, per_year=per_year, label="as given")
    if ask.views or method == "equilibrium":
        if method not in (None, "equilibrium"):
            expected = "equilibrium, or nothing, with views"
            raise AllocationInputInvalid("expected", method, expected)
        return _with_views(covariance, ask)
    if returns is None:
        zero = np.zeros(len(covariance.assets)) if method == "zero" else None
        label = "zero" if method == "zero" else "not given"
        return Beliefs(covariance=covariance, per_year=zero, label=label)
    return _from_returns(returns, covariance, method or "sample")


def _covariance(returns: Returns | None, data: DataAsk, ask: BeliefAsk) -> Covariance:
    if data.covariance is not None:
        rows = 0 if returns is None else len(returns)
        given = _matrix(data.covariance, data.observations or rows)
        chosen = data.assets if returns is None else returns.assets
        return _ordered(given, chosen) if chosen else given
    if returns is None:
        expected = "a file, or a table of prices or returns to estimate it from"
        raise AllocationInputInvalid("covariance", "missing", expected)
    return estimate_covariance(
        returns,
        half_life_days=ask.half_life_days,
        shrinkage=0.0 if ask.estimator == "sample" else None,
    )


def _from_returns(returns: Returns, covariance: Covariance, method: str) -> Beliefs:
    if method == "zero":
        zero = np.zeros(len(returns.assets))
        return Beliefs(covariance=covariance, per_year=zero, label="zero")
    if method == "james-stein":
        found = shrunk_mean_returns(returns, covariance)
        return Beliefs(
            covariance=covariance, per_year=found.per_year, label=found.label
        )
    weights = decay_weights(
        len(returns),
        periods_per_day=returns.periods_per_year / DAYS_PER_YEAR,
        half_life_days=covariance.half_life_days,
    )
    per_year = returns.periods_per_year * (weights @ returns.values)
    label = f"mean of {len(returns)} rows"
    return Beliefs(covariance=covariance, per_year=per_year, label=label)


def _with_views(covariance: Covariance, ask: BeliefAsk) -> Beliefs:
    """Equilibrium above the risk-free rate, then the views of returns in full."""
    assets = covariance.assets
    weights = np.ones(len(assets))
    market = "equal weights"
    if ask.market_weights is not None:
        weights = named_values(ask.market_weights, "market-weights", assets)
        market = "the market's weights"
    aversion = ask.market_aversion
    if aversion is None:
        sharpe = MARKET_SHARPE if ask.market_sharpe is None else ask.market_sharpe
        aversion = risk_aversion_for(covariance, weights.tolist(), sharpe=sharpe)
    excess = equilibrium_returns(covariance, weights.tolist(), risk_aversion=aversion)
    prior = replace(excess, per_year=excess.per_year + ask.risk_free)
    label = f"equilibrium of {market}, risk aversion {aversion:.3g}"
    if not ask.views:
        return Beliefs(covariance=covariance, per_year=prior.per_year, label=label)
    return _posterior(covariance, prior, ask, label)


def _posterior(
    covariance: Covariance, prior: ExpectedReturns, ask: BeliefAsk, label: str
) -> Beliefs:
    views = views_of(ask.views, covariance.assets)
    tau = DEFAULT_TAU if ask.tau is None else ask.tau
    found = black_litterman(covariance, prior, views, tau=tau)
    after = replace(
        covariance, matrix=found.matrix, volatility=np.sqrt(found.matrix.diagonal())
    )
    count = len(ask.views)
    return Beliefs(
        covariance=after,
        per_year=found.per_year,
        label=f"{label}; Black-Litterman with {count} view{'s' if count > 1 else ''}",
        posterior=found,
        views=ask.views,
    )


def _matrix(path: Path, rows: int) -> Covariance:
    """A CSV with the names in the first row and in the first column."""
    table = read_table(path)
    if len(table.header) < 2:
        expected = "names in the first row and in the first column"
        raise AllocationInputInvalid("covariance", f"without assets: {path}", expected)
    names, columns = table.header[1:], table.columns
    rows_named = tuple(str(cell).strip() for cell in columns[0])
    if rows_named != names:
        value = f"{', '.join(rows_named[:3])} ... by {', '.join(names[:3])} ..."
        expected = "the same names in the first row and in the first column"
        raise AllocationInputInvalid("covariance", value, expected)
    matrix = np.empty((len(names), len(names)))
    for j, name in enumerate(names):
        for i, cell in enumerate(columns[j + 1]):
            field = f"covariance of {names[i]}, {name}"
            if str(cell).strip().casefold() in MISSING_CELLS:
                raise AllocationInputInvalid(field, "missing", "a number")
            matrix[i, j] = share_of(str(cell), field)
    return given_covariance(names, matrix, rows=rows)


def _ordered(given: Covariance, assets: tuple[str, ...]) -> Covariance:
    """The covariance of these assets, in their order."""
    folded = [name.casefold() for name in given.assets]
    missing = [a for a in assets if a.casefold() not in folded]
    if missing:
        expected = "a row and a column for each asset"
        raise AllocationInputInvalid("covariance", f"without {missing[0]}", expected)
    order = [folded.index(asset.casefold()) for asset in assets]
    matrix = given.matrix[np.ix_(order, order)]
    return given_covariance(assets, matrix, rows=given.rows)


def _means(path: Path, covariance: Covariance) -> FloatArray:
    named: dict[str, str] = {}
    for name, value in pairs_of_file(str(path)):
        key = name.strip().casefold()
        if key in named:
            raise AllocationInputInvalid("means", name.strip(), "each asset once")
        named[key] = value
    missing = [a for a in covariance.assets if a.casefold() not in named]
    if missing:
        expected = "one for each asset of the covariance"
        raise AllocationInputInvalid("means", f"without {missing[0]}", expected)
    return np.array(
        [share_of(named[a.casefold()], f"mean of {a}") for a in covariance.assets]
    )
