# SPDX-License-Identifier: MIT
"""An analysis as plain JSON values."""

import json
from dataclasses import asdict
from math import isfinite
from typing import Any

from steelyard.allocation.analysis import Analysis
from steelyard.allocation.describe import risk_name, title_of
from steelyard.allocation.figures import measure_of
from steelyard.market.history import FloatArray, str_time


def json_text(found: Analysis) -> str:
    """Everything by name; per year where not said otherwise; no number is null."""
    return json.dumps(_plain(as_data(found)), indent=2)


def as_data(found: Analysis) -> dict[str, Any]:
    """As `json_text`, before it is text."""
    answer, prepared = found.answer, found.prepared
    certificate, portfolio = answer.certificate, prepared.portfolio
    return {
        "status": answer.status.value,
        "reason": answer.reason.value,
        "detail": answer.detail,
        "model": prepared.ask.model.name,
        "looks_for": title_of(prepared.model, prepared.periods_per_year),
        "weights": _by_asset(found, answer.weights),
        "risk_shares": _by_asset(found, found.risk_shares),
        "risk_measure": risk_name(measure_of(prepared.model)),
        "figures": asdict(found.figures),
        "others": {name: asdict(figures) for name, figures in found.others},
        "objective_per_period": answer.objective,
        "bound_per_period": None if certificate is None else certificate.bound,
        "gap_per_period": None if certificate is None else certificate.gap,
        "violation": answer.violation,
        "binding": [asdict(limit) for limit in found.limits],
        "conflicts": list(answer.conflicts),
        "method": answer.method,
        "tried": list(answer.tried),
        "expected_returns": _by_asset(found, prepared.beliefs.per_year),
        "volatilities": _by_asset(found, prepared.beliefs.covariance.volatility),
        "current": _by_asset(found, portfolio.current),
        "data": _data(found),
        "views": _views(found),
        "frontier": _frontier(found),
    }


def _data(found: Analysis) -> dict[str, Any]:
    prepared = found.prepared
    history, covariance = prepared.history, prepared.beliefs.covariance
    times = None if history is None else history.returns.times
    return {
        "source": None if history is None else history.source,
        "first": None if times is None else str_time(times[0]),
        "last": None if times is None else str_time(times[-1]),
        "rows": covariance.rows,
        "effective_rows": covariance.effective_rows,
        "periods_per_year": prepared.periods_per_year,
        "left_out": [] if history is None else list(history.left_out),
        "shrinkage": covariance.shrinkage,
        "is_floored": covariance.is_floored,
        "expected": prepared.beliefs.label,
    }


def _views(found: Analysis) -> dict[str, Any] | None:
    beliefs = found.prepared.beliefs
    posterior = beliefs.posterior
    if posterior is None:
        return None
    return {
        "said": list(beliefs.views),
        "equilibrium": _by_asset(found, posterior.prior_per_year),
        "posterior": _by_asset(found, posterior.per_year),
        "uncertainty": [float(v) for v in posterior.uncertainty.diagonal()],
        "tau": posterior.tau,
    }


def _frontier(found: Analysis) -> list[dict[str, Any]] | None:
    frontier, years = found.frontier, found.prepared.periods_per_year
    if frontier is None:
        return None
    return [
        {
            "expected_return": float(expected) * years,
            "volatility": float(volatility) * years**0.5,
            "weights": _by_asset(found, weights),
        }
        for weights, expected, volatility in zip(
            frontier.weights,
            frontier.expected_returns,
            frontier.volatilities,
            strict=True,
        )
    ]


def _by_asset(found: Analysis, values: FloatArray | None) -> dict[str, float] | None:
    if values is None:
        return None
    return {a: float(v) for a, v in zip(found.assets, values, strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
