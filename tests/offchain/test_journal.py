# SPDX-License-Identifier: MIT
"""The journal keeps everything, in order, and loses nothing when it is interrupted."""

import sqlite3
from pathlib import Path

import pytest

from steelyard.keeper.journal import Journal, JournalUnusable, Observation

CHAIN = 31337


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def test_add_run__two__are_read_newest_first(path: Path) -> None:
    with Journal(path, CHAIN) as journal:
        first = journal.add_run(10, "sent", '{"tx": 1}')
        second = journal.add_run(20, "rebalanced", '{"tx": 2}')

        runs = journal.runs()

    assert (first, second) == (1, 2)
    assert [(r.number, r.at, r.outcome, r.record) for r in runs] == [
        (2, 20, "rebalanced", '{"tx": 2}'),
        (1, 10, "sent", '{"tx": 1}'),
    ]


def test_runs__most__limits_how_many(path: Path) -> None:
    with Journal(path, CHAIN) as journal:
        for at in range(5):
            journal.add_run(at, "nothing", "{}")

        assert [run.at for run in journal.runs(2)] == [4, 3]


def test_observations__item_and_times__are_kept_apart(path: Path) -> None:
    with Journal(path, CHAIN) as journal:
        journal.add_observations(10, {"nav": 1, "price": 2**200})
        journal.add_observations(20, {"nav": 2})
        journal.add_observations(30, {"nav": 3})

        assert journal.observations("nav", since=10, until=20) == (
            Observation(at=10, value=1),
            Observation(at=20, value=2),
        )
        assert journal.observations("price") == (Observation(at=10, value=2**200),)
        assert journal.observations("unknown") == ()


def test_journal__two_chains_in_one_file__are_kept_apart(path: Path) -> None:
    with Journal(path, CHAIN) as journal, Journal(path, 1) as other:
        journal.add_run(10, "sent", "{}", "0x01")
        journal.add_observations(10, {"nav": 1})
        other.add_run(20, "nothing", "{}")
        other.add_observations(20, {"nav": 2})

        assert [run.at for run in journal.runs()] == [10]
        assert [run.at for run in other.runs()] == [20]
        assert journal.observations("nav") == (Observation(at=10, value=1),)
        assert other.observations("nav") == (Observation(at=20, value=2),)
        assert other.unended() == ()


def test_unended__some_ended__are_the_others_oldest_first(path: Path) -> None:
    with Journal(path, CHAIN) as journal:
        for tx_hash in ("0x01", "0x02", "0x03"):
            journal.add_run(10, "sent", "{}", tx_hash)
        journal.add_run(20, "rebalanced", "{}", "0x02")
        journal.add_run(30, "nothing", "{}")

        assert [run.number for run in journal.unended()] == [1, 3]


def test_journal__reopened__has_what_was_written_without_closing(path: Path) -> None:
    interrupted = Journal(path, CHAIN)
    interrupted.add_run(1, "sent", "{}")
    interrupted.add_observations(1, {"nav": 7})

    with Journal(path, CHAIN) as journal:
        assert [run.outcome for run in journal.runs()] == ["sent"]
        assert journal.observations("nav") == (Observation(at=1, value=7),)


def test_journal__file__is_write_ahead(path: Path) -> None:
    with Journal(path, CHAIN):
        pass

    with sqlite3.connect(path) as plain:
        assert plain.execute("pragma journal_mode").fetchone() == ("wal",)


def test_add_observations__one_fails__none_is_kept(path: Path) -> None:
    class Broken(int):
        def __str__(self) -> str:
            raise KeyboardInterrupt

    with Journal(path, CHAIN) as journal:
        with pytest.raises(KeyboardInterrupt):
            journal.add_observations(1, {"nav": 1, "price": Broken(2)})

        assert journal.observations("nav") == ()


@pytest.mark.parametrize("content", [b"this is no database at all, only text\n" * 9])
def test_journal__other_file__is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(JournalUnusable, match="expected a SQLite file"):
        Journal(path, CHAIN)


def test_journal__no_folder__is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="unable to open"):
        Journal(tmp_path / "nowhere" / "journal.sqlite", CHAIN)
