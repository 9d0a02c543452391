# SPDX-License-Identifier: MIT
"""Puts up a vault and everything of Steelyard's own around it, from a spec."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import Web3
from web3.constants import ADDRESS_ZERO
from web3.contract import Contract

from steelyard.chain.artifacts import Artifact, link, own_artifact, package_artifact
from steelyard.chain.config_args import ERC20, Config, build_config
from steelyard.chain.roles import set_roles
from steelyard.chain.spec import FeedSpec, Protocol, TokenSpec, VaultSpec
from steelyard.chain.transactions import Sender, call, contract_at, deploy, send

ACCESS_MANAGER = "@openzeppelin/contracts/build/contracts/AccessManager.json"
LIBRARIES = ("OrderExec", "ConfigCheck", "ConfigEdit", "Exits", "Upkeep")
ADAPTERS: dict[Protocol, str] = {
    "uniswap-v2": "UniswapV2Adapter",
    "uniswap-v3": "UniswapV3Adapter",
    "aave-v3": "AaveV3Adapter",
    "erc4626": "ERC4626Adapter",
    "morpho-blue": "MorphoBlueAdapter",
    "compound-v2": "CompoundV2Adapter",
    "curve": "CurveAdapter",
    "balancer-v2-weighted": "BalancerV2WeightedAdapter",
    "balancer-v2-stable": "BalancerV2StableAdapter",
    "uniswap-v4": "UniswapV4Adapter",
}
VENUES: dict[Protocol, str] = {
    "uniswap-v2": "UniswapV2Venue",
    "uniswap-v3": "UniswapV3Venue",
    "curve": "CurveVenue",
    "balancer-v2": "BalancerV2Venue",
    "uniswap-v4": "UniswapV4Venue",
}
NO_FEED = (ADDRESS_ZERO, 0, 0, 0, 0, 0)
SEED_DIVISOR = 1000  # the first configuration costs so small a part of a token


@dataclass(frozen=True, kw_only=True)
class VaultSystem:
    """A vault and what belongs to it; `spec` is what it is configured with."""

    vault: Contract
    lens: Contract
    limits_lens: Contract
    queue: Contract
    authority: Contract
    adapters: dict[str, Contract] = field(default_factory=dict)  # by protocol
    venues: dict[str, Contract] = field(default_factory=dict)  # by protocol
    sources: dict[str, Contract] = field(default_factory=dict)  # by symbol
    spec: VaultSpec


def deploy_system(web3: Web3, spec: VaultSpec, sender: Sender) -> VaultSystem:
    """A configured vault, handed over to the spec's roles; without any, `sender`
    administers it.

    `sender` pays the seed deposit, a thousandth of the asset. Raises ContractReverted
    when the vault refuses the configuration or the seed cannot be paid, InvalidSpec
    when a market's tokens are not among the spec's.
    """
    admin = sender.address if isinstance(sender, LocalAccount) else sender
    authority = deploy(web3, package_artifact(ACCESS_MANAGER), admin, sender=sender)
    vault = _deploy_vault(web3, spec, authority.address, sender)
    queue = (vault.address, spec.least_queue_shares)
    system = VaultSystem(
        vault=vault,
        lens=deploy(web3, own_artifact("Lens"), sender=sender),
        limits_lens=deploy(web3, own_artifact("LimitsLens"), sender=sender),
        queue=deploy(web3, own_artifact("ExitQueue"), *queue, sender=sender),
        authority=authority,
        spec=spec,
    )
    approve_seed(web3, vault, sender)
    system = configure(web3, system, spec, sender)
    if spec.roles is not None:
        set_roles(web3, authority, vault, spec.roles, sender)
    return system


def approve_seed(web3: Web3, vault: Contract, sender: Sender) -> None:
    """Allows a vault to take its seed deposit from `sender`."""
    asset = contract_at(web3, package_artifact(ERC20), call(vault.functions.asset()))
    seed = max(1, 10 ** int(call(asset.functions.decimals())) // SEED_DIVISOR)
    send(web3, asset.functions.approve(vault.address, seed), sender)


def configure(
    web3: Web3, system: VaultSystem, spec: VaultSpec, sender: Sender
) -> VaultSystem:
    """The system under a new spec, after `submit`; deploys only what is missing.

    Adapters and venues stay; a token whose feeds changed gets a new source.
    """
    new = replace(
        system,
        spec=spec,
        sources=_sources(web3, system, spec, sender),
        adapters=_with_missing(
            web3,
            system.adapters,
            {item.protocol: ADAPTERS[item.protocol] for item in spec.positions},
            (system.vault.address,),
            spec,
            sender,
        ),
        venues=_with_missing(
            web3,
            system.venues,
            {item.protocol: VENUES[item.protocol] for item in spec.pools},
            (),
            spec,
            sender,
        ),
    )
    send(web3, new.vault.functions.submit(system_config(web3, new)), sender)
    return new


def system_config(web3: Web3, system: VaultSystem) -> Config:
    """The argument of `submit` for the system's spec."""
    return build_config(
        web3,
        system.spec,
        adapters=system.adapters,
        venues=system.venues,
        sources=system.sources,
        queue=system.queue.address,
    )


