# SPDX-License-Identifier: MIT
"""Two keepers never sign for one journal."""

from pathlib import Path

import pytest

from steelyard.keeper.journal import JournalUnusable
from steelyard.keeper.lock import KeeperRunning, only_keeper


def test_only_keeper__second__is_refused_until_the_first_ends(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite"

    with only_keeper(journal):
        held_by_first = pytest.raises(KeeperRunning, match=r"journal\.sqlite\.lock is")
        with held_by_first, only_keeper(journal):
            raise AssertionError("held twice")
    with only_keeper(journal):
        held = (tmp_path / "journal.sqlite.lock").is_file()

    assert held


def test_only_keeper__other_journal__is_free(tmp_path: Path) -> None:
    with only_keeper(tmp_path / "a"), only_keeper(tmp_path / "b"):
        assert {path.name for path in tmp_path.iterdir()} == {"a.lock", "b.lock"}


def test_only_keeper__no_folder__is_refused(tmp_path: Path) -> None:
    journal = tmp_path / "nowhere" / "journal.sqlite"

    with pytest.raises(JournalUnusable, match="No such file"), only_keeper(journal):
        raise AssertionError("held nowhere")
