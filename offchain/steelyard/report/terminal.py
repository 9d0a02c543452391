# SPDX-License-Identifier: MIT
"""The end of a demo in a terminal."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from steelyard.report import tables, tables_audit, tables_limits, tables_orders, text
from steelyard.report.rich_table import rich_table
from steelyard.report.summary import report_of
from steelyard.report.view import Headline

if TYPE_CHECKING:
    from steelyard.demo.record import DemoRecord


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
