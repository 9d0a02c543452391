# SPDX-License-Identifier: MIT
"""The pictures of a liquidity position."""

from math import inf, log, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from steelyard.amm.expected import pair
from steelyard.amm.holding import (
    Holding,
    RangeHolding,
    amounts,
    bends,
    loss_against_holding,
    value,
)
from steelyard.amm.option_strip import short_put_payoff
from steelyard.lp.analysis import LpAnalysis
from steelyard.report import palette
from steelyard.report.lp_curves import DASHED, volatility, widths
from steelyard.report.lp_text import tick_label
from steelyard.report.plot_kit import Entry
from steelyard.report.sheet import Inks, Panel

Floats = NDArray[np.float64]
POINTS = 601
REACH = 3.5  # deviations of the horizon that are shown to each side
NEAR, FAR = 1.5, 5.0  # times a range's further end, in logs, between which it is shown
MOST = log(20.0)  # of the price, to each side


def panels_of(found: LpAnalysis) -> tuple[Panel, ...]:
    """Every picture, in the order to look at them."""
    made = [payoff(found), impermanent_loss(found), delta(found), gamma(found)]
    made.append(strip(found))
    made.append(volatility(found) if found.best is None else widths(found))
    return tuple(made)


def shown_prices(found: LpAnalysis) -> Floats:
    """Around today's price: deviations of the horizon, and all of a range."""
    inputs, holding = found.inputs, found.holding
    reach = REACH * inputs.volatility * sqrt(inputs.years)
    if isinstance(holding, RangeHolding):
        ends = [end for end in (holding.lower, holding.upper) if 0 < end < inf]
        if ends:
            far = max(abs(log(end / inputs.price)) for end in ends)
            reach = min(max(reach, NEAR * far), FAR * far)
    reach = min(reach, MOST)
    return np.asarray(inputs.price * np.exp(np.linspace(-reach, reach, POINTS)))


def payoff(found: LpAnalysis) -> Panel:
    """Value by price, beside holding and the one put."""
    prices, inputs = shown_prices(found), found.inputs
    worth = value(found.holding, pair(prices))
    held = pair(prices) @ amounts(found.holding, pair(inputs.price))
    fees = found.income.fees * inputs.years
    put = found.options.put
    colours = palette.SERIES

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        _mark(axes, found, inks)
        axes.plot(prices, held, color=inks.soft, linewidth=1.4, linestyle=DASHED)
        if put is not None:
            sold = short_put_payoff(put, prices)
            axes.plot(prices, sold, color=palette.INTEREST, linewidth=1.4)
        if fees:
            axes.plot(prices, worth + fees, color=palette.FEES, linewidth=1.4)
        axes.plot(prices, worth, color=colours[0], linewidth=2.6)
        if worth.min() < worth.max() / 2:
            axes.set_ylim(bottom=0)
        _label_axes(axes, found, prices, f"value [{inputs.symbols[1]}]", narrow)

    legend = [
        Entry(label="position", colour=colours[0]),
        Entry(label="tokens held", colour="var(--soft)", is_dashed=True),
    ]
    if fees:
        legend.insert(1, Entry(label="with fees expected", colour=palette.FEES))
    if put is not None:
        legend.append(Entry(label="one sold put", colour=palette.INTEREST))
    return Panel(
        name="payoff",
        title="Payoff",
        sentence="What the position is worth at each price, beside today's tokens left "
        "alone"
        + (
            " and the one cash-secured put that is alike outside the range"
            if put
            else ""
        )
        + "; the vertical line is today's price.",
        draw=draw,
        legend=tuple(legend),
    )


def impermanent_loss(found: LpAnalysis) -> Panel:
    """Loss against holding, and the fees that stand against it."""
    prices, inputs = shown_prices(found), found.inputs
    loss = 100 * loss_against_holding(found.holding, pair(inputs.price), pair(prices))
    cushion = -100 * found.income.fees * inputs.years / inputs.value

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        _mark(axes, found, inks)
        axes.axhline(0, color=inks.soft, linewidth=0.8)
        if cushion:
            axes.axhline(cushion, color=palette.FEES, linewidth=1.4, linestyle=DASHED)
        axes.plot(prices, loss, color=palette.LOSS, linewidth=2.6)
        _label_axes(axes, found, prices, "against holding [%]", narrow)

    legend = [Entry(label="impermanent loss", colour=palette.LOSS)]
    if cushion:
        name = f"paid for by fees of {inputs.horizon_days:g} days"
        legend.append(Entry(label=name, colour=palette.FEES, is_dashed=True))
    return Panel(
        name="impermanent-loss",
        title="Impermanent loss",
        sentence="Value over that of today's tokens, less 1, fees apart; above the "
        "dashed line the fees expected until the horizon have made up for it.",
        draw=draw,
        legend=tuple(legend),
    )


