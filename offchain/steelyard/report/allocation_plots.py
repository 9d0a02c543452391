# SPDX-License-Identifier: MIT
"""The pictures of an allocation: who holds the weight and the risk."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from steelyard.allocation.analysis import Analysis
from steelyard.allocation.describe import risk_name
from steelyard.allocation.figures import measure_of
from steelyard.market.history import FloatArray
from steelyard.optimize.models import RiskBudgeting
from steelyard.report import palette
from steelyard.report.allocation_frontier import along_frontier, frontier
from steelyard.report.lp_text import percent, tick_label
from steelyard.report.plot_kit import Entry
from steelyard.report.sheet import Inks, Panel
from steelyard.report.text import plural

MOST_ROWS, NARROW_ROWS, LEAST_ROWS = 14, 10, 5
LEAST_LEFT = 0.5  # percent below 0 that make room on the left
SHOWN = 5e-5  # of a weight
RISK = palette.LOSS
WEIGHT, HELD = palette.SERIES[:2]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bars:
    """Names from the top down, and columns of shares beside them."""

    names: list[str]
    values: list[FloatArray]


def panels_of(found: Analysis) -> tuple[Panel, ...]:
    """Every picture that there are numbers for, in the order to look at them."""
    made = []
    if found.prepared.beliefs.per_year is not None:
        made.append(frontier(found))
    made.append(weights(found))
    if found.risk_shares is not None:
        made.append(risks(found))
    composed = along_frontier(found)
    return (*made, composed) if composed is not None else tuple(made)


def weights(found: Analysis) -> Panel:
    """A bar for each asset, with its cap and what is held now."""
    legend = [Entry(label="weight", colour=WEIGHT)]
    if _has_caps(found):
        legend.append(Entry(label="cap", colour="var(--soft)"))
    if found.prepared.portfolio.current is not None:
        legend.append(Entry(label="held now", colour=HELD))
    return Panel(
        name="weights",
        title="Weights",
        sentence=_weights_sentence(found),
        draw=lambda axes, narrow, inks: _draw_weights(found, axes, narrow, inks),
        legend=tuple(legend),
    )


def risks(found: Analysis) -> Panel:
    """Each asset's part of the risk, beside its part of the value."""
    measure = risk_name(measure_of(found.prepared.model))
    legend = [
        Entry(label=f"of {measure}", colour=RISK),
        Entry(label="of value", colour="#9fc5e3"),
    ]
    if _budgets(found) is not None:
        legend.append(Entry(label="budget", colour="var(--soft)"))
    return Panel(
        name="risks",
        title="Risk contributions",
        sentence=f"Each asset's part of {measure} (its weight times the slope of the "
        "measure, over the measure) beside its part of the value.",
        draw=lambda axes, narrow, inks: _draw_risks(found, axes, narrow, inks),
        legend=tuple(legend),
    )


def _draw_weights(found: Analysis, axes: Axes, narrow: bool, inks: Inks) -> None:
    portfolio = found.prepared.portfolio
    columns = [found.answer.weights, portfolio.polytope.highest]
    columns += [] if portfolio.current is None else [portfolio.current]
    bars = _bars(found, columns, narrow)
    places = np.arange(len(bars.names), dtype=np.float64)
    axes.barh(places, 100 * bars.values[0], height=0.62, color=WEIGHT)
    if _has_caps(found):
        singles = [i for i, name in enumerate(bars.names) if name in found.assets]
        at = places[singles]
        _marks(axes, bars.values[1][singles], at - 0.42, at + 0.42, inks)
    if portfolio.current is not None:
        axes.plot(100 * bars.values[2], places, "D", color=HELD, markersize=6)
    _label_ends(axes, bars.values[0], inks)
    _share_axis(axes, bars.names, "weight [% of value]", inks)


