# SPDX-License-Identifier: MIT
"""Daily prices of the vault's tokens in its asset: from its own feeds, or from a file.

Nothing later than the snapshot is used.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from web3 import Web3

from steelyard.chain.feeds import (
    FeedHistoryTooShort,
    SourceFeeds,
    answers_at,
    source_feeds,
)
from steelyard.errors import SteelyardError
from steelyard.keeper.config import DAY_SECONDS, HistoryConfig
from steelyard.market.errors import MissingColumn, TooFewRows
from steelyard.market.history import FloatArray, PriceHistory, cut_rows, step_seconds
from steelyard.market.prices import load_prices
from steelyard.state import Snapshot


class HistoryStale(SteelyardError):
    """A price file that ends too long before the snapshot."""

    def __init__(self, path: Path, age_days: float, most_days: float) -> None:
        super().__init__(
            f"{path}: last price before the snapshot is {age_days:.1f} days old, "
            f"expected at most {most_days:g} (history.max_age_days)"
        )


def price_history(
    web3: Web3,
    lens: str,
    snapshot: Snapshot,
    sources: Sequence[str],
    config: HistoryConfig,
) -> PriceHistory | None:
    """Prices of tokens 1, 2, ... in the asset; None when there are none.

    `sources` are their price sources. Raises FeedHistoryTooShort, FeedRoundMissing,
    HistoryStale or a MarketDataError.
    """
    if len(snapshot.tokens) == 1:
        return None
    if config.file is not None:
        return from_file(config.file, snapshot, config)
    return from_feeds(web3, lens, snapshot, sources, config)


def from_feeds(
    web3: Web3,
    lens: str,
    snapshot: Snapshot,
    sources: Sequence[str],
    config: HistoryConfig,
) -> PriceHistory:
    """The answers in force at the snapshot's time of day, each day back."""
    feeds = source_feeds(web3, lens, sources)
    days = range(config.days, -1, -1)
    times = [snapshot.timestamp - day * DAY_SECONDS for day in days]
    wanted = [feed.token for feed in feeds] + [f.asset for f in feeds if f.asset]
    answers = answers_at(web3, lens, wanted, times)
    first = _first_complete(answers, config)
    prices = [_in_asset(feed, answers)[first:] for feed in feeds]
    return PriceHistory(
        times=np.array(times[first:], dtype="datetime64[s]"),
        assets=tuple(token.symbol for token in snapshot.tokens[1:]),
        prices=np.column_stack(prices),
        source="feeds of the vault",
    )


def from_file(path: Path, snapshot: Snapshot, config: HistoryConfig) -> PriceHistory:
    """The file's rows whose price was known by the snapshot's time, over the asset's.

    A file without the asset's own column is taken to be in the asset.
    """
    symbols = [token.symbol for token in snapshot.tokens]
    gap = config.max_gap_days
    try:
        history = load_prices(path, columns=symbols, max_gap_days=gap)
        prices = history.prices[:, 1:] / history.prices[:, :1]
    except MissingColumn as error:
        if error.column.casefold() != symbols[0].casefold():
            raise
        history = load_prices(path, columns=symbols[1:], max_gap_days=gap)
        prices = history.prices
    history = replace(history, assets=tuple(symbols[1:]), prices=prices)

    # a bar labelled by its opening is known one step later
    known = history.times.astype(np.int64) + step_seconds(history)
    rows = int((known <= snapshot.timestamp).sum())
    first = max(0, rows - 1 - config.days * DAY_SECONDS // step_seconds(history))
    if (rows - first) * step_seconds(history) < config.min_days * DAY_SECONDS:
        raise TooFewRows(str(path), rows, config.min_days)
    age_days = (snapshot.timestamp - int(known[rows - 1])) / DAY_SECONDS
    if age_days > config.max_age_days:
        raise HistoryStale(path, age_days, config.max_age_days)
    return cut_rows(history, first, rows - first)


def _first_complete(answers: dict[str, list[int | None]], config: HistoryConfig) -> int:
    """The first day of which every feed has an answer."""
    first = 0
    for feed, row in answers.items():
        missing = sum(answer is None for answer in row)
        days = len(row) - 1 - missing
        if days < config.min_days:
            raise FeedHistoryTooShort(feed, max(days, 0), config.min_days)
        first = max(first, missing)
    return first


def _in_asset(feed: SourceFeeds, answers: dict[str, list[int | None]]) -> FloatArray:
    token = np.array([a or 0 for a in answers[feed.token]], dtype=np.float64)
    prices: FloatArray = token / 10.0**feed.token_decimals
    if feed.asset is None:
        return prices
    asset = np.array([a or np.inf for a in answers[feed.asset]], dtype=np.float64)
    prices /= asset / 10.0**feed.asset_decimals
    return prices
