# SPDX-License-Identifier: MIT
"""Expected simple returns of tokens per year, labelled by how they were found.

`zero`         a token's price is taken as a martingale: holding it earns nothing on
               average, and what a position earns is fees and interest.
`mean`         the weighted sample mean, shrunk towards zero.
`equilibrium`  what the market would have to expect to hold the weights it holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from steelyard.estimate.covariance import Covariance
from steelyard.estimate.errors import (
    AssetsDiffer,
    BadEstimateSetting,
    TooFewAssets,
    WrongReturnKind,
)
from steelyard.estimate.returns import (
    DAYS_PER_YEAR,
    Returns,
    check_returns,
    decay_weights,
    effective_rows,
)
from steelyard.market.history import FloatArray

ExpectedMethod = Literal["zero", "mean", "equilibrium"]
DEFAULT_RISK_AVERSION = 2.5  # He and Litterman (1999), for equity markets


@dataclass(frozen=True, kw_only=True, eq=False)
class ExpectedReturns:
    """Simple returns per year, a fraction; `label` says the method and its figures."""

    assets: tuple[str, ...]
    per_year: FloatArray
    method: ExpectedMethod
    label: str


def expected_returns(
    method: str,
    covariance: Covariance,
    *,
    returns: Returns | None = None,
    market_weights: Sequence[float] | None = None,
    risk_aversion: float = DEFAULT_RISK_AVERSION,
) -> ExpectedReturns:
    """By the method named; `mean` needs `returns`, `equilibrium` `market_weights`.

    Raises `BadEstimateSetting` for another name or what is missing.
    """
    if method == "zero":
        return zero_returns(covariance.assets)
    if method == "mean":
        if returns is None:
            raise BadEstimateSetting("returns", None, "returns for the method mean")
        return shrunk_mean_returns(returns, covariance)
    if method == "equilibrium":
        if market_weights is None:
            expected = "weights for the method equilibrium"
            raise BadEstimateSetting("market_weights", None, expected)
        return equilibrium_returns(
            covariance, market_weights, risk_aversion=risk_aversion
        )
    known = ", ".join(get_args(ExpectedMethod))
    raise BadEstimateSetting("expected returns method", repr(method), f"one of {known}")


def zero_returns(assets: Sequence[str]) -> ExpectedReturns:
    """Nothing for each of `assets`."""
    return ExpectedReturns(
        assets=tuple(assets),
        per_year=np.zeros(len(assets)),
        method="zero",
        label="zero (prices taken as martingales)",
    )


def shrunk_mean_returns(returns: Returns, covariance: Covariance) -> ExpectedReturns:
    """The weighted mean times max(0, 1 - (N - 2) / (n m' S^-1 m)).

    Positive-part James and Stein (1961): m the mean and S the covariance of a row, both
    under the weights of `covariance`, n its effective rows. S is taken as known. Needs
    N >= 3 assets, or raises `TooFewAssets`.
    """
    for kind in (returns.kind, covariance.kind):
        if kind != "simple":
            raise WrongReturnKind(kind, "simple")
    if returns.assets != covariance.assets:
        raise AssetsDiffer("returns", returns.assets, covariance.assets)
    check_returns(returns, least_rows=2)
    count = len(returns.assets)
    if count < 3:
        raise TooFewAssets("James-Stein shrinkage (mean)", count, 3)

    periods = returns.periods_per_year
    weights = decay_weights(
        len(returns),
        periods_per_day=periods / DAYS_PER_YEAR,
        half_life_days=covariance.half_life_days,
    )
    mean = weights @ returns.values
    solved = np.linalg.solve(covariance.matrix / periods, mean)
    signal = effective_rows(weights) * float(mean @ solved)
    kept = max(0.0, 1 - (count - 2) / signal) if signal > 0 else 0.0
    return ExpectedReturns(
        assets=returns.assets,
        per_year=kept * mean * periods,
        method="mean",
        label=f"mean of {len(returns)} rows, James-Stein keeps {kept:.1%}",
    )


def equilibrium_returns(
    covariance: Covariance,
    market_weights: Sequence[float],
    *,
    risk_aversion: float = DEFAULT_RISK_AVERSION,
) -> ExpectedReturns:
    """delta S w: the excess returns at which a mean-variance market holds w.

    Reverse optimisation of Black and Litterman (1992). The weights (market value or
    TVL) are scaled to sum 1. With token volatilities the equity figure for
    `risk_aversion` gives returns above 100% a year; see `risk_aversion_for`.
    """
    if not 0 < risk_aversion < np.inf:
        raise BadEstimateSetting("risk_aversion", risk_aversion, "a number above 0")
    weights = _market_weights(covariance, market_weights)
    return ExpectedReturns(
        assets=covariance.assets,
        per_year=risk_aversion * (covariance.matrix @ weights),
        method="equilibrium",
        label=f"equilibrium, risk aversion {risk_aversion:.3g}",
    )


def risk_aversion_for(
    covariance: Covariance, market_weights: Sequence[float], *, sharpe: float
) -> float:
    """delta = sharpe / volatility of the market: the market then has that ratio.

    Raises `BadEstimateSetting`, as for a market without variance.
    """
    if not 0 < sharpe < np.inf:
        raise BadEstimateSetting("sharpe", sharpe, "a number above 0")
    weights = _market_weights(covariance, market_weights)
    variance = float(weights @ covariance.matrix @ weights)
    if not variance > 0:
        expected = "more than 0: without it no risk aversion gives a Sharpe ratio"
        raise BadEstimateSetting("variance of the market", variance, expected)
    return sharpe / float(np.sqrt(variance))


def _market_weights(covariance: Covariance, values: Sequence[float]) -> FloatArray:
    weights = np.array(values, dtype=np.float64)
    count = len(covariance.assets)
    is_valid = weights.shape == (count,) and np.isfinite(weights).all()
    if not is_valid or (weights < 0).any() or not weights.sum() > 0:
        expected = f"{count} numbers, none below 0 and one above"
        raise BadEstimateSetting("market_weights", list(values), expected)
    scaled: FloatArray = weights / weights.sum()
    return scaled
