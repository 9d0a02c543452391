# SPDX-License-Identifier: MIT
"""Price history from a CSV or Parquet file, or one clear line why not.

The table is wide: one column of dates, then one column an asset, in USD.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from steelyard.market.clean import Cells, fill_gaps, with_spikes
from steelyard.market.errors import (
    BadPrice,
    DuplicateColumn,
    DuplicateDate,
    MissingColumn,
    PriceGap,
    TooFewRows,
    WindowOutside,
)
from steelyard.market.history import (
    PriceHistory,
    Repair,
    TimeArray,
    str_time,
)
from steelyard.market.table import (
    Table,
    date_column,
    parse_prices,
    parse_times,
    read_table,
)
from steelyard.market.window import Instant, rows_inside

__all__ = ["WRAPPED", "PriceHistory", "Repair", "load_prices"]

# Assumes that a wrapped token is worth what it wraps.
WRAPPED = {"wbtc": "btc", "weth": "eth"}


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """An asset as asked for, and the index of the column it is read from."""

    asset: str
    column: int
    wrapped: bool


def load_prices(
    path: str | Path,
    *,
    columns: Sequence[str] | None = None,
    start: Instant | None = None,
    end: Instant | None = None,
    max_gap_days: float = 0,
    min_rows: int = 2,
) -> PriceHistory:
    """Prices of `columns` (all if None) from `start` to `end`, both included.

    Names match whatever their case; WETH and WBTC fall back on ETH and BTC. Without a
    `start`, the rows before every asset has a price are left out. Gaps longer than
    `max_gap_days` are refused; what was repaired or looks wrong is in `repairs`.
    Raises a `MarketDataError`.
    """
    table = read_table(Path(path))
    date_index = date_column(table)
    chosen = _choose(table, columns, date_index)
    times = parse_times(table, date_index)
    order, sorted_repairs = _order(table, times)
    inside = rows_inside(table.source, times[order], start, end)
    rows = [row for row, is_in in zip(order, inside, strict=True) if is_in]
    if not rows:
        raise TooFewRows(table.source, 0, min_rows)

    cells = _cells(table, chosen, rows, times)
    cells, trimmed = _trim(cells, is_free=start is None)
    if len(cells.times) < min_rows:
        raise TooFewRows(table.source, len(cells.times), min_rows)

    history = with_spikes(fill_gaps(cells, max_gap_days=max_gap_days))
    aliased = _aliased(table, chosen, history)
    repairs = (*aliased, *sorted_repairs, *trimmed, *history.repairs)
    return replace(history, repairs=repairs)


def _choose(
    table: Table, columns: Sequence[str] | None, date_index: int
) -> list[_Chosen]:
    known = [name for i, name in enumerate(table.header) if i != date_index]
    index_of = {name.casefold(): table.header.index(name) for name in known}
    wanted = known if columns is None else list(columns)
    if not wanted:
        raise MissingColumn(table.source, "of prices", table.header)

    chosen: list[_Chosen] = []
    for asset in wanted:
        key = asset.strip().casefold()
        is_wrapped = key not in index_of and WRAPPED.get(key) in index_of
        name = WRAPPED[key] if is_wrapped else key
        if name not in index_of:
            raise MissingColumn(table.source, asset, known)
        twice = [c.asset for c in chosen if c.asset.casefold() == key]
        if twice:
            raise DuplicateColumn(table.source, (twice[0], asset))
        chosen.append(
            _Chosen(asset=asset.strip(), column=index_of[name], wrapped=is_wrapped)
        )
    return chosen


def _order(table: Table, times: TimeArray) -> tuple[list[int], tuple[Repair, ...]]:
    """Rows in order of time, and whether they had to be sorted."""
    if not len(times):
        return [], ()
    order = [int(row) for row in np.argsort(times, kind="stable")]
    for one, next_one in pairwise(order):
        if times[one] == times[next_one]:
            lines = (table.lines[one], table.lines[next_one])
            raise DuplicateDate(table.source, str_time(times[one]), lines)

    moved = sum(row != place for place, row in enumerate(order))
    if not moved:
        return order, ()
    repair = Repair(
        kind="sorted",
        assets=("all",),
        first=times[order[0]],
        last=times[order[-1]],
        rows=moved,
    )
    return order, (repair,)


def _cells(
    table: Table, chosen: Sequence[_Chosen], rows: Sequence[int], times: TimeArray
) -> Cells:
    """The cells of the chosen columns; raises `BadPrice` at zero, below or infinite."""
    prices = np.empty((len(rows), len(chosen)))
    for i, choice in enumerate(chosen):
        column = parse_prices(table, choice.column, rows, times)
        wrong = ~np.isnan(column) & ~(np.isfinite(column) & (column > 0))
        if wrong.any():
            row = int(np.argmax(wrong))
            name, when = table.header[choice.column], str_time(times[rows[row]])
            raise BadPrice(table.source, name, when, float(column[row]))
        prices[:, i] = column
    assets = tuple(c.asset for c in chosen)
    return Cells(
        source=table.source, times=times[list(rows)], assets=assets, prices=prices
    )


def _trim(cells: Cells, *, is_free: bool) -> tuple[Cells, tuple[Repair, ...]]:
    """Without the rows before the last asset has its first price, if `is_free`."""
    present = ~np.isnan(cells.prices)
    for column in np.flatnonzero(~present.any(axis=0)):
        span = (str_time(cells.times[0]), str_time(cells.times[-1]))
        raise PriceGap(cells.source, cells.assets[column], span, 0)

    first_rows = present.argmax(axis=0)
    first = int(first_rows.max())
    late = tuple(cells.assets[i] for i in np.flatnonzero(first_rows))
    if not late:
        return cells, ()
    if not is_free:
        asset = cells.assets[int(first_rows.argmax())]
        expected = (
            f"{asset} to have a price: its first is {str_time(cells.times[first])}"
        )
        raise WindowOutside(cells.source, "start", str_time(cells.times[0]), expected)
    repair = Repair(
        kind="trimmed",
        assets=late,
        first=cells.times[0],
        last=cells.times[first - 1],
        rows=first,
    )
    kept = replace(cells, times=cells.times[first:], prices=cells.prices[first:])
    return kept, (repair,)


def _aliased(
    table: Table, chosen: Sequence[_Chosen], history: PriceHistory
) -> tuple[Repair, ...]:
    return tuple(
        Repair(
            kind="aliased",
            assets=(choice.asset,),
            first=history.times[0],
            last=history.times[-1],
            rows=len(history),
            detail=f"column {table.header[choice.column]}",
        )
        for choice in chosen
        if choice.wrapped
    )
