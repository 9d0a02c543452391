# SPDX-License-Identifier: MIT
"""What the optimiser is told about the future, estimated from the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from web3 import Web3

from steelyard.chain.fees_log import block_at, read_fees
from steelyard.chain.readers.base import address_of
from steelyard.chain.share_price import share_price_e36, share_price_e36_at
from steelyard.estimate.covariance import estimate_covariance
from steelyard.estimate.expected import expected_returns
from steelyard.estimate.returns import simple_returns
from steelyard.estimate.signals import Signals, check_signals
from steelyard.keeper.config import DAY_SECONDS, KeeperConfig, SignalsConfig
from steelyard.keeper.fields import ConfigInvalid
from steelyard.keeper.history import price_history
from steelyard.keeper.journal import Journal
from steelyard.lending import Erc4626
from steelyard.market.history import FloatArray, PriceHistory
from steelyard.state import PositionState, Snapshot
from steelyard.wad import E36

YEAR_SECONDS = 365 * DAY_SECONDS
LEAST_WINDOW_SECONDS = 6 * 3600  # a year is not told from less
WEI_PER_COIN = 10**18


@dataclass(frozen=True, kw_only=True)
class SignalReading:
    """The signals, and in words what they rest on."""

    signals: Signals
    notes: tuple[str, ...]


def read_signals(
    web3: Web3,
    snapshot: Snapshot,
    config: KeeperConfig,
    *,
    sources: Sequence[str],
    gas_price_wei: int,
    journal: Journal | None = None,
) -> SignalReading:
    """Signals as of the snapshot's block; `sources` price tokens 1, 2, ...

    Raises what `price_history` raises, EstimateError, LogsRefused, ConfigInvalid.
    """
    history = price_history(web3, config.lens, snapshot, sources, config.history)
    mean, covariance, notes = moments(history, config)
    window = _Window.before(web3, snapshot, config.signals)
    fees, fee_note = _pool_fees(web3, snapshot, window)
    yields, yield_notes = _yields(web3, snapshot, window, journal)
    settings = config.signals
    signals = Signals(
        expected_returns=mean,
        covariance=covariance,
        pool_fees_per_year=fees,
        vault_yield_per_year=yields,
        gas_price_wei=gas_price_wei,
        native_price_e36=native_price_e36(snapshot, settings),
        failure_probability_per_year=settings.failure_probabilities,
        loss_given_failure=settings.losses_given_failure,
        default_failure_probability_per_year=settings.failure_probability_per_year,
        default_loss_given_failure=settings.loss_given_failure,
    )
    return SignalReading(
        signals=check_signals(signals, len(snapshot.tokens)),
        notes=(*notes, fee_note, *yield_notes),
    )


def moments(
    history: PriceHistory | None, config: KeeperConfig
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Expected returns and covariance per year, the asset first with zeros."""
    if history is None:
        return np.zeros(1), np.zeros((1, 1)), ("no token but the asset",)
    settings = config.history
    returns = simple_returns(history)
    estimate = estimate_covariance(returns, half_life_days=settings.half_life_days)
    expected = expected_returns(settings.expected_returns, estimate, returns=returns)
    count = len(history.assets) + 1
    mean, covariance = np.zeros(count), np.zeros((count, count))
    mean[1:], covariance[1:, 1:] = expected.per_year, estimate.matrix
    notes = (
        f"{len(returns)} daily returns to {history.times[-1]} from {history.source}",
        f"expected returns: {expected.label}",
        f"covariance shrunk by {estimate.shrinkage:.1%}",
        *(str(repair) for repair in history.repairs),
    )
    return mean, covariance, notes


