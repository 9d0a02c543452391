# SPDX-License-Identifier: MIT
"""The end of a demo in a terminal."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from steelyard.report import tables, tables_audit, tables_limits, tables_orders, text
from steelyard.report.summary import report_of
from steelyard.report.table import Cell, Column, Table
from steelyard.report.view import Headline

if TYPE_CHECKING:
    from steelyard.demo.record import DemoRecord

TONES = {"": "", "good": "green", "bad": "bold red", "quiet": "dim", "strong": "bold"}
BAR_CELLS = 8
LEAST_WIDE = 18  # characters of a column of text
BAR_PARTS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"  # eighths


def summary_table(record: "DemoRecord") -> RenderableType:
    """What the demo comes to, for `rich.console.Console.print`."""
    report = report_of(record)
    shown = [tables.overview(report)]
    if report.orders:
        shown.append(tables.weights(report.orders[-1]))
    shown += [
        tables.caps(report, only_used=True),
        tables_orders.decisions(report),
        tables_orders.swaps(report),
        tables_limits.budgets(report),
        tables.liquidity(report),
        tables_orders.income(report),
        tables_orders.gas(report),
        tables_limits.fees(report),
        tables_audit.refusals(report),
    ]
    parts: list[RenderableType] = [_banner(report.headline)]
    parts += [Padding(rich_table(t), (1, 0, 0, 0)) for t in shown if t.rows]
    return Group(*parts)


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


def headline_text(head: Headline) -> str:
    """Where the prices come from, in one line."""
    seed = "" if head.is_simulated else f", seed {head.seed} of the traders"
    return f"{head.source}, closes of {head.first_day} to {head.last_day}{seed}"


def _banner(head: Headline) -> Text:
    kind = "SIMULATED PRICES" if head.is_simulated else "REPLAYED PRICES"
    style = "black on yellow" if head.is_simulated else "black on cyan"
    lines = Text()
    lines.append(f" {kind} ", style=style)
    lines.append(f" {headline_text(head)}\n")
    for repair in head.repairs:
        lines.append(f"repaired: {repair}\n", style="yellow")
    chain = f"{head.chain} {head.chain_id}" + (" (fork)" if head.is_fork else "")
    lines.append(f"{head.vault_name} {head.vault} on {chain}\n", style="dim")
    lines.append(
        f"{text.plural(head.days, 'day')}, {text.plural(head.decisions, 'decision')}, "
        f"{text.plural(head.rebalances, 'rebalance')}; share price "
        f"{text.percent_change(head.share_price_change)} %, equal-weight basket "
        f"{text.percent_change(head.basket_change)} %, holding {head.asset} 0.00 %",
        style="bold",
    )
    return lines


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
