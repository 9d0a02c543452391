# SPDX-License-Identifier: MIT
"""A complete, evenly spaced table of prices, and what was repaired in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from steelyard.market.errors import BadHistory, BadPrice, UnevenTimes, UnknownAsset

FloatArray = npt.NDArray[np.float64]
TimeArray = npt.NDArray[np.datetime64]
RepairKind = Literal["aliased", "carried", "dropped", "sorted", "spike", "trimmed"]

SECONDS_PER_DAY = 86_400

_SAID = {
    "aliased": "taken from the column of what it wraps",
    "carried": "no price, the last one is carried forward",
    "dropped": "not in every history, left out",
    "sorted": "rows not in order of time, sorted",
    "spike": "looks like a bad tick, kept as it is",
    "trimmed": "before the first price of every asset, left out",
}


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One thing changed while reading; a `spike` is noticed and left alone."""

    kind: RepairKind
    assets: tuple[str, ...]
    first: np.datetime64
    last: np.datetime64
    rows: int
    detail: str = ""

    def __str__(self) -> str:
        span = str_time(self.first)
        if self.last != self.first:
            span += f" to {str_time(self.last)}"
        rows = "1 row" if self.rows == 1 else f"{self.rows} rows"
        text = f"{', '.join(self.assets)}, {span} ({rows}): {_SAID[self.kind]}"
        return f"{text}; {self.detail}" if self.detail else text


@dataclass(frozen=True, kw_only=True, eq=False)
class PriceHistory:
    """Prices in USD, one row a time (UTC, ascending, evenly spaced), none missing.

    `times` are the labels of the source: where a bar is labelled by its opening, its
    close is known one step later. `source` says where the prices come from.
    """

    times: TimeArray
    assets: tuple[str, ...]
    prices: FloatArray = field(repr=False)
    source: str
    repairs: tuple[Repair, ...] = ()

    def __post_init__(self) -> None:
        times = self.times.astype("datetime64[s]")
        prices = np.array(self.prices, dtype=np.float64)
        for array in (times, prices):
            array.flags.writeable = False
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "prices", prices)
        _check(self)

    def __len__(self) -> int:
        return len(self.times)


def step_seconds(history: PriceHistory) -> int:
    """Seconds from one row to the next."""
    return _step(history.times)


def column_of(history: PriceHistory, asset: str) -> int:
    """Index of `asset`, whatever its case; raises `UnknownAsset`."""
    folded = [a.casefold() for a in history.assets]
    if asset.casefold() not in folded:
        raise UnknownAsset(history.source, asset, history.assets)
    return folded.index(asset.casefold())


def select_assets(history: PriceHistory, assets: Sequence[str]) -> PriceHistory:
    """The same rows for `assets` alone, in that order."""
    columns = [column_of(history, asset) for asset in assets]
    return replace(
        history,
        assets=tuple(history.assets[c] for c in columns),
        prices=history.prices[:, columns],
    )


def cut_rows(history: PriceHistory, first: int, rows: int) -> PriceHistory:
    """`rows` rows from row `first` on."""
    if first < 0 or rows < 1 or first + rows > len(history):
        raise BadHistory(
            history.source,
            "rows",
            f"{first} to {first + rows - 1}",
            f"rows between 0 and {len(history) - 1}",
        )
    return replace(
        history,
        times=history.times[first : first + rows],
        prices=history.prices[first : first + rows],
    )


def str_time(when: np.datetime64) -> str:
    """ISO 8601, without the time of day at midnight."""
    text = str(when.astype("datetime64[s]"))
    return text.removesuffix("T00:00:00")


def _step(times: TimeArray) -> int:
    return int((times[1] - times[0]).astype(np.int64)) if len(times) > 1 else 0


def _check(history: PriceHistory) -> None:
    source, shape = history.source, (len(history.times), len(history.assets))
    if history.prices.shape != shape or 0 in shape:
        expected = f"{shape[0]} times by {shape[1]} assets, at least one of each"
        raise BadHistory(source, "shape of prices", history.prices.shape, expected)
    if len({a.casefold() for a in history.assets}) < shape[1]:
        raise BadHistory(source, "assets", history.assets, "each asset once")

    wrong = ~(np.isfinite(history.prices) & (history.prices > 0))
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        when, value = str_time(history.times[row]), float(history.prices[row, column])
        raise BadPrice(source, history.assets[column], when, value)

    steps = np.diff(history.times).astype(np.int64)
    step = _step(history.times)
    if len(steps) and step <= 0:
        raise BadHistory(source, "times", str_time(history.times[1]), "ascending times")
    if (steps != step).any():
        row = int(np.argmax(steps != step)) + 1
        raise UnevenTimes(source, str_time(history.times[row]), step)
