# SPDX-License-Identifier: MIT
"""A table as the terminal draws it."""

from rich.table import Table as RichTable
from rich.text import Text

from steelyard.report.table import Cell, Column, Table

TONES = {"": "", "good": "green", "bad": "bold red", "quiet": "dim", "strong": "bold"}
BAR_CELLS = 8
LEAST_WIDE = 18  # characters of a column of text
BAR_PARTS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"  # eighths


def rich_table(table: Table) -> RichTable:
    """The same table for the terminal, its note below; columns not brief left out."""
    drawn = RichTable(
        title=Text(table.caption, style="bold"),
        title_justify="left",
        caption=Text(table.note, style="dim") if table.note else None,
        caption_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
        show_footer=False,
    )
    kept = [i for i, column in enumerate(table.columns) if column.is_brief]
    for index in kept:
        column = table.columns[index]
        drawn.add_column(
            _header(column),
            justify="right" if column.is_number else "left",
            overflow="fold",
            no_wrap=column.is_number,
            min_width=LEAST_WIDE if column.is_wide else None,
        )
    for row in table.rows:
        drawn.add_row(*(_text(row[index]) for index in kept))
    if table.foot:
        drawn.add_row(*(_text(table.foot[index]) for index in kept), style="bold")
    return drawn


def _header(column: Column) -> Text:
    unit = f"\n[{column.unit}]" if column.unit else ""
    header = column.header.replace(" ", "\n") if column.is_number else column.header
    return Text(header + unit)


def _text(cell: Cell) -> Text:
    drawn = Text(cell.text, style=TONES[cell.tone])
    if cell.bar is not None:
        drawn.append(" " + bar(cell.bar), style="blue")
    return drawn


def bar(share: float) -> str:
    """A bar of `BAR_CELLS` characters, filled from the left in eighths."""
    eighths = round(min(max(share, 0.0), 1.0) * BAR_CELLS * 8)
    full, part = divmod(eighths, 8)
    drawn = BAR_PARTS[8] * full + (BAR_PARTS[part] if part else "")
    return drawn.ljust(BAR_CELLS, "\u00a0")
