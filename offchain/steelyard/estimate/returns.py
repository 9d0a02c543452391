# SPDX-License-Identifier: MIT
"""Returns from one row of prices to the next."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from steelyard.estimate.errors import (
    AssetsDiffer,
    BadEstimateSetting,
    BadReturn,
    TooFewReturns,
)
from steelyard.market.history import (
    SECONDS_PER_DAY,
    FloatArray,
    PriceHistory,
    TimeArray,
    step_seconds,
    str_time,
)

DAYS_PER_YEAR = 365  # tokens trade every day
ReturnKind = Literal["log", "simple"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Returns:
    """One row a period, labelled by the time of its end; fractions per period."""

    times: TimeArray
    assets: tuple[str, ...]
    values: FloatArray = field(repr=False)
    kind: ReturnKind
    periods_per_year: float

    def __len__(self) -> int:
        return len(self.times)


def simple_returns(history: PriceHistory) -> Returns:
    """p[t] / p[t-1] - 1, one row fewer than prices; raises `TooFewReturns` if none."""
    _check_length(history)
    return _returns(history, history.prices[1:] / history.prices[:-1] - 1, "simple")


def log_returns(history: PriceHistory) -> Returns:
    """ln(p[t] / p[t-1]), one row fewer than prices; raises `TooFewReturns` if none."""
    _check_length(history)
    return _returns(history, np.diff(np.log(history.prices), axis=0), "log")


def check_returns(returns: Returns, *, least_rows: int) -> None:
    """Raises `TooFewReturns`, `AssetsDiffer`, `BadEstimateSetting` or `BadReturn`."""
    shape = (len(returns.times), len(returns.assets))
    if shape[0] < least_rows:
        raise TooFewReturns(shape[0], least_rows)
    if returns.values.shape != shape:
        columns = [str(i) for i in range(returns.values.shape[-1])]
        raise AssetsDiffer("values", columns, returns.assets)
    if not 0 < returns.periods_per_year < np.inf:
        value = returns.periods_per_year
        raise BadEstimateSetting("periods_per_year", value, "a finite number above 0")

    wrong = ~np.isfinite(returns.values)
    if returns.kind == "simple":
        wrong |= returns.values <= -1
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        when, value = str_time(returns.times[row]), float(returns.values[row, column])
        raise BadReturn(returns.assets[column], when, value)


def decay_weights(
    rows: int, *, periods_per_day: float, half_life_days: float | None
) -> FloatArray:
    """Weights of `rows` rows, the last the newest, that sum to 1.

    A row `half_life_days` older weighs half as much; None weighs all alike.
    """
    if half_life_days is None:
        return np.full(rows, 1 / rows)
    if not 0 < half_life_days < np.inf:
        expected = "a finite number above 0, or None for equal weights"
        raise BadEstimateSetting("half_life_days", half_life_days, expected)
    age_days = np.arange(rows - 1, -1, -1) / periods_per_day
    weights: FloatArray = np.exp2(-age_days / half_life_days)
    weights /= weights.sum()
    return weights


def effective_rows(weights: FloatArray) -> float:
    """1 / sum(w^2) for weights that sum to 1 (Kish 1965): the rows if all are equal."""
    return 1 / float(weights @ weights)


def _check_length(history: PriceHistory) -> None:
    if len(history) < 2:
        raise TooFewReturns(len(history) - 1, 1)


def _returns(history: PriceHistory, values: FloatArray, kind: ReturnKind) -> Returns:
    return Returns(
        times=history.times[1:],
        assets=history.assets,
        values=values,
        kind=kind,
        periods_per_year=DAYS_PER_YEAR * SECONDS_PER_DAY / step_seconds(history),
    )
