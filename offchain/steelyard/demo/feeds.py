# SPDX-License-Identifier: MIT
"""Price feeds with Chainlink's interface whose rounds the demo writes."""

from collections.abc import Sequence

from web3 import Web3
from web3.contract import Contract

from steelyard.chain.artifacts import own_artifact
from steelyard.chain.transactions import Sender, deploy, send

FEED_DECIMALS = 8  # Chainlink's dollar feeds
ROUNDS_PER_TRANSACTION = 400  # about 27,000 gas each


def deploy_feed(web3: Web3, description: str, *, sender: Sender) -> Contract:
    """An empty feed of 8 decimals that `sender` may write."""
    artifact = own_artifact("SettableAggregator")
    return deploy(web3, artifact, FEED_DECIMALS, description, sender=sender)


def push_answer(
    web3: Web3, feed: Contract, answer_e8: int, updated_at: int, *, sender: Sender
) -> None:
    """One new round: dollars with 8 decimals, unix seconds."""
    push_rounds(web3, feed, [(answer_e8, updated_at)], sender=sender)


def push_rounds(
    web3: Web3,
    feed: Contract,
    rounds: Sequence[tuple[int, int]],
    *,
    sender: Sender,
) -> None:
    """Appends (answer_e8, updated_at) rounds, oldest first, in few transactions."""
    for start in range(0, len(rounds), ROUNDS_PER_TRANSACTION):
        batch = rounds[start : start + ROUNDS_PER_TRANSACTION]
        answers = [answer for answer, _ in batch]
        times = [updated_at for _, updated_at in batch]
        send(web3, feed.functions.push(answers, times), sender)
