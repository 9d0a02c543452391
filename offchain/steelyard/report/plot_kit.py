# SPDX-License-Identifier: MIT
"""What all pictures share: two sizes, the axis of days, the marks of orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from steelyard.report.canvas import SOFT, drawing, label_days, svg_of
from steelyard.report.view import Report

SECONDS_PER_DAY = 86_400
WIDE, NARROW = (1000, 340), (380, 300)  # CSS pixels


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of a legend."""

    label: str
    colour: str
    is_dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A picture with its sentence; both forms show the same."""

    name: str
    title: str
    sentence: str
    wide: str  # svg
    narrow: str
    legend: tuple[Entry, ...] = ()


Draw = Callable[[Axes, bool], None]  # the second: is it narrow?


def picture(
    *,
    name: str,
    title: str,
    sentence: str,
    draw: Draw,
    legend: tuple[Entry, ...] = (),
    height: tuple[int, int] | None = None,
    height_scale: float = 1.0,
) -> Plot:
    """Draws both forms; `height` of each in CSS pixels, else the usual one scaled."""
    forms = []
    for narrow, (width, usual) in ((False, WIDE), (True, NARROW)):
        tall = height[narrow] if height else round(usual * height_scale)
        with drawing(width, tall) as (figure, axes):
            draw(axes, narrow)
            forms.append(svg_of(figure, f"{name}-{'n' if narrow else 'w'}", title))
    return Plot(
        name=name,
        title=title,
        sentence=sentence,
        wide=forms[0],
        narrow=forms[1],
        legend=legend,
    )


def days_of(report: Report, times: Sequence[int]) -> list[float]:
    """Times as days since the opening."""
    start = report.headline.opened_at
    return [(at - start) / SECONDS_PER_DAY for at in times]


def order_axis(axes: Axes, report: Report, narrow: bool, colour: str = SOFT) -> None:
    """`day_axis` with a thin line at each order."""
    for at in days_of(report, [run.at for run in report.orders]):
        axes.axvline(at, color=colour, linewidth=0.8, alpha=0.6, zorder=3)
    day_axis(axes, report, narrow)


def day_axis(axes: Axes, report: Report, narrow: bool) -> None:
    """The whole demo from left to right."""
    head = report.headline
    axes.set_xlim(0, max(head.days, 1))
    label_days(axes, None if head.is_simulated else head.first_day, 4 if narrow else 10)
