# SPDX-License-Identifier: MIT
"""Price history out of Chainlink feeds, in a few calls to the node.

A proxy's round id is `phase << 64 | round of that phase's aggregator`; rounds count on
by one inside a phase only, so that history ends where the present phase began.
Units: answers in the feed's own decimals; times unix seconds.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from web3 import Web3

from steelyard.chain.reads import (
    MOST_READS,
    Read,
    Rounds,
    own_read,
    read_all,
    run_rounds,
)
from steelyard.chain.vault_facts import NOBODY
from steelyard.errors import SteelyardError

PHASE_BITS = 64
ROUND_DATA = "uint80 int256 uint256 uint256 uint80"
MOST_TRIPS = 64  # bisection of 2^64 rounds would need no more


class FeedRoundMissing(SteelyardError):
    """A round that the feed should have but does not give."""

    def __init__(self, feed: str, phase: int, number: int) -> None:
        super().__init__(
            f"feed {feed} has no round {number} of phase {phase}, expected every round "
            "of it; give a price file instead"
        )


class FeedHistoryTooShort(SteelyardError):
    """A feed whose present phase began after the history that is needed."""

    def __init__(self, feed: str, days: int, least_days: int) -> None:
        super().__init__(
            f"feed {feed} has {days} days of rounds in its present phase, expected at "
            f"least {least_days}; earlier phases count rounds anew: give a price file"
        )


@dataclass(frozen=True, kw_only=True)
class SourceFeeds:
    """The feeds behind one price source; no asset feed: it quotes in the asset."""

    token: str
    token_decimals: int
    asset: str | None
    asset_decimals: int


@dataclass
class _Rounds:
    """What is known of a feed's present phase: time and answer by round."""

    feed: str
    phase: int
    latest: int
    known: dict[int, tuple[int, int]] = field(default_factory=dict)

    def around(self, time: int) -> tuple[int, int]:
        """Known rounds just at or before `time`, and just after it (or the last)."""
        rounds = sorted(self.known)
        at = bisect_right(rounds, time, key=lambda number: self.known[number][0])
        return rounds[max(at - 1, 0)], rounds[min(at, len(rounds) - 1)]

    def wanted(self, times: Sequence[int]) -> set[int]:
        """Rounds to ask for next, between two known ones: by time, and halfway."""
        rounds: set[int] = set()
        for time in times:
            low, high = self.around(time)
            if high - low < 2:
                continue
            start, end = self.known[low][0], self.known[high][0]
            guess = low + (high - low) * (time - start) // max(end - start, 1)
            for number in (guess, guess + 1, (low + high) // 2):
                rounds.add(min(max(number, low + 1), high - 1))
        return rounds - self.known.keys()


def source_feeds(web3: Web3, lens: str, sources: Sequence[str]) -> list[SourceFeeds]:
    """The feeds of ChainlinkSources, also inside CheckedSources; they never change."""

    def rounds(source: str) -> Rounds[SourceFeeds]:
        primary = replace(
            own_read("CheckedSource", "primary", source), is_optional=True
        )
        (inner,) = yield [primary]
        source = inner or source
        token, asset = yield [
            own_read("ChainlinkSource", "tokenFeed", source),
            own_read("ChainlinkSource", "assetFeed", source),
        ]
        has_asset = asset != NOBODY
        feeds = [token, asset] if has_asset else [token]
        decimals = yield [Read(feed, "decimals()", "uint8") for feed in feeds]
        return SourceFeeds(
            token=token,
            token_decimals=decimals[0],
            asset=asset if has_asset else None,
            asset_decimals=decimals[1] if has_asset else 0,
        )

    return run_rounds(web3, lens, [rounds(source) for source in sources])[1]


def answers_at(
    web3: Web3, lens: str, feeds: Sequence[str], times: Sequence[int]
) -> dict[str, list[int | None]]:
    """Each feed's answer in force at each of the ascending `times`.

    None before the first round of the feed's present phase. Raises FeedRoundMissing.
    """
    state = _first_and_last(web3, lens, feeds)
    for _ in range(MOST_TRIPS):
        asked = [(feed, n) for feed in state.values() for n in feed.wanted(times)]
        if not asked:
            break
        _fetch(web3, lens, asked)
    return {
        feed: [_in_force(known, time) for time in times]
        for feed, known in state.items()
    }


def _in_force(feed: _Rounds, time: int) -> int | None:
    updated_at, answer = feed.known[feed.around(time)[0]]
    return answer if updated_at <= time else None


def _first_and_last(
    web3: Web3, lens: str, feeds: Sequence[str]
) -> Mapping[str, _Rounds]:
    unique = list(dict.fromkeys(feeds))
    reads = [Read(feed, "latestRoundData()", ROUND_DATA) for feed in unique]
    state: dict[str, _Rounds] = {}
    for feed, (round_id, answer, _, updated_at, _) in zip(
        unique, read_all(web3, lens, reads)[1], strict=True
    ):
        phase, latest = round_id >> PHASE_BITS, round_id & (1 << PHASE_BITS) - 1
        rounds = _Rounds(feed=feed, phase=phase, latest=latest)
        rounds.known[latest] = (updated_at, answer)
        state[feed] = rounds
    _fetch(
        web3,
        lens,
        [(r, n) for r in state.values() for n in _first_asked(r, len(feeds))],
    )
    return state


def _first_asked(feed: _Rounds, feeds: int) -> set[int]:
    """All rounds but the last when they are few, else an even grid with the first."""
    step = max(1, feed.latest * feeds // MOST_READS)
    return {*range(1, feed.latest, step)}


def _fetch(web3: Web3, lens: str, asked: Sequence[tuple[_Rounds, int]]) -> None:
    for start in range(0, len(asked), MOST_READS):
        batch = asked[start : start + MOST_READS]
        reads = [
            Read(
                feed.feed,
                "getRoundData(uint80)",
                ROUND_DATA,
                (feed.phase << PHASE_BITS | number,),
                is_optional=True,
            )
            for feed, number in batch
        ]
        for (feed, number), answer in zip(
            batch, read_all(web3, lens, reads)[1], strict=True
        ):
            if answer is None or answer[3] == 0 or answer[1] <= 0:
                raise FeedRoundMissing(feed.feed, feed.phase, number)
            feed.known[number] = (answer[3], answer[1])
