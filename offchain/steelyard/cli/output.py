# SPDX-License-Identifier: MIT
"""Where words go: results to stdout, progress and questions to stderr."""

import getpass
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

SAID = {
    "read": "reading the vault",
    "pools": "reading pools",
    "signals": "reading prices and fees",
    "optimise": "weighing allocations",
    "plan": "planning whole amounts",
    "orders": "weighing several orders",
    "sign": "signing the order",
    "simulate": "simulating the order",
    "broadcast": "sending the order",
    "confirm": "waiting for its block",
    "deploy": "deploying contracts",
}


class Steps:
    """A spinner on stderr that names the step; silent where nobody watches."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def say(self, step: str) -> None:
        """Shows the step that begins."""
        if not self._console.is_terminal:
            return
        text = SAID.get(step, step)
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        else:
            self._status.update(text)

    def stop(self) -> None:
        """Takes the spinner away."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def console() -> Console:
    """Standard output."""
    return Console(highlight=False)


def asker() -> Callable[[str], str] | None:
    """Asks for a password without showing it; None where nobody can answer."""
    return getpass.getpass if sys.stdin.isatty() else None
