# SPDX-License-Identifier: MIT
"""Pictures that stand alone: several on one sheet, as PNG or SVG on white paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from steelyard.report.canvas import (
    GRID,
    INK,
    PAPER,
    POINTS_PER_INCH,
    SOFT,
    STYLE,
)
from steelyard.report.errors import ReportNotWritten
from steelyard.report.plot_kit import Entry, Plot, picture

COLUMNS, PANEL = 2, (620, 380)  # CSS pixels of one picture
PNG_SCALE = 2  # pixels to a CSS pixel


@dataclass(frozen=True, kw_only=True)
class Inks:
    """Colours that the paper decides."""

    ink: str
    soft: str
    grid: str
    paper: str


PAGE = Inks(ink=INK, soft=SOFT, grid=GRID, paper=PAPER)
WHITE = Inks(ink="#16191d", soft="#59616b", grid="#e4e7eb", paper="#ffffff")


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A picture not yet drawn: on a page it is a `Plot`, on a sheet one of many."""

    name: str
    title: str
    sentence: str
    draw: Callable[[Axes, bool, Inks], None]  # the second: is it narrow?
    legend: tuple[Entry, ...] = ()


def plot_of(panel: Panel) -> Plot:
    """The picture for a page."""
    return picture(
        name=panel.name,
        title=panel.title,
        sentence=panel.sentence,
        draw=lambda axes, narrow: panel.draw(axes, narrow, PAGE),
        legend=panel.legend,
    )


def write_sheet(panels: Sequence[Panel], title: str, path: Path) -> None:
    """All pictures as one file, PNG or SVG by its name. Raises ReportNotWritten."""
    with rc_context(_style(WHITE)):
        figure = _sheet(panels, title)
        scale = PNG_SCALE if path.suffix == ".png" else 1
        hidden: dict[str, Any] = {"Software": None}
        if path.suffix == ".svg":
            hidden = {"Date": None, "Creator": None}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=POINTS_PER_INCH * scale, metadata=hidden)
        except OSError as error:
            raise ReportNotWritten(path, error) from None


def _style(inks: Inks) -> dict[Any, Any]:
    real = {INK: inks.ink, SOFT: inks.soft, GRID: inks.grid, PAPER: inks.paper}
    style = {
        key: real.get(setting, setting) if isinstance(setting, str) else setting
        for key, setting in STYLE.items()
    }
    return {**style, "figure.facecolor": inks.paper, "svg.hashsalt": "sheet"}


def _sheet(panels: Sequence[Panel], title: str) -> Figure:
    rows = ceil(len(panels) / COLUMNS)
    width, height = PANEL[0] * COLUMNS, PANEL[1] * rows + 40
    size = (width / POINTS_PER_INCH, height / POINTS_PER_INCH)
    figure = Figure(figsize=size, dpi=POINTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.set(w_pad=0.25, h_pad=0.2, hspace=0.03, wspace=0.03)  # type: ignore[call-arg]
    figure.suptitle(title, x=0.02, ha="left", fontsize=16, fontweight="bold")
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(rows, COLUMNS, place + 1)
        panel.draw(axes, False, WHITE)
        axes.set_title(panel.title, loc="left", fontsize=13, fontweight="bold", pad=24)
        if panel.legend:
            _add_legend(axes, panel.legend)
    return figure


def _add_legend(axes: Axes, entries: Sequence[Entry]) -> None:
    handles = [
        Line2D(
            [],
            [],
            color=WHITE.soft if entry.colour == "var(--soft)" else entry.colour,
            linestyle="--" if entry.is_dashed else "-",
            linewidth=2.5,
        )
        for entry in entries
    ]
    axes.legend(
        handles,
        [entry.label for entry in entries],
        loc="lower left",
        bbox_to_anchor=(-0.01, 0.99),
        ncols=len(entries),
        frameon=False,
        fontsize=10.5,
        labelcolor=WHITE.soft,
        handlelength=1.6,
        columnspacing=1.2,
        borderpad=0.1,
    )
