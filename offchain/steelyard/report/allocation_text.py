# SPDX-License-Identifier: MIT
"""An allocation in words."""

from steelyard.allocation import describe
from steelyard.allocation.analysis import Analysis
from steelyard.allocation.outcome import few
from steelyard.allocation.prices import Headline
from steelyard.market.history import str_time
from steelyard.optimize.outcome import Status
from steelyard.report.lp_text import NONE, figure, percent

AS_WRITTEN = {"cvar": "CVaR", "var": "VaR", "sharpe": "Sharpe"}
LEAST_SHOWN = 5e-5  # of a weight: less is shown as 0.00 %


def title_of(found: Analysis) -> str:
    """The model and what it looked for, in one line."""
    ask, years = found.prepared.ask, found.prepared.periods_per_year
    name = " ".join(AS_WRITTEN.get(word, word) for word in ask.model.name.split("-"))
    looked = describe.title_of(found.prepared.model, years)
    fell_back = "" if found.answer.status is Status.OPTIMAL else " (a fallback)"
    return f"{name[0].upper()}{name[1:]}: {looked}{fell_back}"


def data_text(found: Analysis) -> str:
    """Where the numbers come from, as a sentence or two."""
    prepared = found.prepared
    history, covariance = prepared.history, prepared.beliefs.covariance
    parts = []
    if history is None:
        parts.append("Moments as given")
    else:
        times = history.returns.times
        span = f"{str_time(times[0])} to {str_time(times[-1])}"
        parts.append(f"{len(history.returns)} returns, {span}")
        if prepared.ask.data.covariance is None:
            parts.append(_estimator(found))
    parts.append(f"expected returns: {prepared.beliefs.label}")
    text = "; ".join(parts) + "."
    if covariance.is_floored:
        text += " The covariance was singular, and raised to its least eigenvalue."
    if history is not None and history.left_out:
        text += f" Left out for holes: {few(history.left_out)}."
    if history is not None and history.longest_step_days is not None:
        days = f"{history.longest_step_days:g}"
        text += f" Rows are up to {days} days apart."
    return text


def headline_text(headline: Headline) -> str:
    """ "41.20 % a year"."""
    if not headline.unit:
        return figure(headline.value)
    return f"{percent(headline.value, 4)} {headline.unit}"


def signed_percent(share: float | None, places: int = 2) -> str:
    """With its sign."""
    if share is None:
        return NONE
    text = percent(share, places)
    return f"+{text}" if share > 0 and text.strip("0.") else text


def _estimator(found: Analysis) -> str:
    covariance = found.prepared.beliefs.covariance
    name = "sample covariance"
    if found.prepared.ask.beliefs.estimator != "sample":
        name = f"covariance shrunk by {percent(covariance.shrinkage, 0)} %"
    half_life = covariance.half_life_days
    return name + (f", half-life {half_life:g} days" if half_life else "")
