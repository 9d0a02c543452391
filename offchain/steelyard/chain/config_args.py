# SPDX-License-Identifier: MIT
"""The argument of the vault's `submit`, from a spec and deployed contracts."""

from collections.abc import Mapping
from typing import Any

from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract

from steelyard.chain.artifacts import package_artifact
from steelyard.chain.spec import (
    SIGNER_KINDS,
    FeesSpec,
    PoolSpec,
    PositionSpec,
    TokenSpec,
    VaultSpec,
)
from steelyard.chain.spec_fields import InvalidSpec
from steelyard.chain.transactions import call, contract_at
from steelyard.state import Cap

ERC20 = "@openzeppelin/contracts/build/contracts/IERC20Metadata.json"
PRICE_DECIMALS = 18  # of a wad

Config = tuple[Any, ...]  # Types.sol's Config, as web3 takes it
Contracts = Mapping[str, Contract]


def build_config(
    web3: Web3,
    spec: VaultSpec,
    *,
    adapters: Contracts,
    venues: Contracts,
    sources: Contracts,
    queue: str,
) -> Config:
    """Types.sol's Config; adapters and venues by protocol, sources by symbol.

    Raises InvalidSpec for a market of tokens that are not listed.
    """
    positions = [
        _position_args(spec, position, adapters[position.protocol])
        for position in spec.positions
    ]
    return (
        _params_args(spec, queue),
        _tokens_args(web3, spec, sources),
        positions,
        [
            (tag.name.encode().ljust(32, b"\0"), *_cap_args(tag.cap))
            for tag in spec.tags
        ],
        [_pool_args(spec, pool, venues[pool.protocol]) for pool in spec.pools],
        list(spec.signers),
    )


def market_id(address: str) -> bytes:
    """An address as the vault names markets and pools: 32 bytes, padded on the left."""
    return bytes.fromhex(address.removeprefix("0x")).rjust(32, b"\0")


def market_hex(address: str) -> str:
    """`market_id` as 0x-hex text, as orders carry it."""
    return "0x" + market_id(address).hex()


def _params_args(spec: VaultSpec, queue: str) -> tuple[Any, ...]:
    limits = spec.limits
    fees = spec.fees or FeesSpec(recipient=Web3.to_checksum_address(ADDRESS_ZERO))
    return (
        SIGNER_KINDS.index(spec.signer_kind),
        spec.threshold,
        limits.max_window_seconds,
        limits.cooldown_seconds,
        limits.idle_wad,
        limits.loss.wad,
        limits.loss.refill_wad_per_second,
        limits.hold.wad,
        limits.hold.refill_wad_per_second,
        limits.turnover.wad,
        limits.turnover.refill_wad_per_second,
        limits.drawdown_wad,
        limits.leverage_wad,
        limits.heal_band_wad,
        limits.heal_cooldown_seconds,
        limits.mark_max_age_seconds,
        queue,
        limits.queue_max_wait_seconds,
        fees.recipient,
        fees.management_wad_per_year,
        fees.performance_wad,
    )


def _tokens_args(
    web3: Web3, spec: VaultSpec, sources: Contracts
) -> list[tuple[Any, ...]]:
    asset_decimals = _decimals(web3, spec.asset.address)
    return [
        (
            token.address,
            sources[token.symbol].address if i else ADDRESS_ZERO,
            _unit_scale(token, asset_decimals, _decimals(web3, token.address)),
            _tag_bits(spec, token.tags),
            *_cap_args(token.cap),
            token.slippage_wad,
            token.deviation_wad,
        )
        for i, token in enumerate(spec.tokens)
    ]


def _unit_scale(token: TokenSpec, asset_decimals: int, decimals: int) -> int:
    most = PRICE_DECIMALS + asset_decimals
    if decimals > most:
        field = f"tokens.{token.symbol}"
        raise InvalidSpec(field, f"{decimals} decimals", f"at most {most}")
    return int(10 ** (most - decimals))


def _position_args(
    spec: VaultSpec, position: PositionSpec, adapter: Contract
) -> tuple[Any, ...]:
    market = market_id(position.market)
    indexes = _indexes(spec, call(adapter.functions.tokens(market)), position.market)
    return (
        adapter.address,
        market,
        len(indexes),
        _packed(indexes),
        _tag_bits(spec, position.tags),
        *_cap_args(position.cap),
        call(adapter.functions.parameters(market)),
        position.min_health_wad,
    )


def _pool_args(spec: VaultSpec, pool: PoolSpec, venue: Contract) -> tuple[Any, ...]:
    market = market_id(pool.pool)
    indexes = _indexes(spec, call(venue.functions.tokens(market)), pool.pool)
    parameters = call(venue.functions.parameters(market))
    return (venue.address, market, len(indexes), _packed(indexes), parameters)


def _packed(indexes: list[int]) -> int:
    return sum(index << (8 * j) for j, index in enumerate(indexes))


def _indexes(spec: VaultSpec, tokens: list[str], market: str) -> list[int]:
    """Place of each of a market's tokens in the spec."""
    listed = [token.address for token in spec.tokens]
    for token in tokens:
        if token not in listed:
            raise InvalidSpec(f"market {market}", token, "a listed token")
    return [listed.index(Web3.to_checksum_address(token)) for token in tokens]


def _tag_bits(spec: VaultSpec, tags: tuple[str, ...]) -> int:
    names = [tag.name for tag in spec.tags]
    return sum(1 << names.index(name) for name in set(tags))


def _cap_args(cap: Cap) -> tuple[int, int]:
    return (cap.assets, cap.wad)


def _decimals(web3: Web3, token: ChecksumAddress) -> int:
    metadata = contract_at(web3, package_artifact(ERC20), token)
    return int(call(metadata.functions.decimals()))