def _draw_risks(found: Analysis, axes: Axes, narrow: bool, inks: Inks) -> None:
    shares, budgets = found.risk_shares, _budgets(found)
    assert shares is not None
    columns = [found.answer.weights, shares]
    columns += [] if budgets is None else [budgets]
    bars = _bars(found, columns, narrow)
    places = np.arange(len(bars.names), dtype=np.float64)
    held, risk = bars.values[:2]
    axes.barh(places - 0.2, 100 * risk, height=0.4, color=RISK)
    axes.barh(places + 0.2, 100 * held, height=0.4, color=WEIGHT, alpha=0.45)
    if budgets is not None:
        _marks(axes, bars.values[2], places - 0.45, places + 0.05, inks)
    _share_axis(axes, bars.names, "of value, and of risk [%]", inks)


def _marks(
    axes: Axes, shares: FloatArray, low: FloatArray, high: FloatArray, inks: Inks
) -> None:
    axes.vlines(100 * shares, low, high, color=inks.soft, linewidth=2.0)


def _has_caps(found: Analysis) -> bool:
    polytope = found.prepared.portfolio.polytope
    return bool((polytope.highest < polytope.total).any())


def _budgets(found: Analysis) -> FloatArray | None:
    model, count = found.prepared.model, len(found.assets)
    if not isinstance(model, RiskBudgeting):
        return None
    return np.array(model.budgets or [1 / count] * count)


def _weights_sentence(found: Analysis) -> str:
    held = int((np.abs(found.answer.weights) >= SHOWN).sum())
    text = f"{plural(held, 'asset')} of {len(found.assets)} held, as shares of value"
    if _has_caps(found):
        text += "; the marks are caps"
    if found.prepared.portfolio.current is not None:
        text += "; diamonds are what is held now"
    return text + "."


def _bars(found: Analysis, columns: list[FloatArray], narrow: bool) -> _Bars:
    """The largest weights by size, the rest of them summed in a last row."""
    held, current = found.answer.weights, found.prepared.portfolio.current
    size = np.abs(held)
    if current is not None:
        size = np.maximum(size, np.abs(current))
    order = np.argsort(-np.where(size >= SHOWN, held, -np.inf), kind="stable")
    order = order[: int((size >= SHOWN).sum())]
    most = NARROW_ROWS if narrow else MOST_ROWS
    first, rest = order, order[:0]
    if len(order) > most:
        by_size = order[np.argsort(-size[order], kind="stable")]
        kept = set(by_size[: most - 1].tolist())
        first = np.array([i for i in order if int(i) in kept])
        rest = np.array([i for i in order if int(i) not in kept])
    names = [found.assets[i] for i in first]
    if not len(rest):
        return _Bars(names=names, values=[column[first] for column in columns])
    summed = [np.append(column[first], column[rest].sum()) for column in columns]
    return _Bars(names=[*names, f"{len(rest)} others"], values=summed)


def _label_ends(axes: Axes, shares: FloatArray, inks: Inks) -> None:
    """Each bar's number, after its end."""
    for place, share in enumerate(shares):
        axes.annotate(
            percent(float(share), 1),
            (100 * float(share), place),
            xytext=(6 if share >= 0 else -6, 0),
            textcoords="offset points",
            ha="left" if share >= 0 else "right",
            va="center",
            fontsize=10.5,
            color=inks.soft,
        )


def _share_axis(axes: Axes, names: list[str], title: str, inks: Inks) -> None:
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.axvline(0, color=inks.soft, linewidth=0.8)
    axes.set_yticks(range(len(names)), names, fontsize=11)
    axes.set_ylim(max(len(names), LEAST_ROWS) - 0.4, -0.6)
    low, high = axes.dataLim.intervalx
    room = 0.1 * max(high, -low) or 1.0  # where nothing is held
    axes.set_xlim(low - room if low < -LEAST_LEFT else 0.0, high + room)
    axes.xaxis.set_major_formatter(FuncFormatter(tick_label))
    axes.set_xlabel(title)