def delta(found: LpAnalysis) -> Panel:
    """Token 0 held by price."""
    prices = shown_prices(found)
    held = amounts(found.holding, pair(prices))[:, 0]
    first = found.inputs.symbols[0]

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        _mark(axes, found, inks)
        axes.plot(prices, held, color=palette.SERIES[3], linewidth=2.6)
        axes.set_ylim(bottom=0)
        _label_axes(axes, found, prices, f"delta [{first}]", narrow)

    return Panel(
        name="delta",
        title="Delta",
        sentence=f"How much {first} the position holds: it sells as the price rises.",
        draw=draw,
    )


def gamma(found: LpAnalysis) -> Panel:
    """What a rise of one percent sells, by price."""
    prices = shown_prices(found)
    bent = bends(found.holding, pair(prices))[:, 0, 0] * prices / 100
    first = found.inputs.symbols[0]

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        _mark(axes, found, inks)
        axes.axhline(0, color=inks.soft, linewidth=0.8)
        axes.plot(prices, bent, color=palette.SERIES[5], linewidth=2.6)
        _label_axes(axes, found, prices, f"gamma [{first} per 1 %]", narrow)

    return Panel(
        name="gamma",
        title="Gamma",
        sentence=f"By how much {first} delta changes when the price gains one percent; "
        "below zero, as of a seller of options, and zero outside a range.",
        draw=draw,
    )


def strip(found: LpAnalysis) -> Panel:
    """Options sold by strike."""
    options, prices = found.options.strip, shown_prices(found)
    first = found.inputs.symbols[0]

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        _mark(axes, found, inks)
        axes.axhline(0, color=inks.soft, linewidth=0.8)
        for strikes, weights, colour in (
            (options.put_strikes, options.put_weights, palette.SERIES[0]),
            (options.call_strikes, options.call_weights, palette.SERIES[1]),
        ):
            axes.vlines(strikes, 0, weights, color=colour, linewidth=4)
            axes.plot(strikes, weights, "o", color=colour, markersize=6)
        _label_axes(axes, found, prices, f"options sold, on {first}", narrow)
        room = (options.upper - options.lower) / 8
        axes.set_xlim(max(0.0, options.lower - room), options.upper + room)

    return Panel(
        name="options",
        title="As options",
        sentence="Puts and calls that, with cash and token, pay like the position at "
        "every strike and beyond the last ones of a range; all of them are sold.",
        draw=draw,
        legend=(
            Entry(label="puts", colour=palette.SERIES[0]),
            Entry(label="calls", colour=palette.SERIES[1]),
        ),
    )


def holding_range(holding: Holding) -> tuple[float, float] | None:
    """Ends of a v3 range; None for curves without."""
    if isinstance(holding, RangeHolding) and holding.lower > 0:
        return holding.lower, holding.upper
    return None


def _mark(axes: Axes, found: LpAnalysis, inks: Inks) -> None:
    """Today's price, and the range as a shade."""
    ends = holding_range(found.holding)
    if ends is not None:
        axes.axvspan(*ends, color=palette.SERIES[0], alpha=0.07, linewidth=0)
    axes.axvline(found.inputs.price, color=inks.soft, linewidth=1.0)


def _label_axes(
    axes: Axes, found: LpAnalysis, prices: Floats, says: str, narrow: bool
) -> None:
    """What is shown (`says`) by price."""
    axes.yaxis.set_major_formatter(FuncFormatter(tick_label))
    axes.set_ylabel(says)
    axes.set_xlim(float(prices[0]), float(prices[-1]))
    axes.locator_params(axis="x", nbins=4 if narrow else 8)
    axes.xaxis.set_major_formatter(FuncFormatter(tick_label))
    first, second = found.inputs.symbols
    axes.set_xlabel(f"price [{second} per {first}]")
