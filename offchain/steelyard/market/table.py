# SPDX-License-Identifier: MIT
"""A CSV or Parquet file as named columns of cells, nothing judged yet."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from steelyard.market.errors import (
    BadDate,
    DuplicateColumn,
    FileMissing,
    FileTypeUnknown,
    FileUnreadable,
    NoDateColumn,
    NotANumber,
    RowLength,
)
from steelyard.market.history import FloatArray, TimeArray, str_time

DATE_NAMES = ("date", "open_time_utc", "timestamp", "datetime", "time")
INDEX_NAME = "__index_level_0__"  # how Parquet writes an index without a name
MISSING_CELLS = frozenset({"", "na", "n/a", "nan", "none", "null"})

Column = Sequence[str] | FloatArray | TimeArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Columns in the order of the file; `lines` are the lines the rows stand in."""

    source: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[int, ...]


def read_table(path: Path) -> Table:
    """The table in `path`, read as its suffix says."""
    source, suffix = str(path), path.suffix.casefold()
    if not path.is_file():
        raise FileMissing(source)
    if suffix not in (".csv", ".parquet", ".pq"):
        raise FileTypeUnknown(source, path.suffix)
    try:
        table = _read_csv(path) if suffix == ".csv" else _read_parquet(path)
    except (OSError, UnicodeError, csv.Error, pa.ArrowException) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise FileUnreadable(source, lines[0]) from error

    seen: dict[str, str] = {}
    for name in table.header:
        if name.casefold() in seen:
            raise DuplicateColumn(source, (seen[name.casefold()], name))
        seen[name.casefold()] = name
    return table


def date_column(table: Table) -> int:
    """Index of the column that holds the dates."""
    folded = [name.casefold() for name in table.header]
    for name in (*DATE_NAMES, INDEX_NAME):
        if name in folded:
            return folded.index(name)
    if table.columns and len(table.columns[0]):
        first = table.columns[0][0]
        if isinstance(first, np.datetime64) or _parse_time(str(first)) is not None:
            return 0
    raise NoDateColumn(table.source, table.header)


def parse_times(table: Table, column: int) -> TimeArray:
    """Times in UTC, whole seconds; a time without a zone is taken as UTC."""
    cells = table.columns[column]
    parsed = []
    for line, cell in zip(table.lines, cells, strict=True):
        if isinstance(cell, np.datetime64):
            when = None if np.isnat(cell) else cell
        else:
            when = _parse_time(str(cell))
        if when is None:
            raise BadDate(table.source, line, cell)
        parsed.append(when)
    return np.array(parsed, dtype="datetime64[s]")


def parse_prices(
    table: Table, column: int, rows: Sequence[int], times: TimeArray
) -> FloatArray:
    """The numbers in `rows`; an empty cell is NaN. `times` are those of all rows."""
    cells = table.columns[column]
    prices = np.empty(len(rows))
    for i, row in enumerate(rows):
        value = _parse_number(cells[row])
        if value is None:
            name, when = table.header[column], str_time(times[row])
            raise NotANumber(table.source, name, when, cells[row], table.lines[row])
        prices[i] = value
    return prices


def _parse_time(text: str) -> np.datetime64 | None:
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return np.datetime64(int(text[:10]), "s")
    try:
        when = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    if when.tzinfo is not None:
        when = when.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(when, "s")


def _parse_number(cell: object) -> float | None:
    if isinstance(cell, float):
        return float(cell)
    text = str(cell).strip().casefold()
    if text in MISSING_CELLS:
        return np.nan
    if "_" in text:  # Python reads 1_000 as a number, no price file means it
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _read_csv(path: Path) -> Table:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        header = tuple(name.strip() for name in next(reader, []))
        rows, lines = [], []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise RowLength(str(path), reader.line_num, len(cells), len(header))
            rows.append(cells)
            lines.append(reader.line_num)
    columns = tuple(zip(*rows, strict=True)) if rows else ((),) * len(header)
    return Table(source=str(path), header=header, columns=columns, lines=tuple(lines))


def _read_parquet(path: Path) -> Table:
    table = pq.ParquetFile(path).read()
    return Table(
        source=str(path),
        header=tuple(str(name).strip() for name in table.column_names),
        columns=tuple(_from_arrow(column) for column in table.columns),
        lines=tuple(range(1, table.num_rows + 1)),
    )


def _from_arrow(column: pa.ChunkedArray) -> Column:
    kind = column.type
    if pa.types.is_timestamp(kind):
        times: TimeArray = column.cast(pa.timestamp("s"), safe=False).to_numpy()
        return times
    if pa.types.is_date(kind):
        days: TimeArray = column.cast(pa.date32()).to_numpy()
        return days.astype("datetime64[s]")
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers: FloatArray = column.cast(pa.float64()).to_numpy()
        return numbers
    return tuple("" if cell is None else str(cell) for cell in column.to_pylist())
