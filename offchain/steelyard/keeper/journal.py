# SPDX-License-Identifier: MIT
"""What the keeper saw and did, in one SQLite file that is only ever added to."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from steelyard.errors import SteelyardError

SCHEMA = """
create table if not exists runs (
    id integer primary key autoincrement,
    chain_id integer not null,
    at integer not null,
    outcome text not null,
    tx_hash text,
    record text not null
);
create index if not exists runs_by_transaction on runs (tx_hash);
create table if not exists observations (
    id integer primary key autoincrement,
    chain_id integer not null,
    at integer not null,
    item text not null,
    value text not null
);
create index if not exists observations_by_item on observations (chain_id, item, at);
"""
BUSY_SECONDS = 5.0


class JournalUnusable(SteelyardError):
    """A journal that cannot be opened or written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"journal is {path}, expected a SQLite file: {reason}")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One row of a run: `sent` rows come before the row of what became of them."""

    number: int
    at: int  # unix seconds, the chain's
    outcome: str
    record: str  # JSON


@dataclass(frozen=True, kw_only=True)
class Observation:
    at: int  # unix seconds, the chain's
    value: int


class Journal:
    """One connection, for one chain's rows.

    Every row is its own transaction: an interruption loses none.
    """

    def __init__(self, path: Path, chain_id: int) -> None:
        """Opens the file, creates it when missing. Raises JournalUnusable."""
        self.path, self.chain_id = path, chain_id
        with self._usable():
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.executescript(SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._db.close()

    def add_run(
        self, at: int, outcome: str, record: str, tx_hash: str | None = None
    ) -> int:
        """The number of the new row."""
        with self._usable():
            row = self._db.execute(
                "insert into runs (chain_id, at, outcome, tx_hash, record) "
                "values (?, ?, ?, ?, ?)",
                (self.chain_id, at, outcome, tx_hash, record),
            )
        return int(row.lastrowid or 0)

    def add_observations(self, at: int, values: Mapping[str, int]) -> None:
        """All of one moment, or none; whole numbers of any size."""
        chain_id = self.chain_id
        rows = [(chain_id, at, item, str(value)) for item, value in values.items()]
        with self._usable():
            self._db.execute("begin immediate")
            try:
                self._db.executemany(
                    "insert into observations (chain_id, at, item, value) "
                    "values (?, ?, ?, ?)",
                    rows,
                )
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def runs(self, most: int = 10) -> tuple[Run, ...]:
        """The newest first."""
        return self._runs("chain_id = ? order by id desc limit ?", most)

    def unended(self) -> tuple[Run, ...]:
        """Rows left at `sent`, the oldest first: no later row has their transaction."""
        return self._runs(
            "chain_id = ? and outcome = 'sent' and not exists (select 1 "
            "from runs later where later.tx_hash = runs.tx_hash "
            "and later.id > runs.id) order by id"
        )

    def observations(
        self, item: str, *, since: int = 0, until: int = 2**62
    ) -> tuple[Observation, ...]:
        """Of one item, the oldest first, both times included."""
        query = (
            "select at, value from observations "
            "where chain_id = ? and item = ? and at between ? and ? order by at, id"
        )
        with self._usable():
            values = (self.chain_id, item, since, until)
            rows = self._db.execute(query, values).fetchall()
        return tuple(Observation(at=at, value=int(value)) for at, value in rows)

    def _runs(self, condition: str, *values: int) -> tuple[Run, ...]:
        query = f"select id, at, outcome, record from runs where {condition}"
        with self._usable():
            rows = self._db.execute(query, (self.chain_id, *values)).fetchall()
        return tuple(
            Run(number=number, at=at, outcome=outcome, record=record)
            for number, at, outcome, record in rows
        )

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalUnusable(self.path, str(error)) from None
