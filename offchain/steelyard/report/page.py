# SPDX-License-Identifier: MIT
"""A demo as one HTML file that needs nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.report import tables, tables_audit, tables_limits, tables_orders, text
from steelyard.report.errors import ReportNotWritten
from steelyard.report.plots import plots_of
from steelyard.report.summary import report_of
from steelyard.report.table import Table
from steelyard.report.template import rendered
from steelyard.report.terminal import headline_text
from steelyard.report.view import Report, RunRow

if TYPE_CHECKING:
    from steelyard.demo.record import DemoRecord


@dataclass(frozen=True, kw_only=True)
class OrderPart:
    """One order of the page: everything about it."""

    run: RunRow
    title: str
    tables: tuple[Table, ...]
    is_open: bool


def write_page(record: "DemoRecord", folder: Path) -> Path:
    """Path of the page in `folder`, which is made when missing; an old one goes.

    Named by prices and chain. Raises ReportNotWritten.
    """
    report = report_of(record)
    head = report.headline
    kind = "simulated" if head.is_simulated else "replayed"
    path = folder / f"demo-{kind}-{head.first_day[:10]}-{head.chain}.html"
    page = render_page(report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ReportNotWritten(path, error) from None
    return path


def render_page(report: Report) -> str:
    """The page's HTML. Everything but our own pictures is escaped."""
    return rendered(
        "page.html.j2",
        head=report.headline,
        source=headline_text(report.headline),
        figures=_figures(report),
        plots=plots_of(report),
        orders=_orders(report),
        t=_tables(report),
    )


def _figures(report: Report) -> list[tuple[str, str, str]]:
    """The numbers at the top: (label, value with unit, tone)."""
    head = report.headline
    change, basket = head.share_price_change, head.basket_change
    swaps = [swap for run in report.orders for swap in run.swaps]
    exact = sum(swap.difference == 0 for swap in swaps)
    rows = [
        row for run in report.orders for row in run.weights if row.low_wad is not None
    ]
    inside = sum(row.is_inside for row in rows)
    return [
        (
            f"share price, against holding {head.asset}",
            f"{text.percent_change(change)} %",
            _tone(change),
        ),
        (
            "share price, against the basket",
            f"{text.percent_change(change - basket)} points",
            _tone(change - basket),
        ),
        (
            f"NAV at the close [{head.asset}]",
            text.amount(head.nav_closed, head.asset_decimals, 0),
            "",
        ),
        ("decisions that rebalanced", f"{head.rebalances} of {head.decisions}", ""),
        (
            "swaps that paid what was predicted",
            *_all(exact, len(swaps)),
        ),
        (
            "weights inside the signed band",
            *_all(inside, len(rows)),
        ),
    ]


def _tone(value: float) -> str:
    return "good" if value > 0 else "bad" if value < 0 else ""


def _all(part: int, whole: int) -> tuple[str, str]:
    """(text, tone): good where every one counts."""
    if not whole:
        return "none", ""
    return f"{part} of {whole}", "good" if part == whole else "bad"


def _orders(report: Report) -> list[OrderPart]:
    head, orders = report.headline, report.orders
    return [
        OrderPart(
            run=run,
            title=f"Day {run.day}, {text.utc(run.at)} UTC, nonce {run.nonce}",
            tables=(
                tables.weights(run),
                tables_orders.actions(run, head.asset_decimals, head.asset),
                tables_orders.terms(run, head.asset_decimals, head.asset),
            ),
            is_open=run is orders[-1],
        )
        for run in orders
    ]


def _tables(report: Report) -> dict[str, Table]:
    return {
        "overview": tables.overview(report),
        "caps": tables.caps(report),
        "decisions": tables_orders.decisions(report),
        "swaps": tables_orders.swaps(report),
        "budgets": tables_limits.budgets(report),
        "fees": tables_limits.fees(report),
        "liquidity": tables.liquidity(report),
        "lending": tables.lending(report),
        "income": tables_orders.income(report),
        "gas": tables_orders.gas(report),
        "refusals": tables_audit.refusals(report),
        "arguments": tables_audit.refusal_arguments(report),
        "movements": tables.movements(report),
        "timings": tables_audit.timings(report),
        "chapters": tables_audit.chapters(report),
        "evidence": tables_audit.evidence(report),
    }
