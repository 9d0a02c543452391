# SPDX-License-Identifier: MIT
"""What a vault is made of, as plain data; `spec_json` reads and writes it.

Units: `assets` raw units of the asset; `*_wad` 1e18 = 1; times in seconds.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from eth_typing import ChecksumAddress

from steelyard.chain.spec_fields import InvalidSpec
from steelyard.state import Cap
from steelyard.wad import UINT256_MAX, WAD

Protocol = Literal[
    "uniswap-v2",
    "uniswap-v3",
    "aave-v3",
    "erc4626",
    "morpho-blue",
    "compound-v2",
    "curve",
    "balancer-v2-weighted",
    "balancer-v2-stable",
    "balancer-v2",
    "uniswap-v4",
]
SignerKind = Literal["ecdsa", "erc1271"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
VENUE_PROTOCOLS: tuple[Protocol, ...] = (
    "uniswap-v2",
    "uniswap-v3",
    "curve",
    "balancer-v2",
    "uniswap-v4",
)
HUB_PROTOCOLS: tuple[Protocol, ...] = ("morpho-blue", "uniswap-v4")
SIGNER_KINDS: tuple[SignerKind, ...] = get_args(SignerKind)
TAG_NAME_BYTES = 32
NO_CAP = Cap(assets=UINT256_MAX, wad=WAD)
DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class FeedSpec:
    """A Chainlink feed; the uncertainty grows with the age of its answer.

    An answer outside the bounds (in the feed's own decimals) is refused: a feed with
    bounds of its own answers its bound when the price is beyond.
    """

    address: ChecksumAddress
    heartbeat_seconds: int
    uncertainty_wad: int = 0
    growth_wad_per_second: int = 0
    least_answer: int = 1
    most_answer: int = UINT256_MAX


@dataclass(frozen=True, kw_only=True)
class SequencerSpec:
    """On a rollup, the feed that says whether the sequencer is up."""

    address: ChecksumAddress
    grace_seconds: int = 3600  # it must have been up for so long


@dataclass(frozen=True, kw_only=True)
class TwapSpec:
    """A Uniswap V3 pool of the token and the asset, as a second source."""

    pool: ChecksumAddress
    window_seconds: int = 1800
    band_wad: int = WAD // 50  # most that the two sources may differ by


@dataclass(frozen=True, kw_only=True)
class TokenSpec:
    """A token that the vault may hold. The asset's own feed, when there is one, is what
    the other feeds are divided by; without it they quote in the asset already."""

    symbol: str
    address: ChecksumAddress
    feed: FeedSpec | None
    twap: TwapSpec | None = None
    cap: Cap = NO_CAP
    slippage_wad: int = WAD // 100
    deviation_wad: int = WAD // 50
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PositionSpec:
    """A market: the pair, the pool, the aToken, the cToken or the ERC-4626 vault; its
    id where the protocol names markets so."""

    protocol: Protocol
    market: str  # an address, or 32 bytes in hex
    cap: Cap = NO_CAP
    tags: tuple[str, ...] = ()
    min_health_wad: int = 0  # least health factor of a position with debt


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """A pool that orders may swap in."""

    protocol: Protocol
    pool: str  # an address, or 32 bytes in hex


@dataclass(frozen=True, kw_only=True)
class HubSpec:
    """The contract that knows a protocol's markets where they are named by ids: Morpho
    itself; for Uniswap V4, UniswapV4Pools."""

    protocol: Protocol
    address: ChecksumAddress


@dataclass(frozen=True, kw_only=True)
class TagSpec:
    name: str
    cap: Cap = NO_CAP


@dataclass(frozen=True, kw_only=True)
class BudgetSpec:
    """A bucket [share of NAV] that refills linearly."""

    wad: int
    refill_wad_per_day: int

    @property
    def refill_wad_per_second(self) -> int:
        """Rounded down, against the order."""
        return self.refill_wad_per_day // DAY_SECONDS


@dataclass(frozen=True, kw_only=True)
class LimitsSpec:
    """The limits of orders that are no caps; see `Params` in Types.sol."""

    max_window_seconds: int = 600
    cooldown_seconds: int = 0
    idle_wad: int = 0
    loss: BudgetSpec = BudgetSpec(wad=WAD // 50, refill_wad_per_day=WAD // 100)
    hold: BudgetSpec = BudgetSpec(wad=WAD // 20, refill_wad_per_day=WAD // 100)
    turnover: BudgetSpec = BudgetSpec(wad=2 * WAD, refill_wad_per_day=WAD)
    drawdown_wad: int = WAD // 5
    leverage_wad: int = WAD
    heal_band_wad: int = WAD // 100
    heal_cooldown_seconds: int = 3600
    mark_max_age_seconds: int = 2 * DAY_SECONDS
    queue_max_wait_seconds: int = 3 * DAY_SECONDS


@dataclass(frozen=True, kw_only=True)
class FeesSpec:
    """Fees in shares, within the limits in the vault's code."""

    recipient: ChecksumAddress
    management_wad_per_year: int = 0
    performance_wad: int = 0  # of gains above the high-water mark


@dataclass(frozen=True, kw_only=True)
class RolesSpec:
    """Who may do what, through OpenZeppelin's AccessManager; delays in seconds.

    Without one, who deploys keeps every role, without delays: for local chains alone.
    """

    owner: ChecksumAddress
    curator: ChecksumAddress
    guardian: ChecksumAddress
    owner_delay_seconds: int = 7 * DAY_SECONDS
    curator_delay_seconds: int = 7 * DAY_SECONDS


@dataclass(frozen=True, kw_only=True)
class VaultSpec:
    """A vault; its first token is the asset.

    `threshold` of the `signers` make an order valid; an ERC-1271 wallet is the only
    signer. A request of the exit queue has at least `least_queue_shares`.
    """

    name: str
    symbol: str
    signers: tuple[ChecksumAddress, ...]
    tokens: tuple[TokenSpec, ...]
    positions: tuple[PositionSpec, ...] = ()
    pools: tuple[PoolSpec, ...] = ()
    tags: tuple[TagSpec, ...] = ()
    threshold: int = 1
    signer_kind: SignerKind = "ecdsa"
    limits: LimitsSpec = LimitsSpec()
    fees: FeesSpec | None = None
    roles: RolesSpec | None = None
    sequencer: SequencerSpec | None = None
    hubs: tuple[HubSpec, ...] = ()
    least_queue_shares: int = 10**6

    def __post_init__(self) -> None:
        _check(self)

    @property
    def asset(self) -> TokenSpec:
        return self.tokens[0]


def _check(spec: VaultSpec) -> None:
    """What the vault itself cannot see; it refuses the rest when it is configured."""
    if not spec.tokens:
        raise InvalidSpec("tokens", "[]", "at least the asset")
    if not 1 <= spec.threshold <= len(spec.signers):
        expected = f"between 1 and the {len(spec.signers)} signers"
        raise InvalidSpec("threshold", spec.threshold, expected)
    for token in spec.tokens[1:]:
        if token.feed is None:
            raise InvalidSpec(f"tokens.{token.symbol}.feed", "null", "a price feed")
    for pool in spec.pools:
        if pool.protocol not in VENUE_PROTOCOLS:
            expected = "one of " + ", ".join(VENUE_PROTOCOLS)
            raise InvalidSpec("pools.protocol", pool.protocol, expected)
    hubs = [hub.protocol for hub in spec.hubs]
    used = [p.protocol for p in spec.positions] + [p.protocol for p in spec.pools]
    for protocol in used:
        if protocol in HUB_PROTOCOLS and hubs.count(protocol) != 1:
            raise InvalidSpec("hubs", hubs, f"one of {protocol}")
    names = [tag.name for tag in spec.tags]
    for name in names:
        if len(name.encode()) > TAG_NAME_BYTES or names.count(name) > 1:
            raise InvalidSpec("tags.name", name, "its own name of at most 32 bytes")
    carried = [token.tags for token in spec.tokens]
    carried += [position.tags for position in spec.positions]
    for name in (name for tags in carried for name in tags):
        if name not in names:
            expected = "one of " + (", ".join(names) or "no tags")
            raise InvalidSpec("tags", name, expected)