def deploy_source(
    web3: Web3, spec: VaultSpec, token: TokenSpec, sender: Sender
) -> Contract:
    """A token's source: its feed over the asset's, checked by a pool if it has one."""
    sequencer = spec.sequencer
    args = (
        _feed_args(token.feed),
        _feed_args(spec.asset.feed),
        ADDRESS_ZERO if sequencer is None else sequencer.address,
        0 if sequencer is None else sequencer.grace_seconds,
    )
    source = deploy(web3, own_artifact("ChainlinkSource"), *args, sender=sender)
    if token.twap is None:
        return source
    twap = token.twap
    pool = (twap.pool, token.address, spec.asset.address, twap.window_seconds, 0)
    second = deploy(web3, own_artifact("UniswapV3TwapSource"), *pool, sender=sender)
    both = (source.address, second.address, twap.band_wad)
    return deploy(web3, own_artifact("CheckedSource"), *both, sender=sender)


def addresses(system: VaultSystem) -> dict[str, Any]:
    """Where everything is, ready for JSON."""
    return {
        "vault": system.vault.address,
        "lens": system.lens.address,
        "limits_lens": system.limits_lens.address,
        "queue": system.queue.address,
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
    old = {token.symbol: (token.feed, token.twap) for token in system.spec.tokens}
    same = (system.spec.asset.feed, system.spec.sequencer) == (
        spec.asset.feed,
        spec.sequencer,
    )
    sources: dict[str, Contract] = {}
    for token in spec.tokens[1:]:
        kept = system.sources.get(token.symbol)
        if not same or old.get(token.symbol) != (token.feed, token.twap):
            kept = None
        sources[token.symbol] = kept or deploy_source(web3, spec, token, sender)
    return sources


def _with_missing(
    web3: Web3,
    present: dict[str, Contract],
    wanted: Mapping[Protocol, str],
    args: tuple[Any, ...],
    spec: VaultSpec,
    sender: Sender,
) -> dict[str, Contract]:
    """Contracts by protocol; after `args` they take their protocol's hub."""
    contracts = dict(present)
    for protocol, name in wanted.items():
        if protocol in contracts:
            continue
        hub = [h.address for h in spec.hubs if h.protocol == protocol]
        artifact = own_artifact(name)
        contracts[protocol] = deploy(web3, artifact, *args, *hub, sender=sender)
    return contracts


def _feed_args(feed: FeedSpec | None) -> tuple[Any, ...]:
    if feed is None:
        return NO_FEED
    return (
        feed.address,
        feed.heartbeat_seconds,
        feed.uncertainty_wad,
        feed.growth_wad_per_second,
        feed.least_answer,
        feed.most_answer,
    )
