# SPDX-License-Identifier: MIT
"""Says what the demo is doing, all the time: a bar for people, lines for logs."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Narrator:
    """Chapters with their wall time [seconds]; writes to standard error."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """Announces a chapter and, at its end, how long it took."""
        started = time.perf_counter()
        if self.console.is_terminal:
            with self.console.status(title):
                yield
        else:
            self.say(f"{title} ...")
            yield
        took = time.perf_counter() - started
        self.seconds[title] = self.seconds.get(title, 0.0) + took
        self.say(f"[green]done[/green] {title} ({took:.1f} s)")

    @contextmanager
    def days(self, title: str, total: int) -> Iterator["Days"]:
        """A bar over the days; each day also leaves a line."""
        started = time.perf_counter()
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.2f}/{task.total:.0f} days"),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        ) as progress:
            yield Days(self, progress, progress.add_task(title, total=total))
        self.seconds[title] = time.perf_counter() - started

    def say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True)
        sys.stderr.flush()


class Days:
    """The bar of `Narrator.days`."""

    def __init__(self, narrator: Narrator, progress: Progress, task: TaskID) -> None:
        self._narrator = narrator
        self._progress = progress
        self._task = task

    def advance(self, days: float) -> None:
        """Moves the bar by a fraction of a day."""
        self._progress.advance(self._task, days)

    def say(self, text: str) -> None:
        self._narrator.say(text)
