# SPDX-License-Identifier: MIT
"""The pictures of a route: how deep the pools are together, and who trades what."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from steelyard.report import palette
from steelyard.report.lp_text import tick_label
from steelyard.report.plot_kit import Entry
from steelyard.report.sheet import Inks, Panel
from steelyard.route.ask import Answer, Question, raw_bought, raw_sold, whole
from steelyard.route.errors import RouteError
from steelyard.route.market_file import MarketFile
from steelyard.route.paths import best_path
from steelyard.route.response import Floats
from steelyard.route.route import best_route
from steelyard.route.search import Wanted

SIZES = 13
REACH = 100.0  # times the trade, to each side
SMALL = 1e-4  # times the trade: what cost is measured against
LEAST_BPS = 0.01  # that is drawn
MOST_BARS = 12
BPS = 1e4


@dataclass(frozen=True, kw_only=True)
class Depth:
    """Cost of the same trade at other sizes."""

    sizes: tuple[float, ...]  # times the trade
    route_bps: tuple[float, ...]
    path_bps: tuple[float, ...]  # along the one path that is best for the trade


def panels_of(found: Answer) -> tuple[Panel, ...]:
    """Both pictures; the first routes the trade at many sizes."""
    return depth_panel(found, depth_of(found)), route_panel(found)


def depth_of(found: Answer) -> Depth:
    """The trade's cost at sizes from a hundredth to a hundred times it."""
    sizes = np.geomspace(1 / REACH, REACH, SIZES)
    path = best_path(
        found.file.markets,
        raw_sold(found.file, found.question, 1.0),
        raw_bought(found.file, found.question),
        np.zeros(len(found.file.markets)),
        at_prices=False,
    )
    only = replace(
        found.file,
        markets=tuple(found.file.markets[i] for i in sorted(path.states)),
    )
    together = _rates(found.file, found.question, sizes)
    alone = _rates(only, found.question, sizes)
    best = np.nanmax([*together, *_rates(found.file, found.question, [SMALL])])
    return Depth(
        sizes=tuple(float(size) for size in sizes),
        route_bps=tuple(float(x) for x in BPS * (1 - together / best)),
        path_bps=tuple(float(x) for x in BPS * (1 - alone / best)),
    )


def _rates(file: MarketFile, question: Question, sizes: Iterable[float]) -> Floats:
    """Sets bought per set sold at each size; nan where there is no route."""
    found = []
    for size in sizes:
        sold = raw_sold(file, question, size)
        wanted = Wanted(weights=raw_bought(file, question))
        try:
            route = best_route(file.markets, len(file.coins), sold, wanted)
            found.append(route.value / size)
        except RouteError:
            found.append(float("nan"))
    return np.array(found)


def depth_panel(found: Answer, depth: Depth) -> Panel:
    """Cost by size, all pools together beside the best one alone."""
    symbol, amount = next(iter(found.question.sell.items()))
    sizes = np.array(depth.sizes) * float(amount)
    several = len(found.question.sell) > 1

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        axes.axvline(float(amount), color=inks.soft, linewidth=1)
        path = np.maximum(depth.path_bps, LEAST_BPS)
        axes.plot(sizes, path, color=palette.LOSS, linewidth=1.6)
        route = np.maximum(depth.route_bps, LEAST_BPS)
        axes.plot(sizes, route, color=palette.SERIES[0], linewidth=2.6)
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
        sentence="What the trade costs at other sizes, over what a tiny one pays, "
        "beside the one path that is best for it; the line is the trade asked for.",
        draw=draw,
        legend=(
            Entry(label="route", colour=palette.SERIES[0]),
            Entry(label="best single path", colour=palette.LOSS),
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
        (name, 100 * float(amount / totals[symbol]), symbol)
        for (symbol, name), amount in sold.items()
    ]
    symbols = list(totals)
    largest = sorted(rows, key=lambda row: -row[1])[:MOST_BARS]
    shown = [row for row in rows if row in largest]
    hidden = len(rows) - len(shown)

    def draw(axes: Axes, narrow: bool, inks: Inks) -> None:
        for place, (name, share, symbol) in enumerate(shown):
            colour = palette.SERIES[symbols.index(symbol) % len(palette.SERIES)]
            axes.barh(-place, share, height=0.6, color=colour)
            text = f" {share:.1f} %  {name}" if not narrow else f" {name}"
            inside = share > 60
            axes.text(
                0 if inside else share,
                -place,
                text,
                color=inks.paper if inside else inks.ink,
                fontsize=9,
                verticalalignment="center",
            )
        axes.set_yticks([])
        axes.set_xlim(0, 100)
        axes.set_ylim(-max(len(shown) - 0.4, 0.6), 0.6)
        more = f"; {hidden} smaller ones are not shown" if hidden else ""
        axes.set_xlabel(f"share of each token that is sold [%]{more}")
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
