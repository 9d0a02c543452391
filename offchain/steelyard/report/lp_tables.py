# SPDX-License-Identifier: MIT
"""A liquidity position as tables; the terminal and the page draw the same ones."""

from steelyard.amm.holding import RangeHolding
from steelyard.lp.analysis import LpAnalysis
from steelyard.report.lp_offers import options, ranges
from steelyard.report.lp_text import figure, percent, shape
from steelyard.report.table import Cell, Table, cells, label, number, signed_cell


def tables_of(found: LpAnalysis) -> tuple[Table, ...]:
    """Every table that has something to say, in the order to read them."""
    made = [position(found), prices(found), income(found), greeks(found)]
    if found.best is not None:
        made.append(ranges(found))
    made.append(options(found))
    return tuple(made)


def position(found: LpAnalysis) -> Table:
    """What it holds today."""
    inputs, now = found.inputs, found.now
    first, second = inputs.symbols
    rows = [
        cells("curve", shape(found.holding)),
        cells(f"price [{second} per {first}]", figure(inputs.price)),
    ]
    if found.chosen is not None:
        ends = f"{figure(found.chosen.lower)} to {figure(found.chosen.upper)}"
        ticks = f"{found.chosen.tick_lower} to {found.chosen.tick_upper}"
        rows += [cells("range", ends), cells("nearest ticks", ticks)]
    rows += [
        cells(f"value [{second}]", figure(now.value)),
        cells(first, figure(now.amount0)),
        cells(second, figure(now.amount1)),
    ]
    if isinstance(found.holding, RangeHolding):
        rows.append(cells("liquidity", figure(found.holding.liquidity)))
    rows.append(cells("share of active liquidity [%]", percent(found.income.share, 4)))
    return Table(
        caption="The position today",
        columns=(label("what", is_wide=True), number("is")),
        rows=tuple(rows),
    )


def prices(found: LpAnalysis) -> Table:
    """Amounts, value and impermanent loss at other prices."""
    first, second = found.inputs.symbols
    rows = tuple(
        cells(
            figure(at.price),
            figure(at.amount0),
            figure(at.amount1),
            figure(at.value),
            figure(at.held_value),
            signed_cell(percent(at.impermanent_loss, 3), at.impermanent_loss),
            figure(at.gamma, 4),
        )
        for at in found.prices
    )
    note = "Fees apart. The amount of the first token is the delta."
    if not found.inputs.at:
        days = f"{found.inputs.horizon_days:g}"
        ends = "" if found.chosen is None else ", and the range's ends"
        note = f"Prices up to three deviations of {days} days{ends}. {note}"
    return Table(
        caption="At other prices",
        columns=(
            number("price", second),
            number("holds", first),
            number("holds", second),
            number("value", second),
            number("if held", second),
            number("imp. loss", "%"),
            number("gamma", f"{first}/{second}"),
        ),
        rows=rows,
        note=note,
    )


def income(found: LpAnalysis) -> Table:
    """Fees and losses per year."""
    got, worth = found.income, found.inputs.value
    second = found.inputs.symbols[1]
    block = f"{found.inputs.block_seconds:g} s"
    lines = (
        ("fees at today's rate", got.fees_now),
        ("fees expected over the horizon", got.fees),
        ("loss-versus-rebalancing, no fee", -got.lvr_now),
        (f"arbitrage through the fee, blocks of {block}", -got.arbitrage),
        ("  if blocks come at even steps", -got.arbitrage_even),
        ("impermanent loss expected", -got.expected_loss),
        ("fees less impermanent loss expected", got.fees - got.expected_loss),
    )
    rows = tuple(
        cells(name, figure(amount), signed_cell(percent(amount / worth), amount))
        for name, amount in lines
    )
    note = (
        f"In range {percent(got.time_in_range)} % of the time to the horizon; "
        f"an arbitrage in {percent(got.trade_probability)} % of blocks."
    )
    if got.fair_volatility is not None:
        note += (
            f" Fees now pay for a volatility of {percent(got.fair_volatility)} %, "
            f"against {percent(found.inputs.volatility)} % assumed. Fees count all "
            "trades, arbitrage too: set them against the loss without fee."
        )
    return Table(
        caption="Income and losses per year",
        columns=(
            label("what", is_wide=True),
            number("per year", second),
            number("of value", "%"),
        ),
        rows=rows,
        note=note,
    )


def greeks(found: LpAnalysis) -> Table:
    """Sensitivities, with their units."""
    got, (first, second) = found.greeks, found.inputs.symbols
    days = f"{found.inputs.horizon_days:g}"
    lines = (
        ("delta", got.delta0, first, "value moves so much per price"),
        ("gamma", got.gamma, f"{first} per {second}", "delta moves so much per price"),
        (
            "gamma, 1 %",
            got.gamma_per_percent,
            first,
            "delta moves if the price gains 1 %",
        ),
        (
            "theta",
            got.theta / 365.25,
            f"{second} a day",
            "fees less what the bend costs",
        ),
        (
            "vega",
            got.vega / 100,
            f"{second} per point",
            f"value expected in {days} days",
        ),
    )
    rows = tuple(
        (Cell(text=name, tone="strong"), *cells(figure(value), unit, meaning))
        for name, value, unit, meaning in lines
    )
    return Table(
        caption="Greeks",
        columns=(
            label("Greek"),
            number("is"),
            label("unit"),
            label("which says", is_wide=True),
        ),
        rows=rows,
    )
