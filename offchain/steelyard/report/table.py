# SPDX-License-Identifier: MIT
"""A table as data: the terminal and the page draw the same one."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "good", "bad", "quiet", "strong"]


@dataclass(frozen=True, kw_only=True)
class Column:
    header: str
    unit: str = ""
    is_number: bool = True
    is_wide: bool = False  # takes what room is left, and may break
    is_brief: bool = True  # also shown in the terminal


@dataclass(frozen=True, kw_only=True)
class Cell:
    text: str
    tone: Tone = ""
    bar: float | None = None  # share of the cell's width, 0 to 1
    is_code: bool = False
    swatch: str = ""  # colour before it


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of as many cells as there are columns."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] = ()  # totals
    note: str = ""


def label(header: str, *, is_wide: bool = False, is_brief: bool = True) -> Column:
    """A column of words."""
    return Column(header=header, is_number=False, is_wide=is_wide, is_brief=is_brief)


def number(header: str, unit: str = "", *, is_brief: bool = True) -> Column:
    """A column of numbers, all in one unit."""
    return Column(header=header, unit=unit, is_brief=is_brief)


def cells(*texts: str | Cell) -> tuple[Cell, ...]:
    """A row; plain text becomes a plain cell."""
    return tuple(t if isinstance(t, Cell) else Cell(text=t) for t in texts)


def signed_cell(text: str, value: float) -> Cell:
    """Good above zero, bad below."""
    return Cell(text=text, tone="good" if value > 0 else "bad" if value < 0 else "")
