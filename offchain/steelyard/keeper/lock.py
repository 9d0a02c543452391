# SPDX-License-Identifier: MIT
"""One keeper at a time may sign for one journal."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steelyard.errors import SteelyardError
from steelyard.keeper.journal import JournalUnusable


class KeeperRunning(SteelyardError):
    """Another keeper signs for the same journal."""

    def __init__(self, lock: Path) -> None:
        super().__init__(f"lock {lock} is held by another keeper, expected it free")


@contextmanager
def only_keeper(journal: Path) -> Iterator[None]:
    """Holds `<journal>.lock`; the system frees it when the process ends.

    Raises KeeperRunning, JournalUnusable.
    """
    path = journal.with_name(journal.name + ".lock")
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise JournalUnusable(journal, f"{path}: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KeeperRunning(path) from None
        except OSError as error:
            raise JournalUnusable(journal, f"{path}: {error.strerror}") from None
        yield
