# SPDX-License-Identifier: MIT
"""What a report says: every number that its tables, plots and JSON show.

UNITS  assets, amounts, gas raw; `*_wad` 1e18 = 1; `*_bps` 1e-4; other floats fractions
       of 1; times in unix seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from steelyard.report.ledger import Carry
from steelyard.report.view_limits import ChargeRow, FeesRow, RefusalRow


@dataclass(frozen=True, kw_only=True)
class Headline:
    """What the demo comes to."""

    vault_name: str
    vault: str
    asset: str  # symbol
    asset_decimals: int
    chain: str
    chain_id: int
    client: str
    is_fork: bool
    is_simulated: bool
    source: str  # of the prices
    seed: int
    first_day: str  # of the prices that the demo lives through, ISO 8601
    last_day: str
    days: int
    repairs: tuple[str, ...]
    basket: tuple[str, ...]  # symbols
    opened_at: int
    nav_opened: int
    nav_closed: int
    share_price_opened_wad: int
    share_price_closed_wad: int
    share_price_change: float
    basket_change: float  # equal parts bought at the opening and held
    rebalances: int
    decisions: int


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The vault at one time."""

    at: int
    nav: int
    share_price_change: float  # since the opening
    basket_change: float
    prices: Mapping[str, float]  # over the opening's, by symbol
    weights: Mapping[str, float]  # share of NAV by item


@dataclass(frozen=True, kw_only=True)
class Item:
    """What has a weight: a position, or a token that lies in the vault itself."""

    name: str
    family: str  # protocol, or "idle"


@dataclass(frozen=True, kw_only=True)
class WeightRow:
    """A weight around one order."""

    item: Item
    before_wad: int
    after_wad: int  # measured on chain
    low_wad: int | None  # the signed band; None: not in the order
    high_wad: int | None

    @property
    def is_inside(self) -> bool:
        """Whether the weight afterwards stands in the signed band."""
        if self.low_wad is None or self.high_wad is None:
            return True
        return self.low_wad <= self.after_wad <= self.high_wad


@dataclass(frozen=True, kw_only=True)
class CapRow:
    """How full one cap is."""

    kind: str  # token, position, tag
    name: str
    value: int  # assets
    bound: int  # assets
    weight: float  # share of NAV

    @property
    def fullness(self) -> float:
        """1: at the cap."""
        if self.bound:
            return self.value / self.bound
        return float("inf") if self.value else 0.0


@dataclass(frozen=True, kw_only=True)
class SwapRow:
    """One swap of an order, as predicted and as it happened."""

    day: int
    pool: str
    sold: str
    bought: str
    sold_decimals: int
    bought_decimals: int
    amount_in: int
    predicted_out: int
    executed_out: int
    predicted_oracle_out: int  # what the oracle's prices would have paid
    executed_oracle_out: int

    @property
    def difference(self) -> int:
        """Raw units that came beyond what was predicted."""
        return self.executed_out - self.predicted_out

    @property
    def predicted_slippage_bps(self) -> float:
        return slippage_bps(self.predicted_out, self.predicted_oracle_out)

    @property
    def executed_slippage_bps(self) -> float:
        return slippage_bps(self.executed_out, self.executed_oracle_out)


@dataclass(frozen=True, kw_only=True)
class TermRow:
    """One part of what the optimiser expects over its horizon, costs below zero; or,
    not summed, a measure of it all, of which less is better."""

    name: str
    nothing: int  # assets, when nothing is done
    chosen: int  # assets, under the order
    is_summed: bool = True


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One decision of the keeper."""

    day: int
    at: int
    outcome: str
    reason: str
    gain: int  # predicted over doing nothing, assets
    gain_of: str  # what it is a gain of; empty when nothing was weighed
    decided_by: str  # what was looked for
    ratios: tuple[float | None, float | None]  # doing nothing, the order; of a ratio
    terms: tuple[TermRow, ...]
    binding: tuple[str, ...]  # limits that the order stands at, the dearest first
    notes: tuple[str, ...]  # what the signals rest on
    actions: tuple[str, ...]
    trades: int  # swaps of other people since the run before
    gas_used: int
    gas_assets: int
    nav_before: int
    nav_after: int | None
    block: int
    nonce: int | None
    tx_hash: str
    digest: str
    inputs_hash: str
    config_hash: str
    timings_seconds: Mapping[str, float]
    weights: tuple[WeightRow, ...]  # empty without an order
    swaps: tuple[SwapRow, ...]
    charges: tuple[ChargeRow, ...]

    @property
    def is_order(self) -> bool:
        """Whether an order was executed."""
        return bool(self.tx_hash)


@dataclass(frozen=True, kw_only=True)
class Income:
    """What has been earned and lost until one time, in assets."""

    at: int
    fees: int
    impermanent_loss: int
    interest: int


@dataclass(frozen=True, kw_only=True)
class GasRow:
    """Transactions of one kind."""

    kind: str
    transactions: int
    gas: int
    assets: int  # what it cost, at the gas price of the time


@dataclass(frozen=True, kw_only=True)
class MovementRow:
    at: int
    who: str
    kind: str
    assets: int
    shares: int
    gas_used: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything, in the order of the page."""

    headline: Headline
    items: tuple[Item, ...]
    moments: tuple[Moment, ...]
    runs: tuple[RunRow, ...]
    caps: tuple[CapRow, ...]
    liquidity: tuple[Carry, ...]  # one a pool position, all days together
    lending: tuple[Carry, ...]  # one a lending position or vault
    income: tuple[Income, ...]
    gas: tuple[GasRow, ...]
    movements: tuple[MovementRow, ...]
    refusals: tuple[RefusalRow, ...]
    fees: FeesRow
    seconds: Mapping[str, float]
    share_decimals: int
    config_hash: str

    @property
    def orders(self) -> tuple[RunRow, ...]:
        """The decisions that moved money."""
        return tuple(run for run in self.runs if run.is_order)


def slippage_bps(out: int, oracle_out: int) -> float:
    """Share of the oracle's value that a swap did not pay out, 1e-4; 0 for no value."""
    return (oracle_out - out) / oracle_out * 10**4 if oracle_out else 0.0
