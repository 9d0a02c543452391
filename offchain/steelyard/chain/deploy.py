# SPDX-License-Identifier: MIT
"""Puts up a vault and everything of Steelyard's own around it, from a spec."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract

from steelyard.chain.artifacts import Artifact, link, own_artifact, package_artifact
from steelyard.chain.config_args import Config, build_config
from steelyard.chain.spec import FeedSpec, Protocol, VaultSpec
from steelyard.chain.transactions import Sender, deploy, send

ACCESS_MANAGER = "@openzeppelin/contracts/build/contracts/AccessManager.json"
LIBRARIES = ("OrderExec", "ConfigCheck")
ADAPTERS: dict[Protocol, str] = {
    "uniswap-v2": "UniswapV2Adapter",
    "uniswap-v3": "UniswapV3Adapter",
    "aave-v3": "AaveV3Adapter",
    "erc4626": "ERC4626Adapter",
}
VENUES: dict[Protocol, str] = {
    "uniswap-v2": "UniswapV2Venue",
    "uniswap-v3": "UniswapV3Venue",
}
NO_FEED = (ADDRESS_ZERO, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class VaultSystem:
    """A vault and what belongs to it; `spec` is what it is configured with."""

    vault: Contract
    lens: Contract
    authority: Contract
    adapters: dict[str, Contract] = field(default_factory=dict)  # by protocol
    venues: dict[str, Contract] = field(default_factory=dict)  # by protocol
    sources: dict[str, Contract] = field(default_factory=dict)  # by symbol
    spec: VaultSpec


def deploy_system(web3: Web3, spec: VaultSpec, sender: Sender) -> VaultSystem:
    """A configured vault that `sender` administers.

    Raises ContractReverted when the vault refuses the configuration, InvalidSpec when
    a market's tokens are not among the spec's.
    """
    admin = sender.address if isinstance(sender, LocalAccount) else sender
    authority = deploy(web3, package_artifact(ACCESS_MANAGER), admin, sender=sender)
    system = VaultSystem(
        vault=_deploy_vault(web3, spec, authority.address, sender),
        lens=deploy(web3, own_artifact("Lens"), sender=sender),
        authority=authority,
        spec=spec,
    )
    return configure(web3, system, spec, sender)


def configure(
    web3: Web3, system: VaultSystem, spec: VaultSpec, sender: Sender
) -> VaultSystem:
    """The system under a new spec, after `setConfig`; deploys only what is missing.

    Adapters and venues stay; a token whose feeds changed gets a new source.
    """
    new = replace(
        system,
        spec=spec,
        sources=_sources(web3, system, spec, sender),
        adapters=_with_missing(
            web3,
            system.adapters,
            ((item.protocol, ADAPTERS[item.protocol]) for item in spec.positions),
            (system.vault.address,),
            sender,
        ),
        venues=_with_missing(
            web3,
            system.venues,
            ((item.protocol, VENUES[item.protocol]) for item in spec.pools),
            (),
            sender,
        ),
    )
    send(web3, new.vault.functions.setConfig(system_config(web3, new)), sender)
    return new


def system_config(web3: Web3, system: VaultSystem) -> Config:
    """The argument of `setConfig` for the system's spec."""
    return build_config(
        web3,
        system.spec,
        adapters=system.adapters,
        venues=system.venues,
        sources=system.sources,
    )


def deploy_source(
    web3: Web3, token: FeedSpec | None, asset: FeedSpec | None, sender: Sender
) -> Contract:
    """A ChainlinkSource: the token's feed over the asset's, when there is one."""
    feeds = (_feed_args(token), _feed_args(asset))
    return deploy(web3, own_artifact("ChainlinkSource"), *feeds, sender=sender)


def addresses(system: VaultSystem) -> dict[str, Any]:
    """Where everything is, ready for JSON."""
    return {
        "vault": system.vault.address,
        "lens": system.lens.address,
        "authority": system.authority.address,
        "adapters": {k: c.address for k, c in system.adapters.items()},
        "venues": {k: c.address for k, c in system.venues.items()},
        "sources": {k: c.address for k, c in system.sources.items()},
    }


def linked_vault(web3: Web3, sender: Sender) -> Artifact:
    """The vault's artifact, linked to newly deployed libraries."""
    libraries = {
        name: deploy(web3, own_artifact(name), sender=sender).address
        for name in LIBRARIES
    }
    return link(own_artifact("Vault"), libraries)


def _deploy_vault(
    web3: Web3, spec: VaultSpec, authority: ChecksumAddress, sender: Sender
) -> Contract:
    names = (spec.name, spec.symbol)
    args = (spec.asset.address, *names, authority)
    return deploy(web3, linked_vault(web3, sender), *args, sender=sender)


def _sources(
    web3: Web3, system: VaultSystem, spec: VaultSpec, sender: Sender
) -> dict[str, Contract]:
    old = {token.symbol: token.feed for token in system.spec.tokens}
    same_asset = system.spec.asset.feed == spec.asset.feed
    sources: dict[str, Contract] = {}
    for token in spec.tokens[1:]:
        kept = system.sources.get(token.symbol)
        if kept is None or not same_asset or old.get(token.symbol) != token.feed:
            kept = deploy_source(web3, token.feed, spec.asset.feed, sender)
        sources[token.symbol] = kept
    return sources


def _with_missing(
    web3: Web3,
    present: dict[str, Contract],
    wanted: Iterable[tuple[str, str]],
    args: tuple[Any, ...],
    sender: Sender,
) -> dict[str, Contract]:
    contracts = dict(present)
    for protocol, name in wanted:
        if protocol not in contracts:
            contracts[protocol] = deploy(web3, own_artifact(name), *args, sender=sender)
    return contracts


def _feed_args(feed: FeedSpec | None) -> tuple[Any, ...]:
    if feed is None:
        return NO_FEED
    growth = feed.growth_wad_per_second
    return (feed.address, feed.heartbeat_seconds, feed.uncertainty_wad, growth)
