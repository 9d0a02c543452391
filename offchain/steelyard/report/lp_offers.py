# SPDX-License-Identifier: MIT
"""What else one could hold: the best range, and the options that pay alike."""

from steelyard.amm.range_choice import RangeChoice
from steelyard.lp.analysis import LpAnalysis
from steelyard.report.lp_text import figure, percent
from steelyard.report.table import Cell, Table, cells, label, number, signed_cell


def ranges(found: LpAnalysis) -> Table:
    """The range in question beside the best one."""
    chosen, best = found.chosen, found.best
    assert chosen is not None
    assert best is not None

    def row(name: str, got: RangeChoice) -> tuple[Cell, ...]:
        ends = cells(name, figure(got.lower), figure(got.upper))
        rates = (got.time_in_range, got.fees, -got.loss, -got.moving)
        shown = cells(*(percent(rate) for rate in rates))
        return (*ends, *shown, signed_cell(percent(got.net), got.net))

    rows = [row("best", best)]
    if chosen != best:
        rows.insert(0, row("this", chosen))
    ticks = f"{best.tick_lower} to {best.tick_upper}"
    return Table(
        caption="The range, and the best one, per year of value",
        columns=(
            label("range"),
            number("lower"),
            number("upper"),
            number("in range", "%"),
            number("fees", "%"),
            number("imp. loss", "%"),
            number("moving", "%"),
            number("net", "%"),
        ),
        rows=tuple(rows),
        note=("" if best.net > 0 else "No range is expected to pay. ")
        + f"Best on ticks {ticks}, spacing {found.inputs.tick_spacing}, left alone "
        f"for {found.inputs.horizon_days:g} days; others' liquidity and the volume are "
        "taken to be the same at every price.",
    )


def options(found: LpAnalysis) -> Table:
    """The static portfolio that pays like the position."""
    strip, second = found.options.strip, found.inputs.symbols[1]
    first = found.inputs.symbols[0]
    paid = found.options.premiums
    rows = [
        cells("cash", "", figure(strip.cash), figure(paid.cash)),
        cells(first, "", figure(strip.token), figure(paid.token)),
    ]
    for kind, strikes, weights, prices in (
        ("put", strip.put_strikes, strip.put_weights, paid.puts),
        ("call", strip.call_strikes, strip.call_weights, paid.calls),
    ):
        side = (Cell(text=kind, tone="quiet"),)
        rows += [
            (*side, *cells(figure(strike), figure(weight), figure(price)))
            for strike, weight, price in zip(strikes, weights, prices, strict=True)
        ]
    worth = found.inputs.value
    note = (
        f"Expected: mean payoff in {found.inputs.horizon_days:g} days at this "
        "volatility and drift. "
        f"Pays like the position from {figure(strip.lower)} to {figure(strip.upper)}, "
        f"and off by at most {percent(found.options.residual / worth, 4)} % of value "
        "between strikes; negative is sold."
    )
    put, gap = found.options.put, found.options.put_residual
    if put is not None and gap is not None:
        note += (
            f" One put alone: {figure(put.contracts)} sold at {figure(put.strike)} "
            f"over {figure(put.cash)} {second} of cash pays the same outside the range "
            f"and up to {percent(gap / worth)} % of value more inside."
        )
    return Table(
        caption="As a portfolio of options",
        columns=(
            label("what", is_wide=True),
            number("strike", second),
            number("quantity"),
            number("expected", second),
        ),
        rows=tuple(rows),
        foot=cells("all of it", "", "", figure(paid.total)),
        note=note,
    )
