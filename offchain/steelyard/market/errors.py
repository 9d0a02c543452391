# SPDX-License-Identifier: MIT
"""What can be wrong with market data: one line that names where and what."""

from collections.abc import Sequence
from difflib import get_close_matches

from steelyard.errors import SteelyardError


class MarketDataError(SteelyardError):
    """Prices that cannot be used as they are."""


class BadDate(MarketDataError):
    """A cell of the date column that is not a date."""

    def __init__(self, source: str, line: int, value: object) -> None:
        super().__init__(
            f"{source}: line {line}: date {str(value)!r} is not understood, expected "
            "an ISO 8601 date such as 2020-03-12, or unix seconds or milliseconds"
        )
        self.source, self.line, self.value = source, line, value


class BadHistory(MarketDataError):
    """A price history put together from parts that do not fit."""

    def __init__(self, source: str, field: str, value: object, expected: str) -> None:
        super().__init__(f"{source}: {field} is {value}, expected {expected}")
        self.source, self.field, self.value = source, field, value


class BadPrice(MarketDataError):
    """A price of zero, below zero, or without end."""

    def __init__(self, source: str, column: str, when: object, value: float) -> None:
        super().__init__(
            f"{source}: column {column}, row {when}: price {value:g}, "
            "expected a finite number above 0"
        )
        self.source, self.column, self.when, self.value = source, column, when, value


class BadSetting(MarketDataError):
    """An argument outside of what makes sense."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field} is {value}, expected {expected}")
        self.field, self.value, self.expected = field, value, expected


class DuplicateColumn(MarketDataError):
    """One asset named twice, in the file or in what is asked for."""

    def __init__(self, source: str, columns: Sequence[str]) -> None:
        super().__init__(
            f"{source}: columns {' and '.join(columns)} name the same asset, "
            "expected one column an asset"
        )
        self.source, self.columns = source, tuple(columns)


class DuplicateDate(MarketDataError):
    """Two rows for one time."""

    def __init__(self, source: str, when: object, lines: Sequence[int]) -> None:
        super().__init__(
            f"{source}: date {when} stands in lines {lines[0]} and {lines[1]}, "
            "expected each date once"
        )
        self.source, self.when, self.lines = source, when, tuple(lines)


class FileMissing(MarketDataError):
    """No file where one is named."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{source}: no such file, expected a CSV or Parquet file")
        self.source = source


class FileTypeUnknown(MarketDataError):
    """A file whose name does not tell how to read it."""

    def __init__(self, source: str, suffix: str) -> None:
        super().__init__(
            f"{source}: suffix is {suffix!r}, expected .csv, .parquet or .pq"
        )
        self.source, self.suffix = source, suffix


class FileUnreadable(MarketDataError):
    """A file that is there but cannot be read as what its name says."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: cannot be read: {reason}")
        self.source, self.reason = source, reason


class MissingColumn(MarketDataError):
    """A column that is asked for and is not in the file."""

    def __init__(self, source: str, column: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{source}: no column {column}, expected {near(column, known)}"
        )
        self.source, self.column, self.known = source, column, tuple(known)


class NoDateColumn(MarketDataError):
    """A table in which no column holds the dates."""

    def __init__(self, source: str, header: Sequence[str]) -> None:
        super().__init__(
            f"{source}: no date column among {', '.join(header) or 'no columns'}, "
            "expected one named date, timestamp or open_time_utc, or dates in the first"
        )
        self.source, self.header = source, tuple(header)


class NotANumber(MarketDataError):
    """A cell that should hold a price and holds something else."""

    def __init__(
        self, source: str, column: str, when: object, value: object, line: int
    ) -> None:
        super().__init__(
            f"{source}: column {column}, row {when} (line {line}): {str(value)!r} "
            "is not a number, expected a price such as 1234.5"
        )
        self.source, self.column, self.when, self.value = source, column, when, value
        self.line = line


class PriceGap(MarketDataError):
    """A hole in the prices longer than what may be carried forward."""

    def __init__(
        self, source: str, asset: str, span: tuple[object, object], max_gap_days: float
    ) -> None:
        first, last = span
        where = f"on {first}" if first == last else f"from {first} to {last}"
        super().__init__(
            f"{source}: column {asset}: no price {where}, expected gaps of at most "
            f"{max_gap_days:g} days (max_gap_days)"
        )
        self.source, self.asset, self.span = source, asset, span


class RowLength(MarketDataError):
    """A row with more or fewer cells than the header."""

    def __init__(self, source: str, line: int, cells: int, expected: int) -> None:
        super().__init__(
            f"{source}: line {line} has {cells} cells, "
            f"expected {expected} as in the header"
        )
        self.source, self.line, self.cells, self.expected = (
            source,
            line,
            cells,
            expected,
        )


class TooFewRows(MarketDataError):
    """Not enough history for what is asked."""

    def __init__(self, source: str, rows: int, least: int) -> None:
        super().__init__(f"{source}: {rows} rows of prices, expected at least {least}")
        self.source, self.rows, self.least = source, rows, least


class UnevenTimes(MarketDataError):
    """A row that is off the grid of the others."""

    def __init__(self, source: str, when: object, step_seconds: int) -> None:
        super().__init__(
            f"{source}: row {when} is off the grid, expected rows every "
            f"{step_seconds} seconds"
        )
        self.source, self.when, self.step_seconds = source, when, step_seconds


class UnknownAsset(MarketDataError):
    """An asset without a price."""

    def __init__(self, source: str, asset: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{source}: unknown asset {asset}, expected {near(asset, known)}"
        )
        self.source, self.asset, self.known = source, asset, tuple(known)


class WindowOutside(MarketDataError):
    """A window that reaches beyond the prices there are."""

    def __init__(self, source: str, field: str, value: object, expected: str) -> None:
        super().__init__(f"{source}: {field} is {value}, expected {expected}")
        self.source, self.field, self.value = source, field, value


def near(name: str, known: Sequence[str]) -> str:
    """Up to three of `known` that look like `name`, else up to eight of them."""
    by_fold = {k.casefold(): k for k in known}
    close = get_close_matches(name.casefold(), by_fold, n=3, cutoff=0.5)
    if close:
        return " or ".join(by_fold[c] for c in close)
    shown = ", ".join(list(known)[:8])
    rest = len(known) - 8
    return f"one of {shown}" + (f" and {rest} more" if rest > 0 else "")
