# SPDX-License-Identifier: MIT
"""The tables about the keeper: decisions, orders, swaps, gas, income."""

from steelyard.report import text
from steelyard.report.table import Cell, Table, Tone, cells, label, number, signed_cell
from steelyard.report.view import Report, RunRow, SwapRow, TermRow


def decisions(report: Report) -> Table:
    """Every run of the keeper, those that did nothing too."""
    decimals, asset = report.headline.asset_decimals, report.headline.asset
    return Table(
        caption="Decisions of the keeper",
        columns=(
            label("day"),
            label("time [UTC]", is_brief=False),
            label("decision"),
            label("reason", is_wide=True),
            number("gain predicted", asset),
            number("gas", "units"),
            number("gas", asset, is_brief=False),
            number("trades of others", is_brief=False),
        ),
        rows=tuple(
            cells(
                str(run.day),
                text.utc(run.at),
                Cell(text=run.outcome, tone="strong" if run.is_order else "quiet"),
                run.reason,
                text.change(run.gain, decimals),
                text.whole(run.gas_used) if run.gas_used else "",
                text.assets(run.gas_assets, decimals) if run.gas_used else "",
                text.whole(run.trades),
            )
            for run in report.runs
        ),
        note=_gain_note(report) + _basis(report),
    )


def _gain_note(report: Report) -> str:
    """What the gain is, by the last decision that was weighed."""
    asset = report.headline.asset
    for run in reversed(report.runs):
        if run.gain_of:
            return (
                f"Decided by {run.decided_by}. The gain predicted is beyond doing "
                f"nothing, in {asset} {run.gain_of}. "
            )
    return ""


def _basis(report: Report) -> str:
    """What the last decision's estimates rest on, in one sentence."""
    notes = report.runs[-1].notes if report.runs else ()
    return f"The last estimates rest on: {'; '.join(notes)}." if notes else ""


SHOWN_PLACES = 4  # of what was sold; what came out is shown to the raw unit


def swaps(report: Report) -> Table:
    """Predicted against executed, to the raw unit."""
    rows = [swap for run in report.orders for swap in run.swaps]
    exact = sum(swap.difference == 0 for swap in rows)
    return Table(
        caption="Swaps: predicted and executed",
        columns=(
            label("day"),
            label("swap", is_wide=True),
            number("predicted out", "raw units"),
            number("executed out", "raw units", is_brief=False),
            number("difference", "raw units"),
            number("slippage predicted", "bps"),
            number("slippage paid", "bps"),
        ),
        rows=tuple(_swap_cells(swap) for swap in rows),
        note=f"{exact} of {len(rows)} swaps paid exactly what was predicted. Slippage "
        "is what a swap paid less than the oracle's prices, pool fee included; below "
        "zero it paid more.",
    )


def _swap_cells(swap: SwapRow) -> tuple[Cell, ...]:
    difference = text.whole(swap.difference)
    sold = text.amount(swap.amount_in, swap.sold_decimals, SHOWN_PLACES)
    tone: Tone = "bad" if swap.difference else "good"
    return cells(
        str(swap.day),
        f"{sold} {swap.sold} for {swap.bought} in {swap.pool}",
        str(swap.predicted_out),
        str(swap.executed_out),
        Cell(text=difference, tone=tone),
        text.bps(swap.predicted_slippage_bps),
        text.bps(swap.executed_slippage_bps),
    )


def actions(run: RunRow, decimals: int, asset: str) -> Table:
    """What one order did, in its order."""
    after = "" if run.nav_after is None else text.assets(run.nav_after, decimals)
    return Table(
        caption=f"Actions of day {run.day}",
        columns=(label("#"), label("action", is_wide=True)),
        rows=tuple(cells(str(i + 1), line) for i, line in enumerate(run.actions)),
        note=f"NAV {text.assets(run.nav_before, decimals)} {asset} before, {after} "
        f"{asset} after.",
    )


def terms(run: RunRow, decimals: int, asset: str) -> Table:
    """What the optimiser expects over its horizon, with the order and without."""
    summed = [term for term in run.terms if term.is_summed]
    measures = [term for term in run.terms if not term.is_summed]
    return Table(
        caption=f"Why: expected over the horizon, day {run.day}",
        columns=(
            label("term", is_wide=True),
            number("doing nothing", asset),
            number("this order", asset),
            number("change", asset),
        ),
        rows=tuple(_term_cells(term, decimals) for term in summed + measures),
        foot=_term_cells(
            TermRow(
                name="all that is summed" if measures else "all",
                nothing=sum(term.nothing for term in summed),
                chosen=sum(term.chosen for term in summed),
            ),
            decimals,
        ),
        note=_terms_note(run, decimals, asset),
    )


def _term_cells(term: TermRow, decimals: int) -> tuple[Cell, ...]:
    """More is better of what is summed, less of what is not."""
    change = term.chosen - term.nothing
    return cells(
        term.name if term.is_summed else f"{term.name}, not in the sum",
        text.assets(term.nothing, decimals),
        text.assets(term.chosen, decimals),
        signed_cell(
            text.change(change, decimals), change if term.is_summed else -change
        ),
    )


def _terms_note(run: RunRow, decimals: int, asset: str) -> str:
    planned, (before, after) = text.change(run.gain, decimals), run.ratios
    binding = ", ".join(run.binding) or "none"
    ratio = ""
    if after is not None:
        nothing = "none" if before is None else f"{before:.4f}"
        ratio = f"Its ratio is {after:.4f}, that of doing nothing {nothing}. "
    return (
        f"Decided by {run.decided_by}. {ratio}As the optimiser solved it; in whole "
        f"tokens the order is predicted to gain {planned} {asset} {run.gain_of}. "
        f"Limits it stands at, the dearest first: {binding}."
    )


def gas(report: Report) -> Table:
    """Gas by kind of transaction."""
    decimals, asset = report.headline.asset_decimals, report.headline.asset
    most = max((row.gas / row.transactions for row in report.gas), default=1)
    return Table(
        caption="Gas",
        columns=(
            label("transaction", is_wide=True),
            number("count"),
            number("gas in all", "units"),
            number("cost in all", asset),
            number("gas each", "units"),
        ),
        rows=tuple(
            cells(
                row.kind,
                text.whole(row.transactions),
                text.whole(row.gas),
                text.assets(row.assets, decimals),
                Cell(
                    text=text.whole(row.gas // row.transactions),
                    bar=row.gas / row.transactions / most,
                ),
            )
            for row in report.gas
        ),
        note="Cost at the gas price paid, or at the one that the keeper saw last.",
    )


def income(report: Report) -> Table:
    """What was earned and lost, in one row each."""
    decimals, asset = report.headline.asset_decimals, report.headline.asset
    fees = sum(c.fees for c in report.liquidity)
    loss = sum(c.impermanent_loss for c in report.liquidity)
    interest = sum(c.fees for c in report.lending)
    gas_cost = sum(run.gas_assets for run in report.orders)
    parts = (
        ("fees earned", fees),
        ("impermanent loss", -loss),
        ("interest", interest),
        ("gas of the keeper, paid by its account", -gas_cost),
    )
    return Table(
        caption="Earned and lost",
        columns=(label("", is_wide=True), number("amount", asset)),
        rows=tuple(
            cells(name, signed_cell(text.change(value, decimals), value))
            for name, value in parts
        ),
    )
