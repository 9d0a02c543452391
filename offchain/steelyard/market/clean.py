# SPDX-License-Identifier: MIT
"""Fill short gaps, flag bad ticks, align histories; all of it said aloud."""

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from steelyard.market.errors import (
    BadHistory,
    BadSetting,
    PriceGap,
    TooFewRows,
    UnevenTimes,
    WindowOutside,
)
from steelyard.market.history import (
    SECONDS_PER_DAY,
    FloatArray,
    PriceHistory,
    Repair,
    TimeArray,
    column_of,
    cut_rows,
    str_time,
)

SPIKE_SIGMAS = 6.0  # robust standard deviations of the asset's own log returns
SPIKE_LEAST_JUMP = 0.1  # log return; smaller jumps are never flagged
SPIKE_LEFT = 0.25  # share of the jump that may remain after it reverts
MAD_TO_SIGMA = 1.4826  # standard deviation over median deviation, normal law


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Prices as read: ascending times, NaN where there is no price."""

    source: str
    times: TimeArray
    assets: tuple[str, ...]
    prices: FloatArray


def fill_gaps(cells: Cells, *, max_gap_days: float) -> PriceHistory:
    """An even grid; gaps up to `max_gap_days` carried forward and reported.

    Raises `PriceGap` for a longer one, or one with no price before it.
    """
    if not max_gap_days >= 0:
        raise BadSetting("max_gap_days", max_gap_days, "0 or more")

    grid, prices, step = _on_grid(cells)
    runs: dict[tuple[int, int], list[str]] = defaultdict(list)
    for column, asset in enumerate(cells.assets):
        for first, rows in _runs_missing(prices[:, column]):
            last = first + rows - 1
            if first == 0 or rows * step > max_gap_days * SECONDS_PER_DAY:
                span = (str_time(grid[first]), str_time(grid[last]))
                raise PriceGap(cells.source, asset, span, max_gap_days)
            prices[first : last + 1, column] = prices[first - 1, column]
            runs[first, rows].append(asset)

    repairs = tuple(
        Repair(
            kind="carried",
            assets=tuple(assets),
            first=grid[first],
            last=grid[first + rows - 1],
            rows=rows,
        )
        for (first, rows), assets in sorted(runs.items())
    )
    return PriceHistory(
        times=grid,
        assets=cells.assets,
        prices=prices,
        source=cells.source,
        repairs=repairs,
    )


def find_spikes(
    history: PriceHistory, *, sigmas: float = SPIKE_SIGMAS
) -> tuple[Repair, ...]:
    """Single rows that look like bad ticks, as repairs of kind `spike`; none changed.

    A spike jumps by more than `sigmas` robust standard deviations (and by
    `SPIKE_LEAST_JUMP`), and the next row takes back all but a quarter of it.
    """
    found = []
    log_returns = np.diff(np.log(history.prices), axis=0)
    for column, asset in enumerate(history.assets):
        moves = log_returns[:, column]
        for row in _spike_rows(moves, sigmas):
            found.append(
                Repair(
                    kind="spike",
                    assets=(asset,),
                    first=history.times[row],
                    last=history.times[row],
                    rows=1,
                    detail=f"{np.expm1(moves[row - 1]):+.0%}, "
                    f"then {np.expm1(moves[row]):+.0%}",
                )
            )
    return tuple(sorted(found, key=lambda r: (r.first, r.assets)))


def align(first: PriceHistory, *others: PriceHistory) -> PriceHistory:
    """All assets over the times that every history has; what falls out is reported."""
    histories = (first, *others)
    source = ", ".join(dict.fromkeys(h.source for h in histories))
    times = first.times
    for other in others:
        times = np.intersect1d(times, other.times)
    if not len(times):
        raise TooFewRows(source, 0, 1)

    columns: list[FloatArray] = []
    repairs: list[Repair] = []
    for history in histories:
        keep = np.isin(history.times, times)
        columns.append(history.prices[keep])
        repairs.extend(history.repairs)
        left_out = history.times[~keep]
        if len(left_out):
            repairs.append(
                Repair(
                    kind="dropped",
                    assets=history.assets,
                    first=left_out[0],
                    last=left_out[-1],
                    rows=len(left_out),
                )
            )
    return PriceHistory(
        times=times,
        assets=tuple(asset for h in histories for asset in h.assets),
        prices=np.hstack(columns),
        source=source,
        repairs=tuple(repairs),
    )


def worst_window(
    history: PriceHistory, days: int, lead_days: int, *, assets: tuple[str, ...] = ()
) -> np.datetime64:
    """Start of the `days` rows around the worst equal-weight fall of one row.

    At least `lead_days` rows lie before the start; the fall itself ends in a row with
    more than that before it. It sits in the middle of the window, or as near as the
    ends of the history allow. `assets` limits what is weighed; empty means all.
    """
    for name, value, least in (("days", days, 1), ("lead_days", lead_days, 0)):
        if value < least:
            raise BadSetting(name, value, f"{least} or more")
    rows = len(history)
    if rows < max(lead_days + days, lead_days + 2):
        least = max(lead_days + days, lead_days + 2)
        raise TooFewRows(history.source, rows, least)

    columns = [column_of(history, a) for a in assets or history.assets]
    prices = history.prices[:, columns]
    returns = (prices[1:] / prices[:-1] - 1).mean(axis=1)  # returns[i] ends at row i+1
    worst = lead_days + 1 + int(np.argmin(returns[lead_days:]))
    start = min(max(worst - days // 2, lead_days), rows - days)
    first: np.datetime64 = history.times[start]
    return first


def cut_window(
    history: PriceHistory, start: np.datetime64, *, days: int, lead_days: int
) -> PriceHistory:
    """`lead_days` rows before `start`, then `days` rows from `start` on."""
    found = np.flatnonzero(history.times == start)
    if not len(found):
        span = f"{str_time(history.times[0])} to {str_time(history.times[-1])}"
        raise WindowOutside(
            history.source, "start", start, f"a time of the history, {span}"
        )
    if lead_days < 0 or days < 1:
        raise BadHistory(
            history.source, "days, lead_days", f"{days}, {lead_days}", "1, 0 or more"
        )
    row = int(found[0])
    before, after = row, len(history) - row
    if before < lead_days or after < days:
        expected = f"{lead_days} rows before it (there are {before}) and {days} from it"
        expected += f" on (there are {after})"
        raise WindowOutside(history.source, "start", str_time(start), expected)
    return cut_rows(history, row - lead_days, lead_days + days)


def with_spikes(history: PriceHistory) -> PriceHistory:
    """The same prices, with what `find_spikes` sees added to the repairs."""
    return replace(history, repairs=history.repairs + find_spikes(history))


def _on_grid(cells: Cells) -> tuple[TimeArray, FloatArray, int]:
    """Even times with a row of NaN where the file has none, and their step."""
    times = cells.times.astype("datetime64[s]")
    if len(times) < 2:
        return times, cells.prices.copy(), 0
    offsets = (times - times[0]).astype(np.int64)
    steps, counts = np.unique(np.diff(offsets), return_counts=True)
    step = int(steps[np.argmax(counts)])  # the commonest; the smallest of a tie
    off = offsets % step != 0
    if off.any():
        when = str_time(times[int(np.argmax(off))])
        raise UnevenTimes(cells.source, when, step)

    grid = times[0] + np.arange(0, offsets[-1] + 1, step).astype("timedelta64[s]")
    prices = np.full((len(grid), len(cells.assets)), np.nan)
    prices[offsets // step] = cells.prices
    return grid, prices, step


def _runs_missing(prices: FloatArray) -> list[tuple[int, int]]:
    """First row and length of each run of NaN."""
    runs, row = [], 0
    for missing, group in groupby(np.isnan(prices)):
        length = len(list(group))
        if missing:
            runs.append((row, length))
        row += length
    return runs


def _spike_rows(moves: FloatArray, sigmas: float) -> list[int]:
    """Rows of the price that the move `row - 1` makes and the move `row` takes back."""
    if len(moves) < 2:
        return []
    sigma = MAD_TO_SIGMA * float(np.median(np.abs(moves - np.median(moves))))
    there, back = moves[:-1], moves[1:]
    smaller = np.minimum(np.abs(there), np.abs(back))
    hit = smaller > max(SPIKE_LEAST_JUMP, sigmas * sigma)
    hit &= (there * back < 0) & (np.abs(there + back) < SPIKE_LEFT * smaller)
    return [int(i) + 1 for i in np.flatnonzero(hit)]
