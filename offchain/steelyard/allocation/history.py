# SPDX-License-Identifier: MIT
"""A table of prices or returns as simple returns, complete, or one line why not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from steelyard.allocation.ask import DataAsk
from steelyard.allocation.errors import AllocationInputInvalid, HistoryIncomplete
from steelyard.estimate.returns import DAYS_PER_YEAR, Returns, check_returns
from steelyard.market.errors import BadPrice, DuplicateDate, MissingColumn, TooFewRows
from steelyard.market.history import SECONDS_PER_DAY, FloatArray, TimeArray, str_time
from steelyard.market.table import (
    Table,
    date_column,
    parse_prices,
    parse_times,
    read_table,
)
from steelyard.market.window import rows_inside

Bools = npt.NDArray[np.bool_]
LEAST_ROWS = 3  # of returns
UNEVEN = 4  # times the usual step: a longer one is said aloud


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """Returns of one period each, and what was left out of the table."""

    returns: Returns
    source: str
    left_out: tuple[str, ...]  # assets with a hole
    longest_step_days: float | None  # where it is much longer than the others


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cells:
    """Numbers as read, rows in order of time; NaN where there is none."""

    source: str
    what: str  # "price" or "return"
    times: TimeArray
    assets: tuple[str, ...]
    values: FloatArray = field(repr=False)


def load_history(ask: DataAsk) -> History:
    """The returns of the assets asked for. Raises `AllocationError`,
    `MarketDataError` or `EstimateError`."""
    if ask.source is None:
        raise AllocationInputInvalid("input", "missing", "a CSV of prices or returns")
    cells = _read(ask.source, ask)
    full, left_out = _complete(cells, drops=ask.drops)
    if not ask.is_returns:
        _check_prices(full)
    periods = ask.periods_per_year or _periods_per_year(full)
    values, times = full.values, full.times
    if not ask.is_returns:
        values, times = values[1:] / values[:-1] - 1, times[1:]
    returns = Returns(
        times=times,
        assets=full.assets,
        values=values,
        kind="simple",
        periods_per_year=periods,
    )
    check_returns(returns, least_rows=LEAST_ROWS)
    return History(
        returns=returns,
        source=full.source,
        left_out=left_out,
        longest_step_days=_longest_step(full.times),
    )


def _read(path: Path, ask: DataAsk) -> _Cells:
    table = read_table(path)
    date_index = date_column(table)
    columns = _columns(table, ask.assets, date_index)
    times = parse_times(table, date_index)
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(same):
        first = int(same[0])
        lines = (table.lines[order[first]], table.lines[order[first + 1]])
        raise DuplicateDate(table.source, str_time(ordered[first]), lines)
    inside = rows_inside(table.source, ordered, ask.start, ask.end)
    rows = [int(row) for row, is_in in zip(order, inside, strict=True) if is_in]
    if len(rows) <= LEAST_ROWS:
        raise TooFewRows(table.source, len(rows), LEAST_ROWS + 1)
    return _Cells(
        source=table.source,
        what="return" if ask.is_returns else "price",
        times=times[rows],
        assets=tuple(table.header[column] for column in columns),
        values=np.column_stack([parse_prices(table, c, rows, times) for c in columns]),
    )


def _columns(table: Table, assets: Sequence[str], date_index: int) -> list[int]:
    known = [name for i, name in enumerate(table.header) if i != date_index]
    if not known:
        raise MissingColumn(table.source, "of an asset", table.header)
    index_of = {name.casefold(): table.header.index(name) for name in known}
    found: list[int] = []
    for asset in assets or known:
        column = index_of.get(asset.strip().casefold())
        if column is None:
            raise MissingColumn(table.source, asset.strip(), known)
        if column in found:
            raise AllocationInputInvalid("assets", asset.strip(), "each asset once")
        found.append(column)
    return found


def _complete(cells: _Cells, *, drops: bool) -> tuple[_Cells, tuple[str, ...]]:
    """Without the assets that have a hole if it `drops`, else without holes at all."""
    is_hole = np.isnan(cells.values)
    holed = np.flatnonzero(is_hole.any(axis=0))
    names = tuple(cells.assets[i] for i in holed)
    if not len(holed):
        return cells, ()
    if drops and len(holed) < len(cells.assets):
        kept = np.flatnonzero(~is_hole.any(axis=0))
        full = _Cells(
            source=cells.source,
            what=cells.what,
            times=cells.times,
            assets=tuple(cells.assets[i] for i in kept),
            values=cells.values[:, kept],
        )
        return full, names
    row = int(np.argmax(is_hole[:, holed[0]]))
    raise HistoryIncomplete(
        cells.source,
        names[0],
        str_time(cells.times[row]),
        what=cells.what,
        assets=names,
        ways_out=_ways_out(cells, is_hole, names),
    )


def _ways_out(cells: _Cells, is_hole: Bools, names: Sequence[str]) -> tuple[str, ...]:
    """The longest stretch without a hole, and what may be left out instead."""
    ways = []
    first, rows = _longest_run(np.asarray(~is_hole.any(axis=1)))
    if rows > LEAST_ROWS:
        start, end = (str_time(cells.times[i]) for i in (first, first + rows - 1))
        ways.append(f"--start {start} --end {end} has {rows} rows without a hole")
    if len(names) < len(cells.assets):
        shown = ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")
        ways.append(f"--drop leaves out {shown}")
    ways.append("--assets chooses")
    return tuple(ways)


def _longest_run(is_full: Bools) -> tuple[int, int]:
    """First row and length of the longest run; the later one of a tie."""
    best, start = (0, 0), 0
    for row in range(len(is_full) + 1):
        if row == len(is_full) or not is_full[row]:
            if row - start >= best[1]:
                best = (start, row - start)
            start = row + 1
    return best


def _check_prices(cells: _Cells) -> None:
    wrong = ~(np.isfinite(cells.values) & (cells.values > 0))
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        when, price = str_time(cells.times[row]), float(cells.values[row, column])
        raise BadPrice(cells.source, cells.assets[column], when, price)


def _periods_per_year(cells: _Cells) -> float:
    """Rows per year, as many as the dates span: 365 of daily rows, 252 of workdays."""
    seconds = int((cells.times[-1] - cells.times[0]).astype(np.int64))
    return (len(cells.times) - 1) * DAYS_PER_YEAR * SECONDS_PER_DAY / seconds


def _longest_step(times: TimeArray) -> float | None:
    steps = np.diff(times).astype(np.int64)
    longest = int(steps.max())
    if longest <= UNEVEN * float(np.median(steps)):
        return None
    return longest / SECONDS_PER_DAY
