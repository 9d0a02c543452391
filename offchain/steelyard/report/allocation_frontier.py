# SPDX-License-Identifier: MIT
"""The mean-variance frontier, with the assets and the answer on it."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from steelyard.allocation.analysis import Analysis
from steelyard.market.history import FloatArray
from steelyard.optimize.quadratic.frontier import points
from steelyard.report import palette
from steelyard.report.lp_curves import DASHED
from steelyard.report.lp_text import tick_label
from steelyard.report.plot_kit import Entry
from steelyard.report.point_labels import Label, place_labels
from steelyard.report.sheet import Inks, Panel
from steelyard.report.text import plural

POINTS = 201  # of the line
NEARBY = 0.5  # of the span of what must be shown
LAYERS = 6  # assets with a colour of their own
THIN, DEBT = 1e-3, 1e-9  # weights too small to show
REST = "#b6bcc4"
ANSWER = palette.SERIES[5]
LINE = palette.SERIES[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """Points along the frontier, from the least volatility up; per year."""

    weights: FloatArray  # (k, n)
    returns: FloatArray  # (k,)
    volatilities: FloatArray  # (k,)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sketch:
    """What the first picture shows; points in percent a year."""

    curve: Curve | None
    box: tuple[float, float, float, float]  # left, right, low, high
    compared: list[Label]  # the answer first
    assets: list[Label]
    hidden: int  # assets outside the box


@dataclass(frozen=True, kw_only=True, eq=False)
class _Layer:
    name: str
    colour: str
    shares: FloatArray  # (k,) percent


def curve_of(found: Analysis) -> Curve | None:
    """The frontier at equal steps of the expected return; None where there is none."""
    if found.frontier is None:
        return None
    years, drawn = found.prepared.periods_per_year, points(found.frontier, POINTS)
    return Curve(
        weights=drawn.weights,
        returns=years * drawn.expected_returns,
        volatilities=np.sqrt(years) * drawn.volatilities,
    )


def frontier(found: Analysis) -> Panel:
    """Return by volatility: assets, the frontier, the answer and others."""
    curve = curve_of(found)
    sketch = _sketch(found, curve)
    legend = [Entry(label="these weights", colour=ANSWER)]
    sentence = f"The frontier is not drawn: {found.no_frontier}"
    if curve is not None:
        legend.insert(0, Entry(label="efficient frontier", colour=LINE))
        sentence = "The most return for each volatility that the limits allow"
    if sketch.hidden:
        sentence += f"; {plural(sketch.hidden, 'asset')} outside the picture"
    return Panel(
        name="frontier",
        title="Efficient frontier" if curve is not None else "Return and volatility",
        sentence=f"{sentence}.",
        draw=lambda axes, narrow, inks: _draw(sketch, axes, narrow, inks),
        legend=tuple(legend),
    )


def _sketch(found: Analysis, curve: Curve | None) -> _Sketch:
    beliefs, compared = found.prepared.beliefs, _compared(found)
    assert beliefs.per_year is not None
    spread, per_year = beliefs.covariance.volatility, beliefs.per_year
    box = _box(found, curve, compared)
    inside = _inside(box, spread, per_year)
    order = np.argsort(-np.abs(found.answer.weights), kind="stable")
    return _Sketch(
        curve=curve,
        box=box,
        compared=compared,
        assets=[
            Label(text=found.assets[i], x=100 * spread[i], y=100 * per_year[i])
            for i in order
            if inside[i]
        ],
        hidden=int((~inside).sum()),
    )


def _draw(sketch: _Sketch, axes: Axes, narrow: bool, inks: Inks) -> None:
    axes.axhline(0, color=inks.soft, linewidth=0.8)
    on_line = [] if sketch.curve is None else _shown(sketch.curve)
    if on_line:
        axes.plot(*zip(*on_line, strict=True), color=LINE, linewidth=2.6)
    for asset in sketch.assets:
        axes.plot(asset.x, asset.y, "o", color=inks.soft, markersize=5)
    for place, label in enumerate(sketch.compared):
        axes.plot(
            *(label.x, label.y),
            marker="s" if place else "D",
            color=inks.ink if place else ANSWER,
            markersize=6 if place else 10,
            fillstyle="none" if place else "full",
            zorder=5,
        )
    left, right, low, high = (100 * end for end in sketch.box)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(tick_label))
    axes.set_xlabel("volatility [% a year]")
    axes.set_ylabel("expected return [% a year]")
    place_labels(axes, [*sketch.compared, *sketch.assets], on_line, narrow, inks)


def along_frontier(found: Analysis) -> Panel | None:
    """Weights along the frontier; None without one, of one point, or with debt."""
    curve = curve_of(found)
    if curve is None or np.ptp(curve.volatilities) <= 0 or curve.weights.min() < -DEBT:
        return None
    layers = _layers(found, curve)
    mark = 100 * found.figures.volatility
    shown = 100 * curve.volatilities

    def draw(axes: Axes, _narrow: bool, inks: Inks) -> None:
        colours = [layer.colour for layer in layers]
        shares = [layer.shares for layer in layers]
        axes.stackplot(shown, shares, colors=colours, linewidth=0)
        if shown[0] <= mark <= shown[-1]:
            axes.axvline(mark, color=inks.ink, linewidth=1.4, linestyle=DASHED)
        axes.set_xlim(shown[0], shown[-1])
        axes.set_ylim(0, 100)
        axes.xaxis.set_major_formatter(FuncFormatter(tick_label))
        axes.set_xlabel("volatility [% a year]")
        axes.set_ylabel("weight [% of value]")

    return Panel(
        name="along-frontier",
        title="Weights along the frontier",
        sentence="What the efficient weights are made of as more volatility is taken; "
        "the dashed line is the volatility of these weights.",
        draw=draw,
        legend=tuple(Entry(label=x.name, colour=x.colour) for x in layers),
    )


def _layers(found: Analysis, curve: Curve) -> list[_Layer]:
    """The assets with the most weight on average, and the others together."""
    order = np.argsort(-curve.weights.mean(axis=0), kind="stable")
    first = [int(i) for i in order[:LAYERS] if curve.weights[:, i].max() > THIN]
    layers = [
        _Layer(name=found.assets[i], colour=colour, shares=100 * curve.weights[:, i])
        for i, colour in zip(first, palette.SERIES, strict=False)
    ]
    rest = [i for i in range(len(found.assets)) if i not in first]
    others = 100 * curve.weights[:, rest].sum(axis=1)
    if rest and others.max() > 100 * THIN:
        layers.append(_Layer(name="others", colour=REST, shares=others))
    return layers


def _compared(found: Analysis) -> list[Label]:
    """The answer first, then what it is compared with; percent a year."""
    named = [("these weights", found.figures), *found.others]
    return [
        Label(
            text=name,
            x=100 * figures.volatility,
            y=100 * figures.expected_return,
            weight="bold" if name == "these weights" else "normal",
            gap=4.0 if name == "these weights" else 0.0,
        )
        for name, figures in named
        if figures.expected_return is not None
    ]


def _box(
    found: Analysis, curve: Curve | None, compared: list[Label]
) -> tuple[float, float, float, float]:
    """What is shown: the frontier, the answer, assets that are held or not far away."""
    beliefs = found.prepared.beliefs
    assert beliefs.per_year is not None
    held = np.abs(found.answer.weights) >= 5e-5
    x = [*beliefs.covariance.volatility[held], *(label.x / 100 for label in compared)]
    y = [*beliefs.per_year[held], *(label.y / 100 for label in compared)]
    if curve is not None:
        x, y = [*x, *curve.volatilities], [*y, *curve.returns]
    right, low, high = max(*x, 1e-9), min(0.0, *y), max(0.0, *y)
    reach = NEARBY * (high - low)
    for volatility, mean in zip(
        beliefs.covariance.volatility, beliefs.per_year, strict=True
    ):
        is_near = low - reach <= mean <= high + reach
        if is_near and volatility <= (1 + NEARBY) * right:
            x, y = [*x, volatility], [*y, mean]
    right, low, high = max(*x, 1e-9), min(0.0, *y), max(0.0, *y)
    room = 0.1 * max(high - low, 0.01)
    return 0.0, 1.12 * right, low - room, high + room


def _shown(curve: Curve) -> list[tuple[float, float]]:
    """Points of the line, in percent a year."""
    pairs = zip(curve.volatilities.tolist(), curve.returns.tolist(), strict=True)
    return [(100 * x, 100 * y) for x, y in pairs]


def _inside(
    box: tuple[float, float, float, float], x: FloatArray, y: FloatArray
) -> NDArray[np.bool_]:
    left, right, low, high = box
    return np.asarray((left <= x) & (x <= right) & (low <= y) & (y <= high))
