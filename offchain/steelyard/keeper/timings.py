# SPDX-License-Identifier: MIT
"""How long each step of a run takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Timings:
    """Wall time of each step [seconds], told to `progress` as it starts."""

    def __init__(
        self, progress: Callable[[str], None], clock: Callable[[], float]
    ) -> None:
        self._progress, self._clock = progress, clock
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measures one step."""
        self._progress(name)
        started = self._clock()
        yield
        self.seconds[name] = self._clock() - started
