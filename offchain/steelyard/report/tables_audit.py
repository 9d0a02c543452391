# SPDX-License-Identifier: MIT
"""The tables to check the keeper by: what was refused, signed, and how long it took."""

from steelyard.report import text
from steelyard.report.table import Cell, Table, cells, label, number
from steelyard.report.view import Report


def refusals(report: Report) -> Table:
    """Orders that the vault refused, with its own errors."""
    return Table(
        caption="Refused orders",
        columns=(label("order"), label("error"), label("numbers", is_wide=True)),
        rows=tuple(
            cells(
                row.title,
                Cell(text=row.error, tone="bad", is_code=True),
                row.plain or ", ".join(f"{k} {v}" for k, v in row.arguments),
            )
            for row in report.refusals
        ),
    )


def refusal_arguments(report: Report) -> Table:
    """The same errors with every argument as the contract gave it."""
    return Table(
        caption="Refused orders: exact arguments of the contract's errors",
        columns=(label("error"), label("argument"), label("value", is_wide=True)),
        rows=tuple(
            cells(
                Cell(text=row.error, is_code=True),
                Cell(text=name, is_code=True),
                Cell(text=value, is_code=True),
            )
            for row in report.refusals
            for name, value in row.arguments
        ),
    )


def timings(report: Report) -> Table:
    """Wall time of each step of each decision."""
    steps = list(dict.fromkeys(s for run in report.runs for s in run.timings_seconds))
    return Table(
        caption="Time of each decision, by step",
        columns=(label("day"), *(number(s, "ms") for s in steps), number("all", "ms")),
        rows=tuple(
            cells(
                str(run.day),
                *(
                    text.milliseconds(run.timings_seconds[step])
                    if step in run.timings_seconds
                    else ""
                    for step in steps
                ),
                Cell(
                    text=text.milliseconds(sum(run.timings_seconds.values())),
                    tone="strong",
                ),
            )
            for run in report.runs
        ),
    )


def chapters(report: Report) -> Table:
    """Wall time of the demo itself."""
    total = sum(report.seconds.values())
    return Table(
        caption="Time of the demo",
        columns=(label("chapter", is_wide=True), number("time", "s")),
        rows=tuple(cells(k, f"{v:.1f}") for k, v in report.seconds.items()),
        foot=cells("all", f"{total:.1f}"),
    )


def evidence(report: Report) -> Table:
    """Hashes that tie every order to its inputs, configuration and transaction."""
    rows = [
        cells(str(run.day), name, Cell(text=value, is_code=True))
        for run in report.orders
        for name, value in (
            ("order digest", run.digest),
            ("inputs hash", run.inputs_hash),
            ("config hash", run.config_hash),
            ("transaction", run.tx_hash),
        )
    ]
    last = cells("close", "config hash", Cell(text=report.config_hash, is_code=True))
    return Table(
        caption="What was signed",
        columns=(label("day"), label("hash"), label("value", is_wide=True)),
        rows=(*rows, last),
    )
