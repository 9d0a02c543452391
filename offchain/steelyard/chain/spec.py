# SPDX-License-Identifier: MIT
"""What a vault is made of, as plain data with a JSON form.

Units: `assets` raw units of the asset; `*_wad` 1e18 = 1; times in seconds. In JSON a
number is an integer or its decimal text, and "max" stands for 2^256 - 1.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from eth_typing import ChecksumAddress

from steelyard.chain.spec_fields import (
    InvalidSpec,
    address_of,
    number_of,
    record_of,
    records_of,
    text_of,
    texts_of,
)
from steelyard.state import Cap
from steelyard.wad import UINT256_MAX, WAD

Protocol = Literal["uniswap-v2", "uniswap-v3", "aave-v3", "erc4626"]
SignerKind = Literal["ecdsa", "erc1271"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
VENUE_PROTOCOLS: tuple[Protocol, ...] = ("uniswap-v2", "uniswap-v3")
SIGNER_KINDS: tuple[SignerKind, ...] = get_args(SignerKind)
TAG_NAME_BYTES = 32
NO_CAP = Cap(assets=UINT256_MAX, wad=WAD)


@dataclass(frozen=True, kw_only=True)
class FeedSpec:
    """A Chainlink feed; the uncertainty grows with the age of its answer."""

    address: ChecksumAddress
    heartbeat_seconds: int
    uncertainty_wad: int = 0
    growth_wad_per_second: int = 0


@dataclass(frozen=True, kw_only=True)
class TokenSpec:
    """A token that the vault may hold. The asset's own feed, when there is one, is what
    the other feeds are divided by; without it they quote in the asset already."""

    symbol: str
    address: ChecksumAddress
    feed: FeedSpec | None
    cap: Cap = NO_CAP
    slippage_wad: int = WAD // 100
    deviation_wad: int = WAD // 50
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PositionSpec:
    """A market: the pair, the pool, the aToken or the ERC-4626 vault."""

    protocol: Protocol
    market: ChecksumAddress
    cap: Cap = NO_CAP
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """A pool that orders may swap in."""

    protocol: Protocol
    pool: ChecksumAddress


@dataclass(frozen=True, kw_only=True)
class TagSpec:
    name: str
    cap: Cap = NO_CAP


@dataclass(frozen=True, kw_only=True)
class VaultSpec:
    """A vault; its first token is the asset."""

    name: str
    symbol: str
    strategist: ChecksumAddress
    tokens: tuple[TokenSpec, ...]
    positions: tuple[PositionSpec, ...] = ()
    pools: tuple[PoolSpec, ...] = ()
    tags: tuple[TagSpec, ...] = ()
    signer_kind: SignerKind = "ecdsa"
    max_window_seconds: int = 600
    idle_wad: int = 0

    def __post_init__(self) -> None:
        _check(self)

    @property
    def asset(self) -> TokenSpec:
        return self.tokens[0]


def load_spec(path: Path) -> VaultSpec:
    """The spec in a JSON file. Raises InvalidSpec, which names the field."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSpec("file", str(path), f"readable JSON ({error})") from None
    return spec_from_json(document)


def spec_from_json(document: Any) -> VaultSpec:
    """The spec in parsed JSON. Raises InvalidSpec, which names the field."""
    root = record_of(document, "spec")
    return VaultSpec(
        name=text_of(root, "name"),
        symbol=text_of(root, "symbol"),
        strategist=address_of(root, "strategist"),
        signer_kind=text_of(root, "signer_kind", SIGNER_KINDS, "ecdsa"),
        max_window_seconds=number_of(root, "max_window_seconds", 600),
        idle_wad=number_of(root, "idle_wad", 0),
        tokens=tuple(_token(item) for item in records_of(root, "tokens")),
        positions=tuple(_position(item) for item in records_of(root, "positions")),
        pools=tuple(_pool(item) for item in records_of(root, "pools")),
        tags=tuple(
            TagSpec(name=text_of(item, "name"), cap=_cap(item))
            for item in records_of(root, "tags")
        ),
    )


def spec_to_json(spec: VaultSpec) -> dict[str, Any]:
    """JSON that `spec_from_json` reads back; numbers as text, which loses no digit."""
    return {key: _json(value) for key, value in vars(spec).items()}


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, int):
        return "max" if value == UINT256_MAX else str(value)
    if value is None or isinstance(value, str):
        return value
    return {key: _json(item) for key, item in vars(value).items()}


def _token(item: Mapping[str, Any]) -> TokenSpec:
    feed = item.get("feed")
    return TokenSpec(
        symbol=text_of(item, "symbol"),
        address=address_of(item, "address"),
        feed=None if feed is None else _feed(record_of(feed, "feed")),
        cap=_cap(item),
        slippage_wad=number_of(item, "slippage_wad", WAD // 100),
        deviation_wad=number_of(item, "deviation_wad", WAD // 50),
        tags=texts_of(item, "tags"),
    )


def _feed(item: Mapping[str, Any]) -> FeedSpec:
    return FeedSpec(
        address=address_of(item, "address"),
        heartbeat_seconds=number_of(item, "heartbeat_seconds"),
        uncertainty_wad=number_of(item, "uncertainty_wad", 0),
        growth_wad_per_second=number_of(item, "growth_wad_per_second", 0),
    )


def _position(item: Mapping[str, Any]) -> PositionSpec:
    return PositionSpec(
        protocol=text_of(item, "protocol", PROTOCOLS),
        market=address_of(item, "market"),
        cap=_cap(item),
        tags=texts_of(item, "tags"),
    )


def _pool(item: Mapping[str, Any]) -> PoolSpec:
    return PoolSpec(
        protocol=text_of(item, "protocol", VENUE_PROTOCOLS),
        pool=address_of(item, "pool"),
    )


def _cap(item: Mapping[str, Any]) -> Cap:
    if "cap" not in item:
        return NO_CAP
    cap = record_of(item["cap"], "cap")
    return Cap(
        assets=number_of(cap, "assets", UINT256_MAX), wad=number_of(cap, "wad", WAD)
    )


def _check(spec: VaultSpec) -> None:
    """What the vault itself cannot see; it refuses the rest when it is configured."""
    if not spec.tokens:
        raise InvalidSpec("tokens", "[]", "at least the asset")
    for token in spec.tokens[1:]:
        if token.feed is None:
            raise InvalidSpec(f"tokens.{token.symbol}.feed", "null", "a price feed")
    for pool in spec.pools:
        if pool.protocol not in VENUE_PROTOCOLS:
            expected = "one of " + ", ".join(VENUE_PROTOCOLS)
            raise InvalidSpec("pools.protocol", pool.protocol, expected)
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
