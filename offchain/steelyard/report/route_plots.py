# SPDX-License-Identifier: MIT
"""The pictures of a route: how deep the pools are together, and who trades what."""

from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from steelyard.report import palette
from steelyard.report.lp_text import tick_label
from steelyard.report.plot_kit import Entry
from steelyard.report.sheet import Inks, Panel
from steelyard.route.ask import Answer, answer, whole
from steelyard.route.errors import RouteError
from steelyard.route.market_file import MarketFile

SIZES = 13
REACH = 100.0  # times the trade, to each side
BPS = 1e4


@dataclass(frozen=True, kw_only=True)
class Depth:
    """Cost of the same trade at other sizes."""

    sizes: tuple[float, ...]  # times the trade
    costs_bps: tuple[float, ...]  # against the smallest
    single_bps: tuple[float, ...]  # through the best single pool alone; nan for none


def panels_of(found: Answer) -> tuple[Panel, ...]:
    """Both pictures; the first routes the trade at many sizes."""
    return depth_panel(found, depth_of(found)), route_panel(found)


def depth_of(found: Answer) -> Depth:
    """The trade's cost at sizes from a hundredth to a hundred times it."""
    sizes = np.geomspace(1 / REACH, REACH, SIZES)
    question = replace(found.question, gas_price=Fraction(0))
    used = sorted({swap.market for swap in found.route.swaps})
    alone = [replace(found.file, markets=(found.file.markets[i],)) for i in used]

    def rate(file: MarketFile, size: float) -> float:
        sell = {
            symbol: _rounded(file, symbol, amount * Fraction(size))
            for symbol, amount in question.sell.items()
        }
        try:
            return answer(file, replace(question, sell=sell)).route.value / size
        except RouteError:
            return float("nan")

    together = np.array([rate(found.file, size) for size in sizes])
    single = np.array(
        [max((rate(file, s) for file in alone), default=np.nan) for s in sizes]
    )
    best = np.nanmax(together)
    return Depth(
        sizes=tuple(float(size) for size in sizes),
        costs_bps=tuple(float(x) for x in BPS * (1 - together / best)),
        single_bps=tuple(float(x) for x in BPS * (1 - single / best)),
    )


def _rounded(file: MarketFile, symbol: str, amount: Fraction) -> Fraction:
    decimals = next(c.decimals for c in file.coins if c.symbol == symbol)
    return Fraction(max(1, int(amount * 10**decimals)), 10**decimals)


def depth_panel(found: Answer, depth: Depth) -> Panel:
    """Cost by size, all pools together beside the best one alone."""
    symbol, amount = next(iter(found.question.sell.items()))
    sizes = np.array(depth.sizes) * float(amount)
    several = len(found.question.sell) > 1

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        axes.axvline(float(amount), color=inks.soft, linewidth=1)
        if np.isfinite(depth.single_bps).any():
            single = np.maximum(depth.single_bps, 0.01)
            axes.plot(sizes, single, color=palette.LOSS, linewidth=1.6)
        together = np.maximum(depth.costs_bps, 0.01)
        axes.plot(sizes, together, color=palette.SERIES[0], linewidth=2.6)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(tick_label))
        axes.yaxis.set_major_formatter(FuncFormatter(tick_label))
        axes.set_ylabel("cost [bps]")
        more = " and the rest in proportion" if several and not narrow else ""
        axes.set_xlabel(f"sold [{symbol}]{more}")

    return Panel(
        name="depth",
        title="Depth",
        sentence="What the trade costs at other sizes against a hundredth of it, fees of "
        "that apart; the vertical line is the trade asked for.",
        draw=draw,
        legend=(
            Entry(label="route", colour=palette.SERIES[0]),
            Entry(label="best of its pools alone", colour=palette.LOSS),
        ),
    )


def route_panel(found: Answer) -> Panel:
    """Tokens as columns, pools as bars of what they are paid."""
    file, route = found.file, found.route
    sold: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    totals: dict[str, Fraction] = defaultdict(Fraction)
    for swap in route.swaps:
        symbol = file.coins[swap.token_in].symbol
        amount = whole(file, swap.token_in, swap.amount_in)
        name = file.markets[swap.market].name
        into = file.coins[swap.token_out].symbol
        sold[symbol, f"{name} into {into}"] += amount
        totals[symbol] += amount
    rows = [
        (f"{symbol}: {name}", 100 * float(amount / totals[symbol]), symbol)
        for (symbol, name), amount in sold.items()
    ]
    symbols = list(totals)

    def draw(axes: Axes, _narrow: bool, inks: Inks) -> None:
        places = np.arange(len(rows))[::-1]
        for place, (name, share, symbol) in zip(places, rows, strict=True):
            colour = palette.SERIES[symbols.index(symbol) % len(palette.SERIES)]
            axes.barh(place, share, height=0.55, color=colour)
            axes.text(0, place + 0.36, f"{name}  {share:.1f} %", color=inks.ink, fontsize=9)
        axes.set_yticks([])
        axes.set_xlim(0, 100)
        axes.set_ylim(-0.6, max(len(rows) - 0.2, 1))
        axes.set_xlabel("share of the token that is sold [%]")
        axes.grid(visible=False)

    return Panel(
        name="route",
        title="Route",
        sentence="Which pool sells how much of each token, in the order of the swaps.",
        draw=draw,
        legend=tuple(
            Entry(label=symbol, colour=palette.SERIES[i % len(palette.SERIES)])
            for i, symbol in enumerate(symbols)
        ),
    )