def native_price_e36(snapshot: Snapshot, settings: SignalsConfig) -> int:
    """Raw asset units per wei, times 1e36, down. Raises ConfigInvalid."""
    if settings.native_price is not None:
        scale = E36 * 10**snapshot.asset.decimals // WEI_PER_COIN
        return int(Fraction(str(settings.native_price)) * scale)
    for token in snapshot.tokens:
        if token.symbol.casefold() == settings.native.casefold():
            return token.price_e36 * int(10**token.decimals) // WEI_PER_COIN
    symbols = ", ".join(token.symbol for token in snapshot.tokens)
    expected = f"one of the vault's tokens ({symbols}), or a native_price beside it"
    raise ConfigInvalid("signals.native", settings.native, expected)


def observe(snapshot: Snapshot) -> dict[str, int]:
    """What the journal keeps of every snapshot: NAV and share prices [integers]."""
    values = {"nav": snapshot.nav, "share_price_wad": snapshot.share_price_wad}
    for position in snapshot.positions:
        if isinstance(position.state, Erc4626):
            item = _share_price_item(position.market)
            values[item] = share_price_e36(position.state)
    return values


@dataclass(frozen=True, kw_only=True)
class _Window:
    """From after a block, mined at `since`, to the snapshot's."""

    block: int
    since: int
    seconds: int
    wanted_seconds: int  # a young chain has less, a still one more

    @classmethod
    def before(
        cls, web3: Web3, snapshot: Snapshot, settings: SignalsConfig
    ) -> "_Window":
        wanted_seconds = int(settings.fee_window_days * DAY_SECONDS)
        wanted = snapshot.timestamp - wanted_seconds
        block, since = block_at(web3, wanted, snapshot.block_number, snapshot.timestamp)
        return cls(
            block=block,
            since=since,
            seconds=snapshot.timestamp - since,
            wanted_seconds=wanted_seconds,
        )


def _pool_fees(
    web3: Web3, snapshot: Snapshot, window: _Window
) -> tuple[dict[str, float], str]:
    earned = read_fees(web3, snapshot, window.block)
    if window.seconds < LEAST_WINDOW_SECONDS:
        return dict.fromkeys(earned, 0.0), "pool fees: chain too young to tell, 0"
    years = window.seconds / YEAR_SECONDS
    note = f"pool fees: Swap events of {window.seconds / DAY_SECONDS:.1f} days"
    return {market: fees / years for market, fees in earned.items()}, note


def _yields(
    web3: Web3, snapshot: Snapshot, window: _Window, journal: Journal | None
) -> tuple[dict[str, float], list[str]]:
    yields: dict[str, float] = {}
    notes = []
    for position in snapshot.positions:
        if not isinstance(position.state, Erc4626):
            continue
        then = _observed(snapshot, position, window, journal) or _on_chain(
            web3, position, window
        )
        if then is None or snapshot.timestamp - then[0] < LEAST_WINDOW_SECONDS:
            yields[position.market] = 0.0
            notes.append(f"{position.name}: no share price to compare with, yield 0")
            continue
        at, before = then
        growth = share_price_e36(position.state) / before - 1
        yields[position.market] = growth * YEAR_SECONDS / (snapshot.timestamp - at)
    return yields, notes


def _observed(
    snapshot: Snapshot,
    position: PositionState,
    window: _Window,
    journal: Journal | None,
) -> tuple[int, int] | None:
    """The oldest observation inside the window that spans half of what is wanted."""
    if journal is None:
        return None
    least_seconds = max(LEAST_WINDOW_SECONDS, window.wanted_seconds // 2)
    found = journal.observations(
        _share_price_item(position.market),
        since=window.since,
        until=snapshot.timestamp - least_seconds,
    )
    return (found[0].at, found[0].value) if found and found[0].value else None


def _on_chain(
    web3: Web3, position: PositionState, window: _Window
) -> tuple[int, int] | None:
    """The share price before the window, where the node still knows it."""
    assert isinstance(position.state, Erc4626)
    vault, offset = address_of(position.market), position.state.decimals_offset
    before = share_price_e36_at(web3, vault, offset, window.block)
    return (window.since, before) if before else None


def _share_price_item(market: str) -> str:
    return f"share_price_e36 {address_of(market)}"
