# SPDX-License-Identifier: MIT
"""The question about weights, as it is typed.

UNITS  Shares are fractions; returns and volatilities per year; texts are read against
       the names of the assets once these are known.
"""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class DataAsk:
    """Where returns come from."""

    source: Path | None = None  # a table of prices, or of returns
    is_returns: bool = False
    assets: tuple[str, ...] = ()  # none: all columns
    start: str | None = None
    end: str | None = None
    drops: bool = False  # leave out assets with a hole
    means: Path | None = None  # in place of what the table says
    covariance: Path | None = None
    periods_per_year: float | None = None  # None: as the dates say
    observations: int | None = None  # that given moments were estimated from
    draws: int | None = None  # scenarios drawn from given moments
    seed: int | None = None  # None: 0


@dataclass(frozen=True, kw_only=True)
class BeliefAsk:
    """How returns are estimated, and what is thought of them besides."""

    estimator: str | None = None  # None: ledoit-wolf
    half_life_days: float | None = None
    expected: str | None = None  # None: sample, or equilibrium where there are views
    views: tuple[str, ...] = ()
    market_weights: str | None = None  # None: equal
    market_sharpe: float | None = None
    market_aversion: float | None = None
    tau: float | None = None
    risk_free: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LimitAsk:
    """What may be held, and what trading costs."""

    caps: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    is_long_short: bool = False
    current: str | None = None
    turnover: float | None = None
    leverage: float | None = None
    costs: tuple[str, ...] = ()
    horizon_days: float | None = None  # that one-off costs are spread over; None: 30


@dataclass(frozen=True, kw_only=True)
class ModelAsk:
    """The model and its settings; None where nothing was typed."""

    name: str
    target: float | None = None
    most_risk: float | None = None
    aversion: float | None = None
    ratio: bool = False
    level: float | None = None
    radius: float | None = None
    doubt: str | None = None
    measure: str | None = None
    budget: str | None = None
    linkage: str | None = None
    clusters: int | None = None
    drawdown: float | None = None
    probability: float | None = None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """All of it."""

    model: ModelAsk
    data: DataAsk = field(default_factory=DataAsk)
    beliefs: BeliefAsk = field(default_factory=BeliefAsk)
    limits: LimitAsk = field(default_factory=LimitAsk)


def is_typed(value: object) -> bool:
    """Whether a setting was typed; 0 is, a flag that is not there is not."""
    return value is not None and value is not False
