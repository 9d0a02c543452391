# SPDX-License-Identifier: MIT
"""The tables about the vault's budgets and fees."""

from steelyard.report import text
from steelyard.report.table import Cell, Table, Tone, cells, label, number
from steelyard.report.view import ChargeRow, Report

CHARGE_PLACES = 5  # of a percent


def budgets(report: Report) -> Table:
    """What each order charged to the vault's budgets, and how full they stood."""
    rows = [(run.day, charge) for run in report.orders for charge in run.charges]
    exact = sum(charge.is_as_predicted for _, charge in rows)
    return Table(
        caption="Budgets: what each order was charged",
        columns=(
            label("day"),
            label("budget"),
            number("predicted", "% of NAV"),
            number("charged", "% of NAV"),
            number("level after", "% of NAV"),
            number("budget", "% of NAV"),
            number("full", "%"),
        ),
        rows=tuple(_charge_cells(day, charge) for day, charge in rows),
        note=f"{exact} of {len(rows)} charges were as predicted, to the billionth of "
        "NAV. Loss: what the actions may have lost at any price within the feeds' "
        "uncertainty, gains never offset. Turnover: value traded. Hold: what holding "
        "since the last order has cost against standing still. Budgets refill with "
        "time alone.",
    )


def _charge_cells(day: int, charge: ChargeRow) -> tuple[Cell, ...]:
    tone: Tone = "good" if charge.is_as_predicted else "bad"
    full = charge.level_wad / charge.budget_wad if charge.budget_wad else 0.0
    return cells(
        str(day),
        charge.budget,
        _percent(charge.predicted_wad),
        Cell(text=_percent(charge.charged_wad), tone=tone),
        text.percent_of_wad(charge.level_wad),
        text.percent_of_wad(charge.budget_wad),
        Cell(text=text.percent(full, 1), bar=min(full, 1.0)),
    )


def _percent(wad: int) -> str:
    return text.amount(wad, 16, CHARGE_PLACES)


def fees(report: Report) -> Table:
    """What the vault's fees have come to."""
    row, head = report.fees, report.headline
    return Table(
        caption="Fees, paid in shares",
        columns=(
            number("management", "% a year"),
            number("performance", "% of gains"),
            number("shares paid"),
            number("worth at the close", head.asset),
        ),
        rows=(
            cells(
                text.percent_of_wad(row.management_wad),
                text.percent_of_wad(row.performance_wad),
                text.amount(row.shares, report.share_decimals),
                text.money(row.assets, head.asset_decimals),
            ),
        ),
        note="Performance fees are paid on gains above the high-water mark that the "
        "low share price has confirmed for a day.",
    )
