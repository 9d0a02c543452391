# SPDX-License-Identifier: MIT
"""Figures as SVG to stand in a page: text as text, ink in the page's own colours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

# Stand-ins that no plot uses otherwise; the page decides what they are.
INK, SOFT, GRID, PAPER = "#010203", "#040506", "#070809", "#0a0b0c"
PAGE_COLOURS = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
}
POINTS_PER_INCH = 72  # so that one unit of the picture is one CSS pixel
STYLE: dict[Any, Any] = {  # matplotlib types its keys one by one
    "axes.edgecolor": SOFT,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelcolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 12,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "path.simplify": False,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,  # a symbol may hold a dollar sign
    "xtick.color": SOFT,
    "xtick.labelcolor": SOFT,
    "xtick.major.size": 4,
    "ytick.color": GRID,
    "ytick.labelcolor": SOFT,
    "ytick.major.size": 0,
}


@contextmanager
def drawing(width: int, height: int) -> Iterator[tuple[Figure, Axes]]:
    """A figure of this many CSS pixels, with one pair of axes."""
    with rc_context(STYLE):
        size = (width / POINTS_PER_INCH, height / POINTS_PER_INCH)
        figure = Figure(figsize=size, dpi=POINTS_PER_INCH, layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.add_subplot()


def svg_of(figure: Figure, name: str, described: str) -> str:
    """The figure as an `<svg>` element that scales with the page.

    `name` keeps its inner names apart from those of other pictures of a page.
    """
    stream = StringIO()
    with rc_context({**STYLE, "svg.hashsalt": name}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' id="[A-Za-z.\d]+_\d+"', "", text)  # same in every picture
    text = re.sub(r"(<svg[^>]*?) width=\"[^\"]*\"", r"\1", text, count=1)
    text = re.sub(r"(<svg[^>]*?) height=\"[^\"]*\"", r"\1", text, count=1)
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font: \1px sans-serif", text)
    for stand_in, colour in PAGE_COLOURS.items():
        text = text.replace(stand_in, colour)
    role = f'<svg role="img" aria-label="{_attribute(described)}"'
    return text.replace("<svg", role, 1).strip()


def label_days(axes: Axes, first_day: str | None, most_ticks: int) -> None:
    """The x axis in days since the opening, or in dates from `first_day` on."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins=most_ticks, integer=True))
    if first_day is None:
        axes.set_xlabel("days since the opening (simulated)")
        return
    start = np.datetime64(first_day[:10], "D")

    def date(day: float, _position: int) -> str:
        when = (start + int(day)).astype(object)
        return f"{when.day} {when:%b}"

    axes.xaxis.set_major_formatter(FuncFormatter(date))
    axes.set_xlabel(f"end of day, UTC, {start.astype(object):%Y}")


def _attribute(text: str) -> str:
    for plain, safe in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(plain, safe)
    return text
