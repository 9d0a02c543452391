# SPDX-License-Identifier: MIT
"""The tables about the vault's budgets and fees."""

from steelyard.report import text
from steelyard.report.table import Cell, Table, cells, label, number
from steelyard.report.view import Report, RunRow
from steelyard.report.view_limits import ChargeRow

CHARGE_PLACES = 4  # of a percent
BUDGETS = ("loss", "turnover", "hold")


def budgets(report: Report) -> Table:
    """What each order charged to the vault's budgets, and how full they were then."""
    rows = [charge for run in report.orders for charge in run.charges]
    exact = sum(charge.is_as_predicted for charge in rows)
    columns = [label("day")]
    for budget in BUDGETS:
        columns += [number(f"{budget} charged", "% of NAV"), number("budget full", "%")]
    sizes = ", ".join(
        f"{charge.budget} {text.percent_of_wad(charge.budget_wad)} %"
        for charge in rows[-len(BUDGETS) :]
    )
    return Table(
        caption="Budgets: what each order was charged",
        columns=tuple(columns),
        rows=tuple(_run_cells(run) for run in report.orders if run.charges),
        note=f"{exact} of {len(rows)} charges were as predicted, to the billionth of "
        f"NAV. Budgets of NAV: {sizes}; they refill with time alone. Loss: what the "
        "actions may have lost at any price within the feeds' uncertainty, gains never "
        "offset. Turnover: value traded. Hold: what holding since the last order has "
        "cost against standing still.",
    )


def _run_cells(run: RunRow) -> tuple[Cell, ...]:
    found = {charge.budget: charge for charge in run.charges}
    row = [Cell(text=str(run.day))]
    for budget in BUDGETS:
        row += _charge_cells(found[budget])
    return tuple(row)


def _charge_cells(charge: ChargeRow) -> list[Cell]:
    shown = text.amount(charge.charged_wad, 16, CHARGE_PLACES)
    if not charge.is_as_predicted:
        predicted = text.amount(charge.predicted_wad, 16, CHARGE_PLACES)
        shown += f", predicted {predicted}"
    full = charge.level_wad / charge.budget_wad if charge.budget_wad else 0.0
    return [
        Cell(text=shown, tone="good" if charge.is_as_predicted else "bad"),
        Cell(text=text.percent(full, 1)),
    ]


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
                text.assets(row.assets, head.asset_decimals),
            ),
        ),
        note="Performance fees are paid on gains above the high-water mark that the "
        "low share price has confirmed for a day.",
    )
