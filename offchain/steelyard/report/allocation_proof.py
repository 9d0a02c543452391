# SPDX-License-Identifier: MIT
"""How good an allocation is proved to be, as tables."""

from steelyard.allocation.analysis import Analysis
from steelyard.allocation.outcome import failure_text
from steelyard.allocation.prices import Limit, headline_of
from steelyard.optimize.outcome import Status
from steelyard.report.allocation_text import headline_text, signed_percent
from steelyard.report.lp_text import NONE, percent
from steelyard.report.table import Cell, Table, cells, label, number, signed_cell

MISSED = 1e-9  # of a weight: more, and a limit is broken


def limits(found: Analysis) -> Table:
    """Which limits bind, and what they cost."""
    rows = tuple(
        cells(limit.name, percent(limit.bound), _gain(limit)) for limit in found.limits
    )
    return Table(
        caption="Limits that bind",
        columns=(
            label("limit", is_wide=True),
            number("bound", "%"),
            label("one more percent of it", is_wide=True),
        ),
        rows=rows,
        note="From multipliers: exact for a small step, at most that for a large one.",
    )


def proof(found: Analysis) -> Table:
    """How good the weights are, whoever found them."""
    answer = found.answer
    rows = [*_fallback(found), *_certificate(found)]
    rows.append(cells("most by which a limit is missed", f"{answer.violation:.2g}"))
    rows.append(cells("found by", answer.method))
    if answer.tried and answer.status is Status.OPTIMAL:
        rows.append(cells("tried before", "; ".join(answer.tried)))
    return Table(
        caption="Proof",
        columns=(label("what"), label("is", is_wide=True)),
        rows=tuple(rows),
        note=""
        if answer.certificate is None
        else "The bound is computed from "
        "multipliers alone; no solver is trusted for it.",
    )


def _fallback(found: Analysis) -> list[tuple[Cell, ...]]:
    failure = failure_text(found)
    if not failure:
        return []
    taken = "the allowed weights nearest to what is held"
    if found.answer.violation > MISSED:
        taken = "weights near what is held, or equal ones; they miss limits"
    return [
        (Cell(text="fallback"), Cell(text=failure, tone="bad")),
        cells("taken instead", taken),
    ]


def _certificate(found: Analysis) -> list[tuple[Cell, ...]]:
    certificate, prepared = found.answer.certificate, found.prepared
    if certificate is None:
        if found.answer.status is not Status.OPTIMAL:
            return []
        return [cells("certificate", "none: these are the tree's own weights")]
    rows = []
    for name, value in (
        ("reached", certificate.objective),
        ("no weights allowed are better than", certificate.bound),
    ):
        headline = headline_of(prepared.model, value, prepared.periods_per_year)
        if headline is None:
            rows.append(cells(name, f"{value:.9g}"))
        else:
            rows.append(cells(f"{name}, {headline.name}", headline_text(headline)))
    gap = f"{certificate.gap:.2g} ({_relative(certificate.gap, certificate.bound)})"
    return [*rows, cells("certified gap, objective a period", gap)]


def views(found: Analysis) -> Table:
    """What the views made of the equilibrium."""
    posterior = found.prepared.beliefs.posterior
    assert posterior is not None
    before, after = posterior.prior_per_year.tolist(), posterior.per_year.tolist()
    rows = tuple(
        cells(
            asset,
            percent(prior),
            percent(now),
            signed_cell(signed_percent(now - prior), now - prior),
        )
        for asset, prior, now in zip(posterior.assets, before, after, strict=True)
    )
    return Table(
        caption="Expected returns before and after the views",
        columns=(
            label("asset", is_wide=True),
            number("equilibrium", "% a year"),
            number("after views", "% a year"),
            number("change", "% a year"),
        ),
        rows=rows,
        note=f"Views: {', '.join(found.prepared.beliefs.views)}.",
    )


def _gain(limit: Limit) -> str:
    if limit.shadow_price == 0:
        return "would earn nothing"
    return limit.gain or NONE


def _relative(gap: float, bound: float) -> str:
    return f"{gap / abs(bound):.2g} of it" if bound else "of nothing"
