# SPDX-License-Identifier: MIT
"""Pictures of a liquidity position against its width, and against volatility."""

from math import exp, log, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator

from steelyard.amm.arbitrage import arbitrage_rate
from steelyard.amm.range_yield import yields
from steelyard.lp.analysis import LpAnalysis
from steelyard.lp.inputs import range_problem
from steelyard.report import palette
from steelyard.report.lp_text import tick_label
from steelyard.report.plot_kit import Entry
from steelyard.report.sheet import Inks, Panel

SIGMAS = 61  # volatilities on a curve
WIDTHS = 160  # ranges on a curve
WIDEST = log(11.0)  # of them: 1,000 %
DASHED = (0, (4, 3))


def widths(found: LpAnalysis) -> Panel:
    """Expected yields of ranges around the price, by half-width."""
    inputs, best = found.inputs, found.best
    assert best is not None
    problem = range_problem(inputs)
    least = inputs.tick_spacing * log(1.0001)
    middle = max(least, log(best.upper / best.lower) / 2)
    step = max(middle * 8, 6 * inputs.volatility * sqrt(inputs.years))
    half = np.geomspace(least, max(least * 4, min(step, WIDEST)), WIDTHS)
    got = yields(problem, inputs.price / np.exp(half), inputs.price * np.exp(half))
    wide = 100 * (np.exp(half) - 1)
    is_shown = middle <= half[-1]
    shown = (
        ("fees", palette.FEES, got.fees),
        ("loss and moving", palette.LOSS, -(got.loss + got.moving)),
        ("net", palette.SERIES[0], got.net),
    )

    def draw(axes: Axes, _narrow: bool, inks: Inks) -> None:
        axes.axhline(0, color=inks.soft, linewidth=0.8)
        for name, colour, rates in shown:
            width = 2.6 if name == "net" else 1.5
            axes.plot(wide, 100 * rates, color=colour, linewidth=width)
        if is_shown:
            mark = 100 * (exp(middle) - 1)
            axes.axvline(mark, color=inks.soft, linewidth=1.2, linestyle=DASHED)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(FuncFormatter(tick_label))
        axes.minorticks_off()
        axes.set_xlabel("half-width [%]")
        axes.yaxis.set_major_formatter(FuncFormatter(tick_label))
        axes.set_ylabel("per year [% of value]")

    return Panel(
        name="widths",
        title="Yield by width of range",
        sentence=f"Expected per year for ranges even around the price, left alone for "
        f"{inputs.horizon_days:g} days; "
        + (
            "the dashed line is as wide as the best range."
            if is_shown
            else "the best is wider than all of them."
        ),
        draw=draw,
        legend=tuple(Entry(label=name, colour=c) for name, c, _ in shown),
    )


def volatility(found: LpAnalysis) -> Panel:
    """Fees against what arbitrage takes, by volatility."""
    inputs = found.inputs
    sigmas = np.linspace(0, 2 * inputs.volatility, SIGMAS)[1:]
    free = found.income.lvr_now * (sigmas / inputs.volatility) ** 2
    law = {"fee": inputs.fee, "block_seconds": inputs.block_seconds}
    rates = [
        arbitrage_rate(found.holding, inputs.price, sigma=float(sigma), **law)
        for sigma in sigmas
    ]
    shown = (
        ("LVR without fee", palette.LOSS, 100 * free / inputs.value),
        ("arbitrage through the fee", palette.INTEREST, 100 * np.array(rates)),
    )
    fees = 100 * found.income.fees_now / inputs.value

    def draw(axes: Axes, _narrow: bool, inks: Inks) -> None:
        axes.axvline(100 * inputs.volatility, color=inks.soft, linewidth=1.0)
        for _, colour, curve in shown:
            axes.plot(100 * sigmas, curve, color=colour, linewidth=2.6)
        if fees:
            axes.axhline(fees, color=palette.FEES, linewidth=1.4, linestyle=DASHED)
        axes.set_xlim(0, 200 * inputs.volatility)
        axes.set_ylim(bottom=0)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(tick_label))
        axes.set_xlabel("volatility per year [%]")
        axes.set_ylabel("per year [% of value]")

    legend = [Entry(label=name, colour=colour) for name, colour, _ in shown]
    if fees:
        legend.append(Entry(label="fees", colour=palette.FEES, is_dashed=True))
    return Panel(
        name="volatility",
        title="Losses by volatility",
        sentence="What arbitrage takes at today's price, without a fee and once trades "
        "pay it and wait for blocks; the vertical line is the volatility assumed.",
        draw=draw,
        legend=tuple(legend),
    )
