# SPDX-License-Identifier: MIT
"""What the demo replays: which prices, over which days, on which chain."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from steelyard.demo.errors import InvalidScenario
from steelyard.demo.node_command import NodeKind
from steelyard.market.clean import worst_window
from steelyard.market.errors import WindowOutside
from steelyard.market.history import PriceHistory, cut_rows
from steelyard.market.prices import load_prices
from steelyard.market.simulate import simulate_prices

ASSETS = ("ETH", "BTC", "LINK")
LEAD_DAYS = 120  # of history that the keeper's estimates rest on
MOST_DAYS = 60
MAX_GAP_DAYS = 3  # gaps up to this long are carried forward, and said so


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user asked for."""

    prices: Path | None = None
    start: date | None = None
    days: int = 8
    chain: NodeKind = "anvil"
    fork_url: str | None = None
    seed: int = 3
    keep: bool = False  # leave the chain up afterwards, with settings for a keeper


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`LEAD_DAYS` rows of history, then one row a day of the demo.

    The first day is the day the vault opens: its close is the opening price.
    """

    options: Options
    history: PriceHistory
    is_simulated: bool

    @property
    def lead(self) -> PriceHistory:
        return cut_rows(self.history, 0, LEAD_DAYS)

    @property
    def closes(self) -> np.ndarray:
        """USD, a row a day from the opening on (days + 1 rows)."""
        return self.history.prices[LEAD_DAYS:]

    @property
    def opening(self) -> int:
        """Unix seconds of the opening: the end of the first day."""
        first = self.history.times[LEAD_DAYS].astype("datetime64[s]")
        return int(first.astype(np.int64)) + 86_400


def prepare(options: Options) -> Scenario:
    """The scenario of these options.

    A file without a start replays the days around its worst fall. Raises
    InvalidScenario, or what `load_prices` raises.
    """
    if not 1 <= options.days <= MOST_DAYS:
        raise InvalidScenario("days", options.days, f"1 to {MOST_DAYS}")
    if options.seed < 0:
        raise InvalidScenario("seed", options.seed, "0 or more")
    if options.prices is None:
        if options.start is not None:
            expected = "a price file (--prices) to start in"
            raise InvalidScenario("start", options.start.isoformat(), expected)
        rows = LEAD_DAYS + options.days + 1
        history = simulate_prices(seed=options.seed, days=rows, assets=ASSETS)
        return Scenario(options=options, history=history, is_simulated=True)
    return Scenario(options=options, history=_replayed(options), is_simulated=False)


def _replayed(options: Options) -> PriceHistory:
    path, days = options.prices, options.days
    assert path is not None
    if options.start is None:
        whole = load_prices(path, columns=ASSETS, max_gap_days=MAX_GAP_DAYS)
        opening = worst_window(whole, days + 1, LEAD_DAYS)
        start = opening.astype("datetime64[D]").astype(object)
    else:
        start = options.start
    first = start - timedelta(days=LEAD_DAYS)
    last = start + timedelta(days=days)
    try:
        history = load_prices(
            path,
            columns=ASSETS,
            start=first,
            end=last,
            max_gap_days=MAX_GAP_DAYS,
            min_rows=LEAD_DAYS + days + 1,
        )
    except WindowOutside as error:
        expected = f"a day with {LEAD_DAYS} days before it and {days} after ({error})"
        raise InvalidScenario("start", start.isoformat(), expected) from None
    step = int((history.times[1] - history.times[0]).astype(np.int64))
    if step != 86_400:
        raise InvalidScenario("prices", f"{path}: a row each {step} s", "daily rows")
    return history
