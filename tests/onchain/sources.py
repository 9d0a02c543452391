# SPDX-License-Identifier: MIT
"""Feeds and sources that tests make for themselves."""

from typing import Any

from support import World
from web3.contract import Contract

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.deploy import deploy_source
from steelyard.chain.spec import FeedSpec, SequencerSpec, TokenSpec, VaultSpec
from steelyard.chain.transactions import call, deploy
from steelyard.demo import feeds

HOUR = 3600


def feed_of(world: World, decimals: int, answer: int, age_seconds: int = 0) -> Contract:
    """A feed with one round."""
    artifact = own_artifact("SettableAggregator")
    feed = deploy(world.web3, artifact, decimals, "test", sender=world.curator)
    push(world, feed, answer, world.now() - age_seconds)
    return feed


def push(world: World, feed: Contract, answer: int, updated_at: int) -> None:
    feeds.push_answer(world.web3, feed, answer, updated_at, sender=world.curator)


def spec_of(feed: Contract, **changes: Any) -> FeedSpec:
    return FeedSpec(**{"address": feed.address, "heartbeat_seconds": HOUR, **changes})


def source_of(
    world: World,
    token: FeedSpec,
    asset: FeedSpec | None = None,
    sequencer: tuple[Contract, int] | None = None,
) -> Contract:
    """The source of a token with this feed, as a vault is deployed with it; on a rollup
    with a sequencer's feed and its grace."""
    listed = world.token("ETH").address
    spec = VaultSpec(
        name="",
        symbol="",
        signers=(world.strategist.address,),
        tokens=(
            TokenSpec(symbol="ASSET", address=world.asset.address, feed=asset),
            TokenSpec(symbol="TOKEN", address=listed, feed=token),
        ),
        sequencer=sequencer
        and SequencerSpec(address=sequencer[0].address, grace_seconds=sequencer[1]),
    )
    return deploy_source(world.web3, spec, spec.tokens[1], world.curator)


def price_of(source: Contract) -> tuple[int, int, int]:
    """Price and uncertainty [wad], and when it was told [unix seconds]."""
    return tuple(call(source.functions.price()))
