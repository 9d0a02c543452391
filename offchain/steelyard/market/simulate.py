# SPDX-License-Identifier: MIT
"""A seeded market with measured volatilities and correlations, labelled as simulated.

Daily log returns follow a multivariate Student t: one draw of the mixing variable a
day, so that assets crash together. There is no volatility clustering and no trend.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import lgamma

import numpy as np

from steelyard.market.errors import BadSetting, TooFewRows
from steelyard.market.history import FloatArray, PriceHistory, select_assets, str_time

DEGREES_OF_FREEDOM = np.arange(21, 301) / 10  # searched: 2.1 to 30.0
LEAST_ROWS = 30


@dataclass(frozen=True, kw_only=True)
class MarketModel:
    """What a simulated market follows; `source` says what it was measured on."""

    assets: tuple[str, ...]
    start_prices: tuple[float, ...]  # USD
    volatility_per_day: tuple[float, ...]  # of log returns, a fraction
    correlation: tuple[tuple[float, ...], ...]  # of log returns
    degrees_of_freedom: float  # of the Student t; above 2
    source: str


# Measured by `measure_market` on daily closes of ETH, BTC and LINK, 2021-01-01 to
# 2023-12-31 (1,094 log returns), rounded; start prices are the closes of 2023-12-31.
# tests/offchain/test_simulate.py measures them again where STEELYARD_DATA is there.
MEASURED_MARKET = MarketModel(
    assets=("ETH", "BTC", "LINK"),
    start_prices=(2282.0, 42284.0, 14.94),
    volatility_per_day=(0.0445, 0.0340, 0.0574),
    correlation=((1.0, 0.82, 0.78), (0.82, 1.0, 0.70), (0.78, 0.70, 1.0)),
    degrees_of_freedom=4.0,
    source="daily closes, 2021-01-01 to 2023-12-31",
)


def simulate_prices(
    *,
    seed: int,
    days: int,
    start: date = date(2024, 1, 1),
    assets: Sequence[str] | None = None,
    model: MarketModel = MEASURED_MARKET,
) -> PriceHistory:
    """`days` daily prices in USD from `start` on, the first row at the start prices.

    The same for the same arguments; more days continue the same paths, and a choice of
    assets leaves theirs unchanged. Log returns drift by minus half their variance, so
    that the expected simple return is about zero.
    """
    _check(seed, days, model)
    count = len(model.assets)
    volatility = np.array(model.volatility_per_day)
    shocks = _unit_shocks(np.random.default_rng(seed), days - 1, model)
    log_returns = volatility * shocks - volatility**2 / 2
    log_paths = np.vstack([np.zeros(count), np.cumsum(log_returns, axis=0)])

    history = PriceHistory(
        times=np.datetime64(start, "D") + np.arange(days),
        assets=model.assets,
        prices=np.array(model.start_prices) * np.exp(log_paths),
        source=f"simulated, seed {seed}",
    )
    return history if assets is None else select_assets(history, assets)


def measure_market(history: PriceHistory) -> MarketModel:
    """The model of `history`, not rounded; start prices are its last row.

    Volatilities are sample standard deviations of log returns. The degrees of freedom
    are the mean over assets of the maximum-likelihood fit of a Student t that has the
    sample's mean and variance.
    """
    if len(history) < LEAST_ROWS:
        rows = len(history)
        raise TooFewRows(history.source, rows, LEAST_ROWS)
    log_returns = np.diff(np.log(history.prices), axis=0)
    volatility = log_returns.std(axis=0, ddof=1)
    if not (volatility > 0).all():
        asset = history.assets[int(np.argmin(volatility))]
        raise BadSetting(f"volatility of {asset}", 0, "above 0: its price never moves")

    unit = (log_returns - log_returns.mean(axis=0)) / volatility
    fits = [_fit_degrees_of_freedom(column) for column in unit.T]
    correlation = np.atleast_2d(np.corrcoef(log_returns, rowvar=False))
    first, last = str_time(history.times[0]), str_time(history.times[-1])
    return MarketModel(
        assets=history.assets,
        start_prices=tuple(map(float, history.prices[-1])),
        volatility_per_day=tuple(map(float, volatility)),
        correlation=tuple(tuple(map(float, row)) for row in correlation),
        degrees_of_freedom=float(np.mean(fits)),
        source=f"{history.source}, {first} to {last}",
    )


def _unit_shocks(
    random: np.random.Generator, rows: int, model: MarketModel
) -> FloatArray:
    """Draws of unit variance: a normal over the root of chi-square over its degrees."""
    nu = model.degrees_of_freedom
    root = np.linalg.cholesky(np.array(model.correlation))
    of_normal, of_mixing = random.spawn(2)  # so that a longer run starts the same
    normal = of_normal.standard_normal((rows, len(model.assets))) @ root.T
    mixing = of_mixing.chisquare(nu, size=(rows, 1)) / nu
    shocks: FloatArray = normal / np.sqrt(mixing) * np.sqrt((nu - 2) / nu)
    return shocks


def _fit_degrees_of_freedom(unit: FloatArray) -> float:
    """Degrees of freedom of the likeliest Student t of unit variance, to 0.1."""
    squares = unit**2
    likelihoods = [
        len(squares)
        * (lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * np.log(np.pi * (nu - 2)))
        - (nu + 1) / 2 * np.log1p(squares / (nu - 2)).sum()
        for nu in DEGREES_OF_FREEDOM
    ]
    return float(DEGREES_OF_FREEDOM[int(np.argmax(likelihoods))])


def _check(seed: int, days: int, model: MarketModel) -> None:
    count = len(model.assets)
    if seed < 0:
        raise BadSetting("seed", seed, "0 or more")
    if days < 2:
        raise BadSetting("days", days, "2 or more")
    if not model.degrees_of_freedom > 2:
        raise BadSetting("degrees_of_freedom", model.degrees_of_freedom, "above 2")
    for name in ("start_prices", "volatility_per_day"):
        values = getattr(model, name)
        if len(values) != count or not all(0 < v < np.inf for v in values):
            raise BadSetting(name, values, f"{count} finite numbers above 0")

    correlation = np.array(model.correlation)
    is_square = correlation.shape == (count, count)
    if not is_square or not _is_correlation(correlation):
        expected = f"{count} by {count}, symmetric, ones on the diagonal, positive"
        raise BadSetting("correlation", model.correlation, f"{expected} definite")


def _is_correlation(matrix: FloatArray) -> bool:
    is_symmetric = np.array_equal(matrix, matrix.T) and bool(
        (matrix.diagonal() == 1).all()
    )
    return is_symmetric and float(np.linalg.eigvalsh(matrix)[0]) > 0
