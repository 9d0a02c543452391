# SPDX-License-Identifier: MIT
"""The answer in force at a time, found among a feed's rounds in few calls."""

from collections.abc import Sequence
from typing import Any

import pytest
from fake_node import LENS, FakeNode, Revert
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.chain.feeds import FeedRoundMissing, answers_at

FEED, OTHER = "0x" + "fe" * 20, "0x" + "0f" * 20
ROUND = ["uint80", "int256", "uint256", "uint256", "uint80"]
DAY = 86_400


def node_of(
    *feeds: tuple[str, Sequence[int]], phase: int = 0, gone: int | None = None
) -> FakeNode:
    """Feeds whose round i (from 1) has the answer 1000 + i at the i-th time."""

    def functions(times: Sequence[int]) -> Any:
        def round_data(round_id: int) -> Any:
            number = round_id - (phase << 64)
            if not 1 <= number <= len(times) or number == gone:
                raise Revert
            at = times[number - 1]
            return [round_id, 1000 + number, at, at, round_id]

        return round_data, lambda: round_data((phase << 64) + len(times))

    answers: Any = {}
    for feed, times in feeds:
        one, latest = functions(times)
        answers[feed, "getRoundData(uint80)"] = (["uint80"], ROUND, one)
        answers[feed, "latestRoundData()"] = ([], ROUND, latest)
    return FakeNode(answers)


def ask(node: FakeNode, feeds: Sequence[str], times: Sequence[int]) -> Any:
    return answers_at(node, LENS, feeds, times)  # type: ignore[arg-type]


def test_answers_at__one_round_a_day__is_that_days_round() -> None:
    rounds = [day * DAY for day in range(1, 101)]
    node = node_of((FEED, rounds))

    found = ask(node, [FEED], [day * DAY + 5 for day in range(0, 101)])

    assert found == {FEED: [None, *(1000 + day for day in range(1, 101))]}
    assert node.calls == 2


def test_answers_at__phase__is_part_of_the_round_id() -> None:
    node = node_of((FEED, [10, 20, 30]), phase=5)

    assert ask(node, [FEED], [9, 10, 29, 31]) == {FEED: [None, 1001, 1002, 1003]}


def test_answers_at__two_feeds__share_the_calls() -> None:
    node = node_of((FEED, range(10, 60, 10)), (OTHER, [15, 25]))

    found = ask(node, [FEED, OTHER, FEED], [20, 30])

    assert found == {FEED: [1002, 1003], OTHER: [1001, 1002]}
    assert node.calls == 2


def test_answers_at__hundred_thousand_rounds__needs_few_reads() -> None:
    rounds = range(1_000, 1_000 + 100_000 * 300, 300)
    node = node_of((FEED, rounds))
    last = rounds[-1]
    times = [last - day * DAY for day in range(180, -1, -1)]

    found = ask(node, [FEED], times)

    assert found[FEED] == [1000 + 1 + (time - 1_000) // 300 for time in times]
    assert node.reads < 2_500
    assert node.calls < 12


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.integers(0, 1000), min_size=1, max_size=900),
    times=st.lists(st.integers(0, 300_000), min_size=1, max_size=20),
)
def test_answers_at__any_rounds__equals_a_walk_through_all(
    gaps: list[int], times: list[int]
) -> None:
    rounds = [1 + sum(gaps[: i + 1]) for i in range(len(gaps))]
    times = sorted(times)

    found = ask(node_of((FEED, rounds), (OTHER, rounds)), [FEED, OTHER], times)

    walked = [sum(at <= time for at in rounds) for time in times]
    assert found[FEED] == [1000 + count if count else None for count in walked]


def test_answers_at__round_gone__is_named() -> None:
    node = node_of((FEED, [10, 20, 30]), phase=2, gone=2)

    with pytest.raises(FeedRoundMissing, match="no round 2 of phase 2"):
        ask(node, [FEED], [25])
