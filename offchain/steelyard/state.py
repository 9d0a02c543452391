# SPDX-License-Identifier: MIT
"""What one decision reads from one block: frozen data, no behaviour of its own.

Units: amounts are raw token units; `*_wad` 1e18 = 1; `price_e36` raw asset units per
raw token unit times 1e36; times are unix seconds; prices `price_wad` are whole assets
per whole token.
"""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.amm.concentrated import Concentrated
from steelyard.amm.constant_product import ConstantProduct
from steelyard.lending import AaveReserve, Erc4626


@dataclass(frozen=True, kw_only=True)
class Held:
    """A market without a model here: what the vault has there counts as the vault says,
    and stays as it is."""


PoolCurve = ConstantProduct | Concentrated
MarketState = ConstantProduct | Concentrated | AaveReserve | Erc4626 | Held


@dataclass(frozen=True, kw_only=True)
class Cap:
    """The lower of the two binds; an exposure above its cap may only fall."""

    assets: int
    wad: int  # share of NAV after the order

    def bound(self, nav: int) -> int:
        """Most exposure allowed at this NAV [assets, rounded down]."""
        return min(self.assets, nav * self.wad // 10**18)


@dataclass(frozen=True, kw_only=True)
class TokenState:
    """A token that the vault may hold; token 0 of a snapshot is the asset."""

    address: str
    symbol: str
    decimals: int
    unit_scale: int  # price_e36 = price_wad * unit_scale
    price_wad: int
    uncertainty_wad: int
    price_updated_at: int
    inventory: int  # held by the vault itself
    tags: frozenset[int]
    cap: Cap
    slippage_wad: int
    deviation_wad: int

    @property
    def price_e36(self) -> int:
        return self.price_wad * self.unit_scale


@dataclass(frozen=True, kw_only=True)
class RangeState:
    """Concentrated liquidity of the vault in one range, and what it can collect."""

    tick_lower: int
    tick_upper: int
    liquidity: int
    fees: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class PositionState:
    """Money at work in one market of one protocol, zero included."""

    name: str
    protocol: str  # as its adapter names it: uniswap-v2, aave-v3, curve
    adapter: str
    market: str  # bytes32 as 0x-hex: the pair's, pool's, aToken's address, or an id
    tokens: tuple[int, ...]  # indexes into Snapshot.tokens, in the market's order
    units: int  # LP tokens, liquidity, scaled balance, shares
    amounts: tuple[int, ...]  # per token, as the vault values it at its mid prices
    ranges: tuple[RangeState, ...]
    tags: frozenset[int]
    cap: Cap
    state: MarketState
    is_impaired: bool = False  # it cannot be valued, and counts as nothing


@dataclass(frozen=True, kw_only=True)
class PoolState:
    """A pool with a curve that the configuration lists for swaps."""

    name: str
    protocol: str
    venue: str
    pool: str  # bytes32 as 0x-hex; where it is the same pool, a position's market
    tokens: tuple[int, int]
    state: PoolCurve


@dataclass(frozen=True, kw_only=True)
class TagState:
    name: str
    cap: Cap


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A budget [wad of NAV] that orders are charged to and that refills linearly."""

    budget_wad: int
    refill_wad: int  # per second
    level_wad: int  # right after the last order


@dataclass(frozen=True, kw_only=True)
class OrderLimits:
    """What bounds an order besides caps, and how far it is used up."""

    cooldown_seconds: int
    ordered_at: int  # last order; 0 before the first
    loss: Bucket
    hold: Bucket
    turnover: Bucket
    drawdown_wad: int
    mark_wad: int  # share price that drawdowns are measured from
    turned_at: int  # since when the share price asks for the other state; or 0
    in_drawdown: bool
    brake_until: int  # the guardian's
    brake_is_pause: bool
    leverage_wad: int
    mark_max_age_seconds: int
    holdings: tuple[int, ...]  # per token, after the last order and payments; or empty


UNLIMITED = OrderLimits(
    cooldown_seconds=0,
    ordered_at=0,
    loss=Bucket(budget_wad=10**18, refill_wad=0, level_wad=0),
    hold=Bucket(budget_wad=10**18, refill_wad=0, level_wad=0),
    turnover=Bucket(budget_wad=10**19, refill_wad=0, level_wad=0),
    drawdown_wad=10**18,
    mark_wad=0,
    turned_at=0,
    in_drawdown=False,
    brake_until=0,
    brake_is_pause=False,
    leverage_wad=10**18,
    mark_max_age_seconds=2 * 86_400,
    holdings=(),
)


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """Who waits in the exit queue."""

    shares: int  # of all requests
    waiting_since: int  # of the first request; 0 when nobody waits
    max_wait_seconds: int  # from then on an order may not lower what exits can draw


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All that one decision read, at one block."""

    chain_id: int
    block_number: int
    timestamp: int
    base_fee_wei: int
    vault: str
    name: str
    config: str
    config_hash: str
    nonce: int
    signers: tuple[str, ...]  # ascending
    threshold: int  # signatures that an order needs
    signer_kind: int  # 0 ECDSA, 1 ERC-1271
    max_window_seconds: int
    idle_wad: int
    total_supply: int
    share_decimals: int
    share_price_wad: int
    nav: int  # middle of the price uncertainty
    nav_low: int  # its low side
    limits: OrderLimits
    tokens: tuple[TokenState, ...]
    positions: tuple[PositionState, ...]
    tags: tuple[TagState, ...]
    pools: tuple[PoolState, ...]
    queue: QueueState | None = None
    supply_before: int | None = None  # when the block began, if shares moved in it

    @property
    def asset(self) -> TokenState:
        return self.tokens[0]
