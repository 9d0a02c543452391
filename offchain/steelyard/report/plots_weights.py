# SPDX-License-Identifier: MIT
"""The pictures of weights: all of them over time, and around the last order."""

from matplotlib.axes import Axes

from steelyard.report import palette
from steelyard.report.canvas import INK, PAPER
from steelyard.report.plot_kit import (
    Entry,
    Plot,
    days_of,
    order_axis,
    picture,
)
from steelyard.report.view import Report, WeightRow

LEAST_WEIGHT = 5e-4  # items that never had more are left out of the stack


def weights(report: Report) -> Plot:
    """Share of NAV of each item over time."""
    days = days_of(report, [m.at for m in report.moments])
    colours = palette.item_colours(report.items)
    shown = [
        item.name
        for item in report.items
        if max(m.weights.get(item.name, 0.0) for m in report.moments) > LEAST_WEIGHT
    ]
    layers = [[m.weights.get(n, 0.0) * 100 for m in report.moments] for n in shown]

    def draw(axes: Axes, narrow: bool) -> None:
        axes.stackplot(
            days,
            *layers,
            colors=[colours[name] for name in shown],
            edgecolor=PAPER,
            linewidth=0.6,
        )
        axes.set_ylim(0, 100)
        axes.grid(visible=False)
        axes.set_ylabel("share of NAV [%]")
        order_axis(axes, report, narrow, colour=INK)

    return picture(
        name="weights",
        title="Where the money was",
        sentence="Share of NAV in each position, one colour family a protocol, and in "
        "tokens that lie idle in the vault; thin lines mark rebalances.",
        draw=draw,
        legend=tuple(Entry(label=n, colour=colours[n]) for n in reversed(shown)),
        height_scale=1.2,
    )


def move(report: Report) -> Plot:
    """Weights before and after the last order, with the signed bands."""
    run = report.orders[-1]
    rows = [r for r in run.weights if r.before_wad or r.after_wad][::-1]
    colours = palette.item_colours(r.item for r in run.weights)

    def draw(axes: Axes, narrow: bool) -> None:
        for place, row in enumerate(rows):
            _draw_move(axes, place, row, colours[row.item.name])
        names = [r.item.name for r in rows]
        axes.set_yticks(range(len(rows)), names, fontsize=10 if narrow else 12)
        axes.tick_params(axis="y", labelcolor=INK, pad=10)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlim(left=0)
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        axes.set_xlabel("share of NAV [%]")

    return picture(
        name="move",
        title=f"The last order, day {run.day}",
        sentence="Each weight before (ring) and after (dot) the order; the pale bar is "
        "the band that was signed, outside of which the vault would have refused it.",
        draw=draw,
        height=(90 + 26 * len(rows), 90 + 26 * len(rows)),
    )


def _draw_move(axes: Axes, place: int, row: WeightRow, colour: str) -> None:
    before, after = row.before_wad / 1e16, row.after_wad / 1e16
    if row.low_wad is not None and row.high_wad is not None:
        low, high = row.low_wad / 1e16, row.high_wad / 1e16
        axes.barh(place, high - low, left=low, height=0.62, color=colour, alpha=0.3)
    axes.plot([before, after], [place, place], color=colour, linewidth=1.5)
    axes.plot(
        before,
        place,
        "o",
        markersize=7,
        markerfacecolor=PAPER,
        markeredgecolor=colour,
        markeredgewidth=1.6,
        clip_on=False,
        zorder=4,
    )
    axes.plot(after, place, "o", markersize=8, color=colour, clip_on=False, zorder=5)
