# SPDX-License-Identifier: MIT
"""An allocation as tables; the terminal and the page draw the same ones."""

from collections.abc import Callable

import numpy as np

from steelyard.allocation.analysis import Analysis
from steelyard.allocation.describe import period_of, risk_name
from steelyard.allocation.figures import Figures, measure_of
from steelyard.optimize.models import Variance
from steelyard.report.allocation_proof import limits, proof, views
from steelyard.report.allocation_text import LEAST_SHOWN, data_text, signed_percent
from steelyard.report.lp_text import NONE, figure, percent
from steelyard.report.table import Cell, Table, cells, label, number
from steelyard.report.text import plural

DIGITS = 4


def tables_of(found: Analysis) -> tuple[Table, ...]:
    """Every table that has something to say, in the order to read them."""
    made = [weights(found), whole(found)]
    if found.limits:
        made.append(limits(found))
    made.append(proof(found))
    if found.prepared.beliefs.posterior is not None:
        made.append(views(found))
    return tuple(made)


def weights(found: Analysis) -> Table:
    """Each asset that is held, the largest first."""
    held, current = found.answer.weights, found.prepared.portfolio.current
    shown = [i for i in np.argsort(-held, kind="stable") if _is_shown(found, int(i))]
    columns = [label("asset"), number("weight", "%")]
    if current is not None:
        columns += [number("held now", "%"), number("change", "%")]
    columns += [
        number("risk", "%"),
        number("expected return", "% a year"),
        number("volatility", "% a year"),
    ]
    hidden = len(held) - len(shown)
    note = data_text(found)
    if hidden:
        note = f"{plural(hidden, 'asset')} without weight not shown. {note}"
    return Table(
        caption="Weights",
        columns=tuple(columns),
        rows=tuple(_weight_row(found, int(i)) for i in shown),
        foot=_weight_foot(found),
        note=note,
    )


def whole(found: Analysis) -> Table:
    """The figures of the whole, beside those of other weights."""
    columns = [("these weights", found.figures), *found.others]
    rows = [
        (name, [shown(figures) for _, figures in columns])
        for name, shown in _figures(found)
    ]
    return Table(
        caption="The whole",
        columns=(
            label("what", is_wide=True),
            *(number(name) for name, _ in columns),
        ),
        rows=tuple(
            (Cell(text=name), Cell(text=texts[0], tone="strong"), *cells(*texts[1:]))
            for name, texts in rows
        ),
        note=_whole_note(found),
    )


def _figures(found: Analysis) -> list[tuple[str, Callable[[Figures], str]]]:
    """Names, and how each figure is written."""
    prepared = found.prepared
    measure = measure_of(prepared.model)
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("expected return [% a year]", lambda f: percent(f.expected_return)),
        ("volatility [% a year]", lambda f: percent(f.volatility)),
        ("Sharpe ratio, a year", lambda f: figure(f.sharpe, DIGITS)),
    ]
    if not isinstance(measure, Variance):
        period = period_of(prepared.periods_per_year)
        name = f"{risk_name(measure)} [% {period}]"
        rows.append((name, lambda f: percent(f.risk, 3)))
    rows += [
        ("diversification ratio", lambda f: figure(f.diversification, DIGITS)),
        ("assets, if all were alike", lambda f: _count(f.effective_assets)),
    ]
    if prepared.portfolio.current is not None:
        rows.append(("turnover [%]", lambda f: percent(f.turnover)))
    if prepared.once_costs is not None:
        rows.append(("trading cost, once [%]", lambda f: percent(f.cost, 4)))
    return rows


def _count(assets: float | None) -> str:
    return NONE if assets is None else f"{assets:.1f}"


def _is_shown(found: Analysis, place: int) -> bool:
    current = found.prepared.portfolio.current
    held = abs(found.answer.weights[place])
    if current is not None:
        held = max(held, abs(current[place]))
    return bool(held >= LEAST_SHOWN)


def _weight_row(found: Analysis, place: int) -> tuple[Cell, ...]:
    beliefs, answer = found.prepared.beliefs, found.answer
    current, weight = found.prepared.portfolio.current, float(answer.weights[place])
    largest = float(np.abs(answer.weights).max())
    bar = abs(weight) / largest if largest else 0.0
    row = [
        Cell(text=found.assets[place], tone="strong"),
        Cell(text=percent(weight), bar=bar),
    ]
    if current is not None:
        change = weight - float(current[place])
        row += cells(percent(float(current[place])), signed_percent(change))
    shares, per_year = found.risk_shares, beliefs.per_year
    row += cells(
        NONE if shares is None else percent(float(shares[place])),
        NONE if per_year is None else percent(float(per_year[place])),
        percent(float(beliefs.covariance.volatility[place])),
    )
    return tuple(row)


def _weight_foot(found: Analysis) -> tuple[Cell, ...]:
    current = found.prepared.portfolio.current
    total = float(found.answer.weights.sum())
    foot = list(cells("total", percent(total)))
    if current is not None:
        held = float(current.sum())
        foot += cells(percent(held), signed_percent(total - held))
    foot += cells(
        NONE if found.risk_shares is None else percent(1.0),
        percent(found.figures.expected_return),
        percent(found.figures.volatility),
    )
    return tuple(foot)


def _whole_note(found: Analysis) -> str:
    measure = risk_name(measure_of(found.prepared.model))
    note = f"Risk is {measure}; equal weights need not keep the limits."
    if found.prepared.once_costs is not None:
        days = f"{found.prepared.horizon_days:g}"
        note += f" Trading costs are spread over {days} days."
    return note
